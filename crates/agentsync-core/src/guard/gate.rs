//! What a gate finds in work that arrives: paths that somebody else holds.
//!
//! A gate knows the branch of the work, and seldom who did it. So what the branch's own claim holds is
//! the work's own, and so is what another branch's work brings when it lands with it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Held, Holding, How, Me, Policy, Rules, Target, guard};
use crate::board::{Board, Entry};
use crate::claim::Claim;
use crate::id::ClaimKey;
use crate::time::Timestamp;

/// What becomes of the work that is looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arrival {
    /// It stays on its own branch.
    Stays,
    /// It is to land on a branch, which is not known by name or not the branch of the work: a request.
    Requested,
    /// It lands on this branch, whoever did it.
    Lands {
        /// The branch that work lands on.
        on: String,
    },
}

/// A path that somebody else holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The path.
    pub path: String,
    /// Who holds it.
    pub held: Held,
    /// Whether the work is certainly not the holder's own. A claim without a branch of its own may be
    /// that of whoever works on the branch that work lands on.
    pub is_certain: bool,
    /// The branches whose own work the change may be: then nothing is wrong with it.
    pub ways: BTreeSet<String>,
}

/// What a gate found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Gated {
    /// What others hold, by path.
    pub findings: Vec<Finding>,
    /// How many paths were looked at.
    pub n_paths: usize,
    /// How many of them a claim of one's own covers.
    pub n_own: usize,
    /// Entries that cannot be read: they may hold anything.
    pub unreadable: Vec<(ClaimKey, String)>,
}

/// Finds which of `targets` somebody else than `me` holds on `board`.
pub fn gate(board: &Board, me: &Me, targets: &[Target], arrival: &Arrival, now: Timestamp) -> Gated {
    let rules = Rules { policy: Policy::Block, auto_claim: false };
    let judged = guard(board, me, targets, rules, now);
    let mut gated = Gated { n_paths: targets.len(), unreadable: unreadable(board), ..Gated::default() };
    for ruling in judged.rulings {
        let held = match ruling.holding {
            Holding::Mine { .. } => {
                gated.n_own += 1;
                continue;
            }
            Holding::Free => continue,
            Holding::Peers(held) => held,
        };
        let done = if *arrival == Arrival::Stays { BTreeSet::new() } else { done_on(board, &ruling.path) };
        if me.branch.as_ref().is_some_and(|branch| done.contains(branch)) {
            gated.n_own += 1;
            continue;
        }
        // Whoever stands in line holds nothing yet.
        for held in held.into_iter().filter(|held| held.how != How::Waits) {
            let ways = done.iter().cloned().chain(held.branch.clone()).collect();
            let is_certain = is_certain(&held, me, arrival);
            gated.findings.push(Finding { path: ruling.path.clone(), held, is_certain, ways });
        }
    }
    gated
}

impl Gated {
    /// Returns the branches whose own work any of the changes may be.
    pub fn ways(&self) -> BTreeSet<&str> {
        self.findings.iter().flat_map(|finding| &finding.ways).map(String::as_str).collect()
    }

    /// Drops what a branch brought by itself: `besides` are the paths that change without its work.
    pub fn settle(&mut self, besides: &BTreeMap<String, BTreeSet<String>>) {
        let is_brought = |finding: &Finding| {
            let without = finding.ways.iter().filter_map(|branch| besides.get(branch));
            without.into_iter().any(|paths| !paths.contains(&finding.path))
        };
        self.findings.retain(|finding| !is_brought(finding));
    }

    /// Tells whether the work is to be refused.
    pub fn is_refused(&self, policy: Policy) -> bool {
        policy == Policy::Block && self.findings.iter().any(|finding| finding.is_certain)
    }
}

fn is_certain(held: &Held, me: &Me, arrival: &Arrival) -> bool {
    match arrival {
        Arrival::Lands { on } if me.agent.is_none() => {
            held.branch.as_ref().is_some_and(|branch| branch != on)
        }
        Arrival::Lands { .. } | Arrival::Requested | Arrival::Stays => true,
    }
}

/// Returns the branches of finished claims that covered a path: their work may still have to land.
fn done_on(board: &Board, path: &str) -> BTreeSet<String> {
    let done = board.claims.values().filter_map(Entry::as_claim).filter(|claim| !claim.is_active());
    let covers = |claim: &&Claim| claim.touches.iter().any(|touch| touch.covers(path));
    done.filter(covers).filter_map(|claim| claim.branch.clone()).collect()
}

fn unreadable(board: &Board) -> Vec<(ClaimKey, String)> {
    let why = |(key, entry): (&ClaimKey, &Entry)| match entry {
        Entry::Unreadable { why } => Some((key.clone(), why.clone())),
        Entry::Claim(_) => None,
    };
    board.claims.iter().filter_map(why).collect()
}
