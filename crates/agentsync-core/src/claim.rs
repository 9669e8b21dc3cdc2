//! One agent's declared intent.

use serde::{Deserialize, Serialize};
use std::fmt;

use crate::id::{InstanceId, OpId};
use crate::spec::PathSpec;
use crate::time::Timestamp;

/// How far a claim is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    /// Announced, not begun. It blocks like work in progress.
    Planning,
    /// Being worked on.
    InProgress,
    /// Finished: it blocks nobody.
    Done,
    /// A word another program wrote. It blocks, since we cannot know that it does not.
    Other(String),
}

impl Status {
    /// Parses one of the three statuses an agent may set.
    pub fn parse(text: &str) -> Option<Status> {
        match text {
            "planning" => Some(Status::Planning),
            "in-progress" => Some(Status::InProgress),
            "done" => Some(Status::Done),
            _ => None,
        }
    }

    /// Reads a status from the board.
    pub fn read(text: &str) -> Status {
        Status::parse(text).unwrap_or_else(|| Status::Other(text.to_owned()))
    }

    /// Returns the word on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            Status::Planning => "planning",
            Status::InProgress => "in-progress",
            Status::Done => "done",
            Status::Other(text) => text,
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One file that a finished claim changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedFile {
    /// Git's letter for the change: `A`, `M`, `D`, `R100`, …
    pub status: String,
    /// The path after the change.
    pub path: String,
}

/// What one agent is about to build, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// What is being built, in a few words.
    pub task: String,
    /// What it will change.
    pub touches: Vec<PathSpec>,
    /// What it relies on and will not change.
    pub requires: Vec<PathSpec>,
    /// The branch the work lives on, in its holder's spelling.
    pub branch: Option<String>,
    /// How far it is.
    pub status: Status,
    /// When its holder last wrote it, by the holder's clock.
    pub updated_at: Option<Timestamp>,
    /// The worktree it is held from.
    pub instance: Option<InstanceId>,
    /// The holder's words to its peers.
    pub note: Option<String>,
    /// The change that wrote it; absent in the predecessor's entries.
    pub op: Option<OpId>,
    /// Its fencing number: larger than every earlier one on this board.
    pub generation: Option<u64>,
    /// The client session that made it.
    pub session: Option<String>,
    /// Whom it was forced over.
    pub forced_over: Vec<String>,
    /// Why it was forced.
    pub reason: Option<String>,
    /// What the branch changed, once done.
    pub changed_files: Option<Vec<ChangedFile>>,
    /// The repository `changed_files` speaks of, as `owner/name`.
    pub changed_files_repo: Option<String>,
    /// The pull request opened for it.
    pub pr_url: Option<String>,
    /// How long it may stand unchanged before peers may take it over, in seconds; `None` for ever.
    pub lease: Option<u64>,
    /// The claims it took the place of when their lease had lapsed, as `key@generation`.
    pub supersedes: Vec<String>,
    /// Members we do not know, as JSON text, kept as they were.
    pub extra: Vec<(String, String)>,
}

impl Claim {
    /// Tells whether the claim blocks others.
    pub fn is_active(&self) -> bool {
        self.status != Status::Done
    }
}
