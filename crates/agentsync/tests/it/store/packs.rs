//! A process that stays sees more packs than its private repository had when it opened it.

use agentsync_lab::lab::Lab;
use agentsync_mcp::ledger::cache;
use gix::ObjectId;

use crate::PROGRAM;

/// Puts sixty objects into as many packs, and prints the name of the last one.
const FILL: &str = "for n in $(seq 60); do
    id=$(echo \"object $n\" | git hash-object -w --stdin) || exit 1
    echo \"$id\" | git pack-objects -q \"$GIT_DIR/objects/pack/pack\" >/dev/null || exit 1
    git prune-packed -q || exit 1
done
echo \"$id\"";

#[test]
fn there_is_room_for_the_packs_that_come_while_a_server_runs() {
    let lab = Lab::new(PROGRAM);
    let alice = lab.clone("alice");
    let path = lab.path().join("private.git");
    let ours = cache::open(&path, "sha1").unwrap().to_thread_local();
    let options = gix::open::Options::isolated().open_path_as_is(true);
    let usual = gix::open_opts(&path, options).unwrap();
    let id = alice.run_with("sh", &[("GIT_DIR", &path)], &["-c", FILL]).expect_success();
    let id = ObjectId::from_hex(id.text().as_bytes()).unwrap();
    assert_eq!(ours.find_object(id).unwrap().data, b"object 60\n");
    // What would happen otherwise: the default has room for 32.
    let err = usual.find_object(id).unwrap_err();
    let all = std::iter::successors(Some(&err as &dyn std::error::Error), |err| err.source());
    let words = all.map(ToString::to_string).collect::<Vec<_>>().join(": ");
    assert!(words.contains("too few index slots"), "{words}");
}
