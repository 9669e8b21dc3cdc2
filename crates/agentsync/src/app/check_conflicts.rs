//! Compares one's own work with the peers': what was declared, and what a merge of the branches would do.

use std::collections::BTreeMap;

use agentsync_core::decide::{Comparison, compare, find_own};
use agentsync_core::{AgentId, Board, BranchName, Claim, ClaimKey, Entry, Lane};

use super::ctx::Ctx;
use super::failure::{Failure, UsageError};
use super::ports::{BranchTip, Freshness, TrialMerge, Uncommitted, Work};

/// How many trial merges run at once.
const AT_ONCE: usize = 4;

/// What to compare.
#[derive(Debug, Clone)]
pub struct CheckRequest {
    /// Only with this branch; `None` for every branch that a peer's claim names.
    pub against: Option<BranchName>,
    /// Which claim of mine.
    pub lane: Option<Lane>,
    /// Whether my uncommitted changes take part.
    pub uncommitted: Uncommitted,
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
    let fetched = fetch(ctx.work, my_branch.as_ref(), &targets);
    let my_tip = my_branch.as_ref().map(|branch| ctx.work.own_tip(branch, request.uncommitted)).transpose();
    let (my_tip, ours) = match (fetched, my_tip) {
        (Err(why), _) => (None, Err(why)),
        (Ok(()), Err(err)) => (None, Err(err.to_string())),
        (Ok(()), Ok(None)) => (None, Err("HEAD is detached and no claim of yours names a branch".to_owned())),
        (Ok(()), Ok(Some(BranchTip::NotPushed))) => {
            (Some(BranchTip::NotPushed), Err("your branch has no commit yet".to_owned()))
        }
        (Ok(()), Ok(Some(BranchTip::At { commit, source }))) => {
            (Some(BranchTip::At { commit: commit.clone(), source }), Ok(commit))
        }
    };
    let merges = side_by_side(&targets, |target| trial(ctx.work, ours.as_deref(), target));
    let compared = targets.iter().zip(merges).map(|(target, merge)| Compared {
        partner: target.partner.map(|(key, _)| key.clone()),
        their_branch: target.branch.clone(),
        is_active: target.partner.is_some_and(|(_, entry)| entry.is_active()),
        overlap: declared(mine.map(|(_, claim)| claim), target),
        merge,
    });
    let results = compared.filter(|found| !is_over(found, request)).collect();
    Ok(Check { my_branch, my_tip, my_key: mine.map(|(key, _)| key.clone()), results })
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
fn fetch(work: &dyn Work, my_branch: Option<&BranchName>, targets: &[Target<'_>]) -> Result<(), String> {
    let theirs = targets.iter().filter_map(|target| BranchName::parse(target.branch.as_deref()?).ok());
    let mut branches: Vec<_> = theirs.chain(my_branch.cloned()).collect();
    branches.sort();
    branches.dedup();
    work.refresh(&branches).map_err(|err| err.to_string())
}

fn trial(work: &dyn Work, ours: Result<&str, &String>, target: &Target<'_>) -> Merge {
    let unknown = |why: &str| Merge::Unknown { why: why.to_owned() };
    let Some(branch) = target.branch.as_deref() else {
        return Merge::NoBranch;
    };
    let Ok(branch) = BranchName::parse(branch) else {
        return unknown("the claim names a branch that git would refuse");
    };
    let theirs = match work.remote_tip(&branch) {
        Ok(BranchTip::At { commit, .. }) => commit,
        Ok(BranchTip::NotPushed) => return Merge::NotPushed,
        Err(err) => return unknown(&err.to_string()),
    };
    match ours {
        Err(why) => unknown(why),
        Ok(ours) => {
            let outcome = work.trial_merge(ours, &theirs);
            Merge::Tried { ours: ours.to_owned(), theirs, outcome }
        }
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
    let is_conflict = matches!(&found.merge, Merge::Tried { outcome: TrialMerge::Conflicts { .. }, .. });
    !found.is_active && found.partner.is_some() && !is_conflict && request.against.is_none()
}

/// Runs `trial` on every target, a few at a time; the answers keep the order.
fn side_by_side<'a, T: Sync, R: Send>(targets: &'a [T], trial: impl Fn(&'a T) -> R + Sync) -> Vec<R> {
    let trial = &trial;
    let mut answers = Vec::with_capacity(targets.len());
    for some in targets.chunks(AT_ONCE) {
        std::thread::scope(|scope| {
            let running: Vec<_> = some.iter().map(|target| scope.spawn(move || trial(target))).collect();
            // A thread that panicked has nothing to join; its panic goes on here.
            answers.extend(running.into_iter().map(|one| match one.join() {
                Ok(answer) => answer,
                Err(panic) => std::panic::resume_unwind(panic),
            }));
        });
    }
    answers
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
