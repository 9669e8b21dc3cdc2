//! Sets one clone up: the files that tell clients of the server and agents of the rules.
//!
//! What a file becomes is decided from its text alone; reading and writing stand apart in `files`.

pub mod clients;
pub mod diff;
pub mod files;
pub mod instructions;
mod json_entry;
mod record;
mod toml_entry;

use std::path::Path;

use thiserror::Error;

use self::clients::Client;
use self::files::Folder;
use self::record::{Earlier, Record};

/// Why a file cannot be set up. Nothing is written then, in no file.
#[derive(Debug, Error)]
pub enum SetupError {
    /// A file that is not what it should be.
    #[error("`{path}` cannot be edited: {why}")]
    Malformed {
        /// The file, from the root of the repository.
        path: String,
        /// What is wrong with it, and where.
        why: String,
    },
    /// A file that cannot be read or written.
    #[error("cannot {doing} `{path}`: {detail}")]
    Io {
        /// What we were doing.
        doing: &'static str,
        /// The file.
        path: String,
        /// What the system said.
        detail: String,
    },
}

/// What a file is, and what it becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileChange {
    /// The file, from the root of the repository.
    pub path: String,
    /// Its text; `None` when it is not there.
    pub before: Option<String>,
    /// Its text afterwards; `None` when it goes.
    pub after: Option<String>,
}

/// What setting up would write.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// The files that change.
    pub files: Vec<FileChange>,
}

/// Plans to set the clone at `folder` up for `clients`.
pub fn plan(folder: &Folder, clients: &[Client]) -> Result<Plan, SetupError> {
    let mut files = Vec::new();
    for client in clients {
        let before = folder.read(client.path())?;
        let after = client.with_entry(before.as_deref()).map_err(|why| malformed(client.path(), why))?;
        files.push(FileChange { path: client.path().to_owned(), before, after: Some(after) });
    }
    for path in instructions::PATHS {
        let before = folder.read(path)?;
        if before.is_some() || path == instructions::PATHS[0] {
            let after = Some(instructions::with_block(before.as_deref()));
            files.push(FileChange { path: path.to_owned(), before, after });
        }
    }
    files.retain(|file| file.before != file.after);
    Ok(Plan { files })
}

/// Plans to take away what setting up has added, by whomever.
///
/// A file that still is as we left it becomes what it was before, byte for byte.
pub fn plan_undo(folder: &Folder, kept: &Path) -> Result<Plan, SetupError> {
    let record = Record::read(kept);
    let mut files = Vec::new();
    let paths = Client::ALL.iter().map(|client| client.path()).chain(instructions::PATHS);
    for path in paths {
        let Some(before) = folder.read(path)? else { continue };
        let after = match record.earlier(path, &before) {
            Earlier::Absent => None,
            Earlier::Text(text) => Some(text),
            Earlier::Unknown => without(path, &before)?,
        };
        files.push(FileChange { path: path.to_owned(), before: Some(before), after });
    }
    files.retain(|file| file.before != file.after);
    Ok(Plan { files })
}

fn without(path: &str, text: &str) -> Result<Option<String>, SetupError> {
    match Client::ALL.iter().find(|client| client.path() == path) {
        Some(client) => client.without_entry(text).map_err(|why| malformed(path, why)),
        None => Ok(instructions::without_block(text)),
    }
}

fn malformed(path: &str, why: String) -> SetupError {
    SetupError::Malformed { path: path.to_owned(), why }
}

/// Writes a plan, and remembers in `kept` what the files were before.
pub fn carry_out(folder: &Folder, plan: &Plan, kept: &Path) -> Result<(), SetupError> {
    let mut record = Record::read(kept);
    for file in &plan.files {
        folder.write(&file.path, file.after.as_deref())?;
        record.note(file);
    }
    record.write(kept)
}

/// Forgets what the files were before.
pub fn forget(kept: &Path) {
    // A record that stays behind no longer fits any file, and is not used.
    let _ = std::fs::remove_file(kept);
}
