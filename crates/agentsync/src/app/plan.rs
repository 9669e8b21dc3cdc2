//! Proposes in which order the active branches should land, and tries it: each is merged after the other, in memory.

use std::collections::BTreeSet;

use agentsync_core::decide::compare;
use agentsync_core::plan::{self, Branch, Clash, Step};
use agentsync_core::semantic::Tier;
use agentsync_core::{Board, ReasonKind};

use super::check_all::{self, Active, All};
use super::check_pairs::{Judged, Shown, check_once};
use super::ctx::Ctx;
use super::failure::{Failure, UsageError};
use super::ports::{Freshness, Pairs, Uncommitted};

/// How a branch merged with all that lands before it.
#[derive(Debug, Clone)]
pub enum Merged {
    /// Without a conflict and without a finding of the first tier.
    Clean,
    /// Its text conflicts in these files. Those after it are tried without it.
    Conflicts(Vec<String>),
    /// It merges, and this does not fit together.
    Findings(Vec<Shown>),
    /// It could not be tried.
    Unknown(String),
}

/// A branch in its place.
#[derive(Debug, Clone)]
pub struct Placed {
    /// The place, and why.
    pub step: Step,
    /// Where it stands in the list of branches.
    pub at: usize,
    /// Whether it does not go together with the default branch as that is now.
    pub is_behind: bool,
    /// How it merged with all that lands before it.
    pub merged: Merged,
    /// The files to look at.
    pub files: Vec<String>,
}

/// The order, and what it is made from.
#[derive(Debug, Clone)]
pub struct Planned {
    /// The default branch.
    pub onto: String,
    /// All active branches, and how each two compare.
    pub all: All,
    /// The branches in the order in which they should land.
    pub order: Vec<Placed>,
    /// Branches that have nothing that the default one lacks.
    pub landed: Vec<String>,
}

/// Proposes the order.
pub fn plan(ctx: &Ctx<'_>) -> Result<Planned, Failure> {
    let board = ctx.store.read(Freshness::Now)?.board;
    let mine = ctx.work.current_branch().unwrap_or_default();
    let roster = check_all::roster(ctx, &board, mine.as_ref());
    ctx.work.refresh(&roster.names().collect::<Vec<_>>())?;
    // What is not committed cannot land.
    let tip = mine.as_ref().map(|branch| ctx.work.own_tip(branch, Uncommitted::Left)).transpose()?;
    let pairs = ctx.pairs.open()?;
    let all = check_all::compare_all(ctx, &*pairs, &roster, mine.as_ref().zip(tip.as_ref()));
    let Some(onto) = all.branches.iter().position(|branch| branch.is_default) else {
        return Err(no_default(ctx));
    };
    let (open, landed): (Vec<usize>, Vec<usize>) =
        (0..all.branches.len()).filter(|at| *at != onto).partition(|at| !is_landed(&all, onto, *at));
    let steps = plan::order(&branches(&board, &all, onto, &open), &clashes(&all));
    let order = try_order(ctx, &*pairs, &all, onto, steps);
    pairs.keep();
    let name = |at: &usize| name(&all, *at);
    let (landed, onto) = (landed.iter().map(name).collect(), name(&onto));
    Ok(Planned { onto, all, order, landed })
}

fn no_default(ctx: &Ctx<'_>) -> Failure {
    UsageError::Other {
        what: "the branch that work lands on cannot be found".to_owned(),
        fix: format!("git remote set-head {} <branch>", ctx.settings.remote),
    }
    .into()
}

fn name(all: &All, at: usize) -> String {
    all.branches.get(at).map_or_else(String::new, |branch| branch.branch.clone())
}

/// Returns what was found between two branches.
pub fn between(all: &All, one: usize, other: usize) -> Option<&Judged> {
    let (left, right) = (one.min(other), one.max(other));
    let pair = all.pairs.iter().find(|pair| pair.left == left && pair.right == right)?;
    pair.judged.as_ref().ok()
}

/// Tells whether a branch has nothing that the default one lacks.
fn is_landed(all: &All, onto: usize, at: usize) -> bool {
    let commit = |at: usize| all.branches.get(at).map(|branch| branch.commit.as_str());
    let parted = between(all, onto, at).map(|judged| judged.base.as_str());
    commit(at) == commit(onto) || (parted.is_some() && parted == commit(at))
}

/// Counts the places in which two branches do not go together for sure.
fn n_places(judged: &Judged) -> usize {
    judged.conflicts.len().saturating_add(judged.n_of(Tier::High))
}

fn branches(board: &Board, all: &All, onto: usize, open: &[usize]) -> Vec<Branch> {
    let branch = |at: &usize| {
        let branch = all.branches.get(*at)?;
        let own = between(all, onto, *at);
        let needs = open.iter().filter_map(|other| all.branches.get(*other));
        Some(Branch {
            name: branch.branch.clone(),
            needs: needs.filter(|other| relies_on(board, branch, other)).map(|o| o.branch.clone()).collect(),
            n_behind: own.map_or(0, n_places),
            // In the list the default branch is the left one of each of its pairs, unless it is mine as well.
            n_files: own.map_or(0, |judged| if onto < *at { judged.n_changed.1 } else { judged.n_changed.0 }),
        })
    };
    open.iter().filter_map(branch).collect()
}

/// Tells whether one branch's claim relies on what another's changes.
fn relies_on(board: &Board, one: &Active, other: &Active) -> bool {
    let entry = |branch: &Active| branch.owner.as_ref().and_then(|key| board.claims.get(key));
    let (Some(mine), Some(theirs)) = (entry(one).and_then(|entry| entry.as_claim()), entry(other)) else {
        return false;
    };
    let reasons = compare(mine, theirs).reasons;
    one.branch != other.branch && reasons.iter().any(|reason| reason.kind == ReasonKind::DependsOnTheirWip)
}

fn clashes(all: &All) -> Vec<Clash> {
    let clash = |pair: &check_all::Pairing| {
        let n_places = n_places(pair.judged.as_ref().ok()?);
        let (one, other) = (name(all, pair.left), name(all, pair.right));
        (n_places > 0).then_some(Clash { one, other, n_places })
    };
    all.pairs.iter().filter_map(clash).collect()
}

/// Merges the branches one after the other.
fn try_order(ctx: &Ctx<'_>, pairs: &dyn Pairs, all: &All, onto: usize, steps: Vec<Step>) -> Vec<Placed> {
    let mut tip = all.branches.get(onto).map(|branch| branch.commit.clone()).unwrap_or_default();
    let n_steps = steps.len();
    let mut placed = Vec::with_capacity(n_steps);
    for (n, step) in steps.into_iter().enumerate() {
        let Some(at) = all.branches.iter().position(|branch| branch.branch == step.name) else { continue };
        let commit = all.branches.get(at).map(|branch| branch.commit.as_str()).unwrap_or_default();
        let (merged, joined) = try_step(pairs, &tip, commit);
        tip = joined.unwrap_or(tip);
        let files = files(all, onto, at, &step, &merged);
        let is_behind = between(all, onto, at).is_some_and(|judged| n_places(judged) > 0);
        placed.push(Placed { step, at, is_behind, merged, files });
        ctx.caller.advance(n + 1, n_steps, "branches merged");
    }
    placed
}

/// Merges one, and returns the commit of it.
fn try_step(pairs: &dyn Pairs, tip: &str, commit: &str) -> (Merged, Option<String>) {
    let judged = match check_once(pairs, tip, commit) {
        Err(err) => return (Merged::Unknown(err.to_string()), None),
        Ok((judged, _)) if !judged.conflicts.is_empty() => {
            return (Merged::Conflicts(judged.conflicts), None);
        }
        Ok((judged, _)) => judged,
    };
    let joined = match pairs.join(tip, commit) {
        Err(err) => return (Merged::Unknown(err.to_string()), None),
        Ok(joined) => joined,
    };
    let is_high = |shown: &Shown| shown.finding.tier == Tier::High;
    let found: Vec<Shown> = judged.findings.into_iter().filter(is_high).collect();
    (if found.is_empty() { Merged::Clean } else { Merged::Findings(found) }, Some(joined))
}

/// Returns the files that an owner has to look at.
fn files(all: &All, onto: usize, at: usize, step: &Step, merged: &Merged) -> Vec<String> {
    let earlier = step.mends_after.iter();
    let earlier = earlier.filter_map(|name| all.branches.iter().position(|branch| branch.branch == *name));
    let mut files = BTreeSet::new();
    for judged in earlier.chain([onto]).filter_map(|other| between(all, other, at)) {
        files.extend(judged.conflicts.iter().cloned());
        let high = judged.findings.iter().filter(|shown| shown.finding.tier == Tier::High);
        files.extend(
            high.flat_map(|shown| [&shown.finding.left, &shown.finding.right]).map(|p| p.path.clone()),
        );
    }
    match merged {
        Merged::Conflicts(more) => files.extend(more.iter().cloned()),
        Merged::Findings(found) => {
            let places = found.iter().flat_map(|shown| [&shown.finding.left, &shown.finding.right]);
            files.extend(places.map(|place| place.path.clone()));
        }
        Merged::Clean | Merged::Unknown(_) => {}
    }
    files.into_iter().collect()
}
