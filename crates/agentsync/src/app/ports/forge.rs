//! The place where pull requests are opened and people invited.

use agentsync_core::BranchName;
use thiserror::Error;

/// How an invitation went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Whom.
    pub user: String,
    /// Whether the forge took it.
    pub is_invited: bool,
    /// What to tell people.
    pub message: String,
}

/// A pull request to open.
#[derive(Debug, Clone)]
pub struct PullRequest {
    /// The branch with the work.
    pub head: BranchName,
    /// Its commit at the remote, as a full object id.
    pub head_commit: String,
    /// The branch it lands on.
    pub base: BranchName,
    /// Its title.
    pub title: String,
    /// Its body.
    pub body: String,
    /// Whether it is a draft.
    pub is_draft: bool,
}

/// The repository that the clone's remote is, at its forge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home {
    /// `owner/name`.
    pub slug: String,
    /// Where others clone it from.
    pub clone_url: String,
}

/// A repository at the forge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    /// Where to clone it from.
    pub clone_url: String,
    /// The branch that work lands on; `None` while the repository is empty.
    pub default_branch: Option<BranchName>,
}

/// A repository to create.
#[derive(Debug, Clone)]
pub struct NewRepository {
    /// `owner/name`.
    pub slug: String,
    /// Whether only invited people see it.
    pub is_private: bool,
    /// One line about it.
    pub description: Option<String>,
}

/// Why the forge did not do what it was asked.
#[derive(Debug, Error)]
pub enum ForgeError {
    /// There is no remote, or it is a folder: nobody opens pull requests there, or invites people.
    #[error("the remote is at no forge")]
    Nowhere,
    /// The forge's program is not installed.
    #[error("`gh` is not installed")]
    Missing,
    /// Nobody is logged in to the host, or it is none of GitHub's.
    #[error("`gh` is not logged in to `{host}`")]
    LoggedOut {
        /// The host.
        host: String,
    },
    /// The forge said no.
    #[error("gh could not {doing}: {detail}")]
    Refused {
        /// What we wanted of it.
        doing: &'static str,
        /// What was said, without secrets.
        detail: String,
    },
}
/// The place where pull requests are opened and people invited.
pub trait Forge: Send + Sync {
    /// Returns which repository the clone's remote is. Nobody is asked.
    fn home(&self) -> Result<Home, ForgeError>;
    /// Opens a pull request, or returns the address of the one there is.
    fn open_pull_request(&self, request: &PullRequest) -> Result<String, ForgeError>;
    /// Returns the login name of whoever is logged in.
    fn login(&self) -> Result<String, ForgeError>;
    /// Returns a repository at the remote's host, or `None` when there is none of this name.
    fn find_repository(&self, slug: &str) -> Result<Option<Repository>, ForgeError>;
    /// Creates a repository without content, and makes it the clone's remote.
    fn create_repository(&self, new: &NewRepository) -> Result<(), ForgeError>;
    /// Invites one person; a refusal is part of the answer.
    fn invite(&self, slug: &str, user: &str, permission: &str) -> Result<Invitation, ForgeError>;
}
