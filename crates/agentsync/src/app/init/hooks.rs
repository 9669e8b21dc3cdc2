//! The hooks of clients: in which file they stand, and what is put there.

use serde_json::{Value, json};

use super::client::Client;
use super::hook_json;
use super::insertion::Insertion;
use super::json::Added;
use super::malformed::{Malformed, Present};
use super::plan::{FileChange, FilePlan, changed, created, malformed};
use super::record::Record;
use super::undo;
use crate::app::failure::Failure;
use crate::app::ports::clone::CloneFiles;

/// The plugin that opencode loads.
const PLUGIN: &str = include_str!("opencode.ts");
/// The tools of Claude Code that change files.
const CLAUDE_TOOLS: &str = "Write|Edit|MultiEdit|NotebookEdit|Bash";
/// The same of Codex.
const CODEX_TOOLS: &str = "^(apply_patch|Edit|Write|Bash)$";
/// The same of Cursor.
const CURSOR_TOOLS: &str = "Write|Delete|Shell";
/// The same of Gemini CLI.
const GEMINI_TOOLS: &str = "write_file|replace|run_shell_command";
/// How long a hook may take, in seconds: an edit may wait for the board.
const LIMIT: u64 = 20;

/// What a file of hooks holds.
#[derive(Debug, Clone)]
pub enum Hooks {
    /// Elements of lists under `hooks`, by event, in a file that others write to as well.
    Listed {
        /// A member that the file must have besides.
        also: Option<(&'static str, Value)>,
        /// The elements.
        entries: Vec<(&'static str, Value)>,
    },
    /// A file of our own.
    Whole(String),
}

/// Returns the command that a client is to call.
pub fn command(client: Client) -> String {
    format!("agentsync hook {}", client.name())
}

/// Returns the file that a client reads its hooks from.
pub fn file(client: Client) -> &'static str {
    match client {
        Client::ClaudeCode => ".claude/settings.json",
        Client::Codex => ".codex/hooks.json",
        Client::Cursor => ".cursor/hooks.json",
        Client::VsCode => ".github/hooks/agentsync.json",
        Client::Gemini => ".gemini/settings.json",
        Client::Opencode => ".opencode/plugins/agentsync.ts",
    }
}

/// Returns what stands in that file.
pub fn hooks(client: Client) -> Hooks {
    let command = command(client);
    let call = |limit: u64| json!({ "type": "command", "command": command, "timeout": limit });
    let group = |tools: Option<&str>, limit: u64| match tools {
        Some(tools) => json!({ "matcher": tools, "hooks": [call(limit)] }),
        None => json!({ "hooks": [call(limit)] }),
    };
    let listed = |entries: Vec<(&'static str, Value)>| Hooks::Listed { also: None, entries };
    match client {
        Client::ClaudeCode => listed(vec![
            ("PreToolUse", group(Some(CLAUDE_TOOLS), LIMIT)),
            ("PostToolUse", group(Some(CLAUDE_TOOLS), LIMIT)),
            ("SessionStart", group(None, LIMIT)),
            ("Stop", group(None, LIMIT)),
            ("SessionEnd", group(None, LIMIT)),
        ]),
        Client::Codex => listed(vec![
            ("PreToolUse", group(Some(CODEX_TOOLS), LIMIT)),
            ("PostToolUse", group(Some(CODEX_TOOLS), LIMIT)),
            ("SessionStart", group(None, LIMIT)),
            ("Stop", group(None, LIMIT)),
        ]),
        Client::Cursor => {
            let call = |tools: Option<&str>| match tools {
                Some(tools) => json!({ "command": command, "matcher": tools, "timeout": LIMIT }),
                None => json!({ "command": command, "timeout": LIMIT }),
            };
            let entries = vec![
                ("preToolUse", call(Some(CURSOR_TOOLS))),
                ("postToolUse", call(Some(CURSOR_TOOLS))),
                ("sessionStart", call(None)),
                ("stop", call(None)),
                ("sessionEnd", call(None)),
            ];
            Hooks::Listed { also: Some(("version", json!(1))), entries }
        }
        Client::Gemini => listed(vec![
            ("BeforeTool", group(Some(GEMINI_TOOLS), LIMIT * 1000)),
            ("AfterTool", group(Some(GEMINI_TOOLS), LIMIT * 1000)),
            ("SessionStart", group(None, LIMIT * 1000)),
            ("SessionEnd", group(None, LIMIT * 1000)),
        ]),
        Client::VsCode => {
            let events = ["PreToolUse", "PostToolUse", "SessionStart", "Stop"];
            let events: serde_json::Map<String, Value> =
                events.iter().map(|event| ((*event).to_owned(), json!([call(LIMIT)]))).collect();
            Hooks::Whole(format!("{:#}\n", json!({ "hooks": events })))
        }
        Client::Opencode => Hooks::Whole(PLUGIN.to_owned()),
    }
}

/// Returns what a person must know about a client's hooks.
pub fn caveat(client: Client) -> &'static str {
    match client {
        Client::ClaudeCode => {
            "Claude Code runs a project's hooks once you trust the folder; `disableAllHooks` in any settings file switches them off"
        }
        Client::Codex => {
            "Codex runs these hooks only in a trusted project and only after you have trusted each one with `/hooks`: until then `codex exec` skips them without a word"
        }
        Client::Cursor => "Cursor runs a project's hooks in trusted workspaces only",
        Client::VsCode => "VS Code's agent hooks are a preview: `chat.useHooks` must be on",
        Client::Gemini => "Gemini CLI runs a project's hooks in trusted folders only",
        Client::Opencode => "opencode loads the plugin at its next start",
    }
}

/// Plans to put the hooks of a client into its file.
pub fn plan_add(files: &dyn CloneFiles, client: Client, plan: &mut FilePlan) -> Result<(), Failure> {
    let path = file(client);
    // The same file may hold the servers as well, and have them by now.
    let planned =
        plan.changes.iter().position(|change| change.path == path).map(|at| plan.changes.remove(at));
    let (before, text, mut insertions) = if let Some(FileChange { before, after, insertions, .. }) = planned {
        (before, after.unwrap_or_default(), insertions)
    } else {
        let found = files.read(path)?.map(|found| found.text);
        (found.clone(), found.unwrap_or_default(), Vec::new())
    };
    let after = match hooks(client) {
        Hooks::Whole(ours) => match before {
            None => {
                plan.changes.push(created(path, ours));
                return Ok(());
            }
            Some(_) if text == ours => return Ok(()),
            // It is ours by its name; an older version gives way.
            Some(_) => {
                let (path, after) = (path.to_owned(), Some(ours));
                plan.changes.push(FileChange { path, before, after, insertions: Vec::new() });
                return Ok(());
            }
        },
        Hooks::Listed { also, entries } => {
            let mut text = text;
            let mut put = |added: Result<Added, Malformed>, text: &mut String| -> Result<(), Failure> {
                match added.map_err(|err| malformed(path, &err))? {
                    Added::Insertions(next) => {
                        for insertion in next.iter().rev() {
                            insertions = compose(&insertions, insertion);
                        }
                        *text = super::insertion::apply(text, &next);
                    }
                    Added::Already(Present::Ours | Present::Foreign { .. }) => {}
                }
                Ok(())
            };
            if let Some((key, value)) = also {
                put(hook_json::plan_member(&text, key, &value), &mut text)?;
            }
            for (event, element) in entries {
                put(hook_json::plan_element(&text, event, &element), &mut text)?;
            }
            text
        }
    };
    if before.as_ref() != Some(&after) {
        plan.changes.push(match before {
            None => created(path, after),
            Some(before) if insertions.is_empty() => changed(path, before, insertions),
            Some(before) => {
                FileChange { path: path.to_owned(), before: Some(before), after: Some(after), insertions }
            }
        });
    }
    Ok(())
}

/// Plans to take the hooks of a client out of its file.
pub fn plan_remove(
    files: &dyn CloneFiles,
    client: Client,
    record: &Record,
    plan: &mut FilePlan,
) -> Result<(), Failure> {
    let path = file(client);
    if let Some(planned) = plan.changes.iter_mut().find(|change| change.path == path) {
        // The servers are taken out of the same file already.
        let text = planned.after.clone().unwrap_or_default();
        if let Some(after) = hook_json::plan_remove(&text).map_err(|err| malformed(path, &err))? {
            planned.after = Some(after).filter(|after| !hook_json::is_bare(after));
        }
        return Ok(());
    }
    let is_whole = matches!(hooks(client), Hooks::Whole(_));
    let is_ours_alone = |text: &str| match is_whole {
        true => text.contains("agentsync"),
        false => hook_json::plan_remove(text).ok().flatten().is_some_and(|rest| hook_json::is_bare(&rest)),
    };
    undo::plan_file(files, path, record, &is_ours_alone, &hook_json::plan_remove, plan)
}

/// Adds an insertion into a text that earlier ones were put into already, as one into the first text.
fn compose(earlier: &[Insertion], next: &Insertion) -> Vec<Insertion> {
    let mut all = earlier.to_vec();
    let mut grown = 0;
    for (idx, insertion) in earlier.iter().enumerate() {
        let start = insertion.at + grown;
        if next.at < start {
            all.insert(idx, Insertion::new(next.at - grown, next.text.clone()));
            return all;
        }
        if next.at <= start + insertion.text.len() {
            if let Some(there) = all.get_mut(idx) {
                there.text.insert_str(next.at - start, &next.text);
            }
            return all;
        }
        grown += insertion.text.len();
    }
    all.push(Insertion::new(next.at - grown, next.text.clone()));
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::init::insertion::{apply, take_back};

    #[test]
    fn insertions_into_insertions_are_taken_back_to_the_byte() {
        let first = "abcd";
        let mut insertions = Vec::new();
        let mut text = first.to_owned();
        for next in
            [Insertion::new(2, "XX"), Insertion::new(3, "Y"), Insertion::new(0, "Z"), Insertion::new(8, "E")]
        {
            insertions = compose(&insertions, &next);
            text = apply(&text, std::slice::from_ref(&next));
            assert_eq!(apply(first, &insertions), text);
            assert_eq!(take_back(&text, &insertions).as_deref(), Some(first));
        }
        assert_eq!(text, "ZabXYXcdE");
    }
}
