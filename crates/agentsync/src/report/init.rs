//! What `init` answers.

use schemars::JsonSchema;
use serde::Serialize;

use super::Exit;
use crate::setup::{FileChange, Plan, diff};

/// What was set up, or would be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct InitReport {
    /// `written`, `unchanged`, `proposed` or `undone`.
    pub status: &'static str,
    /// The agent's id in this worktree.
    pub agent: String,
    /// Where the id comes from.
    pub agent_source: String,
    /// The files that change.
    pub files: Vec<FileView>,
    /// What was kept in the clone's own configuration.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub settings: Vec<String>,
    /// Whether the coordination branch is there; absent when it was not looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "bool")]
    pub board: Option<bool>,
    /// What did not work, with what to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub warning: Option<String>,
    /// The best next step.
    pub next: String,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FileView {
    /// From the root of the repository.
    pub path: String,
    /// `create`, `update` or `delete`.
    pub action: &'static str,
    /// The change as a unified diff.
    pub diff: String,
}

impl FileView {
    fn of(file: &FileChange) -> FileView {
        let action = match (&file.before, &file.after) {
            (None, _) => "create",
            (Some(_), None) => "delete",
            (Some(_), Some(_)) => "update",
        };
        FileView { path: file.path.clone(), action, diff: diff::render(file) }
    }

    /// Shows the files of a plan.
    pub fn all_of(plan: &Plan) -> Vec<FileView> {
        plan.files.iter().map(FileView::of).collect()
    }
}

impl InitReport {
    /// Returns how the program ends.
    pub fn exit(&self) -> Exit {
        match (self.status, &self.warning) {
            ("proposed", _) => Exit::No,
            (_, Some(_)) => Exit::TryAgain,
            (_, None) => Exit::Yes,
        }
    }
}
