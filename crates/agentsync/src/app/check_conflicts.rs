//! Compares one's own work with the peers': what was declared, what a merge of the branches would do, and what no
//! merge can see.

use std::collections::BTreeMap;

use agentsync_core::decide::{Comparison, compare, find_own};
use agentsync_core::{AgentId, Board, BranchName, Claim, ClaimKey, Entry, Lane};

use super::check_all::{self, All, Scope};
use super::check_pairs::{Judged, check_once};
use super::ctx::Ctx;
use super::failure::{Failure, UsageError};
use super::ports::{BranchTip, Freshness, Pairs, Uncommitted, Work, WorkError};

/// What to compare.
#[derive(Debug, Clone)]
pub struct CheckRequest {
    /// Only with this branch; `None` for every branch that a peer's claim names.
    pub against: Option<BranchName>,
    /// Which claim of mine.
    pub lane: Option<Lane>,
    /// Whether my uncommitted changes take part.
    pub uncommitted: Uncommitted,
    /// Whether every pair of active branches is compared as well.
    pub scope: Scope,
}

/// What was compared, and how it came out.
#[derive(Debug, Clone)]
pub struct Check {
    /// My branch: the claim's, else the one that is checked out.
    pub my_branch: Option<BranchName>,
    /// What I really have of it.
    pub my_tip: Option<BranchTip>,
    /// Under which key my claim stands, if I hold one.
    pub my_key: Option<ClaimKey>,
    /// The comparisons, by partner and branch.
    pub results: Vec<Compared>,
    /// The comparisons of all active branches, where they were asked for.
    pub all: Option<All>,
}

/// One comparison.
#[derive(Debug, Clone)]
pub struct Compared {
    /// Whose claim it is with; `None` for a branch that no claim names.
    pub partner: Option<ClaimKey>,
    /// The branch; `None` when the claim names none.
    pub their_branch: Option<String>,
    /// Whether the claim is active.
    pub is_active: bool,
    /// What the claims say; `None` when one of the two is missing.
    pub overlap: Option<Comparison>,
    /// What the trial merge said.
    pub merge: Merge,
    /// What does not fit together, the surest first; `None` when it was not judged.
    pub judged: Option<Judged>,
}

/// What a trial merge found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TrialMerge {
    /// It merges without a textual conflict.
    Clean,
    /// It does not, in these files.
    Conflicts {
        /// Repository-relative paths, sorted.
        files: Vec<String>,
    },
    /// It could not be tried.
    Unknown {
        /// Why.
        why: String,
    },
}

/// What came of a trial merge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Merge {
    /// It was tried on these commits.
    Tried {
        /// Mine.
        ours: String,
        /// Theirs.
        theirs: String,
        /// How it went.
        outcome: TrialMerge,
    },
    /// Their branch is not at the remote.
    NotPushed,
    /// Their claim names no branch.
    NoBranch,
    /// It could not be tried.
    Unknown {
        /// Why.
        why: String,
    },
}

/// Compares what I really have with what my peers have pushed and declared.
pub fn check_conflicts(ctx: &Ctx<'_>, request: &CheckRequest) -> Result<Check, Failure> {
    let board = ctx.store.read(Freshness::Now)?.board;
    let mine = find_own(&board, &ctx.me.agent, request.lane.as_ref());
    if mine.is_none() && request.lane.is_some() {
        return Err(no_such_lane(ctx, &board));
    }
    let my_branch = match mine.and_then(|(_, claim)| claim.branch.as_deref()) {
        Some(branch) => BranchName::parse(branch).ok(),
        None => ctx.work.current_branch().unwrap_or_default(),
    };
    let targets = targets(&ctx.me.agent, &board, request, my_branch.as_ref());
    let is_all = request.scope == Scope::All;
    let roster = is_all.then(|| check_all::roster(ctx, &board, my_branch.as_ref()));
    let others = roster.iter().flat_map(check_all::Roster::names);
    let fetched = fetch(ctx.work, my_branch.as_ref(), &targets, others);
    let my_tip = my_branch.as_ref().map(|branch| ctx.work.own_tip(branch, request.uncommitted)).transpose();
    let (my_tip, ours) = my_side(fetched.as_ref().err(), my_tip);
    let pairs = ctx.pairs.open();
    let compared = compare_with(ctx.work, &pairs, ours.as_deref(), &targets);
    let my_claim = mine.map(|(_, claim)| claim);
    let results = targets.iter().zip(compared).map(|(target, found)| result(my_claim, target, found));
    let results = results.filter(|found| !is_over(found, request)).collect();
    let all = match roster {
        None => None,
        Some(roster) => {
            fetched?;
            let pairs = pairs.as_deref().map_err(WorkError::clone)?;
            Some(check_all::compare_all(ctx, pairs, &roster, my_branch.as_ref().zip(my_tip.as_ref())))
        }
    };
    if let Ok(pairs) = &pairs {
        pairs.keep();
    }
    Ok(Check { my_branch, my_tip, my_key: mine.map(|(key, _)| key.clone()), results, all })
}

fn result(mine: Option<&Claim>, target: &Target<'_>, found: (Merge, Option<Judged>)) -> Compared {
    Compared {
        partner: target.partner.map(|(key, _)| key.clone()),
        their_branch: target.branch.clone(),
        is_active: target.partner.is_some_and(|(_, entry)| entry.is_active()),
        overlap: declared(mine, target),
        merge: found.0,
        judged: found.1,
    }
}

/// Says what stands for my side, or why nothing does.
fn my_side(
    unfetched: Option<&WorkError>,
    my_tip: Result<Option<BranchTip>, WorkError>,
) -> (Option<BranchTip>, Result<String, String>) {
    match (unfetched, my_tip) {
        (Some(err), _) => (None, Err(err.to_string())),
        (None, Err(err)) => (None, Err(err.to_string())),
        (None, Ok(None)) => (None, Err("HEAD is detached and no claim of yours names a branch".to_owned())),
        (None, Ok(Some(BranchTip::NotPushed))) => {
            (Some(BranchTip::NotPushed), Err("your branch has no commit yet".to_owned()))
        }
        (None, Ok(Some(BranchTip::At { commit, source }))) => {
            (Some(BranchTip::At { commit: commit.clone(), source }), Ok(commit))
        }
    }
}

/// Something to compare with.
struct Target<'a> {
    partner: Option<(&'a ClaimKey, &'a Entry)>,
    branch: Option<String>,
}

/// Picks what to compare with: every claim of a peer, or the claims that name the branch asked for.
fn targets<'a>(
    me: &'a AgentId,
    board: &'a Board,
    request: &CheckRequest,
    my_branch: Option<&BranchName>,
) -> Vec<Target<'a>> {
    let of_entry = |(key, entry): (&'a ClaimKey, &'a Entry)| {
        let branch = entry.as_claim().and_then(|claim| claim.branch.clone());
        Target { partner: Some((key, entry)), branch }
    };
    let peers = board.peers_of(me).map(of_entry);
    let Some(against) = request.against.as_ref().map(BranchName::as_str) else {
        // A finished claim whose branch is mine, or that has none, leaves nothing to compare.
        let is_work = |target: &Target<'_>| {
            let is_active = target.partner.is_some_and(|(_, entry)| entry.is_active());
            let mine = my_branch.map(BranchName::as_str);
            is_active || (target.branch.is_some() && target.branch.as_deref() != mine)
        };
        return peers.filter(is_work).collect();
    };
    let mut found: Vec<_> = peers.filter(|target| target.branch.as_deref() == Some(against)).collect();
    if found.is_empty() {
        found.push(Target { partner: None, branch: Some(against.to_owned()) });
    }
    found
}

/// Brings what takes part here. Without it nothing can be said of merges, but of claims it can.
fn fetch(
    work: &dyn Work,
    my_branch: Option<&BranchName>,
    targets: &[Target<'_>],
    others: impl Iterator<Item = BranchName>,
) -> Result<(), WorkError> {
    let theirs = targets.iter().filter_map(|target| BranchName::parse(target.branch.as_deref()?).ok());
    let mut branches: Vec<_> = theirs.chain(my_branch.cloned()).chain(others).collect();
    branches.sort();
    branches.dedup();
    work.refresh(&branches)
}

/// Merges my side with each of the others, and judges what comes of it.
fn compare_with(
    work: &dyn Work,
    pairs: &Result<Box<dyn Pairs>, WorkError>,
    ours: Result<&str, &String>,
    targets: &[Target<'_>],
) -> Vec<(Merge, Option<Judged>)> {
    let theirs: Vec<Result<String, Merge>> = targets.iter().map(|target| their_side(work, target)).collect();
    if let (Ok(ours), Ok(pairs)) = (ours, pairs) {
        let with = |theirs: &String| (ours.to_owned(), theirs.clone());
        let asked: Vec<_> = theirs.iter().flatten().map(with).collect();
        check_all::announce(&**pairs, &asked);
    }
    theirs.into_iter().map(|theirs| compare_one(pairs, ours, theirs)).collect()
}

fn compare_one(
    pairs: &Result<Box<dyn Pairs>, WorkError>,
    ours: Result<&str, &String>,
    theirs: Result<String, Merge>,
) -> (Merge, Option<Judged>) {
    let unknown = |why: String| (Merge::Unknown { why }, None);
    let theirs = match theirs {
        Ok(theirs) => theirs,
        Err(merge) => return (merge, None),
    };
    let (ours, pairs) = match (ours, pairs) {
        (Ok(ours), Ok(pairs)) => (ours.to_owned(), pairs),
        (Err(why), _) => return unknown(why.clone()),
        (_, Err(err)) => return unknown(err.to_string()),
    };
    let (outcome, judged) = match check_once(&**pairs, &ours, &theirs) {
        Err(err) => (TrialMerge::Unknown { why: err.to_string() }, None),
        Ok((judged, _)) if judged.conflicts.is_empty() => (TrialMerge::Clean, Some(judged)),
        Ok((judged, _)) => (TrialMerge::Conflicts { files: judged.conflicts.clone() }, Some(judged)),
    };
    (Merge::Tried { ours, theirs, outcome }, judged)
}

/// Returns the commit that stands for a peer's side, or why none does.
fn their_side(work: &dyn Work, target: &Target<'_>) -> Result<String, Merge> {
    let unknown = |why: &str| Merge::Unknown { why: why.to_owned() };
    let branch = target.branch.as_deref().ok_or(Merge::NoBranch)?;
    let branch =
        BranchName::parse(branch).map_err(|_| unknown("the claim names a branch that git would refuse"))?;
    match work.remote_tip(&branch) {
        Ok(BranchTip::At { commit, .. }) => Ok(commit),
        Ok(BranchTip::NotPushed) => Err(Merge::NotPushed),
        Err(err) => Err(unknown(&err.to_string())),
    }
}

/// Compares the claims, where there are two. A finished claim holds nothing.
fn declared(mine: Option<&Claim>, target: &Target<'_>) -> Option<Comparison> {
    let (_, entry) = target.partner?;
    if !entry.is_active() {
        return Some(Comparison::default());
    }
    Some(compare(mine?, entry))
}

/// Tells whether a finished claim's branch is gone or already in mine: that is the past.
fn is_over(found: &Compared, request: &CheckRequest) -> bool {
    let is_alarm = found.judged.as_ref().is_some_and(Judged::is_alarm);
    !found.is_active && found.partner.is_some() && !is_alarm && request.against.is_none()
}

fn no_such_lane(ctx: &Ctx<'_>, board: &Board) -> Failure {
    let held: BTreeMap<_, _> = board.claims_of(&ctx.me.agent).collect();
    let held: Vec<_> = held.keys().map(|key| key.as_str()).collect();
    let held = if held.is_empty() {
        "you hold no claim".to_owned()
    } else {
        format!("you hold {}", held.join(", "))
    };
    UsageError::Other {
        what: format!("there is no claim of yours in that lane: {held}"),
        fix: "survey()".to_owned(),
    }
    .into()
}
