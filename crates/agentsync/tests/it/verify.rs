//! The audit of the branch: what other hands wrote is named, and what follows from it.

mod signing;

use agentsync_lab::checkout::Checkout;
use agentsync_lab::lab::Lab;
use serde_json::Value;

use crate::PROGRAM;

/// Alice and bob each hold a claim, and both have seen it.
fn two_claims() -> (Lab, Checkout, Checkout) {
    let lab = Lab::new(PROGRAM);
    let (alice, bob) = (lab.clone("alice"), lab.clone("bob"));
    alice.agentsync(&["claim", "a", "src/a.rs"]).expect_success();
    bob.agentsync(&["claim", "b", "src/b.rs"]).expect_success();
    alice.agentsync(&["survey"]).expect_success();
    (lab, alice, bob)
}

/// Puts a document on the board in a commit with this message, whoever it says wrote it.
fn craft(lab: &Lab, message: &str, text: &str) -> String {
    lab.push_as_stranger("agentsync", &[("claims.json", text.as_bytes())], message)
}

fn board(lab: &Lab) -> Value {
    serde_json::from_str(&lab.board_text().unwrap()).unwrap()
}

/// Returns the board without an entry.
fn without(lab: &Lab, key: &str) -> String {
    let mut board = board(lab);
    board["claims"].as_object_mut().unwrap().remove(key).unwrap();
    serde_json::to_string_pretty(&board).unwrap()
}

/// Returns the faults that `verify` finds, each as its commit's subject and its word.
#[track_caller]
fn faults(agent: &Checkout, args: &[&str], code: i32) -> Vec<(String, String)> {
    let report = agent.agentsync(&[&["verify", "--json"], args].concat()).expect_code(code).json();
    let mut found = Vec::new();
    for bad in report["bad"].as_array().unwrap() {
        for fault in bad["faults"].as_array().unwrap() {
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            found.push((text(&bad["subject"]), text(&fault["fault"])));
        }
    }
    found
}

#[track_caller]
fn check_one_fault(agent: &Checkout, subject: &str, fault: &str) {
    assert_eq!(faults(agent, &[], 1), [(subject.to_owned(), fault.to_owned())]);
}

const OP: &str = "Agentsync-Op: 00000000000000000000000000000001";

#[test]
fn what_the_program_itself_writes_is_sound() {
    let (_lab, alice, bob) = two_claims();
    for args in [
        &["update-status", "planning", "--note", "soon"][..],
        &["mailbox", "hello", "--to", "bob"],
        &["claim", "more", "docs", "--lane", "two"],
        &["break", "bob", "--reason", "he is gone"],
        &["release", "--lane", "two"],
        &["update-status", "done"],
        &["update-status", "in-progress"],
    ] {
        alice.agentsync(args).expect_success();
    }
    bob.agentsync(&["update-status", "done"]).expect_code(1);
    bob.agentsync(&["claim", "b", "src/b.rs"]).expect_success();
    for agent in [&alice, &bob] {
        assert_eq!(faults(agent, &[], 0), []);
        let report = agent.agentsync(&["verify", "--json"]).expect_success().json();
        assert_eq!((&report["commits"], &report["unverified"]), (&11.into(), &0.into()), "{report}");
        assert_eq!(agent.agentsync(&["survey", "--json"]).json().get("bad_commits"), None);
    }
}

#[test]
fn another_programs_commit_that_drops_an_entry_is_reported_and_freezes_nobody() {
    let (lab, alice, bob) = two_claims();
    craft(&lab, "agentsync: elder claims 'x'", &without(&lab, "bob"));
    let survey = alice.agentsync(&["survey", "--json"]).expect_success().json();
    let bad = &survey["bad_commits"];
    assert_eq!((&bad["count"], &bad["shown"][0]["unverified"]), (&1.into(), &true.into()), "{survey}");
    assert!(bad["shown"][0]["faults"][0]["what"].as_str().unwrap().contains("removes the entry of `bob`"));
    let words = alice.agentsync(&["survey"]).expect_success().stdout;
    assert!(words.contains("(another program's) removes the entry of `bob`"), "{words}");
    check_one_fault(&alice, "agentsync: elder claims 'x'", "edits_other");
    // Nobody is frozen by it.
    alice.agentsync(&["claim", "more", "docs"]).expect_success();
    bob.agentsync(&["claim", "b", "src/b.rs"]).expect_success();
    // Once somebody has looked, it is quiet.
    let accepted = alice.agentsync(&["verify", "--accept", "--json"]).expect_success().json();
    assert_eq!(accepted["commits"], 1);
    assert_eq!(alice.agentsync(&["survey", "--json"]).json().get("bad_commits"), None);
    check_one_fault(&alice, "agentsync: elder claims 'x'", "edits_other");
}

#[test]
fn another_programs_own_entry_is_no_fault() {
    let (lab, alice, _bob) = two_claims();
    let mut board = board(&lab);
    board["claims"]["elder"] =
        serde_json::json!({ "task": "x", "touches": ["x"], "requires": [], "status": "in-progress" });
    craft(&lab, "agentsync: elder claims 'x'", &board.to_string());
    assert_eq!(faults(&alice, &[], 0), []);
    let report = alice.agentsync(&["verify", "--json"]).expect_success().json();
    assert_eq!((&report["commits"], &report["unverified"]), (&3.into(), &1.into()));
}

#[test]
fn a_commit_with_our_trailers_that_edits_another_ones_entry_is_named() {
    let (lab, alice, bob) = two_claims();
    let subject = "agentsync: mallory claims 'm'";
    let commit = craft(&lab, &format!("{subject}\n\n{OP}\nAgentsync-Version: 0"), &without(&lab, "alice"));
    check_one_fault(&bob, subject, "edits_other");
    let words = bob.agentsync(&["verify"]).expect_code(1).stdout;
    assert!(words.contains(&commit[..10]) && words.contains("removes the entry of `alice`"), "{words}");
    assert!(words.lines().all(|line| line.chars().count() <= 80), "{words}");
    let survey = alice.agentsync(&["survey", "--json"]).expect_success().json();
    assert_eq!(survey["bad_commits"]["shown"][0]["unverified"], false);
    // Only where signatures are required does it stop anybody.
    bob.agentsync(&["claim", "more", "docs"]).expect_success();
}

#[test]
fn r_03_a_change_that_comes_a_second_time_is_named() {
    let (lab, alice, _bob) = two_claims();
    let message = lab.hub_git(&["log", "-1", "--format=%B", "agentsync"]).text().to_owned();
    craft(&lab, &message, &lab.board_text().unwrap());
    check_one_fault(&alice, "agentsync: bob claims 'b'", "repeats_op");
    let survey = alice.agentsync(&["survey", "--json"]).expect_success().json();
    assert_eq!(survey["bad_commits"]["shown"][0]["faults"][0]["fault"], "repeats_op");
}

#[test]
fn other_files_and_documents_that_cannot_be_read_are_named() {
    let (lab, alice, _bob) = two_claims();
    lab.push_as_stranger(
        "agentsync",
        &[("run.sh", b"rm -rf /\n")],
        &format!("agentsync: bob -> done\n\n{OP}"),
    );
    check_one_fault(&alice, "agentsync: bob -> done", "other_files");
    lab.put_board_text("{");
    let found = faults(&alice, &[], 1);
    assert_eq!(found[1], ("a stranger writes".to_owned(), "unreadable".to_owned()), "{found:?}");
    alice.agentsync(&["repair", "--yes"]).expect_success();
    assert_eq!(faults(&alice, &[], 1), found, "the repair itself is sound");
}

#[test]
fn a_range_is_looked_at_alone() {
    let (lab, alice, _bob) = two_claims();
    let good = lab.hub_tip("agentsync").unwrap();
    let bad = craft(&lab, "agentsync: elder claims 'x'", &without(&lab, "bob"));
    alice.agentsync(&["claim", "more", "docs"]).expect_success();
    assert_eq!(faults(&alice, &[&format!("..{good}")], 0), []);
    assert_eq!(faults(&alice, &[&format!("{}..", &bad[..12])], 0), []);
    assert_eq!(faults(&alice, &[&good], 0), []);
    assert_eq!(faults(&alice, &[&bad], 1).len(), 1);
    let range = format!("{good}..{bad}");
    let report = alice.agentsync(&["verify", &range, "--json"]).expect_code(1).json();
    assert_eq!((&report["commits"], &report["tip"]), (&1.into(), &bad.into()));
    let refused = alice.agentsync(&["verify", "0000000", "--json"]).expect_code(2).json();
    assert_eq!(refused["code"], "no_such_commit");
    let refused = alice.agentsync(&["verify", "main", "--json"]).expect_code(2).json();
    assert_eq!(refused["code"], "bad_arguments");
}

#[test]
fn who_comes_late_sees_the_tip_alone_and_verifies_it_all() {
    let (lab, _alice, _bob) = two_claims();
    craft(&lab, "agentsync: elder claims 'x'", &without(&lab, "bob"));
    let carol = lab.clone("carol");
    // What the others have just handed over on this machine would show her more.
    carol.agentsync_with(&[("AGENTSYNC_TURNS", "off")], &["claim", "c", "src/c.rs"]).expect_success();
    let survey = carol.agentsync(&["survey", "--json"]).expect_success().json();
    assert_eq!(survey.get("bad_commits"), None, "what she cannot see she does not judge");
    check_one_fault(&carol, "agentsync: elder claims 'x'", "edits_other");
    carol.agentsync(&["release"]).expect_success();
}

#[test]
fn without_a_branch_there_is_nothing_to_verify() {
    let lab = Lab::new(PROGRAM);
    let report = lab.clone("alice").agentsync(&["verify", "--json"]).expect_success().json();
    assert_eq!((&report["commits"], &report["tip"]), (&0.into(), &Value::Null));
}

#[test]
fn a_board_without_a_remote_is_audited_too() {
    let lab = Lab::new(PROGRAM);
    let alice = lab.lone("alice");
    alice.agentsync(&["claim", "a", "src/a.rs"]).expect_success();
    alice.agentsync(&["update-status", "planning"]).expect_success();
    assert_eq!(faults(&alice, &[], 0), []);
    alice.agentsync(&["survey"]).expect_success();
}
