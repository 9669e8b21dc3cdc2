//! Merged work in a place of its own: out of the user's work tree, until it is known to be good.

mod command;
mod hunks;
mod land;
mod layout;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use agentsync_core::BranchName;

use crate::app::ports::{Advanced, Clock, Hunk, Merged, Scratch, Tried, WorkError};
use crate::git::branches_repo::{BranchesRepo, failed_to};
use crate::git::command::Output;
use crate::git::merge_tree;
use crate::git::user_repo::UserRepo;

/// Merged work of one clone.
pub struct GitScratch {
    repo: BranchesRepo,
    /// The folder for trees that are laid out, outside of every repository.
    places: PathBuf,
    clock: Arc<dyn Clock>,
}

impl GitScratch {
    /// Names the place; nothing is written yet. `cache` is a folder outside of every repository.
    pub fn of(user: UserRepo, cache: Option<PathBuf>, limit: Duration, clock: Arc<dyn Clock>) -> GitScratch {
        let clone = layout::name_of(&user.common_dir);
        let cache = cache.unwrap_or_else(|| std::env::temp_dir().join("agentsync-scratch"));
        GitScratch { repo: BranchesRepo::of(user, limit), places: cache.join("scratch").join(clone), clock }
    }

    /// Returns where the outcomes of commands are kept.
    fn outcomes(&self) -> PathBuf {
        self.repo.user().common_dir.join("agentsync").join("verify")
    }
}

impl Scratch for GitScratch {
    fn contains(&self, ancestor: &str, commit: &str) -> Result<bool, WorkError> {
        self.repo.ensure()?;
        self.repo.is_ancestor(ancestor, commit)
    }

    fn merge(&self, ours: &str, theirs: &str) -> Result<Merged, WorkError> {
        self.repo.ensure()?;
        let merged = merge_tree::merge(self.repo.call(), ours, ours, theirs);
        merged.map_err(failed_to("merge the two commits"))
    }

    fn try_command(&self, tree: &str, command: &str, limit: Duration) -> Result<Tried, WorkError> {
        self.repo.ensure()?;
        command::try_command(self, tree, command, limit)
    }

    fn hunks(&self, tree: &str, path: &str) -> Result<Vec<Hunk>, WorkError> {
        let spec = format!("{tree}:{path}");
        let call = self.repo.call().args(["cat-file", "blob", "--end-of-options", &spec]);
        let output = call.run().map_err(failed_to("read a merged file"))?;
        // A file that one side deleted has no text to show.
        Ok(if output.code == 0 { hunks::parse(&output.text()) } else { Vec::new() })
    }

    fn subjects(&self, tip: &str, other: &str, path: &str, limit: usize) -> Result<Vec<String>, WorkError> {
        let (count, not_theirs) = (format!("--max-count={limit}"), format!("^{other}"));
        let args =
            ["log", "--format=%s", "--no-merges", &count, "--end-of-options", tip, &not_theirs, "--", path];
        let output =
            self.repo.call().config("core.quotePath=false").env("GIT_LITERAL_PATHSPECS", "1").args(args);
        let output =
            output.run().and_then(Output::success).map_err(failed_to("read the history of a file"))?;
        Ok(output.text().lines().map(str::to_owned).collect())
    }

    fn commit(&self, tree: &str, ours: &str, theirs: &str, message: &str) -> Result<String, WorkError> {
        land::commit(&self.repo, tree, ours, theirs, message)
    }

    fn advance(&self, branch: &BranchName, from: &str, to: &str) -> Result<Advanced, WorkError> {
        land::advance(&self.repo, branch, from, to)
    }

    fn leave_merge(&self, branch: &BranchName, ours: &str, theirs: &str) -> Result<PathBuf, WorkError> {
        land::leave_merge(&self.repo, &self.places, branch, ours, theirs)
    }
}

fn io_fault(doing: &'static str) -> impl Fn(std::io::Error) -> WorkError + Copy {
    move |err| WorkError::Git { doing, detail: err.to_string() }
}
