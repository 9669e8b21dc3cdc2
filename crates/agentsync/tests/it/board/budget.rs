//! A remote is pushed to as often as it may be, and no more: changes wait and ride together.

use std::thread;

use agentsync_lab::http::fault::{Fault, first_pushes};
use agentsync_lab::http::{HostOptions, HttpHost};
use agentsync_lab::lab::Lab;
use agentsync_lab::mcp::{Era, McpClient};
use serde_json::{Value, json};

use super::claims::two;
use crate::PROGRAM;

fn env(budget: &'static str, timeout: &'static str) -> [(&'static str, &'static str); 2] {
    [("AGENTSYNC_PUSH_BUDGET", budget), ("AGENTSYNC_TIMEOUT", timeout)]
}

fn n_pushes(host: &HttpHost) -> usize {
    host.requests().iter().filter(|head| head.is_push()).count()
}

#[test]
fn changes_that_have_no_leave_wait_and_ride_together() {
    let lab = Lab::new(PROGRAM);
    let host = HttpHost::start(HostOptions::new(lab.path()));
    let alice = lab.clone_from("alice", &host.url("hub.git"));
    // One push every two seconds; those who wait have no patience of their own before the deadline.
    let start = |n: usize| {
        let agent = alice.as_agent(&format!("agent-{n}"));
        McpClient::start_with(&agent, Era::Stateless, &env("30/1", "40"))
    };
    let claim = |n: usize, mut client: McpClient| {
        client.structured("claim", json!({ "task": "work", "touches": [format!("{n}.rs")] }))
    };
    assert_eq!(claim(0, start(0))["status"], "claimed");
    let clients: Vec<McpClient> = (1..7).map(start).collect();
    let answers: Vec<Value> = thread::scope(|scope| {
        let claims = clients.into_iter().zip(1..).map(|(client, n)| scope.spawn(move || claim(n, client)));
        let claims: Vec<_> = claims.collect();
        claims.into_iter().map(|claim| claim.join().unwrap()).collect()
    });
    assert!(answers.iter().all(|answer| answer["status"] == "claimed"), "{answers:#?}");
    assert_eq!(lab.board_log().len(), 7);
    assert!(n_pushes(&host) <= 4, "{} pushes", n_pushes(&host));
}

#[test]
fn clones_of_one_machine_share_it_and_whoever_has_no_time_is_told_when_it_is_free() {
    let (_lab, alice, bob) = two();
    alice.agentsync_with(&env("1/1", "5"), &["claim", "first", "a.rs"]).expect_code(0);
    let answer = bob.agentsync_with(&env("1/1", "5"), &["claim", "second", "b.rs", "--json"]).expect_code(3);
    let failure: Value = serde_json::from_str(&answer.stdout).unwrap();
    assert_eq!(failure["code"], "contended");
    let said = failure["error"].as_str().unwrap();
    assert!(said.contains("(1 pushes a minute, `agentsync.pushBudget`): the next push is free in"), "{said}");
    assert!(failure["fix"].as_str().unwrap().starts_with("nothing was written; call again in"), "{failure}");
    // Reading costs nothing of it, and neither does an answer that writes nothing.
    bob.agentsync_with(&env("1/1", "5"), &["claim", "second", "a.rs"]).expect_code(1);
    let doctor = bob.agentsync_with(&env("1/1", "5"), &["doctor", "--json"]).json();
    let checks = doctor["checks"].as_array().unwrap();
    let push = checks.iter().find(|check| check["check"] == "push").unwrap()["said"].as_str().unwrap();
    assert!(
        push.contains("of 1 pushes at once, 0 are left, 1 a minute come back; the next one is free in"),
        "{push}"
    );
    bob.agentsync_with(&env("off", "5"), &["claim", "second", "b.rs"]).expect_code(0);
}

#[test]
fn clones_that_do_not_meet_have_one_each() {
    let (_lab, alice, bob) = two();
    for clone in [&alice, &bob] {
        clone.git(&["config", "agentsync.turns", "off"]);
        clone.git(&["config", "agentsync.pushBudget", "1/1"]);
        clone.agentsync(&["claim", "work", clone.agent()]).expect_code(0);
        clone.agentsync_with(&[("AGENTSYNC_TIMEOUT", "3")], &["update-status", "planning"]).expect_code(3);
    }
}

#[test]
fn a_host_that_had_too_many_requests_is_left_alone() {
    let lab = Lab::new(PROGRAM);
    let host = HttpHost::start(HostOptions::new(lab.path()));
    let alice = lab.clone_from("alice", &host.url("hub.git"));
    alice.agentsync(&["claim", "work", "a.rs"]).expect_code(0);
    host.set_fault(Box::new(|head, _| match head.query.contains("receive-pack") {
        true => Fault::Refuse(429),
        false => Fault::None,
    }));
    let answer =
        alice.agentsync_with(&env("off", "5"), &["update-status", "planning", "--json"]).expect_code(3);
    let failure: Value = serde_json::from_str(&answer.stdout).unwrap();
    assert_eq!(failure["code"], "contended");
    let said = failure["error"].as_str().unwrap();
    assert!(said.contains("(the remote asked for a pause): the next push is free in"), "{said}");
    host.set_fault(first_pushes(0, Fault::None));
    let n_before = host.requests().len();
    alice.agentsync_with(&env("off", "5"), &["update-status", "planning"]).expect_code(3);
    let later = host.requests().split_off(n_before);
    assert!(!later.iter().any(|head| head.query.contains("receive-pack")), "{later:#?}");
}

#[test]
fn a_budget_that_makes_no_sense_is_an_error() {
    let (_lab, alice, _bob) = two();
    let answer = alice.agentsync_with(&env("lots", "5"), &["survey", "--json"]).expect_code(2);
    let failure: Value = serde_json::from_str(&answer.stdout).unwrap();
    assert!(failure["error"].as_str().unwrap().starts_with("AGENTSYNC_PUSH_BUDGET is `lots`: it must be"));
}
