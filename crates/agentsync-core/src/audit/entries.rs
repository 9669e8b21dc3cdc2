//! Whose entries a commit edits, and whether the claims it leaves exclude each other.

use std::collections::BTreeSet;

use super::{CommitFacts, Finding, How, Told, Writer};
use crate::board::{Board, Entry};
use crate::claim::Claim;
use crate::decide::{DONE_STAYS, Trailer, numbered};
use crate::id::ClaimKey;
use crate::overlap::SpecIndex;
use crate::spec::PathSpec;
use crate::text::one_line;

/// The times of commits are cut to the second.
const SECOND: i64 = 1_000_000;

pub(super) fn check(before: &Board, after: &Board, facts: &CommitFacts, found: &mut Vec<Finding>) {
    let keys: BTreeSet<&ClaimKey> = before.claims.keys().chain(after.claims.keys()).collect();
    let mut tidied = Vec::new();
    for key in keys {
        let (was, is) = (before.claims.get(key), after.claims.get(key));
        if was == is {
            continue;
        }
        match (facts.owns(key.as_str()), was, is) {
            (true, was, Some(is)) => check_own(before, key, was, is, facts, found),
            (true, _, None) => {}
            (false, Some(was), None) if is_taken(key, was, facts.trailers()) => {}
            (false, Some(was), None) if is_old(was, facts) => tidied.push(edits_other(key, Some(was), None)),
            (false, was, is) => found.push(edits_other(key, was, is)),
        }
        if let Some(Entry::Claim(claim)) = is {
            check_exclusion(before, after, key, claim, found);
        }
    }
    let n_told: usize = facts.trailers().iter().map(n_tidied).sum();
    if tidied.len() > n_told {
        found.extend(tidied);
    }
}

fn n_tidied(trailer: &Trailer) -> usize {
    match trailer {
        Trailer::Tidies(n_claims) => *n_claims,
        Trailer::Supersedes(_) | Trailer::Breaks(_) | Trailer::Drops(_) => 0,
    }
}

fn edits_other(key: &ClaimKey, was: Option<&Entry>, is: Option<&Entry>) -> Finding {
    let how = match (was, is) {
        (None, _) => How::Adds,
        (Some(_), Some(_)) => How::Changes,
        (Some(_), None) => How::Removes,
    };
    Finding::EditsOther { key: one_line(key.as_str()), how }
}

/// Tells whether a trailer says that this claim was taken over or broken.
fn is_taken(key: &ClaimKey, was: &Entry, trailers: &[Trailer]) -> bool {
    let claim = was.as_claim();
    let name = one_line(&numbered(key, claim.and_then(|claim| claim.generation)));
    trailers.iter().any(|trailer| match trailer {
        Trailer::Supersedes(taken) => *taken == name && claim.is_some_and(|claim| claim.lease.is_some()),
        Trailer::Breaks(taken) => *taken == name,
        Trailer::Drops(_) | Trailer::Tidies(_) => false,
    })
}

/// Tells whether a claim had been done for a day when the commit was made.
fn is_old(was: &Entry, facts: &CommitFacts) -> bool {
    let written = was.as_claim().filter(|claim| !claim.is_active()).and_then(|claim| claim.updated_at);
    written.is_some_and(|at| facts.at.0.saturating_add(SECOND).saturating_sub(at.0) > DONE_STAYS)
}

fn check_own(
    before: &Board,
    key: &ClaimKey,
    was: Option<&Entry>,
    is: &Entry,
    facts: &CommitFacts,
    found: &mut Vec<Finding>,
) {
    let Writer::Ours(told) = &facts.writer else { return };
    let name = || one_line(key.as_str());
    let Entry::Claim(claim) = is else {
        found.push(Finding::Unreadable { why: format!("the entry of `{}`", name()) });
        return;
    };
    if claim.op.as_ref() != Some(&told.op) {
        found.push(Finding::WrongOp { key: name() });
    }
    let prior = was.and_then(Entry::as_claim);
    if prior.is_some_and(|prior| prior.generation == claim.generation) {
        if prior.is_some_and(|prior| grants_more(prior, claim)) {
            found.push(Finding::Widens { key: name() });
        }
    } else if !is_grown(before, claim, told) {
        found.push(Finding::NotGrown { key: name(), generation: claim.generation });
    }
}

/// Tells whether a claim protects what its earlier state did not.
fn grants_more(prior: &Claim, claim: &Claim) -> bool {
    let is_revived = claim.is_active() && !prior.is_active();
    // What another program wrote and its holder goes on with is read in our dialect from then on.
    let is_same = |one: &[PathSpec], other: &[PathSpec]| {
        one.iter().map(PathSpec::to_string).eq(other.iter().map(PathSpec::to_string))
    };
    is_revived || !is_same(&prior.touches, &claim.touches) || !is_same(&prior.requires, &claim.requires)
}

fn is_grown(before: &Board, claim: &Claim, told: &Told) -> bool {
    claim.generation.is_some_and(|number| number > before.generation) && claim.generation == told.generation
}

/// Looks for claims of others that meet the one under `key` now and did not before.
fn check_exclusion(before: &Board, after: &Board, key: &ClaimKey, claim: &Claim, found: &mut Vec<Finding>) {
    if !claim.is_active() {
        return;
    }
    let index = SpecIndex::new(&claim.touches);
    let peers = after.claims.iter().filter(|(peer, _)| !peer.agent().eq_ignore_ascii_case(key.agent()));
    for (peer, theirs) in peers.filter_map(|(peer, entry)| Some((peer, entry.as_claim()?))) {
        if !theirs.is_active() || is_forced(claim, peer) || is_forced(theirs, key) {
            continue;
        }
        let Some((_, witness)) =
            theirs.touches.iter().find_map(|touch| index.meets(touch).into_iter().next())
        else {
            continue;
        };
        if met_before(before, key, peer) {
            continue;
        }
        let finding = Finding::Overlaps {
            key: one_line(key.as_str()),
            other: one_line(peer.as_str()),
            path: witness.path().map(one_line),
        };
        let twin = |there: &Finding| matches!(there, Finding::Overlaps { key: one, other, .. } if *one == peer.as_str() && *other == key.as_str());
        if !found.iter().any(twin) {
            found.push(finding);
        }
    }
}

fn is_forced(claim: &Claim, over: &ClaimKey) -> bool {
    claim.forced_over.iter().any(|name| name.eq_ignore_ascii_case(over.as_str()))
}

fn met_before(before: &Board, one: &ClaimKey, other: &ClaimKey) -> bool {
    let active =
        |key: &ClaimKey| before.claims.get(key).and_then(Entry::as_claim).filter(|claim| claim.is_active());
    match (active(one), active(other)) {
        (Some(one), Some(other)) => {
            let index = SpecIndex::new(&one.touches);
            other.touches.iter().any(|touch| !index.meets(touch).is_empty())
        }
        _ => false,
    }
}
