//! Changes to a claim one has: dropping it, and saying how far it is.

use super::claim::find_conflicts;
use super::take::find_taken;
use super::wait::decide_leave;
use super::{Blocked, Conflict, Decision, Edit, Grant, Granted, Missing, Reason, ReasonKind};
use crate::board::Board;
use crate::change::{Change, ClaimRequest, StatusRequest};
use crate::claim::Claim;
use crate::event::Event;
use crate::id::{AgentId, ClaimKey, Lane};
use crate::time::Timestamp;

/// A repeated status within this time is the same call delivered twice, not a sign of life.
const REPEAT_MICROS: i64 = 60_000_000;

pub(super) fn decide_release(board: &Board, change: &Change, note: Option<&str>) -> Decision {
    if let Some(taken) = find_taken(board, change) {
        return taken;
    }
    match own_for(board, change) {
        // Whoever holds nothing and stands in line leaves it.
        Err(no) => match decide_leave(board, change) {
            Decision::Missing(_) => *no,
            left => left,
        },
        Ok((key, claim)) => Decision::Granted(Box::new(Granted {
            edits: vec![Edit::Remove { key: key.clone() }],
            event: Event::releases(key, &claim.task, note),
            grant: Grant::Released { key: key.clone(), claim: Box::new(claim.clone()) },
            generation: claim.generation,
            trailers: Vec::new(),
        })),
    }
}

/// Decides a new status. A claim that was done has blocked nobody, so taking it up again is staking it
/// again: others may hold its files by now, and its fencing number is an old one.
pub(super) fn decide_status(
    board: &Board,
    change: &Change,
    request: &StatusRequest,
    now: Timestamp,
) -> Decision {
    if let Some(taken) = find_taken(board, change) {
        return taken;
    }
    match own_for(board, change) {
        Err(no) => *no,
        Ok((key, prior)) => {
            let key = key.clone();
            if prior.op.as_ref() == Some(&change.op) || is_repeat(prior, request, now) {
                return Decision::Unchanged(Box::new(Grant::Updated { key, claim: Box::new(prior.clone()) }));
            }
            let mut claim = updated(prior, change, request, now);
            let mut edits = Vec::new();
            if !prior.is_active() && claim.is_active() {
                let found = find_conflicts(board, change, &as_request(prior));
                if !found.blocked.conflicts.is_empty() {
                    return Decision::Blocked(found.blocked);
                }
                let generation = board.generation.saturating_add(1);
                (claim.generation, claim.forced_over, claim.reason) = (Some(generation), Vec::new(), None);
                edits.push(Edit::Raise { generation });
            }
            edits.insert(0, Edit::Put { key: key.clone(), claim: Box::new(claim.clone()) });
            Decision::Granted(Box::new(Granted {
                edits,
                event: Event::moves(&key, claim.status.as_str()),
                generation: claim.generation,
                grant: Grant::Updated { key, claim: Box::new(claim) },
                trailers: Vec::new(),
            }))
        }
    }
}

/// Returns the request that would stake a claim again.
fn as_request(claim: &Claim) -> ClaimRequest {
    ClaimRequest {
        task: claim.task.clone(),
        touches: claim.touches.clone(),
        requires: claim.requires.clone(),
        branch: claim.branch.clone(),
        force: None,
        lease: claim.lease,
        lapsed: Vec::new(),
    }
}

fn updated(prior: &Claim, change: &Change, request: &StatusRequest, now: Timestamp) -> Claim {
    let mut claim = prior.clone();
    claim.status = request.status.clone();
    claim.updated_at = Some(now);
    claim.instance = Some(change.by.instance.clone());
    claim.op = Some(change.op.clone());
    claim.session = change.by.session.clone().or(claim.session);
    claim.note = request.note.clone().or(claim.note);
    claim.changed_files = request.changed_files.clone().or(claim.changed_files);
    claim.changed_files_repo = request.changed_files_repo.clone().or(claim.changed_files_repo);
    claim.pr_url = request.pr_url.clone().or(claim.pr_url);
    claim
}

fn is_repeat(prior: &Claim, request: &StatusRequest, now: Timestamp) -> bool {
    let is_recent =
        prior.updated_at.is_some_and(|at| (0..REPEAT_MICROS).contains(&now.0.saturating_sub(at.0)));
    let says_nothing_new = prior.status == request.status
        && (request.note.is_none() || request.note == prior.note)
        && (request.changed_files.is_none() || request.changed_files == prior.changed_files)
        && (request.pr_url.is_none() || request.pr_url == prior.pr_url);
    prior.op.is_some() && is_recent && says_nothing_new
}

/// Returns the claim of `agent` in `lane`; without a lane its first claim, else its only one.
pub fn find_own<'a>(
    board: &'a Board,
    agent: &'a AgentId,
    lane: Option<&Lane>,
) -> Option<(&'a ClaimKey, &'a Claim)> {
    let same_lane = |key: &ClaimKey| match (key.lane(), lane) {
        (Some(held), Some(wanted)) => held.eq_ignore_ascii_case(wanted.as_str()),
        (held, wanted) => held.is_none() && wanted.is_none(),
    };
    let claims: Vec<_> = board.claims_of(agent).collect();
    let exact = claims.iter().copied().find(|(key, _)| same_lane(key));
    exact.or_else(|| claims.first().copied().filter(|_| lane.is_none() && claims.len() == 1))
}

/// Returns the claim a change is about, or why there is none to change.
///
/// An entry that another worktree holds under the same name is not ours to change; one that the
/// predecessor wrote is, because its instance changed with every start.
fn own_for<'a>(board: &'a Board, change: &'a Change) -> Result<(&'a ClaimKey, &'a Claim), Box<Decision>> {
    let agent = &change.by.agent;
    let Some((key, claim)) = find_own(board, agent, change.lane.as_ref()) else {
        let lanes = board.claims_of(agent).filter_map(|(key, _)| key.lane().map(str::to_owned)).collect();
        return Err(Box::new(Decision::Missing(Missing { lanes })));
    };
    let is_foreign =
        claim.op.is_some() && claim.instance.as_ref().is_some_and(|held| *held != change.by.instance);
    match is_foreign && claim.is_active() {
        true => Err(Box::new(Decision::Blocked(held_elsewhere(key, claim)))),
        false => Ok((key, claim)),
    }
}

fn held_elsewhere(key: &ClaimKey, claim: &Claim) -> Blocked {
    let reason = Reason {
        kind: ReasonKind::SharedAgentId,
        files: claim.touches.iter().map(crate::spec::PathSpec::to_string).collect(),
        witnesses: Vec::new(),
        held_since: claim.updated_at,
        held_by: claim.instance.as_ref().map(|instance| instance.0.clone()),
    };
    let conflict = Conflict {
        their_task: Some(claim.task.clone()),
        their_branch: claim.branch.clone(),
        reasons: vec![reason],
    };
    Blocked { conflicts: [(key.clone(), conflict)].into(), ..Blocked::default() }
}
