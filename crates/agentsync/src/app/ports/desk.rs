//! What a hook finds and leaves in the clone, without asking git or the remote.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use agentsync_core::{AgentId, Board, Change, InstanceId, Timestamp};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The board as this clone last saw it.
#[derive(Debug, Clone)]
pub struct BoardCopy {
    /// The board, without what no hook looks at.
    pub board: Board,
    /// When the shared place last confirmed it; by this machine's clock.
    pub seen_at: Timestamp,
}

/// What is remembered of a session from one hook to the next.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Memory {
    /// The agent that the session's server acts as, where that was told.
    pub agent: Option<String>,
    /// What the session was told already, as short texts.
    pub told: BTreeSet<String>,
    /// The changed files of the work tree when they were last compared: size and time of change.
    pub changed: BTreeMap<String, (u64, i64)>,
    /// Whether the files were ever compared.
    pub is_compared: bool,
    /// When a warning about an old board was last given.
    pub warned_at: i64,
}

/// A claim that an edit was to make, and that was refused after the edit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// Whose edit.
    pub agent: AgentId,
    /// From which worktree.
    pub instance: InstanceId,
    /// The paths.
    pub paths: Vec<String>,
    /// Who holds them.
    pub holders: Vec<String>,
}

/// A path that was changed, and for which claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TouchedPath {
    /// The key of the claim.
    pub key: String,
    /// The path, relative to the repository's root.
    pub path: String,
    /// Whether the edit itself claimed it: nobody had declared it.
    pub is_undeclared: bool,
}

/// Why something could not be left for later.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("cannot write `{path}`: {detail}")]
pub struct DeskError {
    /// The file or folder.
    pub path: String,
    /// What the system said.
    pub detail: String,
}

/// What the sessions of one worktree leave for each other, and for those of other worktrees.
pub trait Desk: Send + Sync {
    /// Returns the local copy of the board; `None` when this clone has never seen it.
    fn copy(&self) -> Option<BoardCopy>;
    /// Returns the widenings of all worktrees that are not on the board yet.
    fn pending(&self) -> Vec<Change>;
    /// Leaves a widening of one path, to be written soon. A path that waits already waits once.
    fn leave(&self, change: &Change) -> Result<(), DeskError>;
    /// Asks for what waits to be written now.
    fn hurry(&self);
    /// Returns the sessions at work in this worktree besides `session`.
    fn siblings(&self, session: Option<&str>) -> BTreeSet<String>;
    /// Returns what is remembered of a session, and notes that it lives.
    fn remember(&self, session: &str) -> Memory;
    /// Remembers it.
    fn keep(&self, session: &str, memory: &Memory) -> Result<(), DeskError>;
    /// Forgets a session that is over.
    fn forget(&self, session: &str);
    /// Notes paths that were changed.
    fn note_touched(&self, touched: &[TouchedPath]) -> Result<(), DeskError>;
    /// Returns the refusals that concern an agent of this worktree, and forgets them.
    fn take_refusals(&self, agent: &AgentId, instance: &InstanceId) -> Vec<Refusal>;
    /// Returns why the board could not be asked when it was last tried; `None` when it could.
    fn last_failure(&self) -> Option<String>;
}

/// What an edit has claimed and the board does not show yet.
#[derive(Debug)]
pub struct Errand {
    /// The widening, put together from all edits of one author and lane.
    pub change: Change,
    /// What it was put together from: forgotten when it is done, and not before.
    pub parts: Vec<PathBuf>,
}

/// The right to run the errands of a board in a clone; it ends with the value, or with its process.
pub trait Charge {}

/// What is done in the background, by one process for each board in a clone.
pub trait Errands {
    /// Takes the right to run them, unless another process has it.
    fn take_charge(&self) -> Option<Box<dyn Charge + '_>>;
    /// Returns what should be written now.
    fn due(&self) -> Vec<Errand>;
    /// Forgets what is written, or never will be.
    fn done(&self, errand: &Errand);
    /// Tells whether nothing waits.
    fn is_idle(&self) -> bool;
    /// Tells whether any session is at work.
    fn has_sessions(&self) -> bool;
    /// Leaves a refusal for the next hook of its author.
    fn refuse(&self, refusal: &Refusal);
    /// Notes why the board could not be asked, or that it could.
    fn note_failure(&self, why: Option<&str>);
}
