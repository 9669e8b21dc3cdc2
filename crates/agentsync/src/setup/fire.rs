//! Fires a trial through the hooks that are installed, as their clients would.

use std::fs;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use crate::app::init::client::Client;
use crate::app::init::hooks;
use crate::app::ports::clone::FiredHook;
use crate::git::user_repo::UserRepo;
use crate::process::{Ended, ProcessError, run_line};

/// How long one hook may take.
const LIMIT: Duration = Duration::from_secs(20);
/// The path that a trial asks to have refused.
const PATH: &str = "agentsync-trial.txt";

/// Fires a trial through every hook in the work tree.
pub fn fire(repo: &UserRepo, home: Option<&Path>) -> Vec<FiredHook> {
    let Some(root) = &repo.work_dir else { return Vec::new() };
    let fired = Client::ALL.into_iter().filter_map(|client| {
        let file = hooks::file(client);
        let text = fs::read_to_string(root.join(file)).ok()?;
        let command = registered(&text, client)?;
        let answer = run(&command, root, &repo.git_dir, client);
        let off = off(client, root, home);
        Some(FiredHook { client, file: file.to_owned(), command, answer, off })
    });
    fired.collect()
}

/// Returns the command as it is registered; `None` when the file has none of ours.
fn registered(text: &str, client: Client) -> Option<String> {
    if client == Client::Opencode {
        return text.contains("agentsync").then(|| hooks::command(client));
    }
    // A command of ours holds no quotation marks, so the text between two of them is it.
    text.split('"').find(|part| part.contains("agentsync hook ")).map(str::to_owned)
}

fn run(command: &str, root: &Path, git_dir: &Path, client: Client) -> Result<String, String> {
    let (event, tool) = match client {
        Client::Codex => (
            "PreToolUse",
            json!({ "tool_name": "apply_patch", "tool_input": {
            "command": format!("*** Begin Patch\n*** Add File: {PATH}\n+x\n*** End Patch\n") } }),
        ),
        Client::Cursor => {
            ("preToolUse", json!({ "tool_name": "Write", "tool_input": { "file_path": PATH } }))
        }
        Client::Gemini => {
            ("BeforeTool", json!({ "tool_name": "write_file", "tool_input": { "file_path": PATH } }))
        }
        Client::VsCode => {
            ("PreToolUse", json!({ "tool_name": "editFiles", "tool_input": { "files": [PATH] } }))
        }
        Client::Opencode => {
            ("tool.execute.before", json!({ "tool_name": "write", "tool_input": { "filePath": PATH } }))
        }
        Client::ClaudeCode => {
            ("PreToolUse", json!({ "tool_name": "Write", "tool_input": { "file_path": PATH } }))
        }
    };
    let mut payload = json!({
        "session_id": "agentsync-doctor",
        "hook_event_name": event,
        "cwd": root.to_string_lossy(),
        "agentsync_probe": PATH,
    });
    if let (Value::Object(all), Value::Object(tool)) = (&mut payload, tool) {
        all.extend(tool);
    }
    let ended = run_trial(command, root, git_dir, &payload.to_string())?;
    let said = String::from_utf8_lossy(&ended.stdout).trim().to_owned();
    match (ended.code, refuses(&said)) {
        (0, true) => Ok(said),
        (0, false) => Err(format!("it answered {said:?}")),
        (code, _) => Err(format!("it ended with code {code}: {}", ended.said())),
    }
}

/// Runs a registered command in the work tree, with `input` to read.
pub(super) fn run_trial(command: &str, root: &Path, git_dir: &Path, input: &str) -> Result<Ended, String> {
    let folder = git_dir.join("agentsync");
    let file = folder.join(format!("trial-{}.txt", std::process::id()));
    let written = fs::create_dir_all(&folder).and_then(|()| fs::write(&file, input));
    written.map_err(|err| err.to_string())?;
    let ended = run_line(command, root, &file, LIMIT);
    let _ = fs::remove_file(&file);
    ended.map_err(|err| match err {
        ProcessError::Missing => "there is no shell".to_owned(),
        ProcessError::TimedOut => format!("no answer within {} s", LIMIT.as_secs()),
        ProcessError::Io(err) => err.to_string(),
    })
}

/// Tells whether an answer is a refusal in any client's words.
fn refuses(answer: &str) -> bool {
    let Ok(value) = serde_json::from_str::<Value>(answer) else { return false };
    let says = |value: &Value, key: &str, word: &str| value.get(key).and_then(Value::as_str) == Some(word);
    let inner = value.get("hookSpecificOutput").unwrap_or(&value);
    says(inner, "permissionDecision", "deny")
        || says(&value, "permission", "deny")
        || says(&value, "decision", "deny")
        || value.get("deny").is_some()
}

/// Returns why a client does not run its hooks, where its files say so.
fn off(client: Client, root: &Path, home: Option<&Path>) -> Option<String> {
    let read = |path: &Path| fs::read_to_string(path).unwrap_or_default();
    match client {
        Client::ClaudeCode => {
            let here = [".claude/settings.json", ".claude/settings.local.json"].map(|file| root.join(file));
            let homes = home.map(|home| home.join(".claude/settings.json"));
            let mut files = here.into_iter().chain(homes);
            let is_off = |file: &std::path::PathBuf| {
                let text: String = read(file).split_whitespace().collect();
                text.contains("\"disableAllHooks\":true")
            };
            files
                .find(is_off)
                .map(|file| format!("`disableAllHooks` in {} switches all hooks off", file.display()))
        }
        Client::Codex => {
            let config: toml_edit::DocumentMut = read(&home?.join(".codex/config.toml")).parse().ok()?;
            let project = config.get("projects").and_then(|projects| projects.get(&*root.to_string_lossy()));
            let trust =
                project.and_then(|project| project.get("trust_level")).and_then(toml_edit::Item::as_str);
            (trust != Some("trusted")).then(|| {
                "Codex does not trust this project yet, and runs none of its hooks, without a word".to_owned()
            })
        }
        Client::Cursor | Client::VsCode | Client::Gemini | Client::Opencode => None,
    }
}
