//! What `resolve` answers.

use serde::Serialize;

use super::Exit;
use crate::app::resolve::Fate;

/// What became of a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ResolveReport {
    /// `done`, `not_done` or `unknown`.
    pub status: &'static str,
    /// The id of the change.
    pub op: String,
    /// Why it is so.
    pub message: String,
    /// The best next call.
    pub next: String,
    #[serde(skip)]
    exit: Exit,
}

impl ResolveReport {
    /// Reports what became of the change `op`.
    pub fn of(op: &str, fate: &Fate) -> ResolveReport {
        let (status, exit, message, next) = match fate {
            Fate::Done { tip } => {
                let message = format!("It is on the board, as of {}.", tip.short());
                ("done", Exit::Yes, message, "survey()")
            }
            Fate::Never => (
                "not_done",
                Exit::No,
                "It is not on the board and never will be: the board has moved on without it.".to_owned(),
                "make the same call again, if it is still wanted",
            ),
            Fate::MayArrive => (
                "unknown",
                Exit::TryAgain,
                "It is not on the board, and may still arrive: nobody has written since.".to_owned(),
                "ask again in a moment; survey() shows the board meanwhile",
            ),
            Fate::Unheard => (
                "unknown",
                Exit::TryAgain,
                "It is not on the board, and this clone does not remember where it was pushed.".to_owned(),
                "ask in the clone that was answered `unknown`, or look at survey()",
            ),
        };
        ResolveReport { status, op: op.to_owned(), message, next: next.to_owned(), exit }
    }

    /// Returns how the program ends.
    pub fn exit(&self) -> Exit {
        self.exit
    }
}
