//! The write protocol, every interleaving of it: agents that claim and release, pushes that are lost,
//! late, doubled or left without an answer, crashes, and a branch that is moved back.
//!
//! A branch is the list of its changes, so an exact lease is the equality of two lists. Decisions are
//! the core's own. What never arrives is a push that is never delivered; what arrives late or twice is
//! one that is delivered later, or again.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "test code: what does not fit must stop the test"
)]

use std::collections::BTreeMap;
use std::sync::{LazyLock, Mutex};
use std::time::Instant;

use agentsync_core::decide::decide;
use agentsync_core::{
    AgentId, Author, Board, Change, ClaimRequest, Decision, InstanceId, Intent, OpId, PathSpec, Timestamp,
};
use stateright::{Checker, Model, Property};

/// All of these meet.
const AGENTS: [(&str, &str); 4] = [("alice", "a"), ("bob", "a/x"), ("carol", "*.rs"), ("dave", ".")];

/// One change: whose, and which of its two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Op {
    agent: usize,
    is_release: bool,
}

type Chain = Vec<Op>;

/// A push on its way, which may arrive at any time, any number of times, or never.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Push {
    base: Chain,
    op: Op,
}

/// What an agent was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Told {
    Done,
    Refused,
    NotDone,
    Unknown,
}

/// Where an agent is in its change.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Phase {
    /// It has not looked yet.
    Ready,
    /// It has pushed; the answer may have come back.
    Pushed { base: Chain, reply: Option<bool>, was_silent: bool },
    /// No answer came.
    Silent { base: Chain },
    /// The push was refused.
    Refused { base: Chain },
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Agent {
    /// How many changes it has behind it.
    n_told: usize,
    told: [Option<Told>; 2],
    phase: Phase,
    /// The branch as it saw it last.
    seen: Chain,
    is_frozen: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct State {
    branch: Chain,
    pushes: Vec<Push>,
    agents: Vec<Agent>,
    n_rollbacks: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Action {
    Look(usize),
    TakeReply(usize),
    MissReply(usize),
    GiveUp(usize),
    Crash(usize),
    Deliver(usize),
    Rollback,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bug {
    NoOpId,
    FailedOnTimeout,
    NoRecheck,
    PlainPush,
}

#[derive(Debug, Clone, Copy)]
struct Protocol {
    n_agents: usize,
    n_changes: usize,
    crashes: bool,
    n_rollbacks: usize,
    bug: Option<Bug>,
}

fn change(op: Op) -> Change {
    let (name, spec) = AGENTS[op.agent];
    let request = ClaimRequest {
        task: "work".to_owned(),
        touches: vec![PathSpec::parse(spec, &[]).unwrap()],
        requires: Vec::new(),
        branch: None,
        force: None,
        lease: None,
        lapsed: Vec::new(),
    };
    Change {
        op: OpId(format!("{name}-{}", op.is_release)),
        by: Author {
            agent: AgentId::parse(name).unwrap(),
            instance: InstanceId("here".to_owned()),
            session: None,
        },
        lane: None,
        intent: if op.is_release { Intent::Release { note: None } } else { Intent::Claim(request) },
    }
}

/// The board of each branch met so far.
static BOARDS: LazyLock<Mutex<BTreeMap<Chain, Board>>> = LazyLock::new(Mutex::default);
/// What each change comes to on each branch met so far.
static DECISIONS: LazyLock<Mutex<BTreeMap<(Chain, Op), Verdict>>> = LazyLock::new(Mutex::default);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Granted,
    Unchanged,
    No,
}

/// Returns the board of a branch. A change is written as its edits say, whether or not it should be.
fn board(chain: &[Op]) -> Board {
    if let Some(found) = BOARDS.lock().unwrap().get(chain) {
        return found.clone();
    }
    let board = match chain.split_last() {
        None => Board::default(),
        Some((op, before)) => {
            // What a careless client would write is what its change comes to on a board without peers.
            let (base, change) = (board(before), change(*op));
            let mut alone = base.clone();
            alone.claims.retain(|key, _| change.by.agent.is(key.agent()));
            match decide(&alone, &change, Timestamp(0)) {
                Decision::Granted(granted) => base.with(&granted.edits),
                _ => base,
            }
        }
    };
    BOARDS.lock().unwrap().insert(chain.to_vec(), board.clone());
    board
}

fn verdict(chain: &Chain, op: Op) -> Verdict {
    let key = (chain.clone(), op);
    if let Some(found) = DECISIONS.lock().unwrap().get(&key) {
        return *found;
    }
    let verdict = match decide(&board(chain), &change(op), Timestamp(0)) {
        Decision::Granted(_) => Verdict::Granted,
        Decision::Unchanged(_) => Verdict::Unchanged,
        Decision::Blocked(_) | Decision::Missing(_) => Verdict::No,
    };
    DECISIONS.lock().unwrap().insert(key, verdict);
    verdict
}

impl State {
    fn op(&self, agent: usize) -> Op {
        Op { agent, is_release: self.agents[agent].n_told == 1 }
    }

    fn tell(&mut self, agent: usize, told: Told) {
        let agent = &mut self.agents[agent];
        agent.told[agent.n_told] = Some(told);
        agent.n_told += 1;
        agent.phase = Phase::Ready;
    }

    fn push(&mut self, agent: usize, base: Chain, was_silent: bool) {
        let push = Push { base: base.clone(), op: self.op(agent) };
        if let Err(place) = self.pushes.binary_search(&push) {
            self.pushes.insert(place, push);
        }
        self.agents[agent].phase = Phase::Pushed { base, reply: None, was_silent };
    }

    /// Looks at the branch, and does what follows from it, as the loop does.
    fn look(&mut self, agent: usize, bug: Option<Bug>) {
        let (branch, op) = (self.branch.clone(), self.op(agent));
        let phase = self.agents[agent].phase.clone();
        let is_there = branch.contains(&op) && bug != Some(Bug::NoOpId);
        let follows = branch.starts_with(&self.agents[agent].seen);
        if matches!(phase, Phase::Silent { .. } | Phase::Refused { .. }) && is_there && follows {
            return self.tell(agent, Told::Done);
        }
        if !follows {
            // Nothing may be written until a person has looked.
            self.agents[agent].is_frozen = true;
            let is_silent = matches!(phase, Phase::Silent { .. });
            return self.tell(agent, if is_silent { Told::Unknown } else { Told::NotDone });
        }
        self.agents[agent].seen.clone_from(&branch);
        match phase {
            // The very same commit again, while it may still arrive.
            Phase::Silent { base } if base == branch => self.push(agent, base, true),
            Phase::Refused { .. } if bug == Some(Bug::NoRecheck) => self.push(agent, branch, false),
            _ => match verdict(&branch, op) {
                Verdict::Granted => self.push(agent, branch, false),
                Verdict::Unchanged => self.tell(agent, Told::Done),
                Verdict::No => self.tell(agent, Told::Refused),
            },
        }
    }

    fn deliver(&mut self, push: &Push, bug: Option<Bug>) {
        let fits = self.branch == push.base || bug == Some(Bug::PlainPush);
        if fits {
            self.branch.clone_from(&push.base);
            self.branch.push(push.op);
        }
        if let Phase::Pushed { base, reply, .. } = &mut self.agents[push.op.agent].phase
            && *base == push.base
        {
            *reply = Some(fits);
        }
    }

    fn take_reply(&mut self, agent: usize) {
        let Phase::Pushed { base, reply: Some(is_applied), was_silent } = self.agents[agent].phase.clone()
        else {
            return;
        };
        match (is_applied, was_silent) {
            (true, _) => {
                let op = self.op(agent);
                let mut seen = base;
                seen.push(op);
                self.agents[agent].seen = seen;
                self.tell(agent, Told::Done);
            }
            // An earlier push of the same commit may still be under way.
            (false, true) => self.agents[agent].phase = Phase::Silent { base },
            (false, false) => self.agents[agent].phase = Phase::Refused { base },
        }
    }

    fn give_up(&mut self, agent: usize, bug: Option<Bug>) {
        let told = match &self.agents[agent].phase {
            Phase::Silent { .. } if bug != Some(Bug::FailedOnTimeout) => Told::Unknown,
            // The loop looks a last time first; whoever is refused has been overtaken.
            Phase::Refused { .. } if self.branch.contains(&self.op(agent)) => Told::Done,
            _ => Told::NotDone,
        };
        self.tell(agent, told);
    }
}

impl Model for Protocol {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let agent =
            Agent { n_told: 0, told: [None; 2], phase: Phase::Ready, seen: Vec::new(), is_frozen: false };
        let agents = vec![agent; self.n_agents];
        vec![State { branch: Vec::new(), pushes: Vec::new(), agents, n_rollbacks: 0 }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        for (idx, agent) in state.agents.iter().enumerate() {
            if agent.n_told == self.n_changes || agent.is_frozen {
                continue;
            }
            match &agent.phase {
                Phase::Ready => actions.push(Action::Look(idx)),
                Phase::Pushed { reply, .. } => {
                    if reply.is_some() {
                        actions.push(Action::TakeReply(idx));
                    }
                    actions.push(Action::MissReply(idx));
                }
                Phase::Silent { .. } | Phase::Refused { .. } => {
                    actions.extend([Action::Look(idx), Action::GiveUp(idx)]);
                }
            }
            if self.crashes && agent.phase != Phase::Ready {
                actions.push(Action::Crash(idx));
            }
        }
        actions.extend((0..state.pushes.len()).map(Action::Deliver));
        if state.n_rollbacks < self.n_rollbacks && !state.branch.is_empty() {
            actions.push(Action::Rollback);
        }
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        let mut state = last.clone();
        match action {
            Action::Look(agent) => state.look(agent, self.bug),
            Action::TakeReply(agent) => state.take_reply(agent),
            Action::MissReply(agent) => {
                if let Phase::Pushed { base, .. } = state.agents[agent].phase.clone() {
                    state.agents[agent].phase = Phase::Silent { base };
                }
            }
            Action::GiveUp(agent) => state.give_up(agent, self.bug),
            // Whoever started it knows as much as after silence.
            Action::Crash(agent) => state.tell(agent, Told::Unknown),
            Action::Deliver(idx) => {
                let push = state.pushes[idx].clone();
                state.deliver(&push, self.bug);
            }
            Action::Rollback => {
                state.branch.pop();
                state.n_rollbacks += 1;
            }
        }
        (state != *last).then_some(state)
    }

    fn properties(&self) -> Vec<Property<Protocol>> {
        vec![
            Property::always("S1: no two agents hold the same files", |_, state: &State| {
                board(&state.branch).claims.values().filter(|entry| entry.is_active()).count() <= 1
            }),
            Property::always("S2: what is called done is on the branch", |_, state: &State| {
                told(state).all(|(op, told)| told != Told::Done || state.branch.contains(&op))
            }),
            Property::always("S3: nothing is there twice", |_, state: &State| {
                state.branch.iter().all(|op| state.branch.iter().filter(|other| *other == op).count() == 1)
            }),
            Property::always("S4: what is called refused or not done is not there", |_, state: &State| {
                let is_no = |told| matches!(told, Told::Refused | Told::NotDone);
                told(state).all(|(op, told)| !is_no(told) || !state.branch.contains(&op))
            }),
            Property::sometimes("a change is done", |_, state: &State| {
                told(state).any(|(_, told)| told == Told::Done)
            }),
            Property::sometimes("a change is unknown, and there", |_, state: &State| {
                told(state).any(|(op, told)| told == Told::Unknown && state.branch.contains(&op))
            }),
        ]
    }
}

fn told(state: &State) -> impl Iterator<Item = (Op, Told)> {
    state.agents.iter().enumerate().flat_map(|(agent, life)| {
        let both = life.told.into_iter().zip([false, true]);
        both.filter_map(move |(told, is_release)| Some((Op { agent, is_release }, told?)))
    })
}

const SOUND: Protocol = Protocol { n_agents: 2, n_changes: 2, crashes: true, n_rollbacks: 0, bug: None };

/// Checks every interleaving, prints how many there were, and returns the broken properties.
fn explore(what: &str, protocol: Protocol) -> Vec<&'static str> {
    let began = Instant::now();
    let checker = protocol.checker().threads(2).spawn_bfs().join();
    let found = checker.discoveries();
    let mut broken: Vec<&str> = found.keys().copied().filter(|name| name.starts_with('S')).collect();
    broken.sort_unstable();
    let (n_states, depth) = (checker.unique_state_count(), checker.max_depth());
    println!("| {what} | {n_states} | {depth} | {:.1} s | {broken:?} |", began.elapsed().as_secs_f64());
    broken
}

#[test]
fn two_agents_that_claim_release_and_crash_keep_every_promise() {
    assert_eq!(explore("2 agents, claim and release, crash", SOUND), Vec::<&str>::new());
}

#[test]
fn three_agents_that_claim_and_crash_keep_every_promise() {
    let protocol = Protocol { n_agents: 3, n_changes: 1, ..SOUND };
    assert_eq!(explore("3 agents, claim, crash", protocol), Vec::<&str>::new());
}

#[test]
fn four_agents_that_claim_keep_every_promise() {
    let protocol = Protocol { n_agents: 4, n_changes: 1, crashes: false, ..SOUND };
    assert_eq!(explore("4 agents, claim", protocol), Vec::<&str>::new());
}

/// Nobody can undo what a person with the right to force-push does; the others are told, and stop.
#[test]
fn a_branch_that_is_moved_back_breaks_only_that_what_was_done_is_there() {
    let protocol = Protocol { n_rollbacks: 1, ..SOUND };
    let broken = explore("2 agents, claim and release, crash, 1 rollback", protocol);
    assert!(broken.contains(&"S2: what is called done is on the branch"), "{broken:?}");
    let is_excused = |name: &&str| name.starts_with("S2") || name.starts_with("S4");
    assert!(broken.iter().all(is_excused), "{broken:?}");
}

#[test]
fn every_planted_bug_breaks_a_promise() {
    for bug in [Bug::NoOpId, Bug::FailedOnTimeout, Bug::NoRecheck, Bug::PlainPush] {
        let broken = explore(
            &format!("2 agents, claim and release, crash, {bug:?}"),
            Protocol { bug: Some(bug), ..SOUND },
        );
        assert!(!broken.is_empty(), "{bug:?} is not noticed");
    }
}
