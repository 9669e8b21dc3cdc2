//! A boat: what one leader has taken aboard, and what it is about to push.
//!
//! Its file stays locked as long as its leader lives, so that nobody takes what is on its way for left
//! behind. A change is in one boat, because renaming its file is what takes it aboard.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use agentsync_core::Timestamp;

use crate::app::ports::queue::Batch;
use crate::ledger::cache::{beside, write_atomic};
use crate::lock::Lock;
use crate::plant::steps;

/// A boat that is ours for as long as the value lives.
pub(super) struct Boat {
    path: PathBuf,
    _alive: Lock,
}

impl Boat {
    /// Makes a boat in the folder of a queue.
    pub(super) fn launch(dir: &Path, now: Timestamp) -> io::Result<Boat> {
        let name = format!("{:020}-{}-{:08x}.boat", now.0, std::process::id(), fastrand::u32(..));
        let path = dir.join(name);
        let fresh = beside(&path);
        let alive = Lock::on_new(&fresh)?;
        steps::try_pass("boat made")?;
        fs::rename(&fresh, &path)?;
        steps::pass("boat launched");
        Ok(Boat { path, _alive: alive })
    }

    /// Takes a boat over whose leader is gone; `None` when it lives, or another process was first.
    pub(super) fn salvage(path: PathBuf) -> Option<Boat> {
        let alive = Lock::alone(File::open(&path).ok()?).ok()??;
        // Whoever had it before us may have cleared it away.
        path.exists().then_some(Boat { path, _alive: alive })
    }

    /// Tells whether a change is aboard of this boat.
    pub(super) fn carries(&self, taken: &Path) -> bool {
        boat_of(taken).as_ref() == Some(&self.path)
    }

    /// Returns where a change that waits lies once it is aboard.
    pub(super) fn seat(&self, waiting: &Path) -> PathBuf {
        let name = self.path.file_stem().unwrap_or_default().to_string_lossy();
        waiting.with_extension(format!("{name}.taken"))
    }

    fn batch_path(&self) -> PathBuf {
        self.path.with_extension("batch")
    }

    /// Returns what is noted of what was about to be pushed.
    pub(super) fn batch(&self) -> Option<Batch> {
        serde_json::from_slice(&fs::read(self.batch_path()).ok()?).ok()
    }

    /// Notes what is about to be pushed.
    pub(super) fn note(&self, batch: &Batch) -> io::Result<()> {
        let text = serde_json::to_vec(batch)?;
        write_atomic(&self.batch_path(), &text)
    }

    /// Strikes out what was noted.
    pub(super) fn clear(&self) {
        steps::pass("before the batch is cleared");
        let _ = fs::remove_file(self.batch_path());
        steps::pass("batch cleared");
    }

    /// Takes the boat away. What is still noted, or aboard, stays for the next leader.
    pub(super) fn scrap(self) {
        let is_noted = self.batch_path().exists();
        if !is_noted {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Returns the file of the boat that a change was taken aboard of.
fn boat_of(taken: &Path) -> Option<PathBuf> {
    let name = taken.file_name()?.to_string_lossy();
    let boat = name.rsplit('.').nth(1)?;
    Some(taken.with_file_name(format!("{boat}.boat")))
}

/// Tells whether the boat that a change was taken aboard of was cleared away, and the change with it.
pub(super) fn is_adrift(taken: &Path) -> bool {
    boat_of(taken).is_none_or(|boat| !boat.exists())
}

/// Returns where a change waited before it was taken aboard.
pub(super) fn unseated(taken: &Path) -> PathBuf {
    taken.with_extension("").with_extension("waiting")
}
