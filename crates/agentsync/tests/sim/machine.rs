//! Machines with clocks of their own, and what the clones on them remember.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use agentsync_core::{Change, OpId, Timestamp};
use agentsync_mcp::app::ctx::Dice;
use agentsync_mcp::app::ports::Clock;
use agentsync_mcp::app::ports::queue::{Batch, Outcome};
use agentsync_mcp::ledger::recency::Times;
use agentsync_mcp::ledger::sightings::Seen;

use crate::hub::CommitIdx;
use crate::world::{State, World};

/// The wall clock's true time when a world begins.
const EPOCH: i64 = 1_767_225_600_000_000;

/// One machine with one clone on it, used by one or several agents.
#[derive(Default)]
pub(crate) struct Machine {
    /// How fast its clocks run, in thousandths.
    pub(crate) rate: u64,
    /// How far its wall clock is off, in microseconds.
    pub(crate) offset: i64,
    pub(crate) is_cut_off: bool,
    /// The last tip that was verified.
    pub(crate) seen: Option<CommitIdx>,
    pub(crate) times: Times,
    pub(crate) sightings: Seen,
    pub(crate) line: Line,
}

/// The queue of a clone.
#[derive(Default)]
pub(crate) struct Line {
    pub(crate) leader: Option<usize>,
    pub(crate) changes: Vec<Waiting>,
    /// What leaders have noted, each in a boat of its own. All but that of whoever leads are adrift.
    pub(crate) boats: BTreeMap<u64, Batch>,
    pub(crate) n_boats: u64,
    pub(crate) answers: BTreeMap<OpId, Outcome>,
}

/// A change in a queue.
pub(crate) struct Waiting {
    pub(crate) change: Change,
    /// Whether a leader has taken it aboard.
    pub(crate) is_taken: bool,
    /// Whether its owner still waits for the answer.
    pub(crate) is_alive: bool,
}

impl Machine {
    /// Returns how much time its clocks show for a true time, in microseconds.
    pub(crate) fn shown(&self, time: u64) -> u64 {
        time.saturating_mul(self.rate) / 1000
    }
}

/// One agent's process: which it is, and on which machine.
pub(crate) struct Process {
    pub(crate) world: Arc<World>,
    pub(crate) agent: usize,
    pub(crate) machine: usize,
}

impl Process {
    pub(crate) fn with<T>(&self, act: impl FnOnce(&mut State, usize) -> T) -> T {
        self.world.with(|state| act(state, self.machine))
    }

    /// Lets a short time pass, in which other processes may run.
    pub(crate) fn step(&self) {
        let time = self.world.with(|state| state.between(50, 2_000));
        self.world.step(self.agent, time);
    }
}

impl Clock for Process {
    fn now(&self) -> Timestamp {
        self.with(|state, machine| {
            let machine = &state.machines[machine];
            let shown = i64::try_from(machine.shown(state.now)).unwrap();
            Timestamp(EPOCH + shown + machine.offset)
        })
    }

    fn monotonic(&self) -> Duration {
        self.with(|state, machine| Duration::from_micros(state.machines[machine].shown(state.now)))
    }

    fn sleep(&self, time: Duration) {
        let time = self.with(|state, machine| {
            let asked = u64::try_from(time.as_micros()).unwrap() * 1000 / state.machines[machine].rate;
            // A busy machine wakes sleepers late.
            asked + state.between(100, if asked < 20_000 { 60_000 } else { 5_000 })
        });
        self.world.step(self.agent, time);
    }

    fn since_boot(&self) -> Option<(String, Duration)> {
        Some(("this start".to_owned(), self.monotonic()))
    }
}

impl Dice for Process {
    fn op(&self) -> OpId {
        self.world.with(|state| OpId(format!("{:016x}{:016x}", state.rng.u64(..), state.rng.u64(..))))
    }

    fn jitter(&self, max: Duration) -> Duration {
        let max = u64::try_from(max.as_micros()).unwrap();
        Duration::from_micros(self.world.with(|state| state.rng.u64(0..=max)))
    }
}
