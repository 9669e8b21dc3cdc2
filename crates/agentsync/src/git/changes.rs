//! What a branch changes, compared with where it is to land.

use std::time::Duration;

use agentsync_core::region::SymbolPath;

use super::command::GitError;
use super::user_repo::UserRepo;
use super::versions;
use crate::app::ports::WorkError;
use crate::app::ports::gate::{Changes, Range};

/// What to do about a history that is cut off.
const FETCH_ALL: &str = "fetch all of the history: `fetch-depth: 0` for actions/checkout, `GIT_DEPTH: \"0\"` at GitLab, or `git fetch --unshallow`";

/// Compares commits of the user's repository; nothing is written there.
#[derive(Debug, Clone)]
pub struct GitChanges {
    /// The repository.
    pub user: UserRepo,
    /// How long one call of git may take.
    pub limit: Duration,
}

impl GitChanges {
    /// Returns what git answers, or `None` when it answers *no*.
    fn ask(&self, args: &[&str]) -> Result<Option<String>, WorkError> {
        let git = self.user.git(self.limit);
        let output = git.at(&self.user.git_dir).args(args).run().map_err(|err| failed(&err))?;
        match output.code {
            1 => Ok(None),
            _ => output.success().map(|output| Some(output.text())).map_err(|err| failed(&err)),
        }
    }

    fn commit(&self, name: &str) -> Result<String, WorkError> {
        let named = format!("{name}^{{commit}}");
        let found = self.ask(&["rev-parse", "--verify", "--quiet", "--end-of-options", &named])?;
        let fix = match self.user.is_shallow {
            true => FETCH_ALL.to_owned(),
            false => format!("git fetch {}, and name a branch or commit that is here", self.user.remote),
        };
        let what = format!("`{}` names no commit here", name.escape_debug());
        found.map(|id| id.trim().to_owned()).ok_or(WorkError::Repository { what, fix })
    }

    fn parted(&self, base: &str, head: &str) -> Result<String, WorkError> {
        let found = self.ask(&["merge-base", "--end-of-options", base, head])?;
        let (why, fix) = match self.user.is_shallow {
            true => ("the history here is cut off", FETCH_ALL),
            false => ("they have no commit in common", "name the branch that the work is to land on"),
        };
        found.map(|id| id.trim().to_owned()).ok_or_else(|| {
            let short = |id: &str| id.get(..10).unwrap_or(id).to_owned();
            let what = format!("where {} and {} parted cannot be found: {why}", short(base), short(head));
            WorkError::Repository { what, fix: fix.to_owned() }
        })
    }
}

impl Changes for GitChanges {
    fn range(&self, base: &str, head: &str) -> Result<Range, WorkError> {
        let (base, head) = (self.commit(base)?, self.commit(head)?);
        let parted = self.parted(&base, &head)?;
        // Without looking for renames both names of what moved are there: both change.
        let args = ["diff-tree", "-r", "-z", "--no-renames", "--name-only", "--end-of-options"];
        let listed = self.ask(&[&args[..], &[&parted, &head]].concat())?.unwrap_or_default();
        let paths = listed.split('\0').filter(|path| !path.is_empty()).map(str::to_owned).collect();
        Ok(Range { base, head, parted, paths })
    }

    fn changed_symbols(&self, range: &Range, path: &str) -> Option<Vec<SymbolPath>> {
        let git = self.user.git(self.limit);
        let content = |at: &str| versions::content(|| git.at(&self.user.git_dir), &format!("{at}:{path}"));
        versions::changed_symbols(path, &content(&range.parted)?, &content(&range.head)?)
    }
}

fn failed(err: &GitError) -> WorkError {
    WorkError::Git { doing: "compare the two commits", detail: err.to_string() }
}
