//! The desk in folders: what is kept of a board in the clone, and of sessions in the worktree.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use agentsync_core::{AgentId, Change, InstanceId, Timestamp};
use serde::{Deserialize, Serialize};

use super::journal::Journal;
use super::{age, file_name, keeper};
use crate::app::ports::desk::{
    BoardCopy, Charge, Desk, DeskError, Errand, Errands, Memory, Refusal, TouchedPath,
};
use crate::git::work::touched;
use crate::ledger::cache::write_atomic;
use crate::ledger::copy;
use crate::ledger::recency::Recency;
use crate::lock::Lock;

/// A session that no hook was heard of for this long is over.
const SILENT: Duration = Duration::from_secs(600);

/// A desk.
#[derive(Debug, Clone)]
pub struct FolderDesk {
    /// The folder of the board.
    dir: PathBuf,
    recency: PathBuf,
    /// The git folder of the worktree.
    git_dir: PathBuf,
}

/// A session as it stands in its file.
#[derive(Serialize, Deserialize)]
struct Record {
    session: String,
    worktree: PathBuf,
    memory: Memory,
}

impl FolderDesk {
    /// Returns the desk of a board in `dir`, for the worktree whose git folder is `git_dir`.
    pub fn new(dir: PathBuf, recency: PathBuf, git_dir: PathBuf) -> FolderDesk {
        FolderDesk { dir, recency, git_dir }
    }

    /// Returns the folder of the board.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Returns what waits to be written.
    pub fn journal(&self) -> Journal {
        Journal::in_desk(&self.dir)
    }

    fn write_refusal(&self, refusal: &Refusal) -> io::Result<()> {
        let dir = self.dir.join("refused");
        fs::create_dir_all(&dir)?;
        let name = file_name(&format!("{} {} {:?}", refusal.agent, refusal.instance.0, refusal.paths));
        write_atomic(&dir.join(format!("{name}.json")), &serde_json::to_vec(refusal)?)
    }

    fn sessions_dir(&self) -> PathBuf {
        self.dir.join("sessions")
    }

    fn session_files(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.sessions_dir()).into_iter().flatten().flatten();
        entries
            .map(|entry| entry.path())
            .filter(|path| path.extension().is_some_and(|end| end == "json"))
            .collect()
    }

    fn session_file(&self, session: &str) -> PathBuf {
        let name = file_name(&format!("{session} {}", self.git_dir.display()));
        self.sessions_dir().join(format!("{name}.json"))
    }

    fn write_session(&self, session: &str, memory: &Memory) -> io::Result<()> {
        fs::create_dir_all(self.sessions_dir())?;
        let worktree = self.git_dir.clone();
        let record = Record { session: session.to_owned(), worktree, memory: memory.clone() };
        write_atomic(&self.session_file(session), &serde_json::to_vec(&record)?)
    }
}

fn is_alive(file: &Path) -> bool {
    age(file).is_some_and(|age| age < SILENT)
}

fn read_record(file: &Path) -> Option<Record> {
    serde_json::from_slice(&fs::read(file).ok()?).ok()
}

fn fault(path: &Path, err: &io::Error) -> DeskError {
    DeskError { path: path.display().to_string(), detail: err.to_string() }
}

impl Desk for FolderDesk {
    fn copy(&self) -> Option<BoardCopy> {
        let copy = copy::load(&self.dir.join("board.json"))?;
        let confirmed = Recency::at(self.recency.clone()).confirmed_at();
        Some(BoardCopy { seen_at: Timestamp(copy.at.max(confirmed)), board: copy.board })
    }

    fn pending(&self) -> Vec<Change> {
        self.journal().read().into_iter().map(|entry| entry.change).collect()
    }

    fn leave(&self, change: &Change) -> Result<(), DeskError> {
        self.journal().leave(change).map_err(|err| fault(&self.dir, &err))
    }

    fn hurry(&self) {
        self.journal().hurry();
    }

    fn siblings(&self, session: Option<&str>) -> BTreeSet<String> {
        let alive = self.session_files().into_iter().filter(|file| is_alive(file));
        let others = alive.filter_map(|file| read_record(&file));
        let others =
            others.filter(|record| record.worktree == self.git_dir && Some(&*record.session) != session);
        others.map(|record| record.session).collect()
    }

    fn remember(&self, session: &str) -> Memory {
        read_record(&self.session_file(session)).map(|record| record.memory).unwrap_or_default()
    }

    fn keep(&self, session: &str, memory: &Memory) -> Result<(), DeskError> {
        self.write_session(session, memory).map_err(|err| fault(&self.dir, &err))
    }

    fn forget(&self, session: &str) {
        // What is not there is forgotten already.
        let _ = fs::remove_file(self.session_file(session));
    }

    fn note_touched(&self, paths: &[TouchedPath]) -> Result<(), DeskError> {
        touched::note(&self.git_dir, paths).map_err(|err| fault(&self.git_dir, &err))
    }

    fn take_refusals(&self, agent: &AgentId, instance: &InstanceId) -> Vec<Refusal> {
        let entries = fs::read_dir(self.dir.join("refused")).into_iter().flatten().flatten();
        let read = |path: &Path| serde_json::from_slice::<Refusal>(&fs::read(path).ok()?).ok();
        let mut taken = Vec::new();
        for path in entries.map(|entry| entry.path()) {
            let Some(refusal) = read(&path) else { continue };
            if refusal.agent == *agent && refusal.instance == *instance && fs::remove_file(&path).is_ok() {
                taken.push(refusal);
            }
        }
        taken
    }

    fn last_failure(&self) -> Option<String> {
        keeper::last_failure(&self.dir)
    }
}

impl Charge for Lock {}

impl Errands for FolderDesk {
    fn take_charge(&self) -> Option<Box<dyn Charge + '_>> {
        keeper::try_lock(&self.dir).map(|lock| Box::new(lock) as Box<dyn Charge>)
    }

    fn due(&self) -> Vec<Errand> {
        let journal = self.journal();
        if !journal.is_due() {
            return Vec::new();
        }
        // Whatever is left while these are written asks again.
        journal.calm();
        journal.read()
    }

    fn done(&self, errand: &Errand) {
        for part in &errand.parts {
            // What stays is written again, which changes nothing.
            let _ = fs::remove_file(part);
        }
    }

    fn is_idle(&self) -> bool {
        self.journal().is_empty()
    }

    fn has_sessions(&self) -> bool {
        self.session_files().iter().any(|file| is_alive(file))
    }

    fn refuse(&self, refusal: &Refusal) {
        // The next edit of the same path is refused anyway.
        let _ = self.write_refusal(refusal);
    }

    fn note_failure(&self, why: Option<&str>) {
        keeper::note_failure(&self.dir, why);
    }
}
