//! Where a board lives and in whose name it is written, found out once at the start.

use std::path::{Path, PathBuf};

use agentsync_core::BranchName;

use crate::app::ports::StoreError;

/// A repository's side of a board.
#[derive(Debug, Clone)]
pub struct Site {
    /// The user's repository: the top of its work tree, or its git folder when it is bare.
    pub repo: PathBuf,
    /// The git folder that all its worktrees share.
    pub common_dir: PathBuf,
    /// The remote the board is at; `None` when it is a ref of the shared clone itself.
    pub remote: Option<Remote>,
    /// `sha1` or `sha256`.
    pub object_format: String,
    /// Settings of this repository that reaching its remote may need, as `key=value`.
    pub config: Vec<String>,
    /// Who commits.
    pub identity: Identity,
    /// The coordination branch.
    pub branch: BranchName,
}

/// A remote, by address: names would obey the user's configuration.
#[derive(Debug, Clone)]
pub struct Remote {
    /// The address to fetch from, with `url.*.insteadOf` applied.
    pub fetch_url: String,
    /// The address to push to.
    pub push_url: String,
    /// The address for people: no user, no password, no query.
    pub shown: String,
}

/// A name and an address, as git wants them.
#[derive(Debug, Clone)]
pub struct Identity {
    /// The name.
    pub name: String,
    /// The address.
    pub email: String,
}

impl Site {
    /// Returns the folder that holds everything private of ours in this clone.
    pub fn private_dir(&self) -> PathBuf {
        private_dir(&self.common_dir)
    }

    /// Says that something private could not be read or written.
    pub fn cache_fault(&self, doing: &'static str, detail: &str) -> StoreError {
        StoreError::Cache { doing, path: self.private_dir(), detail: detail.to_owned() }
    }

    /// Returns the private repository's folder.
    pub fn cache_dir(&self) -> PathBuf {
        self.private_dir().join("board.git")
    }
}

/// Returns the folder that holds everything private of ours in a clone.
pub fn private_dir(common_dir: &Path) -> PathBuf {
    common_dir.join("agentsync")
}
