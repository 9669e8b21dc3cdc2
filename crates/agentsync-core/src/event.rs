//! What a change is called in the history of the coordination branch.

use crate::id::ClaimKey;
use crate::text::one_line;
use serde::{Deserialize, Serialize};

/// One thing that happened on the board, in the words its history uses.
///
/// The shape `agentsync: <agent> …` is the predecessor's, so that either program reads the other's
/// history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// The commit's subject: one line.
    pub subject: String,
}

impl Event {
    /// Says that `key` staked `task`.
    pub fn claims(key: &ClaimKey, task: &str) -> Event {
        Event { subject: one_line(&format!("agentsync: {key} claims '{task}'")) }
    }

    /// Says that `key` took `n_paths` more into `task`.
    pub fn widens(key: &ClaimKey, task: &str, n_paths: usize) -> Event {
        let paths = if n_paths == 1 { "path" } else { "paths" };
        Event { subject: one_line(&format!("agentsync: {key} widens '{task}' by {n_paths} {paths}")) }
    }

    /// Says that `key` dropped `task`.
    pub fn releases(key: &ClaimKey, task: &str, note: Option<&str>) -> Event {
        let note = note.map(|note| format!(" ({note})")).unwrap_or_default();
        Event { subject: one_line(&format!("agentsync: {key} releases '{task}'{note}")) }
    }

    /// Says that `key` moved to `status`.
    pub fn moves(key: &ClaimKey, status: &str) -> Event {
        Event { subject: one_line(&format!("agentsync: {key} -> {status}")) }
    }

    /// Says that `agent` posted a note.
    pub fn posts(agent: &str, to: Option<&str>) -> Event {
        let to = to.map(|to| format!(" to {to}")).unwrap_or_default();
        Event { subject: one_line(&format!("agentsync: {agent} posts a note{to}")) }
    }

    /// A place in the line.
    pub fn waits(key: &ClaimKey, task: &str) -> Event {
        Event { subject: one_line(&format!("agentsync: {key} waits for '{task}'")) }
    }

    /// A place in the line given up.
    pub fn leaves(key: &ClaimKey) -> Event {
        Event { subject: one_line(&format!("agentsync: {key} waits no longer")) }
    }

    /// A claim freed by a person.
    pub fn breaks(agent: &str, key: &ClaimKey, reason: &str) -> Event {
        Event { subject: one_line(&format!("agentsync: {agent} breaks the claim of {key} ({reason})")) }
    }

    /// Returns the agent a subject speaks of, or `None` for one of another shape.
    pub fn author(subject: &str) -> Option<&str> {
        let key = subject.strip_prefix("agentsync: ")?.split(' ').next()?;
        // `agentsync: repair, …` and the beginning of a board speak of nobody.
        key.split('/').next().filter(|agent| !matches!(*agent, "repair," | "initialize" | ""))
    }

    /// A holder that has learnt that its claim was taken.
    pub fn learns(key: &ClaimKey) -> Event {
        Event { subject: one_line(&format!("agentsync: {key} learns that its claim was taken")) }
    }
}
