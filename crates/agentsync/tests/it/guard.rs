//! Hooks: what clients send, as they document it, through the real program on a real hub.

mod claims;
mod clients;
mod git_hooks;
mod install;
mod install_git;
mod parts;
mod trouble;

use agentsync_lab::checkout::Checkout;
use agentsync_lab::lab::Lab;
use serde_json::{Value, json};

use crate::PROGRAM;

/// One agent's session with a client.
struct Session<'a> {
    at: &'a Checkout,
    client: &'static str,
    id: &'static str,
}

impl<'a> Session<'a> {
    fn of(at: &'a Checkout, client: &'static str, id: &'static str) -> Session<'a> {
        Session { at, client, id }
    }

    /// Sends an event as it is.
    #[track_caller]
    fn send(&self, payload: &Value) -> Value {
        let answer = self.at.agentsync_fed(payload.to_string(), &["hook", self.client]).expect_code(0);
        serde_json::from_str(&answer.stdout).unwrap_or_else(|err| panic!("{err}: {}", answer.stdout))
    }

    /// Sends an event in the words of Claude Code.
    #[track_caller]
    fn event(&self, name: &str, more: Value) -> Value {
        let mut payload = json!({ "session_id": self.id, "cwd": self.at.path(), "hook_event_name": name });
        if let (Value::Object(all), Value::Object(more)) = (&mut payload, more) {
            all.extend(more);
        }
        self.send(&payload)
    }

    #[track_caller]
    fn start(&self) -> String {
        let answer = self.event("SessionStart", json!({ "source": "startup" }));
        said(&answer)
    }

    #[track_caller]
    fn edit(&self, path: &str) -> Value {
        let path = self.at.path().join(path);
        let input = json!({ "file_path": path, "content": "x" });
        self.event("PreToolUse", json!({ "tool_name": "Write", "tool_input": input }))
    }

    #[track_caller]
    fn shell(&self, event: &str, command: &str) -> Value {
        self.event(event, json!({ "tool_name": "Bash", "tool_input": { "command": command } }))
    }
}

/// The keeper must be gone before the lab is.
impl Drop for Session<'_> {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.event("SessionEnd", json!({}));
        }
    }
}

/// What the agent is told besides a refusal.
fn said(answer: &Value) -> String {
    answer["hookSpecificOutput"]["additionalContext"].as_str().unwrap_or_default().to_owned()
}

/// Why a tool is refused, in the words of Claude Code.
fn refusal(answer: &Value) -> Option<&str> {
    let output = &answer["hookSpecificOutput"];
    (output["permissionDecision"] == "deny").then(|| output["permissionDecisionReason"].as_str().unwrap())
}

/// Returns what an agent is seen to hold, by key, once `is_so`.
#[track_caller]
fn partners(peer: &Checkout, is_so: impl Fn(&Value) -> bool) -> Value {
    let mut last = Value::Null;
    for _ in 0..240 {
        last = peer.agentsync(&["survey", "--json"]).expect_code(0).json()["partners"].clone();
        if is_so(&last) {
            return last;
        }
        std::thread::sleep(std::time::Duration::from_millis(250));
    }
    panic!("it was never so: {last:#}");
}

/// A hub with alice and bob, where bob has claimed something.
fn lab(touches: &[&str]) -> (Lab, Checkout, Checkout) {
    let lab = Lab::new(PROGRAM);
    let (alice, bob) = (lab.clone("alice"), lab.clone("bob"));
    if !touches.is_empty() {
        bob.agentsync(&[&["claim", "harden the login"], touches].concat()).expect_code(0);
    }
    (lab, alice, bob)
}
