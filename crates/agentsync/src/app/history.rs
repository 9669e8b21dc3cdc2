//! Lists what happened on the board.

use super::ctx::Ctx;
use super::failure::Failure;
use super::ports::{HistoryQuery, LogEntry};

/// Most events one call lists.
pub const MAX_EVENTS: usize = 200;

/// Lists events, newest first.
pub fn history(ctx: &Ctx<'_>, query: &HistoryQuery) -> Result<Vec<LogEntry>, Failure> {
    let limit = query.limit.clamp(1, MAX_EVENTS);
    Ok(ctx.store.history(&HistoryQuery { limit, ..query.clone() })?)
}
