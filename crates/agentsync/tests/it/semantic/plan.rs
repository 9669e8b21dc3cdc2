//! `plan`: in which order branches should land, tried by merging them one after the other.

use agentsync_lab::checkout::Checkout;
use agentsync_lab::lab::Lab;
use serde_json::{Value, json};

use super::{RENAMED, USED, on_branch, project};

fn plan(agent: &Checkout, code: i32) -> Value {
    agent.agentsync(&["plan", "--json"]).expect_code(code).json()
}

fn steps(report: &Value) -> Vec<(&str, &str)> {
    let text = |step: &'_ Value, key: &str| step[key].as_str().unwrap().to_owned().leak() as &str;
    report["order"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| (text(step, "branch"), text(step, "action")))
        .collect()
}

/// Carol edits a line that both alice and bob edit, elsewhere in the file; dora relies on what carol does.
fn four() -> (Lab, Vec<Checkout>) {
    let (lab, agents) = project(&["alice", "bob", "carol", "dora"]);
    let [alice, bob, carol, dora] = agents.as_slice() else { panic!("four") };
    on_branch(alice, "alice/one", &[("words.txt", "ONE\ntwo\nthree\n")]);
    on_branch(bob, "bob/three", &[("words.txt", "one\ntwo\nTHREE\n")]);
    on_branch(carol, "carol/all", &[("words.txt", "eins\nzwei\ndrei\n"), ("new.go", "package shop\n")]);
    on_branch(dora, "dora/docs", &[("docs/new.md", "new\n")]);
    for (agent, touches) in [(alice, "a.md"), (bob, "b.md"), (carol, "new.go")] {
        agent.agentsync(&["claim", "work", touches]).expect_success();
    }
    dora.agentsync(&["claim", "docs", "docs", "--requires", "new.go", "--force"]).expect_success();
    (lab, agents)
}

#[test]
fn the_one_that_clashes_with_many_lands_late_and_those_that_rely_on_it_wait() {
    let (_lab, agents) = four();
    let report = plan(&agents[2], 1);
    let want = [("alice/one", "land"), ("bob/three", "land"), ("carol/all", "rebase"), ("dora/docs", "wait")];
    assert_eq!(steps(&report), want, "{report}");
    let carol = &report["order"][2];
    assert_eq!((&carol["merged"], &carol["mine"]), (&json!("conflicts"), &json!(true)));
    assert_eq!(carol["rebase_after"], json!(["alice/one", "bob/three"]));
    assert_eq!(carol["advice"], "rebase after alice/one and bob/three, and look at words.txt");
    assert_eq!(report["order"][3]["waits_for"], json!(["carol/all"]));
    assert_eq!(report["order"][3]["merged"], "clean");
    let cells: Vec<Value> = report["pairs"].as_array().unwrap().clone();
    let conflict = |first: u32, second: u32| json!({ "first": first, "second": second, "is": "conflict" });
    assert_eq!(cells, [conflict(1, 3), conflict(2, 3)]);
    assert_eq!(report["next"], "you: rebase after alice/one and bob/three, and look at words.txt");
    assert_eq!(plan(&agents[2], 1), report, "asked again it is the same");
    assert_eq!(steps(&plan(&agents[0], 1)), want, "and the same for others");
}

#[test]
fn what_only_shows_when_several_have_landed_is_found_by_merging_them() {
    let (_lab, agents) = project(&["alice", "bob", "carol"]);
    let [alice, bob, carol] = agents.as_slice() else { panic!("three") };
    // Alice renames; bob's call is found against her. Carol's call is in a file that is new with her.
    on_branch(alice, "alice/rename", &RENAMED);
    on_branch(bob, "bob/cart", &USED);
    on_branch(carol, "carol/none", &[("notes.txt", "1\n")]);
    for (agent, touches) in [(alice, "user.go"), (bob, "cart.go"), (carol, "notes.txt")] {
        agent.agentsync(&["claim", "work", touches]).expect_success();
    }
    let report = plan(alice, 1);
    assert_eq!(steps(&report), [("carol/none", "land"), ("bob/cart", "land"), ("alice/rename", "rebase")]);
    let last = &report["order"][2];
    assert_eq!(
        (&last["merged"], &last["semantic"][0]["rule"]),
        (&json!("findings"), &json!("S1")),
        "{report}"
    );
    assert_eq!(last["files"], json!(["cart.go", "user.go"]));
    assert_eq!(report["verified"], json!(true));
}

#[test]
fn a_branch_that_main_has_overtaken_rebases_and_one_that_landed_is_left_out() {
    let (_lab, agents) = project(&["alice", "bob"]);
    let [alice, bob] = agents.as_slice() else { panic!("two") };
    on_branch(alice, "alice/one", &[("words.txt", "ONE\ntwo\nthree\n")]);
    on_branch(bob, "bob/eins", &[("words.txt", "eins\ntwo\nthree\n")]);
    for (agent, touches) in [(alice, "a.md"), (bob, "b.md")] {
        agent.agentsync(&["claim", "work", touches]).expect_success();
    }
    alice.push("main");
    let report = plan(bob, 1);
    assert_eq!(report["landed"], json!(["alice/one"]), "{report}");
    assert_eq!(steps(&report), [("bob/eins", "rebase")]);
    assert_eq!(report["order"][0]["advice"], "rebase onto main now, and look at words.txt");
}

#[test]
fn in_words_it_is_drawn_within_the_page_and_nothing_is_written() {
    let (_lab, agents) = four();
    let alice = &agents[0];
    let look = || (alice.git(&["for-each-ref"]).stdout, alice.git(&["count-objects", "-v"]).stdout);
    let before = look();
    let answer = alice.agentsync(&["plan"]).expect_code(1);
    assert_eq!(look(), before);
    for want in [
        " 1  alice/one                 \\  .  C  .",
        " 3  carol/all                 C  C  \\  .",
        "Landing on main",
        "land now",
        "wait for carol/all, which it relies on, then land",
    ] {
        assert!(answer.stdout.contains(want), "no `{want}` in\n{}", answer.stdout);
    }
    assert_eq!(answer.stdout.lines().find(|line| line.chars().count() > 80), None, "{}", answer.stdout);
}

#[test]
fn with_nothing_to_land_it_says_so() {
    let (_lab, agents) = project(&["alice"]);
    let report = plan(&agents[0], 0);
    assert_eq!((&report["order"], &report["next"]), (&json!([]), &json!("nothing waits to land")));
}
