//! Works out what `init` would do to the files, without doing it.

use std::path::PathBuf;

use serde_json::json;

use super::client::{Client, Format};
use super::fence::{self, Fenced};
use super::insertion::{Insertion, apply};
use super::json::{self, Added, Entry};
use super::malformed::{Malformed, Present};
use super::toml;
use crate::app::failure::{Failure, UsageError};
use crate::app::ports::clone::{CloneFiles, FilesError, FoundFile};

/// The file most clients read their instructions from.
pub const AGENTS_FILE: &str = "AGENTS.md";
/// The one Claude Code reads instead.
pub const CLAUDE_FILE: &str = "CLAUDE.md";
/// How Claude Code is told to read the other one as well.
const CLAUDE_BODY: &str = "@AGENTS.md";
/// What agents are told.
const AGENTS_BODY: &str = include_str!("agents.md");

/// A file that changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileChange {
    /// Relative to the root of the work tree, with `/`.
    pub path: String,
    /// What it holds now; `None` when there is no such file.
    pub before: Option<String>,
    /// What it will hold; `None` when it is deleted.
    pub after: Option<String>,
    /// What is put in, where nothing else is done.
    pub insertions: Vec<Insertion>,
}

/// What is to be done to the files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FilePlan {
    /// The files that change, in the order they are shown.
    pub changes: Vec<FileChange>,
    /// What a person should know about the files that do not.
    pub notes: Vec<String>,
}

/// Returns the clients that leave traces in the work tree, else those that do in the user's home,
/// else Claude Code.
pub fn detect(files: &dyn CloneFiles) -> Vec<Client> {
    let found = |has: &dyn Fn(Client) -> bool| -> Vec<Client> {
        Client::ALL.into_iter().filter(|client| has(*client)).collect()
    };
    let here = found(&|client| client.traces().iter().any(|trace| files.has(trace)));
    if !here.is_empty() {
        return here;
    }
    let at_home = found(&|client| client.home_traces().iter().any(|trace| files.home_has(trace)));
    if at_home.is_empty() { vec![Client::ClaudeCode] } else { at_home }
}

/// Plans the files of `clients` and the instructions for agents.
pub fn plan_files(files: &dyn CloneFiles, clients: &[Client]) -> Result<FilePlan, Failure> {
    let mut plan = FilePlan::default();
    for client in clients {
        plan_client(files, *client, &mut plan)?;
    }
    let agents = files.read(AGENTS_FILE)?;
    let place = agents.as_ref().map(|file| file.place.clone());
    plan_block(AGENTS_FILE, agents, AGENTS_BODY, &mut plan)?;
    if clients.contains(&Client::ClaudeCode) {
        plan_claude(files, place.as_ref(), &mut plan)?;
    }
    Ok(plan)
}

pub(super) fn plan_client(
    files: &dyn CloneFiles,
    client: Client,
    plan: &mut FilePlan,
) -> Result<(), Failure> {
    let path = client.file();
    let Some(found) = files.read(path)? else {
        plan.changes.push(created(path, render_fresh(client)));
        return Ok(());
    };
    let added = match client.format() {
        Format::Json { .. } => json::plan_add(&found.text, &entry(client)),
        Format::Toml => toml::plan_add(&found.text),
    };
    match added.map_err(|err| malformed(path, &err))? {
        Added::Insertions(insertions) => plan.changes.push(changed(path, found.text, insertions)),
        Added::Already(Present::Ours) => {}
        Added::Already(Present::Foreign { starts }) => plan.notes.push(format!(
            "{path} has a server `agentsync` already, which starts `{}`: left as it is",
            agentsync_core::text::escape(&starts)
        )),
    }
    Ok(())
}

fn plan_block(path: &str, found: Option<FoundFile>, body: &str, plan: &mut FilePlan) -> Result<(), Failure> {
    let Some(found) = found else {
        plan.changes.push(created(path, fence::render(body, "\n")));
        return Ok(());
    };
    match fence::plan_add(&found.text, body).map_err(|err| malformed(path, &err))? {
        Fenced::Already => {}
        Fenced::Insertion(insertion) => plan.changes.push(changed(path, found.text, vec![insertion])),
        Fenced::Replaced(after) => plan.changes.push(FileChange {
            path: path.to_owned(),
            before: Some(found.text),
            after: Some(after),
            insertions: Vec::new(),
        }),
    }
    Ok(())
}

/// Claude Code reads `CLAUDE.md` alone. One that is there and does not lead to `AGENTS.md` is made
/// to; where there is none, the server's own instructions and prompt have to do.
fn plan_claude(files: &dyn CloneFiles, agents: Option<&PathBuf>, plan: &mut FilePlan) -> Result<(), Failure> {
    let Some(found) = files.read(CLAUDE_FILE)? else { return Ok(()) };
    let is_same_file = agents == Some(&found.place);
    if is_same_file || (found.text.contains(AGENTS_FILE) && !found.text.contains(fence::BEGIN)) {
        return Ok(());
    }
    plan_block(CLAUDE_FILE, Some(found), CLAUDE_BODY, plan)
}

/// Returns a client's file as it is when we are all there is in it.
pub fn render_fresh(client: Client) -> String {
    match client.format() {
        Format::Json { .. } => json::render_fresh(&entry(client)),
        Format::Toml => toml::render_fresh(),
    }
}

/// Returns the entry of a client that reads JSON, as `claude mcp add` writes it too.
pub fn entry(client: Client) -> Entry {
    let value = match client {
        Client::Gemini => json!({ "command": "agentsync", "args": ["mcp"] }),
        Client::Opencode => json!({ "type": "local", "command": ["agentsync", "mcp"], "enabled": true }),
        Client::ClaudeCode | Client::Codex | Client::Cursor | Client::VsCode => {
            json!({ "type": "stdio", "command": "agentsync", "args": ["mcp"] })
        }
    };
    let key = match client.format() {
        Format::Json { key } => key,
        Format::Toml => "mcp_servers",
    };
    Entry { key, name: "agentsync", value }
}

pub(super) fn created(path: &str, text: String) -> FileChange {
    let insertions = vec![Insertion::new(0, text.clone())];
    FileChange { path: path.to_owned(), before: None, after: Some(text), insertions }
}

pub(super) fn changed(path: &str, text: String, insertions: Vec<Insertion>) -> FileChange {
    let after = apply(&text, &insertions);
    FileChange { path: path.to_owned(), before: Some(text), after: Some(after), insertions }
}

/// Says which file is not understood, and that none was touched.
pub fn malformed(path: &str, err: &Malformed) -> Failure {
    Failure::Usage(UsageError::Other {
        what: format!("{path} {err}"),
        fix: format!("nothing was written; correct {path}, or name other clients with `--client`"),
    })
}

impl From<FilesError> for Failure {
    fn from(err: FilesError) -> Failure {
        let fix = match &err {
            FilesError::Leaves { .. } => "replace the link by a file, or name other clients with `--client`",
            FilesError::NotText { .. } => "save it as UTF-8, or name other clients with `--client`",
            FilesError::Changed { .. } => "look at it, then run the same command again",
            FilesError::Io { .. } => "make it readable and writable for this user",
        };
        Failure::Usage(UsageError::Other { what: err.to_string(), fix: fix.to_owned() })
    }
}
