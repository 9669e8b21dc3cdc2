//! The process in the background that keeps the copy of the board young and writes what waits.
//!
//! One for each board in a clone: whoever holds the lock. It may be killed at any moment; the next
//! hook starts another.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::ledger::cache::write_atomic;

/// The right to be the keeper; it ends with its process.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

fn lock_file(desk: &Path) -> PathBuf {
    desk.join("keeper.lock")
}

/// Takes the right to be the keeper, unless another process has it.
pub fn try_lock(desk: &Path) -> Option<Lock> {
    fs::create_dir_all(desk).ok()?;
    let mut file = File::options().create(true).truncate(false).write(true).open(lock_file(desk)).ok()?;
    file.try_lock().ok()?;
    // Who it is, for whoever looks into it.
    let _ = file.set_len(0).and_then(|()| write!(file, "{}", std::process::id()));
    Some(Lock { _file: file })
}

/// Tells whether a keeper is at work.
pub fn is_at_work(desk: &Path) -> bool {
    File::options().write(true).open(lock_file(desk)).is_ok_and(|file| file.try_lock().is_err())
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
