//! Who leads: whoever has the lock on one file of the queue's folder.
//!
//! Those who wait ask for it again and again, so the file is opened once; a look costs one call of the system.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::lock::{Lock, is_at};

/// The lock that the leader of a clone has, as one process sees it.
pub(super) struct Helm {
    path: PathBuf,
    seat: Mutex<Seat>,
}

/// The file, once it is open, and whether a thread of this process has its lock.
///
/// To the system all threads that use one opened file are one owner.
#[derive(Default)]
struct Seat {
    file: Option<File>,
    is_taken: bool,
}

/// The lead, as long as the value lives.
pub(super) struct AtHelm<'a> {
    helm: &'a Helm,
    lock: Option<Lock>,
}

impl Helm {
    /// Returns the lock of the queue in `dir`.
    pub(super) fn in_dir(dir: &Path) -> Helm {
        Helm { path: dir.join("lead.lock"), seat: Mutex::default() }
    }

    /// Takes the lead; `None` while somebody else has it.
    pub(super) fn take(&self) -> io::Result<Option<AtHelm<'_>>> {
        let mut seat = self.seat();
        if seat.is_taken {
            return Ok(None);
        }
        let mut lock = match &seat.file {
            Some(file) => Lock::of(file)?,
            None => None,
        };
        let is_old = seat.file.is_some();
        if !is_old || (lock.is_some() && !is_at(seat.file.as_ref(), &self.path)) {
            // The folder was cleared away meanwhile.
            drop(lock);
            lock = Lock::of(seat.file.insert(self.open()?))?;
        }
        let Some(mut lock) = lock else { return Ok(None) };
        lock.sign()?;
        seat.is_taken = true;
        Ok(Some(AtHelm { helm: self, lock: Some(lock) }))
    }

    fn open(&self) -> io::Result<File> {
        let open = || File::options().create(true).truncate(false).write(true).open(&self.path);
        match open() {
            Err(err) if err.kind() == io::ErrorKind::NotFound => {
                fs::create_dir_all(self.path.parent().unwrap_or(&self.path))?;
                open()
            }
            opened => opened,
        }
    }

    fn seat(&self) -> MutexGuard<'_, Seat> {
        self.seat.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for AtHelm<'_> {
    fn drop(&mut self) {
        let mut seat = self.helm.seat();
        // In this order: another thread would have the lock through the same file, and we would give it back.
        drop(self.lock.take());
        seat.is_taken = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_leads_in_a_process_and_among_processes() {
        let dir = tempfile::tempdir().unwrap();
        let (one, other) = (Helm::in_dir(&dir.path().join("q")), Helm::in_dir(&dir.path().join("q")));
        for _ in 0..2 {
            let lead = one.take().unwrap().unwrap();
            assert!(one.take().unwrap().is_none(), "another thread");
            assert!(other.take().unwrap().is_none(), "another process");
            drop(lead);
            drop(other.take().unwrap().unwrap());
        }
    }

    #[test]
    fn a_folder_that_was_cleared_away_is_noticed() {
        let dir = tempfile::tempdir().unwrap();
        let (one, other) = (Helm::in_dir(dir.path()), Helm::in_dir(dir.path()));
        drop(one.take().unwrap().unwrap());
        fs::remove_file(dir.path().join("lead.lock")).unwrap();
        let lead = other.take().unwrap().unwrap();
        assert!(one.take().unwrap().is_none());
        drop(lead);
        assert!(one.take().unwrap().is_some());
    }
}
