//! One seed: a world is made, lives, and is judged.

use std::sync::Arc;
use std::time::Duration;

use agentsync_core::Trailer;
use agentsync_lab::witness::{self, Ended, Evidence, Violation};
use agentsync_mcp::plant::Plant;

use crate::agent::{Agent, NAMES};
use crate::faults::{Counts, Fault, Weather};
use crate::machine::{Machine, Process};
use crate::world::{Event, SECOND, State, Strike, World};

/// How long one call may take by its caller's own clock, whatever happens: it may wait for a leader for
/// the deadline, carry what a killed leader left for another one, and its own change for a third, each
/// with a last call of git, and be stopped for a minute.
pub(crate) const LONGEST_CALL: Duration = Duration::from_secs(300);
/// Within which virtual time every pending call must have ended when faults stop.
pub(crate) const QUIET_TIME: Duration = Duration::from_secs(240);

/// A board that another program began, with what only it understands.
const FOREIGN: &str = "{\n \"future\" : { \"k\": 1.50 },\n \"claims\": {\"zed\": {\"task\": \"legacy\" ,\"touches\": [\"legacy/dir\"],\"status\":\"in-progress\", \"n\": 1e2, \"deep\": {\"b\":1.0 , \"a\":[ 1,2 ]}}},\n \"notes\": [ {\"from\":\"zed\",\"message\":\"hello\" , \"x\": 1.0} ]\n}\n";

/// What came of a seed.
pub(crate) struct Verdict {
    pub(crate) seed: u64,
    pub(crate) violations: Vec<Violation>,
    pub(crate) counts: Counts,
    /// How long the world lived, in microseconds.
    pub(crate) time: u64,
    pub(crate) n_calls: usize,
    pub(crate) n_commits: usize,
    pub(crate) answers: Vec<(&'static str, usize)>,
    pub(crate) trace: Option<Vec<String>>,
}

/// Plays a seed, with a bug planted or without.
pub(crate) fn play(seed: u64, bug: Option<Plant>, traces: bool) -> Verdict {
    let mut rng = fastrand::Rng::with_seed(seed);
    let weather = Weather::roll(&mut rng);
    let n_agents = rng.usize(2..=NAMES.len());
    let machines: Vec<Machine> =
        (0..rng.usize(1..=n_agents)).map(|_| Machine { rate: 1000, ..Machine::default() }).collect();
    let n_machines = machines.len();
    let mut state = State::new(rng.u64(..), machines, weather, n_agents);
    state.trace = traces.then(Vec::new);
    set_clocks(&mut state);
    if rng.bool() {
        state.found(FOREIGN);
    }
    schedule_strikes(&mut state, n_machines);
    let deadline = Duration::from_secs(45);
    for agent in 0..n_agents {
        let start = state.between(0, SECOND);
        state.schedule(start, Event::Wake(agent));
    }
    let world = Arc::new(World::new(state, n_agents));
    std::thread::scope(|scope| {
        for agent in 0..n_agents {
            // The first agents share the first machines when there are fewer of those.
            let process = Process { world: Arc::clone(&world), agent, machine: agent % n_machines };
            let n_calls = rng.usize(3..=10);
            let mut agent = Agent::new(process, n_calls, deadline);
            let thread = std::thread::Builder::new().stack_size(1 << 20);
            let body = move || live(&mut agent, bug);
            let _ = thread.spawn_scoped(scope, body).unwrap();
        }
        world.start();
        judge(seed, &mut world.wait_for_end())
    })
}

fn live(agent: &mut Agent, bug: Option<Plant>) {
    #[cfg(feature = "teeth")]
    agentsync_mcp::plant::plant(bug);
    #[cfg(not(feature = "teeth"))]
    assert!(bug.is_none(), "bugs can be planted with the feature `teeth` only");
    let world = Arc::clone(&agent.process.world);
    world.wait_for_turn(agent.process.agent);
    let name = NAMES[agent.process.agent];
    let lived = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| agent.live()));
    if lived.is_err() {
        let what = format!("{name} panicked");
        world.with(|state| state.violations.push(Violation { promise: "no panic", what }));
    }
    world.leave();
}

fn set_clocks(state: &mut State) {
    for idx in 0..state.machines.len() {
        match state.rng.u8(0..4) {
            0 => {
                let years = state.rng.i64(-10..=10);
                state.machines[idx].offset = years * 365 * 24 * 3600 * i64::try_from(SECOND).unwrap();
                state.counts.hit(Fault::ClockSkew);
            }
            1 => {
                state.machines[idx].rate = state.between(500, 2000);
                state.counts.hit(Fault::ClockRate);
            }
            _ => {}
        }
    }
}

/// Plans what interferes from outside, and when it ends.
fn schedule_strikes(state: &mut State, n_machines: usize) {
    let quiet = state.between(20, 150) * SECOND;
    state.schedule(quiet, Event::Strike(Strike::Quiet));
    if !state.weather.has_strikes {
        return;
    }
    for _ in 0..state.rng.usize(0..4) {
        let begin = state.between(0, quiet);
        let machine = state.rng.usize(0..n_machines);
        let (strike, end) = match state.rng.u8(0..100) {
            0..35 => (Strike::Partition(machine), Some(Strike::Rejoin(machine))),
            35..50 => (Strike::Stick, Some(Strike::Unstick)),
            50..58 => (Strike::Delete, Some(Strike::Restore)),
            58..66 => (Strike::Rollback(state.rng.usize(1..4)), None),
            66..74 => (Strike::Corrupt, Some(Strike::Mend)),
            74..80 => (Strike::Newer, Some(Strike::Mend)),
            _ => (Strike::Jump(machine), None),
        };
        state.schedule(begin, Event::Strike(strike));
        if let Some(end) = end {
            let lasts = state.between(SECOND, 60 * SECOND);
            state.schedule(begin + lasts, Event::Strike(end));
        }
    }
}

fn judge(seed: u64, state: &mut State) -> Verdict {
    let (chain, cut) = state.hub.links();
    if state.counts.of(Fault::Rollback) > 0 {
        // What was cut off may have been pushed again: then the order of landing is not that of the chain.
        state.records.iter_mut().for_each(|record| record.was_misled = true);
    }
    let evidence = Evidence { chain: &chain, cut: &cut, records: &state.records };
    let mut violations = std::mem::take(&mut state.violations);
    violations.extend(witness::check(&evidence));
    violations.extend(check_leases(state));
    if state.counts.longest_call > LONGEST_CALL {
        let what = format!("a call took {:?} by its own clock", state.counts.longest_call);
        violations.push(Violation { promise: "L2", what });
    }
    if state.counts.longest_quiet > QUIET_TIME {
        let what = format!("a call took {:?} after the faults had ended", state.counts.longest_quiet);
        violations.push(Violation { promise: "L3", what });
    }
    Verdict {
        seed,
        violations,
        counts: state.counts.clone(),
        time: state.now,
        n_calls: state.records.len(),
        n_commits: chain.len() + cut.len(),
        answers: answers(state),
        trace: state.trace.take(),
    }
}

fn answers(state: &State) -> Vec<(&'static str, usize)> {
    let kinds = ["done", "unchanged", "refused", "missing", "not done", "unknown", "killed", "surveys"];
    let kind = |ended: &Ended| match ended {
        Ended::Done => 0,
        Ended::Unchanged => 1,
        Ended::Refused { .. } => 2,
        Ended::Missing => 3,
        Ended::NotDone => 4,
        Ended::Unknown => 5,
        Ended::Died => 6,
        Ended::Saw { .. } => 7,
    };
    let count = |n: usize| state.records.iter().filter(|record| kind(&record.ended) == n).count();
    kinds.into_iter().enumerate().map(|(n, name)| (name, count(n))).collect()
}

/// Checks that no claim was taken over before its lease was over, by the clock of whoever took it.
fn check_leases(state: &State) -> Vec<Violation> {
    let mut found = Vec::new();
    for idx in 0..state.hub.commits.len() {
        let commit = &state.hub.commits[idx];
        let (Some(step), Some(landed)) = (&commit.step, commit.landed_at) else { continue };
        for trailer in &step.trailers {
            let Trailer::Supersedes(claim) = trailer else { continue };
            let key = claim.split('@').next().unwrap();
            let agent = NAMES.iter().position(|name| *name == step.agent.as_str()).unwrap();
            let taker = &state.machines[agent % state.machines.len()];
            let Some((lease, written)) = last_write(state, commit.parent, key) else { continue };
            let stood = taker.shown(landed.saturating_sub(written));
            // A thousandth for what division loses.
            if stood + SECOND / 100 < lease * SECOND {
                let what = format!("{claim} was taken over after {stood} us, and its lease was {lease} s");
                found.push(Violation { promise: "R-41", what });
            }
        }
    }
    found
}

/// Returns the lease of a claim as it stood at a commit, and when it was last written.
fn last_write(state: &State, at: Option<usize>, key: &str) -> Option<(u64, u64)> {
    let claim_at = |idx: usize| {
        let document = state.hub.commits[idx].document.as_ref().ok()?;
        document.board().claims.get(key)?.as_claim().cloned()
    };
    let now = claim_at(at?)?;
    // A document that nobody can read changes no claim.
    let same = |idx: &usize| {
        state.hub.commits[*idx].document.is_err() || claim_at(*idx).is_some_and(|claim| claim.op == now.op)
    };
    let first = state.hub.ancestors(at).take_while(same).last()?;
    Some((now.lease?, state.hub.commits[first].landed_at?))
}
