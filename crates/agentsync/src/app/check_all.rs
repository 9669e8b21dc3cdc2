//! Compares every pair of active branches: those that claims name, those that nobody claimed, and the default one.

use agentsync_core::{Board, BranchName, ClaimKey, Entry};

use super::check_pairs::{Judged, check_once};
use super::ctx::Ctx;
use super::ports::{BranchTip, PairError, Pairs};

/// At most so many branches are compared: 4,950 pairs. The claimed come first, then the last committed to.
const MAX_BRANCHES: usize = 100;
/// How many pairs are prepared at once; after each lot the caller hears how far it is.
const LOT: usize = 150;

/// What is compared with what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// My work with my peers'.
    Mine,
    /// Every active branch with every other, too.
    All,
}

/// The branches that take part, by name.
#[derive(Debug, Clone)]
pub struct Roster {
    default: Option<BranchName>,
    branches: Vec<(BranchName, Option<ClaimKey>)>,
    n_left_out: usize,
}

impl Roster {
    /// Returns the names of all.
    pub fn names(&self) -> impl Iterator<Item = BranchName> {
        self.branches.iter().map(|(name, _)| name.clone())
    }
}

/// One branch that takes part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Active {
    /// Its name.
    pub branch: String,
    /// Whose claim names it.
    pub owner: Option<ClaimKey>,
    /// Whether work lands on it.
    pub is_default: bool,
    /// Whether it is mine.
    pub is_mine: bool,
    /// Its commit: mine with what is not committed, unless that is left out.
    pub commit: String,
}

/// Two branches, by their places in the list, and what was found.
#[derive(Debug, Clone)]
pub struct Pairing {
    /// The left one; the default branch is always left.
    pub left: usize,
    /// The right one.
    pub right: usize,
    /// What was found, or why nothing can be said.
    pub judged: Result<Judged, PairError>,
}

/// What was found among all active branches.
#[derive(Debug, Clone)]
pub struct All {
    /// The branches: the default one, mine, the claimed, those nobody claimed.
    pub branches: Vec<Active>,
    /// Branches that a claim names and that are not at the remote.
    pub absent: Vec<String>,
    /// The pairs, in the order of the branches.
    pub pairs: Vec<Pairing>,
    /// How many of them were known from before.
    pub n_known: usize,
    /// How many pairs there was no time for.
    pub n_unfinished: usize,
    /// How many active branches were left out by the bound.
    pub n_left_out: usize,
}

/// Finds out which branches are active.
pub fn roster(ctx: &Ctx<'_>, board: &Board, mine: Option<&BranchName>) -> Roster {
    let default = ctx.work.default_branch().ok();
    let mut branches: Vec<(BranchName, Option<ClaimKey>)> = Vec::new();
    let owner = |name: &BranchName| {
        let names = |entry: &Entry| {
            entry.as_claim().is_some_and(|claim| claim.branch.as_deref() == Some(name.as_str()))
        };
        let active = board.claims.iter().filter(|(_, entry)| entry.is_active());
        active.into_iter().find(|(_, entry)| names(entry)).map(|(key, _)| key.clone())
    };
    let claimed = board.claims.values().filter(|entry| entry.is_active());
    let claimed = claimed.filter_map(|entry| BranchName::parse(entry.as_claim()?.branch.as_deref()?).ok());
    let unclaimed = if ctx.settings.lists_unclaimed {
        // A remote that cannot be listed leaves what was known of it.
        let _ = ctx.work.look_up();
        ctx.work.active_branches().branches
    } else {
        Vec::new()
    };
    let unclaimed = unclaimed.iter().filter_map(|found| BranchName::parse(&found.branch).ok());
    let all = default.iter().chain(mine).cloned().chain(claimed).chain(unclaimed);
    for name in all.filter(|name| name.as_str() != ctx.settings.branch) {
        if !branches.iter().any(|(known, _)| *known == name) {
            let owner = owner(&name);
            branches.push((name, owner));
        }
    }
    let n_left_out = branches.len().saturating_sub(MAX_BRANCHES);
    branches.truncate(MAX_BRANCHES);
    Roster { default, branches, n_left_out }
}

/// Compares all of them. What there is no time for is left to the next call, which knows what this one found.
pub fn compare_all(
    ctx: &Ctx<'_>,
    pairs: &dyn Pairs,
    roster: &Roster,
    mine: Option<(&BranchName, &BranchTip)>,
) -> All {
    let (branches, absent) = tips(ctx, roster, mine);
    let n_branches = branches.len();
    let asked: Vec<(usize, usize)> = (0..n_branches)
        .flat_map(|left| (left + 1..n_branches).map(move |right| (left, right)))
        .filter(|(left, right)| commit(&branches, *left) != commit(&branches, *right))
        .collect();
    let mut all = All {
        branches,
        absent,
        pairs: Vec::with_capacity(asked.len()),
        n_known: 0,
        n_unfinished: 0,
        n_left_out: roster.n_left_out,
    };
    let started = ctx.clock.monotonic();
    for lot in asked.chunks(LOT) {
        let is_late = ctx.clock.monotonic().saturating_sub(started) > ctx.settings.deadline;
        if is_late || ctx.caller.is_gone() {
            all.n_unfinished = asked.len().saturating_sub(all.pairs.len());
            ctx.caller.advance(
                asked.len(),
                asked.len(),
                "pairs of branches compared, or left for the next call",
            );
            break;
        }
        compare_lot(pairs, lot, &mut all);
        ctx.caller.advance(all.pairs.len(), asked.len(), "pairs of branches compared");
    }
    all
}

fn compare_lot(pairs: &dyn Pairs, lot: &[(usize, usize)], all: &mut All) {
    let commits = |(left, right): &(usize, usize)| {
        (commit(&all.branches, *left).to_owned(), commit(&all.branches, *right).to_owned())
    };
    let commits: Vec<(String, String)> = lot.iter().map(commits).collect();
    announce(pairs, &commits);
    for ((left, right), (ours, theirs)) in lot.iter().zip(&commits) {
        let judged = check_once(pairs, ours, theirs);
        all.n_known += usize::from(matches!(judged, Ok((_, true))));
        all.pairs.push(Pairing { left: *left, right: *right, judged: judged.map(|(judged, _)| judged) });
    }
}

/// Says which pairs will be compared; those that are known need nothing.
pub fn announce(pairs: &dyn Pairs, asked: &[(String, String)]) {
    let is_new = |(left, right): &&(String, String)| pairs.remembered(left, right).is_none();
    let fresh: Vec<(String, String)> = asked.iter().filter(is_new).cloned().collect();
    if fresh.len() > 1 {
        pairs.announce(&fresh);
    }
}

fn commit(branches: &[Active], at: usize) -> &str {
    branches.get(at).map_or("", |branch| &branch.commit)
}

fn tips(
    ctx: &Ctx<'_>,
    roster: &Roster,
    mine: Option<(&BranchName, &BranchTip)>,
) -> (Vec<Active>, Vec<String>) {
    let (mut branches, mut absent) = (Vec::new(), Vec::new());
    for (name, owner) in &roster.branches {
        let is_mine = mine.is_some_and(|(mine, _)| mine == name);
        let tip = match mine {
            Some((_, tip)) if is_mine => Ok(tip.clone()),
            _ => ctx.work.remote_tip(name),
        };
        let Ok(BranchTip::At { commit, .. }) = tip else {
            absent.push(name.to_string());
            continue;
        };
        let (branch, owner) = (name.to_string(), owner.clone());
        let is_default = roster.default.as_ref() == Some(name);
        branches.push(Active { branch, owner, is_default, is_mine, commit });
    }
    (branches, absent)
}
