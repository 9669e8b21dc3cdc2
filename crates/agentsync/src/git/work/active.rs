//! What is known of the branches at the remote, and who finds it out again.
//!
//! Asking never waits: it reads what the last look-up left in a file, and when that is old, has
//! somebody else look.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{GitWork, RefreshMode, look_up};
use crate::app::ports::{ActiveBranch, ActiveBranches};
use crate::git::branches_repo::BranchesRepo;
use crate::process::leave_behind;

/// What is younger than this is not looked up again.
pub(super) const FRESH_MICROS: i64 = 60_000_000;

/// What the last look-up found. Branches without commits of their own are kept too, so that they are
/// not examined again; they are not shown.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Known {
    /// When it was found, or nothing when only a try was made so far.
    pub(super) found_at: Option<i64>,
    /// When to look again, in microseconds since 1970.
    pub(super) next_at: i64,
    /// The default branch's commit that the counts refer to.
    pub(super) base: String,
    /// The branches, newest first.
    pub(super) branches: Vec<KnownBranch>,
    /// How many were left out.
    pub(super) n_left_out: usize,
}

/// One branch at one commit.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct KnownBranch {
    pub(super) commit: String,
    pub(super) branch: String,
    pub(super) last_author: String,
    pub(super) last_commit_at: String,
    pub(super) n_commits: usize,
    pub(super) files: Vec<String>,
    pub(super) n_files: usize,
}

/// Keeps a process from looking twice at once.
#[derive(Debug, Default)]
pub(super) struct Flight {
    is_on: AtomicBool,
}

/// Ends a flight however it ends.
struct Landing(Arc<Flight>);

impl Drop for Landing {
    fn drop(&mut self) {
        self.0.is_on.store(false, Ordering::Release);
    }
}

pub(super) fn active_branches(work: &GitWork) -> ActiveBranches {
    if work.refresh == RefreshMode::Off {
        return ActiveBranches { age_seconds: None, branches: Vec::new(), n_left_out: 0 };
    }
    let now = work.clock.now().0;
    let known = Known::read(&work.repo);
    // A clock that was set back must not keep us from ever looking again.
    let is_due = known.next_at <= now || now.saturating_add(look_up::LONG_REST_MICROS) < known.next_at;
    if is_due {
        let tried = Known { next_at: now.saturating_add(FRESH_MICROS), ..known.clone() };
        tried.write(&work.repo);
        start(work);
    }
    known.into_answer(now)
}

impl Known {
    /// Reads the file; one that is missing or spoilt counts as nothing known.
    pub(super) fn read(repo: &BranchesRepo) -> Known {
        let text = std::fs::read(path(repo, "active-branches.json")).unwrap_or_default();
        serde_json::from_slice(&text).unwrap_or_default()
    }

    /// Writes the file in one step. When it cannot be written, the next one looks again.
    pub(super) fn write(&self, repo: &BranchesRepo) {
        let Ok(text) = serde_json::to_vec(self) else {
            return;
        };
        let place = path(repo, "active-branches.json");
        let new = place.with_extension(format!("{}-{:08x}", std::process::id(), fastrand::u32(..)));
        let _ = place.parent().map(std::fs::create_dir_all);
        let written = std::fs::write(&new, text).and_then(|()| std::fs::rename(&new, &place));
        if written.is_err() {
            let _ = std::fs::remove_file(&new);
        }
    }

    fn into_answer(self, now: i64) -> ActiveBranches {
        let age = |at: i64| u64::try_from(now.saturating_sub(at) / 1_000_000).unwrap_or(0);
        let active = self.branches.into_iter().filter(|branch| 0 < branch.n_commits);
        let branches = active.map(|branch| ActiveBranch {
            branch: branch.branch,
            last_author: branch.last_author,
            last_commit_at: branch.last_commit_at,
            n_commits: branch.n_commits,
            files: branch.files,
            n_files: branch.n_files,
        });
        ActiveBranches {
            age_seconds: self.found_at.map(age),
            branches: branches.collect(),
            n_left_out: self.n_left_out,
        }
    }
}

/// Returns the path of one of our files beside the private repository.
pub(super) fn path(repo: &BranchesRepo, name: &str) -> PathBuf {
    repo.dir.with_file_name(name)
}

fn start(work: &GitWork) {
    match &work.refresh {
        RefreshMode::Off => {}
        RefreshMode::Thread if work.flight.is_on.swap(true, Ordering::AcqRel) => {}
        RefreshMode::Thread => {
            let work = work.clone();
            let landing = Landing(Arc::clone(&work.flight));
            // Nobody waits for the answer: a failure shows as an age that grows.
            std::thread::spawn(move || {
                let _ = look_up::look_up(&work);
                drop(landing);
            });
        }
        RefreshMode::Spawn { program, args } => {
            leave_running(program, args, &work.repo.user().git(Duration::ZERO).cwd);
        }
    }
}

/// Starts our own program in a session of its own, so that it outlives us.
pub fn leave_running(program: &Path, args: &[OsString], cwd: &Path) {
    // When it cannot be started, the next command tries.
    let _ = leave_behind(program, args, cwd);
}
