//! The same small loads for agentsync and for its predecessor, over their MCP tools: what each one says,
//! beside what then stands on the board.

use std::path::Path;
use std::process::Command;
use std::sync::Barrier;
use std::thread;
use std::time::Instant;

use agentsync_lab::checkout::Checkout;
use agentsync_lab::http::fault::{Fault, every_push};
use agentsync_lab::http::{HostOptions, HttpHost};
use agentsync_lab::lab::Lab;
use agentsync_lab::mcp::{Era, McpClient};
use serde_json::{Value, json};

use crate::plan::Options;

const AGENTS: [&str; 4] = ["alice", "bob", "carol", "dave"];
const N_ROUNDS: usize = 5;

/// One of the two programs.
struct Contestant<'a> {
    name: &'static str,
    agentsync: &'a Path,
    /// The predecessor's server; `None` for agentsync.
    server: Option<&'a Path>,
}

/// Runs the loads against both, and prints what came of them.
pub(crate) fn compare(options: &Options) {
    let agentsync = options.agentsync.as_path();
    let server = options.predecessor.as_deref();
    for contestant in [
        Contestant { name: "agentsync", agentsync, server: None },
        Contestant { name: "predecessor", agentsync, server },
    ] {
        println!("== {}", contestant.name);
        contestant.crowd();
        contestant.lost_answers();
        contestant.rollback();
    }
}

impl Contestant<'_> {
    fn start(&self, checkout: &Checkout) -> McpClient {
        let ours = checkout.agentsync_command();
        let Some(server) = self.server else {
            return McpClient::start_with(checkout, Era::Session, &[("AGENTSYNC_UNCLAIMED", "off")]);
        };
        let mut command = Command::new(server);
        command.env_clear().current_dir(checkout.path());
        command.envs(ours.get_envs().filter_map(|(key, value)| Some((key, value?))));
        command.env("AGENTSYNC_REPO", checkout.path()).env("AGENTSYNC_AGENT_ID", checkout.agent());
        McpClient::start_command(command, Era::Session)
    }

    /// Four servers in one clone claim at the same moment, each a file of its own, five times.
    fn crowd(&self) {
        let lab = Lab::new(self.agentsync);
        let clone = lab.clone("shared");
        let mut servers: Vec<McpClient> = AGENTS.map(|agent| self.start(&clone.as_agent(agent))).into();
        servers[0].call("survey", json!({}));
        let (mut n_acked, mut n_lost, mut n_errors) = (0, 0, 0);
        for round in 0..N_ROUNDS {
            let barrier = Barrier::new(AGENTS.len());
            let answers: Vec<String> = thread::scope(|scope| {
                let claims: Vec<_> = servers
                    .iter_mut()
                    .enumerate()
                    .map(|(n, server)| {
                        let barrier = &barrier;
                        scope.spawn(move || {
                            barrier.wait();
                            claim(server, &file(n, round))
                        })
                    })
                    .collect();
                claims.into_iter().map(|claim| claim.join().unwrap()).collect()
            });
            let board = board(&lab);
            for (n, answer) in answers.iter().enumerate() {
                let is_there = board["claims"][AGENTS[n]]["touches"][0] == file(n, round);
                n_acked += usize::from(answer == "claimed");
                n_errors += usize::from(answer != "claimed");
                n_lost += usize::from(answer == "claimed" && !is_there);
            }
        }
        println!(
            "4 servers in one clone, {} claims: {n_acked} acknowledged, {n_lost} of those not on the board, {n_errors} answered otherwise",
            AGENTS.len() * N_ROUNDS
        );
    }

    /// Every answer to a push is lost.
    fn lost_answers(&self) {
        let lab = Lab::new(self.agentsync);
        let host = HttpHost::start(HostOptions::new(lab.path()));
        let alice = lab.clone_from("alice", &host.url("hub.git"));
        let mut server = self.start(&alice);
        claim(&mut server, "first.rs");
        server.call("release", json!({}));
        host.set_fault(every_push(Fault::DropAnswer));
        let before = lab.board_log().len();
        let begin = Instant::now();
        let claimed = claim(&mut server, "second.rs");
        let time = begin.elapsed().as_secs_f64();
        let n_commits = lab.board_log().len() - before;
        let holds = board(&lab)["claims"]["alice"]["touches"][0] == "second.rs";
        println!(
            "every answer lost, a claim: answered `{claimed}` after {time:.1} s, {n_commits} commits, the board {}",
            if holds { "has it" } else { "does not have it" }
        );
        let released = status(&server.call("release", json!({})));
        let holds = !board(&lab)["claims"]["alice"].is_null();
        println!(
            "every answer lost, then a release: answered `{released}`, the board {}",
            if holds { "still has the claim" } else { "does not have the claim" }
        );
    }

    /// The branch is rolled back behind a claim, and another agent asks for the same file.
    fn rollback(&self) {
        let lab = Lab::new(self.agentsync);
        let (mut alice, mut bob) = (self.start(&lab.clone("alice")), self.start(&lab.clone("bob")));
        claim(&mut bob, "other.rs");
        let old = lab.hub_tip("agentsync").unwrap();
        let first = claim(&mut alice, "same.rs");
        bob.call("survey", json!({}));
        lab.hub_git(&["update-ref", "refs/heads/agentsync", &old]);
        let second = claim(&mut bob, "same.rs");
        println!(
            "rolled back behind a claim: alice was answered `{first}`, bob for the same file `{second}`"
        );
    }
}

fn file(agent: usize, round: usize) -> String {
    format!("src/{}-{round}.rs", AGENTS[agent])
}

fn claim(server: &mut McpClient, file: &str) -> String {
    status(&server.call("claim", json!({"task": "work", "touches": [file]})))
}

/// Returns the status of an answer, or the code of an error.
fn status(result: &Value) -> String {
    let text = result["content"][0]["text"].as_str().unwrap_or_default();
    let answer: Value = serde_json::from_str(text).unwrap_or_default();
    let word = answer["status"].as_str().or_else(|| answer["code"].as_str());
    let shown = word.or_else(|| answer["error"].as_str()).unwrap_or(text);
    shown.chars().take(80).collect()
}

fn board(lab: &Lab) -> Value {
    serde_json::from_str(&lab.board_text().unwrap_or_default()).unwrap_or_default()
}
