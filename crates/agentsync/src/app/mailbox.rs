//! Reads and posts notes.

use agentsync_core::{AgentId, Intent, Note, NoteRequest};

use super::ctx::Ctx;
use super::failure::Failure;
use super::ports::Freshness;
use super::update::{Answer, update};

/// Posts a message to one agent, or to everybody.
pub fn post(ctx: &Ctx<'_>, message: String, to: Option<AgentId>) -> Result<Answer, Failure> {
    Ok(update(ctx, &ctx.change(None, Intent::Note(NoteRequest { to, message })))?)
}

/// Returns the notes that concern whoever asks, oldest first.
pub fn read(ctx: &Ctx<'_>) -> Result<Vec<Note>, Failure> {
    let snapshot = ctx.store.read(Freshness::Now)?;
    Ok(snapshot.board.notes.into_iter().filter(|note| note.concerns(&ctx.me.agent)).collect())
}
