//! Stakes a unit of work.

use agentsync_core::Intent;

use super::args::{ClaimArgs, parse_lane};
use super::ctx::Ctx;
use super::failure::Failure;
use super::update::{Answer, update};

/// Claims what `args` name for whoever asks, or says who is in the way.
pub fn claim(ctx: &Ctx<'_>, args: &ClaimArgs) -> Result<Answer, Failure> {
    let request = args.parse(ctx)?;
    let lane = parse_lane(args.lane.as_deref())?;
    Ok(update(ctx, &ctx.change(lane, Intent::Claim(request)))?)
}
