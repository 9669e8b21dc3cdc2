//! The only loop that writes the board.
//!
//! Take the changes, read the board, let the core decide each in turn on the running board, write
//! one step per granted change, swap once, answer each. A peer that wrote first sends us round
//! again; so does silence, after a look whether our steps are on the branch by now.

use std::time::Duration;

use agentsync_core::decide::decide;
use agentsync_core::{Board, Change, Decision, OpId};

use super::ctx::Ctx;
use super::ports::{Alarm, Freshness, Snapshot, Step, StoreError, Swap, Tip};
use thiserror::Error;

/// How one change ended.
#[derive(Debug, Clone)]
pub struct Answer {
    /// What was decided.
    pub decision: Decision,
    /// The tip that shows it; `None` while there is no branch.
    pub tip: Option<Tip>,
}

/// Why a write has no answer.
#[derive(Debug, Error)]
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
    /// The remote gave no plain answer; the change may be on the board, now or later.
    #[error("the remote gave no plain answer to {}: {why}", op.0)]
    Unknown {
        /// The change in question.
        op: OpId,
        /// What was said instead.
        why: String,
    },
}

/// The longest pause between two tries.
const MAX_PAUSE: Duration = Duration::from_millis(1600);
/// The least that a pause may last, so that a try that fails at once does not spin.
const MIN_PAUSE: Duration = Duration::from_millis(20);

/// Writes one change, or says why not.
pub fn update(ctx: &Ctx<'_>, change: &Change) -> Result<Answer, UpdateError> {
    let answers = update_all(ctx, std::slice::from_ref(change))?;
    let answer = answers.into_iter().next();
    answer.ok_or_else(|| UpdateError::Unknown { op: change.op.clone(), why: "no answer".to_owned() })
}

/// Writes several changes in one swap, and answers each in its place.
pub fn update_all(ctx: &Ctx<'_>, changes: &[Change]) -> Result<Vec<Answer>, UpdateError> {
    let started = ctx.clock.monotonic();
    let mut round = Round { ctx, changes, started, n_tries: 0, try_began: started, doubt: None };
    loop {
        if let Some(answers) = round.go()? {
            return Ok(answers);
        }
        round.pause()?;
    }
}

/// What a push without an answer left behind: it may still arrive.
#[derive(Clone)]
struct Doubt {
    base: Snapshot,
    plan: Plan,
    why: String,
}

/// What one look at the board leads to.
#[derive(Clone)]
struct Plan {
    decisions: Vec<Decision>,
    steps: Vec<Step>,
}

struct Round<'a> {
    ctx: &'a Ctx<'a>,
    changes: &'a [Change],
    started: Duration,
    n_tries: u32,
    /// When the present try began.
    try_began: Duration,
    doubt: Option<Doubt>,
}

impl Round<'_> {
    /// Goes round once; `None` means once more.
    ///
    /// While a push of ours may still arrive, a failure is only more silence: the answer is then
    /// *unknown* at the deadline, never *failed*.
    fn go(&mut self) -> Result<Option<Vec<Answer>>, UpdateError> {
        self.try_began = self.ctx.clock.monotonic();
        match self.look_and_swap() {
            Err(_) if self.doubt.is_some() => Ok(None),
            other => other,
        }
    }

    fn look_and_swap(&mut self) -> Result<Option<Vec<Answer>>, UpdateError> {
        let want = if self.n_tries == 0 { Freshness::Recent } else { Freshness::Now };
        let mut base = self.ctx.store.read(want)?;
        if let Some(doubt) = self.doubt.clone() {
            return self.settle(doubt, &base);
        }
        let mut plan = self.plan(&base.board);
        // A "no", and an answer that writes nothing, must not come from a board that may be old.
        if plan.has_refusal() && !base.is_confirmed {
            base = self.ctx.store.read(Freshness::Now)?;
            plan = self.plan(&base.board);
        }
        if plan.steps.is_empty() {
            return Ok(Some(answers(plan, base.tip.as_ref())));
        }
        if let Some(alarm) = base.alarm {
            return Err(alarm.into());
        }
        self.swap(base, plan)
    }

    fn swap(&mut self, base: Snapshot, plan: Plan) -> Result<Option<Vec<Answer>>, UpdateError> {
        self.n_tries = self.n_tries.saturating_add(1);
        match self.ctx.store.swap(&base, &plan.steps)? {
            Swap::Swapped(tip) => Ok(Some(answers(plan, Some(&tip)))),
            Swap::Moved => Ok(None),
            Swap::Unknown { why } => {
                self.doubt = Some(Doubt { base, plan, why });
                Ok(None)
            }
        }
    }

    /// Settles what became of a push without an answer, now that the board was read again.
    ///
    /// While the tip has not moved, the push may still arrive, so the very same steps go again:
    /// whichever of the two is first, the other finds its base gone. Once the tip has moved and our
    /// steps are not below it, they can never arrive, and the changes are decided anew.
    fn settle(&mut self, doubt: Doubt, now: &Snapshot) -> Result<Option<Vec<Answer>>, UpdateError> {
        if now.tip == doubt.base.tip {
            return self.swap(doubt.base, doubt.plan);
        }
        let is_there = self.ctx.store.contains(&doubt.plan.first_op(), doubt.base.tip.as_ref())?;
        self.doubt = None;
        Ok(is_there.then(|| answers(doubt.plan, now.tip.as_ref())))
    }

    fn plan(&self, board: &Board) -> Plan {
        let now = self.ctx.clock.now();
        let mut running = board.clone();
        let mut plan = Plan { decisions: Vec::new(), steps: Vec::new() };
        for change in self.changes {
            let decision = decide(&running, change, now);
            if let Decision::Granted(granted) = &decision {
                running = running.with(&granted.edits);
                plan.steps.push(Step {
                    op: change.op.clone(),
                    edits: granted.edits.clone(),
                    subject: granted.event.subject.clone(),
                    generation: granted.generation,
                });
            }
            plan.decisions.push(decision);
        }
        plan
    }

    /// Pauses before the next try, or gives up at the deadline.
    ///
    /// The first refusal only says that our board was old: it goes again at once. Later ones wait
    /// for a random part of about the time a try takes, so that those who compete fall out of step.
    /// A try that takes longer because many compete makes the pauses longer by itself; waiting much
    /// longer than that leaves the branch idle.
    fn pause(&mut self) -> Result<(), UpdateError> {
        let now = self.ctx.clock.monotonic();
        let waited = now.saturating_sub(self.started);
        let n_tries = self.n_tries;
        if waited >= self.ctx.settings.deadline {
            return Err(match self.doubt.take() {
                Some(Doubt { plan, why, .. }) => UpdateError::Unknown { op: plan.first_op(), why },
                None => UpdateError::Contended { n_tries, waited },
            });
        }
        if n_tries > 1 || self.doubt.is_some() {
            let one_try = now.saturating_sub(self.try_began);
            let most = (one_try + one_try / 8 * n_tries.min(16)).clamp(MIN_PAUSE, MAX_PAUSE);
            self.ctx.clock.sleep(self.ctx.dice.jitter(most));
        }
        Ok(())
    }
}

impl Plan {
    fn has_refusal(&self) -> bool {
        self.decisions.iter().any(|decision| !matches!(decision, Decision::Granted(_)))
    }

    fn first_op(&self) -> OpId {
        self.steps.first().map_or_else(|| OpId(String::new()), |step| step.op.clone())
    }
}

fn answers(plan: Plan, tip: Option<&Tip>) -> Vec<Answer> {
    plan.decisions.into_iter().map(|decision| Answer { decision, tip: tip.cloned() }).collect()
}
