//! Standing in line, and taking over from those who are gone, with the whole program.

use std::thread;
use std::time::{Duration, Instant};

use agentsync_lab::checkout::Checkout;
use agentsync_lab::http::head::RequestHead;
use agentsync_lab::http::{HostOptions, HttpHost};
use agentsync_lab::lab::Lab;
use agentsync_lab::mcp::{Era, McpClient};
use serde_json::{Value, json};

use super::claims::{run, two};

fn board(lab: &Lab) -> Value {
    serde_json::from_str(&lab.board_text().unwrap()).unwrap()
}

fn wait_until(is_so: impl Fn() -> bool) {
    let until = Instant::now() + Duration::from_secs(20);
    while !is_so() {
        assert!(Instant::now() < until, "it never came to that");
        thread::sleep(Duration::from_millis(20));
    }
}

fn line(lab: &Lab) -> Vec<String> {
    let board = board(lab);
    let tickets = board["waiting"].as_array().cloned().unwrap_or_default();
    tickets.iter().map(|ticket| ticket["agent"].as_str().unwrap().to_owned()).collect()
}

/// Lets an agent wait in a thread of its own.
fn wait_for(agent: &Checkout, path: &str, seconds: &str) -> thread::JoinHandle<(i32, Value)> {
    let (agent, path, seconds) = (agent.as_agent(agent.agent()), path.to_owned(), seconds.to_owned());
    thread::spawn(move || {
        let answer = agent.agentsync(&["claim", "in turn", &path, "--wait", &seconds, "--json"]);
        (answer.code, answer.json())
    })
}

#[test]
fn whoever_waits_gets_the_files_in_the_order_of_arrival() {
    let (lab, alice, bob) = two();
    let carol = lab.clone("carol");
    run(&alice, &["claim", "first", "src/a.rs"], 0);
    let second = wait_for(&bob, "src/a.rs", "60");
    wait_until(|| line(&lab) == ["bob"]);
    let third = wait_for(&carol, "src", "60");
    wait_until(|| line(&lab) == ["bob", "carol"]);
    let seen = run(&alice, &["survey"], 0);
    assert_eq!(seen["waiting"][0]["agent"], "bob");
    run(&alice, &["release"], 0);
    let (code, answer) = second.join().unwrap();
    assert_eq!((code, &answer["status"]), (0, &json!("claimed")));
    assert_eq!(line(&lab), ["carol"]);
    run(&bob, &["release"], 0);
    assert_eq!(third.join().unwrap().1["status"], "claimed");
    assert!(line(&lab).is_empty());
}

#[test]
fn a_wait_that_is_over_keeps_its_place_until_it_is_released() {
    let (lab, alice, bob) = two();
    let carol = lab.clone("carol");
    run(&alice, &["claim", "first", "src/a.rs"], 0);
    let waiting = run(&bob, &["claim", "second", "src/a.rs", "--wait", "1"], 1);
    assert_eq!(waiting["status"], "waiting");
    assert_eq!(waiting["waiting"]["n_ahead"], 0);
    assert_eq!(waiting["conflicts"]["alice"]["their_task"], "first");
    run(&alice, &["release"], 0);
    let overtaken = run(&carol, &["claim", "third", "src/a.rs"], 1);
    assert_eq!(overtaken["conflicts"]["bob"]["reasons"][0]["type"], "waits_before_you");
    assert_eq!(run(&bob, &["release"], 0)["status"], "released");
    assert!(line(&lab).is_empty());
    run(&carol, &["claim", "third", "src/a.rs"], 0);
}

#[test]
fn a_circle_is_refused_with_who_waits_for_whom() {
    let (lab, alice, bob) = two();
    run(&alice, &["claim", "a", "a.rs"], 0);
    run(&bob, &["claim", "b", "b.rs"], 0);
    run(&alice, &["claim", "a", "a.rs", "b.rs", "--wait", "1"], 1);
    let answer = run(&bob, &["claim", "b", "b.rs", "a.rs", "--wait", "5"], 1);
    assert_eq!(answer["status"], "blocked");
    assert_eq!(
        answer["deadlock"][0],
        json!({"agent": "bob", "waits_for": "alice", "files": ["a.rs", "b.rs"]})
    );
    assert_eq!(answer["deadlock"][1]["waits_for"], "bob");
    assert!(answer["next"].as_str().unwrap().starts_with("release()"), "{answer:#}");
    assert_eq!(line(&lab), ["alice"]);
}

#[test]
fn a_cancelled_wait_leaves_the_line_and_progress_is_told_until_then() {
    let (lab, alice, bob) = two();
    run(&alice, &["claim", "first", "src/a.rs"], 0);
    let mut client = McpClient::start(&bob, Era::Session);
    let arguments = json!({ "task": "second", "touches": ["src/a.rs"], "wait_seconds": 60 });
    let params = json!({ "name": "claim", "arguments": arguments, "_meta": { "progressToken": "p" } });
    let id = client.send("tools/call", params);
    let progress = client.notification(Duration::from_secs(20)).unwrap();
    assert_eq!(progress["method"], "notifications/progress");
    assert_eq!(progress["params"]["total"], 60.0);
    assert!(progress["params"]["message"].as_str().unwrap().contains("alice"), "{progress}");
    assert_eq!(line(&lab), ["bob"]);
    client.notify("notifications/cancelled", json!({ "requestId": id }));
    wait_until(|| line(&lab).is_empty());
}

#[test]
fn the_place_of_a_process_that_was_killed_is_kept() {
    let (lab, alice, bob) = two();
    run(&alice, &["claim", "first", "src/a.rs"], 0);
    let mut client = McpClient::start(&bob, Era::Stateless);
    let arguments = json!({ "task": "second", "touches": ["src/a.rs"], "wait_seconds": 60 });
    client.send("tools/call", json!({ "name": "claim", "arguments": arguments }));
    wait_until(|| lab.board_text().is_some() && line(&lab) == ["bob"]);
    let killed = std::process::Command::new("kill").args(["-KILL", &client.pid().to_string()]).status();
    assert!(killed.unwrap().success());
    let carol = lab.clone("carol");
    run(&carol, &["claim", "third", "src/a.rs", "--wait", "1"], 1);
    run(&alice, &["release"], 0);
    assert_eq!(run(&bob, &["claim", "second", "src/a.rs", "--wait", "10"], 0)["status"], "claimed");
    assert_eq!(line(&lab), ["carol"]);
}

#[test]
fn those_who_wait_in_one_clone_ask_the_remote_together_once_in_an_interval() {
    let lab = Lab::new(crate::PROGRAM);
    let host =
        HttpHost::start(HostOptions { rtt: Duration::from_millis(50), ..HostOptions::new(lab.path()) });
    let alice = lab.clone_from("alice", &host.url("hub.git"));
    run(&alice, &["claim", "first", "src/a.rs"], 0);
    let agents: Vec<Checkout> = (0..5).map(|n| alice.as_agent(&format!("agent-{n}"))).collect();
    let waits: Vec<_> = agents.iter().map(|agent| wait_for(agent, "src/a.rs", "20")).collect();
    wait_until(|| lab.board_text().is_some() && line(&lab).len() == 5);
    let (before, began) = (host.requests().len(), Instant::now());
    thread::sleep(Duration::from_secs(8));
    let asked = host.requests().split_off(before);
    // One at either end, and one that the last of the claims has still to ask; each for himself would be five times that.
    let n_seconds = usize::try_from(began.elapsed().as_secs()).unwrap() + 3;
    // A question is two requests: what the host can do, and where the one reference stands.
    let is_question = |head: &&RequestHead| head.query.contains("upload-pack");
    let (n_questions, n_fetches) =
        (asked.iter().filter(is_question).count(), asked.iter().filter(|head| head.is_fetch()).count());
    assert!(1 <= n_questions && n_questions <= n_seconds, "{n_questions} in {n_seconds} s");
    assert_eq!(asked.len(), n_questions + n_fetches, "nothing else is asked");
    assert!(n_fetches <= n_questions + 1, "nothing is fetched: {n_fetches} for {n_questions}");
    run(&alice, &["release"], 0);
    // They are given way one after the other; it is enough to see that it goes on.
    wait_until(|| line(&lab).len() < 5);
    for agent in &agents {
        agent.agentsync(&["release"]);
    }
    for wait in waits {
        wait.join().unwrap();
    }
}

#[test]
fn a_wait_too_long_or_a_lease_too_short_is_an_error() {
    let (_lab, alice, _bob) = two();
    let failure = run(&alice, &["claim", "x", "a", "--wait", "111"], 2);
    assert_eq!(failure["error"], "wait_seconds is 111: it must be at most 110");
    let failure = run(&alice, &["claim", "x", "a", "--lease", "5"], 2);
    assert_eq!(failure["error"], "lease_seconds is 5: it must be at least 60");
}

#[test]
fn a_broken_claim_is_free_and_its_holder_learns_who_and_why() {
    let (lab, alice, bob) = two();
    run(&alice, &["claim", "first", "src/a.rs"], 0);
    let broken = run(&bob, &["break", "alice", "--reason", "her laptop is at sea"], 0);
    assert_eq!((&broken["status"], &broken["broken"]["task"]), (&json!("broken"), &json!("first")));
    run(&bob, &["claim", "second", "src/a.rs"], 0);
    let seen = run(&alice, &["survey"], 0);
    assert!(seen["warning"].as_str().unwrap().contains("taken over by bob"), "{seen:#}");
    let told = run(&alice, &["update-status", "done"], 1);
    assert_eq!(told["status"], "superseded");
    assert!(told["message"].as_str().unwrap().contains("her laptop is at sea"), "{told}");
    assert!(
        lab.board_log()
            .contains(&"agentsync: bob breaks the claim of alice (her laptop is at sea)".to_owned())
    );
    assert_eq!(run(&bob, &["break", "nobody", "--reason", "x"], 1)["status"], "noop");
}

#[test]
fn a_lease_stands_on_the_board_and_the_project_may_set_it_for_all() {
    let (lab, alice, bob) = two();
    run(&alice, &["claim", "first", "src/a.rs", "--lease", "600"], 0);
    assert_eq!(board(&lab)["claims"]["alice"]["lease"], 600);
    bob.git(&["config", "agentsync.lease", "3600"]);
    assert_eq!(run(&bob, &["claim", "second", "src/b.rs"], 0)["claim"]["lease_seconds"], 3600);
    // Nobody has seen it stand for so long.
    run(&bob, &["claim", "second", "src/a.rs"], 1);
}
