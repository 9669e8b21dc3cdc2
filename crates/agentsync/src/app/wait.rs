//! Waits in line for files that others hold.
//!
//! The ticket stands on the board, so it survives the process that waits. What it costs the remote is
//! one look per interval, whoever of the clone takes it.

use std::time::Duration;

use agentsync_core::decide::decide;
use agentsync_core::{ClaimKey, ClaimRequest, Decision, Intent, Lane};

use super::claim::{claim_now, is_waiting};
use super::ctx::Ctx;
use super::failure::Failure;
use super::lease;
use super::ports::{Freshness, Snapshot, StoreError};
use super::update::{Answer, update};
use crate::plant::steps;

/// The time between two looks at what is known here already.
const STEP: Duration = Duration::from_millis(100);
/// The shortest and the longest time between two questions to the remote.
const INTERVAL: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(15));
/// The same for a board in this clone.
const LOCAL_INTERVAL: Duration = Duration::from_millis(200);

/// Claims as soon as it is this agent's turn, but waits no longer than `limit`.
pub fn claim_in_turn(
    ctx: &Ctx<'_>,
    lane: Option<&Lane>,
    request: &ClaimRequest,
    limit: Duration,
) -> Result<Answer, Failure> {
    let began = ctx.clock.monotonic();
    let mut answer = claim_now(ctx, lane, request.clone(), Intent::Wait)?;
    steps::pass("ticket stands");
    let mut seen = answer.tip.clone();
    while is_waiting(&answer) {
        let waited = ctx.clock.monotonic().saturating_sub(began);
        if ctx.caller.is_gone() {
            steps::pass("before leaving");
            return Ok(update(ctx, &ctx.change(lane.cloned(), Intent::Leave))?);
        }
        if waited >= limit {
            break;
        }
        ctx.caller.hear(waited, limit, &for_whom(&answer));
        ctx.clock.sleep(STEP.min(limit.saturating_sub(waited)));
        // A remote that cannot be reached now may be back in time; the ticket stands anyway.
        let Ok(now) = look(ctx, waited) else { continue };
        let lapsed = if now.is_confirmed { lease::note(ctx, &now.board) } else { Vec::new() };
        if now.tip == seen && lapsed.is_empty() {
            continue;
        }
        seen.clone_from(&now.tip);
        let wish = ClaimRequest { lapsed, ..request.clone() };
        if is_worth_a_try(ctx, lane, &wish, &now) {
            answer = update(ctx, &ctx.change(lane.cloned(), Intent::Wait(wish)))?;
        }
    }
    Ok(answer)
}

/// Looks at the board: what any process of this clone has seen within the interval will do.
fn look(ctx: &Ctx<'_>, waited: Duration) -> Result<Snapshot, StoreError> {
    let is_remote = ctx.store.place().remote.is_some();
    let interval = match is_remote {
        true => (waited / 4).clamp(INTERVAL.0, INTERVAL.1),
        false => LOCAL_INTERVAL,
    };
    ctx.store.read(Freshness::Within(interval))
}

/// Tells whether asking again would change anything: it is our turn, or our ticket is gone.
fn is_worth_a_try(ctx: &Ctx<'_>, lane: Option<&Lane>, wish: &ClaimRequest, now: &Snapshot) -> bool {
    let claim = ctx.change(lane.cloned(), Intent::Claim(wish.clone()));
    let key = ClaimKey::new(&ctx.me.agent, lane);
    let stands =
        now.board.waiting.iter().any(|ticket| ticket.key.as_str().eq_ignore_ascii_case(key.as_str()));
    !stands || !matches!(decide(&now.board, &claim, ctx.clock.now()), Decision::Blocked(_))
}

fn for_whom(answer: &Answer) -> String {
    let Some(agentsync_core::Grant::Waiting { blocked, .. }) = answer.decision.grant() else {
        return String::new();
    };
    let whom: Vec<&str> = blocked.conflicts.keys().map(ClaimKey::as_str).collect();
    format!(
        "waiting for {}",
        agentsync_core::text::cut(&agentsync_core::text::one_line(&whom.join(", ")), 80)
    )
}
