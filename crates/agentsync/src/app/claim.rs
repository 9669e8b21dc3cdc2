//! Stakes a unit of work.

use agentsync_core::{ClaimRequest, Decision, Intent, Lane};

use super::args::{ClaimArgs, parse_lane};
use super::ctx::Ctx;
use super::failure::Failure;
use super::update::{Answer, update};
use super::{lease, wait};

/// Claims what `args` name for whoever asks, or says who is in the way, or waits for them.
pub fn claim(ctx: &Ctx<'_>, args: &ClaimArgs) -> Result<Answer, Failure> {
    let request = args.parse(ctx)?;
    let lane = parse_lane(args.lane.as_deref())?;
    let limit = args.wait()?;
    if limit.is_zero() {
        return claim_now(ctx, lane.as_ref(), request, Intent::Claim);
    }
    wait::claim_in_turn(ctx, lane.as_ref(), &request, limit)
}

/// Claims, and once more over those whose lease has been seen to lapse.
pub(super) fn claim_now(
    ctx: &Ctx<'_>,
    lane: Option<&Lane>,
    request: ClaimRequest,
    intent: fn(ClaimRequest) -> Intent,
) -> Result<Answer, Failure> {
    let answer = update(ctx, &ctx.change(lane.cloned(), intent(request.clone())))?;
    if !matches!(&answer.decision, Decision::Blocked(_)) && !is_waiting(&answer) {
        return Ok(answer);
    }
    let lapsed = lease::look(ctx)?;
    match lapsed.is_empty() {
        true => Ok(answer),
        false => Ok(update(ctx, &ctx.change(lane.cloned(), intent(ClaimRequest { lapsed, ..request })))?),
    }
}

/// Tells whether the answer is a place in the line.
pub(super) fn is_waiting(answer: &Answer) -> bool {
    matches!(answer.decision.grant(), Some(agentsync_core::Grant::Waiting { .. }))
}
