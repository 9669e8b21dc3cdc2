//! Boards that something happened to: writes freeze, and repair puts them right.

use agentsync_core::Timestamp;
use agentsync_lab::checkout::Checkout;
use agentsync_lab::lab::Lab;
use serde_json::Value;

use crate::PROGRAM;

/// Alice and bob each hold a claim.
fn two_claims() -> (Lab, Checkout, Checkout) {
    let lab = Lab::new(PROGRAM);
    let (alice, bob) = (lab.clone("alice"), lab.clone("bob"));
    alice.agentsync(&["claim", "a", "src/a.rs"]).expect_success();
    bob.agentsync(&["claim", "b", "src/b.rs"]).expect_success();
    alice.agentsync(&["survey"]).expect_success();
    (lab, alice, bob)
}

#[track_caller]
fn check_frozen(agent: &Checkout, lab: &Lab, code: &str, words: &str) {
    let before = (lab.hub_tip("agentsync"), lab.board_bytes());
    let report: Value = agent.agentsync(&["claim", "more", "src/c.rs", "--json"]).expect_code(2).json();
    assert_eq!(report["code"], code, "{report}");
    assert!(report["error"].as_str().unwrap().contains(words), "{report}");
    assert!(report["fix"].as_str().unwrap().contains("agentsync repair"), "{report}");
    assert_eq!((lab.hub_tip("agentsync"), lab.board_bytes()), before, "nothing was written");
}

#[test]
fn r_18_a_board_that_cannot_be_read_freezes_writes_until_it_is_restored() {
    let damages: [(&[u8], &str); 8] = [
        (b"{\"claims\": {\"alice\": {", "EOF"),
        (b"", "it is empty"),
        (b"{\"claims\": {\"a\": {\"touches\": []}, \"a\": {\"touches\": []}}}", "twice"),
        (b"{\"claims\": []}", "`claims` has the wrong type"),
        (b"[]", "it is not an object"),
        (b"\xff\xfe{}", "it is not UTF-8"),
        (b"\xef\xbb\xbf{\"claims\": {}}", "expected value"),
        (b"{\"claims\": {}} {}", "trailing"),
    ];
    for (bytes, words) in damages {
        let (lab, alice, _bob) = two_claims();
        let good = lab.board_text().unwrap();
        lab.put_board_text(bytes);
        check_frozen(&alice, &lab, "board_unreadable", words);
        assert_eq!(
            alice.agentsync(&["survey", "--json"]).code,
            2,
            "an unreadable board is never shown as empty"
        );

        let shown = alice.agentsync(&["repair"]).expect_code(1);
        assert!(shown.stdout.contains("nothing was written"), "{}", shown.stdout);
        assert!(shown.stdout.contains("\"alice\""), "it shows what it would restore: {}", shown.stdout);
        assert_ne!(lab.board_text().as_deref(), Some(good.as_str()));

        alice.agentsync(&["repair", "--yes"]).expect_success();
        assert_eq!(lab.board_text().as_deref(), Some(good.as_str()), "{words}");
        alice.agentsync(&["claim", "more", "src/c.rs"]).expect_success();
    }
}

#[test]
fn r_19_a_newer_schema_can_be_read_and_not_written() {
    let (lab, alice, _bob) = two_claims();
    lab.put_board_text("{\"schema\": 2, \"claims\": {}}\n");
    let before = lab.hub_tip("agentsync");
    let report: Value = alice.agentsync(&["claim", "more", "src/c.rs", "--json"]).expect_code(2).json();
    assert_eq!(report["code"], "newer_schema");
    assert_eq!(report["error"], "the board has schema 2, and this program writes schema 1");
    assert_eq!(lab.hub_tip("agentsync"), before);
    let survey = alice.agentsync(&["survey", "--json"]).expect_success().json();
    assert!(survey["warning"].as_str().unwrap().contains("schema 2"));
}

#[test]
fn r_06_a_deleted_branch_is_noticed_and_brought_back() {
    let (lab, alice, bob) = two_claims();
    let (tip, good) = (lab.hub_tip("agentsync"), lab.board_text());
    // Whoever wrote last has seen it.
    bob.agentsync(&["survey"]).expect_success();
    lab.hub_git(&["update-ref", "-d", "refs/heads/agentsync"]);
    check_frozen(&bob, &lab, "board_deleted", "the coordination branch was deleted");
    let survey = alice.agentsync(&["survey", "--json"]).expect_success().json();
    assert!(survey["warning"].as_str().unwrap().contains("was deleted"), "{survey}");
    bob.agentsync(&["repair"]).expect_code(1);
    assert_eq!(lab.hub_tip("agentsync"), None);
    bob.agentsync(&["repair", "--yes"]).expect_success();
    assert_eq!(lab.board_text(), good);
    // Alice, who wrote first, has the whole history; bob's begins where he came in.
    assert_ne!(lab.hub_tip("agentsync"), tip);
    check_frozen(&alice, &lab, "board_rewritten", "was rolled back or rewritten");
    alice.agentsync(&["repair", "--yes"]).expect_success();
    alice.agentsync(&["claim", "more", "src/c.rs"]).expect_success();
}

#[test]
fn a_clone_with_the_whole_history_brings_all_of_it_back() {
    let (lab, alice, _bob) = two_claims();
    let tip = lab.hub_tip("agentsync");
    lab.hub_git(&["update-ref", "-d", "refs/heads/agentsync"]);
    alice.agentsync(&["repair", "--yes"]).expect_success();
    assert_eq!(lab.hub_tip("agentsync"), tip);
}

#[test]
fn r_07_a_branch_that_was_rolled_back_is_noticed() {
    let (lab, alice, bob) = two_claims();
    bob.agentsync(&["survey"]).expect_success();
    lab.hub_git(&["update-ref", "refs/heads/agentsync", "refs/heads/agentsync~1"]);
    check_frozen(&bob, &lab, "board_rewritten", "was rolled back or rewritten");
    bob.agentsync(&["repair", "--yes"]).expect_success();
    bob.agentsync(&["claim", "b", "src/b.rs"]).expect_success();
    drop(alice);
}

#[test]
fn a_sound_board_needs_no_repair() {
    let (lab, alice, _bob) = two_claims();
    let tip = lab.hub_tip("agentsync");
    let answer = alice.agentsync(&["repair", "--yes"]).expect_success();
    assert!(answer.stdout.starts_with("sound"), "{}", answer.stdout);
    assert_eq!(lab.hub_tip("agentsync"), tip);
}

#[test]
fn a_branch_without_the_file_is_an_empty_board_and_keeps_its_other_files() {
    let lab = Lab::new(PROGRAM);
    let alice = lab.clone("alice");
    lab.push_as_stranger("agentsync", &[("notes.md", b"ours\n"), ("docs/a.md", b"a\n")], "prepare");
    alice.agentsync(&["claim", "a", "src/a.rs"]).expect_success();
    assert_eq!(lab.hub_git(&["show", "agentsync:notes.md"]).stdout, "ours\n");
    assert_eq!(lab.hub_git(&["show", "agentsync:docs/a.md"]).stdout, "a\n");
    assert!(lab.board_text().unwrap().contains("\"alice\""));
}

#[test]
fn r_19_an_entry_of_unknown_shape_blocks_everything_and_says_so() {
    let (lab, alice, _bob) = two_claims();
    lab.put_board_text("{\"claims\": {\"zoe\": {\"files\": [\"x\"]}}}");
    let report: Value = alice.agentsync(&["claim", "more", "src/c.rs", "--json"]).expect_code(1).json();
    assert_eq!(report["conflicts"]["zoe"]["reasons"][0]["type"], "unreadable_entry", "{report}");
    alice.agentsync(&["claim", "more", "src/c.rs", "--force", "--reason", "zoe is gone"]).expect_success();
    assert!(lab.board_text().unwrap().contains("{\"files\": [\"x\"]}"), "her entry stays as it is");
}

#[test]
fn r_20_everybody_elses_bytes_survive_every_write() {
    let lab = Lab::new(PROGRAM);
    let alice = lab.clone("alice");
    let theirs = "{ \"touches\" : [\"x\"],\"n\":1.50, \"big\": 123456789012345678901234567890, \"e\": 1E2, \"u\": \"\\u00e9\" }";
    let text = format!(
        "{{\n\t\"later\": {{\"b\": 1, \"a\": [ ]}},\n\t\"claims\": {{\"zoe\": {theirs}}},\n\t\"paused\": [1.0]\n}}"
    );
    lab.put_board_text(&text);
    for args in [
        &["claim", "a", "src/a.rs"][..],
        &["update-status", "planning", "--note", "soon"],
        &["mailbox", "hello", "--to", "zoe"],
        &["claim", "b", "src/b.rs", "--lane", "two"],
        &["release", "--lane", "two"],
        &["update-status", "done"],
    ] {
        alice.agentsync(args).expect_success();
        let board = lab.board_text().unwrap();
        for part in [theirs, "\"later\": {\"b\": 1, \"a\": [ ]}", "\"paused\": [1.0]"] {
            assert!(board.contains(part), "{args:?} changed {part}: {board}");
        }
    }
}

#[test]
fn each_change_is_one_commit_with_its_trailers() {
    let (lab, _alice, _bob) = two_claims();
    assert_eq!(lab.board_log(), ["agentsync: bob claims 'b'", "agentsync: alice claims 'a'"]);
    let message = lab.hub_git(&["log", "-1", "--format=%B%n%aI", "agentsync"]).stdout;
    let (op, rest) = message.split_once("Agentsync-Op: ").unwrap().1.split_once('\n').unwrap();
    assert!(op.len() == 32 && op.chars().all(|c| c.is_ascii_hexdigit()), "{message}");
    assert!(rest.contains("Agentsync-Generation: 2\n"), "{message}");
    assert!(rest.contains("Agentsync-Version: "), "{message}");
    let parents = lab.hub_git(&["rev-list", "--max-parents=0", "agentsync"]).stdout;
    assert_eq!(parents.lines().count(), 1, "an orphan branch");
    assert_eq!(lab.hub_git(&["ls-tree", "--name-only", "agentsync"]).text(), "claims.json");
    assert!(Timestamp::parse(message.trim().lines().last().unwrap()).is_some());
}
