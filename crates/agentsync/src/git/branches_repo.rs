//! A private bare repository beside the user's, for the peers' branches and for trial merges.
//!
//! It borrows the user's objects and keeps its own references, so that nothing the user has is
//! written, pruned or obeyed. It is disposable: whatever looks wrong, it is made anew.

pub mod commits;
mod create;
mod fetch;

use std::path::PathBuf;
use std::time::Duration;

use agentsync_core::BranchName;

use self::commits::Commits;
use super::command::{Call, Git, GitError};
use super::user_repo::UserRepo;
use crate::app::ports::WorkError;

/// Where the remote's branches are kept.
pub const HEADS: &str = "refs/agentsync/heads/";

/// The private repository of one clone.
#[derive(Debug, Clone)]
pub struct BranchesRepo {
    /// Its git directory.
    pub dir: PathBuf,
    user: UserRepo,
    git: Git,
}

impl BranchesRepo {
    /// Names the private repository of `user`'s clone; it is made when it is first needed.
    ///
    /// `limit` bounds each single call of git.
    pub fn of(user: UserRepo, limit: Duration) -> BranchesRepo {
        let dir = user.common_dir.join("agentsync").join("branches.git");
        let git = user.git(limit);
        BranchesRepo { dir, user, git }
    }

    /// Returns the repository whose branches it keeps.
    pub fn user(&self) -> &UserRepo {
        &self.user
    }

    /// Sees to it that the repository is there and still fits the user's.
    pub fn ensure(&self) -> Result<(), WorkError> {
        create::ensure(self)
    }

    /// Makes room when a lot has gathered: the repository is made anew.
    pub fn tidy(&self) -> Result<(), WorkError> {
        match create::is_big(self) {
            true => create::recreate(self),
            false => Ok(()),
        }
    }

    /// Begins a call of git on it, with the user's settings for credentials and transport.
    pub fn call(&self) -> Call<'_> {
        // Git itself waits for the lock of a reference that another of our processes is writing.
        let call = self.git.at(&self.dir).config("core.filesRefLockTimeout=3000");
        self.user.configure(call.config("core.packedRefsTimeout=3000"))
    }

    /// Begins a call of git on one of the clone's own repositories, which has its settings already.
    pub fn local_call(&self, git_dir: &std::path::Path) -> Call<'_> {
        self.git.at(git_dir)
    }

    /// Brings the remote's tips of `branches` here, all in one call; those that are gone there go here.
    pub fn fetch(&self, branches: &[BranchName]) -> Result<(), WorkError> {
        let specs: Vec<String> = branches.iter().map(fetch::spec_that_may_miss).collect();
        match specs.is_empty() {
            true => Ok(()),
            false => fetch::fetch(self, &specs),
        }
    }

    /// Brings all of the remote's branches here, except one.
    pub fn fetch_all_but(&self, branch: &str) -> Result<(), WorkError> {
        fetch::fetch(self, &[format!("+refs/heads/*:{HEADS}*"), format!("^refs/heads/{branch}")])
    }

    /// Returns the remote's tip of a branch, as last fetched.
    pub fn tip(&self, branch: &BranchName) -> Result<Option<String>, WorkError> {
        tip_in(&self.open()?, branch)
    }

    /// Returns the remote's tips of many branches, in their order, as last fetched; `None` for what is not there or
    /// cannot be read.
    pub fn tips(&self, branches: &[BranchName]) -> Vec<Option<String>> {
        let repo = self.open().ok();
        branches.iter().map(|branch| tip_in(repo.as_ref()?, branch).ok().flatten()).collect()
    }

    /// Opens the commits for reading.
    pub fn commits(&self) -> Result<Commits, WorkError> {
        Commits::of(self)
    }

    /// Says that the remote could not be reached, without its secrets.
    pub fn unreachable(&self, err: &GitError) -> WorkError {
        fetch::unreachable(self, err)
    }

    /// Tells whether `ancestor` is part of the history of `commit`.
    pub fn is_ancestor(&self, ancestor: &str, commit: &str) -> Result<bool, WorkError> {
        let failed = failed_to("compare two commits");
        let args = ["merge-base", "--is-ancestor", "--end-of-options", ancestor, commit];
        let output = self.call().args(args).run().map_err(failed)?;
        match output.code {
            1 => Ok(false),
            _ => output.success().map(|_| true).map_err(failed),
        }
    }

    /// Returns where two commits parted, or `None` when they have no history in common here.
    pub fn merge_base(&self, one: &str, other: &str) -> Result<Option<String>, WorkError> {
        let failed = failed_to("compare two commits");
        let args = ["merge-base", "--end-of-options", one, other];
        let output = self.call().args(args).run().map_err(failed)?;
        match output.code {
            1 => Ok(None),
            _ => Ok(Some(output.success().map_err(failed)?.text().trim_end().to_owned())),
        }
    }

    /// Opens it in process; the user's objects are there too.
    pub fn open(&self) -> Result<gix::Repository, WorkError> {
        self.ensure()?;
        let options = gix::open::Options::isolated().with(gix::sec::Trust::Full).open_path_as_is(true);
        gix::open_opts(&self.dir, options).map_err(|err| unreadable(&err))
    }
}

fn tip_in(repo: &gix::Repository, branch: &BranchName) -> Result<Option<String>, WorkError> {
    let found = repo.try_find_reference(&format!("{HEADS}{branch}")).map_err(|err| unreadable(&err))?;
    Ok(found.and_then(|found| found.target().try_id().map(|id| id.to_string())))
}

/// Returns what turns git's failure into ours, for `map_err`.
pub fn failed_to(doing: &'static str) -> impl Fn(GitError) -> WorkError + Copy {
    move |err| WorkError::Git { doing, detail: err.to_string() }
}

fn unreadable(err: &dyn std::error::Error) -> WorkError {
    WorkError::Git { doing: "read the private repository", detail: err.to_string() }
}

#[cfg(test)]
mod tests;
