//! What `check_conflicts` answers of every pair of active branches.

use agentsync_core::semantic::Tier;
use serde::Serialize;

use super::Exit;
use super::check_pairs::FindingReport;
use super::claim_view::{name, path};
use super::survey::Detail;
use crate::app::check_all::{Active, All, Pairing};
use crate::app::check_pairs::Judged;

/// How many pairs a brief answer shows.
const BRIEF_PAIRS: usize = 10;
/// How many findings of one pair a brief answer shows.
const BRIEF_FINDINGS: usize = 2;
/// How many files of one pair are shown.
const MAX_FILES: usize = 10;

/// Every pair of active branches.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AllView {
    /// How many branches take part.
    pub n_branches: usize,
    /// The branches, in a full answer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub branches: Vec<ActiveView>,
    /// How many pairs were compared.
    pub n_pairs: usize,
    /// How many of them were known from before, since neither side has moved.
    pub n_known: usize,
    /// How many merge without a conflict and without a finding of the first two tiers.
    pub n_clear: usize,
    /// The others, the surest first.
    pub pairs: Vec<PairView>,
    /// How many of those are not shown; `detail="full"` shows them.
    #[serde(skip_serializing_if = "is_zero")]
    pub n_more: usize,
    /// How many pairs there was no time for; the next call goes on with them.
    #[serde(skip_serializing_if = "is_zero")]
    pub n_unfinished: usize,
    /// Branches that claims name and that are not at the remote.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_pushed: Vec<String>,
    /// How many active branches are beyond the bound.
    #[serde(skip_serializing_if = "is_zero")]
    pub n_branches_left_out: usize,
}

/// One branch that takes part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ActiveView {
    /// Its name.
    pub branch: String,
    /// Whose claim names it; absent for a branch that nobody claimed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partner: Option<String>,
    /// The commit that was compared.
    pub commit: String,
}

/// Two branches that do not go together, or of which that is not known.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PairView {
    /// The left one.
    pub left: String,
    /// The right one.
    pub right: String,
    /// true, false or `unknown`.
    pub conflict: serde_json::Value,
    /// The files whose text conflicts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<String>,
    /// How many there are in all, when not all are shown.
    #[serde(skip_serializing_if = "is_zero")]
    pub n_files: usize,
    /// What does not fit together although the text may merge, the surest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub semantic: Vec<FindingReport>,
    /// How many findings there are in all, when not all are shown.
    #[serde(skip_serializing_if = "is_zero")]
    pub n_semantic: usize,
    /// Why nothing can be said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
fn is_zero(n: &usize) -> bool {
    *n == 0
}

impl AllView {
    /// Reports what was found among all branches.
    pub fn of(all: &All, detail: Detail) -> AllView {
        let is_full = detail == Detail::Full;
        let mut told: Vec<&Pairing> = all.pairs.iter().filter(|pair| rank(pair) < Rank::Clear).collect();
        told.sort_by_key(|pair| rank(pair));
        let most = if is_full { usize::MAX } else { BRIEF_PAIRS };
        let branches = if is_full { all.branches.iter().map(active).collect() } else { Vec::new() };
        AllView {
            n_branches: all.branches.len(),
            branches,
            n_pairs: all.pairs.len(),
            n_known: all.n_known,
            n_clear: all.pairs.len().saturating_sub(told.len()),
            n_more: told.len().saturating_sub(most),
            pairs: told.into_iter().take(most).map(|pair| view(all, pair, detail)).collect(),
            n_unfinished: all.n_unfinished,
            not_pushed: all.absent.iter().map(|branch| name(branch)).collect(),
            n_branches_left_out: all.n_left_out,
        }
    }

    /// Returns how the program ends on account of them.
    pub fn exit(all: &All) -> Exit {
        let worst = all.pairs.iter().map(rank).min();
        match worst {
            Some(Rank::Conflict | Rank::Finding) => Exit::No,
            Some(Rank::Unknown) => Exit::TryAgain,
            _ if all.n_unfinished > 0 => Exit::TryAgain,
            _ => Exit::Yes,
        }
    }
}

/// How much a pair matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Conflict,
    Finding,
    Unknown,
    Warning,
    Clear,
}

fn rank(pair: &Pairing) -> Rank {
    match &pair.judged {
        Err(_) => Rank::Unknown,
        Ok(judged) if !judged.conflicts.is_empty() => Rank::Conflict,
        Ok(judged) if judged.n_of(Tier::High) > 0 => Rank::Finding,
        Ok(judged) if judged.n_of(Tier::Medium) > 0 => Rank::Warning,
        Ok(_) => Rank::Clear,
    }
}

fn active(branch: &Active) -> ActiveView {
    ActiveView {
        branch: name(&branch.branch),
        partner: branch.owner.as_ref().map(|key| name(key.as_str())),
        commit: branch.commit.clone(),
    }
}

fn view(all: &All, pair: &Pairing, detail: Detail) -> PairView {
    let named = |at: usize| all.branches.get(at).map_or_else(String::new, |branch| name(&branch.branch));
    let view = PairView {
        left: named(pair.left),
        right: named(pair.right),
        conflict: "unknown".into(),
        files: Vec::new(),
        n_files: 0,
        semantic: Vec::new(),
        n_semantic: 0,
        note: None,
    };
    match &pair.judged {
        Err(err) => PairView { note: Some(name(&err.to_string())), ..view },
        Ok(judged) => {
            let n_files = judged.conflicts.len();
            let (semantic, n_semantic) = findings(judged, BRIEF_FINDINGS, detail);
            PairView {
                conflict: (n_files > 0).into(),
                files: judged.conflicts.iter().take(MAX_FILES).map(|file| path(file)).collect(),
                n_files: if n_files > MAX_FILES { n_files } else { 0 },
                semantic,
                n_semantic,
                ..view
            }
        }
    }
}

/// Shows findings: in a brief answer `most` of the first two tiers, in a full one all. Returns how many there are
/// as well, when some are not shown.
pub fn findings(judged: &Judged, most: usize, detail: Detail) -> (Vec<FindingReport>, usize) {
    let is_full = detail == Detail::Full;
    let told = judged.findings.iter().filter(|shown| is_full || shown.finding.tier != Tier::Info);
    let n_told = told.clone().count();
    let most = if is_full { usize::MAX } else { most };
    (told.take(most).map(FindingReport::shown).collect(), if n_told > most { n_told } else { 0 })
}
