//! What a clone hands to the others of its machine: the tip it has just pushed.
//!
//! Whoever writes next copies the few objects and pushes on top at once, without asking the remote
//! first. The tip is a hint: the lease of the push says whether it was right.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use agentsync_core::Timestamp;
use gix::ObjectId;
use gix::prelude::Write as _;
use serde::{Deserialize, Serialize};

use super::cache::{write_atomic, write_hint};
use super::objects::{self, ObjectResult};

/// Longer chains are left to a fetch.
const MAX_COMMITS: usize = 16;

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
    let _ = serde_json::to_vec(&left).map(|text| write_hint(&file_in(dir), &text));
}

/// Returns what was left last.
pub fn look(dir: &Path) -> Option<(ObjectId, Handover)> {
    let left: Handover = serde_json::from_slice(&fs::read(file_in(dir)).ok()?).ok()?;
    Some((ObjectId::from_hex(left.tip.as_bytes()).ok()?, left))
}

/// Copies the commits up to `tip` that `repo` lacks; `false` when they do not connect to what it has.
///
/// A repository that has seen nothing yet (`is_new`) gets the tip alone, as a first fetch would bring it.
pub fn import(repo: &gix::Repository, cache: &Path, tip: ObjectId, is_new: bool) -> ObjectResult<bool> {
    // Looking for what is not there would read the folders anew each time.
    let mut repo = repo.clone();
    repo.objects.refresh_never();
    let options = gix::open::Options::isolated().open_path_as_is(true);
    let theirs = gix::ThreadSafeRepository::open_opts(cache, options).map_err(|err| err.to_string())?;
    let theirs = theirs.to_thread_local();
    let mut chain = Vec::new();
    let mut next = Some(tip);
    while let Some(id) = next.filter(|id| !repo.has_object(*id)) {
        let Some(commit) = objects::read_commit(&theirs, id)? else { return Ok(false) };
        let (Some(claims), true) = (commit.claims, commit.is_alone) else { return Ok(false) };
        if commit.parents.len() > 1 || chain.len() == MAX_COMMITS {
            return Ok(false);
        }
        next = commit.parents.first().copied().filter(|_| !is_new);
        chain.push([claims, commit.tree, id]);
    }
    if is_new && !mark_shallow(repo.git_dir(), tip) {
        return Ok(false);
    }
    // The oldest first, and each after what it names, so that nothing is ever half there.
    for id in chain.into_iter().rev().flatten() {
        let loose = copy(cache, repo.git_dir(), id);
        if loose.is_err() {
            let object = theirs.find_object(id).map_err(|err| err.to_string())?;
            repo.write_buf(object.kind, &object.data).map_err(|err| err.to_string())?;
        }
    }
    Ok(true)
}

/// Notes that the history of `tip` is not here; `false` when something else is noted already.
fn mark_shallow(git_dir: &Path, tip: ObjectId) -> bool {
    let file = fs::File::create_new(git_dir.join("shallow"));
    file.and_then(|mut file| writeln!(file, "{tip}")).is_ok()
}

/// Copies a loose object. It is named for its content, so nothing can be overwritten by it.
fn copy(from: &Path, to: &Path, id: ObjectId) -> io::Result<()> {
    let hex = id.to_string();
    let (folder, name) = hex.split_at(2);
    let path = |root: &Path| root.join("objects").join(folder).join(name);
    let (from, to) = (path(from), path(to));
    if to.exists() {
        return Ok(());
    }
    let bytes = fs::read(from)?;
    match write_atomic(&to, &bytes) {
        Err(err) if err.kind() == io::ErrorKind::NotFound => {
            fs::create_dir_all(to.parent().unwrap_or(&to))?;
            write_atomic(&to, &bytes)
        }
        written => written,
    }
}
