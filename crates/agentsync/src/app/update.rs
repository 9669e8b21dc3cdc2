//! Writes a change to the board: alone, or together with those of other processes of the clone.
//!
//! Whoever gets the lead carries everybody's changes through the loop in [`round`]; the others wait
//! for its answer, and lead in turn when it leaves or dies.

pub mod round;

use std::time::Duration;

use agentsync_core::{Change, Decision, OpId};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::ctx::Ctx;
use super::ports::queue::{Batch, Lead, NoQueue, Outcome, Ride};
use super::ports::{Alarm, StoreError, Tip};
use round::Round;

/// How one change ended.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Answer {
    /// What was decided.
    pub decision: Decision,
    /// The tip that shows it; `None` while there is no branch.
    pub tip: Option<Tip>,
}

/// Why a write has no answer.
#[derive(Debug, Clone, Error, Serialize, Deserialize)]
pub enum UpdateError {
    /// The board could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Nothing may be written until a person has looked.
    #[error(transparent)]
    Frozen(#[from] Alarm),
    /// Others wrote first until the deadline. Nothing of ours is on the board, and nothing will be.
    #[error("others wrote first {n_tries} times in {} s", waited.as_secs())]
    Contended {
        /// How often a swap was tried.
        n_tries: u32,
        /// For how long.
        waited: Duration,
    },
    /// The remote may not be pushed to so often. Nothing of ours is on the board, and nothing will be.
    #[error(
        "the push budget of the remote is used up ({why}): the next push is free in {} s",
        free_in.as_millis().div_ceil(1000)
    )]
    OutOfBudget {
        /// When the next push is free.
        free_in: Duration,
        /// Whose limit that is.
        why: String,
    },
    /// The remote refuses although nobody has moved the branch: a lock may be left behind there. A push
    /// that the network repeats may still arrive, since the board it was decided on is not overtaken.
    #[error(
        "the remote refused {n_tries} times in {} s although nobody moved the branch: a lock seems to be left behind there",
        waited.as_secs()
    )]
    Stuck {
        /// How often a swap was tried.
        n_tries: u32,
        /// For how long.
        waited: Duration,
    },
    /// The remote gave no plain answer; the change may be on the board, now or later.
    #[error("the remote gave no plain answer to {}: {why}", op.0)]
    Unknown {
        /// The change in question.
        op: OpId,
        /// What was said instead.
        why: String,
    },
}

/// The shortest and the longest time between two looks for an answer.
const POLL: (Duration, Duration) = (Duration::from_millis(1), Duration::from_millis(10));
/// So many looks there are at least while a push takes its usual time, or the time waited so far.
const LOOKS: u32 = 16;

/// Writes one change, or says why not.
///
/// Waits at most the deadline for whoever leads, and as long again once it leads itself.
pub fn update(ctx: &Ctx<'_>, change: &Change) -> Outcome {
    ctx.recorder.asked(change);
    let outcome = write(ctx, change);
    ctx.recorder.answered(&change.op, &outcome);
    outcome
}

fn write(ctx: &Ctx<'_>, change: &Change) -> Outcome {
    let began = ctx.clock.monotonic();
    let mut ride: Option<Box<dyn Ride + '_>> = None;
    let mut push_time = Duration::ZERO;
    loop {
        if let Some(mut lead) = ctx.queue.try_lead() {
            // The last leader may have answered just before it left.
            if let Some(outcome) = ride.as_ref().and_then(|ride| ride.outcome()) {
                return outcome;
            }
            // A change that waits is taken aboard with the others, in its turn.
            let own = if ride.is_none() { Some(change) } else { None };
            if let Some(outcome) = carry(ctx, &mut *lead, own, &change.op) {
                return outcome;
            }
        }
        if ride.is_none() {
            // Before a push there is nothing to see: a crowd that looks all the time slows whoever leads.
            push_time = ctx.store.push_time().unwrap_or_default();
        }
        let waiting = ride.map_or_else(|| ctx.queue.submit(change), Ok)?;
        if let Some(outcome) = waiting.outcome() {
            return outcome;
        }
        let waited = ctx.clock.monotonic().saturating_sub(began);
        if waited >= ctx.settings.deadline / 4
            && let Some(outcome) = lose_patience(ctx, &*waiting, waited, change)
        {
            return outcome;
        }
        ride = Some(waiting);
        ctx.clock.sleep((waited.max(push_time) / LOOKS).clamp(POLL.0, POLL.1));
    }
}

/// Goes alone when whoever leads may have been stopped, and gives up at the deadline; `None` to go on waiting.
fn lose_patience(ctx: &Ctx<'_>, waiting: &dyn Ride, waited: Duration, change: &Change) -> Option<Outcome> {
    let held = waiting.held();
    // What a leader that was stopped has not taken need not wait for it.
    if held.is_none() && waiting.withdraw() {
        let outcome = carry(ctx, &mut NoQueue, Some(change), &change.op);
        return Some(outcome.unwrap_or_else(|| Err(gone(change))));
    }
    if waited < ctx.settings.deadline {
        return None;
    }
    match held {
        Some((free_in, why)) if waiting.withdraw() => Some(Err(UpdateError::OutOfBudget { free_in, why })),
        _ => Some(Err(gone(change))),
    }
}

fn gone(change: &Change) -> UpdateError {
    let why = "another process of this clone has taken it to the remote and is not back".to_owned();
    UpdateError::Unknown { op: change.op.clone(), why }
}

/// Tells those who were aboard of a leader that was killed, when what it was about to write is lost.
fn cannot_replay(lead: &mut dyn Lead, batch: &Batch, mine: &OpId) -> Option<Outcome> {
    let why = "the process that pushed it was killed".to_owned();
    let unknown = |op: &OpId| Err(UpdateError::Unknown { op: op.clone(), why: why.clone() });
    for change in &batch.changes {
        lead.answer(&change.op, &unknown(&change.op));
    }
    lead.arrive();
    batch.changes.iter().any(|change| change.op == *mine).then(|| unknown(mine))
}

/// Carries what waits, and `own`; returns how the change `mine` ended, if it was among them.
fn carry(ctx: &Ctx<'_>, lead: &mut dyn Lead, own: Option<&Change>, mine: &OpId) -> Option<Outcome> {
    // Other clones of this machine write one after the other, too.
    let _turn = ctx.store.take_turn(ctx.settings.deadline / 4);
    let mut outcome = None;
    if let Some(batch) = lead.left_behind() {
        outcome = match Round::resume(ctx, lead, &batch) {
            Ok(round) => round.run(mine),
            Err(_) => cannot_replay(lead, &batch, mine),
        };
    }
    if outcome.is_none() {
        outcome = Round::start(ctx, lead, own).run(mine);
    }
    outcome
}
