//! What is done behind the hooks' backs: the copy is kept young, and what edits have claimed is written.
//!
//! May be killed between any two steps: what waits is forgotten only after the board has answered, and
//! writing it twice changes nothing.

use std::time::Duration;

use agentsync_core::{Change, Intent, PathSpec, WidenRequest};

use super::widen::widen;
use crate::app::ctx::Ctx;
use crate::app::failure::Failure;
use crate::app::ports::Freshness;
use crate::app::ports::desk::{Errand, Errands};

/// The time between two looks at what waits.
const STEP: Duration = Duration::from_millis(250);
/// The copy is confirmed this often.
const INTERVAL: Duration = Duration::from_secs(15);
/// A confirmation by anybody of the clone within this time will do.
const WILL_DO: Duration = Duration::from_secs(10);
/// How long what waits is tried after the last session has ended.
const AFTERWARDS: Duration = Duration::from_secs(120);

/// Runs the errands until no session is at work.
pub fn keep(ctx: &Ctx<'_>, errands: &dyn Errands) {
    let Some(_charge) = errands.take_charge() else { return };
    let mut next_look = ctx.clock.monotonic();
    let mut next_write = next_look;
    let mut alone_since = None;
    loop {
        let now = ctx.clock.monotonic();
        if now >= next_look {
            let looked = ctx.store.read(Freshness::Within(WILL_DO)).map(drop);
            errands.note_failure(looked.err().map(|err| err.to_string()).as_deref());
            next_look = ctx.clock.monotonic() + INTERVAL;
        }
        if now >= next_write {
            for errand in errands.due() {
                if let Err(failure) = run(ctx, errands, &errand) {
                    errands.note_failure(Some(&failure.to_string()));
                    next_write = ctx.clock.monotonic() + INTERVAL;
                }
            }
        }
        match (errands.has_sessions(), errands.is_idle()) {
            (true, _) => alone_since = None,
            (false, true) => return,
            (false, false) => {
                let since = *alone_since.get_or_insert(now);
                if now.saturating_sub(since) >= AFTERWARDS {
                    return;
                }
            }
        }
        ctx.clock.sleep(STEP);
    }
}

/// Writes one widening, without what git ignores: nobody shares that.
fn run(ctx: &Ctx<'_>, errands: &dyn Errands, errand: &Errand) -> Result<(), Failure> {
    if let Some(change) = without_ignored(ctx, &errand.change)
        && let Some(refusal) = widen(ctx, &change)?
    {
        errands.refuse(&refusal);
    }
    errands.done(errand);
    Ok(())
}

fn without_ignored(ctx: &Ctx<'_>, change: &Change) -> Option<Change> {
    let Intent::Widen(request) = &change.intent else { return None };
    let paths: Vec<String> = request.touches.iter().map(|spec| spec.as_str().to_owned()).collect();
    let ignored = ctx.work.ignored(&paths);
    let is_shared = |spec: &&PathSpec| !ignored.contains(spec.as_str());
    let touches: Vec<PathSpec> = request.touches.iter().filter(is_shared).cloned().collect();
    let intent = Intent::Widen(WidenRequest { touches, ..request.clone() });
    (ignored.len() < paths.len()).then(|| Change { intent, ..change.clone() })
}
