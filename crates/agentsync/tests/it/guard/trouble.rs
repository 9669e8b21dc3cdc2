//! When the board cannot be asked, or an event cannot be read: never silent, and never in the way
//! unless somebody wished it so.

use serde_json::{Value, json};

use super::{Session, lab, refusal, said};

/// Makes the copy of the board look as old as it would be after minutes without a remote.
fn age(at: &agentsync_lab::checkout::Checkout, seconds: i64) {
    let dir = at.path().join(".git/agentsync");
    let older = |text: &str, key: &str| {
        let mut value: Value = serde_json::from_str(text).unwrap();
        let then = value[key].as_i64().unwrap() - seconds * 1_000_000;
        value[key] = json!(then);
        value.to_string()
    };
    let recency = dir.join("recency.json");
    std::fs::write(&recency, older(&std::fs::read_to_string(&recency).unwrap(), "confirmed_at")).unwrap();
    for entry in std::fs::read_dir(dir.join("desk")).unwrap() {
        let copy = entry.unwrap().path().join("board.json");
        std::fs::write(&copy, older(&std::fs::read_to_string(&copy).unwrap(), "at")).unwrap();
    }
}

#[test]
fn without_the_remote_an_edit_passes_with_a_warning_that_says_how_old_the_board_is() {
    let (lab, alice, _bob) = lab(&["src/auth.rs"]);
    alice.agentsync(&["survey"]).expect_code(0);
    std::fs::rename(lab.hub_path(), lab.path().join("away")).unwrap();
    age(&alice, 300);
    let session = Session::of(&alice, "claude-code", "one");
    let answer = session.edit("docs/a.md");
    let told = said(&answer);
    assert!(told.contains("the board was last seen 5 min ago"), "{answer}");
    assert_eq!(answer["systemMessage"].as_str(), Some(&*told), "the person sees it, too");
    let reason = session.edit("src/auth.rs");
    let reason = refusal(&reason).unwrap();
    assert!(reason.contains("The board was seen 5 min ago"), "{reason}");
}

#[test]
fn without_the_remote_an_edit_is_refused_where_that_is_wished() {
    let (lab, alice, _bob) = lab(&["src/auth.rs"]);
    alice.git(&["config", "agentsync.guardUnsure", "block"]);
    alice.agentsync(&["survey"]).expect_code(0);
    std::fs::rename(lab.hub_path(), lab.path().join("away")).unwrap();
    age(&alice, 300);
    let session = Session::of(&alice, "claude-code", "one");
    let answer = session.edit("docs/a.md");
    assert!(refusal(&answer).is_some_and(|reason| reason.contains("last seen 5 min ago")), "{answer}");
}

#[test]
fn a_board_that_was_never_seen_is_asked_for() {
    let (lab, alice, _bob) = lab(&["src/auth.rs"]);
    let session = Session::of(&alice, "claude-code", "one");
    assert!(
        refusal(&session.edit("src/auth.rs")).is_some(),
        "no session start, no copy: the remote is asked"
    );
    let carol = lab.clone("carol");
    std::fs::rename(lab.hub_path(), lab.path().join("away")).unwrap();
    let other = Session::of(&carol, "claude-code", "two");
    let told = said(&other.edit("src/auth.rs"));
    assert!(told.contains("has never been seen in this clone"), "{told}");
}

#[test]
fn an_old_copy_is_not_refused_from_without_asking() {
    let (_lab, alice, bob) = lab(&["src/auth.rs"]);
    alice.agentsync(&["survey"]).expect_code(0);
    bob.agentsync(&["release"]).expect_code(0);
    age(&alice, 300);
    let session = Session::of(&alice, "claude-code", "one");
    assert_eq!(session.edit("src/auth.rs"), json!({}), "it is free by now");
}

#[test]
fn an_event_that_cannot_be_read_is_said() {
    let (_lab, alice, _bob) = lab(&[]);
    for text in ["", "not json", "[]"] {
        let answer = alice.agentsync_fed(text, &["hook", "claude-code"]).expect_code(0).json();
        assert!(answer["systemMessage"].as_str().unwrap().contains("was not checked"), "{text}: {answer}");
    }
    let unclear = json!({ "session_id": "one", "cwd": alice.path(), "hook_event_name": "PreToolUse",
        "tool_name": "Write", "tool_input": { "odd": 1 } });
    let session = Session::of(&alice, "claude-code", "one");
    assert!(said(&session.send(&unclear)).contains("was not checked"));
}

#[test]
fn the_policy_warns_or_is_off_when_it_says_so() {
    let (_lab, alice, _bob) = lab(&["src/auth.rs"]);
    let session = Session::of(&alice, "claude-code", "one");
    session.start();
    alice.git(&["config", "agentsync.guard", "warn"]);
    let answer = session.edit("src/auth.rs");
    assert_eq!(refusal(&answer), None);
    assert!(said(&answer).contains("src/auth.rs is claimed by bob"), "{answer}");
    alice.git(&["config", "agentsync.guard", "off"]);
    assert_eq!(session.edit("src/auth.rs"), json!({}));
    alice.git(&["config", "agentsync.guard", "sometimes"]);
    let answer = session.edit("src/auth.rs");
    assert!(said(&answer).contains("git config agentsync.guard is `sometimes`"), "{answer}");
}

#[test]
fn outside_a_repository_there_is_nothing_to_say() {
    let (lab, alice, _bob) = lab(&[]);
    let call = json!({ "session_id": "one", "cwd": lab.path(), "hook_event_name": "PreToolUse",
        "tool_name": "Write", "tool_input": { "file_path": "x" } });
    assert_eq!(
        alice.agentsync_fed(call.to_string(), &["hook", "claude-code"]).expect_code(0).json(),
        json!({})
    );
}

#[test]
fn what_an_edit_claimed_survives_a_keeper_that_is_killed() {
    let (_lab, alice, bob) = lab(&[]);
    let session = Session::of(&alice, "claude-code", "one");
    session.start();
    assert_eq!(session.edit("docs/a.md"), json!({}));
    let desk =
        std::fs::read_dir(alice.path().join(".git/agentsync/desk")).unwrap().next().unwrap().unwrap().path();
    let keeper = || {
        let signed = std::fs::read_to_string(desk.join("keeper.lock")).unwrap_or_default();
        signed.trim_end().to_owned()
    };
    let waits = (0..200).find(|_| {
        std::thread::sleep(std::time::Duration::from_millis(25));
        !keeper().is_empty()
    });
    assert!(waits.is_some(), "a keeper is at work");
    let killed = keeper();
    alice.run_with("kill", &[] as &[(&str, &str)], &["-9", &killed]).expect_code(0);
    session.event("Stop", json!({}));
    super::partners(&bob, |seen| seen["alice"]["touches"] == json!(["docs/a.md"]));
    assert_ne!(keeper(), killed, "another one wrote it");
}
