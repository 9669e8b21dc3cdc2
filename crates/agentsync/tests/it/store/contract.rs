//! What every store promises, on the fake and on the real ones.

use std::sync::{Arc, Mutex};

use agentsync_core::{AgentId, Board, Edit, Note, OpId, Timestamp};
use agentsync_lab::checkout::Checkout;
use agentsync_lab::lab::{HubKind, Lab, LabOptions, ObjectFormat, RefFormat};
use agentsync_mcp::app::ports::{Diagnosis, Freshness, HistoryQuery, Snapshot, Step, Store, Swap};

use super::git;
use super::memory::{Hub, MemoryStore};
use super::values::{claim, step};
use crate::PROGRAM;

/// Two stores on one board that nobody has used yet.
struct Pair {
    one: Box<dyn Store>,
    other: Box<dyn Store>,
    _ground: Option<(Lab, Checkout, Checkout)>,
}

fn memory() -> Pair {
    let hub = Arc::new(Mutex::new(Hub::default()));
    Pair { one: Box::new(MemoryStore::at(&hub)), other: Box::new(MemoryStore::at(&hub)), _ground: None }
}

fn remote_with(options: LabOptions) -> Pair {
    let lab = Lab::with(options);
    let (alice, bob) = (lab.clone("alice"), lab.clone("bob"));
    Pair {
        one: Box::new(git::open(&alice)),
        other: Box::new(git::open(&bob)),
        _ground: Some((lab, alice, bob)),
    }
}

fn local_with(options: LabOptions) -> Pair {
    let lab = Lab::with(LabOptions { hub: HubKind::Absent, ..options });
    let alice = lab.lone("alice");
    let worktree = lab.worktree(&alice, "bob", "bob/work");
    Pair {
        one: Box::new(git::open(&alice)),
        other: Box::new(git::open(&worktree)),
        _ground: Some((lab, alice, worktree)),
    }
}

fn pairs() -> Vec<(&'static str, Pair)> {
    let options = || LabOptions::new(PROGRAM);
    let modern =
        || LabOptions { object_format: ObjectFormat::Sha256, ref_format: RefFormat::Reftable, ..options() };
    vec![
        ("memory", memory()),
        ("remote", remote_with(options())),
        ("local", local_with(options())),
        ("remote, SHA-256 and reftables", remote_with(modern())),
        ("local, SHA-256 and reftables", local_with(modern())),
    ]
}

fn now(store: &dyn Store) -> Snapshot {
    store.read(Freshness::Now).unwrap()
}

fn swap(store: &dyn Store, agent: &str, op: &str, touches: &[&str]) -> Swap {
    let base = now(store);
    let step = step(&base.board, &claim(agent, op, touches));
    store.swap(&base, &[step]).unwrap()
}

#[track_caller]
fn check(promise: impl Fn(&Pair)) {
    for (kind, pair) in pairs() {
        println!("on {kind}");
        promise(&pair);
    }
}

#[test]
fn a_board_nobody_has_used_is_empty_and_has_no_tip() {
    check(|pair| {
        let snapshot = now(&*pair.one);
        assert_eq!((snapshot.tip, snapshot.board, snapshot.alarm), (None, Board::default(), None));
        assert!(snapshot.is_confirmed);
    });
}

#[test]
fn seeding_makes_one_board_however_often() {
    check(|pair| {
        pair.one.seed().unwrap();
        let tip = now(&*pair.one).tip;
        assert!(tip.is_some());
        pair.other.seed().unwrap();
        pair.one.seed().unwrap();
        assert_eq!(now(&*pair.other).tip, tip);
        assert_eq!(now(&*pair.other).board, Board::default());
    });
}

#[test]
fn what_one_writes_the_other_reads() {
    check(|pair| {
        assert!(matches!(swap(&*pair.one, "alice", "01", &["a"]), Swap::Swapped(_)));
        let seen = now(&*pair.other);
        assert_eq!(seen.board.claims.len(), 1);
        assert_eq!(seen.tip, now(&*pair.one).tip);
        assert!(matches!(swap(&*pair.other, "bob", "02", &["b"]), Swap::Swapped(_)));
        assert_eq!(now(&*pair.one).board.claims.len(), 2);
    });
}

#[test]
fn a_swap_on_an_old_base_writes_nothing() {
    check(|pair| {
        swap(&*pair.one, "alice", "01", &["a"]);
        let old = now(&*pair.other);
        swap(&*pair.one, "alice", "02", &["a", "c"]);
        let tip = now(&*pair.one).tip;
        let late = step(&old.board, &claim("bob", "03", &["b"]));
        assert_eq!(pair.other.swap(&old, &[late]).unwrap(), Swap::Moved);
        assert_eq!(now(&*pair.one).tip, tip);
    });
}

#[test]
fn of_two_first_swaps_one_is_told_to_look_again() {
    check(|pair| {
        let (one, other) = (now(&*pair.one), now(&*pair.other));
        let swaps = [
            pair.one.swap(&one, &[step(&one.board, &claim("alice", "01", &["a"]))]).unwrap(),
            pair.other.swap(&other, &[step(&other.board, &claim("bob", "02", &["b"]))]).unwrap(),
        ];
        assert!(matches!(swaps, [Swap::Swapped(_), Swap::Moved | Swap::Refused]), "{swaps:?}");
    });
}

#[test]
fn r_03_the_same_swap_twice_is_applied_once() {
    check(|pair| {
        let base = now(&*pair.one);
        let steps = [step(&base.board, &claim("alice", "01", &["a"]))];
        assert!(matches!(pair.one.swap(&base, &steps).unwrap(), Swap::Swapped(_)));
        let tip = now(&*pair.one).tip;
        let _ = pair.one.swap(&base, &steps).unwrap();
        assert_eq!(now(&*pair.other).tip, tip);
        let all = HistoryQuery { limit: 10, ..HistoryQuery::default() };
        assert_eq!(pair.other.history(&all).unwrap().len(), 1);
    });
}

#[test]
fn a_change_is_found_by_its_id_after_the_base() {
    check(|pair| {
        swap(&*pair.one, "alice", "01", &["a"]);
        let base = now(&*pair.one).tip;
        swap(&*pair.other, "bob", "02", &["b"]);
        swap(&*pair.other, "bob", "03", &["b", "c"]);
        now(&*pair.one);
        let contains = |op: &str| pair.one.contains(&OpId(op.to_owned()), base.as_ref()).unwrap();
        assert_eq!(
            [contains("01"), contains("02"), contains("03"), contains("04")],
            [false, true, true, false]
        );
    });
}

#[test]
fn several_steps_are_several_events_in_one_swap() {
    check(|pair| {
        let base = now(&*pair.one);
        let first = step(&base.board, &claim("alice", "01", &["a"]));
        let board = base.board.with(&first.edits);
        let second = step(&board, &claim("bob", "02", &["b"]));
        assert!(matches!(pair.one.swap(&base, &[first, second]).unwrap(), Swap::Swapped(_)));
        let events = |agent: Option<&str>| {
            let agent = agent.map(|agent| AgentId::parse(agent).unwrap());
            let query = HistoryQuery { limit: 10, agent, ..HistoryQuery::default() };
            pair.other.history(&query).unwrap().into_iter().map(|entry| entry.subject).collect::<Vec<_>>()
        };
        let (alice, bob) = ("agentsync: alice claims 'work of alice'", "agentsync: bob claims 'work of bob'");
        assert_eq!(events(None), [bob, alice]);
        assert_eq!(events(Some("alice")), [alice]);
    });
}

#[test]
fn notes_go_to_the_end_of_the_mailbox() {
    check(|pair| {
        for n in 0..2 {
            let base = now(&*pair.one);
            let note =
                Note { from: "alice".to_owned(), to: None, message: n.to_string(), at: None, op: None };
            let step = Step {
                op: OpId(n.to_string()),
                agent: AgentId::parse("alice").unwrap(),
                at: Timestamp(1_767_225_600_000_000),
                edits: vec![Edit::Post { note }],
                subject: "agentsync: alice posts a note".to_owned(),
                generation: None,
                trailers: Vec::new(),
            };
            pair.one.swap(&base, &[step]).unwrap();
        }
        let messages: Vec<_> = now(&*pair.other).board.notes.into_iter().map(|note| note.message).collect();
        assert_eq!(messages, ["0", "1"]);
    });
}

#[test]
fn a_sound_board_is_found_sound() {
    check(|pair| {
        assert_eq!(pair.one.diagnose().unwrap(), Diagnosis::Sound { tip: None });
        pair.one.seed().unwrap();
        assert_eq!(pair.other.diagnose().unwrap(), Diagnosis::Sound { tip: now(&*pair.one).tip });
        pair.one.try_push().unwrap();
    });
}

#[test]
fn two_who_seed_at_the_same_time_share_one_board() {
    for _ in 0..5 {
        let pair = remote_with(LabOptions::new(PROGRAM));
        std::thread::scope(|scope| {
            for store in [&pair.one, &pair.other] {
                scope.spawn(move || store.seed().unwrap());
            }
        });
        assert_eq!(now(&*pair.one).tip, now(&*pair.other).tip);
    }
}
