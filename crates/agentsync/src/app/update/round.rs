//! The only loop that writes the board.
//!
//! Take the changes, read the board, let the core decide each in turn on the running board, write
//! one step per granted change, swap once, answer each. A peer that wrote first sends us round
//! again; so does silence, after a look whether our steps are on the branch by now.

use std::time::Duration;

use agentsync_core::decide::decide;
use agentsync_core::pause::Refused;
use agentsync_core::{Board, Change, Decision, Granted, OpId, Timestamp};

use super::{Answer, UpdateError};
use crate::app::ctx::Ctx;
use crate::app::ports::queue::{Batch, Lead, Outcome};
use crate::app::ports::{Alarm, Freshness, Leave, Snapshot, Step, StoreError, Swap, Tip};
use crate::plant::{Plant, is_planted, steps};

/// The least that a remote is left alone that asks for it.
const MIN_PAUSE: Duration = Duration::from_millis(20);
/// For how long, and how often, a branch that nobody moves may refuse us before we say so.
const STUCK: (Duration, u32) = (Duration::from_secs(10), 3);

/// A swap that did not plainly succeed.
#[derive(Clone)]
struct Pending {
    base: Snapshot,
    plan: Plan,
    /// What was said instead of an answer; the steps may then still arrive. `None` when the swap was
    /// refused: then they are there only if the push reached the remote twice, and the refusal was
    /// the second one's.
    silence: Option<String>,
    /// Whether the remote was sent the steps at all.
    was_sent: bool,
}

impl Pending {
    /// Says why the steps may arrive yet, as long as the tip is where it was; `None` when they cannot.
    fn doubt(&self) -> Option<String> {
        let repeated = "it was refused, and the network may deliver it once more";
        self.silence.clone().or_else(|| self.was_sent.then(|| repeated.to_owned()))
    }
}

/// What one look at the board leads to.
#[derive(Clone)]
struct Plan {
    /// When it was made.
    at: Timestamp,
    decisions: Vec<Decision>,
    steps: Vec<Step>,
}

/// How often, and since when, the branch refused us without having moved.
struct Unmoved {
    since: Duration,
    n_times: u32,
}

/// A push that has no leave from the remote's budget yet.
struct Held {
    time: Duration,
    why: String,
}

/// One or more tries to write the changes of a batch.
pub struct Round<'a> {
    ctx: &'a Ctx<'a>,
    lead: &'a mut dyn Lead,
    changes: Vec<Change>,
    started: Duration,
    n_tries: u32,
    n_rounds: u32,
    /// When the present try began.
    try_began: Duration,
    pending: Option<Pending>,
    unmoved: Option<Unmoved>,
    held: Option<Held>,
    /// Whether the remote was sent anything, answered or not.
    was_sent: bool,
    is_last: bool,
}

impl<'a> Round<'a> {
    /// Begins with a change of one's own, if there is one, and all that wait.
    pub fn start(ctx: &'a Ctx<'a>, lead: &'a mut dyn Lead, own: Option<&Change>) -> Round<'a> {
        Round::with(ctx, lead, own.cloned().into_iter().collect(), None)
    }

    /// Goes on where a leader was killed: its push may have arrived, or arrive yet.
    pub fn resume(ctx: &'a Ctx<'a>, lead: &'a mut dyn Lead, batch: &Batch) -> Result<Round<'a>, StoreError> {
        let base = ctx.store.at(batch.base.as_ref())?;
        let plan = plan(&base.board, &batch.changes, batch.at);
        let silence = Some("the process that pushed it was killed".to_owned());
        let pending = Pending { base, plan, silence, was_sent: true };
        Ok(Round::with(ctx, lead, batch.changes.clone(), Some(pending)))
    }

    fn with(
        ctx: &'a Ctx<'a>,
        lead: &'a mut dyn Lead,
        changes: Vec<Change>,
        pending: Option<Pending>,
    ) -> Round<'a> {
        let started = ctx.clock.monotonic();
        let was_sent = pending.is_some();
        Round {
            ctx,
            lead,
            changes,
            started,
            n_tries: 0,
            n_rounds: 0,
            try_began: started,
            pending,
            unmoved: None,
            held: None,
            was_sent,
            is_last: false,
        }
    }

    /// Writes the changes, tells their authors, and returns how `mine` ended, if it was among them.
    pub fn run(mut self, mine: &OpId) -> Option<Outcome> {
        let ended = loop {
            match self.go() {
                Ok(Some(answers)) => break Ok(answers),
                Ok(None) => {}
                Err(err) => break Err(err),
            }
            if let Err(err) = self.pause() {
                break Err(err);
            }
        };
        self.tell(ended, mine)
    }

    fn tell(self, ended: Result<Vec<Answer>, UpdateError>, mine: &OpId) -> Option<Outcome> {
        let answers = match ended {
            Ok(answers) => answers,
            Err(err) => return self.tell_failure(&err, mine),
        };
        let mut outcome = None;
        for (change, answer) in self.changes.iter().zip(answers) {
            let told = Ok(answer);
            // Our own too: what waited before we led must not be aboard when the next leader looks.
            self.lead.answer(&change.op, &told);
            if is_same(&change.op, mine) {
                outcome = Some(told);
            }
        }
        // Only now: whoever leads after us, if we are killed before, must find them on the board
        // and not decide them anew.
        self.lead.arrive();
        outcome
    }

    fn tell_failure(self, err: &UpdateError, mine: &OpId) -> Option<Outcome> {
        let Round { ctx, lead, changes, pending, .. } = self;
        let may_arrive = pending.filter(|_| matches!(err, UpdateError::Unknown { .. }));
        match &may_arrive {
            // It stays noted: the next leader looks for it. An earlier board that the changes were pushed
            // on has been overtaken: this is the last.
            Some(Pending { base, plan, .. }) => {
                ctx.queue.leave_open(&Batch {
                    base: base.tip.clone(),
                    at: plan.at,
                    changes: changes.clone(),
                });
                lead.leave_adrift();
            }
            None => lead.arrive(),
        }
        let mut outcome = None;
        for change in &changes {
            // Each is told of its own.
            let told = match err {
                UpdateError::Unknown { why, .. } => {
                    UpdateError::Unknown { op: change.op.clone(), why: why.clone() }
                }
                err => err.clone(),
            };
            match told {
                told if is_same(&change.op, mine) => {
                    let told = Err(told);
                    lead.answer(&change.op, &told);
                    outcome = Some(told);
                }
                UpdateError::Unknown { .. } if may_arrive.is_some() => {}
                // Their time is not over with ours.
                UpdateError::Contended { .. } | UpdateError::OutOfBudget { .. } => lead.put_back(&change.op),
                told => lead.answer(&change.op, &Err(told)),
            }
        }
        outcome
    }

    /// Goes round once; `None` means once more.
    ///
    /// While a push of ours may still arrive, or has not been looked for, a failure is only more
    /// silence: the answer is then *unknown* at the deadline, never *failed*.
    fn go(&mut self) -> Result<Option<Vec<Answer>>, UpdateError> {
        self.try_began = self.ctx.clock.monotonic();
        match (self.look_and_swap(), &mut self.pending) {
            // A board that cannot be read stays so: after a refusal there is nothing to wait for.
            (
                Err(UpdateError::Store(err @ StoreError::Unreadable { .. })),
                Some(Pending { silence: None, was_sent, plan, .. }),
            ) => Err(match was_sent {
                true => UpdateError::Unknown { op: plan.first_op(), why: err.to_string() },
                false => err.into(),
            }),
            // On a branch that is not what it was, nobody can tell whether what was sent is there, or will
            // be when the branch is put back.
            (Err(UpdateError::Frozen(alarm)), _)
                if self.was_sent && !matches!(alarm, Alarm::NewerSchema { .. }) =>
            {
                let op = self.changes.first().map_or_else(|| OpId(String::new()), |change| change.op.clone());
                Err(UpdateError::Unknown { op, why: alarm.to_string() })
            }
            (Err(UpdateError::Store(err)), Some(pending)) => {
                pending.silence.get_or_insert_with(|| err.to_string());
                Ok(None)
            }
            (other, _) => other,
        }
    }

    fn look_and_swap(&mut self) -> Result<Option<Vec<Answer>>, UpdateError> {
        let is_first = self.n_tries == 0 && self.pending.is_none();
        let want = if is_first { Freshness::Recent } else { Freshness::Now };
        self.board();
        if self.changes.is_empty() {
            return Ok(Some(Vec::new()));
        }
        let n_before = self.changes.len();
        let mut refused = None;
        let mut base = self.ctx.store.read(want)?;
        if let Some(pending) = self.pending.clone() {
            if self.is_there(&pending, &base)? && !is_planted(Plant::NoOpId) {
                return Ok(Some(answers(pending.plan, base.tip.as_ref())));
            }
            if let Some(alarm) = base.alarm.clone().filter(|_| !is_planted(Plant::NoChainCheck)) {
                return Err(alarm.into());
            }
            // While the tip has not moved, what was sent may still arrive, so the very same steps go
            // again: whichever of the two is first, the other finds its base gone.
            if base.tip == pending.base.tip && pending.doubt().is_some() {
                return match self.is_last {
                    true => Err(self.stuck()),
                    false => self.swap(pending.base, pending.plan),
                };
            }
            if is_planted(Plant::NoRecheck) {
                return self.swap(base, pending.plan);
            }
            if is_planted(Plant::NoOpId) {
                self.changes.iter_mut().for_each(|change| change.op.0.push('~'));
            }
            // Now the steps can never arrive, and the changes are decided anew.
            refused = self.pending.take().map(|pending| pending.plan);
            self.lead.arrive();
        }
        if self.is_last {
            return Ok(None);
        }
        self.board();
        let mut plan = self.plan(&base.board);
        if refused.is_some_and(|refused| !plan.goes_on_from(&refused)) && self.hold_back(false) {
            base = self.ctx.store.read(Freshness::Now)?;
            plan = self.plan(&base.board);
        }
        // A "no", and an answer that writes nothing, must not come from a board that may be old: older
        // than the question, for those who have come since it was read.
        let is_confirmed = base.is_confirmed && self.changes.len() == n_before;
        if (plan.has_refusal() || base.alarm.is_some()) && !is_confirmed {
            base = self.ctx.store.read(Freshness::Now)?;
            plan = self.plan(&base.board);
        }
        // Nor from one that nobody vouches for.
        match base.alarm.clone().filter(|_| !is_planted(Plant::NoChainCheck)) {
            Some(alarm) => Err(alarm.into()),
            None if plan.steps.is_empty() => Ok(Some(answers(plan, base.tip.as_ref()))),
            None => self.swap(base, plan),
        }
    }

    /// Takes those aboard that have come meanwhile, unless the chain is written already.
    fn board(&mut self) {
        if self.pending.is_none() && !self.is_last {
            self.changes.extend(self.lead.board());
        }
    }

    /// Takes those aboard who came while the steps were written. Who would be refused waits for the next
    /// leader: the board is older than that question.
    fn last_call(&mut self, base: &Snapshot, plan: &mut Plan) -> Result<(), StoreError> {
        self.ctx.store.prepare(base, &plan.steps)?;
        let late = self.lead.board();
        if late.is_empty() {
            return Ok(());
        }
        let mut running = base.board.clone();
        plan.steps.iter().for_each(|step| running.edit(&step.edits));
        for change in late {
            match decide(&running, &change, plan.at) {
                Decision::Granted(granted) => {
                    plan.grant(&mut running, &change, granted);
                    self.changes.push(change);
                }
                _ => self.lead.put_back(&change.op),
            }
        }
        Ok(())
    }

    fn swap(&mut self, base: Snapshot, mut plan: Plan) -> Result<Option<Vec<Answer>>, UpdateError> {
        if let Leave::In { time, why } = self.ctx.store.ask_leave() {
            self.held = Some(Held { time, why });
            return Ok(None);
        }
        steps::pass("leave had");
        if self.pending.is_none() {
            self.last_call(&base, &mut plan)?;
        }
        let changes = self.changes.clone();
        let batch = Batch { base: base.tip.clone(), at: plan.at, changes };
        self.lead.depart(&batch)?;
        self.ctx.recorder.swapping(&batch);
        self.n_tries = self.n_tries.saturating_add(1);
        let swap = self.ctx.store.swap(&base, &plan.steps)?;
        let is_sent = matches!(swap, Swap::Refused | Swap::Unknown { .. });
        let silence = match swap {
            Swap::Swapped(tip) => return Ok(Some(answers(plan, Some(&tip)))),
            // An earlier push of the same steps may still be under way.
            Swap::Moved | Swap::Refused => self.pending.as_ref().and_then(|pending| pending.silence.clone()),
            Swap::Later => {
                self.held = Some(Held { time: MIN_PAUSE, why: "the remote asked for a pause".to_owned() });
                return Ok(None);
            }
            Swap::Unknown { why } => Some(why),
        };
        let was_sent = is_sent || self.pending.as_ref().is_some_and(|pending| pending.was_sent);
        self.was_sent |= was_sent;
        self.pending = Some(Pending { base, plan, silence, was_sent });
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
        plan(board, &self.changes, self.ctx.clock.now())
    }

    fn stuck(&self) -> UpdateError {
        let waited = self.ctx.clock.monotonic().saturating_sub(self.started);
        UpdateError::Stuck { n_tries: self.n_tries, waited }
    }

    /// Pauses before the next try, or gives up at the deadline.
    fn pause(&mut self) -> Result<(), UpdateError> {
        let now = self.ctx.clock.monotonic();
        let (n_tries, waited) = (self.n_tries, now.saturating_sub(self.started));
        if let Some(held) = self.held.take() {
            return self.wait_for_leave(held, waited);
        }
        let is_stuck = self.unmoved.as_ref().is_some_and(|unmoved| {
            now.saturating_sub(unmoved.since) >= STUCK.0 && unmoved.n_times >= STUCK.1
        });
        match &self.pending {
            Some(Pending { silence: Some(why), plan, .. }) => {
                if waited >= self.ctx.settings.deadline && is_planted(Plant::FailedOnTimeout) {
                    return Err(UpdateError::Contended { n_tries, waited });
                }
                if waited >= self.ctx.settings.deadline {
                    return Err(UpdateError::Unknown { op: plan.first_op(), why: why.clone() });
                }
            }
            Some(_) if is_stuck => return Err(self.stuck()),
            // One more look, since a refusal may hide a push that arrived twice.
            Some(_) if waited >= self.ctx.settings.deadline => {
                self.is_last = true;
                return Ok(());
            }
            Some(_) => {}
            None => return Err(UpdateError::Contended { n_tries, waited }),
        }
        self.n_rounds = self.n_rounds.saturating_add(1);
        // Whether what came in touches our decision is seen when it has been read. A branch that has not
        // moved refuses us for another reason.
        self.hold_back(self.unmoved.is_none());
        Ok(())
    }

    /// Pauses for a random part of what a refusal asks for; `false` when that is nothing.
    fn hold_back(&self, is_untouched: bool) -> bool {
        let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        let refused = Refused {
            n_times: self.n_rounds,
            is_silent: self.pending.as_ref().is_some_and(|pending| pending.silence.is_some()),
            is_untouched,
            took: micros(self.ctx.clock.monotonic().saturating_sub(self.try_began)),
            push: self.ctx.store.push_time().map(micros),
        };
        let most = Duration::from_micros(refused.longest_pause());
        if !most.is_zero() {
            self.ctx.clock.sleep(self.ctx.dice.jitter(most));
        }
        !most.is_zero()
    }
}

impl Round<'_> {
    /// Waits for leave to push, so that what comes meanwhile rides along; gives up at once when there
    /// will be none before the deadline.
    fn wait_for_leave(&mut self, held: Held, waited: Duration) -> Result<(), UpdateError> {
        let Held { time, why } = held;
        let left = self.ctx.settings.deadline.saturating_sub(waited);
        let in_doubt = self.pending.as_ref().and_then(|pending| Some((pending.doubt()?, &pending.plan)));
        match in_doubt {
            // It may arrive yet, until the deadline.
            Some((why, plan)) if left.is_zero() => {
                return Err(UpdateError::Unknown { op: plan.first_op(), why });
            }
            None if left < time => return Err(UpdateError::OutOfBudget { free_in: time, why }),
            Some(_) | None => {}
        }
        let time = time.min(left);
        self.lead.hold(time, &why);
        self.ctx.clock.sleep(time);
        Ok(())
    }
}

/// Tells whether two ids are of one change: a planted bug marks each try anew.
fn is_same(one: &OpId, other: &OpId) -> bool {
    one == other || (is_planted(Plant::NoOpId) && one.0.trim_end_matches('~') == other.0)
}

/// Decides each change in turn on the running board.
fn plan(board: &Board, changes: &[Change], at: Timestamp) -> Plan {
    let mut running = board.clone();
    let mut plan = Plan { at, decisions: Vec::new(), steps: Vec::new() };
    for change in changes {
        match decide(&running, change, at) {
            Decision::Granted(granted) => plan.grant(&mut running, change, granted),
            refused => plan.decisions.push(refused),
        }
    }
    plan
}

impl Plan {
    /// Adds what was granted to a change on the running board, which then has it.
    fn grant(&mut self, running: &mut Board, change: &Change, granted: Box<Granted>) {
        running.edit(&granted.edits);
        self.steps.push(Step {
            op: change.op.clone(),
            agent: change.by.agent.clone(),
            at: self.at,
            edits: granted.edits.clone(),
            subject: granted.event.subject.clone(),
            generation: granted.generation,
            trailers: granted.trailers.clone(),
        });
        self.decisions.push(Decision::Granted(granted));
    }

    fn has_refusal(&self) -> bool {
        self.decisions.iter().any(|decision| !matches!(decision, Decision::Granted(_)))
    }

    /// Tells whether a refused plan is what this one would still write, apart from fencing numbers.
    ///
    /// A plan that writes nothing any more needs no pause before it is answered.
    fn goes_on_from(&self, refused: &Plan) -> bool {
        let is_same = |(ours, theirs): (&Step, &Step)| {
            ours.op == theirs.op && ours.subject == theirs.subject && ours.trailers == theirs.trailers
        };
        let n_steps = refused.steps.len();
        self.steps.is_empty()
            || (self.steps.len() >= n_steps && self.steps.iter().zip(&refused.steps).all(is_same))
    }

    fn first_op(&self) -> OpId {
        self.steps.first().map_or_else(|| OpId(String::new()), |step| step.op.clone())
    }
}

fn answers(plan: Plan, tip: Option<&Tip>) -> Vec<Answer> {
    plan.decisions.into_iter().map(|decision| Answer { decision, tip: tip.cloned() }).collect()
}
