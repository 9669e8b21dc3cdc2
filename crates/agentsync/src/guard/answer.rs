//! What a client is told: a refusal in its own words, something to know, or `{}`.
//!
//! Never *allow*, which would pass over the person's own permissions, and never *ask*.

use serde_json::{Value, json};

use super::client::HookClient;
use super::payload::{Call, Event};

/// An answer, before it is put into a client's words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reply {
    /// Why the tool must not be used.
    pub denies: Option<String>,
    /// For the agent.
    pub says: Vec<String>,
    /// For the person, where the client can show it.
    pub warns: Vec<String>,
}

impl Reply {
    /// Returns a refusal.
    pub fn deny(reason: String) -> Reply {
        Reply { denies: Some(reason), ..Reply::default() }
    }

    /// Returns lines for the agent.
    pub fn say(says: Vec<String>) -> Reply {
        Reply { says, ..Reply::default() }
    }

    /// Returns lines for the agent that the person should see as well.
    pub fn warn(lines: Vec<String>) -> Reply {
        Reply { says: lines.clone(), warns: lines, denies: None }
    }
}

/// Puts an answer into the words of a client.
pub fn render(client: HookClient, call: &Call, reply: &Reply) -> Value {
    let says = Some(reply.says.join("\n")).filter(|text| !text.is_empty());
    let warns = Some(reply.warns.join("\n")).filter(|text| !text.is_empty());
    match (client, &reply.denies) {
        (HookClient::ClaudeCode | HookClient::Codex | HookClient::VsCode, Some(reason)) => json!({
            "hookSpecificOutput": {
                "hookEventName": call.name,
                "permissionDecision": "deny",
                "permissionDecisionReason": reason,
            }
        }),
        (HookClient::Copilot, Some(reason)) => {
            json!({ "permissionDecision": "deny", "permissionDecisionReason": reason })
        }
        (HookClient::Cursor, Some(reason)) => {
            json!({ "permission": "deny", "user_message": reason, "agent_message": reason })
        }
        (HookClient::Gemini, Some(reason)) => json!({ "decision": "deny", "reason": reason }),
        (HookClient::Opencode, Some(reason)) => json!({ "deny": reason }),
        (HookClient::ClaudeCode | HookClient::Codex | HookClient::VsCode | HookClient::Gemini, None) => {
            said(client, call, says, warns)
        }
        (HookClient::Cursor, None) => match (&call.event, says) {
            (Event::Start | Event::After(_), Some(text)) => json!({ "additional_context": text }),
            (Event::Stop { .. }, Some(text)) => json!({ "followup_message": text }),
            _ => json!({}),
        },
        (HookClient::Opencode, None) => match says {
            Some(text) => json!({ "context": text }),
            None => json!({}),
        },
        (HookClient::Copilot, None) => json!({}),
    }
}

/// What the clients of one family are told besides refusals.
fn said(client: HookClient, call: &Call, says: Option<String>, warns: Option<String>) -> Value {
    let hears = match &call.event {
        Event::Start | Event::Prompt | Event::After(_) => true,
        Event::Before(_) => client != HookClient::Gemini,
        Event::Stop { .. } | Event::End | Event::Other => false,
    };
    let mut answer = serde_json::Map::new();
    // What the agent cannot be told is told the person.
    let warns = if hears { warns } else { says.clone() };
    if let Some(text) = says.filter(|_| hears) {
        let output = json!({ "hookEventName": call.name, "additionalContext": text });
        answer.insert("hookSpecificOutput".to_owned(), output);
    }
    if let Some(text) = warns {
        answer.insert("systemMessage".to_owned(), Value::String(text));
    }
    Value::Object(answer)
}
