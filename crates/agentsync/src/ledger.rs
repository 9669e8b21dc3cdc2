//! The shared board as a document in git: its format, the private cache, and the swap.

pub mod audit;
pub mod cache;
pub mod copy;
pub mod document;
pub mod entry;
pub mod git_store;
pub mod handover;
pub mod history;
pub mod host;
pub mod line;
pub mod objects;
mod probe;
pub mod queue;
pub mod recency;
pub mod refs;
pub mod regions;
pub mod remote;
pub mod repair;
pub mod sightings;
pub mod site;
pub mod splice;
pub mod strict;
pub mod trailers;
pub mod trust;
mod turn;
