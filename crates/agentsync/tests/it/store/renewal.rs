//! The private repository begins anew when it has grown, while others work with it.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use agentsync_lab::checkout::Checkout;
use agentsync_lab::lab::Lab;
use agentsync_lab::mcp::{Era, McpClient};
use agentsync_mcp::app::ports::{Alarm, Freshness, Store, Swap};
use serde_json::json;

use super::git;
use super::values::{claim, step};
use crate::PROGRAM;

/// Returns the names of what looks like a private repository of a clone.
fn editions(clone: &Checkout) -> Vec<String> {
    let names = fs::read_dir(private_dir(clone)).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
    names.retain(|name| name.contains(".git"));
    names.sort();
    names
}

fn private_dir(clone: &Checkout) -> PathBuf {
    clone.path().join(".git/agentsync")
}

/// Puts so many files into the latest edition that it must be renewed.
fn fatten(clone: &Checkout) {
    let dir = private_dir(clone).join(editions(clone).last().unwrap());
    for n in 0..1_600 {
        let folder = dir.join(format!("objects/{:02x}", n % 256));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(format!("{n:038x}")), "").unwrap();
    }
}

fn write(store: &dyn Store, agent: &str, op: &str) -> Swap {
    let base = store.read(Freshness::Now).unwrap();
    assert_eq!(base.alarm, None);
    let step = step(&base.board, &claim(agent, op, &[agent]));
    store.swap(&base, &[step]).unwrap()
}

fn n_files(dir: &Path) -> usize {
    let entries = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| if path.is_dir() { n_files(&path) } else { 1 }).sum()
}

fn wait_until(is_so: impl Fn() -> bool) {
    let until = Instant::now() + Duration::from_secs(60);
    while !is_so() {
        assert!(Instant::now() < until, "it never came to that");
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn what_has_grown_begins_anew_and_nothing_else_changes() {
    let lab = Lab::new(PROGRAM);
    let alice = lab.clone("alice");
    let store = git::open(&alice);
    for n in 0..3 {
        write(&store, "alice", &format!("op{n}"));
    }
    store.renew().unwrap();
    assert_eq!(editions(&alice), ["board.git"], "it was not due");
    fatten(&alice);
    let before = store.read(Freshness::Now).unwrap();
    renew_until(&store, &alice, &["board-1.git"]);
    assert!(n_files(&private_dir(&alice)) < 40, "{}", n_files(&private_dir(&alice)));
    let after = store.read(Freshness::Now).unwrap();
    assert_eq!((before.tip.clone(), before.board), (after.tip, after.board));
    // A base from before is a base still, and another process finds the same.
    let step = step(&after_board(&store), &claim("alice", "later", &["b"]));
    let base = git::open(&alice).at(before.tip.as_ref()).unwrap();
    assert!(matches!(store.swap(&base, &[step]).unwrap(), Swap::Swapped(_)));
    assert_eq!(lab.board_log().len(), 4);
}

fn after_board(store: &dyn Store) -> agentsync_core::Board {
    store.read(Freshness::Now).unwrap().board
}

#[test]
fn a_rewritten_branch_is_noticed_after_a_renewal_too() {
    let lab = Lab::new(PROGRAM);
    let alice = lab.clone("alice");
    let store = git::open(&alice);
    write(&store, "alice", "one");
    let first = lab.hub_tip("agentsync").unwrap();
    write(&store, "alice", "two");
    fatten(&alice);
    renew_until(&store, &alice, &["board-1.git"]);
    lab.hub_git(&["update-ref", "refs/heads/agentsync", &first]);
    let found = git::open(&alice).read(Freshness::Now).unwrap();
    assert!(matches!(found.alarm, Some(Alarm::Rewritten { .. })), "{:?}", found.alarm);
}

/// Renews until the editions are `want`: a process that another test is just starting holds our locks
/// until it runs.
#[track_caller]
fn renew_until(store: &agentsync_mcp::ledger::git_store::GitStore, clone: &Checkout, want: &[&str]) {
    for _ in 0..200 {
        store.renew().unwrap();
        if editions(clone) == want {
            return;
        }
        thread::park_timeout(Duration::from_millis(10));
    }
    assert_eq!(editions(clone), want);
}

#[test]
fn what_a_call_saw_in_the_old_edition_is_known_to_the_new_one_before_the_old_one_goes() {
    let lab = Lab::new(PROGRAM);
    let (alice, bob) = (lab.clone("alice"), lab.clone("bob"));
    let store = git::open(&alice);
    write(&store, "alice", "one");
    let first = lab.hub_tip("agentsync").unwrap();
    let old = private_dir(&alice).join("board.git");
    let held = File::open(old.join("in-use.lock")).unwrap();
    held.lock_shared().unwrap();
    fatten(&alice);
    store.renew().unwrap();
    assert_eq!(editions(&alice), ["board-1.git", "board.git"], "a call is under way in the old one");
    // That call goes on, and sees what bob writes meanwhile.
    write(&git::open(&bob), "bob", "two");
    let (old, hub) = (old.display().to_string(), lab.hub_path().display().to_string());
    let refspec = "+refs/heads/agentsync:refs/agentsync/seen";
    alice.git(&["--git-dir", &old, "fetch", "--quiet", &hub, refspec]);
    drop(held);
    renew_until(&store, &alice, &["board-1.git"]);
    lab.hub_git(&["update-ref", "refs/heads/agentsync", &first]);
    let found = store.read(Freshness::Now).unwrap();
    assert!(matches!(found.alarm, Some(Alarm::Rewritten { .. })), "{:?}", found.alarm);
}

#[test]
fn a_renewal_that_was_killed_is_begun_again() {
    let lab = Lab::new(PROGRAM);
    let alice = lab.clone("alice");
    let store = git::open(&alice);
    write(&store, "alice", "one");
    fatten(&alice);
    let half = private_dir(&alice).join("next.git/objects/pack");
    fs::create_dir_all(&half).unwrap();
    fs::write(half.join("tmp_pack_1"), "half a pack").unwrap();
    write(&store, "alice", "two");
    renew_until(&store, &alice, &["board-1.git"]);
    write(&store, "alice", "three");
    assert_eq!(lab.board_log().len(), 3);
}

/// Says that it is over when it is dropped, so that those who wait for that end when another fails.
struct Ending<'a>(&'a AtomicBool);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn readers_and_writers_go_on_while_it_happens_again_and_again() {
    let lab = Lab::new(PROGRAM);
    let alice = lab.clone("alice");
    write(&git::open(&alice), "first", "first");
    let is_over = AtomicBool::new(false);
    let n_written: usize = thread::scope(|scope| {
        let over = Ending(&is_over);
        let renewer = scope.spawn(|| {
            let store = git::open(&alice);
            let mut n_renewed = 0;
            while !is_over.load(Ordering::Relaxed) || n_renewed < 3 {
                let before = editions(&alice);
                fatten(&alice);
                store.renew().unwrap();
                n_renewed += usize::from(before.last() != editions(&alice).last());
            }
        });
        let writer = |agent: &'static str| {
            let (lab, alice) = (&lab, &alice);
            move || {
                let store = git::open(alice);
                let (mut n_granted, mut n_tries) = (0, 0);
                while n_granted < 12 {
                    n_tries += 1;
                    assert!(n_tries < 500, "{n_granted} of 12");
                    let swap = write(&store, agent, &format!("{agent}{n_tries}"));
                    n_granted += usize::from(matches!(swap, Swap::Swapped(_)));
                    assert!(!matches!(swap, Swap::Unknown { .. }), "{swap:?}");
                }
                assert!(lab.board_log().len() > n_granted);
                n_granted
            }
        };
        let writers = ["one", "two"].map(|agent| scope.spawn(writer(agent)));
        let reader = scope.spawn(|| {
            let store = git::open(&alice);
            while !is_over.load(Ordering::Relaxed) {
                let board = store.read(Freshness::Now).unwrap();
                assert_eq!(board.alarm, None);
            }
        });
        let n_written = writers.map(|writer| writer.join().unwrap()).iter().sum();
        drop(over);
        renewer.join().unwrap();
        reader.join().unwrap();
        n_written
    });
    assert_eq!(lab.board_log().len(), n_written + 1);
    wait_until(|| {
        git::open(&alice).renew().unwrap();
        editions(&alice).len() == 1
    });
}

#[test]
fn a_command_and_a_server_have_it_done_without_waiting_for_it() {
    let lab = Lab::new(PROGRAM);
    let alice = lab.clone("alice");
    alice.agentsync(&["claim", "fix login", "src/auth.rs"]).expect_code(0);
    fatten(&alice);
    alice.agentsync(&["update-status", "planning"]).expect_code(0);
    wait_until(|| editions(&alice) == ["board-1.git"]);
    // It is not tried again at once.
    fs::remove_file(private_dir(&alice).join("renew.lock")).unwrap();
    fatten(&alice);
    let mut client = McpClient::start(&alice, Era::Session);
    client.structured("update_status", json!({ "status": "in-progress" }));
    wait_until(|| editions(&alice) == ["board-2.git"]);
    assert_eq!(client.structured("survey", json!({}))["my_claim"]["status"], "in-progress");
}
