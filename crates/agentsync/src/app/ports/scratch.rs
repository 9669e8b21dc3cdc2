//! A place of one's own for merged work: to run a command on it, and to bring it onto a branch.

use std::path::PathBuf;
use std::time::Duration;

use agentsync_core::BranchName;

use super::WorkError;

/// Two commits merged, in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// The merged tree, as its id in hex; with conflict markers where the text conflicts.
    pub tree: String,
    /// The files whose text conflicts, sorted.
    pub conflicts: Vec<String>,
}

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ran {
    /// With code 0.
    Passed,
    /// With another code, or by a signal (-1).
    Failed(i32),
    /// Not within its time: it was ended with all it had started.
    TimedOut,
}

/// A command that was run on a tree.
#[derive(Debug, Clone, PartialEq)]
pub struct Tried {
    /// How it ended.
    pub ran: Ran,
    /// How long it took, in seconds.
    pub seconds: f64,
    /// Where all its output is.
    pub log: PathBuf,
    /// The last lines of it.
    pub tail: Vec<String>,
    /// Whether it ran before, on the same tree, and not now.
    pub is_remembered: bool,
}

/// One place where two texts conflict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hunk {
    /// Its first line in the file with markers, from 1.
    pub line: u32,
    /// Our lines.
    pub ours: Vec<String>,
    /// Their lines.
    pub theirs: Vec<String>,
}

/// How a branch was brought forward.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Advanced {
    /// It stands at the new commit.
    Done,
    /// It was left, since uncommitted work or somebody else is in the way.
    Refused {
        /// What git said.
        why: String,
    },
}

/// A place of one's own for merged work.
pub trait Scratch {
    /// Tells whether `ancestor` is part of the history of `commit`.
    fn contains(&self, ancestor: &str, commit: &str) -> Result<bool, WorkError>;
    /// Merges two commits in memory.
    fn merge(&self, ours: &str, theirs: &str) -> Result<Merged, WorkError>;
    /// Runs a command of the user's on a tree laid out in a folder of its own, or remembers how it went.
    fn try_command(&self, tree: &str, command: &str, limit: Duration) -> Result<Tried, WorkError>;
    /// Returns where the text of a file of a merged tree conflicts.
    fn hunks(&self, tree: &str, path: &str) -> Result<Vec<Hunk>, WorkError>;
    /// Returns the subjects of the commits of `tip` that `other` lacks and that change `path`, newest first.
    fn subjects(&self, tip: &str, other: &str, path: &str, limit: usize) -> Result<Vec<String>, WorkError>;
    /// Makes the merge commit, in the user's name.
    fn commit(&self, tree: &str, ours: &str, theirs: &str, message: &str) -> Result<String, WorkError>;
    /// Moves a branch of the clone from one commit to another, with the work tree it is checked out in.
    fn advance(&self, branch: &BranchName, from: &str, to: &str) -> Result<Advanced, WorkError>;
    /// Leaves a work tree in which the merge waits to be resolved, and returns where.
    fn leave_merge(&self, branch: &BranchName, ours: &str, theirs: &str) -> Result<PathBuf, WorkError>;
}
