//! The editions of the private repository: when one has grown, the next begins with its last commits.
//!
//! `board.git` is the first, `board-1.git` the next; the highest number is the present one, and a new
//! one appears whole, by a rename. Every call holds the edition it began with until it ends: a lock
//! that all holders share, and that whoever removes an edition must have alone.

use std::fs::{self, File};
use std::io;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::cache;
use crate::app::ports::StoreError;
use crate::lock::Lock;
use crate::plant::steps;

/// The file in an edition that its holders lock together.
const IN_USE: &str = "in-use.lock";
/// How often an edition that goes away under us is looked for again.
const MAX_LOOKS: u32 = 100;

/// The editions in a folder.
#[derive(Debug)]
pub struct Editions {
    dir: PathBuf,
    object_format: String,
    opened: Mutex<Option<Opened>>,
}

#[derive(Debug, Clone)]
struct Opened {
    number: u32,
    repo: gix::ThreadSafeRepository,
}

/// A repository that stays where it is as long as this value lives.
pub struct Held {
    repo: gix::Repository,
    _in_use: Option<Lock>,
}

impl Held {
    /// Holds a repository that nobody removes.
    pub fn lasting(repo: gix::Repository) -> Held {
        Held { repo, _in_use: None }
    }

    /// Opens the same repository once more, which this one goes on holding.
    pub fn anew(&self) -> Result<gix::Repository, String> {
        let options = gix::open::Options::isolated().open_path_as_is(true);
        gix::open_opts(self.repo.path(), options).map_err(|err| err.to_string())
    }
}

impl Deref for Held {
    type Target = gix::Repository;

    fn deref(&self) -> &gix::Repository {
        &self.repo
    }
}

impl Editions {
    /// Returns the editions in `dir`, which exists.
    pub fn in_dir(dir: PathBuf, object_format: String) -> Editions {
        Editions { dir, object_format, opened: Mutex::default() }
    }

    /// Opens the present edition, making the first when there is none, and holds it.
    pub fn hold(&self) -> Result<Held, StoreError> {
        for _ in 0..MAX_LOOKS {
            let number = numbers(&self.dir).last().copied().unwrap_or(0);
            let path = path_of(&self.dir, number);
            let opened = self.open(number, &path)?;
            // Somebody removes it, since there is a later one.
            let Ok(in_use) = share(&path) else { continue };
            // One that was removed before we had the lock may just have been made anew, and empty.
            if numbers(&self.dir).last() == Some(&number) {
                steps::pass("edition held");
                return Ok(Held { repo: opened.repo.to_thread_local(), _in_use: in_use });
            }
        }
        let detail = "it keeps being removed".to_owned();
        Err(StoreError::Cache { doing: "read".into(), path: self.dir.clone(), detail })
    }

    fn open(&self, number: u32, path: &Path) -> Result<Opened, StoreError> {
        let mut known = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(opened) = known.as_ref().filter(|opened| opened.number == number && is_there(path)) {
            return Ok(opened.clone());
        }
        let opened = Opened { number, repo: cache::open(path, &self.object_format)? };
        super::sweep::sweep(path);
        *known = Some(opened.clone());
        Ok(opened)
    }
}

fn is_there(path: &Path) -> bool {
    path.join("HEAD").is_file()
}

/// Shares in the lock on an edition; an error while somebody has it alone.
///
/// Where nothing can be locked or written, nothing is ever removed either.
fn share(path: &Path) -> io::Result<Option<Lock>> {
    match File::options().create(true).append(true).open(path.join(IN_USE)) {
        Ok(file) => match Lock::shared(file) {
            Ok(Some(lock)) => Ok(Some(lock)),
            Ok(None) => Err(io::ErrorKind::WouldBlock.into()),
            Err(_) => Ok(None),
        },
        Err(err) if err.kind() == io::ErrorKind::NotFound => Err(err),
        Err(_) => Ok(None),
    }
}

/// Takes the lock on an edition alone; `None` while anybody holds it.
pub(super) fn take_alone(path: &Path) -> Option<Lock> {
    let file = File::options().create(true).append(true).open(path.join(IN_USE)).ok()?;
    Lock::alone(file).ok()?
}

/// Returns the numbers of the editions in `dir`, the oldest first.
pub(super) fn numbers(dir: &Path) -> Vec<u32> {
    let names = fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.file_name());
    let mut numbers: Vec<u32> = names.filter_map(|name| number_of(name.to_str()?)).collect();
    numbers.sort_unstable();
    numbers
}

fn number_of(name: &str) -> Option<u32> {
    match name.strip_prefix("board")?.strip_suffix(".git")? {
        "" => Some(0),
        number => number.strip_prefix('-')?.parse().ok(),
    }
}

/// Returns where an edition is.
pub(super) fn path_of(dir: &Path, number: u32) -> PathBuf {
    match number {
        0 => dir.join("board.git"),
        number => dir.join(format!("board-{number}.git")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_names_are_editions() {
        let names = ["board.git", "board-12.git", "board.git.77-0badf00d", "board-x.git", "next.git"];
        assert_eq!(names.map(number_of), [Some(0), Some(12), None, None, None]);
    }

    #[test]
    fn the_latest_edition_is_held_and_cannot_be_taken_away() {
        let dir = tempfile::tempdir().unwrap();
        let editions = Editions::in_dir(dir.path().to_owned(), "sha1".to_owned());
        let first = editions.hold().unwrap();
        assert!(first.path().ends_with("board.git"));
        assert!(take_alone(&path_of(dir.path(), 0)).is_none());
        cache::open(&path_of(dir.path(), 1), "sha1").unwrap();
        assert!(editions.hold().unwrap().path().ends_with("board-1.git"));
        drop(first);
        assert!(take_alone(&path_of(dir.path(), 0)).is_some());
    }
}
