//! Stakes a unit of work.

use std::collections::BTreeMap;

use agentsync_core::{ClaimRequest, Decision, Grant, Intent, Lane};

use super::args::{ClaimArgs, parse_lane};
use super::ctx::Ctx;
use super::failure::Failure;
use super::relied::{self, Derive, Relied};
use super::update::{Answer, update};
use super::{lease, regions, wait};

/// How a claim ended, and what to know about the regions it named.
#[derive(Debug)]
pub struct Staked {
    /// How it ended.
    pub answer: Answer,
    /// Regions that were not found as they were named.
    pub notes: Vec<String>,
    /// When it was refused: the symbols nobody holds of files that peers hold parts of, by path.
    pub free_regions: BTreeMap<String, Vec<String>>,
    /// What it relies on without saying so, and who relies on it.
    pub relied: Relied,
}

/// Claims what `args` name for whoever asks, or says who is in the way, or waits for them.
pub fn claim(ctx: &Ctx<'_>, args: &ClaimArgs) -> Result<Staked, Failure> {
    let parsed = args.parse(ctx)?;
    let lane = parse_lane(args.lane.as_deref())?;
    let limit = args.wait()?;
    let touches = regions::with_peers_names(ctx, regions::anchor(ctx, parsed.touches));
    let requires = regions::anchor(ctx, parsed.requires);
    let notes = [touches.notes, requires.notes].concat();
    let request = ClaimRequest { touches: touches.specs, requires: requires.specs, ..parsed };
    let derive = args.derive(ctx)?;
    let (request, required) = match derive {
        Derive::Block => relied::require(ctx, request)?,
        Derive::Off | Derive::Info => (request, Relied::default()),
    };
    let answer = match limit.is_zero() {
        true => claim_now(ctx, lane.as_ref(), request.clone(), Intent::Claim)?,
        false => wait::claim_in_turn(ctx, lane.as_ref(), &request, limit)?,
    };
    let free_regions = match &answer.decision {
        Decision::Blocked(_) => {
            let at = ctx.store.at(answer.tip.as_ref())?;
            regions::free(ctx, &at.board, &ctx.me.agent, &request.touches)
        }
        _ => BTreeMap::new(),
    };
    let is_granted = matches!(answer.decision.grant(), Some(Grant::Claimed { .. }));
    let relied = match is_granted {
        true if derive == Derive::Off => Relied::default(),
        true => relied::tell(ctx, &request),
        false => required,
    };
    Ok(Staked { answer, notes, free_regions, relied })
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
    matches!(answer.decision.grant(), Some(Grant::Waiting { .. }))
}
