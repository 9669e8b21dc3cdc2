//! The simulated world: one virtual time, and of all agents exactly one that runs.
//!
//! Each agent is a thread, because the code under test is plain code that blocks. It runs until it
//! pauses; then whatever comes next in virtual time happens: another agent goes on, a push arrives, a
//! fault begins. All chance comes from one seed, so a seed is a history.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use agentsync_lab::witness::{Record, Violation};

use crate::faults::{Counts, Fault, Weather};
use crate::hub::{Hub, PushId};
use crate::machine::Machine;

/// A second of virtual time, in microseconds.
pub(crate) const SECOND: u64 = 1_000_000;

/// What happens at a moment of virtual time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Event {
    /// An agent goes on.
    Wake(usize),
    /// A push reaches the remote.
    Deliver(PushId),
    /// Somebody or something interferes.
    Strike(Strike),
}

/// What interferes from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Strike {
    /// A machine loses its way to the remote.
    Partition(usize),
    /// It has it back.
    Rejoin(usize),
    /// A lock is left behind at the remote.
    Stick,
    /// It is gone.
    Unstick,
    /// Somebody deletes the branch.
    Delete,
    /// Somebody moves the branch back by this many commits.
    Rollback(usize),
    /// Somebody puts the branch to where it was before it was deleted.
    Restore,
    /// Somebody pushes a document that cannot be read.
    Corrupt,
    /// Somebody pushes a document of a newer schema.
    Newer,
    /// Somebody pushes the last document that could be read.
    Mend,
    /// A wall clock jumps.
    Jump(usize),
    /// Faults stop.
    Quiet,
}

/// Everything there is.
pub(crate) struct State {
    /// Virtual time, in microseconds.
    pub(crate) now: u64,
    stamp: u64,
    sequence: u64,
    events: BinaryHeap<Reverse<(u64, u64, Event)>>,
    running: Option<usize>,
    n_alive: usize,
    pub(crate) rng: fastrand::Rng,
    pub(crate) hub: Hub,
    pub(crate) machines: Vec<Machine>,
    pub(crate) weather: Weather,
    pub(crate) counts: Counts,
    pub(crate) records: Vec<Record>,
    pub(crate) violations: Vec<Violation>,
    /// Since when there are no faults.
    pub(crate) quiet_since: Option<u64>,
    /// For each agent, whether the call it is in was served an old state.
    pub(crate) misled: Vec<bool>,
    /// For each agent, whether a push of the call it is in arrived twice and the refusal of the second
    /// was the answer.
    pub(crate) doubled: Vec<bool>,
    pub(crate) trace: Option<Vec<String>>,
}

impl State {
    pub(crate) fn new(seed: u64, machines: Vec<Machine>, weather: Weather, n_agents: usize) -> State {
        State {
            now: 0,
            stamp: 0,
            sequence: 0,
            events: BinaryHeap::new(),
            running: None,
            n_alive: n_agents,
            rng: fastrand::Rng::with_seed(seed),
            hub: Hub::default(),
            machines,
            weather,
            counts: Counts::default(),
            records: Vec::new(),
            violations: Vec::new(),
            quiet_since: None,
            misled: vec![false; n_agents],
            doubled: vec![false; n_agents],
            trace: None,
        }
    }

    /// Returns a moment that is later than every one before.
    pub(crate) fn tick(&mut self) -> u64 {
        self.stamp += 1;
        self.stamp
    }

    pub(crate) fn schedule(&mut self, after: u64, event: Event) {
        self.sequence += 1;
        self.events.push(Reverse((self.now.saturating_add(after), self.sequence, event)));
    }

    /// Returns a time between two, in microseconds.
    pub(crate) fn between(&mut self, low: u64, high: u64) -> u64 {
        self.rng.u64(low..=high)
    }

    /// Tells whether a fault happens now, and counts it if it does.
    pub(crate) fn strikes(&mut self, fault: Fault) -> bool {
        let per_mille = if self.quiet_since.is_some() { 0 } else { self.weather.per_mille(fault) };
        let hit = per_mille > 0 && self.rng.u32(0..1000) < per_mille;
        if hit {
            self.counts.hit(fault);
        }
        hit
    }

    /// Notes that whoever calls from a machine now is served an old state.
    pub(crate) fn mislead(&mut self, machine: usize) {
        let n_machines = self.machines.len();
        for (agent, misled) in self.misled.iter_mut().enumerate() {
            *misled |= agent % n_machines == machine;
        }
    }

    /// Notes that a push from a machine arrived twice, and that the second one's refusal is the answer.
    pub(crate) fn double(&mut self, machine: usize) {
        let n_machines = self.machines.len();
        for (agent, doubled) in self.doubled.iter_mut().enumerate() {
            *doubled |= agent % n_machines == machine;
        }
    }

    pub(crate) fn note(&mut self, what: impl FnOnce() -> String) {
        let (now, stamp) = (self.now, self.stamp);
        if let Some(trace) = &mut self.trace {
            let line = what();
            trace.push(format!("{:>12.6} #{stamp:<6} {line}", now as f64 / 1e6));
        }
    }

    /// Lets things happen until an agent is to go on; `None` when nothing is left.
    fn next_agent(&mut self) -> Option<usize> {
        loop {
            let Reverse((time, _, event)) = self.events.pop()?;
            self.now = self.now.max(time);
            match event {
                Event::Wake(agent) => return Some(agent),
                Event::Deliver(push) => self.deliver(push),
                Event::Strike(_) if self.n_alive == 0 => {}
                Event::Strike(strike) => self.strike(strike),
            }
        }
    }
}

/// The world, as its agents hold it.
pub(crate) struct World {
    state: Mutex<State>,
    wakes: Vec<Condvar>,
    over: Condvar,
}

/// What a killed agent's thread unwinds with.
pub(crate) struct Killed;

impl World {
    pub(crate) fn new(state: State, n_agents: usize) -> World {
        World {
            state: Mutex::new(state),
            wakes: (0..n_agents).map(|_| Condvar::new()).collect(),
            over: Condvar::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something at once: no other agent gets in between.
    pub(crate) fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.lock())
    }

    /// Starts the world. Every agent must have been given a first moment.
    pub(crate) fn start(&self) {
        let mut state = self.lock();
        self.hand_on(&mut state);
    }

    fn hand_on(&self, state: &mut State) {
        state.running = state.next_agent();
        match state.running {
            Some(agent) => self.wakes[agent].notify_one(),
            None => self.over.notify_all(),
        }
    }

    /// Waits until an agent is the one that runs.
    pub(crate) fn wait_for_turn(&self, agent: usize) {
        let mut state = self.lock();
        while state.running != Some(agent) {
            state = self.wakes[agent].wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Lets `time` pass for an agent.
    pub(crate) fn pause(&self, agent: usize, time: u64) {
        let mut state = self.lock();
        state.schedule(time, Event::Wake(agent));
        self.hand_on(&mut state);
        while state.running != Some(agent) {
            state = self.wakes[agent].wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Lets `time` pass for an agent at a place where its process may be stopped for long, or killed.
    pub(crate) fn step(&self, agent: usize, time: u64) {
        self.pause(agent, time);
        let stop = self.with(|state| match state.strikes(Fault::Stopped) {
            true => state.between(SECOND, 60 * SECOND),
            false => 0,
        });
        if stop > 0 {
            self.with(|state| state.note(|| format!("agent {agent} is stopped for {} s", stop / SECOND)));
            self.pause(agent, stop);
        }
        if self.with(|state| state.strikes(Fault::Crash)) {
            self.with(|state| state.note(|| format!("agent {agent} is killed")));
            std::panic::resume_unwind(Box::new(Killed));
        }
    }

    /// Ends an agent.
    pub(crate) fn leave(&self) {
        let mut state = self.lock();
        state.n_alive -= 1;
        self.hand_on(&mut state);
    }

    /// Waits until nothing is left to happen, and returns what there is then.
    pub(crate) fn wait_for_end(&self) -> MutexGuard<'_, State> {
        let mut state = self.lock();
        while state.n_alive > 0 || state.running.is_some() {
            state = self.over.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state
    }
}
