//! What `reconcile` answers.

use agentsync_core::text::{escape, one_line};
use serde::Serialize;

use super::Exit;
use super::check_pairs::FindingReport;
use crate::app::ports::{Hunk, Ran, Tried};
use crate::app::reconcile::{Aim, Conflicted, End, Reconciled};

/// How many files, hunks of one file and findings are shown.
const MAX_SHOWN: usize = 10;

/// How a branch was brought up to another.
#[derive(Debug, Serialize)]
pub struct ReconcileReport {
    /// `up_to_date`, `moved`, `would_move`, `conflicts`, `findings`, `verify_failed` or `refused`.
    pub status: &'static str,
    /// The branch.
    pub branch: String,
    /// What it was brought up to.
    pub with: String,
    /// The commits that were brought together: the branch's, then the other's.
    pub commits: [String; 2],
    /// Where the branch stands now, or would.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// What both sides are at, in their words.
    pub intents: IntentsView,
    /// The files whose text conflicts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conflicts: Vec<ConflictedView>,
    /// What does not fit together although the text merges.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<FindingReport>,
    /// How your command went on the merged tree.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verify: Option<VerifyView>,
    /// Where the merge waits to be resolved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub worktree: Option<String>,
    /// Why git would not move the branch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The best next step.
    pub next: String,
}

/// What both sides are at.
#[derive(Debug, Serialize)]
pub struct IntentsView {
    /// The task of the branch's claim.
    pub mine: Option<String>,
    /// The task of the other's.
    pub theirs: Option<String>,
}

/// One file that conflicts.
#[derive(Debug, Serialize)]
pub struct ConflictedView {
    /// The file.
    pub path: String,
    /// The subjects of my commits that change it.
    pub mine: Vec<String>,
    /// The subjects of theirs.
    pub theirs: Vec<String>,
    /// The symbols in which the text conflicts.
    pub symbols: Vec<String>,
    /// Where it does.
    pub hunks: Vec<HunkView>,
}

/// One place where two texts conflict.
#[derive(Debug, Serialize)]
pub struct HunkView {
    /// Its line in the file with markers.
    pub line: u32,
    /// My lines.
    pub mine: Vec<String>,
    /// Theirs.
    pub theirs: Vec<String>,
}

/// How a command went on merged work.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct VerifyView {
    /// `passed`, `failed` or `timed_out`.
    pub outcome: &'static str,
    /// Its exit code; -1 for a signal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<i32>,
    /// How long it took.
    pub seconds: f64,
    /// Whether it ran before on the same tree, and not now.
    pub remembered: bool,
    /// Where all its output is.
    pub log: String,
    /// The last lines of it, when it did not pass.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tail: Vec<String>,
}

impl VerifyView {
    /// Shows how a command went.
    pub fn of(tried: &Tried) -> VerifyView {
        let (outcome, code) = match tried.ran {
            Ran::Passed => ("passed", None),
            Ran::Failed(code) => ("failed", Some(code)),
            Ran::TimedOut => ("timed_out", None),
        };
        VerifyView {
            outcome,
            code,
            seconds: (tried.seconds * 10.0).round() / 10.0,
            remembered: tried.is_remembered,
            log: tried.log.display().to_string(),
            tail: if outcome == "passed" { Vec::new() } else { tried.tail.clone() },
        }
    }
}

impl ReconcileReport {
    /// Reports how it went.
    pub fn of(reconciled: &Reconciled) -> ReconcileReport {
        let (status, to, detail) = match (&reconciled.end, reconciled.aim) {
            (End::UpToDate, _) => ("up_to_date", None, None),
            (End::Merged { commit }, Aim::Move) => ("moved", Some(commit.clone()), None),
            (End::Merged { .. }, Aim::Look) => ("would_move", None, None),
            (End::Conflicts(_), _) => ("conflicts", None, None),
            (End::Findings, _) => ("findings", None, None),
            (End::VerifyFailed, _) => ("verify_failed", None, None),
            (End::Refused { why }, _) => ("refused", None, Some(why.clone())),
        };
        let conflicts = match &reconciled.end {
            End::Conflicts(files) => files.iter().take(MAX_SHOWN).map(conflicted).collect(),
            _ => Vec::new(),
        };
        let findings = reconciled.judged.iter().flat_map(|judged| &judged.findings);
        ReconcileReport {
            status,
            branch: reconciled.branch.to_string(),
            with: reconciled.with.to_string(),
            commits: [reconciled.ours.clone(), reconciled.theirs.clone()],
            to,
            intents: IntentsView {
                mine: reconciled.my_task.as_deref().map(one_line),
                theirs: reconciled.their_task.as_deref().map(one_line),
            },
            conflicts,
            findings: findings.take(MAX_SHOWN).map(FindingReport::of).collect(),
            verify: reconciled.tried.as_ref().map(VerifyView::of),
            worktree: reconciled.worktree.as_ref().map(|dir| dir.display().to_string()),
            detail,
            next: next(reconciled),
        }
    }

    /// Returns how the program ends.
    pub fn exit(&self) -> Exit {
        match self.status {
            "up_to_date" | "moved" | "would_move" => Exit::Yes,
            _ => Exit::No,
        }
    }
}

fn conflicted(file: &Conflicted) -> ConflictedView {
    let hunk = |hunk: &Hunk| HunkView {
        line: hunk.line,
        mine: hunk.ours.iter().map(|line| escape(line)).collect(),
        theirs: hunk.theirs.iter().map(|line| escape(line)).collect(),
    };
    ConflictedView {
        path: one_line(&file.path),
        mine: file.mine.iter().map(|subject| one_line(subject)).collect(),
        theirs: file.theirs.iter().map(|subject| one_line(subject)).collect(),
        symbols: file.symbols.clone(),
        hunks: file.hunks.iter().take(MAX_SHOWN).map(hunk).collect(),
    }
}

fn next(reconciled: &Reconciled) -> String {
    let branch = &reconciled.branch;
    match (&reconciled.end, &reconciled.worktree) {
        (End::UpToDate, _) => "nothing to do".to_owned(),
        (End::Merged { .. }, _) if reconciled.aim == Aim::Look => "run it again without --dry-run".to_owned(),
        (End::Merged { .. }, _) => format!("git push {} {branch}", "origin"),
        (End::Refused { .. }, _) => "commit what you have changed, then run it again".to_owned(),
        (_, Some(dir)) => format!(
            "resolve it in {}, commit there, then `git merge --ff-only` that commit into {branch}",
            dir.display()
        ),
        (_, None) => "run it again without --dry-run to get a work tree in which to resolve it".to_owned(),
    }
}
