//! The board as one machine sees it: a clone of the simulated remote, behind a network with faults.

use std::time::Duration;

use agentsync_core::{Board, BranchName, Lapsed, OpId};
use agentsync_mcp::app::ports::{
    Alarm, Clock as _, Diagnosis, Freshness, HistoryQuery, Leave, LogEntry, NoTurn, Place, Sighting,
    Snapshot, Step, Store, StoreError, Swap, Tip, Turn,
};

use crate::faults::Fault;
use crate::hub::{CommitIdx, Push, PushId};
use crate::machine::Process;
use crate::world::{SECOND, State};

/// How long a call waits for the remote.
const LIMIT: u64 = 30 * SECOND;

/// Kills a push together with its process, or lets it arrive without it.
struct InFlight<'a> {
    process: &'a Process,
    push: PushId,
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.process.with(|state, _| {
                let is_under_way = state.hub.pushes[self.push].outcome.is_none();
                match is_under_way && state.rng.bool() {
                    true => state.counts.hit(Fault::Zombie),
                    false => state.hub.pushes[self.push].is_cancelled = true,
                }
            });
        }
    }
}

impl Process {
    /// Returns how long one leg of a call takes.
    fn leg(&self) -> u64 {
        self.world.with(|state| match state.strikes(Fault::Slow) {
            true => state.between(SECOND, 40 * SECOND),
            false => state.between(5_000, 120_000),
        })
    }

    fn is_cut_off(&self) -> bool {
        self.with(|state, machine| {
            let is_cut_off = state.machines[machine].is_cut_off;
            if is_cut_off {
                state.counts.hit(Fault::Partition);
            }
            is_cut_off
        })
    }

    fn strikes(&self, fault: Fault) -> bool {
        self.world.with(|state| state.strikes(fault))
    }

    fn unreachable(&self, why: &str) -> StoreError {
        let detail = format!("machine {}: {why}", self.machine);
        StoreError::Unreachable { remote: "hub".to_owned(), detail }
    }

    /// Asks the remote for the branch's tip.
    fn ask(&self) -> Result<Option<CommitIdx>, StoreError> {
        if self.strikes(Fault::NoConnection) {
            self.step();
            return Err(self.unreachable("connection refused"));
        }
        let (there, back) = (self.leg(), self.leg());
        if self.is_cut_off() || there + back > LIMIT {
            self.world.step(self.agent, LIMIT);
            return Err(self.unreachable("no answer"));
        }
        self.world.step(self.agent, there);
        let found = self.world.with(|state| serve(state, self.machine));
        self.world.step(self.agent, back);
        match self.is_cut_off() {
            true => {
                self.world.step(self.agent, LIMIT);
                Err(self.unreachable("no answer"))
            }
            false => Ok(found),
        }
    }

    fn snapshot(
        &self,
        tip: CommitIdx,
        is_confirmed: bool,
        alarm: Option<Alarm>,
    ) -> Result<Snapshot, StoreError> {
        self.world.with(|state| {
            let (id, commit) = (state.hub.tip_of(tip), &state.hub.commits[tip]);
            let document = match &commit.document {
                Ok(document) => document,
                Err(why) => return Err(StoreError::Unreadable { tip: id, why: why.clone() }),
            };
            let newer = (document.schema() > 1).then(|| Alarm::NewerSchema { schema: document.schema() });
            Ok(Snapshot {
                tip: Some(id),
                board: document.board().clone(),
                is_confirmed,
                alarm: alarm.or(newer),
            })
        })
    }

    fn note_tip(&self, tip: CommitIdx, was_foreign: bool) {
        let now = self.now();
        self.with(|state, machine| {
            let seen = state.machines[machine].seen;
            if seen.is_none_or(|seen| !state.hub.descends(seen, tip)) {
                state.machines[machine].seen = Some(tip);
            }
            state.machines[machine].times.note(now, was_foreign);
        });
    }

    fn push(&self, base: Option<CommitIdx>, tip: CommitIdx, steps: &[Step]) -> Result<Swap, StoreError> {
        let unknown = |why: &str| Ok(Swap::Unknown { why: why.to_owned() });
        if self.strikes(Fault::NoConnection) {
            self.step();
            return Err(self.unreachable("connection refused"));
        }
        if self.is_cut_off() {
            self.world.step(self.agent, LIMIT);
            return unknown("no answer within 30 s");
        }
        self.world.step(self.agent, self.leg());
        // Git looks where the branch is before it sends anything.
        let there = self.world.with(|state| state.hub.tip);
        if there == Some(tip) {
            return Ok(Swap::Swapped(self.world.with(|state| state.hub.tip_of(tip))));
        }
        if there != base && !is_blind() {
            return Ok(Swap::Moved);
        }
        if self.strikes(Fault::RemoteFull) {
            let detail = "unpacker error: no space left on device".to_owned();
            let (remote, branch) = ("hub".to_owned(), "agentsync".to_owned());
            return Err(StoreError::PushRefused { remote, branch, detail });
        }
        if self.strikes(Fault::Later) {
            return Ok(Swap::Later);
        }
        if self.strikes(Fault::Reject) {
            return Ok(Swap::Refused);
        }
        if self.strikes(Fault::LostRequest) {
            self.world.step(self.agent, LIMIT);
            return unknown("no answer within 30 s");
        }
        Ok(self.send(base, tip, steps))
    }

    /// Tells how a swap ends whose base another process of the clone has left behind since it was read.
    fn is_late(&self, base: Option<CommitIdx>, tip: CommitIdx) -> Option<Swap> {
        use agentsync_mcp::plant::{Plant, is_planted};
        self.with(|state, machine| {
            let seen = state.machines[machine].seen.filter(|seen| Some(*seen) != base)?;
            if is_planted(Plant::NoChainCheck) || base.is_some_and(|base| state.hub.descends(base, seen)) {
                return None;
            }
            let is_there = state.hub.descends(seen, tip);
            Some(if is_there { Swap::Swapped(state.hub.tip_of(tip)) } else { Swap::Moved })
        })
    }

    fn send(&self, base: Option<CommitIdx>, tip: CommitIdx, steps: &[Step]) -> Swap {
        let (leg, back) = (self.leg(), self.leg());
        let steps = steps.to_vec();
        let push = Push { machine: self.machine, base, tip, steps, outcome: None, is_cancelled: false };
        let is_late = self.strikes(Fault::LateApply);
        let after = match is_late {
            true => self.world.with(|state| state.between(SECOND, 120 * SECOND)),
            false => leg,
        };
        let id = self.world.with(|state| state.send(push, after));
        let in_flight = InFlight { process: self, push: id };
        if is_late {
            let patience = self.world.with(|state| state.between(SECOND, LIMIT));
            self.world.step(self.agent, patience);
            return Swap::Unknown { why: "the connection broke".to_owned() };
        }
        if leg + back > LIMIT {
            self.world.step(self.agent, LIMIT);
            return Swap::Unknown { why: "no answer within 30 s".to_owned() };
        }
        self.world.step(self.agent, leg);
        self.deliver_again(id);
        self.world.step(self.agent, back);
        drop(in_flight);
        self.conclude(id, tip)
    }

    /// Lets the network deliver a push a second time, now or later.
    fn deliver_again(&self, id: PushId) {
        self.world.with(|state| {
            let (machine, base, tip) = {
                let push = &state.hub.pushes[id];
                (push.machine, push.base, push.tip)
            };
            let steps = state.hub.pushes[id].steps.clone();
            let again = Push { machine, base, tip, steps, outcome: None, is_cancelled: false };
            if state.strikes(Fault::Duplicate) {
                let after = state.between(0, 60 * SECOND);
                state.send(again, after);
            } else if state.hub.pushes[id].outcome == Some(true) && state.strikes(Fault::DuplicateAnswer) {
                // The second of the two finds the base gone, and its refusal is what comes back.
                state.hub.pushes[id].outcome = Some(false);
                state.double(machine);
            }
        });
    }

    fn conclude(&self, id: PushId, tip: CommitIdx) -> Swap {
        let is_lost = self.strikes(Fault::LostAck) || self.is_cut_off();
        let outcome = self.world.with(|state| state.hub.pushes[id].outcome);
        match outcome.filter(|_| !is_lost) {
            None => {
                let patience = self.world.with(|state| state.between(1_000, LIMIT));
                self.world.step(self.agent, patience);
                Swap::Unknown { why: "the remote end hung up unexpectedly".to_owned() }
            }
            Some(true) => Swap::Swapped(self.world.with(|state| state.hub.tip_of(tip))),
            Some(false) => Swap::Refused,
        }
    }
}

/// Tells whether a planted bug sends pushes without looking.
fn is_blind() -> bool {
    use agentsync_mcp::plant::{Plant, is_planted};
    is_planted(Plant::PlainPush) || is_planted(Plant::NoCas)
}

/// Returns what the remote says that the branch's tip is.
fn serve(state: &mut State, machine: usize) -> Option<CommitIdx> {
    let n_tips = state.hub.tips.len();
    if n_tips > 1 && state.strikes(Fault::StaleRead) {
        let back = state.rng.usize(1..=3.min(n_tips - 1));
        let old = state.hub.tips[n_tips - 1 - back];
        // Whoever has seen nothing yet cannot tell a branch that was taken away from the present one.
        let leads_here = |old| state.hub.ancestors(state.hub.tip).any(|commit| commit == old);
        if state.machines[machine].seen.is_some() || old.is_none_or(leads_here) {
            state.mislead(machine);
            return old;
        }
    }
    if state.machines[machine].seen.is_some() && state.strikes(Fault::WrongTip) {
        state.mislead(machine);
        return Some(state.hub.add_text(None, "{\"claims\": {}, \"of\": \"another branch\"}\n".to_owned()));
    }
    if state.hub.tip.is_none() && n_tips > 0 {
        // True now, and nothing that the chain will show.
        state.mislead(machine);
    }
    state.hub.tip
}

impl Store for Process {
    fn read(&self, want: Freshness) -> Result<Snapshot, StoreError> {
        let now = self.now();
        let (seen, times) =
            self.with(|state, machine| (state.machines[machine].seen, state.machines[machine].times));
        if let (Freshness::Recent, Some(seen)) = (want, seen)
            && times.is_worth_a_try(now)
        {
            return self.snapshot(seen, false, None);
        }
        let found = self.ask()?;
        self.world
            .with(|state| state.note(|| format!("agent {} reads {found:?}, seen {seen:?}", self.agent)));
        let descends = |found, seen| self.world.with(|state| state.hub.descends(found, seen));
        let now_seen = self.with(|state, machine| state.machines[machine].seen);
        let seen = match (seen, now_seen, found) {
            (None, Some(first), Some(found)) if first != found => return self.read(want),
            (Some(before), Some(now), Some(found)) if now != before && !descends(now, found) => Some(now),
            (before, _, _) => before,
        };
        match (seen, found) {
            (None, None) => {
                Ok(Snapshot { tip: None, board: Board::default(), is_confirmed: true, alarm: None })
            }
            (Some(seen), None) => {
                let alarm = Alarm::Deleted { seen: self.world.with(|state| state.hub.tip_of(seen)) };
                self.snapshot(seen, true, Some(alarm))
            }
            (Some(seen), Some(found)) if !descends(found, seen) => {
                let tip_of = |commit| self.world.with(|state| state.hub.tip_of(commit));
                let alarm = Alarm::Rewritten { seen: tip_of(seen), found: tip_of(found) };
                self.snapshot(found, true, Some(alarm))
            }
            (seen, Some(found)) => {
                let snapshot = self.snapshot(found, true, None)?;
                self.note_tip(found, seen.is_some_and(|seen| seen != found));
                Ok(snapshot)
            }
        }
    }

    fn at(&self, tip: Option<&Tip>) -> Result<Snapshot, StoreError> {
        match self.world.with(|state| state.hub.find(tip)) {
            Some(tip) => self.snapshot(tip, false, None),
            None => Ok(Snapshot { tip: None, board: Board::default(), is_confirmed: false, alarm: None }),
        }
    }

    fn take_turn(&self, _: Duration) -> Box<dyn Turn + '_> {
        Box::new(NoTurn)
    }

    fn ask_leave(&self) -> Leave {
        let why = "six a minute".to_owned();
        match self.strikes(Fault::NoLeave) {
            true => {
                let time = self.world.with(|state| state.between(SECOND, 20 * SECOND));
                Leave::In { time: Duration::from_micros(time), why }
            }
            false => Leave::Granted,
        }
    }

    fn swap(&self, base: &Snapshot, steps: &[Step]) -> Result<Swap, StoreError> {
        self.step();
        let full =
            |detail: String| StoreError::Cache { doing: "write".into(), path: "board.git".into(), detail };
        if self.strikes(Fault::LocalFull) {
            return Err(full("no space left on device".to_owned()));
        }
        let (base, prepared) = self.with(|state, _| {
            let base = state.hub.find(base.tip.as_ref());
            (base, state.hub.prepare(base, steps))
        });
        let tip = prepared.map_err(full)?;
        if let Some(late) = self.is_late(base, tip) {
            return Ok(late);
        }
        self.with(|state, machine| state.check_chain(machine, base));
        let swap = self.push(base, tip, steps)?;
        self.world.with(|state| {
            let ops: Vec<&str> = steps.iter().map(|step| &step.op.0[..4]).collect();
            state.note(|| format!("agent {} swaps {ops:?} on {base:?} for {tip}: {swap:?}", self.agent));
        });
        match &swap {
            Swap::Swapped(_) => self.note_tip(tip, false),
            Swap::Moved | Swap::Refused => {
                let now = self.now();
                self.with(|state, machine| state.machines[machine].times.note(now, true));
            }
            Swap::Later | Swap::Unknown { .. } => {}
        }
        Ok(swap)
    }

    fn contains(&self, op: &OpId, base: Option<&Tip>) -> Result<bool, StoreError> {
        Ok(self.with(|state, machine| {
            let stop = state.hub.find(base);
            let walk = state.hub.ancestors(state.machines[machine].seen);
            let mut news = walk.take_while(|commit| Some(*commit) != stop);
            news.any(|commit| state.hub.commits[commit].step.as_ref().is_some_and(|step| step.op == *op))
        }))
    }

    fn sight(&self, seen: &[Sighting], pulse: &dyn Fn(&BranchName) -> Option<String>) -> Vec<Lapsed> {
        let mut memory = self.with(|state, machine| std::mem::take(&mut state.machines[machine].sightings));
        let lapsed = memory.note(seen, pulse, self);
        self.with(|state, machine| state.machines[machine].sightings = memory);
        lapsed
    }

    fn history(&self, _: &HistoryQuery) -> Result<Vec<LogEntry>, StoreError> {
        Ok(Vec::new())
    }

    fn place(&self) -> Place {
        Place { repo: "sim".into(), remote: Some("hub".to_owned()), branch: "agentsync".to_owned() }
    }

    fn seed(&self) -> Result<(), StoreError> {
        Ok(())
    }

    fn try_push(&self) -> Result<(), StoreError> {
        Ok(())
    }

    fn diagnose(&self) -> Result<Diagnosis, StoreError> {
        Ok(Diagnosis::Sound { tip: None })
    }

    fn mend(&self, _: &Diagnosis) -> Result<Swap, StoreError> {
        Ok(Swap::Moved)
    }
}
