//! The history that `AGENTSYNC_HISTORY` asks for: a line when something is asked, and one when it is answered.

use std::path::PathBuf;

use agentsync_core::Change;
use agentsync_lab::lab::Lab;
use serde_json::Value;

use crate::PROGRAM;

fn lines(path: &PathBuf) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn every_write_and_survey_is_recorded_as_asked_and_as_answered() {
    let lab = Lab::new(PROGRAM);
    let path = lab.path().join("history.jsonl");
    let env = [("AGENTSYNC_HISTORY", &path)];
    let (alice, bob) = (lab.clone("alice"), lab.clone("bob"));
    alice.agentsync_with(&env, &["claim", "auth", "src/auth.rs"]).expect_success();
    bob.agentsync_with(&env, &["claim", "auth too", "src/auth.rs"]).expect_code(1);
    bob.agentsync_with(&env, &["survey"]).expect_success();

    let lines = lines(&path);
    let of = |key: &str| lines.iter().map(|line| line[key].as_str().unwrap_or("-")).collect::<Vec<_>>();
    assert_eq!(of("event"), ["invoke", "swap", "return", "invoke", "return", "invoke", "return"]);
    assert_eq!(of("kind"), ["claim", "-", "-", "claim", "-", "survey", "-"]);
    assert_eq!(of("answer"), ["-", "-", "done", "-", "refused", "-", "seen"]);
    assert_eq!(of("op")[0], of("op")[2]);
    assert!(lines.windows(2).all(|pair| pair[0]["ns"].as_u64() <= pair[1]["ns"].as_u64()), "{lines:#?}");
    // What was asked can be decided again, and the tip is the one that showed it.
    let change: Change = serde_json::from_value(lines[0]["args"].clone()).unwrap();
    assert_eq!(change.op.0, of("op")[0]);
    assert_eq!(lines[2]["tip"], lines[4]["tip"]);
    assert_eq!(lines[6]["claims"]["alice"]["op"], lines[0]["op"]);
}

#[test]
fn a_write_that_failed_is_recorded_as_failed() {
    let lab = Lab::new(PROGRAM);
    let path = lab.path().join("history.jsonl");
    let alice = lab.clone("alice");
    alice.git(&["remote", "set-url", "origin", "/nowhere/at/all"]);
    alice.agentsync_with(&[("AGENTSYNC_HISTORY", &path)], &["claim", "auth", "src"]).expect_code(3);
    assert_eq!(lines(&path)[1]["answer"], "failed");
}

#[test]
fn a_history_that_cannot_be_kept_stops_the_program_before_it_does_anything() {
    let lab = Lab::new(PROGRAM);
    let alice = lab.clone("alice");
    let answer = alice.agentsync_with(&[("AGENTSYNC_HISTORY", lab.path())], &["claim", "auth", "src"]);
    assert!(answer.expect_code(2).stderr.contains("AGENTSYNC_HISTORY"));
    assert_eq!(lab.board_log(), Vec::<String>::new());
}
