//! What a claim relies on without saying so, and who relies on it.

use agentsync_lab::checkout::Checkout;
use agentsync_lab::lab::Lab;
use serde_json::json;

use super::claims::run;
use crate::PROGRAM;
use crate::semantic::{commit, on_branch, project};

const USER: &str =
    "class User:\n    def uid(self):\n        return 1\n\n    def renew(self):\n        return 2\n";
const PAGE: &str = "from app.user import User\n\n\ndef page(user: User):\n    return user.uid()\n\n\ndef foot():\n    return 3\n";

/// Two who share a small Python project.
fn python() -> (Lab, Checkout, Checkout) {
    let lab = Lab::new(PROGRAM);
    let first = lab.clone("first");
    commit(&first, &[("app/user.py", USER), ("app/page.py", PAGE), ("app/words.txt", "uid\n")]);
    first.push("main");
    let (alice, bob) = (lab.clone("alice"), lab.clone("bob"));
    (lab, alice, bob)
}

#[test]
fn what_a_peer_is_changing_and_the_claim_uses_is_told() {
    let (_lab, alice, bob) = python();
    run(&alice, &["claim", "ids", "app/user.py"], 0);
    let granted = run(&bob, &["claim", "pages", "app/page.py", "app/words.txt"], 0);
    let used = json!({ "alice": ["app/user.py#User", "app/user.py#User.uid"] });
    assert_eq!(granted["you_depend_on_theirs"], used);
    let note = "you rely on `User` (app/page.py:4), `User.uid` (app/page.py:5), which alice is changing";
    assert_eq!(granted["notes"], json!([note]));
    assert_eq!(granted["claim"]["requires"], json!([]), "what was not declared is not written");
    let words = bob.agentsync(&["claim", "pages", "app/page.py"]).expect_success();
    assert!(words.stdout.replace('\n', " ").contains("which alice is"), "{}", words.stdout);
}

#[test]
fn parts_that_nobody_changes_are_not_told() {
    let (_lab, alice, bob) = python();
    run(&alice, &["claim", "renewal", "app/user.py#User.renew"], 0);
    let granted = run(&bob, &["claim", "pages", "app/page.py"], 0);
    assert_eq!(granted.get("you_depend_on_theirs"), None, "a type is not changed with one of its members");
    run(&alice, &["claim", "ids", "app/user.py#User.uid"], 0);
    let foot = run(&bob, &["claim", "foot", "app/page.py#foot"], 0);
    assert_eq!(foot.get("you_depend_on_theirs"), None);
    let page = run(&bob, &["claim", "page", "app/page.py#page", "--derive-requires", "off"], 0);
    assert_eq!(page.get("you_depend_on_theirs"), None);
}

#[test]
fn a_claim_that_derives_what_it_requires_is_refused_while_a_peer_changes_it() {
    let (_lab, alice, bob) = python();
    run(&alice, &["claim", "ids", "app/user.py#User.uid"], 0);
    let args = ["claim", "pages", "app/page.py", "--derive-requires", "block"];
    let refused = run(&bob, &args, 1);
    assert_eq!(refused["status"], "blocked");
    let reason = &refused["conflicts"]["alice"]["reasons"][0];
    assert_eq!(reason["type"], "depends_on_their_wip");
    assert!(reason["files"].as_array().unwrap().contains(&json!("app/user.py#User.uid")), "{reason}");
    assert!(refused["notes"][0].as_str().unwrap().starts_with("you rely on `User.uid`"), "{refused}");
    assert!(refused["next"].as_str().unwrap().starts_with("wait until it is done"), "{refused}");
    // Set for good.
    let env = [("AGENTSYNC_DERIVE_REQUIRES", "block")];
    bob.agentsync_with(&env, &["claim", "pages", "app/page.py", "--json"]).expect_code(1);
    let wrong = bob.agentsync(&["claim", "pages", "app/page.py", "--derive-requires", "all"]);
    wrong.expect_code(2);
    run(&alice, &["release"], 0);
    assert_eq!(run(&bob, &args, 0)["claim"]["requires"], json!([]));
}

#[test]
fn whose_branch_uses_what_may_get_another_signature_is_told() {
    let (_lab, agents) = project(&["alice", "bob"]);
    let [alice, bob] = agents.as_slice() else { panic!("two were asked for") };
    run(bob, &["claim", "cart", "cart.go", "--branch", "bob/cart"], 0);
    let early = run(alice, &["claim", "users", "user.go#fetchUser:sign"], 0);
    assert_eq!(early.get("they_depend_on_yours"), None);
    on_branch(bob, "bob/cart", &crate::semantic::USED);
    let told = run(alice, &["claim", "users", "user.go#fetchUser:sign"], 0);
    assert_eq!(told["they_depend_on_yours"], json!({ "bob": ["user.go#fetchUser"] }));
    let note = "bob relies on `fetchUser` (cart.go:4), whose signature you may change";
    assert_eq!(told["notes"], json!([note]));
    let plain = run(alice, &["claim", "users", "user.go#fetchUser"], 0);
    assert_eq!(plain.get("they_depend_on_yours"), None, "a body may change under its callers");
}
