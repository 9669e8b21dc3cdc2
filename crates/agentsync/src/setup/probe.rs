//! Looks at what may be wrong with a clone.

use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::app::ports::clone::{CloneProbe, FiredGitHook, FiredHook, PrivateFolder};
use crate::git::command::{Git, GitError};
use crate::git::user_repo::UserRepo;

/// The longest a local question to git may take.
const LOCAL_LIMIT: Duration = Duration::from_secs(30);

/// Looks at one clone.
#[derive(Debug)]
pub struct ProbedClone<'a> {
    /// The clone that has the board.
    pub repo: &'a UserRepo,
    /// The clone the work is done in.
    pub work: &'a UserRepo,
    /// Whether the environment names an ssh agent.
    pub has_ssh_agent: bool,
    /// The user's home.
    pub home: Option<std::path::PathBuf>,
}

impl CloneProbe for ProbedClone<'_> {
    fn has_commits(&self) -> bool {
        matches!(self.repo.head_commit(), Ok(Some(_)))
    }

    fn private_folder(&self) -> PrivateFolder {
        let path = self.repo.common_dir.join("agentsync");
        let trial = path.join(format!(".trial-{}", std::process::id()));
        let written = fs::create_dir_all(&path).and_then(|()| fs::write(&trial, b"trial"));
        let _ = fs::remove_file(&trial);
        PrivateFolder { n_bytes: n_bytes(&path), fault: written.err().map(|err| err.to_string()), path }
    }

    fn n_worktrees(&self) -> usize {
        let linked = fs::read_dir(self.repo.common_dir.join("worktrees"));
        1 + linked.map_or(0, |entries| entries.flatten().count())
    }

    fn has_credential_helper(&self) -> bool {
        let git = self.repo.git(LOCAL_LIMIT);
        let call = git.at(&self.repo.git_dir).args(["config", "--get-regexp", r"^credential\..*helper$"]);
        call.run().is_ok_and(|output| output.code == 0)
    }

    fn has_ssh_agent(&self) -> bool {
        self.has_ssh_agent
    }

    fn fire_hooks(&self) -> Vec<FiredHook> {
        super::fire::fire(self.work, self.home.as_deref())
    }

    fn fire_git_hooks(&self) -> Vec<FiredGitHook> {
        super::fire_git::fire(self.work, self.home.clone())
    }
}

/// Returns git's version in its own words, such as `2.47.3`.
pub fn git_version(folder: &Path) -> Result<String, GitError> {
    let git = Git { cwd: folder.to_owned(), limit: LOCAL_LIMIT };
    let text = git.nowhere().args(["version"]).run()?.success()?.text();
    // git version 2.47.3
    Ok(text.trim().strip_prefix("git version ").unwrap_or(text.trim()).to_owned())
}

fn n_bytes(path: &Path) -> u64 {
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    let sizes = entries.map(|entry| match entry.metadata() {
        Ok(found) if found.is_dir() => n_bytes(&entry.path()),
        Ok(found) => found.len(),
        Err(_) => 0,
    });
    sizes.sum()
}
