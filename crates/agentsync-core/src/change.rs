//! A write as a value: everything a decision needs, and nothing that it would have to look up.

use crate::claim::{ChangedFile, Status};
use crate::id::{AgentId, ClaimKey, InstanceId, Lane, OpId};
use crate::spec::PathSpec;
use serde::{Deserialize, Serialize};

/// Who makes a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    /// The agent.
    pub agent: AgentId,
    /// The worktree it works in.
    pub instance: InstanceId,
    /// The client session, where it is known.
    pub session: Option<String>,
}

/// One write, before it is decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The id by which the change is recognised wherever it went.
    pub op: OpId,
    /// Who makes it.
    pub by: Author,
    /// Which of the agent's claims it is about; `None` for the first, or the only one.
    pub lane: Option<Lane>,
    /// What is to happen.
    pub intent: Intent,
}

/// What a change wants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Intent {
    /// Stake a unit of work.
    Claim(ClaimRequest),
    /// Drop a claim.
    Release {
        /// Why, for the history.
        note: Option<String>,
    },
    /// Say how far a claim is.
    Status(StatusRequest),
    /// Post a note.
    Note(NoteRequest),
    /// Stake a unit of work, or stand in line for it.
    Wait(ClaimRequest),
    /// Leave the line.
    Leave,
    /// Free a claim that its holder has abandoned: a person's decision.
    Break(BreakRequest),
    /// Add paths to the claim one has, or open one for them: what an edit does by itself.
    Widen(WidenRequest),
}

/// A unit of work to stake.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimRequest {
    /// What is being built.
    pub task: String,
    /// What it will change; not empty.
    pub touches: Vec<PathSpec>,
    /// What it relies on.
    pub requires: Vec<PathSpec>,
    /// The branch the work will live on.
    pub branch: Option<String>,
    /// Go on although others hold what it touches.
    pub force: Option<Force>,
    /// How long the claim may stand unchanged before peers may take it over, in seconds; `None` for ever.
    pub lease: Option<u64>,
    /// What the asking machine has seen unchanged for longer than its lease.
    pub lapsed: Vec<Lapsed>,
}

/// Paths that were, or are about to be, changed without having been declared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WidenRequest {
    /// What the claim is called if there is none yet.
    pub task: String,
    /// The paths; not empty.
    pub touches: Vec<PathSpec>,
    /// The branch the work lives on, for a claim that is opened.
    pub branch: Option<String>,
    /// The lease of a claim that is opened, in seconds.
    pub lease: Option<u64>,
}

/// A claim or ticket that was seen unchanged for longer than its lease, by the clock of whoever saw it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lapsed {
    /// Whose.
    pub key: ClaimKey,
    /// The change that wrote it last. Any write of its holder makes it another.
    pub op: OpId,
}

/// A claim to free.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BreakRequest {
    /// Whose.
    pub key: ClaimKey,
    /// Why, for the board.
    pub reason: String,
}

/// The wish to go on although others are in the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Force {
    /// Why, for the board; `None` is recorded too.
    pub reason: Option<String>,
}

/// How far a claim is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusRequest {
    /// The new status.
    pub status: Status,
    /// A note for the peers; `None` keeps the one there is.
    pub note: Option<String>,
    /// What the branch changed, once done.
    pub changed_files: Option<Vec<ChangedFile>>,
    /// The repository `changed_files` speaks of.
    pub changed_files_repo: Option<String>,
    /// The pull request opened for the claim.
    pub pr_url: Option<String>,
}

/// A message for the mailbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoteRequest {
    /// Whom it is for; `None` for everybody.
    pub to: Option<AgentId>,
    /// The message.
    pub message: String,
}
