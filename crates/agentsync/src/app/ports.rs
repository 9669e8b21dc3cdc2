//! What the verbs need from the world; the edges implement it, and only `wiring` knows which.

pub mod clone;

use std::path::PathBuf;
use std::time::Duration;

use agentsync_core::{AgentId, Board, BranchName, ChangedFile, Edit, OpId, Timestamp};
use thiserror::Error;

/// Tells the time and waits.
pub trait Clock: Send + Sync {
    /// Returns the wall clock, for what people read. It decides nothing.
    fn now(&self) -> Timestamp;
    /// Returns the time since some fixed point, never going back; for deadlines.
    fn monotonic(&self) -> Duration;
    /// Waits.
    fn sleep(&self, time: Duration);
}

/// The commit at the tip of the coordination branch, as its full object id in hex.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Tip(pub String);

impl Tip {
    /// Returns the first ten digits, enough for people.
    pub fn short(&self) -> &str {
        self.0.get(..10).unwrap_or(&self.0)
    }
}

/// How recent a board must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// As it stands at the shared place at some moment during this call.
    Now,
    /// The last one seen will do, if it was confirmed a moment ago or nobody else writes here. Good
    /// enough to try a swap on, never to answer *blocked* or *free* from.
    Recent,
}

/// Something about the coordination branch that forbids writing until a person has looked.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Alarm {
    /// The branch is gone, although we have seen it.
    #[error("the coordination branch was deleted: its last known commit is {}", seen.short())]
    Deleted {
        /// The last tip we verified.
        seen: Tip,
    },
    /// The branch does not descend from what we have seen.
    #[error(
        "the coordination branch was rolled back or rewritten: {} does not descend from {}",
        found.short(),
        seen.short()
    )]
    Rewritten {
        /// The last tip we verified.
        seen: Tip,
        /// The tip that stands there now.
        found: Tip,
    },
    /// The document was written by a newer program.
    #[error("the board has schema {schema}, and this program writes schema 1")]
    NewerSchema {
        /// The document's `schema`.
        schema: u64,
    },
}

/// The board at a tip.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// The tip; `None` while the branch does not exist.
    pub tip: Option<Tip>,
    /// The board there; empty when there is no tip.
    pub board: Board,
    /// Whether the shared place confirmed the tip during this call.
    pub is_confirmed: bool,
    /// Why nothing may be written on top of it.
    pub alarm: Option<Alarm>,
}

/// One change to write: one commit.
#[derive(Debug, Clone)]
pub struct Step {
    /// Its id.
    pub op: OpId,
    /// What to write.
    pub edits: Vec<Edit>,
    /// The commit's subject.
    pub subject: String,
    /// The fencing number of the claim it is about.
    pub generation: Option<u64>,
}

/// How a swap went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Swap {
    /// Our steps are the new tip.
    Swapped(Tip),
    /// A peer wrote first: read again and decide again.
    Moved,
    /// No plain answer came; the steps may or may not be on the branch, now or later.
    Unknown {
        /// What was said instead of an answer, fit for people.
        why: String,
    },
}

/// One commit of the coordination branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry {
    /// Its object id in hex.
    pub commit: String,
    /// Its author's time, RFC 3339, as the author's clock had it.
    pub at: String,
    /// Its author's name in git.
    pub by: String,
    /// Its subject.
    pub subject: String,
    /// The touches of the claims that it wrote or removed, for filtering by path.
    pub touches: Vec<String>,
}

/// What to list of the history.
#[derive(Debug, Clone, Default)]
pub struct HistoryQuery {
    /// At most this many entries.
    pub limit: usize,
    /// Only events of this agent.
    pub agent: Option<AgentId>,
    /// Only events of claims that could touch this.
    pub path: Option<agentsync_core::PathSpec>,
}

/// Where the board is, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The repository whose board it is.
    pub repo: PathBuf,
    /// The remote's address without secrets, or `None` when the board is a local ref.
    pub remote: Option<String>,
    /// The coordination branch.
    pub branch: String,
}

/// The shared board: documents, tips and swaps.
pub trait Store: Send + Sync {
    /// Returns the board.
    fn read(&self, want: Freshness) -> Result<Snapshot, StoreError>;
    /// Puts `steps` on top of `base`, all or none, if `base` is still the tip.
    ///
    /// Calling it again with the same arguments, after no plain answer, cannot apply them twice.
    fn swap(&self, base: &Snapshot, steps: &[Step]) -> Result<Swap, StoreError>;
    /// Tells whether a change is on the branch, between `base` (exclusive) and the tip last read.
    fn contains(&self, op: &OpId, base: Option<&Tip>) -> Result<bool, StoreError>;
    /// Lists what happened, newest first.
    fn history(&self, query: &HistoryQuery) -> Result<Vec<LogEntry>, StoreError>;
    /// Says where the board is.
    fn place(&self) -> Place;
    /// Creates the coordination branch with an empty board, if there is none.
    fn seed(&self) -> Result<(), StoreError>;
    /// Tries whether a push would be taken, without pushing: hooks and branch rules are not asked.
    fn try_push(&self) -> Result<(), StoreError>;
    /// Looks for what is wrong with the branch, and for the last state that was right.
    fn diagnose(&self) -> Result<Diagnosis, StoreError>;
    /// Puts right what `diagnosis` names, if nothing has moved since.
    fn mend(&self, diagnosis: &Diagnosis) -> Result<Swap, StoreError>;
}

/// What is wrong with the coordination branch, and what would put it right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Diagnosis {
    /// Nothing.
    Sound {
        /// The tip; `None` while there is no branch.
        tip: Option<Tip>,
    },
    /// It is gone; the last verified tip can be pushed again.
    Deleted {
        /// The last verified tip.
        seen: Tip,
    },
    /// It was rolled back or rewritten; what stands there now can be accepted.
    Rewritten {
        /// The last verified tip.
        seen: Tip,
        /// The tip that stands there now.
        found: Tip,
    },
    /// Its document cannot be read; a commit on top can restore an earlier one.
    Unreadable {
        /// The tip.
        tip: Tip,
        /// What is wrong with its document.
        why: String,
        /// The last commit whose document could be read, with that document.
        good: Option<(Tip, String)>,
    },
}

/// Why the board could not be read or written.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The remote did not answer.
    #[error("cannot reach the remote `{remote}`: {detail}")]
    Unreachable {
        /// Its address, without secrets.
        remote: String,
        /// What was said, without secrets.
        detail: String,
    },
    /// The remote answered that we may not.
    #[error("the remote `{remote}` refuses us: {detail}")]
    Unauthorized {
        /// Its address, without secrets.
        remote: String,
        /// What was said, without secrets.
        detail: String,
    },
    /// The remote takes no push to the coordination branch: a hook, a protection, a full or read-only disk.
    #[error("the remote `{remote}` refuses the push to `{branch}`: {detail}")]
    PushRefused {
        /// Its address, without secrets.
        remote: String,
        /// The coordination branch.
        branch: String,
        /// What was said, without secrets.
        detail: String,
    },
    /// The remote keeps objects of another hash.
    #[error("the remote `{remote}` keeps {theirs} objects and this repository {ours} ones")]
    OtherHash {
        /// Its address, without secrets.
        remote: String,
        /// The remote's object format.
        theirs: String,
        /// Ours.
        ours: String,
    },
    /// The document at the tip cannot be trusted.
    #[error("claims.json at {} cannot be read: {why}", tip.short())]
    Unreadable {
        /// The commit it stands at.
        tip: Tip,
        /// What is wrong with it.
        why: String,
    },
    /// The private cache could not be used.
    #[error("cannot {doing} the cache `{}`: {detail}", path.display())]
    Cache {
        /// What we were doing: `create`, `read`, `write`.
        doing: &'static str,
        /// Where it is.
        path: PathBuf,
        /// What was said.
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

/// What a trial merge found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TrialMerge {
    /// It merges without a textual conflict.
    Clean,
    /// It does not, in these files.
    Conflicts {
        /// Repository-relative paths, sorted.
        files: Vec<String>,
    },
    /// It could not be tried.
    Unknown {
        /// Why.
        why: String,
    },
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

/// Why the working repository could not answer.
#[derive(Debug, Error)]
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

/// The repository the work is done in: branches, diffs and trial merges. Nothing here changes it.
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
    /// Tries to merge two commits, without a trace in the user's repository.
    fn trial_merge(&self, ours: &str, theirs: &str) -> TrialMerge;
    /// Returns what a branch changed since it left the default branch; `None` when it cannot be found.
    fn changed_files(&self, branch: &BranchName) -> Result<Option<Vec<ChangedFile>>, WorkError>;
    /// Returns when a branch was last committed to, by the committer's clock.
    fn last_commit_at(&self, branch: &BranchName) -> Option<Timestamp>;
    /// Returns the repository's `owner/name` at its forge, or its folder's name.
    fn slug(&self) -> String;
    /// Returns what was last found out about the remote's branches, and sees to it that it is found
    /// out again in the background when it is older than a minute.
    fn active_branches(&self) -> ActiveBranches;
}

/// Whether uncommitted changes count as part of our branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Uncommitted {
    /// They do.
    Included,
    /// They do not.
    Left,
}

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

/// The user's clone, as far as setting up a project has to change it.
pub trait Checkout: Send + Sync {
    /// Returns the folder's name.
    fn folder_name(&self) -> String;
    /// Returns the remote's address; `None` while there is no remote.
    fn address(&self) -> Option<String>;
    /// Returns the branch that is checked out, when it has a commit.
    fn committed_branch(&self) -> Result<Option<BranchName>, WorkError>;
    /// Tells whether the clone has a branch of its own with this name.
    fn has_branch(&self, branch: &BranchName) -> Result<bool, WorkError>;
    /// Adds the remote.
    fn add_remote(&self, address: &str) -> Result<(), WorkError>;
    /// Pushes a branch as it is, and lets it follow the remote's.
    fn publish(&self, branch: &BranchName) -> Result<(), WorkError>;
}

/// Opens boards.
pub trait Boards: Send + Sync {
    /// Opens the board anew, as the clone stands now: it may have got a remote.
    fn reopen(&self) -> Result<Box<dyn Store>, super::failure::Failure>;
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
