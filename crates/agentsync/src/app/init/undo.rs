//! Works out how to take away what `init` added, and nothing else.

use super::client::{Client, Format};
use super::fence;
use super::insertion::take_back;
use super::plan::{AGENTS_FILE, CLAUDE_FILE, FileChange, FilePlan, entry, malformed, render_fresh};
use super::record::{FileRecord, Record};
use super::{json, malformed::Malformed, toml};
use crate::app::failure::Failure;
use crate::app::ports::clone::{CloneFiles, FoundFile};

/// Plans to take our entries out of the files of all clients, and our blocks out of the instructions.
///
/// A file that stands as `init` left it goes back to the byte. One that changed since, or that was
/// set up in another clone, loses the entry or the block and keeps the rest.
pub fn plan_files(files: &dyn CloneFiles, record: &Record) -> Result<FilePlan, Failure> {
    let mut plan = FilePlan::default();
    for client in Client::ALL {
        plan_client(files, client, record, &mut plan)?;
    }
    for client in Client::ALL {
        super::hooks::plan_remove(files, client, record, &mut plan)?;
    }
    super::git_hooks::plan_remove(files, record, &mut plan)?;
    super::ci::plan_remove(files, record, &mut plan)?;
    for path in [AGENTS_FILE, CLAUDE_FILE] {
        if is_second_name(files, path)? {
            continue;
        }
        plan_file(files, path, record, &is_block_alone, &fence::plan_remove, &mut plan)?;
    }
    Ok(plan)
}

/// Plans to take our entry out of the file of one client.
pub(super) fn plan_client(
    files: &dyn CloneFiles,
    client: Client,
    record: &Record,
    plan: &mut FilePlan,
) -> Result<(), Failure> {
    let remove = |text: &str| match client.format() {
        Format::Json { .. } => json::plan_remove(text, &entry(client)),
        Format::Toml => toml::plan_remove(text),
    };
    let fresh = render_fresh(client);
    plan_file(files, client.file(), record, &|text| text == fresh, &remove, plan)
}

/// Tells whether `CLAUDE.md` is a link to `AGENTS.md`, or the other way round.
fn is_second_name(files: &dyn CloneFiles, path: &str) -> Result<bool, Failure> {
    let place = |path| -> Result<_, Failure> { Ok(files.read(path)?.map(|file| file.place)) };
    Ok(path == CLAUDE_FILE && place(AGENTS_FILE)?.is_some() && place(AGENTS_FILE)? == place(CLAUDE_FILE)?)
}

fn is_block_alone(text: &str) -> bool {
    text.starts_with(fence::BEGIN) && text.trim_end().ends_with(fence::END)
}

pub(super) type Remove<'a> = &'a dyn Fn(&str) -> Result<Option<String>, Malformed>;

pub(super) fn plan_file(
    files: &dyn CloneFiles,
    path: &str,
    record: &Record,
    is_ours_alone: &dyn Fn(&str) -> bool,
    remove: Remove<'_>,
    plan: &mut FilePlan,
) -> Result<(), Failure> {
    let Some(FoundFile { text, .. }) = files.read(path)? else { return Ok(()) };
    let after = match record.files.get(path).and_then(|done| restore(&text, done)) {
        Some(after) => after,
        None if is_ours_alone(&text) => After::Gone,
        None => match remove(&text).map_err(|err| malformed(path, &err))? {
            Some(after) => After::Text(after),
            None => return Ok(()),
        },
    };
    let after = match after {
        After::Text(after) => Some(after),
        After::Gone => None,
    };
    let (path, before) = (path.to_owned(), Some(text));
    plan.changes.push(FileChange { path, before, after, insertions: Vec::new() });
    Ok(())
}

/// What remains of a file.
enum After {
    Text(String),
    Gone,
}

/// Returns what the file was before, or `None` when it changed where we wrote.
fn restore(text: &str, done: &FileRecord) -> Option<After> {
    let is_known = !done.insertions.is_empty();
    let before = take_back(text, &done.insertions).filter(|_| is_known)?;
    let was_nothing = done.is_created && before.is_empty();
    Some(if was_nothing { After::Gone } else { After::Text(before) })
}
