//! Decides whether a change may happen on a board, and what it would write.
//!
//! Pure and total: every change on every board has one decision. Nothing here writes; the edits of
//! a grant become true only when the caller has swapped the board.

mod claim;
mod compare;
mod own;

pub use compare::{Comparison, compare};
pub use own::find_own;

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use crate::board::{Board, Note};
use crate::change::{Change, Intent, NoteRequest};
use crate::claim::Claim;
use crate::event::Event;
use crate::id::ClaimKey;
use crate::time::Timestamp;

/// What becomes of a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Decision {
    /// It may happen, and these edits make it so.
    Granted(Box<Granted>),
    /// It has happened already; there is nothing to write.
    Unchanged(Box<Grant>),
    /// Somebody is in the way.
    Blocked(Blocked),
    /// There is no such claim of this agent.
    Missing(Missing),
}

/// A change that may happen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Granted {
    /// What to write.
    pub edits: Vec<Edit>,
    /// What the history calls it.
    pub event: Event,
    /// What the agent is told.
    pub grant: Grant,
    /// The fencing number of the claim it is about, for the commit's trailer.
    pub generation: Option<u64>,
}

/// One edit of the document. An edit names its entry; every other byte stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Edit {
    /// Write one entry.
    Put {
        /// Whose.
        key: ClaimKey,
        /// What.
        claim: Box<Claim>,
    },
    /// Remove one entry.
    Remove {
        /// Whose.
        key: ClaimKey,
    },
    /// Append a note; the oldest beyond [`MAX_NOTES`] go.
    Post {
        /// The note.
        note: Note,
    },
    /// Raise the board's fencing counter.
    Raise {
        /// To this number.
        generation: u64,
    },
}

/// How many notes a board keeps.
pub const MAX_NOTES: usize = 200;

/// What a granted change comes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Grant {
    /// The work is staked.
    Claimed {
        /// Under this key.
        key: ClaimKey,
        /// As it stands on the board.
        claim: Box<Claim>,
        /// What the agent's earlier claim held and this one does not.
        replaced: Option<Replaced>,
        /// Whom it was forced over, with the reasons.
        forced: BTreeMap<ClaimKey, Conflict>,
        /// Peers that rely on what this claim touches.
        relied_on_by: BTreeMap<ClaimKey, Vec<String>>,
    },
    /// The claim is dropped.
    Released {
        /// Under this key.
        key: ClaimKey,
        /// As it stood.
        claim: Box<Claim>,
    },
    /// The claim has a new status.
    Updated {
        /// Under this key.
        key: ClaimKey,
        /// As it stands now.
        claim: Box<Claim>,
    },
    /// The note is in the mailbox.
    Posted {
        /// As it stands there.
        note: Note,
    },
}

/// An own claim that a new one took the place of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replaced {
    /// Its task.
    pub task: String,
    /// Those of its touches that the new claim does not name: others may take them now.
    pub freed: Vec<String>,
}

/// Who is in the way of a claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blocked {
    /// The conflicts, by the key of the entry that is in the way.
    pub conflicts: BTreeMap<ClaimKey, Conflict>,
    /// Those of the asked-for touches that nobody holds.
    pub free_slice: Vec<String>,
}

/// What one peer's claim and an asked-for claim have in common.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflict {
    /// The peer's task.
    pub their_task: Option<String>,
    /// The peer's branch.
    pub their_branch: Option<String>,
    /// Why the two cannot both go on.
    pub reasons: Vec<Reason>,
}

/// Why two claims cannot both go on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// What kind of reason it is.
    pub kind: ReasonKind,
    /// The declared paths that meet, from both sides.
    pub files: Vec<String>,
    /// Paths that belong to both sides, one for each pair that meets, where one is known.
    pub witnesses: Vec<String>,
    /// Since when, for an id that is held elsewhere.
    pub held_since: Option<Timestamp>,
    /// From which worktree, for an id that is held elsewhere.
    pub held_by: Option<String>,
}

/// The kinds of reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReasonKind {
    /// Both want to change the same files.
    SharedFiles,
    /// The asked-for claim relies on what the peer is changing.
    DependsOnTheirWip,
    /// The agent's own id is held from another worktree.
    SharedAgentId,
    /// The peer's entry cannot be read, so it may hold anything.
    UnreadableEntry,
}

impl ReasonKind {
    /// Returns the word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            ReasonKind::SharedFiles => "shared_files",
            ReasonKind::DependsOnTheirWip => "depends_on_their_wip",
            ReasonKind::SharedAgentId => "shared_agent_id",
            ReasonKind::UnreadableEntry => "unreadable_entry",
        }
    }
}

/// A change to a claim that is not there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    /// The lanes the agent does hold, when it must say which it means.
    pub lanes: Vec<String>,
}

/// Decides `change` on `board`.
///
/// `now` is written into what is granted, and never part of the decision whether it is.
pub fn decide(board: &Board, change: &Change, now: Timestamp) -> Decision {
    match &change.intent {
        Intent::Claim(request) => claim::decide_claim(board, change, request, now),
        Intent::Release { note } => own::decide_release(board, change, note.as_deref()),
        Intent::Status(request) => own::decide_status(board, change, request, now),
        Intent::Note(request) => decide_note(board, change, request, now),
    }
}

fn decide_note(board: &Board, change: &Change, request: &NoteRequest, now: Timestamp) -> Decision {
    if let Some(note) = board.notes.iter().find(|note| note.op.as_ref() == Some(&change.op)) {
        return Decision::Unchanged(Box::new(Grant::Posted { note: note.clone() }));
    }
    let note = Note {
        from: change.by.agent.as_str().to_owned(),
        to: request.to.as_ref().map(|to| to.as_str().to_owned()),
        message: request.message.clone(),
        at: Some(now),
        op: Some(change.op.clone()),
    };
    Decision::Granted(Box::new(Granted {
        edits: vec![Edit::Post { note: note.clone() }],
        event: Event::posts(&note.from, note.to.as_deref()),
        grant: Grant::Posted { note },
        generation: None,
    }))
}

impl Board {
    /// Returns the board as `edits` leave it.
    #[must_use]
    pub fn with(&self, edits: &[Edit]) -> Board {
        let mut next = self.clone();
        for edit in edits {
            next.apply(edit);
        }
        next
    }

    fn apply(&mut self, edit: &Edit) {
        match edit {
            Edit::Put { key, claim } => {
                self.generation = self.generation.max(claim.generation.unwrap_or(0));
                self.claims.insert(key.clone(), crate::board::Entry::Claim(claim.clone()));
            }
            Edit::Remove { key } => {
                self.claims.remove(key);
            }
            Edit::Post { note } => {
                self.notes.push(note.clone());
                let surplus = self.notes.len().saturating_sub(MAX_NOTES);
                self.notes.drain(..surplus);
            }
            Edit::Raise { generation } => self.generation = self.generation.max(*generation),
        }
    }
}
