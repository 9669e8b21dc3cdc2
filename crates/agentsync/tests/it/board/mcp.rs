//! What is particular to MCP: both eras, schemas, annotations, resources, events, the prompt.

use std::time::Duration;

use agentsync_lab::mcp::{Era, McpClient};
use serde_json::{Value, json};

use super::claims::two;
use crate::failure;

const TOOLS: [&str; 10] = [
    "add_collaborator",
    "check_conflicts",
    "claim",
    "finish",
    "history",
    "mailbox",
    "provision",
    "release",
    "survey",
    "update_status",
];

const ERAS: [Era; 2] = [Era::Session, Era::Stateless];

#[test]
fn the_tools_are_complete_annotated_and_in_a_stable_order() {
    for era in ERAS {
        let (_lab, alice, _bob) = two();
        let mut client = McpClient::start(&alice, era);
        let list = client.request("tools/list", json!({})).unwrap();
        let tools = list["tools"].as_array().unwrap();
        let names: Vec<_> = tools.iter().map(|tool| tool["name"].as_str().unwrap()).collect();
        assert_eq!(names, TOOLS);
        for tool in tools {
            assert_eq!(tool["inputSchema"]["type"], "object", "{tool}");
            assert_eq!(tool["outputSchema"]["type"], "object", "{tool}");
            for hint in ["readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"] {
                assert!(tool["annotations"][hint].is_boolean(), "{hint} of {}", tool["name"]);
            }
            assert!(tool["description"].as_str().unwrap().len() < 400, "{}", tool["name"]);
        }
        assert_eq!(client.request("tools/list", json!({})).unwrap()["tools"], list["tools"]);
        assert!(list.to_string().len() < 40_000, "the list is what every session pays for");
    }
}

#[test]
fn a_day_over_mcp_in_both_eras() {
    for era in ERAS {
        let (_lab, alice, bob) = two();
        let (mut alice, mut bob) = (McpClient::start(&alice, era), McpClient::start(&bob, era));
        let granted = alice.structured("claim", json!({ "task": "auth", "touches": ["src/auth"] }));
        assert_eq!(granted["status"], "claimed");
        let blocked = bob.structured("claim", json!({ "task": "x", "touches": ["src/auth/a.rs", "b"] }));
        assert_eq!((&blocked["status"], &blocked["free_slice"]), (&json!("blocked"), &json!(["b"])));
        assert!(blocked["next"].as_str().unwrap().starts_with("claim again"));
        bob.structured("mailbox", json!({ "message": "hello", "to": "alice" }));
        assert_eq!(alice.structured("survey", json!({}))["notes"][0]["message"], "hello");
        assert_eq!(alice.structured("update_status", json!({ "status": "done" }))["claim"]["status"], "done");
        assert_eq!(bob.structured("history", json!({ "limit": 1 }))["count"], 1);
        assert_eq!(bob.structured("release", json!({}))["status"], "noop");
    }
}

#[test]
fn null_means_not_given() {
    let (_lab, alice, _bob) = two();
    let mut client = McpClient::start(&alice, Era::Session);
    let arguments = json!({
        "task": "x", "touches": ["a"], "requires": null, "branch": null, "lane": null, "force": null, "reason": null,
    });
    assert_eq!(client.structured("claim", arguments)["status"], "claimed");
    client.structured("survey", json!({ "touching": null, "detail": null }));
}

#[test]
fn the_server_says_what_it_is_for_in_few_words() {
    let (_lab, alice, _bob) = two();
    for era in ERAS {
        let mut client = McpClient::start(&alice, era);
        let welcome = client.welcome().clone();
        let instructions = welcome["instructions"].as_str().unwrap();
        assert!(instructions.len() < 2048 && instructions.contains("survey()"), "{instructions}");
        let prompts = client.request("prompts/list", json!({})).unwrap();
        assert_eq!(prompts["prompts"][0]["name"], "playbook");
        let playbook = client.request("prompts/get", json!({ "name": "playbook" })).unwrap();
        assert!(playbook["messages"][0]["content"]["text"].as_str().unwrap().contains("claim"));
    }
}

#[test]
fn resources_show_the_board() {
    let (_lab, alice, _bob) = two();
    for era in ERAS {
        let mut client = McpClient::start(&alice, era);
        client.structured("claim", json!({ "task": "auth", "touches": ["src/auth"] }));
        let mut read = |uri: &str| -> Value {
            let result = client.request("resources/read", json!({ "uri": uri })).unwrap();
            serde_json::from_str(result["contents"][0]["text"].as_str().unwrap()).unwrap()
        };
        assert_eq!(read("agentsync://board")["my_claim"]["task"], "auth");
        assert!(read("agentsync://history")["count"].as_u64().unwrap() >= 1);
        assert!(read("agentsync://claims/alice").to_string().contains("src/auth"));
        let listed = client.request("resources/list", json!({})).unwrap();
        let uris: Vec<_> =
            listed["resources"].as_array().unwrap().iter().map(|one| one["uri"].as_str().unwrap()).collect();
        assert_eq!(uris, ["agentsync://board", "agentsync://history"]);
    }
}

#[test]
fn a_subscriber_hears_of_a_peers_claim() {
    let (_lab, alice, bob) = two();
    let mut client = McpClient::start(&alice, Era::Session);
    client.request("resources/subscribe", json!({ "uri": "agentsync://board" })).unwrap();
    bob.agentsync(&["claim", "api", "src/api"]).expect_success();
    let news = client.notification(Duration::from_secs(30)).expect("news within the time of a few looks");
    assert_eq!(news["method"], "notifications/resources/updated");
    assert_eq!(news["params"]["uri"], "agentsync://board");
    client.request("resources/unsubscribe", json!({ "uri": "agentsync://board" })).unwrap();
}

#[test]
fn a_client_that_only_looks_and_leaves_is_no_error() {
    let (_lab, alice, _bob) = two();
    let answer = alice.agentsync_fed("", &["mcp"]).expect_success();
    assert_eq!((answer.stdout.as_str(), answer.stderr.as_str()), ("", ""));
}

#[test]
fn a_failure_leaves_the_server_alive() {
    let (_lab, alice, _bob) = two();
    let mut client = McpClient::start(&alice, Era::Session);
    alice.git(&["remote", "set-url", "origin", "/no/such/hub.git"]);
    let result = client.call("survey", json!({}));
    assert_eq!(failure(&result)["code"], "unreachable", "{result}");
    client.request("tools/list", json!({})).unwrap();
}

#[test]
fn an_answer_about_a_big_board_stays_small_and_says_what_was_cut() {
    let (lab, alice, _bob) = two();
    let entry = |n: usize| {
        let touches: Vec<_> = (0..30).map(|k| format!("\"src/part{n}/file{k}.rs\"")).collect();
        format!("\"agent-{n}\": {{\"task\": \"work\", \"touches\": [{}], \"op\": \"0\"}}", touches.join(","))
    };
    let entries: Vec<_> = (0..300).map(entry).collect();
    lab.put_board_text(format!("{{\"claims\": {{{}}}}}", entries.join(",")));
    let mut client = McpClient::start(&alice, Era::Session);
    let brief = client.structured("survey", json!({}));
    assert!(brief.to_string().len() < 12_000, "{} bytes", brief.to_string().len());
    assert!(brief["cut"]["partners"].as_u64().unwrap() > 200);
    let full = client.structured("survey", json!({ "detail": "full" }));
    assert_eq!(full["partners"].as_object().unwrap().len(), 300);
}
