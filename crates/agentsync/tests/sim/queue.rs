//! The queue of a simulated clone: what the folder of a real one does, and what can go wrong with it.

use agentsync_core::{Change, OpId};
use agentsync_mcp::app::ports::StoreError;
use agentsync_mcp::app::ports::queue::{Batch, Lead, NoQueue, Outcome, Queue, Ride};

use crate::faults::Fault;
use crate::machine::{Line, Process, Waiting};

struct SimLead<'a> {
    process: &'a Process,
    aboard: Vec<OpId>,
    is_noted: bool,
}

struct SimRide<'a> {
    process: &'a Process,
    op: OpId,
}

impl Process {
    fn line<T>(&self, act: impl FnOnce(&mut Line) -> T) -> T {
        self.with(|state, machine| act(&mut state.machines[machine].line))
    }
}

impl Queue for Process {
    fn try_lead(&self) -> Option<Box<dyn Lead + '_>> {
        self.step();
        if self.world.with(|state| state.strikes(Fault::NoLock)) {
            return Some(Box::new(NoQueue));
        }
        if self.line(|line| line.leader.is_some()) {
            return None;
        }
        self.line(|line| line.leader = Some(self.agent));
        Some(Box::new(SimLead { process: self, aboard: Vec::new(), is_noted: false }))
    }

    fn submit(&self, change: &Change) -> Result<Box<dyn Ride + '_>, StoreError> {
        self.step();
        let waiting = Waiting { change: change.clone(), is_taken: false, is_alive: true };
        self.line(|line| line.changes.push(waiting));
        Ok(Box::new(SimRide { process: self, op: change.op.clone() }))
    }
}

impl Ride for SimRide<'_> {
    fn outcome(&self) -> Option<Outcome> {
        self.process.line(|line| line.answers.get(&self.op).cloned())
    }

    fn withdraw(&self) -> bool {
        self.process.step();
        self.process.line(|line| {
            let n_before = line.changes.len();
            line.changes.retain(|waiting| waiting.change.op != self.op || waiting.is_taken);
            line.changes.len() < n_before
        })
    }
}

impl Drop for SimRide<'_> {
    fn drop(&mut self) {
        let is_killed = std::thread::panicking();
        self.process.line(|line| {
            for waiting in line.changes.iter_mut().filter(|waiting| waiting.change.op == self.op) {
                waiting.is_alive = false;
            }
            if !is_killed {
                line.changes.retain(|waiting| waiting.change.op != self.op);
                line.answers.remove(&self.op);
            }
        });
    }
}

impl Lead for SimLead<'_> {
    fn left_behind(&mut self) -> Option<Batch> {
        self.process.step();
        let aboard = &mut self.aboard;
        let batch = self.process.line(|line| {
            let batch = line.batch.clone();
            for waiting in line.changes.iter_mut().filter(|waiting| waiting.is_taken) {
                let op = &waiting.change.op;
                match batch.iter().flat_map(|batch| &batch.changes).any(|change| change.op == *op) {
                    true => aboard.push(op.clone()),
                    false => waiting.is_taken = false,
                }
            }
            batch
        });
        self.is_noted = batch.is_some();
        batch
    }

    fn board(&mut self) -> Vec<Change> {
        self.process.step();
        let taken = self.process.line(|line| {
            line.changes.retain(|waiting| waiting.is_taken || waiting.is_alive);
            let waiting = line.changes.iter_mut().filter(|waiting| !waiting.is_taken);
            let take = |waiting: &mut Waiting| {
                waiting.is_taken = true;
                waiting.change.clone()
            };
            waiting.map(take).collect::<Vec<_>>()
        });
        self.process.step();
        self.aboard.extend(taken.iter().map(|change| change.op.clone()));
        taken
    }

    fn depart(&mut self, batch: &Batch) -> Result<(), StoreError> {
        self.process.step();
        if self.aboard.is_empty() {
            return Ok(());
        }
        if self.process.world.with(|state| state.strikes(Fault::LocalFull)) {
            let detail = "no space left on device".to_owned();
            return Err(StoreError::Cache { doing: "write".into(), path: "queue".into(), detail });
        }
        self.process.line(|line| line.batch = Some(batch.clone()));
        self.is_noted = true;
        self.process.step();
        Ok(())
    }

    fn arrive(&mut self) {
        self.process.step();
        if std::mem::take(&mut self.is_noted) {
            self.process.line(|line| line.batch = None);
        }
    }

    fn answer(&mut self, op: &OpId, outcome: &Outcome) {
        self.process.step();
        let Some(place) = self.aboard.iter().position(|aboard| aboard == op) else { return };
        self.aboard.swap_remove(place);
        let is_lost = self.process.world.with(|state| state.strikes(Fault::AnswerLost));
        self.process.line(|line| {
            let is_awaited = line.changes.iter().any(|waiting| waiting.change.op == *op && waiting.is_alive);
            if is_awaited && !is_lost {
                line.answers.insert(op.clone(), outcome.clone());
            }
            line.changes.retain(|waiting| waiting.change.op != *op);
        });
    }

    fn put_back(&mut self, op: &OpId) {
        self.process.step();
        let n_before = self.aboard.len();
        self.aboard.retain(|aboard| aboard != op);
        if self.aboard.len() < n_before {
            self.process.line(|line| {
                for waiting in line.changes.iter_mut().filter(|waiting| waiting.change.op == *op) {
                    waiting.is_taken = false;
                }
            });
        }
    }
}

impl Drop for SimLead<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.process.world.with(|state| state.counts.hit(Fault::LeaderKilled));
        }
        self.process.line(|line| line.leader = None);
    }
}
