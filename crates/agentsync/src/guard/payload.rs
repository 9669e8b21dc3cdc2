//! What a client says of an event, read leniently: the names differ from client to client, and some
//! clients run the hooks of others.

mod edits;

use std::path::PathBuf;

use serde_json::Value;

pub use self::edits::{Change, Edit};

/// An event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The client's session.
    pub session: Option<String>,
    /// The subagent that works in the session's place.
    pub subagent: Option<String>,
    /// A path that is to be refused, whoever holds it: a person tries whether the hook is heard.
    pub probe: Option<String>,
    /// The folder the agent works in.
    pub folder: Option<PathBuf>,
    /// The event's name, as the client spells it.
    pub name: String,
    /// The event.
    pub event: Event,
}

/// What happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A session begins.
    Start,
    /// The person has said something.
    Prompt,
    /// A tool is about to be used.
    Before(Tool),
    /// A tool was used.
    After(Tool),
    /// The agent has nothing more to do.
    Stop {
        /// Whether it goes on because a hook said so.
        is_again: bool,
    },
    /// A session ends.
    End,
    /// Anything else.
    Other,
}

/// What a tool does, as far as it concerns us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tool {
    /// It changes files, these ones, as the client spells them.
    Edit(Vec<Edit>),
    /// It changes files, and we do not see which.
    UnclearEdit,
    /// It runs a command.
    Shell(String),
    /// Neither.
    Other,
}

/// The member of an event that makes it a trial.
pub const PROBE: &str = "agentsync_probe";

/// Reads an event; `named` is the event's name where the payload does not say it.
pub fn parse(text: &str, named: Option<&str>) -> Result<Call, String> {
    let value: Value = serde_json::from_str(text).map_err(|err| format!("the event is not JSON: {err}"))?;
    if !value.is_object() {
        return Err("the event is not a JSON object".to_owned());
    }
    let said = string(&value, &["hook_event_name", "hookEventName", "event", "agent_action_name"]);
    let name = said.or_else(|| named.map(str::to_owned)).unwrap_or_default();
    let event = event(&name, &value);
    let folder = string(&value, &["cwd"]).or_else(|| first_string(value.get("workspace_roots")));
    Ok(Call {
        session: string(
            &value,
            &["session_id", "sessionId", "sessionID", "conversation_id", "trajectory_id"],
        ),
        subagent: string(&value, &["agent_id", "agentId"]),
        probe: string(&value, &[PROBE]),
        folder: folder.map(PathBuf::from),
        name,
        event,
    })
}

fn event(name: &str, value: &Value) -> Event {
    match plain(name).as_str() {
        "sessionstart" => Event::Start,
        "userpromptsubmit" | "userpromptsubmitted" | "beforeagent" => Event::Prompt,
        "pretooluse"
        | "beforetool"
        | "toolexecutebefore"
        | "beforeshellexecution"
        | "prewritecode"
        | "preruncommand" => Event::Before(tool(value)),
        "posttooluse"
        | "posttoolusefailure"
        | "aftertool"
        | "toolexecuteafter"
        | "aftershellexecution"
        | "afterfileedit" => Event::After(tool(value)),
        "stop" | "afteragent" | "sessionidle" => {
            let is_again = value.get("stop_hook_active").and_then(Value::as_bool).unwrap_or(false);
            let n_loops = value.get("loop_count").and_then(Value::as_u64).unwrap_or(0);
            Event::Stop { is_again: is_again || n_loops > 0 }
        }
        "sessionend" => Event::End,
        _ => Event::Other,
    }
}

/// The tools that change files, in all clients, in small letters without signs.
const EDITORS: [&str; 22] = [
    "write",
    "edit",
    "multiedit",
    "notebookedit",
    "applypatch",
    "patch",
    "delete",
    "writefile",
    "replace",
    "editfile",
    "editfiles",
    "createfile",
    "deletefile",
    "replacestringinfile",
    "multireplacestringinfile",
    "inserteditintofile",
    "editnotebookfile",
    "create",
    "strreplace",
    "strreplaceeditor",
    "strreplacebasededittool",
    "searchreplace",
];

/// The tools that run a command.
const SHELLS: [&str; 10] = [
    "bash",
    "shell",
    "localshell",
    "exec",
    "execcommand",
    "runshellcommand",
    "runinterminal",
    "runterminalcommand",
    "runcommand",
    "powershell",
];

/// Under which keys the files of an edit stand.
const FILES: [&str; 10] = [
    "file_path",
    "filePath",
    "path",
    "notebook_path",
    "target_file",
    "targetFile",
    "files",
    "paths",
    "edits",
    "replacements",
];

fn tool(value: &Value) -> Tool {
    let input = ["tool_input", "toolInput", "tool_args", "toolArgs", "tool_info", "args"];
    let input = input.iter().find_map(|key| value.get(*key)).cloned().unwrap_or_else(|| value.clone());
    // Some clients put JSON into a string.
    let input = match &input {
        Value::String(text) => serde_json::from_str(text).unwrap_or(input),
        _ => input,
    };
    let name = string(value, &["tool_name", "toolName", "tool"]).map(|name| plain(&name));
    let command = command(&input);
    match (name.as_deref(), command) {
        (Some(name), Some(command)) if SHELLS.contains(&name) => Tool::Shell(command),
        (Some(name), _) if EDITORS.contains(&name) => edit(&input),
        // An event that is only ever about a command or a file names no tool.
        (None, Some(command)) => Tool::Shell(command),
        (None, None) if !files(&input).is_empty() => edit(&input),
        _ => Tool::Other,
    }
}

fn edit(input: &Value) -> Tool {
    let patch = ["command", "input", "patch", "patchText", "patch_text"];
    let patch = patch.iter().find_map(|key| input.get(*key)).and_then(Value::as_str).or(input.as_str());
    let mut paths = files(input);
    paths.extend(patch.map(agentsync_core::patch::paths).unwrap_or_default());
    if paths.is_empty() { Tool::UnclearEdit } else { Tool::Edit(edits::edits(input, patch, paths)) }
}

fn files(input: &Value) -> Vec<String> {
    let mut paths: Vec<String> = FILES.iter().filter_map(|key| input.get(*key)).flat_map(names).collect();
    paths.dedup();
    paths
}

/// Returns the paths in a value: itself, those of its members, or those its members name.
fn names(value: &Value) -> Vec<String> {
    match value {
        Value::String(path) => vec![path.clone()],
        Value::Array(list) => list
            .iter()
            .flat_map(|one| match one {
                Value::Object(_) => files(one),
                other => names(other),
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// Returns the command of a shell tool: a text, or a list of words that may hand a script to a shell.
fn command(input: &Value) -> Option<String> {
    let found = ["command", "cmd", "command_line", "script"].iter().find_map(|key| input.get(*key))?;
    match found {
        Value::String(text) => Some(text.clone()),
        Value::Array(words) => {
            let words: Vec<&str> = words.iter().filter_map(Value::as_str).collect();
            match words.as_slice() {
                [shell, flag, script, ..] if shell.ends_with("sh") && flag.ends_with('c') => {
                    Some((*script).to_owned())
                }
                words => Some(agentsync_core::shell::join(words)),
            }
        }
        _ => None,
    }
}

fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

fn string(value: &Value, keys: &[&str]) -> Option<String> {
    let found = keys.iter().find_map(|key| value.get(*key)).and_then(Value::as_str);
    found.filter(|text| !text.is_empty()).map(str::to_owned)
}

fn first_string(value: Option<&Value>) -> Option<String> {
    value?.as_array()?.first()?.as_str().map(str::to_owned)
}
