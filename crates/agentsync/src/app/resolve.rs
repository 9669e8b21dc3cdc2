//! Looks later for a change whose fate was not known: is it done, can it still be, or never?

use agentsync_core::OpId;

use super::ctx::Ctx;
use super::failure::{Failure, UsageError};
use super::ports::{Freshness, Tip};

/// What became of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It is on the branch.
    Done {
        /// The tip that was looked at.
        tip: Tip,
    },
    /// It is not on the branch, and can never get there: the board it was pushed on is overtaken.
    Never,
    /// It is not on the branch, and may still get there: the board it was pushed on is still the tip.
    MayArrive,
    /// It is not on the branch, and nothing is remembered here of where it was pushed.
    Unheard,
}

/// Parses the id of a change.
pub fn parse_op(text: &str) -> Result<OpId, UsageError> {
    let text = text.trim().to_ascii_lowercase();
    match text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        true => Ok(OpId(text)),
        false => Err(UsageError::Other {
            what: format!("`{}` is no id of a change", text.escape_debug()),
            fix: "give the 32 hexadecimal digits that stand under `op` in the answer `unknown`".to_owned(),
        }),
    }
}

/// Finds out what became of `op`.
///
/// A push moves the branch only from the very commit it was made on. So once the branch has moved on
/// without the change, no push of it that is still under way can do anything.
pub fn resolve(ctx: &Ctx<'_>, op: &OpId) -> Result<Fate, Failure> {
    // The note is read first: what is pushed while we look is then looked for on the older board.
    let pushed = ctx.queue.left_open(op);
    let now = ctx.store.read(Freshness::Now)?;
    let base = pushed.as_ref().and_then(|pushed| pushed.on.as_ref());
    if let Some(tip) = &now.tip
        && ctx.store.contains(op, base)?
    {
        return Ok(Fate::Done { tip: tip.clone() });
    }
    if let Some(alarm) = now.alarm {
        // A branch that was rolled back may be at that board again.
        return Err(alarm.into());
    }
    Ok(match pushed {
        Some(pushed) if pushed.on == now.tip => Fate::MayArrive,
        Some(_) => Fate::Never,
        None => Fate::Unheard,
    })
}
