//! Drops a claim without finishing it.

use agentsync_core::{Grant, Intent, Lane};

use super::ctx::Ctx;
use super::failure::Failure;
use super::update::{Answer, update};

/// Releases a claim of whoever asks; `note` says why, for the history.
pub fn release(ctx: &Ctx<'_>, note: Option<String>, lane: Option<Lane>) -> Result<Answer, Failure> {
    let answer = update(ctx, &ctx.change(lane, Intent::Release { note }))?;
    if let Some(Grant::Released { key, .. }) = answer.decision.grant() {
        ctx.work.forget_touched(key.as_str());
    }
    Ok(answer)
}
