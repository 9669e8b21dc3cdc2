//! Finds what is wrong with the coordination branch, and puts it right when told to.

use super::ctx::Ctx;
use super::failure::Failure;
use super::ports::{Diagnosis, Swap};

/// Says what is wrong, and what the last state was that was right.
pub fn diagnose(ctx: &Ctx<'_>) -> Result<Diagnosis, Failure> {
    Ok(ctx.store.diagnose()?)
}

/// Puts right what was found, if nothing has moved since.
pub fn mend(ctx: &Ctx<'_>, diagnosis: &Diagnosis) -> Result<Swap, Failure> {
    Ok(ctx.store.mend(diagnosis)?)
}
