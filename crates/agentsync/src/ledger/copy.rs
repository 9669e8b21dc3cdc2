//! The copy of the board that hooks read: one small file, no repository to open.
//!
//! Whoever confirms a tip leaves it. It is never written from, and never older than it says.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

use agentsync_core::{Board, Claim, Entry, Timestamp};
use serde::{Deserialize, Serialize};

use super::cache::write_atomic;

/// How many of the newest notes the copy has.
const MAX_NOTES: usize = 20;

/// The file's content. The tip stands first, so that it can be looked at alone.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Copy {
    /// The tip, in hex; `None` while there is no branch.
    pub tip: Option<String>,
    /// When it was confirmed, or later: see [`super::recency`].
    pub at: i64,
    /// The board.
    pub board: Board,
}

/// Leaves a copy of `board` at `tip`, unless the file has it.
pub fn leave(path: &Path, tip: Option<&str>, board: &Board, at: Timestamp) {
    // An empty board's copy is small, and its time is nowhere else.
    if tip.is_some() && begins_with(path, &head(tip)).unwrap_or(false) {
        return;
    }
    let copy = Copy { tip: tip.map(str::to_owned), at: at.0, board: trimmed(board) };
    // Without it a hook asks the remote, which is right too.
    let _ = serde_json::to_vec(&copy).map(|text| write_atomic(path, &text));
}

/// Reads the copy; `None` when there is none, or one of another version.
pub fn load(path: &Path) -> Option<Copy> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

fn head(tip: Option<&str>) -> String {
    format!("{{\"tip\":\"{}\"", tip.unwrap_or_default())
}

fn begins_with(path: &Path, head: &str) -> io::Result<bool> {
    let mut found = vec![0; head.len()];
    File::open(path)?.read_exact(&mut found)?;
    Ok(found == head.as_bytes())
}

/// Leaves out what no hook looks at.
fn trimmed(board: &Board) -> Board {
    let active = board.claims.iter().filter(|(_, entry)| entry.is_active());
    let claims = active.map(|(key, entry)| (key.clone(), trimmed_entry(entry))).collect();
    let n_old = board.notes.len().saturating_sub(MAX_NOTES);
    Board {
        claims,
        notes: board.notes.iter().skip(n_old).cloned().collect(),
        waiting: board.waiting.clone(),
        superseded: board.superseded.clone(),
        generation: board.generation,
    }
}

fn trimmed_entry(entry: &Entry) -> Entry {
    match entry {
        Entry::Unreadable { .. } => entry.clone(),
        Entry::Claim(claim) => {
            let bare = Claim { changed_files: None, extra: Vec::new(), note: None, ..(**claim).clone() };
            Entry::Claim(Box::new(bare))
        }
    }
}
