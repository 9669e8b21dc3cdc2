//! Where a board lives and in whose name it is written, found out once at the start.

use std::path::{Path, PathBuf};

use agentsync_core::{AgentId, BranchName};

use super::trust::Trust;
use crate::app::ports::StoreError;
use crate::git::command::{Call, Git};

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
    /// Settings of this repository that reaching its remote may need.
    pub settings: Vec<(String, String)>,
    /// Who commits; `None` when git knows nobody: then each agent does under its own name.
    pub identity: Option<Identity>,
    /// The agent in whose name the board is created and repaired.
    pub agent: AgentId,
    /// The coordination branch.
    pub branch: BranchName,
    /// Where the clones of one user on this machine meet; `None` when they do not.
    pub host_dir: Option<PathBuf>,
    /// Whose signatures count, and how ours are made.
    pub trust: Trust,
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
    /// Begins a call on a private repository, with the settings that reaching the remote may need.
    ///
    /// They travel in the environment: tokens among them must not be seen by other users of the machine.
    pub fn call<'a>(&self, git: &'a Git, git_dir: &Path) -> Call<'a> {
        let call = git.at(git_dir).env("GIT_CONFIG_COUNT", self.settings.len().to_string());
        self.settings.iter().enumerate().fold(call, |call, (n, (key, value))| {
            call.env(&format!("GIT_CONFIG_KEY_{n}"), key).env(&format!("GIT_CONFIG_VALUE_{n}"), value)
        })
    }

    /// Returns who commits a change of `agent`.
    pub fn identity_for(&self, agent: &AgentId) -> Identity {
        let own = || Identity { name: agent.to_string(), email: format!("{agent}@agentsync.invalid") };
        self.identity.clone().unwrap_or_else(own)
    }

    /// Returns the folder that holds everything private of ours in this clone.
    pub fn private_dir(&self) -> PathBuf {
        private_dir(&self.common_dir)
    }

    /// Says that something private could not be read or written.
    pub fn cache_fault(&self, doing: &'static str, detail: &str) -> StoreError {
        StoreError::Cache { doing: doing.into(), path: self.private_dir(), detail: detail.to_owned() }
    }

    /// Returns the folder in which the changes of this clone's processes wait.
    pub fn queue_dir(&self) -> PathBuf {
        self.private_dir().join("queue").join(self.board_name())
    }

    /// Returns the file that holds the copy of the board.
    pub fn copy_path(&self) -> PathBuf {
        self.desk_dir().join("board.json")
    }

    /// Returns the folder of what hooks leave for each other about this board.
    pub fn desk_dir(&self) -> PathBuf {
        self.private_dir().join("desk").join(self.board_name())
    }

    /// Returns a name that this board has in this clone, for this version of the program.
    fn board_name(&self) -> String {
        let remote = self.remote.as_ref().map_or("", |remote| &remote.push_url);
        // Programs of different versions do not read each other's files.
        // Nor does anybody sign for processes that sign with another key.
        let key = self.trust.key_name();
        let what = format!("{} {remote} {} {key}", env!("CARGO_PKG_VERSION"), self.branch);
        let name = gix::objs::compute_hash(gix::hash::Kind::Sha1, gix::objs::Kind::Blob, what.as_bytes());
        name.map_or_else(|_| "board".to_owned(), |name| name.to_hex_with_len(16).to_string())
    }
}

/// Returns the folder that holds everything private of ours in a clone.
pub fn private_dir(common_dir: &Path) -> PathBuf {
    common_dir.join("agentsync")
}
