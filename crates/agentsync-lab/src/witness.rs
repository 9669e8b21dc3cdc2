//! The witness check: a chain of commits and a recorded history in, what contradicts the promises out.
//!
//! It searches nothing: the chain itself is the witness of the order in which the changes happened.
//! Values in, values out; whoever calls it reads the chain and the records from wherever they are.

mod chain;
mod history;

use agentsync_core::{Board, Change, Timestamp};

pub use chain::check_chain;
pub use history::check_history;

/// One commit of the coordination branch.
#[derive(Debug, Clone)]
pub struct Link {
    /// Its id, by which surveys name it.
    pub id: String,
    /// The change that it is, by its trailer; `None` for the first commit, a repair, or another program.
    pub op: Option<String>,
    /// Whose change it is.
    pub agent: Option<String>,
    /// The time of its decision, where it is known exactly.
    pub at: Option<Timestamp>,
    /// The document's text.
    pub text: String,
    /// The board that the text holds.
    pub board: Board,
    /// The keys of others that its trailers name: superseded, broken, dropped.
    pub may_edit: Vec<String>,
    /// How many claims that were done its trailers say it removed.
    pub n_tidied: usize,
    /// When the remote took it, on the clock of the records; `None` where nobody saw it.
    pub landed: Option<u64>,
}

/// One call, as its caller saw it. Times are on one clock for all records, never twice the same.
#[derive(Debug, Clone)]
pub struct Record {
    /// The id by which the change is found on the chain; empty for a survey.
    pub op: String,
    /// Who called.
    pub agent: String,
    /// The change in full, where it is known: the chain is then held against the decision itself.
    pub change: Option<Change>,
    /// When it was called.
    pub invoked: u64,
    /// When it answered; `None` when it never did.
    pub returned: Option<u64>,
    /// What it answered.
    pub ended: Ended,
    /// Whether it was served an old state by a remote that said it was the present one: its answer may
    /// then be as old as that.
    pub was_misled: bool,
}

/// What a call answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// It is on the board.
    Done,
    /// It was so already, and nothing was written.
    Unchanged,
    /// Somebody is in the way: these keys.
    Refused {
        /// Who was named.
        by: Vec<String>,
    },
    /// There is no such claim.
    Missing,
    /// It is not on the board and never will be.
    NotDone,
    /// It may be there, now or later.
    Unknown,
    /// The caller was killed before there was an answer.
    Died,
    /// A survey showed the board at this tip.
    Saw {
        /// The commit's id; `None` while there was no branch.
        tip: Option<String>,
        /// Whether it was labelled as possibly old.
        is_labelled: bool,
    },
}

/// All that is known of a run.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    /// The first-parent chain, oldest first.
    pub chain: &'a [Link],
    /// Commits that were on the branch until somebody with the right to do so rewrote it.
    pub cut: &'a [Link],
    /// The calls.
    pub records: &'a [Record],
}

/// Something that must not be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The promise that is broken: `S1`, `S2`, …
    pub promise: &'static str,
    /// How.
    pub what: String,
}

impl Violation {
    pub(crate) fn new(promise: &'static str, what: String) -> Violation {
        Violation { promise, what }
    }
}

/// Checks everything.
pub fn check(evidence: &Evidence<'_>) -> Vec<Violation> {
    let mut found = check_chain(evidence.chain);
    found.extend(check_history(evidence));
    found
}
