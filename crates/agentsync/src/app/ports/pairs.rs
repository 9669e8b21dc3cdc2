//! The port to two commits side by side.

use agentsync_core::semantic::{Delta, Silence, Trees, Version};
use thiserror::Error;

use super::WorkError;
use crate::app::check_pairs::Judged;

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
    #[error("the two have no commit in common")]
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
    /// Says which pairs of commits will be compared, so that what can be done for all at once is.
    fn announce(&self, pairs: &[(String, String)]);
    /// Returns what was found for two commits before, in whichever order they were compared.
    fn remembered(&self, left: &str, right: &str) -> Option<Judged>;
    /// Learns what was found for two commits.
    fn remember(&self, left: &str, right: &str, judged: &Judged);
    /// Merges two commits whose text does not conflict, and returns the commit of it, which goes with
    /// this: it is in no repository.
    fn join(&self, left: &str, right: &str) -> Result<String, PairError>;
    /// Keeps what was learnt for the next run.
    fn keep(&self);
}

/// Opens what compares commits of the clone, those that were fetched out of the user's sight included.
pub trait Comparisons: Send + Sync {
    /// Opens it.
    fn open(&self) -> Result<Box<dyn Pairs>, WorkError>;
    /// Tells whether anything was found before, of whatever commits.
    fn knows_any(&self) -> bool;
    /// Returns what was found before for a pair of commits; compares nothing.
    fn known(&self, pairs: &[(String, String)]) -> Vec<Option<Judged>>;
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
    /// Returns how many paths the left side changed, and the right.
    fn n_changed(&self) -> (usize, usize);
    /// Returns how many files were parsed for it, so far.
    fn n_parsed(&self) -> u32;
    /// Returns changed files that were not looked at, and why; an empty path stands for the whole.
    fn left_out(&self) -> Vec<(String, String)>;
    /// Tells whether what is found holds for ever: no object was missing, and no history is cut off.
    fn is_lasting(&self) -> bool;
    /// Returns what the project does not want to hear, as both sides have it committed.
    fn silenced(&self) -> Vec<Silence>;
}
