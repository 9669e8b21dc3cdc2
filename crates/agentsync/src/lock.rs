//! Locks on files, which end with their process, however that ends. The one door to them.
//!
//! A lock is given back on purpose when its value goes, not only by closing the file: a child that
//! another thread is starting at that moment has the file open too, until it runs its program.
#![expect(clippy::disallowed_methods, reason = "this is the door")]

use std::fs::{File, TryLockError};
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::Path;

/// A lock that is had, until the value goes.
#[derive(Debug)]
pub struct Lock {
    file: File,
}

impl Lock {
    /// Takes the lock on the file at `path`, which is made when it is not there; `None` while somebody else has it.
    pub fn at(path: &Path) -> io::Result<Option<Lock>> {
        Lock::alone(open(path)?)
    }

    /// Takes the lock on a file for oneself alone; `None` while anybody else has it.
    pub fn alone(file: File) -> io::Result<Option<Lock>> {
        had(file.try_lock(), file)
    }

    /// Takes the lock on a file that stays open for the next try; `None` while anybody else has it.
    pub fn of(file: &File) -> io::Result<Option<Lock>> {
        match file.try_lock() {
            Ok(()) => match file.try_clone() {
                Ok(file) => Ok(Some(Lock { file })),
                Err(err) => file.unlock().and(Err(err)),
            },
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(err)) => Err(err),
        }
    }

    /// Takes a share in the lock on a file; `None` while somebody has it alone.
    pub fn shared(file: File) -> io::Result<Option<Lock>> {
        had(file.try_lock_shared(), file)
    }

    /// Makes a file and takes its lock: where it must be had before others know of the file.
    pub fn on_new(path: &Path) -> io::Result<Lock> {
        Lock::alone(File::create_new(path)?)?.ok_or_else(|| io::ErrorKind::WouldBlock.into())
    }

    /// Notes in the file which process has the lock, for whoever looks into it.
    ///
    /// All ids are equally wide, since cutting a file off first is slow on some file systems.
    pub fn sign(&mut self) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(format!("{:<10}\n", std::process::id()).as_bytes())
    }

    /// Returns the file that is locked.
    pub fn file(&self) -> &File {
        &self.file
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // What cannot be given back goes with the last who has the file open.
        let _ = self.file.unlock();
    }
}

/// Opens the file of a lock, which is made when it is not there.
pub fn open(path: &Path) -> io::Result<File> {
    File::options().create(true).truncate(false).write(true).open(path)
}

fn had(tried: Result<(), TryLockError>, file: File) -> io::Result<Option<Lock>> {
    match tried {
        Ok(()) => Ok(Some(Lock { file })),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(err)) => Err(err),
    }
}

/// Tells whether an open file is the one at `path`, and was not removed or replaced since.
#[cfg(unix)]
pub fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;

    let found = file.metadata().ok().zip(std::fs::metadata(path).ok());
    found.is_some_and(|(open, there)| (open.dev(), open.ino()) == (there.dev(), there.ino()))
}

/// Tells whether an open file is the one at `path`: here a file that is open cannot be removed.
#[cfg(not(unix))]
pub fn is_at(_: &File, path: &Path) -> bool {
    path.exists()
}

/// Tells whether a file is there and nobody has its lock any more.
pub fn is_abandoned(path: &Path) -> bool {
    File::open(path).is_ok_and(|file| matches!(Lock::alone(file), Ok(Some(_))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_had_by_one_or_shared_by_many() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.lock");
        assert!(!is_abandoned(&path));
        let mut lock = Lock::at(&path).unwrap().unwrap();
        lock.sign().unwrap();
        assert!(Lock::at(&path).unwrap().is_none());
        assert!(!is_abandoned(&path));
        drop(lock);
        assert!(is_abandoned(&path));
        let signed = std::fs::read_to_string(&path).unwrap();
        assert_eq!(signed.trim_end(), std::process::id().to_string());
        let shares = [(); 2].map(|()| Lock::shared(File::open(&path).unwrap()).unwrap().unwrap());
        assert!(Lock::at(&path).unwrap().is_none());
        drop(shares);
        assert!(Lock::at(&path).unwrap().is_some());
    }

    #[test]
    fn a_lock_is_given_back_though_somebody_else_has_the_file_open() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.lock");
        let lock = Lock::at(&path).unwrap().unwrap();
        // As a child has it between its fork and its exec.
        let inherited = lock.file.try_clone().unwrap();
        assert!(Lock::at(&path).unwrap().is_none());
        drop(lock);
        assert!(Lock::at(&path).unwrap().is_some());
        drop(inherited);
    }
}
