//! Brings what edits have claimed to the board.

use agentsync_core::{Blocked, Change, Decision, Intent, PathSpec, WidenRequest};

use super::super::ctx::Ctx;
use super::super::failure::Failure;
use super::super::update::update;
use crate::app::ports::desk::Refusal;

/// Claims what a widening names, as far as it is free; returns what was refused.
///
/// Doing it again changes nothing, so it may be repeated after any failure.
pub fn widen(ctx: &Ctx<'_>, change: &Change) -> Result<Option<Refusal>, Failure> {
    let change = Change { op: ctx.dice.op(), ..change.clone() };
    let Intent::Widen(request) = &change.intent else { return Ok(None) };
    let Decision::Blocked(blocked) = update(ctx, &change)?.decision else { return Ok(None) };
    let (free, refused): (Vec<PathSpec>, Vec<PathSpec>) = request.touches.iter().cloned().partition(|spec| {
        blocked.free_slice.iter().any(|free| free == spec.as_str()) && !is_stopped(&blocked)
    });
    if !free.is_empty() {
        let intent = Intent::Widen(WidenRequest { touches: free, ..request.clone() });
        // A peer that came between the two is met by the next hook.
        update(ctx, &Change { op: ctx.dice.op(), intent, ..change.clone() })?;
    }
    Ok(Some(Refusal {
        agent: change.by.agent.clone(),
        instance: change.by.instance.clone(),
        paths: refused.iter().map(|spec| spec.as_str().to_owned()).collect(),
        holders: blocked.conflicts.keys().map(|key| key.as_str().to_owned()).collect(),
    }))
}

/// Tells whether something is in the way whichever path is named.
fn is_stopped(blocked: &Blocked) -> bool {
    use agentsync_core::ReasonKind::{SharedAgentId, UnreadableEntry};
    let mut reasons = blocked.conflicts.values().flat_map(|conflict| &conflict.reasons);
    reasons.any(|reason| matches!(reason.kind, SharedAgentId | UnreadableEntry))
}
