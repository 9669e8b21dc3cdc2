//! The user's clone, seen from outside the work: its files for clients and agents, what is kept
//! for it, and what may be wrong with it.

pub mod files;
mod fire;
mod fire_git;
pub mod probe;
