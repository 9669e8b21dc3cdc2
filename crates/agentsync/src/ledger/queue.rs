//! The queue of a clone: a folder in which the processes of all its worktrees meet.
//!
//! A change that waits is a file whose owner keeps it locked; the lead is a lock on another file.
//! Both locks die with their process, however it ends. A leader that takes a change aboard renames
//! its file, so that nobody takes back what may be on its way.
//!
//! That one leads at a time only saves pushes. If two do (somebody removed the folder's lock, or the file
//! system keeps none), each has a `boat` of its own, and no change is in both.

mod boat;
mod helm;
mod ride;

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Once;
use std::time::Duration;

use agentsync_core::{Change, OpId, Timestamp};
use serde::{Deserialize, Serialize};

use super::cache::write_atomic;
use crate::app::ports::StoreError;
use crate::app::ports::queue::{Batch, Lead, NoQueue, Outcome, Pushed, Queue, Ride};
use crate::app::update::{Answer, UpdateError};
use crate::lock::is_abandoned;
use crate::plant::steps;
use boat::Boat;
use helm::{AtHelm, Helm};
use ride::{FolderRide, Lying, Spare};

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
    helm: Helm,
    spare: Spare,
    cleared: Once,
    now: Box<dyn Fn() -> Timestamp + Send + Sync>,
}

/// Why whoever leads waits, and until when by the clock on the wall.
#[derive(Serialize, Deserialize)]
struct Hold {
    until: i64,
    why: String,
}

impl Hold {
    /// Returns for how long it goes on, and why; `None` when it is over.
    fn left(self, now: Timestamp) -> Option<(Duration, String)> {
        let left = self.until.saturating_sub(now.0);
        // A leader that was stopped or killed while it waited does not hold anybody for long.
        let is_on = (-SLACK_MICROS..MAX_HOLD_MICROS).contains(&left);
        is_on.then(|| (Duration::from_micros(u64::try_from(left).unwrap_or(0)), self.why))
    }
}

#[derive(Serialize, Deserialize)]
enum Told {
    Answer(Answer),
    Failure(UpdateError),
}

impl FolderQueue {
    /// Returns the queue in `dir`, which is made when it is first needed.
    pub fn new(dir: PathBuf, now: impl Fn() -> Timestamp + Send + Sync + 'static) -> FolderQueue {
        FolderQueue {
            helm: Helm::in_dir(&dir),
            spare: Spare::default(),
            cleared: Once::new(),
            dir,
            now: Box::new(now),
        }
    }

    fn take_helm(&self) -> io::Result<Option<AtHelm<'_>>> {
        let taken = self.helm.take()?;
        if taken.is_some() {
            steps::try_pass("lead had")?;
        }
        Ok(taken)
    }
}

impl Queue for FolderQueue {
    fn try_lead(&self) -> Option<Box<dyn Lead + '_>> {
        match self.take_helm() {
            Ok(helm) => Some(Box::new(FolderLead::new(self, helm?))),
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

/// Where a change lies that is aboard, and where in that file its answer goes.
struct Seat {
    taken: PathBuf,
    answer_at: u64,
}

struct FolderLead<'a> {
    queue: &'a FolderQueue,
    dir: &'a Path,
    boat: Option<Boat>,
    aboard: HashMap<OpId, Seat>,
    is_noted: bool,
    _helm: AtHelm<'a>,
}

impl<'a> FolderLead<'a> {
    fn new(queue: &'a FolderQueue, helm: AtHelm<'a>) -> FolderLead<'a> {
        let (boat, aboard) = (None, HashMap::new());
        FolderLead { queue, dir: &queue.dir, boat, aboard, is_noted: false, _helm: helm }
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
        self.let_sit(taken)
    }

    /// Gives a change that is aboard its seat. One that has its answer leaves: whoever led died before it could give
    /// it back, its owner may know the answer by now, and nobody may be told two.
    fn let_sit(&mut self, taken: PathBuf) -> Option<Change> {
        let Lying { change, answer_at, is_answered } = ride::read(&taken)?;
        if is_answered {
            let _ = ride::give_back(&taken);
            return None;
        }
        self.aboard.insert(change.op.clone(), Seat { taken, answer_at });
        Some(change)
    }

    /// Lets those wait again who were taken aboard by a leader that is gone, and are in no batch.
    fn unload(&self) {
        let is_ours = |path: &Path| self.boat.as_ref().is_some_and(|boat| boat.carries(path));
        for taken in list(self.dir, "taken") {
            let is_seated = self.aboard.values().any(|seat| seat.taken == taken);
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
            if batch.changes.iter().any(|change| name.contains(&format!("-{}.", change.op.0))) {
                self.let_sit(taken);
            }
        }
    }
}

impl Lead for FolderLead<'_> {
    fn left_behind(&mut self) -> Option<Batch> {
        self.queue.cleared.call_once(|| ride::clear(self.dir));
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
        let Some(Seat { taken, answer_at }) = self.aboard.remove(op) else { return };
        let told = match outcome {
            Ok(answer) => Told::Answer(answer.clone()),
            Err(err) => Told::Failure(err.clone()),
        };
        steps::pass("before an answer");
        // Whoever waits in vain says *unknown* at its deadline, which is true.
        if is_abandoned(&taken) || ride::tell(&taken, answer_at, &told).is_err() {
            let _ = fs::remove_file(taken);
        }
        steps::pass("after an answer");
    }

    fn hold(&mut self, time: Duration, why: &str) {
        let time = i64::try_from(time.as_micros()).unwrap_or(i64::MAX);
        let hold = Hold { until: (self.queue.now)().0.saturating_add(time), why: why.to_owned() };
        // Without it the others lose patience and go on their own.
        let _ = serde_json::to_vec(&hold).map(|text| write_atomic(&hold_path(self.dir), &text));
    }

    fn put_back(&mut self, op: &OpId) {
        if let Some(Seat { taken, .. }) = self.aboard.remove(op) {
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
