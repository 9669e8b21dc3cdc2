//! The working repository, as the verbs see it: branches and diffs, read through git.
//!
//! Whatever is fetched, merged or built for it lies in the private repository; the user's
//! references, index and work tree stay as they are.

pub mod active;
mod changed_files;
pub(super) mod default_branch;
mod ignored;
mod links;
mod look_up;
mod slug;
mod sources;
mod tips;
pub mod touched;
mod uncommitted;

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use agentsync_core::outline::Outline;
use agentsync_core::{BranchName, ChangedFile, PathSpec, Timestamp};

use super::branches_repo::BranchesRepo;
use super::user_repo::UserRepo;
use crate::app::ports::desk::TouchedPath;
use crate::app::ports::{ActiveBranches, BranchTip, Clock, Source, Uncommitted, Work, WorkError};

/// Who looks up the remote's branches when what is known of them is old.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefreshMode {
    /// A thread of this process, which lives on: the server.
    Thread,
    /// A process of our own that outlives this one: the command line.
    Spawn {
        /// Our own program.
        program: PathBuf,
        /// What makes it call [`GitWork::refresh_active_branches`] for the same repository.
        args: Vec<OsString>,
    },
    /// Nobody; they are not asked for.
    Off,
}

/// What a working repository is made of.
pub struct WorkSetup {
    /// The user's repository.
    pub user: UserRepo,
    /// The coordination branch, which is nobody's work.
    pub coordination_branch: String,
    /// How long one call of git may take.
    pub limit: Duration,
    /// Tells how old what is known is.
    pub clock: Arc<dyn Clock>,
    /// Who looks up the remote's branches.
    pub refresh: RefreshMode,
}

/// The working repository.
#[derive(Clone)]
pub struct GitWork {
    repo: BranchesRepo,
    coordination_branch: String,
    clock: Arc<dyn Clock>,
    refresh: RefreshMode,
    flight: Arc<active::Flight>,
}

impl GitWork {
    /// Makes the working repository; nothing is read or written yet.
    pub fn new(setup: WorkSetup) -> GitWork {
        GitWork {
            repo: BranchesRepo::of(setup.user, setup.limit),
            coordination_branch: setup.coordination_branch,
            clock: setup.clock,
            refresh: setup.refresh,
            flight: Arc::new(active::Flight::default()),
        }
    }

    /// Finds out about the remote's branches now, unless another process of this clone is at it.
    ///
    /// Takes as long as the remote does; [`Work::active_branches`] never waits for it.
    pub fn refresh_active_branches(&self) -> Result<(), WorkError> {
        look_up::look_up(self)
    }

    fn user(&self) -> &UserRepo {
        self.repo.user()
    }
}

impl Work for GitWork {
    fn roots(&self) -> Vec<String> {
        let user = self.user();
        let spellings = [user.work_dir.as_ref(), user.work_dir_as_found.as_ref()];
        let mut roots: Vec<_> =
            spellings.into_iter().flatten().map(|dir| dir.to_string_lossy().into_owned()).collect();
        roots.dedup();
        roots
    }

    fn current_branch(&self) -> Result<Option<BranchName>, WorkError> {
        match self.user().work_dir {
            Some(_) => self.user().head_branch(),
            None => Ok(None),
        }
    }

    fn default_branch(&self) -> Result<BranchName, WorkError> {
        default_branch::default_branch(&self.repo)
    }

    fn ignored(&self, paths: &[String]) -> BTreeSet<String> {
        ignored::ignored(self.user(), paths)
    }

    fn touched(&self) -> Vec<TouchedPath> {
        touched::read(&self.user().git_dir)
    }

    fn forget_touched(&self, key: &str) {
        // What stays is compared with the next claim of that name, and no more.
        let _ = touched::forget(&self.user().git_dir, key);
    }

    fn resolve_links(&self, path: &str) -> Result<Option<String>, WorkError> {
        links::resolve(self.user(), path)
    }

    fn refresh(&self, branches: &[BranchName]) -> Result<(), WorkError> {
        self.repo.tidy()?;
        self.repo.fetch(branches)
    }

    fn remote_tip(&self, branch: &BranchName) -> Result<BranchTip, WorkError> {
        tips::remote_tip(&self.repo, branch)
    }

    fn own_tip(&self, branch: &BranchName, uncommitted: Uncommitted) -> Result<BranchTip, WorkError> {
        tips::own_tip(&self.repo, branch, uncommitted)
    }

    fn tips_at_hand(&self, branch: &BranchName) -> Vec<String> {
        tips::tips_at_hand(&self.repo, branch)
    }

    fn changed_files(&self, branch: &BranchName) -> Result<Option<Vec<ChangedFile>>, WorkError> {
        changed_files::changed_files(&self.repo, branch)
    }

    fn last_commits_at(&self, branches: &[BranchName]) -> Vec<Option<Timestamp>> {
        tips::last_commits_at(&self.repo, branches)
    }

    fn outline(&self, path: &str) -> Option<Outline> {
        sources::outline(self.user(), path)
    }

    fn source(&self, at: Option<&str>, path: &str) -> Option<Source> {
        sources::source(&self.repo, at, path)
    }

    fn files(&self, at: Option<&str>, specs: &[PathSpec]) -> Vec<String> {
        sources::files(&self.repo, at, specs)
    }

    fn slug(&self) -> String {
        slug::slug(self.user())
    }

    fn active_branches(&self) -> ActiveBranches {
        active::active_branches(self)
    }

    fn look_up(&self) -> Result<(), WorkError> {
        match self.refresh {
            RefreshMode::Off => Ok(()),
            RefreshMode::Thread | RefreshMode::Spawn { .. } => look_up::look_up(self),
        }
    }
}

#[cfg(test)]
mod tests;
