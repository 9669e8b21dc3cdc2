//! The process in the background that keeps the copy of the board young and writes what waits.
//!
//! One for each board in a clone: whoever holds the lock. It may be killed at any moment; the next
//! hook starts another.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::ledger::cache::write_atomic;
use crate::lock::{Lock, is_abandoned};

fn lock_file(desk: &Path) -> PathBuf {
    desk.join("keeper.lock")
}

/// Takes the right to be the keeper, unless another process has it.
pub fn try_lock(desk: &Path) -> Option<Lock> {
    fs::create_dir_all(desk).ok()?;
    let mut lock = Lock::at(&lock_file(desk)).ok()??;
    let _ = lock.sign();
    Some(lock)
}

/// Tells whether a keeper is at work.
pub fn is_at_work(desk: &Path) -> bool {
    let file = lock_file(desk);
    file.exists() && !is_abandoned(&file)
}

#[derive(Serialize, Deserialize)]
struct Failed {
    why: String,
}

fn failure_file(desk: &Path) -> PathBuf {
    desk.join("failure.json")
}

/// Notes why the board could not be asked, or that it could.
pub fn note_failure(desk: &Path, why: Option<&str>) {
    let _ = match why {
        None => fs::remove_file(failure_file(desk)),
        Some(why) => serde_json::to_vec(&Failed { why: why.to_owned() })
            .map_err(std::io::Error::from)
            .and_then(|text| write_atomic(&failure_file(desk), &text)),
    };
}

/// Returns why the board could not be asked when it was last tried.
pub fn last_failure(desk: &Path) -> Option<String> {
    let failed: Failed = serde_json::from_slice(&fs::read(failure_file(desk)).ok()?).ok()?;
    Some(failed.why)
}
