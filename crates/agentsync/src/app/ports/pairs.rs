//! The port to two commits side by side.

use agentsync_core::semantic::{Delta, Silence, Trees, Version};
use thiserror::Error;

/// Why two commits cannot be compared.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PairError {
    /// A revision that names no commit here.
    #[error("`{}` names no commit of this repository", revision.escape_debug())]
    NoCommit {
        /// The revision.
        revision: String,
    },
    /// Nothing in common.
    #[error("the two commits have no history in common")]
    NoBase,
    /// The history is cut off before the place where they parted.
    #[error("the history is shallow and ends before the place where the two parted: git fetch --unshallow")]
    Shallow,
    /// An object that is missing or damaged.
    #[error("an object cannot be read: {detail}")]
    Unreadable {
        /// What was said.
        detail: String,
    },
}

/// Brings two commits side by side.
pub trait Pairs {
    /// Merges two revisions in memory and reads what the changed files say.
    fn compare<'a>(&'a self, left: &str, right: &str) -> Result<Box<dyn Pair + 'a>, PairError>;
    /// Keeps what was learnt for the next run.
    fn keep(&self);
}

/// Two commits side by side.
pub trait Pair {
    /// Returns a version's commit; `None` for the merged one.
    fn commit(&self, version: Version) -> Option<String>;
    /// Returns the paths whose text conflicts.
    fn conflicts(&self) -> Vec<String>;
    /// Returns what the changed files say.
    fn delta(&self) -> &Delta;
    /// Returns what can be asked of the whole trees.
    fn trees(&self) -> &dyn Trees;
    /// Returns a line of a file, without the white space around it.
    fn line(&self, version: Version, path: &str, line: u32) -> Option<String>;
    /// Returns how many files were parsed for it, so far.
    fn n_parsed(&self) -> u32;
    /// Returns changed files that were not looked at, and why; an empty path stands for the whole.
    fn left_out(&self) -> Vec<(String, String)>;
    /// Returns what the project does not want to hear, as both sides have it committed.
    fn silenced(&self) -> Vec<Silence>;
}
