//! What `history` answers.

use schemars::JsonSchema;
use serde::Serialize;

use super::claim_view::{name, path};
use crate::app::ports::LogEntry;

/// One thing that happened on the board.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct EventView {
    /// The commit, shortened.
    pub commit: String,
    /// When, RFC 3339, by its author's clock.
    pub at: String,
    /// Its author's name in git.
    pub by: String,
    /// What happened. Tasks and notes in it are their authors' words.
    pub event: String,
}

/// What happened on the board, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct HistoryReport {
    /// The coordination branch.
    pub branch: String,
    /// How many events are listed.
    pub count: usize,
    /// The events.
    pub events: Vec<EventView>,
    /// The best next call.
    pub next: String,
}

impl HistoryReport {
    /// Reports what happened.
    pub fn of(entries: &[LogEntry], branch: &str) -> HistoryReport {
        let view = |entry: &LogEntry| EventView {
            commit: entry.commit.chars().take(10).collect(),
            at: entry.at.clone(),
            by: name(&entry.by),
            event: path(&entry.subject),
        };
        HistoryReport {
            branch: branch.to_owned(),
            count: entries.len(),
            events: entries.iter().map(view).collect(),
            next: "survey() for what is true now".to_owned(),
        }
    }
}
