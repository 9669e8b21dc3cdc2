//! Audits a commit of the coordination branch: whether it did only what its author may.
//!
//! Pure: two boards and what is known of the commit, to findings. Who made a commit is what its subject
//! says; whether that is true only a signature can tell.

mod entries;
mod finding;
mod lists;
mod signed;

pub use finding::{Finding, How};
pub use signed::{Signature, Standing};

use crate::board::Board;
use crate::decide::Trailer;
use crate::id::OpId;
use crate::time::Timestamp;

/// What a commit says of itself in its trailers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Writer {
    /// It is one change of ours.
    Ours(Told),
    /// It restores an earlier document: a person's decision.
    Repair,
    /// It has no trailers of ours: another program wrote it.
    Other,
}

/// The trailers of one change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The change.
    pub op: OpId,
    /// The fencing number of the claim it is about.
    pub generation: Option<u64>,
    /// What it does to entries of others.
    pub trailers: Vec<Trailer>,
}

/// What is known of a commit besides its document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitFacts {
    /// Who wrote it, by its trailers.
    pub writer: Writer,
    /// The agent its subject names.
    pub agent: Option<String>,
    /// When it was made, by its author's clock, to the second.
    pub at: Timestamp,
    /// How many parents it has.
    pub n_parents: usize,
    /// Whether it changes a file that is not the document.
    pub has_other_files: bool,
    /// Members at the top of the document that it changes, and that no change of ours is about.
    pub other_members: Vec<String>,
    /// Whether its change is on the branch already.
    pub is_repeated: bool,
}

/// The board a commit was made on.
#[derive(Debug, Clone, Copy)]
pub enum Before<'a> {
    /// It is not here: the history is cut off.
    Unknown,
    /// This one; an empty one for the first commit.
    Board(&'a Board),
    /// It could not be read; the last one that could, if that is known.
    Unreadable(Option<&'a Board>),
}

/// Returns what is wrong with a commit that left the board as `after`, or left none that can be read.
pub fn audit(before: Before<'_>, after: Result<&Board, &str>, facts: &CommitFacts) -> Vec<Finding> {
    let mut found = Vec::new();
    check_shape(facts, &mut found);
    let after = match after {
        Ok(after) => after,
        Err(why) => {
            found.push(Finding::Unreadable { why: why.to_owned() });
            return found;
        }
    };
    match (&facts.writer, before) {
        (Writer::Repair, before) => check_repair(before, after, facts, &mut found),
        (_, Before::Board(before) | Before::Unreadable(Some(before))) => {
            entries::check(before, after, facts, &mut found);
            lists::check(before, after, facts, &mut found);
            if after.generation < before.generation {
                found.push(Finding::GenerationFell { from: before.generation, to: after.generation });
            }
        }
        (_, Before::Unknown | Before::Unreadable(None)) => {}
    }
    found
}

/// Tells whether the commit begins a board and claims nothing, which anybody may.
pub fn is_beginning(after: &Board, facts: &CommitFacts) -> bool {
    facts.n_parents == 0 && *after == Board::default()
}

fn check_shape(facts: &CommitFacts, found: &mut Vec<Finding>) {
    if facts.n_parents > 1 {
        found.push(Finding::Parents { n_parents: facts.n_parents });
    }
    if facts.has_other_files {
        found.push(Finding::OtherFiles);
    }
    if let Writer::Ours(told) = &facts.writer {
        if facts.is_repeated {
            found.push(Finding::RepeatsOp { op: told.op.0.clone() });
        }
        if !facts.other_members.is_empty() {
            found.push(Finding::OtherMembers { names: facts.other_members.clone() });
        }
    }
}

/// A repair begins the branch anew, or puts back the last document that could be read.
fn check_repair(before: Before<'_>, after: &Board, facts: &CommitFacts, found: &mut Vec<Finding>) {
    let is_right = match before {
        _ if facts.n_parents == 0 => true,
        Before::Unknown | Before::Unreadable(None) => true,
        Before::Unreadable(Some(good)) => good == after,
        Before::Board(before) => before == after,
    };
    if !is_right {
        found.push(Finding::Repair);
    }
}

impl CommitFacts {
    /// Tells whether a key is the commit's author's.
    pub(crate) fn owns(&self, key: &str) -> bool {
        let agent = key.split('/').next().unwrap_or(key);
        self.agent.as_deref().is_some_and(|author| author.eq_ignore_ascii_case(agent))
    }

    pub(crate) fn trailers(&self) -> &[Trailer] {
        match &self.writer {
            Writer::Ours(told) => &told.trailers,
            Writer::Repair | Writer::Other => &[],
        }
    }
}
