//! Each client's events, as it documents them, and its own words for a refusal.

use agentsync_lab::checkout::Checkout;
use serde_json::{Value, json};

use super::{Session, lab};

const HELD: &str = "src/auth.rs";

#[track_caller]
fn send(at: &Checkout, client: &'static str, payload: &Value) -> Value {
    Session::of(at, client, "one").send(payload)
}

#[test]
fn codex_patches_are_read_in_both_forms() {
    let (_lab, alice, _bob) = lab(&[HELD]);
    let patch = "*** Begin Patch\n*** Update File: src/auth.rs\n@@\n-a\n+b\n*** End Patch\n";
    let call = |tool: &str, command: &str| {
        json!({ "session_id": "one", "turn_id": "t", "transcript_path": null, "cwd": alice.path(),
            "hook_event_name": "PreToolUse", "model": "m", "permission_mode": "default",
            "tool_name": tool, "tool_input": { "command": command }, "tool_use_id": "u" })
    };
    for (tool, command) in
        [("apply_patch", patch.to_owned()), ("Bash", format!("apply_patch <<'EOF'\n{patch}EOF"))]
    {
        let answer = send(&alice, "codex", &call(tool, &command));
        let output = &answer["hookSpecificOutput"];
        assert_eq!(
            (&output["hookEventName"], &output["permissionDecision"]),
            (&json!("PreToolUse"), &json!("deny"))
        );
    }
    let free = patch.replace("src/auth.rs", "docs/new.md");
    assert_eq!(send(&alice, "codex", &call("apply_patch", &free)), json!({}));
}

#[test]
fn cursor_refuses_in_its_own_words_and_always_answers() {
    let (_lab, alice, _bob) = lab(&[HELD]);
    let call = |event: &str, tool: &str, input: Value| {
        json!({ "conversation_id": "one", "generation_id": "g", "workspace_roots": [alice.path()],
            "hook_event_name": event, "cursor_version": "2", "model": "m", "tool_name": tool,
            "tool_input": input, "tool_use_id": "u", "cwd": alice.path() })
    };
    for (tool, input) in [
        ("Write", json!({ "file_path": alice.path().join(HELD) })),
        ("Delete", json!({ "path": HELD })),
        ("Shell", json!({ "command": "rm src/auth.rs" })),
    ] {
        let answer = send(&alice, "cursor", &call("preToolUse", tool, input));
        assert_eq!(answer["permission"], "deny", "{tool}: {answer}");
        assert!(answer["agent_message"].as_str().unwrap().contains("bob"), "{answer}");
    }
    assert_eq!(send(&alice, "cursor", &call("preToolUse", "Read", json!({ "file_path": HELD }))), json!({}));
    let start = json!({ "conversation_id": "one", "session_id": "one", "workspace_roots": [alice.path()],
        "hook_event_name": "sessionStart" });
    assert!(send(&alice, "cursor", &start)["additional_context"].as_str().unwrap().contains("bob"));
    let shell = json!({ "conversation_id": "one", "workspace_roots": [alice.path()], "cwd": alice.path(),
        "hook_event_name": "beforeShellExecution", "command": "rm src/auth.rs" });
    assert_eq!(send(&alice, "cursor", &shell)["permission"], "deny");
}

#[test]
fn gemini_refuses_in_its_own_words() {
    let (_lab, alice, _bob) = lab(&[HELD]);
    let call = |tool: &str, input: Value| {
        json!({ "session_id": "one", "cwd": alice.path(), "hook_event_name": "BeforeTool",
            "tool_name": tool, "tool_input": input })
    };
    for (tool, input) in [
        ("write_file", json!({ "file_path": HELD, "content": "x" })),
        ("replace", json!({ "file_path": HELD, "old_string": "a", "new_string": "b" })),
        ("run_shell_command", json!({ "command": "echo x > src/auth.rs" })),
    ] {
        let answer = send(&alice, "gemini", &call(tool, input));
        assert_eq!(answer["decision"], "deny", "{tool}: {answer}");
        assert!(answer["reason"].as_str().unwrap().contains("bob"), "{answer}");
    }
    assert_eq!(send(&alice, "gemini", &call("write_file", json!({ "file_path": "docs/a.md" }))), json!({}));
}

#[test]
fn vscode_and_copilot_name_things_their_own_way() {
    let (_lab, alice, _bob) = lab(&[HELD]);
    let call = json!({ "sessionId": "one", "hookEventName": "PreToolUse", "cwd": alice.path(),
        "tool_name": "editFiles", "tool_input": { "files": ["docs/a.md", HELD] } });
    let answer = send(&alice, "vscode", &call);
    let reason = answer["hookSpecificOutput"]["permissionDecisionReason"].as_str().unwrap();
    assert!(reason.contains("Free of what was asked for: docs/a.md."), "{reason}");
    let call = json!({ "sessionId": "one", "cwd": alice.path(), "toolName": "edit",
        "toolArgs": json!({ "path": HELD }).to_string() });
    let answer =
        alice.agentsync_fed(call.to_string(), &["hook", "copilot", "preToolUse"]).expect_code(0).json();
    assert_eq!(answer["permissionDecision"], "deny", "{answer}");
}

#[test]
fn the_plugin_of_opencode_is_answered() {
    let (_lab, alice, _bob) = lab(&[HELD]);
    let call = |tool: &str, input: Value| {
        json!({ "hook_event_name": "tool.execute.before", "session_id": "one", "cwd": alice.path(),
            "tool_name": tool, "tool_input": input })
    };
    assert!(send(&alice, "opencode", &call("write", json!({ "filePath": HELD })))["deny"].is_string());
    assert!(
        send(&alice, "opencode", &call("bash", json!({ "command": "rm src/auth.rs" })))["deny"].is_string()
    );
    assert_eq!(send(&alice, "opencode", &call("read", json!({ "filePath": HELD }))), json!({}));
}

#[test]
fn nobody_is_ever_answered_allow_or_ask() {
    let (_lab, alice, _bob) = lab(&[HELD]);
    for client in ["claude-code", "codex", "cursor", "gemini", "vscode", "copilot", "opencode"] {
        let session = Session::of(&alice, client, "one");
        for event in
            ["SessionStart", "PreToolUse", "PostToolUse", "Stop", "BeforeTool", "preToolUse", "Unknown"]
        {
            for path in ["docs/a.md", HELD, "/etc/hosts", "../x", ".git/config"] {
                let input = json!({ "tool_name": "Write", "tool_input": { "file_path": path } });
                let answer = session.event(event, input).to_string();
                for word in ["\"allow\"", "\"ask\"", "\"approve\""] {
                    assert!(!answer.contains(word), "{client} {event} {path}: {answer}");
                }
            }
        }
    }
}
