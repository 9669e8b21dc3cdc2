//! Races: peers write between our look and our swap, answers are lost, pushes come late.
//!
//! Two laws hold whatever happens: no two active claims of different agents meet, and what was
//! answered *claimed* is on the board.

use std::sync::{Arc, Barrier, Mutex};
use std::time::Duration;

use agentsync_core::{Board, Change, Decision};
use agentsync_lab::lab::Lab;
use agentsync_mcp::app::ctx::{Ctx, Settings};
use agentsync_mcp::app::ports::queue::{NoQueue, Queue};
use agentsync_mcp::app::ports::recorder::Unrecorded;
use agentsync_mcp::app::ports::{Clock, Freshness, Patient, Step, Store, StoreError};
use agentsync_mcp::app::relied::Derive;
use agentsync_mcp::app::update::{Answer, UpdateError, update};
use agentsync_mcp::ledger::document::Document;
use proptest::prelude::*;

use super::git;
use super::memory::{Fate, Hub, MemoryStore};
use super::nothing::Nothing;
use super::values::{TestClock, TestDice, author, claim, step};
use crate::PROGRAM;

pub(super) fn settings() -> Settings {
    Settings {
        remote: "origin".to_owned(),
        branch: "agentsync".to_owned(),
        board_source: "current-repo".to_owned(),
        stale_hours: 24.0,
        deadline: Duration::from_secs(45),
        lease: None,
        derive: Derive::Off,
        partners: Vec::new(),
        lists_unclaimed: false,
    }
}

pub(super) fn run(store: &dyn Store, clock: &dyn Clock, change: &Change) -> Result<Answer, UpdateError> {
    run_in(&NoQueue, store, clock, change)
}

pub(super) fn run_in(
    queue: &dyn Queue,
    store: &dyn Store,
    clock: &dyn Clock,
    change: &Change,
) -> Result<Answer, UpdateError> {
    let (dice, settings) = (TestDice::from(1_000), settings());
    let me = change.by.clone();
    let ctx = Ctx {
        me: &me,
        store,
        queue,
        work: &Nothing,
        pairs: &Nothing,
        forge: &Nothing,
        checkout: &Nothing,
        boards: &Nothing,
        clock,
        dice: &dice,
        settings: &settings,
        caller: &Patient,
        recorder: &Unrecorded,
    };
    update(&ctx, change)
}

pub(super) fn hub() -> Arc<Mutex<Hub>> {
    Arc::new(Mutex::new(Hub::default()))
}

fn board(hub: &Arc<Mutex<Hub>>) -> Board {
    Document::parse(hub.lock().unwrap().text().as_bytes()).unwrap().board().clone()
}

fn peers_step(agent: &str, op: &str, touches: &[&str]) -> Step {
    step(&Board::default(), &claim(agent, op, touches))
}

#[track_caller]
fn check_exclusion(board: &Board) {
    let active: Vec<_> = board.claims.iter().filter(|(_, entry)| entry.is_active()).collect();
    for (n, (key, entry)) in active.iter().enumerate() {
        for (peer, theirs) in active.iter().skip(n + 1).filter(|(peer, _)| peer.agent() != key.agent()) {
            let (mine, theirs) = (entry.as_claim().unwrap(), theirs.as_claim().unwrap());
            let meets = mine
                .touches
                .iter()
                .any(|mine| theirs.touches.iter().any(|spec| mine.overlap(spec).is_some()));
            assert!(!meets, "{} meets {}", key.as_str(), peer.as_str());
        }
    }
}

#[test]
fn a_peer_that_wins_the_race_is_seen_before_we_write() {
    let hub = hub();
    let store = MemoryStore::with_fates(&hub, vec![Fate::PeersFirst(vec![peers_step("bob", "b1", &["a"])])]);
    let answer = run(&store, &TestClock::default(), &claim("alice", "a1", &["a/x"])).unwrap();
    assert!(matches!(answer.decision, Decision::Blocked(_)), "{answer:?}");
    assert_eq!(board(&hub).claims.len(), 1);
}

#[test]
fn a_peer_that_wins_elsewhere_costs_one_more_round() {
    let hub = hub();
    let store = MemoryStore::with_fates(&hub, vec![Fate::PeersFirst(vec![peers_step("bob", "b1", &["b"])])]);
    let answer = run(&store, &TestClock::default(), &claim("alice", "a1", &["a"])).unwrap();
    assert!(matches!(answer.decision, Decision::Granted(_)));
    assert_eq!(board(&hub).claims.len(), 2);
}

#[test]
fn a_change_waits_for_leave_to_push_and_is_decided_on_the_board_of_then() {
    let hub = hub();
    let store = MemoryStore::at(&hub).with_leaves(&[10, 10]);
    let clock = TestClock::default();
    let answer = run(&store, &clock, &claim("alice", "a1", &["a"])).unwrap();
    assert!(matches!(answer.decision, Decision::Granted(_)));
    assert_eq!(clock.monotonic(), Duration::from_secs(20));
}

#[test]
fn when_no_leave_comes_before_the_deadline_the_answer_comes_at_once_and_says_when() {
    let hub = hub();
    let store = MemoryStore::at(&hub).with_leaves(&[40, 50]);
    let clock = TestClock::default();
    let err = run(&store, &clock, &claim("alice", "a1", &["a"])).unwrap_err();
    let said = "the push budget of the remote is used up (six a minute): the next push is free in 50 s";
    assert_eq!((err.to_string().as_str(), clock.monotonic()), (said, Duration::from_secs(40)));
    assert!(board(&hub).claims.is_empty());
}

#[test]
fn a_push_without_an_answer_that_gets_no_leave_again_stays_unknown() {
    let hub = hub();
    let store = MemoryStore::with_fates(&hub, vec![Fate::Lost]).with_leaves(&[0, 100, 100]);
    let err = run(&store, &TestClock::default(), &claim("alice", "a1", &["a"])).unwrap_err();
    assert!(matches!(&err, UpdateError::Unknown { op, .. } if op.0 == "a1"), "{err:?}");
    // It is looked for all the same.
    let store = MemoryStore::with_fates(&hub, vec![Fate::AnswerLost]).with_leaves(&[0, 100]);
    assert!(run(&store, &TestClock::default(), &claim("alice", "a2", &["a"])).is_ok());
}

#[test]
fn r_01_an_answer_that_was_lost_is_found_on_the_branch() {
    for fate in [Fate::AnswerLost, Fate::AnswerLostAndBuriedBy(vec![peers_step("bob", "b1", &["b"])])] {
        let hub = hub();
        let store = MemoryStore::with_fates(&hub, vec![fate]);
        let answer = run(&store, &TestClock::default(), &claim("alice", "a1", &["a"])).unwrap();
        assert!(matches!(answer.decision, Decision::Granted(_)));
        let ops = hub.lock().unwrap().ops();
        assert_eq!(ops.iter().filter(|op| op.0 == "a1").count(), 1, "{ops:?}");
    }
}

#[test]
fn a_push_that_was_lost_goes_again() {
    let hub = hub();
    let store = MemoryStore::with_fates(&hub, vec![Fate::Lost, Fate::Lost]);
    let answer = run(&store, &TestClock::default(), &claim("alice", "a1", &["a"])).unwrap();
    assert!(matches!(answer.decision, Decision::Granted(_)));
    assert_eq!(hub.lock().unwrap().ops().len(), 1);
}

/// Claims over a remote with these fates, and lets what is late arrive: it is granted, and there once.
#[track_caller]
fn check_applied_once(fates: Vec<Fate>) {
    let hub = hub();
    let store = MemoryStore::with_fates(&hub, fates);
    let answer = run(&store, &TestClock::default(), &claim("alice", "a1", &["a"])).unwrap();
    assert!(matches!(answer.decision, Decision::Granted(_)));
    hub.lock().unwrap().deliver();
    assert_eq!(hub.lock().unwrap().ops().len(), 1);
}

#[test]
fn r_02_a_push_that_comes_late_is_not_applied_twice() {
    check_applied_once(vec![Fate::Late]);
}

#[test]
fn r_03_what_was_refused_and_comes_once_more_is_applied_once() {
    check_applied_once(vec![Fate::RefusedAndRepeated]);
    check_applied_once(vec![Fate::RefusedAndRepeated, Fate::NoRoom]);
}

#[test]
fn r_03_what_was_refused_is_never_called_not_done_while_it_may_come_once_more() {
    let fates = [vec![Fate::RefusedAndRepeated], vec![Fate::NoRoom; 20_000]].concat();
    let hub = hub();
    let store = MemoryStore::with_fates(&hub, fates);
    let err = run(&store, &TestClock::default(), &claim("alice", "a1", &["a"])).unwrap_err();
    assert!(matches!(&err, UpdateError::Unknown { op, .. } if op.0 == "a1"), "{err:?}");
    hub.lock().unwrap().deliver();
    assert_eq!(hub.lock().unwrap().ops().len(), 1);
    // Before anything was sent, the same is plain.
    let store = MemoryStore::with_fates(&hub, vec![Fate::NoRoom]);
    let err = run(&store, &TestClock::default(), &claim("alice", "a2", &["b"])).unwrap_err();
    assert!(matches!(&err, UpdateError::Store(StoreError::Cache { .. })), "{err:?}");
}

#[test]
fn r_09_a_lock_left_behind_refuses_until_it_is_called_stuck() {
    let hub = hub();
    let store = MemoryStore::with_fates(&hub, vec![Fate::RefusedAndRepeated; 20_000]);
    let err = run(&store, &TestClock::default(), &claim("alice", "a1", &["a"])).unwrap_err();
    assert!(matches!(&err, UpdateError::Stuck { .. }), "{err:?}");
    hub.lock().unwrap().deliver();
    assert_eq!(hub.lock().unwrap().ops().len(), 1, "however often it was sent");
}

#[test]
fn r_02_silence_to_the_end_is_answered_with_unknown() {
    let hub = hub();
    let store = MemoryStore::with_fates(&hub, vec![Fate::Lost; 20_000]);
    let err = run(&store, &TestClock::default(), &claim("alice", "a1", &["a"])).unwrap_err();
    assert!(matches!(&err, UpdateError::Unknown { op, .. } if op.0 == "a1"), "{err:?}");
}

#[test]
fn who_always_comes_second_is_told_so_at_the_deadline() {
    let hub = hub();
    let peers = |n: usize| Fate::PeersFirst(vec![peers_step("bob", &format!("b{n}"), &["b"])]);
    let store = MemoryStore::with_fates(&hub, (0..20_000).map(peers).collect());
    let clock = TestClock::default();
    let err = run(&store, &clock, &claim("alice", "a1", &["a"])).unwrap_err();
    assert!(matches!(err, UpdateError::Contended { .. }), "{err:?}");
    assert!(clock.monotonic() >= Duration::from_secs(45));
    assert!(!board(&hub).claims.keys().any(|key| key.agent() == "alice"));
}

#[test]
fn a_refusal_never_comes_from_a_board_that_may_be_old() {
    let hub = hub();
    let (store, other) = (MemoryStore::at(&hub), MemoryStore::at(&hub));
    let clock = TestClock::default();
    run(&other, &clock, &claim("bob", "b1", &["a"])).unwrap();
    run(&store, &clock, &claim("alice", "a1", &["z"])).unwrap();
    // Bob moves on, which alice has not seen.
    run(&other, &clock, &claim("bob", "b2", &["b"])).unwrap();
    let answer = run(&store, &clock, &claim("alice", "a2", &["a"])).unwrap();
    assert!(matches!(answer.decision, Decision::Granted(_)), "{answer:?}");
}

fn fate() -> impl Strategy<Value = u8> {
    0..7_u8
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_both_laws_hold(
        days in proptest::collection::vec((0..3_usize, 0..4_usize, proptest::collection::vec(fate(), 0..5)), 1..12),
    ) {
        const AGENTS: [&str; 3] = ["alice", "bob", "carol"];
        const SPECS: [&[&str]; 4] = [&["a"], &["a/x", "b"], &["*.rs"], &["c"]];
        let hub = hub();
        let clock = TestClock::default();
        for (n, (agent, specs, fates)) in days.iter().enumerate() {
            let fates = fates.iter().enumerate().map(|(k, fate)| match fate {
                0 => Fate::AnswerLost,
                1 => Fate::Lost,
                2 => Fate::Late,
                // A peer outside the three, who touches nothing of theirs.
                3 => Fate::PeersFirst(vec![peers_step("dave", &format!("d{n}-{k}"), &["dave.txt"])]),
                4 => Fate::AnswerLostAndBuriedBy(vec![peers_step("dave", &format!("d{n}-{k}"), &["dave.txt"])]),
                5 => Fate::RefusedAndRepeated,
                _ => Fate::Fair,
            });
            let store = MemoryStore::with_fates(&hub, fates.collect());
            let change = claim(AGENTS[*agent], &format!("op{n}"), SPECS[*specs]);
            let answer = run(&store, &clock, &change);
            hub.lock().unwrap().deliver();
            let board = board(&hub);
            check_exclusion(&board);
            let n_written = hub.lock().unwrap().ops().iter().filter(|op| **op == change.op).count();
            match answer {
                Ok(Answer { decision: Decision::Granted(_), .. }) => {
                    prop_assert_eq!(n_written, 1);
                    let held = board.claims_of(&author(AGENTS[*agent]).agent).any(|(_, claim)| {
                        claim.op.as_ref() == Some(&change.op)
                    });
                    prop_assert!(held);
                }
                Ok(_) => prop_assert_eq!(n_written, 0),
                Err(UpdateError::Unknown { .. }) => prop_assert!(n_written <= 1),
                Err(_) => prop_assert_eq!(n_written, 0),
            }
        }
    }
}

/// Starts one thread for each agent in its own clone, and lets all claim at once.
fn claim_at_once(lab: &Lab, n_agents: usize, touches: impl Fn(usize) -> String + Sync) -> Vec<Answer> {
    let names: Vec<String> = (0..n_agents).map(|n| format!("agent-{n}")).collect();
    let clones: Vec<_> = names.iter().map(|name| lab.clone(name)).collect();
    let start = Barrier::new(n_agents);
    let answers = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for (n, clone) in clones.iter().enumerate() {
            let (start, answers, touches, names) = (&start, &answers, &touches, &names);
            scope.spawn(move || {
                let clock = Arc::new(agentsync_mcp::clock::SystemClock::start());
                let store = git::open_with(clone, clock.clone());
                let change = claim(&names[n], &format!("op-{n}"), &[&touches(n)]);
                start.wait();
                let answer = run(&store, &*clock, &change).unwrap();
                answers.lock().unwrap().push(answer);
            });
        }
    });
    answers.into_inner().unwrap()
}

#[test]
fn eight_clones_that_claim_different_files_at_once_all_get_them() {
    let lab = Lab::new(PROGRAM);
    let answers = claim_at_once(&lab, 8, |n| format!("file-{n}"));
    assert!(answers.iter().all(|answer| matches!(answer.decision, Decision::Granted(_))), "{answers:?}");
    let board = git::open(&lab.clone("reader")).read(Freshness::Now).unwrap().board;
    assert_eq!(board.claims.len(), 8);
    assert_eq!(board.generation, 8);
}

#[test]
fn of_six_clones_that_claim_one_file_at_once_one_gets_it() {
    let lab = Lab::new(PROGRAM);
    let answers = claim_at_once(&lab, 6, |_| "src/one.rs".to_owned());
    let n_granted = answers.iter().filter(|answer| matches!(answer.decision, Decision::Granted(_))).count();
    assert_eq!(n_granted, 1);
    let board = git::open(&lab.clone("reader")).read(Freshness::Now).unwrap().board;
    assert_eq!(board.claims.len(), 1);
}

#[test]
fn r_04_two_first_users_get_one_board_with_both_claims() {
    for _ in 0..4 {
        let lab = Lab::new(PROGRAM);
        let answers = claim_at_once(&lab, 2, |n| format!("file-{n}"));
        assert!(answers.iter().all(|answer| matches!(answer.decision, Decision::Granted(_))));
        let board = git::open(&lab.clone("reader")).read(Freshness::Now).unwrap().board;
        assert_eq!(board.claims.len(), 2);
        assert_eq!(lab.board_log().len(), 2, "no commit is lost or doubled");
    }
}

#[test]
fn many_who_look_at_once_from_one_clone_all_see() {
    let lab = Lab::new(PROGRAM);
    let (alice, bob) = (lab.clone("alice"), lab.clone("bob"));
    bob.agentsync(&["claim", "b", "b"]).expect_success();
    let start = Barrier::new(9);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            let (start, alice) = (&start, &alice);
            scope.spawn(move || {
                let store = git::open(alice);
                start.wait();
                for _ in 0..5 {
                    assert_eq!(store.read(Freshness::Now).unwrap().board.claims.len(), 1);
                }
            });
        }
        start.wait();
        for note in ["1", "2", "3"] {
            bob.agentsync(&["mailbox", note]).expect_success();
        }
    });
}
