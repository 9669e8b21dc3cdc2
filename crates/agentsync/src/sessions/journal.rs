//! Claims that edits have made and that are not on the board yet: one file for each path.
//!
//! Writing them again changes nothing, so whoever carries them to the board may be killed at any
//! moment: a file goes when the board's answer is there, and not before.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use agentsync_core::{Change, Intent};

use super::{age, file_name};
use crate::app::ports::desk::Errand;
use crate::ledger::cache::write_atomic;

/// Edits that follow each other within this time are claimed together.
const QUIET: Duration = Duration::from_secs(5);
/// What waits is claimed after this time, however many edits follow.
const LONGEST: Duration = Duration::from_secs(60);

/// The folder.
#[derive(Debug, Clone)]
pub struct Journal {
    dir: PathBuf,
}

impl Journal {
    /// Returns the journal in `desk`.
    pub fn in_desk(desk: &Path) -> Journal {
        Journal { dir: desk.join("journal") }
    }

    /// Leaves a change, unless the same paths wait already for the same claim.
    pub fn leave(&self, change: &Change) -> io::Result<()> {
        let path = self.dir.join(name_of(change));
        if path.exists() {
            return Ok(());
        }
        fs::create_dir_all(&self.dir)?;
        write_atomic(&path, &serde_json::to_vec(change)?)
    }

    /// Returns what waits, one change for each author and lane.
    pub fn read(&self) -> Vec<Errand> {
        let mut entries: Vec<Errand> = Vec::new();
        for file in self.files() {
            let change: Option<Change> =
                fs::read(&file).ok().and_then(|text| serde_json::from_slice(&text).ok());
            let Some(change @ Change { intent: Intent::Widen(_), .. }) = change else { continue };
            let same = |entry: &&mut Errand| entry.change.by == change.by && entry.change.lane == change.lane;
            let Some(entry) = entries.iter_mut().find(same) else {
                entries.push(Errand { change, parts: vec![file] });
                continue;
            };
            entry.parts.push(file);
            if let (Intent::Widen(into), Intent::Widen(from)) = (&mut entry.change.intent, change.intent) {
                into.touches.extend(from.touches);
            }
        }
        entries
    }

    /// Tells whether what waits should be written now.
    pub fn is_due(&self) -> bool {
        let ages: Vec<Duration> = self.files().iter().filter_map(|file| age(file)).collect();
        let (youngest, oldest) = (ages.iter().min(), ages.iter().max());
        youngest.is_some_and(|youngest| *youngest >= QUIET)
            || oldest.is_some_and(|oldest| *oldest >= LONGEST)
            || (!ages.is_empty() && self.hurry_file().exists())
    }

    /// Tells whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.files().is_empty()
    }

    /// Asks for what waits to be written now.
    pub fn hurry(&self) {
        if !self.is_empty() {
            let _ = fs::write(self.hurry_file(), "");
        }
    }

    /// Notes that what was asked for is done.
    pub fn calm(&self) {
        let _ = fs::remove_file(self.hurry_file());
    }

    fn hurry_file(&self) -> PathBuf {
        self.dir.join("hurry")
    }

    fn files(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(&self.dir).into_iter().flatten().flatten().map(|entry| entry.path());
        let mut files: Vec<PathBuf> =
            entries.filter(|path| path.extension().is_some_and(|ending| ending == "change")).collect();
        files.sort();
        files
    }
}

fn name_of(change: &Change) -> String {
    let lane = change.lane.as_ref().map_or("", |lane| lane.as_str());
    let paths: Vec<String> = match &change.intent {
        Intent::Widen(request) => request.touches.iter().map(|spec| spec.as_str().to_owned()).collect(),
        _ => vec![change.op.0.clone()],
    };
    let what = format!("{} {} {lane} {}", change.by.agent, change.by.instance.0, paths.join("\n"));
    format!("{}.change", file_name(&what))
}
