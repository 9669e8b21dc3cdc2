//! The queue of a clone: a folder in which the processes of all its worktrees meet.
//!
//! A change that waits is a file whose owner keeps it locked; the lead is a lock on another file.
//! Both locks die with their process, however it ends. A leader that takes a change aboard renames
//! its file, so that nobody takes back what may be on its way.
//!
//! That one leads at a time only saves pushes. If two do (somebody removed the folder's lock, or the file
//! system keeps none), each has a `boat` of its own, and no change is in both.

mod boat;

use std::collections::HashMap;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use agentsync_core::{Change, OpId, Timestamp};
use serde::{Deserialize, Serialize};

use super::cache::{beside, write_atomic};
use crate::app::ports::StoreError;
use crate::app::ports::queue::{Batch, Lead, NoQueue, Outcome, Pushed, Queue, Ride};
use crate::app::update::{Answer, UpdateError};
use crate::lock::{Lock, is_abandoned};
use crate::plant::steps;
use boat::Boat;

/// An answer that nobody fetched for this long has lost its reader.
const FORGOTTEN: Duration = Duration::from_secs(600);
/// How long a leader may take to go on after it waited for leave to push.
const SLACK_MICROS: i64 = 3_000_000;
/// Nobody waits that long for leave; the clock was set.
const MAX_HOLD_MICROS: i64 = 3_600_000_000;
/// How long a change of unknown fate can be asked about here: a week.
const OPEN_FOR: Duration = Duration::from_secs(7 * 24 * 3600);
/// The most changes that one push carries.
const MAX_ABOARD: usize = 256;

/// A queue in a folder.
pub struct FolderQueue {
    dir: PathBuf,
    now: Box<dyn Fn() -> Timestamp + Send + Sync>,
}

/// Why whoever leads waits, and until when by the clock on the wall.
#[derive(Serialize, Deserialize)]
struct Hold {
    until: i64,
    why: String,
}

#[derive(Serialize, Deserialize)]
enum Told {
    Answer(Answer),
    Failure(UpdateError),
}

impl FolderQueue {
    /// Returns the queue in `dir`, which is made when it is first needed.
    pub fn new(dir: PathBuf, now: impl Fn() -> Timestamp + Send + Sync + 'static) -> FolderQueue {
        FolderQueue { dir, now: Box::new(now) }
    }

    fn lock_lead(&self) -> io::Result<Option<Lock>> {
        fs::create_dir_all(&self.dir)?;
        let Some(mut lock) = Lock::at(&self.dir.join("lead.lock"))? else { return Ok(None) };
        steps::try_pass("lead had")?;
        lock.sign()?;
        Ok(Some(lock))
    }
}

impl Queue for FolderQueue {
    fn try_lead(&self) -> Option<Box<dyn Lead + '_>> {
        match self.lock_lead() {
            Ok(lock) => Some(Box::new(FolderLead::new(self, lock?))),
            // Where nothing can be locked, everybody writes on his own.
            Err(_) => Some(Box::new(NoQueue)),
        }
    }

    fn submit(&self, change: &Change) -> Result<Box<dyn Ride + '_>, StoreError> {
        let name = format!("{:020}-{}", (self.now)().0, change.op.0);
        let ride = FolderRide::board(self, &name, change);
        let fault = |err: io::Error| fault(&self.dir, &err);
        ride.map(|ride| Box::new(ride) as Box<dyn Ride>).map_err(fault)
    }

    fn leave_open(&self, batch: &Batch) {
        let Ok(text) = serde_json::to_vec(&Pushed { on: batch.base.clone() }) else { return };
        forget(&self.dir, "open", OPEN_FOR);
        // Without the note the answer to whoever asks stays *unknown*, which is true.
        let made = fs::create_dir_all(&self.dir);
        for change in batch.changes.iter().filter(|_| made.is_ok()) {
            let _ = write_atomic(&open_path(&self.dir, &change.op), &text);
        }
    }

    fn left_open(&self, op: &OpId) -> Option<Pushed> {
        let noted = fs::read(open_path(&self.dir, op)).ok();
        // Whoever leads may have been stopped or killed before it could leave a note.
        let under_way = || {
            let read = |path| serde_json::from_slice::<Batch>(&fs::read(path).ok()?).ok();
            let mut batches = list(&self.dir, "batch").into_iter().filter_map(read);
            let of = |batch: &Batch| batch.changes.iter().any(|change| change.op == *op);
            batches.find(of).map(|batch| Pushed { on: batch.base })
        };
        noted.and_then(|text| serde_json::from_slice(&text).ok()).or_else(under_way)
    }
}

fn fault(dir: &Path, err: &io::Error) -> StoreError {
    StoreError::Cache { doing: "write".into(), path: dir.to_owned(), detail: err.to_string() }
}

fn hold_path(dir: &Path) -> PathBuf {
    dir.join("hold.json")
}

fn answer_path(dir: &Path, op: &OpId) -> PathBuf {
    dir.join(format!("{}.answer", op.0))
}

fn open_path(dir: &Path, op: &OpId) -> PathBuf {
    dir.join(format!("{}.open", op.0))
}

/// Lists the files of a kind, in order of arrival.
fn list(dir: &Path, kind: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut paths: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|found| found == kind)).collect();
    paths.sort();
    paths
}

/// Removes the files of a kind that nobody has written to for so long.
fn forget(dir: &Path, kind: &str, after: Duration) {
    for path in list(dir, kind) {
        let age = fs::metadata(&path).and_then(|meta| meta.modified()).ok().and_then(|at| at.elapsed().ok());
        if age.is_some_and(|age| age > after) {
            let _ = fs::remove_file(path);
        }
    }
}

struct FolderRide<'a> {
    queue: &'a FolderQueue,
    waiting: PathBuf,
    answer: PathBuf,
    /// Locked as long as somebody waits for the answer.
    _alive: Lock,
}

impl<'a> FolderRide<'a> {
    fn board(queue: &'a FolderQueue, name: &str, change: &Change) -> io::Result<FolderRide<'a>> {
        let dir = &queue.dir;
        let waiting = dir.join(format!("{name}.waiting"));
        let fresh = beside(&waiting);
        let mut alive = Lock::on_new(&fresh)?;
        alive.file().write_all(&serde_json::to_vec(change)?)?;
        steps::try_pass("ride written")?;
        fs::rename(&fresh, &waiting)?;
        steps::pass("ride waits");
        let answer = answer_path(dir, &change.op);
        Ok(FolderRide { queue, waiting, answer, _alive: alive })
    }
}

impl Ride for FolderRide<'_> {
    fn outcome(&self) -> Option<Outcome> {
        let told = serde_json::from_slice(&fs::read(&self.answer).ok()?).ok()?;
        steps::pass("answer read");
        Some(match told {
            Told::Answer(answer) => Ok(answer),
            Told::Failure(err) => Err(err),
        })
    }

    fn held(&self) -> Option<(Duration, String)> {
        let hold: Hold = serde_json::from_slice(&fs::read(hold_path(&self.queue.dir)).ok()?).ok()?;
        let left = hold.until.saturating_sub((self.queue.now)().0);
        // A leader that was stopped or killed while it waited does not hold anybody for long.
        let is_on = (-SLACK_MICROS..MAX_HOLD_MICROS).contains(&left);
        is_on.then(|| (Duration::from_micros(u64::try_from(left).unwrap_or(0)), hold.why))
    }

    fn withdraw(&self) -> bool {
        fs::remove_file(&self.waiting).is_ok()
    }
}

impl Drop for FolderRide<'_> {
    fn drop(&mut self) {
        // Once aboard, it is cleared away by whoever leads.
        for path in [&self.waiting, &self.answer] {
            // What is not there, or was never written, is gone already.
            let _ = fs::remove_file(path);
        }
    }
}

struct FolderLead<'a> {
    queue: &'a FolderQueue,
    dir: &'a Path,
    boat: Option<Boat>,
    aboard: HashMap<OpId, PathBuf>,
    is_noted: bool,
    _lock: Lock,
}

impl<'a> FolderLead<'a> {
    fn new(queue: &'a FolderQueue, lock: Lock) -> FolderLead<'a> {
        let (boat, aboard) = (None, HashMap::new());
        FolderLead { queue, dir: &queue.dir, boat, aboard, is_noted: false, _lock: lock }
    }

    /// Takes a change aboard; `None` when its owner took it back, or is gone.
    fn take(&mut self, waiting: &Path) -> Option<Change> {
        if is_abandoned(waiting) {
            let _ = fs::remove_file(waiting);
            return None;
        }
        let boat = match self.boat.take() {
            Some(boat) => boat,
            // Where none can be made, everybody loses patience and goes alone.
            None => Boat::launch(self.dir, (self.queue.now)()).ok()?,
        };
        let taken = self.boat.insert(boat).seat(waiting);
        fs::rename(waiting, &taken).ok()?;
        steps::pass("change aboard");
        let change: Change = serde_json::from_slice(&fs::read(&taken).ok()?).ok()?;
        self.aboard.insert(change.op.clone(), taken);
        Some(change)
    }

    /// Lets those wait again who were taken aboard by a leader that is gone, and are in no batch.
    fn unload(&self) {
        let is_ours = |path: &Path| self.boat.as_ref().is_some_and(|boat| boat.carries(path));
        for taken in list(self.dir, "taken") {
            let is_seated = self.aboard.values().any(|path| *path == taken);
            if boat::is_adrift(&taken) || (is_ours(&taken) && !is_seated) {
                let _ = fs::rename(&taken, boat::unseated(&taken));
            }
        }
    }

    /// Finds those in a boat that was left behind who are in its batch.
    fn seat(&mut self, batch: &Batch) {
        let aboard = |path: &PathBuf| self.boat.as_ref().is_some_and(|boat| boat.carries(path));
        for taken in list(self.dir, "taken").into_iter().filter(aboard).collect::<Vec<_>>() {
            let name = taken.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let of = |change: &&Change| name.contains(&format!("-{}.", change.op.0));
            if let Some(change) = batch.changes.iter().find(of) {
                self.aboard.insert(change.op.clone(), taken);
            }
        }
    }
}

impl Lead for FolderLead<'_> {
    fn left_behind(&mut self) -> Option<Batch> {
        forget(self.dir, "answer", FORGOTTEN);
        let mut found = None;
        for path in list(self.dir, "boat") {
            let Some(boat) = Boat::salvage(path) else { continue };
            match boat.batch() {
                // One at a time; the next leader finds it.
                Some(_) if found.is_some() => {}
                Some(batch) => {
                    self.boat = Some(boat);
                    self.seat(&batch);
                    self.is_noted = true;
                    found = Some(batch);
                }
                None => boat.scrap(),
            }
        }
        self.unload();
        found
    }

    fn board(&mut self) -> Vec<Change> {
        let room = MAX_ABOARD.saturating_sub(self.aboard.len());
        let waiting = list(self.dir, "waiting");
        waiting.into_iter().take(room).filter_map(|path| self.take(&path)).collect()
    }

    fn depart(&mut self, batch: &Batch) -> Result<(), StoreError> {
        // Only those who wait for an answer need to be recognised.
        let Some(boat) = self.boat.as_ref().filter(|_| !self.aboard.is_empty()) else { return Ok(()) };
        let written = boat.note(batch);
        self.is_noted = true;
        written.map_err(|err| fault(self.dir, &err))
    }

    fn arrive(&mut self) {
        if let (true, Some(boat)) = (std::mem::take(&mut self.is_noted), &self.boat) {
            boat.clear();
        }
    }

    fn leave_adrift(&mut self) {
        // Let go as it is: what is aboard must not be decided anew before it has been looked for.
        self.boat = None;
        self.aboard.clear();
        self.is_noted = false;
    }

    fn answer(&mut self, op: &OpId, outcome: &Outcome) {
        let Some(taken) = self.aboard.remove(op) else { return };
        if taken.exists() && !is_abandoned(&taken) {
            let told = match outcome {
                Ok(answer) => Told::Answer(answer.clone()),
                Err(err) => Told::Failure(err.clone()),
            };
            steps::pass("before an answer");
            // Whoever waits in vain says *unknown* at its deadline, which is true.
            let _ = serde_json::to_vec(&told).map(|text| write_atomic(&answer_path(self.dir, op), &text));
        }
        let _ = fs::remove_file(taken);
        steps::pass("after an answer");
    }

    fn hold(&mut self, time: Duration, why: &str) {
        let time = i64::try_from(time.as_micros()).unwrap_or(i64::MAX);
        let hold = Hold { until: (self.queue.now)().0.saturating_add(time), why: why.to_owned() };
        // Without it the others lose patience and go on their own.
        let _ = serde_json::to_vec(&hold).map(|text| write_atomic(&hold_path(self.dir), &text));
    }

    fn put_back(&mut self, op: &OpId) {
        if let Some(taken) = self.aboard.remove(op) {
            steps::pass("before it is put back");
            let _ = fs::rename(&taken, boat::unseated(&taken));
        }
    }
}

impl Drop for FolderLead<'_> {
    fn drop(&mut self) {
        if let Some(boat) = self.boat.take().filter(|_| self.aboard.is_empty()) {
            boat.scrap();
        }
    }
}
