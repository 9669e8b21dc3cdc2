//! Who leads: whoever has the lock on one file of the queue's folder.
//!
//! Those who wait ask for it again and again, so the file is opened once; a look costs one call of the system.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::lock::{self, Lock, is_at};

/// The lock that the leader of a clone has, as one process sees it.
pub(super) struct Helm {
    path: PathBuf,
    tiller: Mutex<Tiller>,
}

/// The file, once it is open, and whether a thread of this process has its lock.
///
/// To the system all threads that use one opened file are one owner.
#[derive(Default)]
struct Tiller {
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
        Helm { path: dir.join("lead.lock"), tiller: Mutex::default() }
    }

    /// Takes the lead; `None` while somebody else has it.
    pub(super) fn take(&self) -> io::Result<Option<AtHelm<'_>>> {
        let mut tiller = self.tiller();
        if tiller.is_taken {
            return Ok(None);
        }
        if let Some(file) = &tiller.file {
            let Some(lock) = Lock::of(file)? else { return Ok(None) };
            if is_at(file, &self.path) {
                return self.have(&mut tiller, lock).map(Some);
            }
            // The folder was cleared away meanwhile.
        }
        let lock = Lock::of(tiller.file.insert(self.open()?))?;
        lock.map(|lock| self.have(&mut tiller, lock)).transpose()
    }

    fn have(&self, tiller: &mut Tiller, mut lock: Lock) -> io::Result<AtHelm<'_>> {
        lock.sign()?;
        tiller.is_taken = true;
        Ok(AtHelm { helm: self, lock: Some(lock) })
    }

    fn open(&self) -> io::Result<File> {
        match lock::open(&self.path) {
            Err(err) if err.kind() == io::ErrorKind::NotFound => {
                fs::create_dir_all(self.path.parent().unwrap_or(&self.path))?;
                lock::open(&self.path)
            }
            opened => opened,
        }
    }

    fn tiller(&self) -> MutexGuard<'_, Tiller> {
        self.tiller.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for AtHelm<'_> {
    fn drop(&mut self) {
        let mut tiller = self.helm.tiller();
        // In this order: another thread would have the lock through the same file, and we would give it back.
        drop(self.lock.take());
        tiller.is_taken = false;
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
