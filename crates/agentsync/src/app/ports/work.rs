//! The repository the work is done in.

use std::collections::BTreeSet;

use agentsync_core::facts::{Facts, Language};
use agentsync_core::outline::Outline;
use agentsync_core::{BranchName, ChangedFile, PathSpec, Timestamp};
use thiserror::Error;

use super::desk::TouchedPath;

/// A branch of the work, as far as it can be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BranchTip {
    /// Its commit, and where it was found.
    At {
        /// Full object id in hex.
        commit: String,
        /// `remote`, `local` (ahead of the remote), or `worktree` (with uncommitted changes).
        source: BranchSource,
    },
    /// Neither here nor at the remote.
    NotPushed,
}

/// Where a branch's tip was taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BranchSource {
    /// The remote.
    Remote,
    /// This clone, whose branch is ahead of the remote's or not there at all.
    Local,
    /// This worktree: the branch with its uncommitted changes.
    Worktree,
}

impl BranchSource {
    /// Returns the word for answers.
    pub fn as_str(self) -> &'static str {
        match self {
            BranchSource::Remote => "remote",
            BranchSource::Local => "local",
            BranchSource::Worktree => "worktree",
        }
    }
}

/// A branch at the remote that has work on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActiveBranch {
    /// Its name.
    pub branch: String,
    /// Its last author's name.
    pub last_author: String,
    /// When, RFC 3339, by the author's clock.
    pub last_commit_at: String,
    /// Commits that the default branch does not have.
    pub n_commits: usize,
    /// Files that differ from where it left the default branch, capped.
    pub files: Vec<String>,
    /// How many files in all.
    pub n_files: usize,
}

/// What is known of the branches at the remote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActiveBranches {
    /// Seconds since it was looked up; `None` when it never was.
    pub age_seconds: Option<u64>,
    /// The branches with commits ahead of the default branch in the last 14 days, newest first.
    pub branches: Vec<ActiveBranch>,
    /// How many branches were left out by the bound.
    pub n_left_out: usize,
}

/// A source file, and what it says.
#[derive(Debug, Clone)]
pub struct Source {
    /// Its path.
    pub path: String,
    /// Its language.
    pub language: Language,
    /// What it says.
    pub facts: Facts,
    /// How long it is.
    pub n_bytes: usize,
}

/// Why the working repository could not answer.
#[derive(Debug, Clone, Error)]
pub enum WorkError {
    /// There is no repository, or not one we may use.
    #[error("{what}")]
    Repository {
        /// What is wrong.
        what: String,
        /// What to do about it.
        fix: String,
    },
    /// The remote did not answer.
    #[error("cannot reach the remote `{remote}`: {detail}")]
    Unreachable {
        /// Its address, without secrets.
        remote: String,
        /// What was said, without secrets.
        detail: String,
    },
    /// Git could not be run, or did something we do not understand.
    #[error("git could not {doing}: {detail}")]
    Git {
        /// What we wanted of it.
        doing: &'static str,
        /// What was said, without secrets.
        detail: String,
    },
}

/// The repository the work is done in: branches and diffs. Nothing here changes it.
pub trait Work: Send + Sync {
    /// Returns the absolute spellings of the work tree's root, to make absolute paths relative.
    fn roots(&self) -> Vec<String>;
    /// Returns the branch that is checked out, or `None` when HEAD is detached or there is no work tree.
    fn current_branch(&self) -> Result<Option<BranchName>, WorkError>;
    /// Returns the branch that work lands on.
    fn default_branch(&self) -> Result<BranchName, WorkError>;
    /// Returns further spellings of a path that leads through tracked symbolic links.
    ///
    /// A link that leaves the repository is an error that names it.
    fn resolve_links(&self, path: &str) -> Result<Option<String>, WorkError>;
    /// Fetches `branches` into a private place, so that what follows speaks of the present.
    fn refresh(&self, branches: &[BranchName]) -> Result<(), WorkError>;
    /// Returns the remote's tip of a branch as last refreshed.
    fn remote_tip(&self, branch: &BranchName) -> Result<BranchTip, WorkError>;
    /// Returns the tip of what we really have of our own branch.
    fn own_tip(&self, branch: &BranchName, uncommitted: Uncommitted) -> Result<BranchTip, WorkError>;
    /// Returns the commits by which this clone knows a branch, the likeliest first. The remote is not
    /// asked, and the work tree not read.
    fn tips_at_hand(&self, _branch: &BranchName) -> Vec<String> {
        Vec::new()
    }
    /// Returns what a branch changed since it left the default branch; `None` when it cannot be found.
    fn changed_files(&self, branch: &BranchName) -> Result<Option<Vec<ChangedFile>>, WorkError>;
    /// Returns when each of these branches was last committed to, by the committer's clock; `None` for one that
    /// is not known here.
    fn last_commits_at(&self, branches: &[BranchName]) -> Vec<Option<Timestamp>>;
    /// Returns the symbols of a file as it stands in the work tree; `None` when there is none, or its
    /// language is not known.
    fn outline(&self, _path: &str) -> Option<Outline> {
        None
    }
    /// Returns what a file says at a commit, or with `None` as it stands in the work tree; `None` when there is
    /// no such file, or its language is not known.
    fn source(&self, _at: Option<&str>, _path: &str) -> Option<Source> {
        None
    }
    /// Returns the files that `specs` cover, in order: those of a commit, or with `None` those tracked here.
    fn files(&self, _at: Option<&str>, _specs: &[PathSpec]) -> Vec<String> {
        Vec::new()
    }
    /// Returns the repository's `owner/name` at its forge, or its folder's name.
    fn slug(&self) -> String;
    /// Returns those of `paths` that git ignores; none when it cannot say.
    fn ignored(&self, _paths: &[String]) -> BTreeSet<String> {
        BTreeSet::new()
    }
    /// Returns what hooks have seen change in this worktree, and for which claims.
    fn touched(&self) -> Vec<TouchedPath> {
        Vec::new()
    }
    /// Forgets that for a claim which is over.
    fn forget_touched(&self, _key: &str) {}
    /// Returns what was last found out about the remote's branches, and sees to it that it is found
    /// out again in the background when it is older than a minute.
    fn active_branches(&self) -> ActiveBranches;
    /// Finds out about the remote's branches now.
    fn look_up(&self) -> Result<(), WorkError> {
        Ok(())
    }
}

/// Whether uncommitted changes count as part of our branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Uncommitted {
    /// They do.
    Included,
    /// They do not.
    Left,
}
