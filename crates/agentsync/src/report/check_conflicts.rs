//! What `check_conflicts` answers.

use agentsync_core::ReasonKind;
use agentsync_core::decide::Comparison;
use schemars::JsonSchema;
use serde::Serialize;

use super::Exit;
use super::claim::ReasonView;
use super::claim_view::{name, path};
use crate::app::check_conflicts::{Check, Compared, Merge};
use crate::app::ports::{BranchTip, TrialMerge};

/// How many files of one comparison are shown.
const MAX_FILES: usize = 20;
/// How many comparisons without a finding are shown.
const MAX_CLEAR: usize = 20;

/// How one's own work compares with the peers'.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct CheckReport {
    /// My branch; null when none is known.
    #[schemars(with = "serde_json::Value")]
    pub my_branch: Option<String>,
    /// The commit that stands for my side, and where it is from.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "TipView")]
    pub my_tip: Option<TipView>,
    /// The comparisons, by partner.
    pub results: Vec<ResultView>,
    /// How many comparisons without a finding are not shown.
    #[serde(skip_serializing_if = "is_zero")]
    pub clear_left_out: usize,
    /// The best next call.
    pub next: String,
    #[serde(skip)]
    exit: Exit,
}

/// The commit that stands for a side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TipView {
    /// Its full id.
    pub commit: String,
    /// `remote`, `local` (this clone is ahead) or `worktree` (with your uncommitted changes).
    pub source: String,
}

/// One comparison. The partner's words are the partner's.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ResultView {
    /// Whose claim; null for a branch that no claim names.
    #[schemars(with = "serde_json::Value")]
    pub partner: Option<String>,
    /// The branch; null when the claim names none.
    #[schemars(with = "serde_json::Value")]
    pub their_branch: Option<String>,
    /// The declared paths that meet, or why that is not known.
    pub claim_overlap: OverlapView,
    /// Why the claims meet, in detail.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<ReasonView>,
    /// What they rely on and you change.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub they_depend_on_yours: Vec<String>,
    /// What a merge of the two branches would do.
    pub merge_conflict: MergeView,
}

/// The declared paths that meet, or why that is not known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum OverlapView {
    /// The paths that both claims touch; none is clear.
    Known(Vec<String>),
    /// It cannot be said.
    Unknown(UnknownView),
}

/// Why something is not known, and what would change that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct UnknownView {
    /// `unknown`.
    pub status: &'static str,
    /// Why.
    pub reason: String,
    /// What to do.
    pub fix: String,
}

/// What a merge of two branches would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct MergeView {
    /// true, false, `branch_not_pushed` or `unknown`.
    pub conflict: serde_json::Value,
    /// The files in conflict.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Vec<String>")]
    pub files: Option<Vec<String>>,
    /// How many there are in all, when not all are shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u64")]
    pub n_files: Option<usize>,
    /// The commits that were compared: mine, theirs.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Vec<String>")]
    pub compared: Option<[String; 2]>,
    /// Why nothing could be tried.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub note: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
fn is_zero(n: &usize) -> bool {
    *n == 0
}

impl CheckReport {
    /// Reports a check.
    pub fn of(check: &Check) -> CheckReport {
        let (clear, found): (Vec<_>, Vec<_>) = check.results.iter().partition(|one| is_clear(one));
        let clear_left_out = clear.len().saturating_sub(MAX_CLEAR);
        let has_claim = check.my_key.is_some();
        // What was found comes first; within both, the order is the board's.
        let shown = found.iter().copied().chain(clear.into_iter().take(MAX_CLEAR));
        CheckReport {
            my_branch: check.my_branch.as_ref().map(ToString::to_string),
            my_tip: check.my_tip.as_ref().and_then(tip),
            results: shown.map(|one| result(one, has_claim)).collect(),
            clear_left_out,
            next: next(check),
            exit: exit(&found),
        }
    }

    /// Returns how the program ends: 1 for a finding, 3 for a merge that could not be tried.
    pub fn exit(&self) -> Exit {
        self.exit
    }
}

fn tip(tip: &BranchTip) -> Option<TipView> {
    match tip {
        BranchTip::At { commit, source } => {
            Some(TipView { commit: commit.clone(), source: source.as_str().to_owned() })
        }
        BranchTip::NotPushed => None,
    }
}

fn has_textual_conflict(one: &Compared) -> bool {
    matches!(&one.merge, Merge::Tried { outcome: TrialMerge::Conflicts { .. }, .. })
}

fn has_overlap(one: &Compared) -> bool {
    one.overlap.as_ref().is_some_and(|overlap| !overlap.reasons.is_empty())
}

fn is_untried(one: &Compared) -> bool {
    matches!(&one.merge, Merge::Unknown { .. } | Merge::Tried { outcome: TrialMerge::Unknown { .. }, .. })
}

fn is_clear(one: &Compared) -> bool {
    let is_merged = matches!(&one.merge, Merge::Tried { outcome: TrialMerge::Clean, .. });
    is_merged && one.overlap.is_some() && !has_overlap(one)
}

fn exit(found: &[&Compared]) -> Exit {
    let has_finding = found.iter().any(|one| has_textual_conflict(one) || has_overlap(one));
    match (has_finding, found.iter().any(|one| is_untried(one))) {
        (true, _) => Exit::No,
        (false, true) => Exit::TryAgain,
        (false, false) => Exit::Yes,
    }
}

fn next(check: &Check) -> String {
    let name =
        |one: &Compared| one.partner.as_ref().map_or_else(|| "its owner".to_owned(), |key| name(key.agent()));
    let conflict = check.results.iter().find(|one| has_textual_conflict(one));
    let overlap = check.results.iter().find(|one| has_overlap(one));
    let untried = check.results.iter().any(is_untried);
    match (conflict, overlap) {
        (Some(one), _) => format!(
            "agree with {} who lands first (mailbox), then merge that branch into yours and check again",
            name(one)
        ),
        (None, Some(one)) => {
            format!(
                "narrow your claim with claim(…), or agree with {} on who changes what (mailbox)",
                name(one)
            )
        }
        (None, None) if untried => "read the notes: not every merge could be tried".to_owned(),
        (None, None) if check.my_key.is_none() => {
            "claim(task, touches), so that overlaps can be seen".to_owned()
        }
        (None, None) => "push your branch, then finish()".to_owned(),
    }
}

fn result(one: &Compared, has_claim: bool) -> ResultView {
    let overlap = one.overlap.as_ref();
    let they_depend = overlap.map(|overlap| overlap.they_depend_on_yours.as_slice()).unwrap_or_default();
    ResultView {
        partner: one.partner.as_ref().map(|key| name(key.as_str())),
        their_branch: one.their_branch.as_deref().map(name),
        claim_overlap: overlap_view(one, has_claim),
        reasons: overlap.into_iter().flat_map(|overlap| overlap.reasons.iter().map(ReasonView::of)).collect(),
        they_depend_on_yours: they_depend.iter().map(|text| path(text)).collect(),
        merge_conflict: merge_view(&one.merge),
    }
}

fn overlap_view(one: &Compared, has_claim: bool) -> OverlapView {
    let branch = name(one.their_branch.as_deref().unwrap_or_default());
    let unknown =
        |reason: String, fix: String| OverlapView::Unknown(UnknownView { status: "unknown", reason, fix });
    match (&one.overlap, has_claim) {
        (Some(overlap), _) => OverlapView::Known(shared_files(overlap)),
        (None, false) => unknown(
            "you hold no claim, so what you touch is not declared".to_owned(),
            "claim(task, touches)".to_owned(),
        ),
        (None, true) => unknown(
            format!("no claim on this board names `{branch}`, so what it touches is not declared"),
            format!("ask whoever works on it to claim(…, branch=\"{branch}\")"),
        ),
    }
}

fn shared_files(overlap: &Comparison) -> Vec<String> {
    let shared = overlap.reasons.iter().filter(|reason| reason.kind == ReasonKind::SharedFiles);
    shared.flat_map(|reason| reason.files.iter().map(|file| path(file))).take(MAX_FILES).collect()
}

fn merge_view(merge: &Merge) -> MergeView {
    let plain = |conflict: serde_json::Value, note: Option<&str>| MergeView {
        conflict,
        files: None,
        n_files: None,
        compared: None,
        note: note.map(str::to_owned),
    };
    match merge {
        Merge::NotPushed => plain(
            "branch_not_pushed".into(),
            Some("the branch is not at the remote: there is nothing to merge"),
        ),
        Merge::NoBranch => plain("unknown".into(), Some("the claim names no branch")),
        Merge::Unknown { why } => plain("unknown".into(), Some(why)),
        Merge::Tried { ours, theirs, outcome } => {
            let compared = Some([ours.clone(), theirs.clone()]);
            match outcome {
                TrialMerge::Clean => {
                    MergeView { compared, files: Some(Vec::new()), ..plain(false.into(), None) }
                }
                TrialMerge::Conflicts { files } => MergeView {
                    compared,
                    files: Some(files.iter().take(MAX_FILES).map(|file| path(file)).collect()),
                    n_files: (files.len() > MAX_FILES).then_some(files.len()),
                    ..plain(true.into(), None)
                },
                TrialMerge::Unknown { why } => MergeView { compared, ..plain("unknown".into(), Some(why)) },
            }
        }
    }
}
