//! Drops a claim without finishing it.

use agentsync_core::{Intent, Lane};

use super::ctx::Ctx;
use super::failure::Failure;
use super::update::{Answer, update};

/// Releases a claim of whoever asks; `note` says why, for the history.
pub fn release(ctx: &Ctx<'_>, note: Option<String>, lane: Option<Lane>) -> Result<Answer, Failure> {
    Ok(update(ctx, &ctx.change(lane, Intent::Release { note }))?)
}
