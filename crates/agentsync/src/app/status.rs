//! Says how far a claim is.

use agentsync_core::decide::find_own;
use agentsync_core::{Intent, Lane, Status, StatusRequest};

use super::ctx::Ctx;
use super::done::capture_changes;
use super::failure::Failure;
use super::ports::Freshness;
use super::update::{Answer, update};

/// Sets the status of a claim of whoever asks. Once done, the claim says what its branch changed.
pub fn update_status(
    ctx: &Ctx<'_>,
    status: Status,
    note: Option<String>,
    lane: Option<Lane>,
) -> Result<Answer, Failure> {
    let (changed_files, changed_files_repo) = match status {
        Status::Done => {
            let snapshot = ctx.store.read(Freshness::Recent)?;
            let claim = find_own(&snapshot.board, &ctx.me.agent, lane.as_ref());
            capture_changes(ctx.work, claim.and_then(|(_, claim)| claim.branch.as_deref()))
        }
        Status::Planning | Status::InProgress | Status::Other(_) => (None, None),
    };
    let request = StatusRequest { status, note, changed_files, changed_files_repo, pr_url: None };
    Ok(update(ctx, &ctx.change(lane, Intent::Status(request)))?)
}
