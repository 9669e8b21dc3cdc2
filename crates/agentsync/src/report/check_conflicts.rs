//! What `check_conflicts` answers.

use agentsync_core::ReasonKind;
use agentsync_core::decide::Comparison;
use agentsync_core::semantic::Tier;
use schemars::JsonSchema;
use serde::Serialize;

use super::Exit;
use super::check_all::{AllView, findings};
use super::check_pairs::FindingReport;
use super::claim::ReasonView;
use super::claim_view::{name, path};
use super::reconcile::VerifyView;
use super::survey::Detail;
use crate::app::check_conflicts::{Check, Compared, Merge, TrialMerge};
use crate::app::ports::{BranchTip, Ran};
use crate::app::verify_merged::Verified;

/// How many files of one comparison are shown.
const MAX_FILES: usize = 20;
/// How many comparisons without a finding are shown.
const MAX_CLEAR: usize = 20;
/// How many findings of one comparison a brief answer shows.
const BRIEF_FINDINGS: usize = 3;

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
    /// Every pair of active branches, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "serde_json::Value")]
    pub all: Option<AllView>,
    /// How your own command went on what the merges would give. Over MCP it is never run.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(skip)]
    pub verified: Vec<VerifiedView>,
    /// The best next call.
    pub next: String,
    #[serde(skip)]
    exit: Exit,
}

/// How a command went on one merged tree.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct VerifiedView {
    /// The branch that yours was merged with.
    pub with: String,
    /// Whose claim names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partner: Option<String>,
    /// How it went.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verify: Option<VerifyView>,
    /// Why it was not run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
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
    /// What does not fit together although the text merges, the surest first: rule, tier, name, left (you), right
    /// (them), message. Absent when it could not be judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Vec<serde_json::Map<String, serde_json::Value>>")]
    pub semantic: Option<Vec<FindingReport>>,
    /// How many findings in all, when not all are shown.
    #[serde(skip_serializing_if = "is_zero")]
    pub n_semantic: usize,
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
    pub fn of(check: &Check, detail: Detail) -> CheckReport {
        let (clear, found): (Vec<_>, Vec<_>) = check.results.iter().partition(|one| is_clear(one));
        let clear_left_out = clear.len().saturating_sub(MAX_CLEAR);
        let has_claim = check.my_key.is_some();
        // What was found comes first; within both, the order is the board's.
        let shown = found.iter().copied().chain(clear.into_iter().take(MAX_CLEAR));
        CheckReport {
            my_branch: check.my_branch.as_ref().map(ToString::to_string),
            my_tip: check.my_tip.as_ref().and_then(tip),
            results: shown.map(|one| result(one, has_claim, detail)).collect(),
            clear_left_out,
            verified: Vec::new(),
            next: next(check),
            exit: worse(exit(&found), check.all.as_ref().map_or(Exit::Yes, AllView::exit)),
            all: check.all.as_ref().map(|all| AllView::of(all, detail)),
        }
    }

    /// Adds how the user's command went.
    #[must_use]
    pub fn with_verified(mut self, verified: &[Verified]) -> CheckReport {
        let is_bad = |one: &Verified| matches!(&one.outcome, Ok(tried) if tried.ran != Ran::Passed);
        if let Some(bad) = verified.iter().find(|one| is_bad(one)) {
            self.exit = Exit::No;
            self.next =
                format!("read the log: your command did not succeed on the merge with {}", name(&bad.with));
        } else if verified.iter().any(|one| one.outcome.is_err()) {
            self.exit = worse(self.exit, Exit::TryAgain);
        }
        let view = |one: &Verified| VerifiedView {
            with: name(&one.with),
            partner: one.partner.as_ref().map(|key| name(key.as_str())),
            verify: one.outcome.as_ref().ok().map(VerifyView::of),
            note: one.outcome.as_ref().err().map(|why| name(why)),
        };
        self.verified = verified.iter().map(view).collect();
        self
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

fn has_finding(one: &Compared) -> bool {
    one.judged.as_ref().is_some_and(|judged| judged.n_of(Tier::High) > 0)
}

fn has_warning(one: &Compared) -> bool {
    one.judged.as_ref().is_some_and(|judged| judged.n_of(Tier::Medium) > 0)
}

fn is_untried(one: &Compared) -> bool {
    matches!(&one.merge, Merge::Unknown { .. } | Merge::Tried { outcome: TrialMerge::Unknown { .. }, .. })
}

fn is_clear(one: &Compared) -> bool {
    let is_merged = matches!(&one.merge, Merge::Tried { outcome: TrialMerge::Clean, .. });
    is_merged && one.overlap.is_some() && !has_overlap(one) && !has_finding(one) && !has_warning(one)
}

fn exit(found: &[&Compared]) -> Exit {
    let has_finding =
        found.iter().any(|one| has_textual_conflict(one) || has_overlap(one) || has_finding(one));
    match (has_finding, found.iter().any(|one| is_untried(one))) {
        (true, _) => Exit::No,
        (false, true) => Exit::TryAgain,
        (false, false) => Exit::Yes,
    }
}

/// A no outweighs what is not known, and that outweighs a yes.
fn worse(one: Exit, other: Exit) -> Exit {
    match (one, other) {
        (Exit::No, _) | (_, Exit::No) => Exit::No,
        (Exit::Yes, other) => other,
        (one, _) => one,
    }
}

fn next(check: &Check) -> String {
    let name =
        |one: &Compared| one.partner.as_ref().map_or_else(|| "its owner".to_owned(), |key| name(key.agent()));
    let conflict = check.results.iter().find(|one| has_textual_conflict(one));
    let overlap = check.results.iter().find(|one| has_overlap(one));
    let finding = check.results.iter().find(|one| has_finding(one));
    let untried = check.results.iter().any(is_untried);
    match (conflict.or(overlap), finding) {
        (None, Some(one)) => {
            format!("read `semantic`, agree with {} who adapts what (mailbox), and check again", name(one))
        }
        (Some(one), _) if has_textual_conflict(one) => format!(
            "agree with {} who lands first (mailbox), then merge that branch into yours and check again",
            name(one)
        ),
        (Some(one), _) => {
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

fn result(one: &Compared, has_claim: bool, detail: Detail) -> ResultView {
    let overlap = one.overlap.as_ref();
    let semantic = one.judged.as_ref().map(|judged| findings(judged, BRIEF_FINDINGS, detail));
    let they_depend = overlap.map(|overlap| overlap.they_depend_on_yours.as_slice()).unwrap_or_default();
    ResultView {
        partner: one.partner.as_ref().map(|key| name(key.as_str())),
        their_branch: one.their_branch.as_deref().map(name),
        claim_overlap: overlap_view(one, has_claim),
        reasons: overlap.into_iter().flat_map(|overlap| overlap.reasons.iter().map(ReasonView::of)).collect(),
        they_depend_on_yours: they_depend.iter().map(|text| path(text)).collect(),
        merge_conflict: merge_view(&one.merge),
        n_semantic: semantic.as_ref().map_or(0, |(_, n_more)| *n_more),
        semantic: semantic.map(|(shown, _)| shown),
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
