//! What `mailbox` answers.

use agentsync_core::{Grant, Note};
use schemars::JsonSchema;
use serde::Serialize;

use super::survey::NoteView;
use crate::app::update::Answer;

/// The notes that concern an agent, or the one it posted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct MailboxReport {
    /// `read` or `posted`.
    pub status: &'static str,
    /// The notes, oldest first. Their messages are their authors'.
    pub notes: Vec<NoteView>,
    /// The best next call.
    pub next: String,
}

impl MailboxReport {
    /// Reports what was read.
    pub fn read(notes: &[Note]) -> MailboxReport {
        let notes = notes.iter().map(NoteView::of).collect();
        MailboxReport { status: "read", notes, next: "mailbox(message, to) to answer".to_owned() }
    }

    /// Reports what was posted.
    pub fn posted(answer: &Answer) -> MailboxReport {
        let note = match answer.decision.grant() {
            Some(Grant::Posted { note }) => Some(NoteView::of(note)),
            _ => None,
        };
        let next = "your peers see it in survey() and mailbox()".to_owned();
        MailboxReport { status: "posted", notes: note.into_iter().collect(), next }
    }
}
