//! Frees a claim that its holder has abandoned. A person decides it, and the board keeps who and why.

use agentsync_core::{BreakRequest, ClaimKey, Intent};

use super::ctx::Ctx;
use super::failure::Failure;
use super::update::{Answer, update};

/// Frees the claim under `key`, an agent or agent/lane, in the spelling of the board.
pub fn break_claim(ctx: &Ctx<'_>, key: &str, reason: String) -> Result<Answer, Failure> {
    let key = ClaimKey::read(key.trim());
    Ok(update(ctx, &ctx.change(None, Intent::Break(BreakRequest { key, reason })))?)
}
