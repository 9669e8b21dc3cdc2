//! Begins the private repository anew when it has gathered too much, with the last few commits.
//!
//! Nothing is asked of the remote, and nobody waits: a thread of a server does it, or a process that a
//! command leaves behind. It may be killed at any point: until the next edition is whole, the old one
//! is the present one, and the old one is only removed when nobody holds it and what it saw is known
//! to the new one.

use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;

use gix::ObjectId;

use super::cache;
use super::editions::{Editions, numbers, path_of, take_alone};
use super::objects::{self, Found};
use super::refs;
use super::site::Site;
use super::walk::{self, Order};
use crate::app::ports::StoreError;
use crate::git::command::{Git, Output};
use crate::lock::Lock;
use crate::plant::steps;

/// More loose objects than this are too many: three of them are one change.
const MAX_LOOSE: u64 = 1_500;
/// More bytes on disk than this are too many. Two editions and what comes meanwhile stay below 20 MB.
const MAX_BYTES: u64 = 6 << 20;
/// How much of the history goes on: enough for whoever is in the middle of a change.
const MAX_COMMITS: u64 = 50;
/// Fewer commits go on where the documents are so large that they would hold more than this.
const MAX_KEPT_BYTES: u64 = 4 << 20;
/// How long an edition that somebody still holds is left alone before it is tried again.
const REST: Duration = Duration::from_secs(5);
/// Of the 256 folders of loose objects, every so many-th is looked into when only a guess is needed.
const SAMPLE: u64 = 64;

/// The file in an edition that says how large it was when it began.
const BORN: &str = "born";

/// Who renews, when it is due.
pub enum Upkeep {
    /// Nobody.
    Off,
    /// A thread of this process, which lives on.
    Thread,
    /// Whatever this starts.
    Started(Box<dyn Fn() + Send + Sync>),
}

/// What lies in an edition.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Load {
    n_loose: u64,
    n_bytes: u64,
}

impl Load {
    /// Tells whether it is too much. A branch that holds other files as well may be large from the start.
    fn is_too_much(self, born: u64) -> bool {
        self.n_loose > MAX_LOOSE || self.n_bytes > MAX_BYTES.max(born.saturating_mul(2))
    }
}

/// Has the private repository renewed, if it seems to be due. Costs a look into a few folders.
pub fn consider(upkeep: &Upkeep, site: &Site, git: &Git, git_dir: &Path) {
    let dir = site.private_dir();
    let is_due = guess(git_dir).is_too_much(born(git_dir)) || numbers(&dir).len() > 1;
    if !is_due || has_just_been_tried(&dir) {
        return;
    }
    match upkeep {
        Upkeep::Off => {}
        Upkeep::Thread => {
            let (site, git) = (site.clone(), git.clone());
            // What does not work now is tried again after the next change.
            std::thread::spawn(move || renew(&site, &git));
        }
        Upkeep::Started(start) => start(),
    }
}

/// Renews the private repository if that is due, and clears older editions away.
pub fn renew(site: &Site, git: &Git) -> Result<(), StoreError> {
    let dir = site.private_dir();
    let fault = |err: &dyn std::fmt::Display| site.cache_fault("renew", &err.to_string());
    let Some(_lock) = lock(&dir).map_err(|err| fault(&err))? else { return Ok(()) };
    steps::pass("renewal begun");
    // A renewal that was killed left it.
    let next = dir.join("next.git");
    if next.exists() {
        fs::remove_dir_all(&next).map_err(|err| fault(&err))?;
    }
    clear(site, git)?;
    let editions = Editions::in_dir(dir.clone(), site.object_format.clone());
    let present = editions.hold()?;
    if !weigh(present.path()).is_too_much(born(present.path())) {
        return Ok(());
    }
    let Some(seen) = refs::seen(site, &present).map_err(|err| fault(&err))? else { return Ok(()) };
    let Found::Document(document) = objects::read_document(&present, seen).map_err(|err| fault(&err))? else {
        return Ok(());
    };
    let n_bytes = u64::try_from(document.as_str().len()).unwrap_or(u64::MAX).max(1);
    copy(site, git, present.path(), &next, (MAX_KEPT_BYTES / n_bytes).clamp(2, MAX_COMMITS))?;
    // Another process may have made an edition by now only if the lock does not work here; then the
    // rename fails, and its edition is as good.
    let number = numbers(&dir).last().copied().unwrap_or(0);
    steps::try_pass("edition copied").map_err(|err| fault(&err))?;
    fs::rename(&next, path_of(&dir, number.saturating_add(1))).map_err(|err| fault(&err))?;
    steps::pass("edition switched");
    drop(present);
    clear(site, git)
}

/// Makes the next edition, with the last commits of the one at `from`.
fn copy(site: &Site, git: &Git, from: &Path, next: &Path, n_commits: u64) -> Result<(), StoreError> {
    let fault = |err: &dyn std::fmt::Display| site.cache_fault("renew", &err.to_string());
    let fresh = cache::open(next, &site.object_format)?.to_thread_local();
    let depth = format!("--depth={n_commits}");
    bring(git, from, next, &depth, refs::SEEN_REF)?;
    steps::pass("edition half copied");
    let tip = refs::seen(site, &fresh).map_err(|err| fault(&err))?.ok_or_else(|| fault(&"nothing came"))?;
    objects::read_document(&fresh, tip).map_err(|err| fault(&err))?;
    refs::set(&fresh, refs::TIP_REF, tip).map_err(|err| fault(&err))?;
    fs::write(next.join(BORN), weigh(next).n_bytes.to_string()).map_err(|err| fault(&err))
}

/// Fetches the last verified tip of the edition at `from` into `name` of the one at `into`, as one pack.
fn bring(git: &Git, from: &Path, into: &Path, depth: &str, name: &str) -> Result<Output, StoreError> {
    let call = git.at(into).config("fetch.unpackLimit=1").args(["fetch", "--quiet", "--no-tags"]);
    let call = call.args(["--no-auto-maintenance", "--no-write-fetch-head", "--no-recurse-submodules"]);
    let call = call.args(["--refmap=", depth, "--end-of-options"]).args([from]);
    let brought = call.args([format!("+{}:{name}", refs::SEEN_REF)]).run().and_then(Output::success);
    brought.map_err(|err| StoreError::Git { doing: "renew the cache".into(), detail: err.to_string() })
}

/// Removes the editions before the present one that nobody holds.
fn clear(site: &Site, git: &Git) -> Result<(), StoreError> {
    let dir = site.private_dir();
    let mut all = numbers(&dir);
    let Some(present) = all.pop() else { return Ok(()) };
    for number in all {
        let old = path_of(&dir, number);
        let Some(_alone) = take_alone(&old) else { continue };
        carry_over(site, git, &old, &path_of(&dir, present))?;
        steps::pass("edition carried over");
        fs::remove_dir_all(&old).map_err(|err| site.cache_fault("renew", &err.to_string()))?;
    }
    Ok(())
}

/// Lets the present edition know what the old one saw last: a call may have gone on in it.
fn carry_over(site: &Site, git: &Git, old: &Path, present: &Path) -> Result<(), StoreError> {
    let fault = |err: String| site.cache_fault("renew", &err);
    let seen_in = |path: &Path| -> Result<(gix::Repository, Option<ObjectId>), StoreError> {
        let repo = cache::open(path, &site.object_format)?.to_thread_local();
        let seen = refs::seen(site, &repo).map_err(fault)?;
        Ok((repo, seen))
    };
    let ((_, Some(theirs)), (repo, Some(ours))) = (seen_in(old)?, seen_in(present)?) else { return Ok(()) };
    let is_here = |repo: &gix::Repository| repo.has_object(theirs);
    if theirs != ours && !is_here(&repo) {
        // One that does not follow from what is here was given up by a repair.
        let _ = bring(git, old, present, "--quiet", "refs/agentsync/carried");
    }
    if theirs != ours && is_here(&repo) && walk::order(&repo, theirs, ours).map_err(fault)? == Order::After {
        refs::set_seen(site, &repo, theirs).map_err(fault)?;
    }
    Ok(())
}

fn lock(dir: &Path) -> io::Result<Option<Lock>> {
    let Some(mut lock) = Lock::at(&dir.join("renew.lock"))? else { return Ok(None) };
    // The file's age says when this was last tried.
    lock.sign()?;
    Ok(Some(lock))
}

fn has_just_been_tried(dir: &Path) -> bool {
    let tried = fs::metadata(dir.join("renew.lock")).and_then(|meta| meta.modified());
    tried.ok().and_then(|at| at.elapsed().ok()).is_some_and(|age| age < REST)
}

fn born(git_dir: &Path) -> u64 {
    fs::read_to_string(git_dir.join(BORN)).ok().and_then(|text| text.trim().parse().ok()).unwrap_or(0)
}

/// Weighs an edition.
fn weigh(git_dir: &Path) -> Load {
    let loose = folders(git_dir, 0, 1).fold(Load::default(), |load, folder| load.with(&folder));
    loose.and_packs(git_dir)
}

/// Guesses how much an edition holds, from some of its folders, each time from others.
fn guess(git_dir: &Path) -> Load {
    let some = folders(git_dir, fastrand::u64(..SAMPLE), SAMPLE);
    let loose = some.fold(Load::default(), |load, folder| load.with(&folder));
    let all = Load { n_loose: loose.n_loose * SAMPLE, n_bytes: loose.n_bytes * SAMPLE };
    all.and_packs(git_dir)
}

/// Returns every `step`-th folder of loose objects.
fn folders(git_dir: &Path, first: u64, step: u64) -> impl Iterator<Item = std::path::PathBuf> {
    let objects = git_dir.join("objects");
    let step = usize::try_from(step).unwrap_or(1);
    (first..256).step_by(step).map(move |number| objects.join(format!("{number:02x}")))
}

impl Load {
    fn with(self, folder: &Path) -> Load {
        let (n_files, n_bytes) = size_of(folder);
        Load { n_loose: self.n_loose + n_files, n_bytes: self.n_bytes + n_bytes }
    }

    fn and_packs(self, git_dir: &Path) -> Load {
        let (_, n_bytes) = size_of(&git_dir.join("objects/pack"));
        Load { n_bytes: self.n_bytes + n_bytes, ..self }
    }
}

/// Counts the files of a folder and the bytes they take on disk, in blocks as most disks have them.
fn size_of(folder: &Path) -> (u64, u64) {
    const BLOCK: u64 = 4096;
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    let sizes = files.filter_map(|file| file.metadata().ok()).map(|meta| meta.len());
    sizes.fold((0, 0), |(n_files, n_bytes), size| (n_files + 1, n_bytes + size.div_ceil(BLOCK) * BLOCK))
}
