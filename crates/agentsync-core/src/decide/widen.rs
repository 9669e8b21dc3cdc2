//! Whether paths that an edit is about to change may join the claim of whoever edits.

use super::claim::{claimed, find_conflicts, own_key};
use super::{Decision, Edit, Granted, find_own};
use crate::board::{Board, Entry};
use crate::change::{Change, ClaimRequest, WidenRequest};
use crate::claim::{Claim, Status};
use crate::event::Event;
use crate::guard::is_automatic;
use crate::id::ClaimKey;
use crate::region::{Place, Region};
use crate::spec::PathSpec;
use crate::time::Timestamp;
use std::collections::BTreeMap;

/// Decides to add what the claim does not cover yet, or to open a claim for it.
///
/// What one has already is not looked at again: whoever forced a claim may go on widening it. Nobody
/// is taken over by an edit, however long its lease has lapsed.
pub(super) fn decide_widen(
    board: &Board,
    change: &Change,
    request: &WidenRequest,
    now: Timestamp,
) -> Decision {
    let (key, prior) = own(board, change);
    let covered = |spec: &PathSpec| {
        let own = board.claims_of(&change.by.agent).filter(|(_, claim)| {
            claim.is_active() && claim.instance.as_ref().is_none_or(|held| *held == change.by.instance)
        });
        own.flat_map(|(_, claim)| &claim.touches).any(|touch| touch == spec || covers(touch, spec))
    };
    let fresh: Vec<PathSpec> = request.touches.iter().filter(|spec| !covered(spec)).cloned().collect();
    if fresh.is_empty() {
        let held = prior.cloned().map(|claim| (key.clone(), claim)).or_else(|| any_own(board, change));
        return match held {
            Some((key, claim)) => {
                Decision::Unchanged(Box::new(claimed(board, key, claim, None, BTreeMap::new())))
            }
            None => Decision::Missing(super::Missing::default()),
        };
    }
    let found = find_conflicts(board, change, &asked(request, &fresh));
    if !found.blocked.conflicts.is_empty() {
        return Decision::Blocked(found.blocked);
    }
    let generation = board.generation.saturating_add(1);
    let claim = widened(prior, change, request, &fresh, now, generation);
    let event = match prior {
        Some(_) => Event::widens(&key, &claim.task, fresh.len()),
        None => Event::claims(&key, &claim.task),
    };
    let mut edits =
        vec![Edit::Put { key: key.clone(), claim: Box::new(claim.clone()) }, Edit::Raise { generation }];
    if board.superseded.iter().any(|record| record.key == key) {
        edits.push(Edit::Acknowledge { key: key.clone() });
    }
    Decision::Granted(Box::new(Granted {
        edits,
        event,
        grant: claimed(board, key, claim, None, BTreeMap::new()),
        generation: Some(generation),
        trailers: Vec::new(),
    }))
}

/// Returns the claim that is widened, if there is one, and the key it stands or will stand under.
fn own<'a>(board: &'a Board, change: &'a Change) -> (ClaimKey, Option<&'a Claim>) {
    let exact = own_key(board, change);
    let named = board.claims.get(&exact).and_then(Entry::as_claim);
    if named.is_some() || change.lane.is_some() {
        return (exact, named.filter(|claim| claim.is_active()));
    }
    // Its only claim, when it chose that claim's name itself.
    let only = find_own(board, &change.by.agent, None)
        .filter(|(key, claim)| claim.is_active() && key.lane().is_none_or(|lane| !is_automatic(lane)));
    only.map_or((exact, None), |(key, claim)| (key.clone(), Some(claim)))
}

fn any_own(board: &Board, change: &Change) -> Option<(ClaimKey, Claim)> {
    let mut own = board.claims_of(&change.by.agent).filter(|(_, claim)| claim.is_active());
    own.next().map(|(key, claim)| (key.clone(), claim.clone()))
}

/// Tells whether a declared spec covers all of another, as far as that can be seen without a search.
fn covers(declared: &PathSpec, asked: &PathSpec) -> bool {
    let is_within = |declared: &Region| match asked.region().map(|region| &region.place) {
        Some(Place::Symbol(symbol)) => declared.holds(symbol),
        Some(Place::Lines(..)) => false,
        // Which part of the file is edited is not known; the one that is declared is likely.
        None => true,
    };
    !asked.is_glob() && declared.covers(asked.as_str()) && declared.region().is_none_or(is_within)
}

fn asked(request: &WidenRequest, fresh: &[PathSpec]) -> ClaimRequest {
    ClaimRequest {
        task: request.task.clone(),
        touches: fresh.to_vec(),
        requires: Vec::new(),
        branch: request.branch.clone(),
        force: None,
        lease: request.lease,
        lapsed: Vec::new(),
    }
}

fn widened(
    prior: Option<&Claim>,
    change: &Change,
    request: &WidenRequest,
    fresh: &[PathSpec],
    now: Timestamp,
    generation: u64,
) -> Claim {
    let mut claim = prior.cloned().unwrap_or_else(|| Claim {
        task: request.task.clone(),
        touches: Vec::new(),
        requires: Vec::new(),
        branch: request.branch.clone(),
        status: Status::InProgress,
        updated_at: None,
        instance: None,
        note: None,
        op: None,
        generation: None,
        session: None,
        forced_over: Vec::new(),
        reason: None,
        changed_files: None,
        changed_files_repo: None,
        pr_url: None,
        lease: request.lease,
        supersedes: Vec::new(),
        extra: Vec::new(),
    });
    claim.touches.extend(fresh.iter().cloned());
    claim.touches.sort();
    claim.touches.dedup();
    if claim.status == Status::Planning {
        claim.status = Status::InProgress;
    }
    claim.updated_at = Some(now);
    claim.instance = Some(change.by.instance.clone());
    claim.op = Some(change.op.clone());
    claim.generation = Some(generation);
    claim.session = change.by.session.clone().or(claim.session);
    claim
}
