//! Which claims have stood without a sign of life for longer than their holder wished.
//!
//! Only what this machine has seen itself counts, by its own clock: clocks of others prove nothing.

use std::time::Duration;

use agentsync_core::{Board, BranchName, Lapsed};

use super::ctx::Ctx;
use super::failure::Failure;
use super::ports::{BranchTip, Freshness, Sighting};
use crate::plant::{Plant, is_planted};

/// How long a ticket may stand without a sign of life, before those behind it may pass.
const TICKET_LEASE: Duration = Duration::from_secs(600);

/// Looks at the board, and returns what has lapsed.
pub fn look(ctx: &Ctx<'_>) -> Result<Vec<Lapsed>, Failure> {
    Ok(note(ctx, &ctx.store.read(Freshness::Now)?.board))
}

/// Notes what stands on a board that was confirmed just now, and returns what has lapsed.
pub fn note(ctx: &Ctx<'_>, board: &Board) -> Vec<Lapsed> {
    let seen = sightings(board);
    if seen.is_empty() {
        return Vec::new();
    }
    let branches: Vec<BranchName> = seen.iter().filter_map(|sighting| sighting.branch.clone()).collect();
    if is_planted(Plant::WallClock) {
        return old_by_wall_clock(ctx, board);
    }
    let lapsed = ctx.store.sight(&seen, &|branch| pulse(ctx, branch));
    if lapsed.is_empty() || branches.is_empty() {
        return lapsed;
    }
    // A commit on its branch is a sign of life too, so ask for the present before anything is taken.
    match ctx.work.refresh(&branches) {
        Ok(()) => ctx.store.sight(&seen, &|branch| pulse(ctx, branch)),
        Err(_) => Vec::new(),
    }
}

/// What a planted bug takes for lapsed.
fn old_by_wall_clock(ctx: &Ctx<'_>, board: &Board) -> Vec<Lapsed> {
    let now = ctx.clock.now().0;
    let claims = board.claims.iter().filter_map(|(key, entry)| {
        let claim = entry.as_claim().filter(|claim| claim.is_active())?;
        let lease = i64::try_from(claim.lease?).ok()?.saturating_mul(1_000_000);
        let is_old = now.saturating_sub(claim.updated_at?.0) > lease;
        is_old.then_some(Lapsed { key: key.clone(), op: claim.op.clone()? })
    });
    claims.collect()
}

fn pulse(ctx: &Ctx<'_>, branch: &BranchName) -> Option<String> {
    match ctx.work.remote_tip(branch) {
        Ok(BranchTip::At { commit, .. }) => Some(commit),
        Ok(BranchTip::NotPushed) | Err(_) => None,
    }
}

fn sightings(board: &Board) -> Vec<Sighting> {
    let claims = board.claims.iter().filter_map(|(key, entry)| {
        let claim = entry.as_claim().filter(|claim| claim.is_active())?;
        let lease = Duration::from_secs(claim.lease?);
        let branch = claim.branch.as_deref().and_then(|branch| BranchName::parse(branch).ok());
        Some(Sighting { key: key.clone(), op: claim.op.clone()?, lease, branch })
    });
    let tickets = board.waiting.iter().map(|ticket| Sighting {
        key: ticket.key.clone(),
        op: ticket.op.clone(),
        lease: TICKET_LEASE,
        branch: None,
    });
    claims.chain(tickets).collect()
}
