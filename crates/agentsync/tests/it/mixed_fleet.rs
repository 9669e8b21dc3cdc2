//! The predecessor and agentsync on one branch.
//!
//! Needs the predecessor in `target/acceptance/predecessor` (`scripts/setup-acceptance` puts it there). Without it the
//! tests say so and pass, except under `CI=true`.

use std::path::{Path, PathBuf};

use agentsync_lab::checkout::Checkout;
use agentsync_lab::lab::Lab;
use agentsync_lab::mcp::{Era, McpClient};
use serde_json::{Value, json};

use crate::PROGRAM;

/// Returns the predecessor's program, or says that there is none here.
fn predecessor() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
    let program = root.join("target/acceptance/predecessor/bin/agentsync-mcp");
    if program.is_file() {
        return Some(program);
    }
    assert!(
        std::env::var("CI").as_deref() != Ok("true"),
        "run scripts/setup-acceptance: {} is missing",
        program.display()
    );
    println!("the predecessor is not installed; scripts/setup-acceptance does it");
    None
}

/// The predecessor as an agent in its own clone.
struct Elder(McpClient);

impl Elder {
    fn start(program: &Path, checkout: &Checkout) -> Elder {
        let mut command = checkout.agentsync_command();
        let settings: Vec<_> =
            command.get_envs().map(|(key, value)| (key.to_owned(), value.map(ToOwned::to_owned))).collect();
        command = std::process::Command::new(program);
        command.env_clear().current_dir(checkout.path());
        command.envs(settings.into_iter().filter_map(|(key, value)| Some((key, value?))));
        command.env("AGENTSYNC_REPO", checkout.path()).env("AGENTSYNC_AGENT_ID", checkout.agent());
        Elder(McpClient::start_command(command, Era::Session))
    }

    /// Calls a tool. The answer is JSON as text.
    fn call(&mut self, tool: &str, arguments: Value) -> Value {
        let result = self.0.call(tool, arguments);
        let text = result["content"][0]["text"].as_str().unwrap().to_owned();
        serde_json::from_str(&text).unwrap_or(Value::String(text))
    }
}

#[track_caller]
fn ours(agent: &Checkout, args: &[&str], code: i32) -> Value {
    agent.agentsync(&[args, &["--json"]].concat()).expect_code(code).json()
}

#[test]
fn each_sees_and_is_blocked_by_the_other() {
    let Some(program) = predecessor() else { return };
    let lab = Lab::new(PROGRAM);
    let (alice, elder) = (lab.clone("alice"), lab.clone("elder"));
    let mut elder = Elder::start(&program, &elder);

    ours(&alice, &["claim", "auth", "src/auth.rs", "src/models"], 0);
    let seen = elder.call("survey", json!({}));
    assert_eq!(seen["partners"]["alice"]["task"], "auth", "{seen}");
    assert_eq!(seen["partners"]["alice"]["touches"], json!(["src/auth.rs", "src/models"]));
    let blocked = elder.call("claim", json!({ "task": "x", "touches": ["src/models/user.rs"] }));
    assert_eq!(blocked["status"], "blocked", "{blocked}");

    let granted =
        elder.call("claim", json!({ "task": "docs", "touches": ["docs/*"], "branch": "elder/docs" }));
    assert_eq!(granted["status"], "claimed", "{granted}");
    let survey = ours(&alice, &["survey"], 0);
    assert_eq!(survey["partners"]["elder"]["task"], "docs");
    // Its star crosses folders, and is read so here.
    let blocked = ours(&alice, &["claim", "more docs", "docs/deep/a.md", "--lane", "docs"], 1);
    assert_eq!(blocked["conflicts"]["elder"]["reasons"][0]["type"], "shared_files");

    elder.call("update_status", json!({ "status": "done" }));
    ours(&alice, &["claim", "more docs", "docs/deep/a.md", "--lane", "docs"], 0);
    let seen = elder.call("survey", json!({}));
    assert_eq!(seen["partners"]["alice/docs"]["task"], "more docs", "a lane is a peer of its own there");
    assert_eq!(ours(&alice, &["release", "--lane", "docs"], 0)["status"], "released");
    assert_eq!(elder.call("release", json!({}))["status"].as_str().map(|_| ()), Some(()));
}

#[test]
fn notes_and_keys_nobody_knows_survive_both() {
    let Some(program) = predecessor() else { return };
    let lab = Lab::new(PROGRAM);
    let (alice, elder) = (lab.clone("alice"), lab.clone("elder"));
    lab.put_board_text(
        "{\n  \"claims\": {\n    \"zoe\": {\n      \"task\": \"z\",\n      \"touches\": [\n        \"z\"\n      ],\n      \"requires\": [],\n      \"branch\": \"z\",\n      \"status\": \"in-progress\",\n      \"updated_at\": \"2026-11-24T00:00:00+00:00\",\n      \"instance\": \"1\",\n      \"note\": null,\n      \"shoe_size\": 44\n    }\n  },\n  \"colour\": {\n    \"of\": \"money\"\n  }\n}\n",
    );
    let mut elder = Elder::start(&program, &elder);
    ours(&alice, &["claim", "auth", "src/auth.rs"], 0);
    ours(&alice, &["mailbox", "hello from alice"], 0);
    elder.call("claim", json!({ "task": "docs", "touches": ["docs"] }));
    ours(&alice, &["update-status", "planning"], 0);
    let board: Value = serde_json::from_str(&lab.board_text().unwrap()).unwrap();
    assert_eq!(board["notes"][0]["message"], "hello from alice");
    assert_eq!(board["claims"]["zoe"]["shoe_size"], 44, "{board}");
    assert_eq!(board["claims"]["elder"]["task"], "docs");
    assert_eq!(board["colour"], json!({ "of": "money" }));
    assert!(
        board["claims"]["alice"]["op"].is_string() && board["claims"]["alice"]["generation"].is_u64(),
        "{board}"
    );
}

#[test]
fn both_pass_the_gate_of_a_server() {
    let Some(program) = predecessor() else { return };
    let lab = Lab::new(PROGRAM);
    crate::gate::install(&lab);
    let (alice, elder) = (lab.clone("alice"), lab.clone("elder"));
    let mut elder = Elder::start(&program, &elder);
    let granted = elder.call("claim", json!({ "task": "docs", "touches": ["docs"], "branch": "elder/docs" }));
    assert_eq!(granted["status"], "claimed", "{granted}");
    ours(&alice, &["claim", "auth", "src/auth.rs"], 0);
    elder.call("update_status", json!({ "status": "in-progress", "note": "on it" }));
    elder.call("update_status", json!({ "status": "done" }));
    let again = elder.call("claim", json!({ "task": "more", "touches": ["src/lib.rs"] }));
    assert_eq!(again["status"], "claimed", "{again}");
    ours(&alice, &["mailbox", "hello"], 0);
    elder.call("release", json!({}));
    ours(&alice, &["release"], 0);
    let report = ours(&alice, &["verify"], 0);
    assert!(report["unverified"].as_u64().unwrap() >= 5, "each of its calls was taken: {report}");
    let board: Value = serde_json::from_str(&lab.board_text().unwrap()).unwrap();
    assert_eq!(board["claims"], json!({}), "{board}");
    // Where nothing but ours is taken, it is told so.
    lab.hub_git(&["config", "agentsync.gateOthers", "refuse"]);
    let before = lab.hub_tip("agentsync");
    elder.call("claim", json!({ "task": "x", "touches": ["x"] }));
    assert_eq!(lab.hub_tip("agentsync"), before);
}

#[test]
fn in_a_race_both_are_granted_and_ours_is_never_lost() {
    let Some(program) = predecessor() else { return };
    let lab = Lab::new(PROGRAM);
    let (alice, elder) = (lab.clone("alice"), lab.clone("elder"));
    let mut theirs = Elder::start(&program, &elder);
    let mut client = McpClient::start(&alice, Era::Session);
    client.structured("survey", json!({}));
    theirs.call("survey", json!({}));
    for round in 0..6 {
        let (ours, others) = (format!("ours-{round}.rs"), format!("theirs-{round}.rs"));
        // Both are asked before either answers.
        let request = |task: &str, file: &str| json!({ "name": "claim", "arguments": { "task": task, "touches": [file] } });
        let one = client.send("tools/call", request("ours", &ours));
        let other = theirs.0.send("tools/call", request("theirs", &others));
        let granted = client.wait(one).unwrap();
        assert_eq!(granted["structuredContent"]["status"], "claimed", "{granted}");
        let answer = theirs.0.wait(other).unwrap();
        let answer: Value = serde_json::from_str(answer["content"][0]["text"].as_str().unwrap()).unwrap();
        let board: Value = serde_json::from_str(&lab.board_text().unwrap()).unwrap();
        assert_eq!(board["claims"]["alice"]["touches"], json!([ours]), "round {round}: {board}");
        if answer["status"] == "claimed" {
            assert_eq!(board["claims"]["elder"]["touches"], json!([others]), "round {round}: {board}");
        }
    }
}
