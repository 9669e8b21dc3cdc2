//! The shared board: documents, tips and swaps.

use std::borrow::Cow;
use std::path::PathBuf;
use std::time::Duration;

use super::audit::Known;
use agentsync_core::{AgentId, Board, BranchName, ClaimKey, Edit, Lapsed, OpId, Timestamp, Trailer};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The commit at the tip of the coordination branch, as its full object id in hex.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Tip(pub String);

impl Tip {
    /// Returns the first ten digits, enough for people.
    pub fn short(&self) -> &str {
        self.0.get(..10).unwrap_or(&self.0)
    }
}

/// How recent a board must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// As it stands at the shared place at some moment during this call.
    Now,
    /// As anybody of this clone has seen it within this time; else as it stands now.
    Within(Duration),
    /// The last one seen will do, if it was confirmed a moment ago or nobody else writes here. Good
    /// enough to try a swap on, never to answer *blocked* or *free* from.
    Recent,
}

/// Something about the coordination branch that forbids writing until a person has looked.
#[derive(Debug, Clone, PartialEq, Eq, Error, Serialize, Deserialize)]
pub enum Alarm {
    /// The branch is gone, although we have seen it.
    #[error("the coordination branch was deleted: its last known commit is {}", seen.short())]
    Deleted {
        /// The last tip we verified.
        seen: Tip,
    },
    /// The branch does not descend from what we have seen.
    #[error(
        "the coordination branch was rolled back or rewritten: {} does not descend from {}",
        found.short(),
        seen.short()
    )]
    Rewritten {
        /// The last tip we verified.
        seen: Tip,
        /// The tip that stands there now.
        found: Tip,
    },
    /// A commit is not signed as it must be here, or did what it may not.
    #[error(
        "commit {} of the coordination branch {what}{}",
        commit.short(),
        if *n_more > 0 { format!(" (and {n_more} more)") } else { String::new() }
    )]
    Untrusted {
        /// The newest such commit.
        commit: Tip,
        /// What is wrong with it.
        what: String,
        /// How many others there are.
        n_more: u64,
    },
    /// The file of signers is another one than was pinned.
    #[error(
        ".agentsync/allowed_signers has the SHA-256 {}, and agentsync.signersHash pins {pinned}",
        found.as_deref().unwrap_or("of no file")
    )]
    SignersChanged {
        /// What was pinned.
        pinned: String,
        /// What is there; `None` when there is no file.
        found: Option<String>,
    },
    /// The document was written by a newer program.
    #[error("the board has schema {schema}, and this program writes schema 1")]
    NewerSchema {
        /// The document's `schema`.
        schema: u64,
    },
}

/// The board at a tip.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// The tip; `None` while the branch does not exist.
    pub tip: Option<Tip>,
    /// The board there; empty when there is no tip.
    pub board: Board,
    /// Whether the shared place confirmed the tip during this call.
    pub is_confirmed: bool,
    /// Why nothing may be written on top of it.
    pub alarm: Option<Alarm>,
}

/// One change to write: one commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its id.
    pub op: OpId,
    /// The agent that made the change.
    pub agent: AgentId,
    /// When it was decided: the time of its commit, so that the same step is always the same commit.
    pub at: Timestamp,
    /// What to write.
    pub edits: Vec<Edit>,
    /// The commit's subject.
    pub subject: String,
    /// The fencing number of the claim it is about.
    pub generation: Option<u64>,
    /// What it does to entries of others.
    pub trailers: Vec<Trailer>,
}

/// How a swap went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Swap {
    /// Our steps are the new tip.
    Swapped(Tip),
    /// A peer wrote first, and nothing was sent: read again and decide again.
    Moved,
    /// The remote was sent the steps and refused them. While the tip is where it was they may still
    /// arrive, since a network may deliver a push twice.
    Refused,
    /// The remote asks to be left alone for a while; the steps are not on the branch.
    Later,
    /// No plain answer came; the steps may or may not be on the branch, now or later.
    Unknown {
        /// What was said instead of an answer, fit for people.
        why: String,
    },
}

/// A claim or ticket that can lapse, as it stands on a board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// Whose.
    pub key: ClaimKey,
    /// The change that wrote it last.
    pub op: OpId,
    /// How long it may stand so.
    pub lease: Duration,
    /// The branch whose commits are signs of life, too.
    pub branch: Option<BranchName>,
}

/// One commit of the coordination branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry {
    /// Its object id in hex.
    pub commit: String,
    /// Its author's time, RFC 3339, as the author's clock had it.
    pub at: String,
    /// Its author's name in git.
    pub by: String,
    /// Its subject.
    pub subject: String,
    /// The touches of the claims that it wrote or removed, for filtering by path.
    pub touches: Vec<String>,
}

/// What to list of the history.
#[derive(Debug, Clone, Default)]
pub struct HistoryQuery {
    /// At most this many entries.
    pub limit: usize,
    /// Only events of this agent.
    pub agent: Option<AgentId>,
    /// Only events of claims that could touch this.
    pub path: Option<agentsync_core::PathSpec>,
}

/// Where the board is, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The repository whose board it is.
    pub repo: PathBuf,
    /// The remote's address without secrets, or `None` when the board is a local ref.
    pub remote: Option<String>,
    /// The coordination branch.
    pub branch: String,
}

/// A turn at the shared place. It only spares refusals: nothing depends on having it.
pub trait Turn {}

/// No turn, where there is nobody to take turns with.
#[derive(Debug)]
pub struct NoTurn;

impl Turn for NoTurn {}

/// Whether a push may be made now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Leave {
    /// It may, and is counted.
    Granted,
    /// The remote's budget of pushes is used up.
    In {
        /// When there is one again.
        time: Duration,
        /// Whose limit that is, fit for people.
        why: String,
    },
}

/// What is left of a remote's budget of pushes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushBudget {
    /// Pushes a minute in the long run, and at once; `None` when only the remote itself asked for a pause.
    pub rate: Option<(u32, u32)>,
    /// How many pushes are left now.
    pub n_left: u32,
    /// When the next one may be made.
    pub free_in: Duration,
}

/// The shared board: documents, tips and swaps.
pub trait Store: Send + Sync {
    /// Returns the board.
    fn read(&self, want: Freshness) -> Result<Snapshot, StoreError>;
    /// Returns the board at a tip that was read before; an empty one for no tip.
    fn at(&self, tip: Option<&Tip>) -> Result<Snapshot, StoreError>;
    /// Waits until those of this machine who write to the same place have written, in order of
    /// arrival, but no longer than `patience` while nothing moves. The turn ends with the value.
    fn take_turn(&self, patience: Duration) -> Box<dyn Turn + '_>;
    /// Asks for leave to push once, which the remote's budget may not have now.
    fn ask_leave(&self) -> Leave {
        Leave::Granted
    }
    /// Returns how long a push takes that goes through, where this clone has observed it. A hint.
    fn push_time(&self) -> Option<Duration> {
        None
    }
    /// Says what is left of the remote's budget; `None` where there is no limit.
    fn push_budget(&self) -> Option<PushBudget> {
        None
    }
    /// Gets ready for a swap of `steps`, which may have more at their end by then.
    fn prepare(&self, _base: &Snapshot, _steps: &[Step]) -> Result<(), StoreError> {
        Ok(())
    }
    /// Puts `steps` on top of `base`, all or none, if `base` is still the tip.
    ///
    /// Calling it again with the same arguments, after no plain answer, cannot apply them twice.
    fn swap(&self, base: &Snapshot, steps: &[Step]) -> Result<Swap, StoreError>;
    /// Tells whether a change is on the branch, between `base` (exclusive) and the tip last read.
    fn contains(&self, op: &OpId, base: Option<&Tip>) -> Result<bool, StoreError>;
    /// Notes what was seen on a confirmed board, with the tip of each branch as `pulse` knows it, and
    /// returns what has stood unchanged for longer than its lease, by this machine's own clock.
    fn sight(&self, seen: &[Sighting], pulse: &dyn Fn(&BranchName) -> Option<String>) -> Vec<Lapsed>;
    /// Says what is known of the commits that led to a snapshot; nothing, for a board without commits.
    fn known(&self, _snapshot: &Snapshot) -> Result<Known, StoreError> {
        Ok(Known::default())
    }
    /// Lists what happened, newest first.
    fn history(&self, query: &HistoryQuery) -> Result<Vec<LogEntry>, StoreError>;
    /// Says where the board is.
    fn place(&self) -> Place;
    /// Creates the coordination branch with an empty board, if there is none.
    fn seed(&self) -> Result<(), StoreError>;
    /// Tries whether a push would be taken, without pushing: hooks and branch rules are not asked.
    fn try_push(&self) -> Result<(), StoreError>;
    /// Looks for what is wrong with the branch, and for the last state that was right.
    fn diagnose(&self) -> Result<Diagnosis, StoreError>;
    /// Puts right what `diagnosis` names, if nothing has moved since.
    fn mend(&self, diagnosis: &Diagnosis) -> Result<Swap, StoreError>;
}

/// What is wrong with the coordination branch, and what would put it right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Diagnosis {
    /// Nothing.
    Sound {
        /// The tip; `None` while there is no branch.
        tip: Option<Tip>,
    },
    /// It is gone; the last verified tip can be pushed again.
    Deleted {
        /// The last verified tip.
        seen: Tip,
    },
    /// It was rolled back or rewritten; what stands there now can be accepted.
    Rewritten {
        /// The last verified tip.
        seen: Tip,
        /// The tip that stands there now.
        found: Tip,
    },
    /// Its document cannot be read; a commit on top can restore an earlier one.
    Unreadable {
        /// The tip.
        tip: Tip,
        /// What is wrong with its document.
        why: String,
        /// The last commit whose document could be read, with that document.
        good: Option<(Tip, String)>,
    },
}

/// Why the board could not be read or written.
#[derive(Debug, Clone, Error, Serialize, Deserialize)]
pub enum StoreError {
    /// The remote did not answer.
    #[error("cannot reach the remote `{remote}`: {detail}")]
    Unreachable {
        /// Its address, without secrets.
        remote: String,
        /// What was said, without secrets.
        detail: String,
    },
    /// The remote answered that we may not.
    #[error("the remote `{remote}` refuses us: {detail}")]
    Unauthorized {
        /// Its address, without secrets.
        remote: String,
        /// What was said, without secrets.
        detail: String,
    },
    /// The remote takes no push to the coordination branch: a hook, a protection, a full or read-only disk.
    #[error("the remote `{remote}` refuses the push to `{branch}`: {detail}")]
    PushRefused {
        /// Its address, without secrets.
        remote: String,
        /// The coordination branch.
        branch: String,
        /// What was said, without secrets.
        detail: String,
    },
    /// The remote can be read and not written: by this account, or by anybody.
    #[error("you may read the board at `{remote}` but not claim on it: {detail}")]
    ReadOnly {
        /// Its address, without secrets.
        remote: String,
        /// What was said, without secrets.
        detail: String,
    },
    /// The remote has no room left.
    #[error("the remote `{remote}` has no room left: {detail}")]
    RemoteFull {
        /// Its address, without secrets.
        remote: String,
        /// What was said, without secrets.
        detail: String,
    },
    /// The remote keeps objects of another hash.
    #[error("the remote `{remote}` keeps {theirs} objects and this repository {ours} ones")]
    OtherHash {
        /// Its address, without secrets.
        remote: String,
        /// The remote's object format.
        theirs: String,
        /// Ours.
        ours: String,
    },
    /// The document at the tip cannot be trusted.
    #[error("claims.json at {} cannot be read: {why}", tip.short())]
    Unreadable {
        /// The commit it stands at.
        tip: Tip,
        /// What is wrong with it.
        why: String,
    },
    /// The private cache could not be used.
    #[error("cannot {doing} the cache `{}`: {detail}", path.display())]
    Cache {
        /// What we were doing: `create`, `read`, `write`.
        doing: Cow<'static, str>,
        /// Where it is.
        path: PathBuf,
        /// What was said.
        detail: String,
    },
    /// A commit that was named is not on the coordination branch, or not the only one of that name.
    #[error("{} on the coordination branch begins with `{}`", if *is_ambiguous { "more than one commit" } else { "no commit" }, id.escape_debug())]
    NoSuchCommit {
        /// What was named.
        id: String,
        /// Whether there are several.
        is_ambiguous: bool,
    },
    /// A signature is asked for, and cannot be made or checked.
    #[error("{what}")]
    Signing {
        /// What is wrong.
        what: String,
        /// What to do about it.
        fix: String,
    },
    /// Git could not be run, or did something we do not understand.
    #[error("git could not {doing}: {detail}")]
    Git {
        /// What we wanted of it.
        doing: Cow<'static, str>,
        /// What was said, without secrets.
        detail: String,
    },
}
