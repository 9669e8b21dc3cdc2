//! Two commits side by side: what a merge would hold, and what each file on it says. Nothing is written.

pub mod attributes;
pub mod bank;
pub mod blocks;
pub mod folders;
pub mod ground;
pub mod index;
pub mod left_out;
pub mod merge;
pub mod pair;
pub mod settings;
pub mod store;
#[cfg(test)]
mod suite;
pub mod verdicts;
pub mod words;
