//! What the verbs need from the world; the edges implement it, and only `wiring` knows which.

pub mod audit;
pub mod board;
pub mod clone;
pub mod desk;
pub mod forge;
pub mod gate;
pub mod pairs;
pub mod queue;
pub mod recorder;
pub mod scratch;
pub mod work;

use std::time::Duration;

use agentsync_core::{BranchName, Timestamp};

pub use board::{
    Alarm, Diagnosis, Freshness, HistoryQuery, Leave, LogEntry, NoTurn, Place, PushBudget, Sighting,
    Snapshot, Step, Store, StoreError, Swap, Tip, Turn,
};
pub use forge::{Forge, ForgeError, Home, Invitation, NewRepository, PullRequest, Repository};
pub use pairs::{Comparisons, Pair, PairError, Pairs};
pub use scratch::{Advanced, Hunk, Merged, Ran, Scratch, Tried};
pub use work::{ActiveBranch, ActiveBranches, BranchSource, BranchTip, Source, Uncommitted, Work, WorkError};

/// Tells the time and waits.
pub trait Clock: Send + Sync {
    /// Returns the wall clock, for what people read. It decides nothing.
    fn now(&self) -> Timestamp;
    /// Returns the time since some fixed point, never going back; for deadlines.
    fn monotonic(&self) -> Duration;
    /// Waits.
    fn sleep(&self, time: Duration);
    /// Returns which start of the machine this is, and the time since it; `None` where that is not known.
    fn since_boot(&self) -> Option<(String, Duration)> {
        None
    }
}
/// The user's clone, as far as setting up a project has to change it.
pub trait Checkout: Send + Sync {
    /// Returns the folder's name.
    fn folder_name(&self) -> String;
    /// Returns the remote's address; `None` while there is no remote.
    fn address(&self) -> Option<String>;
    /// Returns the branch that is checked out, when it has a commit.
    fn committed_branch(&self) -> Result<Option<BranchName>, WorkError>;
    /// Tells whether the clone has a branch of its own with this name.
    fn has_branch(&self, branch: &BranchName) -> Result<bool, WorkError>;
    /// Adds the remote.
    fn add_remote(&self, address: &str) -> Result<(), WorkError>;
    /// Pushes a branch as it is, and lets it follow the remote's.
    fn publish(&self, branch: &BranchName) -> Result<(), WorkError>;
}

/// Whoever waits for the answer to a call.
pub trait Caller: Send + Sync {
    /// Tells whether nobody waits for the answer any more.
    fn is_gone(&self) -> bool;
    /// Says how it goes, on the way: `done` of `total` seconds are over.
    fn hear(&self, done: Duration, total: Duration, what: &str);
    /// Says how far a long piece of work is: `n_done` of `n_all`.
    fn advance(&self, _n_done: usize, _n_all: usize, _what: &str) {}
}

/// A caller that hears nothing and never leaves.
#[derive(Debug)]
pub struct Patient;

impl Caller for Patient {
    fn is_gone(&self) -> bool {
        false
    }

    fn hear(&self, _: Duration, _: Duration, _: &str) {}
}

/// Opens boards.
pub trait Boards: Send + Sync {
    /// Opens the board anew, as the clone stands now: it may have got a remote.
    fn reopen(&self) -> Result<Box<dyn Store>, super::failure::Failure>;
}
