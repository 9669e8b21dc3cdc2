//! What `init` and `doctor` need to know of a person's clone, and what `init` writes there.

use std::path::PathBuf;

use agentsync_core::Timestamp;
use thiserror::Error;

use super::WorkError;

/// A file of the work tree as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundFile {
    /// Its content.
    pub text: String,
    /// Where it really is, symbolic links followed: two names may be one file.
    pub place: PathBuf,
}

/// What becomes of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileWrite {
    /// Relative to the root of the work tree, with `/`.
    pub path: String,
    /// What it held when this was worked out; `None` when it was not there.
    pub before: Option<String>,
    /// The new content; `None` deletes the file.
    pub after: Option<String>,
}

/// Why a file could not be read or written.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FilesError {
    /// A link leads elsewhere.
    #[error("{path} leads to `{}`, which is not in this work tree", target.display())]
    Leaves {
        /// The path that was asked for.
        path: String,
        /// Where it leads.
        target: PathBuf,
    },
    /// Not UTF-8.
    #[error("{path} is not text in UTF-8")]
    NotText {
        /// The file.
        path: String,
    },
    /// Somebody wrote to it since it was read.
    #[error("{path} was changed meanwhile, and nothing was written")]
    Changed {
        /// The file.
        path: String,
    },
    /// The system refused.
    #[error("cannot {doing} {path}: {detail}")]
    Io {
        /// `read`, `write` or `delete`.
        doing: &'static str,
        /// The file.
        path: String,
        /// What the system said.
        detail: String,
    },
}

/// The files of a work tree, those in `.git/hooks` of its clone included, and what is kept for it in the git folder.
pub trait CloneFiles: Send + Sync {
    /// Returns a file, or `None` when there is none. A link that leaves the work tree is an error.
    fn read(&self, path: &str) -> Result<Option<FoundFile>, FilesError>;
    /// Tells whether a file or folder is there.
    fn has(&self, path: &str) -> bool;
    /// Tells whether a file or folder is in the user's home.
    fn home_has(&self, path: &str) -> bool;
    /// Writes and deletes files. All new content is laid ready before the first file is replaced,
    /// and none is when one of them is not what it was.
    fn write(&self, writes: &[FileWrite]) -> Result<(), FilesError>;
    /// Returns a small text that was kept for this worktree under `name`.
    fn kept(&self, name: &str) -> Option<String>;
    /// Keeps a small text for this worktree under `name`; `None` forgets it.
    fn keep(&self, name: &str, text: Option<&str>) -> Result<(), FilesError>;
    /// Tells whether a file is a program that git would run as a hook.
    fn is_executable(&self, path: &str) -> bool;
    /// Returns the folder that `core.hooksPath` names, relative to the work tree where it is in it, else as
    /// it is; `None` when git looks into the folder that all worktrees share.
    fn hooks_path(&self) -> Option<Result<String, String>>;
    /// Returns the host of the remote, if it has one.
    fn remote_host(&self) -> Option<String>;
    /// Returns a value of the repository's own git configuration.
    fn setting(&self, key: &str) -> Option<String>;
    /// Sets a value of the repository's own git configuration; `None` removes it.
    fn set(&self, key: &str, value: Option<&str>) -> Result<(), WorkError>;
}

/// A folder of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrivateFolder {
    /// Where it is.
    pub path: PathBuf,
    /// All its files together.
    pub n_bytes: u64,
    /// Why nothing can be written into it, where that is so.
    pub fault: Option<String>,
}

/// The repository that holds the board, seen from its own disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HubFiles {
    /// Where it is.
    pub path: PathBuf,
    /// Lock files that every push must take and that somebody has left behind.
    pub stale_locks: Vec<PathBuf>,
    /// How many folders of pushes that were broken off lie there.
    pub n_quarantines: usize,
    /// Whether what is pushed there is written through to the disk, by its configuration.
    pub is_hardened: bool,
}

/// A hook that is installed, and what it did when it was fired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FiredHook {
    /// Whose it is.
    pub client: super::super::init::client::Client,
    /// The file it stands in.
    pub file: String,
    /// The command, as it is registered; the file itself where it is a program.
    pub command: String,
    /// The refusal, or what came instead.
    pub answer: Result<String, String>,
    /// Why the client does not run it, where that can be seen.
    pub off: Option<String>,
}

/// One of git's own hooks that is installed, and what it did when it was fired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FiredGitHook {
    /// Git's name for it.
    pub hook: &'static str,
    /// The file it stands in.
    pub file: String,
    /// What it said when it refused, or what came instead.
    pub answer: Result<String, String>,
    /// Why git does not come to it, where that can be seen, and what to do.
    pub off: Option<(String, String)>,
}

/// What else can be asked of a board when something does not work.
pub trait BoardProbe: Send + Sync {
    /// Looks at the repository that holds the board; `None` when it is not on a disk of this machine.
    fn hub_files(&self) -> Option<HubFiles>;
    /// Returns how many bytes the document has that was seen last.
    fn board_size(&self) -> Option<u64>;
    /// Returns when the newest commit that was seen was made, by its author's clock.
    fn newest_commit_at(&self) -> Option<Timestamp>;
}

/// What else can be asked of a clone when something does not work.
pub trait CloneProbe: Send + Sync {
    /// Tells whether there is a commit to work on.
    fn has_commits(&self) -> bool;
    /// Returns our folder in this clone.
    fn private_folder(&self) -> PrivateFolder;
    /// Returns how many worktrees the clone has.
    fn n_worktrees(&self) -> usize;
    /// Tells whether git has a credential helper here.
    fn has_credential_helper(&self) -> bool;
    /// Tells whether an ssh agent can be asked.
    fn has_ssh_agent(&self) -> bool;
    /// Fires a trial through every hook that is installed here.
    fn fire_hooks(&self) -> Vec<FiredHook> {
        Vec::new()
    }
    /// Fires a trial through our part of git's own hooks; what others have in them is not run.
    fn fire_git_hooks(&self) -> Vec<FiredGitHook> {
        Vec::new()
    }
}
