//! Bringing a branch up to another, and the user's own command on merged work.

use agentsync_lab::checkout::Checkout;
use agentsync_lab::lab::Lab;
use serde_json::{Value, json};

use crate::PROGRAM;

/// Alice works on `alice/x`; meanwhile `main` moves on.
fn parted(mine: &[(&str, &str)], theirs: &[(&str, &str)]) -> (Lab, Checkout) {
    let lab = Lab::new(PROGRAM);
    let (alice, bob) = (lab.clone("alice"), lab.clone("bob"));
    let base = [
        ("config.txt", "a\nb\nc\n"),
        ("Cart.java", "class Cart {\n  int total() {\n    return 1;\n  }\n}\n"),
    ];
    for (path, text) in base {
        bob.write(path, text);
    }
    bob.commit("base");
    bob.push("main");
    alice.git(&["pull", "--quiet", "origin", "main"]);
    alice.git(&["switch", "--quiet", "-c", "alice/x"]);
    for (path, text) in mine {
        alice.write(path, text);
    }
    alice.commit("alice's work");
    for (path, text) in theirs {
        bob.write(path, text);
    }
    bob.commit("bob's work");
    bob.push("main");
    (lab, alice)
}

#[track_caller]
fn run(agent: &Checkout, args: &[&str], code: i32) -> Value {
    agent.agentsync(&[&["reconcile"], args, &["--json"]].concat()).expect_code(code).json()
}

fn tip(agent: &Checkout) -> String {
    agent.git(&["rev-parse", "alice/x"]).stdout.trim().to_owned()
}

#[test]
fn a_branch_that_goes_together_is_moved_with_its_work_tree() {
    let (_lab, alice) = parted(&[("mine.txt", "1\n")], &[("theirs.txt", "2\n")]);
    alice.write("draft.txt", "not committed\n");
    let before = tip(&alice);
    assert_eq!(run(&alice, &["--dry-run"], 0)["status"], "would_move");
    assert_eq!(tip(&alice), before, "a dry run changes nothing");

    let moved = run(&alice, &[], 0);
    assert_eq!(moved["status"], "moved", "{moved}");
    assert_eq!(moved["to"], tip(&alice));
    let parents = alice.git(&["log", "-1", "--format=%P"]).stdout;
    assert_eq!(
        parents.split_whitespace().collect::<Vec<_>>(),
        [&before, moved["commits"][1].as_str().unwrap()]
    );
    assert_eq!(alice.read("theirs.txt"), "2\n");
    assert_eq!(alice.git(&["status", "--porcelain"]).stdout.trim(), "?? draft.txt");
    assert_eq!(run(&alice, &[], 0)["status"], "up_to_date");
}

#[test]
fn a_branch_without_work_of_its_own_goes_forward() {
    let (_lab, alice) = parted(&[("mine.txt", "1\n")], &[("theirs.txt", "2\n")]);
    alice.git(&["reset", "--quiet", "--hard", "HEAD~1"]);
    let moved = run(&alice, &[], 0);
    assert_eq!(moved["to"], moved["commits"][1], "no merge commit is made");
}

#[test]
fn a_branch_that_is_not_checked_out_is_moved_too() {
    let (_lab, alice) = parted(&[("mine.txt", "1\n")], &[("theirs.txt", "2\n")]);
    alice.agentsync(&["claim", "x", "mine.txt", "--branch", "alice/x", "--lane", "x"]).expect_success();
    alice.git(&["switch", "--quiet", "main"]);
    let moved = run(&alice, &["--lane", "x"], 0);
    assert_eq!(moved["status"], "moved", "{moved}");
    assert_eq!(moved["intents"]["mine"], "x");
    assert_eq!(moved["to"], tip(&alice));
}

#[test]
fn text_that_conflicts_is_told_with_both_sides_and_left_to_resolve() {
    let mine = ("Cart.java", "class Cart {\n  int total() {\n    return 2;\n  }\n}\n");
    let theirs = ("Cart.java", "class Cart {\n  int total() {\n    return 3;\n  }\n}\n");
    let (_lab, alice) = parted(&[mine], &[theirs]);
    let before = tip(&alice);
    let answer = run(&alice, &[], 1);
    let file = &answer["conflicts"][0];
    assert_eq!((&answer["status"], &file["path"]), (&json!("conflicts"), &json!("Cart.java")));
    assert_eq!((&file["mine"], &file["theirs"]), (&json!(["alice's work"]), &json!(["bob's work"])));
    assert_eq!(file["symbols"], json!(["Cart.total"]));
    assert_eq!(
        file["hunks"][0],
        json!({ "line": 3, "mine": ["    return 2;"], "theirs": ["    return 3;"] })
    );
    assert_eq!(tip(&alice), before);
    // What is left is a work tree in the middle of the merge, and can be resolved there.
    let left = alice.as_agent("alice").path().join(answer["worktree"].as_str().unwrap());
    let text = std::fs::read_to_string(left.join("Cart.java")).unwrap();
    assert!(text.contains("<<<<<<<") && text.contains("return 3;"), "{text}");
    assert_eq!(alice.git(&["status", "--porcelain"]).stdout, "", "the work tree is as it was");
    run(&alice, &[], 1);
}

#[test]
fn work_that_is_not_committed_is_never_touched() {
    let (_lab, alice) = parted(&[("mine.txt", "1\n")], &[("config.txt", "a\nB\nc\n")]);
    alice.write("config.txt", "mine, not committed\n");
    let before = tip(&alice);
    let answer = run(&alice, &[], 1);
    assert_eq!(answer["status"], "refused", "{answer}");
    assert!(answer["detail"].as_str().unwrap().contains("config.txt"), "{answer}");
    assert_eq!((tip(&alice), alice.read("config.txt")), (before, "mine, not committed\n".to_owned()));
}

#[test]
fn what_merges_and_does_not_fit_together_is_not_landed() {
    let mine = ("Till.java", "class Till {\n  int sum(Cart cart) {\n    return cart.total();\n  }\n}\n");
    let theirs = ("Cart.java", "class Cart {\n  int sumOfAll() {\n    return 1;\n  }\n}\n");
    let (_lab, alice) = parted(&[mine], &[theirs]);
    let answer = run(&alice, &["--dry-run"], 1);
    assert_eq!(answer["status"], "findings", "{answer}");
    assert_eq!(answer["findings"][0]["name"], "total");
    assert_eq!(answer["worktree"], Value::Null, "a dry run leaves nothing");
}

#[test]
fn the_users_command_decides_and_is_remembered() {
    let (_lab, alice) = parted(&[("mine.txt", "1\n")], &[("theirs.txt", "2\n")]);
    let failing = "echo looking; test -e mine.txt && test -e theirs.txt && echo both; exit 7";
    let answer = run(&alice, &["--dry-run", "--verify", failing], 1);
    assert_eq!(answer["status"], "verify_failed", "{answer}");
    let verify = &answer["verify"];
    assert_eq!((&verify["outcome"], &verify["code"]), (&json!("failed"), &json!(7)));
    assert_eq!((&verify["tail"], &verify["remembered"]), (&json!(["looking", "both"]), &json!(false)));
    let again = run(&alice, &["--dry-run", "--verify", failing], 1);
    assert_eq!(again["verify"]["remembered"], true);
    let answer = run(&alice, &["--verify", "test ! -e .git"], 0);
    assert_eq!((&answer["status"], &answer["verify"]["outcome"]), (&json!("moved"), &json!("passed")));
}

#[test]
fn a_command_that_takes_too_long_is_ended_and_not_remembered() {
    let (_lab, alice) = parted(&[("mine.txt", "1\n")], &[("theirs.txt", "2\n")]);
    let env = [("AGENTSYNC_VERIFY_TIMEOUT", "1"), ("AGENTSYNC_VERIFY", "echo begun; sleep 600")];
    for _ in 0..2 {
        let answer = alice.agentsync_with(&env, &["reconcile", "--dry-run", "--json"]).expect_code(1).json();
        assert_eq!(answer["verify"]["outcome"], "timed_out", "{answer}");
        assert_eq!(answer["verify"]["tail"], json!(["begun"]));
        assert_eq!(answer["verify"]["remembered"], false);
    }
}

#[test]
fn a_command_that_the_repository_brings_is_never_run() {
    let (_lab, alice) =
        parted(&[("mine.txt", "1\n")], &[(".gitconfig", "[agentsync]\n\tverify = touch ran\n")]);
    alice.write(".agentsync.toml", "verify = \"touch ran\"\n");
    let answer = run(&alice, &["--dry-run"], 0);
    assert_eq!(answer["verify"], Value::Null);
}

#[test]
fn a_branch_that_is_nowhere_is_named() {
    let (_lab, alice) = parted(&[("mine.txt", "1\n")], &[("theirs.txt", "2\n")]);
    let answer = run(&alice, &["--with", "nobody/y"], 2);
    assert_eq!(answer["error"], "there is no branch `nobody/y` here or at the remote");
    let answer = run(&alice, &["--with", "alice/x"], 2);
    assert_eq!(answer["error"], "`alice/x` cannot be brought up to itself");
}
