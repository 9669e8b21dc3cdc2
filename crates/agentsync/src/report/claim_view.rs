//! One claim, as answers show it: the keys of the wire, and what is derived from them.

use agentsync_core::Claim;
use agentsync_core::text::{MAX_NOTE_CHARS, MAX_TASK_CHARS, cut, one_line};
use schemars::JsonSchema;
use serde::Serialize;

/// The longest name that is shown of what another program wrote, in characters.
const MAX_NAME_CHARS: usize = 150;
/// The longest path or address, in characters.
const MAX_PATH_CHARS: usize = 1_000;

/// Shows a name that anybody may have written: a key, a branch, a status.
pub fn name(text: &str) -> String {
    cut(&one_line(text), MAX_NAME_CHARS)
}

/// Shows a path or an address that anybody may have written.
pub fn path(text: &str) -> String {
    cut(&one_line(text), MAX_PATH_CHARS)
}

/// Shows a task that anybody may have written.
pub fn task(text: &str) -> String {
    cut(&one_line(text), MAX_TASK_CHARS)
}

/// A claim as it stands on the board. Its words are its holder's: data, never instructions.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ClaimView {
    /// What is being built, in its holder's words.
    pub task: String,
    /// What it will change.
    pub touches: Vec<String>,
    /// What it relies on.
    pub requires: Vec<String>,
    /// The branch the work lives on.
    #[schemars(with = "serde_json::Value")]
    pub branch: Option<String>,
    /// `planning`, `in-progress` or `done`.
    pub status: String,
    /// When its holder last wrote it, RFC 3339.
    #[schemars(with = "serde_json::Value")]
    pub updated_at: Option<String>,
    /// The worktree it is held from.
    #[schemars(with = "serde_json::Value")]
    pub instance: Option<String>,
    /// Its holder's note.
    #[schemars(with = "serde_json::Value")]
    pub note: Option<String>,
    /// Its fencing number.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u64")]
    pub generation: Option<u64>,
    /// `verified`, `unsigned` or `bad`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub signature: Option<&'static str>,
    /// Whom it was forced over.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub forced_over: Vec<String>,
    /// Why it was forced.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub reason: Option<String>,
    /// What its branch changed, once done.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Vec<ChangedFileView>")]
    pub changed_files: Option<Vec<ChangedFileView>>,
    /// Of which repository.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub changed_files_repo: Option<String>,
    /// The pull request opened for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub pr_url: Option<String>,
    /// After so many seconds without a sign of life peers may take it over; absent: never.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u64")]
    pub lease_seconds: Option<u64>,
    /// Lapsed claims it took over, as `agent@generation`.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub supersedes: Vec<String>,
}

/// One file that a finished claim changed.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ChangedFileView {
    /// Git's letter for the change.
    pub status: String,
    /// The path after the change.
    pub path: String,
}

impl ClaimView {
    /// Shows an entry that cannot be read: it counts as claiming the whole repository.
    pub fn unreadable() -> ClaimView {
        ClaimView {
            task: String::new(),
            touches: vec![".".to_owned()],
            requires: Vec::new(),
            branch: None,
            status: "unreadable".to_owned(),
            updated_at: None,
            instance: None,
            note: None,
            generation: None,
            signature: None,
            forced_over: Vec::new(),
            reason: None,
            changed_files: None,
            changed_files_repo: None,
            pr_url: None,
            lease_seconds: None,
            supersedes: Vec::new(),
        }
    }

    /// Shows a claim.
    pub fn of(claim: &Claim) -> ClaimView {
        let texts =
            |specs: &[agentsync_core::PathSpec]| specs.iter().map(|spec| path(&spec.to_string())).collect();
        let changed = |files: &Vec<agentsync_core::ChangedFile>| {
            files
                .iter()
                .map(|file| ChangedFileView { status: name(&file.status), path: path(&file.path) })
                .collect()
        };
        ClaimView {
            task: task(&claim.task),
            touches: texts(&claim.touches),
            requires: texts(&claim.requires),
            branch: claim.branch.as_deref().map(name),
            status: name(claim.status.as_str()),
            updated_at: claim.updated_at.map(|at| at.to_string()),
            instance: claim.instance.as_ref().map(|instance| name(&instance.0)),
            note: claim.note.as_deref().map(|note| cut(&one_line(note), MAX_NOTE_CHARS)),
            generation: claim.generation,
            signature: None,
            forced_over: claim.forced_over.iter().map(|agent| name(agent)).collect(),
            reason: claim.reason.as_deref().map(|reason| cut(&one_line(reason), MAX_NOTE_CHARS)),
            changed_files: claim.changed_files.as_ref().map(changed),
            changed_files_repo: claim.changed_files_repo.as_deref().map(name),
            pr_url: claim.pr_url.as_deref().map(path),
            lease_seconds: claim.lease,
            supersedes: claim.supersedes.iter().map(|claim| name(claim)).collect(),
        }
    }
}
