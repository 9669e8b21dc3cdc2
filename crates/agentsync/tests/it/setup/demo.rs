//! The demo.

use std::fs;

use serde_json::json;

use super::lab;

#[test]
fn the_demo_plays_and_cleans_up() {
    let lab = lab();
    let alice = lab.clone("alice");
    let answer = alice.agentsync(&["demo"]).expect_success();
    assert!(answer.stdout.contains("✓  every step answered as it must"), "{}", answer.stdout);
    assert!(answer.stdout.lines().all(|line| line.chars().count() <= 80), "{}", answer.stdout);
    let leftovers = fs::read_dir(lab.path().join("tmp")).unwrap().count();
    assert_eq!(leftovers, 0);
}

#[test]
fn the_demo_gives_its_transcript_and_keeps_its_folders_when_told() {
    let lab = lab();
    let alice = lab.clone("alice");
    let transcript = alice.agentsync(&["demo", "--json", "--keep"]).expect_success().json();
    assert_eq!(transcript["ok"], json!(true));
    let steps = transcript["steps"].as_array().unwrap();
    let blocked = steps.iter().find(|step| step["answer"]["status"] == "blocked").unwrap();
    assert_eq!((&blocked["agent"], &blocked["tool"]), (&json!("bob"), &json!("claim")));
    let kept = fs::read_dir(lab.path().join("tmp")).unwrap().next().unwrap().unwrap().path();
    assert!(kept.join("remote.git").is_dir() && kept.join("alice").is_dir() && kept.join("bob").is_dir());
}
