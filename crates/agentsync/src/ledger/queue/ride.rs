//! A change that waits, and its answer: both in one file, which its owner keeps open and locked.
//!
//! The first line is the change. Whoever led puts the answer behind it and renames the file, so its owner needs
//! no more than a look into an open file. The file then serves that process again: a crowd that made and removed
//! files all the time would be slowed by its disk, since a name on it that was just given up is not given out anew.

use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use agentsync_core::Change;

use super::{FolderQueue, Hold, Told, hold_path};
use crate::app::ports::queue::{Outcome, Ride};
use crate::ledger::cache::beside;
use crate::lock::{Lock, is_abandoned};
use crate::plant::steps;

/// A file for the next change of this process; it goes with the queue.
#[derive(Default)]
pub(super) struct Spare(Mutex<Option<(PathBuf, Lock)>>);

impl Spare {
    fn take(&self) -> Option<(PathBuf, Lock)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Keeps a file for later, or removes it when there is one already.
    fn keep(&self, path: PathBuf, file: Lock) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &*kept {
            None => *kept = Some((path, file)),
            Some(_) => drop(fs::remove_file(path)),
        }
    }
}

impl Drop for Spare {
    fn drop(&mut self) {
        if let Some((path, _locked)) = self.take() {
            let _ = fs::remove_file(path);
        }
    }
}

/// Returns where a change that was answered lies.
fn answered(waiting: &Path) -> PathBuf {
    waiting.with_extension("answered")
}

/// Removes what processes left that are gone: answers that nobody will read, and files that waited for use.
pub(super) fn clear(dir: &Path) {
    let left = super::list(dir, "answered").into_iter().chain(super::list(dir, "spare"));
    for path in left.filter(|path| is_abandoned(path)) {
        let _ = fs::remove_file(path);
    }
}

/// What lies in the file of a change.
pub(super) struct Lying {
    pub(super) change: Change,
    /// Where in the file its answer goes.
    pub(super) answer_at: u64,
    /// Whether its answer stands there, so that its owner may have read it already.
    pub(super) is_answered: bool,
}

/// Reads the file of a change.
pub(super) fn read(path: &Path) -> Option<Lying> {
    let text = fs::read(path).ok()?;
    let mut lines = text.split_inclusive(|byte| *byte == b'\n');
    let line = lines.next()?;
    let is_whole = |answer: &[u8]| !answer.starts_with(b" ") && answer.ends_with(b"\n");
    Some(Lying {
        change: serde_json::from_slice(line).ok()?,
        answer_at: u64::try_from(line.len()).ok()?,
        is_answered: lines.next().is_some_and(is_whole),
    })
}

/// Puts the answer behind a change that lies at `taken`, and lets its owner have the file back.
pub(super) fn tell(taken: &Path, at: u64, told: &Told) -> io::Result<()> {
    let mut text = serde_json::to_vec(told)?;
    text.push(b'\n');
    let mut file = File::options().write(true).open(taken)?;
    file.seek(SeekFrom::Start(at))?;
    steps::try_pass("answer not written")?;
    file.write_all(&text)?;
    steps::pass("answer written");
    give_back(taken)
}

/// Lets the owner of a change have the file back in which its answer stands.
pub(super) fn give_back(taken: &Path) -> io::Result<()> {
    fs::rename(taken, answered(&super::boat::unseated(taken)))
}

pub(super) struct FolderRide<'a> {
    queue: &'a FolderQueue,
    waiting: PathBuf,
    /// Locked as long as somebody waits for the answer; `None` once it is put by.
    file: Option<Lock>,
    answer_at: u64,
}

impl<'a> FolderRide<'a> {
    /// Lets a change wait; `name` says in what order.
    pub(super) fn board(queue: &'a FolderQueue, name: &str, change: &Change) -> io::Result<FolderRide<'a>> {
        let waiting = queue.dir.join(format!("{name}.waiting"));
        let mut line = serde_json::to_vec(change)?;
        line.push(b'\n');
        let answer_at = line.len() as u64;
        let again = queue.spare.take().filter(|(path, _)| path.exists());
        let (fresh, file) = if let Some(again) = again {
            again
        } else {
            let fresh = beside(&waiting);
            let file = Lock::on_new(&fresh)?;
            (fresh, file)
        };
        let n_before = usize::try_from(file.file().metadata()?.len()).unwrap_or(usize::MAX);
        line.resize(line.len().max(n_before), b' ');
        file.file().seek(SeekFrom::Start(0))?;
        file.file().write_all(&line)?;
        steps::try_pass("ride written")?;
        fs::rename(&fresh, &waiting)?;
        steps::pass("ride waits");
        Ok(FolderRide { queue, waiting, file: Some(file), answer_at })
    }

    fn answer(&self) -> Option<Told> {
        let mut file = self.file.as_ref()?.file();
        // Most looks find nothing: the end of the file, or what is left of its last use.
        if matches!(byte_at(file, self.answer_at), None | Some(b' ')) {
            return None;
        }
        file.seek(SeekFrom::Start(self.answer_at)).ok()?;
        let mut text = Vec::new();
        file.read_to_end(&mut text).ok()?;
        // The end of the line is written last.
        let end = text.iter().position(|byte| *byte == b'\n')?;
        serde_json::from_slice(text.get(..end)?).ok()
    }
}

/// Returns one byte of a file, with one call of the system where there is such a call.
#[cfg(unix)]
fn byte_at(file: &File, at: u64) -> Option<u8> {
    use std::os::unix::fs::FileExt as _;

    let mut byte = [0];
    (file.read_at(&mut byte, at).ok()? == 1).then_some(byte[0])
}

#[cfg(not(unix))]
fn byte_at(mut file: &File, at: u64) -> Option<u8> {
    let mut byte = [0];
    file.seek(SeekFrom::Start(at)).ok()?;
    (file.read(&mut byte).ok()? == 1).then_some(byte[0])
}

impl Ride for FolderRide<'_> {
    fn outcome(&self) -> Option<Outcome> {
        let told = self.answer()?;
        steps::pass("answer read");
        Some(match told {
            Told::Answer(answer) => Ok(answer),
            Told::Failure(err) => Err(err),
        })
    }

    fn held(&self) -> Option<(Duration, String)> {
        let hold: Hold = serde_json::from_slice(&fs::read(hold_path(&self.queue.dir)).ok()?).ok()?;
        hold.left((self.queue.now)())
    }

    fn withdraw(&self) -> bool {
        fs::remove_file(&self.waiting).is_ok()
    }
}

impl Drop for FolderRide<'_> {
    fn drop(&mut self) {
        // Once aboard, and not answered, it is cleared away by whoever leads.
        let Some(file) = self.file.take() else { return };
        let name = format!("{}-{:08x}.spare", std::process::id(), fastrand::u32(..));
        let spare = self.queue.dir.join(name);
        match fs::rename(answered(&self.waiting), &spare) {
            Ok(()) => self.queue.spare.keep(spare, file),
            // What is not there is gone already.
            Err(_) => drop(fs::remove_file(&self.waiting)),
        }
    }
}
