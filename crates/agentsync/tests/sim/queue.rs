//! The queue of a simulated clone: what the folder of a real one does, and what can go wrong with it.

use agentsync_core::{Change, OpId};
use agentsync_mcp::app::ports::StoreError;
use agentsync_mcp::app::ports::queue::{Batch, Lead, NoQueue, Outcome, Queue, Ride};

use crate::faults::Fault;
use crate::machine::{Line, Process, Waiting};

struct SimLead<'a> {
    process: &'a Process,
    aboard: Vec<OpId>,
    boat: Option<u64>,
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
        Some(Box::new(SimLead { process: self, aboard: Vec::new(), boat: None }))
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
        let gone = Gone(self);
        // Others go on between the end of a lead and the end of a wait.
        if !std::thread::panicking() {
            gone.0.process.step();
        }
    }
}

/// The end of a wait, also of one whose process is killed just before it.
struct Gone<'a>(&'a SimRide<'a>);

impl Drop for Gone<'_> {
    fn drop(&mut self) {
        let is_killed = std::thread::panicking();
        let op = &self.0.op;
        self.0.process.line(|line| {
            for waiting in line.changes.iter_mut().filter(|waiting| waiting.change.op == *op) {
                waiting.is_alive = false;
            }
            if !is_killed {
                line.changes.retain(|waiting| waiting.change.op != *op);
                line.answers.remove(op);
            }
        });
    }
}

impl Lead for SimLead<'_> {
    fn left_behind(&mut self) -> Option<Batch> {
        self.process.step();
        let aboard = &mut self.aboard;
        // One at a time; the next leader finds the others.
        let found = self.process.line(|line| {
            let found = line.boats.iter().next().map(|(boat, batch)| (*boat, batch.clone()));
            for waiting in line.changes.iter_mut().filter(|waiting| waiting.is_taken) {
                let op = &waiting.change.op;
                let has = |batch: &Batch| batch.changes.iter().any(|change| change.op == *op);
                if found.as_ref().is_some_and(|(_, batch)| has(batch)) {
                    aboard.push(op.clone());
                } else if !line.boats.values().any(has) {
                    waiting.is_taken = false;
                }
            }
            found
        });
        let (boat, batch) = found?;
        self.boat = Some(boat);
        Some(batch)
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
        let boat = self.boat;
        self.boat = self.process.line(|line| {
            let boat = boat.unwrap_or(line.n_boats);
            line.n_boats = line.n_boats.max(boat + 1);
            line.boats.insert(boat, batch.clone());
            Some(boat)
        });
        self.process.step();
        Ok(())
    }

    fn arrive(&mut self) {
        self.process.step();
        if let Some(boat) = self.boat {
            self.process.line(|line| line.boats.remove(&boat));
        }
    }

    fn leave_adrift(&mut self) {
        self.process.step();
        self.boat = None;
        self.aboard.clear();
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
