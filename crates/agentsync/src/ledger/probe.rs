//! What else can be asked of the board when something does not work.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use agentsync_core::Timestamp;

use super::git_store::GitStore;
use super::objects;
use crate::app::ports::clone::{BoardProbe, HubFiles};

/// Nobody holds a lock of a reference for so long.
const LONG: Duration = Duration::from_secs(10);

impl BoardProbe for GitStore {
    fn hub_files(&self) -> Option<HubFiles> {
        let path = hub_path(self)?;
        let stale_locks = lock_paths(&path, &self.site.branch.to_ref());
        Some(HubFiles {
            stale_locks: stale_locks.into_iter().filter(|lock| is_stale(lock)).collect(),
            n_quarantines: n_quarantines(&path),
            is_hardened: is_hardened(&path),
            path,
        })
    }

    fn board_size(&self) -> Option<u64> {
        let repo = self.repo().ok()?;
        let seen = self.seen(&repo).ok()??;
        let blob = objects::read_commit(&repo, seen).ok()??.claims?;
        repo.find_header(blob).ok().map(|header| header.size())
    }

    fn newest_commit_at(&self) -> Option<Timestamp> {
        let repo = self.repo().ok()?;
        let seen = self.seen(&repo).ok()??;
        objects::read_commit(&repo, seen).ok()?.map(|commit| commit.at)
    }
}

/// Returns the git folder of the repository that holds the board, if a path leads there.
fn hub_path(store: &GitStore) -> Option<PathBuf> {
    let Some(remote) = &store.site.remote else { return Some(store.site.common_dir.clone()) };
    let address = remote.push_url.strip_prefix("file://").unwrap_or(&remote.push_url);
    // `host:path` has its colon before any slash, and every other scheme has one, too.
    let is_path = !address.split('/').next().unwrap_or_default().contains(':');
    let path = is_path.then(|| store.git.cwd.join(address))?;
    [path.join(".git"), path].into_iter().find(|path| path.join("HEAD").is_file())
}

/// Names the files that a push to `full_name` creates to keep others out while it moves the reference.
fn lock_paths(hub: &Path, full_name: &str) -> Vec<PathBuf> {
    let names = [&format!("{full_name}.lock"), "packed-refs.lock", "reftable/tables.list.lock"];
    names.map(|name| hub.join(name)).into_iter().collect()
}

fn is_stale(lock: &Path) -> bool {
    let written = fs::symlink_metadata(lock).and_then(|meta| meta.modified());
    written.is_ok_and(|at| at.elapsed().is_ok_and(|age| age >= LONG))
}

fn n_quarantines(hub: &Path) -> usize {
    let entries = fs::read_dir(hub.join("objects")).into_iter().flatten().flatten();
    let is_quarantine = |entry: &fs::DirEntry| {
        let is_old = || is_stale(&entry.path());
        entry.file_name().to_string_lossy().starts_with("tmp_objdir-incoming-") && is_old()
    };
    entries.filter(is_quarantine).count()
}

/// Tells whether the repository's own configuration makes git write loose objects and references
/// through to the disk. By default it does neither.
fn is_hardened(hub: &Path) -> bool {
    let options = gix::open::Options::isolated().open_path_as_is(true);
    let Ok(repo) = gix::open_opts(hub, options) else { return false };
    let config = repo.config_snapshot();
    let value = config.string("core.fsync").map(|value| value.to_string()).unwrap_or_default();
    hardens(&value)
}

/// Reads `core.fsync`: components in their order, a `-` before one takes it out again.
fn hardens(value: &str) -> bool {
    let (mut objects, mut references) = (false, false);
    for word in value.split([',', ' ']).map(str::trim) {
        let (is_on, word) = match word.strip_prefix('-') {
            Some(word) => (false, word),
            None => (true, word),
        };
        match word {
            "none" => (objects, references) = (false, false),
            "all" | "added" | "committed" => (objects, references) = (is_on, is_on),
            "objects" | "loose-object" => objects = is_on,
            "reference" => references = is_on,
            _ => {}
        }
    }
    objects && references
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r_15_only_objects_and_references_together_survive_a_power_loss() {
        for value in ["committed", "all", "added", "objects,reference", "loose-object, reference"] {
            assert!(hardens(value), "{value}");
        }
        for value in
            ["", "none", "objects", "reference", "committed,-loose-object", "all,-reference", "index"]
        {
            assert!(!hardens(value), "{value}");
        }
    }
}
