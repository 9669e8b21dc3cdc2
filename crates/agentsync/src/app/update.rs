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
    /// The remote refuses although nobody has moved the branch: a lock may be left behind there.
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

/// A longest pause between two tries.
const MAX_PAUSE: Duration = Duration::from_millis(1600);
/// The least that a pause may last, so that a try that fails at once does not spin.
const MIN_PAUSE: Duration = Duration::from_millis(20);
/// For how long, and how often, a branch that nobody moves may refuse us before we say so.
const STUCK: (Duration, u32) = (Duration::from_secs(10), 3);

/// Writes one change, or says why not.
pub fn update(ctx: &Ctx<'_>, change: &Change) -> Result<Answer, UpdateError> {
    let answers = update_all(ctx, std::slice::from_ref(change))?;
    let answer = answers.into_iter().next();
    answer.ok_or_else(|| UpdateError::Unknown { op: change.op.clone(), why: "no answer".to_owned() })
}

/// Writes several changes in one swap, and answers each in its place.
pub fn update_all(ctx: &Ctx<'_>, changes: &[Change]) -> Result<Vec<Answer>, UpdateError> {
    let started = ctx.clock.monotonic();
    let mut round = Round {
        ctx,
        changes,
        started,
        n_tries: 0,
        n_rounds: 0,
        try_began: started,
        pending: None,
        unmoved: None,
        is_last: false,
    };
    loop {
        if let Some(answers) = round.go()? {
            return Ok(answers);
        }
        round.pause()?;
    }
}

/// A swap that did not plainly succeed.
#[derive(Clone)]
struct Pending {
    base: Snapshot,
    plan: Plan,
    /// What was said instead of an answer; the steps may then still arrive. `None` when the swap was
    /// refused: then they are there only if the push reached the remote twice, and the refusal was
    /// the second one's.
    silence: Option<String>,
}

/// What one look at the board leads to.
#[derive(Clone)]
struct Plan {
    decisions: Vec<Decision>,
    steps: Vec<Step>,
}

/// How often, and since when, the branch refused us without having moved.
struct Unmoved {
    since: Duration,
    n_times: u32,
}

struct Round<'a> {
    ctx: &'a Ctx<'a>,
    changes: &'a [Change],
    started: Duration,
    n_tries: u32,
    n_rounds: u32,
    /// When the present try began.
    try_began: Duration,
    pending: Option<Pending>,
    unmoved: Option<Unmoved>,
    is_last: bool,
}

impl Round<'_> {
    /// Goes round once; `None` means once more.
    ///
    /// While a push of ours may still arrive, or has not been looked for, a failure is only more
    /// silence: the answer is then *unknown* at the deadline, never *failed*.
    fn go(&mut self) -> Result<Option<Vec<Answer>>, UpdateError> {
        self.try_began = self.ctx.clock.monotonic();
        match (self.look_and_swap(), &mut self.pending) {
            // A board that cannot be read stays so: after a plain refusal there is nothing to wait for.
            (
                Err(UpdateError::Store(StoreError::Unreadable { tip, why })),
                Some(Pending { silence: None, .. }),
            ) => Err(StoreError::Unreadable { tip, why }.into()),
            (Err(UpdateError::Store(err)), Some(pending)) => {
                pending.silence.get_or_insert_with(|| err.to_string());
                Ok(None)
            }
            (other, _) => other,
        }
    }

    fn look_and_swap(&mut self) -> Result<Option<Vec<Answer>>, UpdateError> {
        let want = if self.n_tries == 0 { Freshness::Recent } else { Freshness::Now };
        let mut base = self.ctx.store.read(want)?;
        if let Some(pending) = self.pending.clone() {
            if self.is_there(&pending, &base)? {
                return Ok(Some(answers(pending.plan, base.tip.as_ref())));
            }
            if let Some(alarm) = base.alarm {
                return Err(alarm.into());
            }
            // While the tip has not moved, a push without an answer may still arrive, so the very same
            // steps go again: whichever of the two is first, the other finds its base gone.
            if base.tip == pending.base.tip && pending.silence.is_some() {
                return self.swap(pending.base, pending.plan);
            }
            // Now the steps can never arrive, and the changes are decided anew.
            self.pending = None;
        }
        if self.is_last {
            return Ok(None);
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
        match base.alarm {
            Some(alarm) => Err(alarm.into()),
            None => self.swap(base, plan),
        }
    }

    fn swap(&mut self, base: Snapshot, plan: Plan) -> Result<Option<Vec<Answer>>, UpdateError> {
        self.n_tries = self.n_tries.saturating_add(1);
        let silence = match self.ctx.store.swap(&base, &plan.steps)? {
            Swap::Swapped(tip) => return Ok(Some(answers(plan, Some(&tip)))),
            // An earlier push of the same steps may still be under way.
            Swap::Moved => self.pending.take().and_then(|pending| pending.silence),
            Swap::Unknown { why } => Some(why),
        };
        self.pending = Some(Pending { base, plan, silence });
        Ok(None)
    }

    /// Tells whether the steps of a swap without success are on the board after all, and keeps count
    /// of refusals that no peer explains.
    fn is_there(&mut self, pending: &Pending, now: &Snapshot) -> Result<bool, StoreError> {
        if now.tip != pending.base.tip {
            self.unmoved = None;
            return self.ctx.store.contains(&pending.plan.first_op(), pending.base.tip.as_ref());
        }
        let since = self.ctx.clock.monotonic();
        self.unmoved.get_or_insert(Unmoved { since, n_times: 0 }).n_times += 1;
        Ok(false)
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
        let (n_tries, waited) = (self.n_tries, now.saturating_sub(self.started));
        let is_stuck = self.unmoved.as_ref().is_some_and(|unmoved| {
            now.saturating_sub(unmoved.since) >= STUCK.0 && unmoved.n_times >= STUCK.1
        });
        match &self.pending {
            Some(Pending { silence: Some(why), plan, .. }) => {
                if waited >= self.ctx.settings.deadline {
                    return Err(UpdateError::Unknown { op: plan.first_op(), why: why.clone() });
                }
            }
            Some(_) if is_stuck => return Err(UpdateError::Stuck { n_tries, waited }),
            // One more look, since a refusal may hide a push that arrived twice.
            Some(_) if waited >= self.ctx.settings.deadline => {
                self.is_last = true;
                return Ok(());
            }
            Some(_) => {}
            None => return Err(UpdateError::Contended { n_tries, waited }),
        }
        self.n_rounds = self.n_rounds.saturating_add(1);
        let is_silent = self.pending.as_ref().is_some_and(|pending| pending.silence.is_some());
        if self.n_rounds > 1 || is_silent {
            let one_try = now.saturating_sub(self.try_began);
            let most = (one_try + one_try / 8 * self.n_rounds.min(16)).clamp(MIN_PAUSE, MAX_PAUSE);
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
