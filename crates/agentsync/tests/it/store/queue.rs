//! The queue in a folder, when more than one process leads.

use std::path::PathBuf;
use std::time::Duration;

use agentsync_core::Timestamp;
use agentsync_mcp::app::ports::StoreError;
use agentsync_mcp::app::ports::queue::{Batch, Queue as _};
use agentsync_mcp::app::update::UpdateError;
use agentsync_mcp::clock::SystemClock;
use agentsync_mcp::ledger::queue::FolderQueue;

use super::memory::MemoryStore;
use super::races::{hub, run_in};
use super::values::claim;

fn queue(dir: &tempfile::TempDir) -> FolderQueue {
    FolderQueue::new(dir.path().join("queue"), || Timestamp(1))
}

fn files(dir: &tempfile::TempDir, kind: &str) -> Vec<PathBuf> {
    let files =
        std::fs::read_dir(dir.path().join("queue")).into_iter().flatten().map(|file| file.unwrap().path());
    files.filter(|file| file.extension().is_some_and(|found| found == kind)).collect()
}

#[test]
fn two_who_lead_at_once_carry_different_changes() {
    let dir = tempfile::tempdir().unwrap();
    let (queue, another) = (queue(&dir), queue(&dir));
    let mut first = queue.try_lead().unwrap();
    let _one = queue.submit(&claim("alice", "op1", &["a"])).unwrap();
    let changes = first.board();
    assert_eq!(changes.len(), 1);
    let batch = Batch { base: None, at: Timestamp(1), changes };
    first.depart(&batch).unwrap();
    let _other = queue.submit(&claim("bob", "op2", &["b"])).unwrap();
    // Somebody clears the lock away, and another process leads too.
    std::fs::remove_file(dir.path().join("queue/lead.lock")).unwrap();
    let mut second = another.try_lead().unwrap();
    assert_eq!(second.left_behind(), None, "the first one lives");
    let aboard: Vec<String> = second.board().into_iter().map(|change| change.op.0).collect();
    assert_eq!(aboard, ["op2"]);
    drop(second);
    // Only when it is gone, what it was about is left behind.
    drop(first);
    let mut third = queue.try_lead().unwrap();
    assert_eq!(third.left_behind(), Some(batch));
    let aboard: Vec<String> = third.board().into_iter().map(|change| change.op.0).collect();
    assert_eq!(aboard, ["op2"], "what the second one had taken and not pushed waits again");
}

#[test]
fn what_may_still_arrive_is_not_written_over_by_the_same_leader() {
    let dir = tempfile::tempdir().unwrap();
    let queue = queue(&dir);
    let mut lead = queue.try_lead().unwrap();
    let _one = queue.submit(&claim("alice", "op1", &["a"])).unwrap();
    let unknown = Batch { base: None, at: Timestamp(1), changes: lead.board() };
    lead.depart(&unknown).unwrap();
    lead.leave_adrift();
    let _other = queue.submit(&claim("bob", "op2", &["b"])).unwrap();
    let next = Batch { base: None, at: Timestamp(2), changes: lead.board() };
    assert_eq!(next.changes.len(), 1);
    lead.depart(&next).unwrap();
    lead.arrive();
    drop(lead);
    assert_eq!(queue.try_lead().unwrap().left_behind(), Some(unknown));
}

#[test]
fn a_change_whose_leader_died_before_it_gave_the_answer_back_is_not_decided_anew() {
    let dir = tempfile::tempdir().unwrap();
    let queue = queue(&dir);
    let mut lead = queue.try_lead().unwrap();
    let ride = queue.submit(&claim("alice", "op1", &["a"])).unwrap();
    let change = lead.board().remove(0);
    let told = Err(UpdateError::Store(StoreError::Git { doing: "read".into(), detail: "no".into() }));
    lead.answer(&change.op, &told);
    drop(lead);
    // As if it had died before the file was given back.
    let answered = files(&dir, "answered").remove(0);
    std::fs::rename(&answered, answered.with_extension("waiting")).unwrap();
    assert!(queue.try_lead().unwrap().board().is_empty());
    assert!(matches!(ride.outcome(), Some(Err(UpdateError::Store(_)))));
    drop(ride);
    // The file serves again, and what it held before is no answer.
    let _again = queue.submit(&claim("alice", "op2", &["a"])).unwrap();
    assert_eq!(queue.try_lead().unwrap().board().len(), 1);
}

#[test]
fn whoever_waited_and_then_led_leaves_nothing_of_its_own_aboard() {
    let dir = tempfile::tempdir().unwrap();
    let (queue, another, store) = (queue(&dir), queue(&dir), MemoryStore::at(&hub()));
    let lead = another.try_lead().unwrap();
    let change = claim("alice", "op1", &["a"]);
    std::thread::scope(|scope| {
        let waits = scope.spawn(|| run_in(&queue, &store, &SystemClock::start(), &change).unwrap());
        while files(&dir, "waiting").is_empty() {
            std::thread::sleep(Duration::from_millis(1));
        }
        drop(lead);
        waits.join().unwrap();
    });
    let left: Vec<PathBuf> =
        ["waiting", "taken", "boat", "batch"].iter().flat_map(|kind| files(&dir, kind)).collect();
    assert!(left.is_empty(), "{left:?}");
}
