//! `check --verify`: the user's own command on what the merges would give.

use agentsync_lab::checkout::Checkout;
use agentsync_lab::lab::Lab;
use serde_json::{Value, json};

use super::{check, commit, on_branch, project};

/// Alice and bob each add a file; bob has a task that the test of alice's does not know of.
fn two() -> (Lab, Vec<Checkout>) {
    let (lab, agents) = project(&["alice", "bob"]);
    on_branch(&agents[0], "alice/one", &[("one.txt", "1\n")]);
    on_branch(&agents[1], "bob/two", &[("two.txt", "2\n")]);
    for (agent, touches) in [(&agents[0], "one.txt"), (&agents[1], "two.txt")] {
        agent.agentsync(&["claim", "work", touches]).expect_success();
    }
    (lab, agents)
}

fn outcomes(report: &Value) -> Vec<(&str, &str, bool)> {
    let verified = report["verified"].as_array().unwrap().iter();
    let one = |one: &'static Value| {
        let verify = &one["verify"];
        (one["with"].as_str().unwrap(), verify["outcome"].as_str().unwrap(), verify["remembered"] == true)
    };
    // A test's answers may live as long as the test.
    verified.map(|value| one(Box::leak(Box::new(value.clone())))).collect()
}

#[test]
fn the_command_sees_both_sides_and_is_not_run_twice_on_one_tree() {
    let (_lab, agents) = two();
    let alice = &agents[0];
    alice.write("draft.txt", "not committed\n");
    // The merge with the default branch has no file of bob's.
    let command = "echo seen; ls; test -f one.txt && test -f draft.txt && test -f two.txt";
    let report = check(alice, &["--verify", command], 1);
    assert_eq!(outcomes(&report), [("main", "failed", false), ("bob/two", "passed", false)], "{report}");
    assert_eq!(report["verified"][1]["partner"], "bob");
    let log = report["verified"][0]["verify"]["log"].as_str().unwrap();
    assert!(std::fs::read_to_string(log).unwrap().starts_with("seen\n"), "its output is kept");
    assert_eq!(report["verified"][0]["verify"]["code"], 1);
    let again = check(alice, &["--verify", command], 1);
    assert_eq!(outcomes(&again), [("main", "failed", true), ("bob/two", "passed", true)]);
    assert_eq!(alice.git(&["status", "--porcelain"]).stdout.trim(), "?? draft.txt");

    let one = check(alice, &["bob/two", "--verify", command], 0);
    assert_eq!(outcomes(&one), [("bob/two", "passed", true)], "only with the branch that is named");
}

#[test]
fn where_the_text_conflicts_it_is_not_run() {
    let (_lab, agents) = two();
    for (agent, text) in agents.iter().zip(["ONE\ntwo\nthree\n", "eins\ntwo\nthree\n"]) {
        commit(agent, &[("words.txt", text)]);
        let branch = agent.git(&["branch", "--show-current"]).text().to_owned();
        agent.push(&branch);
    }
    let report = check(&agents[0], &["bob/two", "--verify", "true"], 1);
    assert_eq!(
        report["verified"],
        json!([{ "with": "bob/two", "partner": "bob", "note": "the text conflicts" }])
    );
}

#[test]
fn a_command_comes_from_the_user_and_never_from_what_is_committed() {
    let (_lab, agents) = two();
    let alice = &agents[0];
    let bait = "[agentsync]\n\tverify = touch /tmp/never\n";
    commit(alice, &[(".agentsync.toml", "verify = \"touch never\"\n"), (".gitconfig", bait)]);
    let failure = alice.agentsync(&["check", "--verify", "--json"]).expect_code(2).json();
    assert!(failure["fix"].as_str().unwrap().contains("git config agentsync.verify"), "{failure}");

    alice.git(&["config", "agentsync.verify", "test -f two.txt"]);
    assert_eq!(outcomes(&check(alice, &["bob/two", "--verify"], 0)), [("bob/two", "passed", false)]);
    assert_eq!(check(alice, &["bob/two"], 0).get("verified"), None, "configured, it is run when asked for");
    let slow = [("AGENTSYNC_VERIFY_TIMEOUT", "1")];
    let args = ["check", "bob/two", "--verify", "sleep 60", "--json"];
    let report = alice.agentsync_with(&slow, &args).expect_code(1).json();
    assert_eq!(outcomes(&report), [("bob/two", "timed_out", false)]);
}

#[test]
fn in_words_the_outcome_stands_by_the_branch() {
    let (_lab, agents) = two();
    let answer =
        agents[0].agentsync(&["check", "bob/two", "--verify", "echo it broke; false"]).expect_code(1);
    for want in ["merged with bob/two", "failed with code 1", "it broke"] {
        assert!(answer.stdout.contains(want), "no `{want}` in\n{}", answer.stdout);
    }
}
