//! The client of the MCP server.

use std::time::Duration;

use agentsync_lab::lab::{HubKind, Lab, LabOptions};
use agentsync_lab::mcp::{Era, McpClient};
use serde_json::json;

use crate::PROGRAM;

const SOON: Duration = Duration::from_secs(30);

fn lone_lab() -> Lab {
    Lab::with(LabOptions { hub: HubKind::Absent, ..LabOptions::new(PROGRAM) })
}

#[test]
fn a_session_begins_with_a_handshake() {
    let lab = lone_lab();
    let mut client = McpClient::start(&lab.lone("alice"), Era::Session);
    assert_eq!(client.welcome()["structuredContent"]["line"]["method"], "initialize");
    assert_eq!(client.notification(SOON).unwrap()["params"]["method"], "initialize");
    assert_eq!(client.notification(SOON).unwrap()["params"]["method"], "notifications/initialized");

    let heard = client.structured("survey", json!({ "fetch": true }));
    assert_eq!(heard["line"]["params"], json!({ "name": "survey", "arguments": { "fetch": true } }));
    assert_eq!(client.close(), (Some(0), String::new()));
}

#[test]
fn a_stateless_request_says_who_asks() {
    let lab = lone_lab();
    let mut client = McpClient::start(&lab.lone("alice"), Era::Stateless);
    assert_eq!(client.welcome()["structuredContent"]["line"]["method"], "server/discover");
    let result = client.request("tools/list", json!({ "_meta": { "own": 1 } })).unwrap();
    let meta = &result["structuredContent"]["line"]["params"]["_meta"];
    assert_eq!(meta["io.modelcontextprotocol/protocolVersion"], "2026-07-28");
    assert_eq!(meta["io.modelcontextprotocol/clientInfo"]["name"], "lab");
    assert_eq!(meta["io.modelcontextprotocol/clientCapabilities"], json!({}));
    assert_eq!(meta["own"], 1);
}

#[test]
fn answers_are_matched_by_id_and_errors_are_told_apart() {
    let lab = lone_lab();
    let mut client = McpClient::start(&lab.lone("alice"), Era::Session);
    let first = client.send("tools/call", json!({ "name": "first" }));
    let second = client.send("tools/call", json!({ "name": "fail" }));
    assert_eq!(client.wait(second).unwrap_err()["code"], -32602);
    assert_eq!(client.wait(first).unwrap()["structuredContent"]["line"]["params"]["name"], "first");
}

#[test]
fn the_exit_code_and_the_last_words_are_kept() {
    let lab = lone_lab();
    let mut client = McpClient::start(&lab.lone("alice"), Era::Session);
    client.notify("quit", json!({}));
    assert_eq!(client.close(), (Some(3), "giving up\n".to_owned()));
}
