//! Agents in one file: what hooks allow to whoever holds a part of it.

use agentsync_lab::checkout::Checkout;
use agentsync_lab::lab::Lab;
use serde_json::{Value, json};

use super::git_hooks::{git, guarded, refused};
use super::{Session, lab, partners, refusal};

const FILE: &str = "\
use std::fmt;

pub fn login(name: &str) -> bool {
    // who?
    !name.is_empty()
}

pub struct Session(u64);

impl Session {
    pub fn renew(&mut self) {
        self.0 += 1;
    }

    pub fn end(&mut self) {
        self.0 = 0;
    }
}

pub fn logout() {}
";

/// A file that alice and bob share, in which bob holds some symbols.
fn shared(theirs: &[&str]) -> (Lab, Checkout, Checkout) {
    let (lab, alice, bob) = lab(&[]);
    alice.write("src/auth.rs", FILE);
    alice.git(&["add", "--all"]);
    alice.git(&["commit", "--quiet", "-m", "a file for both"]);
    alice.push("main");
    bob.git(&["pull", "--quiet", "--ff-only", "origin", "main"]);
    bob.agentsync(&[&["claim", "harden the login"], theirs].concat()).expect_code(0);
    (lab, alice, bob)
}

/// Replaces a text, as Claude Code says it.
#[track_caller]
fn replace(session: &Session<'_>, old: &str, new: &str) -> Value {
    let path = session.at.path().join("src/auth.rs");
    let input = json!({ "file_path": path, "old_string": old, "new_string": new });
    session.event("PreToolUse", json!({ "tool_name": "Edit", "tool_input": input }))
}

#[test]
fn an_edit_is_judged_by_the_symbols_it_changes() {
    let (_lab, alice, _bob) = shared(&["src/auth.rs#login", "src/auth.rs#Session.renew"]);
    alice.agentsync(&["claim", "log out", "src/auth.rs#logout"]).expect_code(0);
    let session = Session::of(&alice, "claude-code", "one");
    session.start();
    assert_eq!(replace(&session, "logout() {}", "logout() { end() }"), json!({}), "it is hers");
    assert_eq!(replace(&session, "use std::fmt;", "use std::io;"), json!({}), "it belongs to no symbol");
    for (old, new, part) in [
        ("!name.is_empty()", "name.len() > 1", "login"),
        ("// who?", "// who is it?", "login"),
        ("self.0 += 1", "self.0 += 2", "Session.renew"),
        ("    pub fn renew(&mut self) {\n        self.0 += 1;\n    }\n", "", "Session.renew"),
    ] {
        let answer = replace(&session, old, new);
        let reason = refusal(&answer).unwrap_or_default();
        assert!(reason.contains(&format!("src/auth.rs#{part} is claimed by bob")), "{old}: {answer}");
        assert!(reason.contains(&format!("touches=[\"src/auth.rs#{part}\"]")), "{reason}");
    }
    let whole = FILE.replace("!name.is_empty()", "true").replace("logout() {}", "logout() { end() }");
    let input = json!({ "file_path": alice.path().join("src/auth.rs"), "content": whole });
    let answer = session.event("PreToolUse", json!({ "tool_name": "Write", "tool_input": input }));
    assert!(refusal(&answer).is_some_and(|reason| reason.contains("#login is claimed")), "{answer}");
    let patch = "*** Begin Patch\n*** Update File: src/auth.rs\n@@\n-        self.0 += 1;\n+        self.0 += 3;\n*** End Patch\n";
    let answer = session
        .event("PreToolUse", json!({ "tool_name": "apply_patch", "tool_input": { "command": patch } }));
    assert!(refusal(&answer).is_some_and(|reason| reason.contains("#Session.renew is claimed")), "{answer}");
}

#[test]
fn a_free_symbol_is_claimed_by_its_edit_alone() {
    let (_lab, alice, bob) = shared(&["src/auth.rs#login"]);
    let session = Session::of(&alice, "claude-code", "one");
    session.start();
    assert_eq!(replace(&session, "logout() {}", "logout() { end() }"), json!({}));
    assert_eq!(replace(&session, "self.0 = 0", "self.0 = 7"), json!({}));
    session.event("Stop", json!({}));
    let seen = partners(&bob, |seen| seen["alice"]["touches"].as_array().is_some_and(|all| all.len() == 2));
    assert_eq!(seen["alice"]["touches"], json!(["src/auth.rs#Session.end", "src/auth.rs#logout"]));
    let answer = replace(&session, "!name.is_empty()", "true");
    assert!(refusal(&answer).is_some_and(|reason| reason.contains("#login is claimed by bob")), "{answer}");
}

#[test]
fn what_surrounds_a_held_symbol_is_edited_and_not_claimed() {
    let (lab, alice, _bob) = shared(&["src/auth.rs#Session.renew"]);
    let session = Session::of(&alice, "claude-code", "one");
    session.start();
    let before = lab.board_log().len();
    assert_eq!(replace(&session, "Session(u64)", "Session(u128)"), json!({}));
    assert_eq!(replace(&session, "use std::fmt;", "use std::io;"), json!({}));
    session.event("Stop", json!({}));
    assert_eq!(lab.board_log().len(), before, "{:?}", lab.board_log());
}

#[test]
fn a_commit_and_a_push_are_judged_by_the_symbols_they_change() {
    let (_lab, alice, _bob) = shared(&["src/auth.rs#login"]);
    guarded(&alice);
    alice.git(&["switch", "--quiet", "-c", "alice/work"]);
    alice.agentsync(&["claim", "log out", "src/auth.rs#logout"]).expect_code(0);
    let commit = |text: &str, extra: &[&str]| {
        alice.write("src/auth.rs", text);
        alice.git(&["add", "--all"]);
        git(&alice, &[&["commit", "--quiet", "-m", "mine"], extra].concat())
    };
    let mine = FILE.replace("logout() {}", "logout() { end() }").replace("std::fmt", "std::io");
    commit(&mine, &[]).expect_success();
    git(&alice, &["push", "--quiet", "origin", "alice/work"]).expect_success();
    let theirs = mine.replace("!name.is_empty()", "true");
    let words = ["src/auth.rs#login\n    held by      bob", "git restore --staged --patch src/auth.rs\n"];
    refused(&commit(&theirs, &[]), &words);
    commit(&theirs, &["--no-verify"]).expect_success();
    let pushed = git(&alice, &["push", "--quiet", "origin", "alice/work"]);
    assert_eq!(pushed.code, 1, "{}", pushed.stderr);
    assert!(pushed.stderr.contains("src/auth.rs#login"), "{}", pushed.stderr);
}

#[test]
fn a_request_is_judged_by_the_symbols_it_changes() {
    let (_lab, alice, _bob) = shared(&["src/auth.rs#login"]);
    alice.git(&["switch", "--quiet", "-c", "alice/work"]);
    let gate = |text: &str, code: i32| {
        alice.write("src/auth.rs", text);
        alice.git(&["commit", "--quiet", "--all", "-m", "mine"]);
        alice.agentsync(&["gate", "--range", "origin/main..HEAD", "--json"]).expect_code(code).json()
    };
    let mine = FILE.replace("logout() {}", "logout() { end() }").replace("std::fmt", "std::io");
    assert_eq!(gate(&mine, 0)["status"], "clear");
    let report = gate(&mine.replace("!name.is_empty()", "true"), 1);
    let found = &report["findings"][0];
    assert_eq!(found["path"], "src/auth.rs");
    assert!(found["what"].as_str().unwrap().starts_with("src/auth.rs#login is claimed by bob"), "{report}");
}
