//! Decides whether a change may happen on a board, and what it would write.
//!
//! Pure and total: every change on every board has one decision. Nothing here writes; the edits of
//! a grant become true only when the caller has swapped the board.

mod claim;
mod compare;
mod own;
mod take;
mod wait;
mod widen;

pub(crate) use claim::find_holders;
pub use compare::{Comparison, compare};
pub use own::find_own;
pub(crate) use take::numbered;

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use crate::board::{Board, Note, Superseded, Ticket};
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

impl Decision {
    /// Returns what the change comes to, or came to before; `None` for a no.
    pub fn grant(&self) -> Option<&Grant> {
        match self {
            Decision::Granted(granted) => Some(&granted.grant),
            Decision::Unchanged(grant) => Some(grant),
            Decision::Blocked(_) | Decision::Missing(_) => None,
        }
    }

    /// Returns what is noted of the claim that the change was about, if it had been taken away.
    pub fn superseded(&self) -> Option<&Superseded> {
        match self.grant() {
            Some(Grant::Superseded { record }) => Some(record),
            _ => None,
        }
    }
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
    /// What it does to entries of others, for the commit's trailers.
    pub trailers: Vec<Trailer>,
}

/// What a change does to an entry that is not its author's, and may.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Trailer {
    /// It takes over what this claim held, as `key@generation`: its lease had lapsed.
    Supersedes(String),
    /// It frees this claim, as `key@generation`: a person said so.
    Breaks(String),
    /// It drops the ticket of this key: nobody was seen to wait with it any more.
    Drops(String),
    /// It removes this many claims that have been done for a day.
    Tidies(usize),
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
    /// Put a ticket at the end of the line, or in the place of the one with its key.
    Queue {
        /// The ticket.
        ticket: Box<Ticket>,
    },
    /// Take a ticket out of the line.
    Unqueue {
        /// Whose.
        key: ClaimKey,
    },
    /// Note that a claim was taken from its holder; the oldest beyond [`MAX_SUPERSEDED`] go.
    Supersede {
        /// The note.
        record: Box<Superseded>,
    },
    /// Drop the notes that this key's claim was taken: its holder knows.
    Acknowledge {
        /// Whose.
        key: ClaimKey,
    },
    /// Raise the board's fencing counter.
    Raise {
        /// To this number.
        generation: u64,
    },
}

/// How many notes a board keeps.
pub const MAX_NOTES: usize = 200;
/// How many claims that were taken from their holders a board remembers.
pub const MAX_SUPERSEDED: usize = 50;
/// How long a claim that is done stays on the board, in microseconds: a day. The history keeps it.
pub(crate) const DONE_STAYS: i64 = 24 * 3_600_000_000;
/// How many of those one change removes at most.
const MAX_TIDIED: usize = 50;

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
        /// An earlier claim under this key that was taken away, if its holder did not know yet.
        lost: Option<Box<Superseded>>,
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
    /// The agent stands in line.
    Waiting {
        /// Its ticket.
        ticket: Box<Ticket>,
        /// Who is in the way.
        blocked: Blocked,
        /// How many tickets are before it that could be in its way.
        n_ahead: usize,
    },
    /// The agent waits no longer.
    Left {
        /// Under this key.
        key: ClaimKey,
    },
    /// A claim of somebody else is free.
    Broken {
        /// What is noted of it.
        record: Box<Superseded>,
        /// The claim as it stood.
        claim: Option<Box<Claim>>,
    },
    /// The claim that the change was about had been taken away before.
    Superseded {
        /// By whom and why.
        record: Box<Superseded>,
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
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blocked {
    /// The conflicts, by the key of the entry that is in the way.
    pub conflicts: BTreeMap<ClaimKey, Conflict>,
    /// Those of the asked-for touches that nobody holds.
    pub free_slice: Vec<String>,
    /// Whoever waits for whom, in a circle that waiting would close; empty when there is none.
    pub deadlock: Vec<WaitsFor>,
}

/// One agent that waits for another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitsFor {
    /// Who waits.
    pub agent: String,
    /// For whom.
    pub holder: String,
    /// For what.
    pub files: Vec<String>,
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
    /// The peer waits for these files, and came first.
    WaitsBeforeYou,
}

impl ReasonKind {
    /// Returns the word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            ReasonKind::SharedFiles => "shared_files",
            ReasonKind::DependsOnTheirWip => "depends_on_their_wip",
            ReasonKind::SharedAgentId => "shared_agent_id",
            ReasonKind::UnreadableEntry => "unreadable_entry",
            ReasonKind::WaitsBeforeYou => "waits_before_you",
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
    let decision = match &change.intent {
        Intent::Claim(request) => claim::decide_claim(board, change, request, now),
        Intent::Wait(request) => wait::decide_wait(board, change, request, now),
        Intent::Leave => wait::decide_leave(board, change),
        Intent::Widen(request) => widen::decide_widen(board, change, request, now),
        Intent::Break(request) => take::decide_break(board, change, request, now),
        Intent::Release { note } => own::decide_release(board, change, note.as_deref()),
        Intent::Status(request) => own::decide_status(board, change, request, now),
        Intent::Note(request) => decide_note(board, change, request, now),
    };
    match decision {
        Decision::Granted(granted) => Decision::Granted(Box::new(tidy(board, *granted, now))),
        other => other,
    }
}

/// Lets a change also remove what has been done for a day. It blocks nobody, so no decision rests on
/// the clocks involved.
fn tidy(board: &Board, mut granted: Granted, now: Timestamp) -> Granted {
    let is_old = |claim: &Claim| {
        let age = claim.updated_at.map_or(0, |at| now.0.saturating_sub(at.0));
        !claim.is_active() && age > DONE_STAYS
    };
    let old = board.claims.iter().filter(|(_, entry)| entry.as_claim().is_some_and(is_old));
    let named = |edits: &[Edit], key: &ClaimKey| {
        edits.iter().any(
            |edit| matches!(edit, Edit::Put { key: named, .. } | Edit::Remove { key: named } if named == key),
        )
    };
    let old: Vec<Edit> = old
        .filter(|(key, _)| !named(&granted.edits, key))
        .take(MAX_TIDIED)
        .map(|(key, _)| Edit::Remove { key: key.clone() })
        .collect();
    if !old.is_empty() {
        granted.trailers.push(Trailer::Tidies(old.len()));
        granted.edits.extend(old);
    }
    granted
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
        trailers: Vec::new(),
    }))
}

impl Board {
    /// Returns the board as `edits` leave it.
    #[must_use]
    pub fn with(&self, edits: &[Edit]) -> Board {
        let mut next = self.clone();
        next.edit(edits);
        next
    }

    /// Makes the board what `edits` leave.
    pub fn edit(&mut self, edits: &[Edit]) {
        for edit in edits {
            self.apply(edit);
        }
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
            Edit::Queue { ticket } => match self.waiting.iter_mut().find(|there| there.key == ticket.key) {
                Some(there) => *there = (**ticket).clone(),
                None => self.waiting.push((**ticket).clone()),
            },
            Edit::Unqueue { key } => self.waiting.retain(|ticket| ticket.key != *key),
            Edit::Supersede { record } => {
                self.superseded.push((**record).clone());
                let surplus = self.superseded.len().saturating_sub(MAX_SUPERSEDED);
                self.superseded.drain(..surplus);
            }
            Edit::Acknowledge { key } => self.superseded.retain(|record| record.key != *key),
            Edit::Raise { generation } => self.generation = self.generation.max(*generation),
        }
    }
}
