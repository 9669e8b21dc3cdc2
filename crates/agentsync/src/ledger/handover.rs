//! What a clone hands to the others of its machine: the tip it has just pushed.
//!
//! Whoever writes next copies the few objects and pushes on top at once, without asking the remote
//! first. The tip is a hint: the lease of the push says whether it was right.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use agentsync_core::Timestamp;
use gix::ObjectId;
use gix::prelude::Write as _;
use serde::{Deserialize, Serialize};

use super::cache::{write_atomic, write_hint};
use super::objects::{self, ObjectResult};

/// Longer chains are left to a fetch.
const MAX_COMMITS: usize = 64;
/// How many tips that were pushed before are remembered.
const MAX_BEFORE: usize = MAX_COMMITS;

/// A tip that was pushed from this machine.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Handover {
    /// The tip, in hex.
    pub tip: String,
    /// The private repository that has its objects.
    pub cache: PathBuf,
    /// When it was pushed.
    pub at: i64,
    /// Tips that were pushed before it, the latest first, each with the repository that has its objects: a young
    /// one has no more than what came after its own first look.
    #[serde(default)]
    before: Vec<(String, PathBuf)>,
}

impl Handover {
    /// Returns the repository from which a tip was pushed before.
    fn pushed_from(&self, id: ObjectId) -> Option<&Path> {
        let hex = id.to_string();
        self.before.iter().find(|(tip, _)| *tip == hex).map(|(_, cache)| cache.as_path())
    }
}

fn file_in(dir: &Path) -> PathBuf {
    dir.join("latest.json")
}

/// Leaves a tip for the others.
pub fn leave(dir: &Path, tip: ObjectId, cache: &Path, at: Timestamp) {
    let last = look(dir).map(|(_, last)| last);
    let before = last.into_iter().flat_map(|last| std::iter::once((last.tip, last.cache)).chain(last.before));
    let before = before.take(MAX_BEFORE).collect();
    let left = Handover { tip: tip.to_string(), cache: cache.to_owned(), at: at.0, before };
    // Without it the next one asks the remote, which is right too.
    let _ = serde_json::to_vec(&left).map(|text| write_hint(&file_in(dir), &text));
}

/// Returns what was left last.
pub fn look(dir: &Path) -> Option<(ObjectId, Handover)> {
    let left: Handover = serde_json::from_slice(&fs::read(file_in(dir)).ok()?).ok()?;
    Some((ObjectId::from_hex(left.tip.as_bytes()).ok()?, left))
}

/// Copies the commits up to the tip that was handed over and that `repo` lacks; `false` when they do not connect
/// to what it has.
///
/// A repository that has seen nothing yet (`is_new`) gets the tip alone, as a first fetch would bring it.
pub fn import(repo: &gix::Repository, left: &Handover, tip: ObjectId, is_new: bool) -> ObjectResult<bool> {
    // Looking for what is not there would read the folders anew each time.
    let mut repo = repo.clone();
    repo.objects.refresh_never();
    let mut source = Rc::new(Source::open(&left.cache)?);
    let mut chain = Vec::new();
    let mut next = Some(tip);
    while let Some(id) = next.filter(|id| !repo.has_object(*id)) {
        let mut found = objects::read_commit(&source.repo, id)?;
        if let (None, Some(cache)) = (&found, left.pushed_from(id)) {
            source = Rc::new(Source::open(cache)?);
            found = objects::read_commit(&source.repo, id)?;
        }
        let Some(commit) = found else { return Ok(false) };
        let (Some(claims), true) = (commit.claims, commit.is_alone) else { return Ok(false) };
        if commit.parents.len() > 1 || chain.len() == MAX_COMMITS {
            return Ok(false);
        }
        next = commit.parents.first().copied().filter(|_| !is_new);
        chain.push((Rc::clone(&source), [claims, commit.tree, id]));
    }
    if is_new && !mark_shallow(repo.git_dir(), tip) {
        return Ok(false);
    }
    // The oldest first, and each after what it names, so that nothing is ever half there.
    for (source, objects) in chain.into_iter().rev() {
        for id in objects {
            let loose = copy(&source.cache, repo.git_dir(), id);
            if loose.is_err() {
                let object = source.repo.find_object(id).map_err(|err| err.to_string())?;
                repo.write_buf(object.kind, &object.data).map_err(|err| err.to_string())?;
            }
        }
    }
    Ok(true)
}

/// A private repository of another clone.
struct Source {
    cache: PathBuf,
    repo: gix::Repository,
}

impl Source {
    fn open(cache: &Path) -> ObjectResult<Source> {
        let options = gix::open::Options::isolated().open_path_as_is(true);
        let repo = gix::ThreadSafeRepository::open_opts(cache, options).map_err(|err| err.to_string())?;
        Ok(Source { cache: cache.to_owned(), repo: repo.to_thread_local() })
    }
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
