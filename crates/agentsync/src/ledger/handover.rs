//! What a clone hands to the others of its machine: the tip it has just pushed.
//!
//! Whoever writes next copies the few objects and pushes on top at once, without asking the remote
//! first. The tip is a hint: the lease of the push says whether it was right.

use std::path::{Path, PathBuf};

use agentsync_core::Timestamp;
use gix::ObjectId;
use gix::prelude::Write as _;
use serde::{Deserialize, Serialize};

use super::cache::write_atomic;
use super::objects::{self, CLAIMS_FILE, ObjectResult};

/// Longer chains are left to a fetch.
const MAX_COMMITS: usize = 64;

/// A tip that was pushed from this machine.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Handover {
    /// The tip, in hex.
    pub tip: String,
    /// The private repository that has its objects.
    pub cache: PathBuf,
    /// When it was pushed.
    pub at: i64,
}

fn file_in(dir: &Path) -> PathBuf {
    dir.join("latest.json")
}

/// Leaves a tip for the others.
pub fn leave(dir: &Path, tip: ObjectId, cache: &Path, at: Timestamp) {
    let left = Handover { tip: tip.to_string(), cache: cache.to_owned(), at: at.0 };
    // Without it the next one asks the remote, which is right too.
    let _ = serde_json::to_vec(&left).map(|text| write_atomic(&file_in(dir), &text));
}

/// Returns what was left last.
pub fn look(dir: &Path) -> Option<(ObjectId, Handover)> {
    let left: Handover = serde_json::from_slice(&std::fs::read(file_in(dir)).ok()?).ok()?;
    Some((ObjectId::from_hex(left.tip.as_bytes()).ok()?, left))
}

/// Copies the commits up to `tip` that `repo` lacks; `false` when they do not connect to what it has.
pub fn import(repo: &gix::Repository, cache: &Path, tip: ObjectId) -> ObjectResult<bool> {
    if repo.has_object(tip) {
        return Ok(true);
    }
    let options = gix::open::Options::isolated().open_path_as_is(true);
    let theirs = gix::ThreadSafeRepository::open_opts(cache, options).map_err(|err| err.to_string())?;
    let theirs = theirs.to_thread_local();
    let mut chain = Vec::new();
    let mut next = Some(tip);
    while let Some(id) = next.filter(|id| !repo.has_object(*id)) {
        let Some(commit) = objects::read_commit(&theirs, id)? else { return Ok(false) };
        if commit.parents.len() != 1 || chain.len() == MAX_COMMITS {
            return Ok(false);
        }
        next = commit.parents.first().copied();
        chain.push(id);
    }
    // The oldest first, and each after what it names, so that nothing is ever half there.
    for id in chain.into_iter().rev() {
        if !copy_commit(repo, &theirs, id)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Copies a commit whose tree holds the document alone.
fn copy_commit(repo: &gix::Repository, theirs: &gix::Repository, id: ObjectId) -> ObjectResult<bool> {
    let commit = theirs.find_commit(id).map_err(|err| err.to_string())?;
    let tree = commit.tree().map_err(|err| err.to_string())?;
    let mut entries = tree.iter().filter_map(Result::ok);
    let (only, none) = (entries.next(), entries.next());
    let Some(blob) = only.filter(|entry| entry.filename() == CLAIMS_FILE && none.is_none()) else {
        return Ok(false);
    };
    for id in [blob.object_id(), tree.id, id] {
        let object = theirs.find_object(id).map_err(|err| err.to_string())?;
        let copied = repo.write_buf(object.kind, &object.data).map_err(|err| err.to_string())?;
        if copied != id {
            return Ok(false);
        }
    }
    Ok(true)
}
