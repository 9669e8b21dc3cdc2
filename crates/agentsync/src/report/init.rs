//! What `init` answers.

use serde::Serialize;
use similar::TextDiff;

use super::Exit;
use super::failure::FailureReport;
use crate::app::failure::Failure;
use crate::app::init::client::Client;
use crate::app::init::plan::FileChange;
use crate::app::init::{BoardPlan, Plan, ValueChange};

/// What was set up, or would be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InitReport {
    /// `planned`, `written` or `nothing_to_do`.
    pub status: &'static str,
    /// The clients meant; `git` and `ci` among them.
    pub clients: Vec<&'static str>,
    /// The files that change.
    pub files: Vec<FileView>,
    /// What else changes: the id kept for this worktree, and keys of git's configuration.
    pub settings: Vec<SettingView>,
    /// The board.
    pub board: BoardView,
    /// What a person should know.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// What a person still has to do in a client.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<&'static str>,
    /// The best next call.
    pub next: String,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileView {
    /// Relative to the root of the work tree.
    pub path: String,
    /// `create`, `change` or `delete`.
    pub action: &'static str,
    /// As `diff -u` writes it.
    pub diff: String,
}

/// One value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SettingView {
    /// `agent`, or a key of git's configuration.
    pub key: String,
    /// What it is.
    pub before: Option<String>,
    /// What it becomes.
    pub after: Option<String>,
}

/// The board.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BoardView {
    /// `ready`, `missing` (and made with the rest), `made`, `left` or `failed`.
    pub status: &'static str,
    /// What failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
}

/// Which way `init` was asked to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// To set up.
    Do,
    /// To take away.
    Undo,
    /// To install hooks.
    Install,
    /// To take them away.
    Uninstall,
}

impl InitReport {
    /// Reports a plan that is not carried out yet.
    pub fn planned(plan: &Plan, direction: Direction, mut notes: Vec<String>) -> InitReport {
        let status = if plan.is_empty() { "nothing_to_do" } else { "planned" };
        notes.extend(plan.files.notes.iter().cloned());
        let clients = plan.parts.names();
        let next = match (status, direction) {
            ("planned", Direction::Do) if plan.parts.git => "agentsync init --hooks --yes".to_owned(),
            ("planned", Direction::Do) => "agentsync init --yes".to_owned(),
            ("planned", Direction::Undo) => "agentsync init --undo --yes".to_owned(),
            ("planned", Direction::Install) => format!("agentsync install {} --yes", clients.join(" ")),
            ("planned", Direction::Uninstall) => format!("agentsync uninstall {} --yes", clients.join(" ")),
            (_, Direction::Do) => "agentsync survey".to_owned(),
            (_, Direction::Install) => "agentsync doctor".to_owned(),
            (_, Direction::Undo | Direction::Uninstall) => "agentsync init".to_owned(),
        };
        InitReport {
            status,
            clients,
            files: plan.files.changes.iter().map(FileView::of).collect(),
            settings: plan.agent.iter().chain(&plan.settings).map(SettingView::of).collect(),
            board: BoardView::planned(&plan.board),
            notes,
            steps: Vec::new(),
            next,
        }
    }

    /// Reports the same plan as carried out, with what became of the board if it was to be made.
    #[must_use]
    pub fn written(self, plan: &Plan, direction: Direction, seeded: Option<&Failure>) -> InitReport {
        let board = match (&plan.board, seeded) {
            (BoardPlan::Create, Some(failure)) => BoardView::failed(failure),
            (BoardPlan::Create, None) => BoardView::plain("made"),
            (BoardPlan::Left | BoardPlan::Ready | BoardPlan::Unknown(_), _) => self.board.clone(),
        };
        let is_new = |client: &&Client| self.files.iter().any(|file| file.path == client.file());
        let (steps, next) = match direction {
            Direction::Do => {
                let clients = plan.parts.clients.iter().filter(is_new);
                (clients.filter_map(|client| client.last_step()).collect(), NEXT_DONE)
            }
            Direction::Install => (Vec::new(), NEXT_INSTALLED),
            Direction::Undo | Direction::Uninstall => (Vec::new(), NEXT_UNDONE),
        };
        InitReport { status: "written", board, steps, next: next.to_owned(), ..self }
    }

    /// Returns how the program ends.
    pub fn exit(&self) -> Exit {
        match (self.board.status, self.status) {
            (_, "planned") => Exit::No,
            ("failed", _) => Exit::TryAgain,
            _ => Exit::Yes,
        }
    }
}

const NEXT_DONE: &str = "commit the files, so that everybody's agents know; then `agentsync survey`";
const NEXT_INSTALLED: &str =
    "agentsync doctor, which fires each hook; commit the files, so that everybody's agents are guarded";
const NEXT_UNDONE: &str = "commit the files; the board stays, for the others who use it";

impl FileView {
    fn of(change: &FileChange) -> FileView {
        let (action, old, new) = match (&change.before, &change.after) {
            (None, _) => ("create", "/dev/null".to_owned(), format!("b/{}", change.path)),
            (Some(_), Some(_)) => ("change", format!("a/{}", change.path), format!("b/{}", change.path)),
            (Some(_), None) => ("delete", format!("a/{}", change.path), "/dev/null".to_owned()),
        };
        let text = |side: &Option<String>| side.clone().unwrap_or_default();
        let (before, after) = (text(&change.before), text(&change.after));
        let diff = TextDiff::from_lines(&before, &after);
        let diff = diff.unified_diff().header(&old, &new).to_string();
        FileView { path: change.path.clone(), action, diff }
    }
}

impl SettingView {
    fn of(change: &ValueChange) -> SettingView {
        let ValueChange { key, before, after } = change.clone();
        SettingView { key, before, after }
    }
}

impl BoardView {
    fn planned(plan: &BoardPlan) -> BoardView {
        match plan {
            BoardPlan::Left => BoardView::plain("left"),
            BoardPlan::Ready => BoardView::plain("ready"),
            BoardPlan::Create => BoardView::plain("missing"),
            BoardPlan::Unknown(failure) => BoardView::failed(failure),
        }
    }

    fn plain(status: &'static str) -> BoardView {
        BoardView { status, error: None, fix: None }
    }

    fn failed(failure: &Failure) -> BoardView {
        let report = FailureReport::of(failure);
        let fix = Some(report.bare_fix());
        BoardView { status: "failed", error: Some(report.error), fix }
    }
}
