//! Gathers the facts that `doctor` draws its conclusions from.

use std::path::Path;
use std::time::Duration;

use agentsync_core::Timestamp;
use agentsync_core::redact::redact;

use super::{App, Life};
use crate::app::doctor::{Facts, RepoFacts, Tried};
use crate::app::failure::Failure;
use crate::app::ports::{Freshness, HistoryQuery, Snapshot, Store as _};
use crate::config::Flags;
use crate::forge::gh::Gh;
use crate::git::command::{Git, Output};
use crate::report::failure::FailureReport;

/// The longest that asking a program for its version may take.
const VERSION_LIMIT: Duration = Duration::from_secs(10);

/// Finds out how things stand, whatever is broken.
pub fn examine(flags: &Flags) -> Facts {
    let cwd = std::env::current_dir().unwrap_or_default();
    let gh = Gh { cwd: cwd.clone(), limit: VERSION_LIMIT, host: None };
    let version = gh.ask("say its version", &["--version"]).ok();
    Facts {
        git: git_version(cwd),
        repo: App::open(flags, Life::Short).map(|app| app.examine()).map_err(|err| words(&err)),
        gh: version.and_then(|ended| first_line(&ended.stdout)),
    }
}

fn git_version(cwd: std::path::PathBuf) -> Tried<String> {
    let git = Git { cwd, limit: VERSION_LIMIT };
    let asked = git.nowhere().args(["version"]).run().and_then(Output::success);
    let output = asked.map_err(|err| (err.to_string(), String::new()))?;
    Ok(first_line(&output.stdout).unwrap_or_default())
}

fn first_line(text: &[u8]) -> Option<String> {
    String::from_utf8_lossy(text).lines().next().map(str::to_owned)
}

fn words(failure: &Failure) -> (String, String) {
    let report = FailureReport::of(failure);
    (report.error, report.fix)
}

impl App {
    fn examine(&self) -> RepoFacts {
        let ctx = &self.ctx();
        let place = ctx.store.place();
        let read = ctx.store.read(Freshness::Now).map_err(|err| words(&err.into()));
        let snapshot = read.as_ref().ok();
        RepoFacts {
            folder: place.repo.display().to_string(),
            agent: (ctx.me.agent.to_string(), self.agent_source.clone()),
            remote: (ctx.settings.remote.clone(), place.remote.as_deref().map(redact)),
            branch: place.branch.clone(),
            held_elsewhere: snapshot.and_then(|snapshot| self.held_elsewhere(snapshot)),
            alarm: snapshot.and_then(|snapshot| snapshot.alarm.clone()),
            diagnosis: ctx.store.diagnose().ok(),
            push: ctx.store.try_push().map_err(|err| words(&err.into())),
            newest: snapshot.and_then(|_| self.newest()),
            now: ctx.clock.now(),
            private: private_files(&self.private_dir),
            read: read
                .map(|snapshot| snapshot.board.claims.values().filter(|entry| entry.is_active()).count()),
        }
    }

    fn held_elsewhere(&self, snapshot: &Snapshot) -> Option<String> {
        let mut active = snapshot.board.claims_of(&self.me.agent).filter(|(_, claim)| claim.is_active());
        active
            .find_map(|(_, claim)| claim.instance.clone().filter(|found| *found != self.me.instance))
            .map(|found| found.0)
    }

    fn newest(&self) -> Option<Timestamp> {
        let query = HistoryQuery { limit: 1, ..HistoryQuery::default() };
        let entries = self.store.history(&query).ok()?;
        Timestamp::parse(&entries.first()?.at)
    }
}

/// Sees whether our private folder can be written, and how big it is.
fn private_files(dir: &Path) -> Tried<(String, u64)> {
    let shown = dir.display().to_string();
    let fault = |err: std::io::Error| {
        (
            format!("`{shown}` cannot be written: {err}"),
            "make it writable for this user; it may be deleted".to_owned(),
        )
    };
    std::fs::create_dir_all(dir).map_err(fault)?;
    tempfile::tempfile_in(dir).map_err(fault)?;
    Ok((shown.clone(), n_bytes(dir)))
}

fn n_bytes(dir: &Path) -> u64 {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    let size = |entry: std::fs::DirEntry| match entry.file_type() {
        Ok(kind) if kind.is_dir() => n_bytes(&entry.path()),
        Ok(_) | Err(_) => entry.metadata().map_or(0, |found| found.len()),
    };
    entries.map(size).sum()
}
