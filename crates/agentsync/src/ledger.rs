//! The shared board as a document in git: its format, the private cache, and the swap.

pub mod document;
pub mod entry;
pub mod splice;
pub mod strict;
