//! Alarms while a change is being written: what may be said then, and what may not.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use agentsync_core::{BranchName, Change, Decision, Lapsed, OpId};
use agentsync_mcp::app::ports::queue::{Batch, Lead, Outcome, Queue, Ride};
use agentsync_mcp::app::ports::{
    Alarm, Diagnosis, Freshness, HistoryQuery, LogEntry, Place, Sighting, Snapshot, Step, Store, StoreError,
    Swap, Tip, Turn,
};
use agentsync_mcp::app::update::{Answer, UpdateError};

use super::memory::{Fate, Hub, MemoryStore};
use super::races::{hub, run, run_in};
use super::values::{TestClock, claim};

/// What one look at the board brings.
enum Look {
    /// What the store says.
    Plain,
    /// The same, with an alarm.
    Alarmed(Alarm),
    /// The same, not confirmed, and with an alarm.
    Old(Alarm),
}

/// A store whose looks follow a script, and are plain afterwards.
struct Scripted {
    store: MemoryStore,
    looks: Mutex<VecDeque<Look>>,
}

fn scripted(store: MemoryStore, looks: Vec<Look>) -> Scripted {
    Scripted { store, looks: Mutex::new(looks.into()) }
}

fn rewritten() -> Alarm {
    Alarm::Rewritten { seen: Tip("1".to_owned()), found: Tip("2".to_owned()) }
}

impl Store for Scripted {
    fn read(&self, want: Freshness) -> Result<Snapshot, StoreError> {
        let snapshot = self.store.read(want)?;
        Ok(match self.looks.lock().unwrap().pop_front() {
            None | Some(Look::Plain) => snapshot,
            Some(Look::Alarmed(alarm)) => Snapshot { alarm: Some(alarm), ..snapshot },
            Some(Look::Old(alarm)) => Snapshot { alarm: Some(alarm), is_confirmed: false, ..snapshot },
        })
    }
    fn at(&self, tip: Option<&Tip>) -> Result<Snapshot, StoreError> {
        self.store.at(tip)
    }
    fn take_turn(&self, patience: Duration) -> Box<dyn Turn + '_> {
        self.store.take_turn(patience)
    }
    fn swap(&self, base: &Snapshot, steps: &[Step]) -> Result<Swap, StoreError> {
        self.store.swap(base, steps)
    }
    fn contains(&self, op: &OpId, base: Option<&Tip>) -> Result<bool, StoreError> {
        self.store.contains(op, base)
    }
    fn sight(&self, seen: &[Sighting], pulse: &dyn Fn(&BranchName) -> Option<String>) -> Vec<Lapsed> {
        self.store.sight(seen, pulse)
    }
    fn history(&self, query: &HistoryQuery) -> Result<Vec<LogEntry>, StoreError> {
        self.store.history(query)
    }
    fn place(&self) -> Place {
        self.store.place()
    }
    fn seed(&self) -> Result<(), StoreError> {
        self.store.seed()
    }
    fn try_push(&self) -> Result<(), StoreError> {
        self.store.try_push()
    }
    fn diagnose(&self) -> Result<Diagnosis, StoreError> {
        self.store.diagnose()
    }
    fn mend(&self, diagnosis: &Diagnosis) -> Result<Swap, StoreError> {
        self.store.mend(diagnosis)
    }
}

#[test]
fn a_push_without_an_answer_before_a_rewritten_branch_is_unknown_and_not_refused() {
    let memory = MemoryStore::with_fates(&hub(), vec![Fate::AnswerLost]);
    let store = scripted(memory, vec![Look::Plain, Look::Alarmed(rewritten())]);
    // The look for the change finds it; only an alarm on a branch that lacks it is in doubt.
    assert!(run(&store, &TestClock::default(), &claim("alice", "a1", &["a"])).is_ok());

    let memory = MemoryStore::with_fates(&hub(), vec![Fate::Late]);
    let store = scripted(memory, vec![Look::Plain, Look::Alarmed(rewritten())]);
    let err = run(&store, &TestClock::default(), &claim("alice", "a1", &["a"])).unwrap_err();
    assert!(matches!(&err, UpdateError::Unknown { why, .. } if why.contains("rewritten")), "{err:?}");
}

#[test]
fn an_alarm_that_is_old_is_asked_about_again() {
    let store = scripted(MemoryStore::at(&hub()), vec![Look::Old(Alarm::NewerSchema { schema: 2 })]);
    let answer = run(&store, &TestClock::default(), &claim("alice", "a1", &["a"])).unwrap();
    assert!(matches!(answer.decision, Decision::Granted(_)), "{answer:?}");
}

#[test]
fn nobody_is_called_blocked_from_a_board_that_nobody_vouches_for() {
    let hub = hub();
    run(&MemoryStore::at(&hub), &TestClock::default(), &claim("bob", "b1", &["a"])).unwrap();
    let deleted = Alarm::Deleted { seen: Tip("1".to_owned()) };
    let store = scripted(MemoryStore::at(&hub), vec![Look::Alarmed(deleted)]);
    let err = run(&store, &TestClock::default(), &claim("alice", "a1", &["a"])).unwrap_err();
    assert!(matches!(err, UpdateError::Frozen(Alarm::Deleted { .. })), "{err:?}");
}

/// A lead in which changes arrive at one of its boardings, after something else has happened.
struct LateComers<'a> {
    at: usize,
    who: &'a dyn Fn() -> Vec<Change>,
    n_boardings: usize,
    seen: &'a Mutex<Seen>,
}

/// What became of them.
#[derive(Default)]
struct Seen {
    told: Vec<(OpId, Outcome)>,
    put_back: Vec<OpId>,
}

impl Lead for LateComers<'_> {
    fn left_behind(&mut self) -> Option<Batch> {
        None
    }
    fn board(&mut self) -> Vec<Change> {
        self.n_boardings += 1;
        if self.n_boardings == self.at { (self.who)() } else { Vec::new() }
    }
    fn depart(&mut self, _: &Batch) -> Result<(), StoreError> {
        Ok(())
    }
    fn arrive(&mut self) {}
    fn answer(&mut self, op: &OpId, outcome: &Outcome) {
        self.seen.lock().unwrap().told.push((op.clone(), outcome.clone()));
    }
    fn put_back(&mut self, op: &OpId) {
        self.seen.lock().unwrap().put_back.push(op.clone());
    }
}

struct Queued<'a>(usize, &'a (dyn Fn() -> Vec<Change> + Send + Sync), &'a Mutex<Seen>);

impl Queue for Queued<'_> {
    fn try_lead(&self) -> Option<Box<dyn Lead + '_>> {
        Some(Box::new(LateComers { at: self.0, who: self.1, n_boardings: 0, seen: self.2 }))
    }
    fn submit(&self, _: &Change) -> Result<Box<dyn Ride + '_>, StoreError> {
        unreachable!("who leads does not wait")
    }
}

/// Lets carol claim `c`, and `who` come at one of the boardings.
fn lead_for(hub: &Arc<Mutex<Hub>>, at: usize, who: &(dyn Fn() -> Vec<Change> + Send + Sync)) -> Seen {
    let seen = Mutex::new(Seen::default());
    let (queue, carol) = (Queued(at, who, &seen), MemoryStore::at(hub));
    let own = run_in(&queue, &carol, &TestClock::default(), &claim("carol", "c1", &["c"])).unwrap();
    assert!(matches!(own.decision, Decision::Granted(_)), "{own:?}");
    let mut seen = seen.into_inner().unwrap();
    // Carol's own was never aboard.
    seen.told.retain(|(op, _)| op.0 != "c1");
    seen
}

#[test]
fn whoever_comes_aboard_after_the_look_is_not_refused_from_it() {
    let hub = hub();
    let bob = MemoryStore::at(&hub);
    run(&bob, &TestClock::default(), &claim("bob", "b1", &["a"])).unwrap();
    let seen = lead_for(&hub, 2, &|| {
        run(&bob, &TestClock::default(), &claim("bob", "b2", &["b"])).unwrap();
        vec![claim("alice", "a1", &["a"])]
    });
    assert!(
        matches!(&*seen.told, [(_, Ok(Answer { decision: Decision::Granted(_), .. }))]),
        "{:?}",
        seen.told
    );
}

#[test]
fn whoever_comes_while_the_steps_are_written_rides_along_unless_the_board_would_refuse_it() {
    let hub = hub();
    run(&MemoryStore::at(&hub), &TestClock::default(), &claim("bob", "b1", &["a"])).unwrap();
    let seen = lead_for(&hub, 3, &|| vec![claim("alice", "a1", &["a"]), claim("dave", "d1", &["d"])]);
    let told: Vec<_> = seen.told.iter().map(|(op, _)| op.0.as_str()).collect();
    assert_eq!((told, seen.put_back), (vec!["d1"], vec![OpId("a1".to_owned())]));
    assert!(
        matches!(&*seen.told, [(_, Ok(Answer { decision: Decision::Granted(_), .. }))]),
        "{:?}",
        seen.told
    );
    let board = MemoryStore::at(&hub).read(Freshness::Now).unwrap().board;
    let agents: Vec<_> = board.claims.keys().map(|key| key.agent().to_owned()).collect();
    assert_eq!(agents, ["bob", "carol", "dave"]);
}
