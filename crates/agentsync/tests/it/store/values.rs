//! Small values for tests of stores.

use std::sync::Mutex;
use std::time::Duration;

use agentsync_core::decide::decide;
use agentsync_core::{
    AgentId, Author, Board, Change, ClaimRequest, Decision, InstanceId, Intent, OpId, PathSpec, Timestamp,
};
use agentsync_mcp::app::ctx::Dice;
use agentsync_mcp::app::ports::{Clock, Step};

/// A clock that moves when somebody waits, and only then.
#[derive(Debug, Default)]
pub(super) struct TestClock {
    waited: Mutex<Duration>,
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        let waited = i64::try_from(self.waited.lock().unwrap().as_micros()).unwrap();
        Timestamp(1_767_225_600_000_000 + waited)
    }

    fn monotonic(&self) -> Duration {
        *self.waited.lock().unwrap()
    }

    fn since_boot(&self) -> Option<(String, Duration)> {
        Some(("this start".to_owned(), self.monotonic()))
    }

    fn sleep(&self, time: Duration) {
        *self.waited.lock().unwrap() += time.max(Duration::from_millis(1));
    }
}

/// Dice whose ids count up and whose jitter is the longest there is.
#[derive(Debug)]
pub(super) struct TestDice(Mutex<u64>);

impl TestDice {
    pub(super) fn from(first: u64) -> TestDice {
        TestDice(Mutex::new(first))
    }
}

impl Dice for TestDice {
    fn op(&self) -> OpId {
        let mut next = self.0.lock().unwrap();
        *next += 1;
        OpId(format!("{:032x}", *next))
    }

    fn jitter(&self, max: Duration) -> Duration {
        max
    }
}

pub(super) fn author(agent: &str) -> Author {
    Author {
        agent: AgentId::parse(agent).unwrap(),
        instance: InstanceId(format!("{agent}-1")),
        session: None,
    }
}

pub(super) fn claim(agent: &str, op: &str, touches: &[&str]) -> Change {
    let touches = touches.iter().map(|text| PathSpec::parse(text, &[]).unwrap()).collect();
    let request = ClaimRequest {
        task: format!("work of {agent}"),
        touches,
        requires: Vec::new(),
        branch: None,
        force: None,
        lease: None,
        lapsed: Vec::new(),
    };
    Change { op: OpId(op.to_owned()), by: author(agent), lane: None, intent: Intent::Claim(request) }
}

/// Returns what a change writes on a board; it must be granted there.
#[track_caller]
pub(super) fn step(board: &Board, change: &Change) -> Step {
    match decide(board, change, Timestamp(1_767_225_600_000_000)) {
        Decision::Granted(granted) => Step {
            op: change.op.clone(),
            agent: change.by.agent.clone(),
            at: Timestamp(1_767_225_600_000_000),
            edits: granted.edits,
            subject: granted.event.subject,
            generation: granted.generation,
            trailers: granted.trailers,
        },
        other => panic!("not granted: {other:?}"),
    }
}
