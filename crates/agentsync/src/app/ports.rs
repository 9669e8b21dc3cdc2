//! What the verbs need from the world; the edges implement it, and only `wiring` knows which.

pub mod board;
pub mod clone;
pub mod forge;
pub mod queue;
pub mod work;

use std::time::Duration;

use agentsync_core::{BranchName, Timestamp};

pub use board::{
    Alarm, Diagnosis, Freshness, HistoryQuery, LogEntry, NoTurn, Place, Snapshot, Step, Store, StoreError,
    Swap, Tip, Turn,
};
pub use forge::{Forge, ForgeError, Home, Invitation, NewRepository, PullRequest, Repository};
pub use work::{
    ActiveBranch, ActiveBranches, BranchSource, BranchTip, TrialMerge, Uncommitted, Work, WorkError,
};

/// Tells the time and waits.
pub trait Clock: Send + Sync {
    /// Returns the wall clock, for what people read. It decides nothing.
    fn now(&self) -> Timestamp;
    /// Returns the time since some fixed point, never going back; for deadlines.
    fn monotonic(&self) -> Duration;
    /// Waits.
    fn sleep(&self, time: Duration);
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

/// Opens boards.
pub trait Boards: Send + Sync {
    /// Opens the board anew, as the clone stands now: it may have got a remote.
    fn reopen(&self) -> Result<Box<dyn Store>, super::failure::Failure>;
}
