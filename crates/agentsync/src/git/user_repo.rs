//! The user's repository: where it is, what kind it is, and what of its configuration we follow.
//!
//! It is read in process and never written. References kept as reftables are read through git,
//! since gix opens such a repository without complaint and then finds none of them.

mod discover;
mod link;
mod settings;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use agentsync_core::BranchName;

use super::address::{HostedRepo, parse_hosted};
use super::command::{Call, Git, GitError};
use crate::app::ports::WorkError;

/// The longest a local question to git may take.
const LOCAL_LIMIT: Duration = Duration::from_secs(30);

/// How many references git is asked for at once.
const MAX_ASKED: usize = 500;

/// The most packs that a process can see in one repository, where it may stay for weeks.
pub const MAX_PACKS: u16 = 4_096;

/// The hash that names the objects of a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ObjectFormat {
    /// Ids of 40 digits.
    Sha1,
    /// Ids of 64 digits.
    Sha256,
}

impl ObjectFormat {
    /// Returns git's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            ObjectFormat::Sha1 => "sha1",
            ObjectFormat::Sha256 => "sha256",
        }
    }
}

/// How a repository keeps its references.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefStorage {
    /// As files, which gix reads.
    Files,
    /// As tables, which only git reads.
    Reftable,
}

/// A name and an address for commits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The name.
    pub name: String,
    /// The mail address.
    pub email: String,
}

/// The repository a person works in. All paths are absolute and free of symbolic links.
#[derive(Debug, Clone)]
pub struct UserRepo {
    /// The git directory of this worktree.
    pub git_dir: PathBuf,
    /// The git directory that all worktrees of the clone share.
    pub common_dir: PathBuf,
    /// The root of the work tree; `None` in a bare clone.
    pub work_dir: Option<PathBuf>,
    /// The same root in the spelling it was found under, which people and clients use.
    pub work_dir_as_found: Option<PathBuf>,
    /// The hash of its objects.
    pub object_format: ObjectFormat,
    /// How it keeps its references.
    pub ref_storage: RefStorage,
    /// Whether its history is cut off.
    pub is_shallow: bool,
    /// The name of the remote it was opened for.
    pub remote: String,
    /// The remote's address to hand to git; `None` when there is no such remote.
    ///
    /// As configured: git applies `url.*.insteadOf` to it, exactly once, because [`Self::configure`]
    /// passes on the rules. Applying them here as well would rewrite an address twice.
    pub address: Option<String>,
    /// The remote's address as git will use it, with `insteadOf` applied; may hold secrets.
    pub rewritten_address: Option<String>,
    /// Who commits here; `None` when name or address is not configured.
    pub identity: Option<Identity>,
    /// The repository's own settings for credentials, transport and identity, in their order.
    pub settings: Vec<(String, String)>,
    /// The whole configuration as it was when the repository was found.
    pub(super) config: Arc<gix::config::File>,
    /// The repository opened in process, once that is needed.
    pub(super) opened: Arc<OnceLock<gix::ThreadSafeRepository>>,
}

impl UserRepo {
    /// Finds the repository around `path`, for work with the remote called `remote`.
    ///
    /// Environment variables that point git at another repository are ignored on purpose: a server
    /// started from a git hook would otherwise look at the wrong one.
    pub fn open(path: &Path, remote: &str) -> Result<UserRepo, WorkError> {
        discover::open(path, remote)
    }

    /// Returns which repository at which host the remote is; `None` for a folder.
    pub fn hosted(&self) -> Option<HostedRepo> {
        let addresses = [&self.rewritten_address, &self.address];
        addresses.into_iter().flatten().find_map(|address| parse_hosted(address))
    }

    /// Returns a value of the configuration as it was when the repository was found.
    pub fn config_value(&self, key: &str) -> Option<String> {
        self.config.string(key).map(|value| value.to_string())
    }

    /// Returns how git is run for this repository; relative addresses are relative to its root.
    pub fn git(&self, limit: Duration) -> Git {
        Git { cwd: self.work_dir.clone().unwrap_or_else(|| self.git_dir.clone()), limit }
    }

    /// Gives a call on another repository this one's settings for credentials and transport.
    ///
    /// They travel in the environment, where other users of the machine cannot read the tokens that
    /// some of them hold.
    #[must_use]
    pub fn configure<'a>(&self, call: Call<'a>) -> Call<'a> {
        let numbered = self.settings.iter().enumerate();
        numbered.fold(
            call.env("GIT_CONFIG_COUNT", self.settings.len().to_string()),
            |call, (n, (key, value))| {
                call.env(&format!("GIT_CONFIG_KEY_{n}"), key).env(&format!("GIT_CONFIG_VALUE_{n}"), value)
            },
        )
    }

    /// Returns the branch that is checked out, whether or not it has commits; `None` when HEAD is detached.
    pub fn head_branch(&self) -> Result<Option<BranchName>, WorkError> {
        let Some(name) = self.symbolic_target("HEAD")? else {
            return Ok(None);
        };
        BranchName::parse(&name).map(Some).map_err(|err| WorkError::Repository {
            what: err.to_string(),
            fix: "git switch to a branch with a plainer name".to_owned(),
        })
    }

    /// Returns the commit that is checked out; `None` when there is none yet.
    pub fn head_commit(&self) -> Result<Option<String>, WorkError> {
        self.ref_commit("HEAD")
    }

    /// Returns the object that a full reference name leads to, or `None` when there is no such reference.
    pub fn ref_commit(&self, name: &str) -> Result<Option<String>, WorkError> {
        match self.ref_storage {
            RefStorage::Files => {
                let repo = self.gix()?;
                let found = repo.try_find_reference(name).map_err(|err| unreadable(&err))?;
                // A name that leads to nothing, such as HEAD before the first commit, is not an error.
                let id = found.and_then(|mut found| found.peel_to_id().ok().map(|id| id.to_string()));
                Ok(id)
            }
            RefStorage::Reftable => self.ask(&["rev-parse", "--verify", "--quiet", "--end-of-options", name]),
        }
    }

    /// Returns the commits that full names of branches lead to, in their order, `None` for what is not there or cannot
    /// be read; git is started once for many.
    pub fn ref_commits(&self, names: &[String]) -> Vec<Option<String>> {
        if self.ref_storage == RefStorage::Files {
            return names.iter().map(|name| self.ref_commit(name).ok().flatten()).collect();
        }
        let mut found = BTreeMap::new();
        for names in names.chunks(MAX_ASKED) {
            // A name also asks for what stands below it, which nobody will look up.
            let args = ["for-each-ref", "--format=%(refname) %(objectname)", "--"];
            let args: Vec<&str> = args.into_iter().chain(names.iter().map(String::as_str)).collect();
            let lines = self.ask(&args).ok().flatten().unwrap_or_default();
            let pairs = lines.lines().filter_map(|line| line.split_once(' '));
            found.extend(pairs.map(|(name, id)| (name.to_owned(), id.to_owned())));
        }
        names.iter().map(|name| found.get(name).cloned()).collect()
    }

    /// Returns the full reference name that a symbolic reference points to, or `None`.
    pub fn symbolic_target(&self, name: &str) -> Result<Option<String>, WorkError> {
        match self.ref_storage {
            RefStorage::Files => {
                let repo = self.gix()?;
                let found = repo.refs.try_find(name).map_err(|err| unreadable(&err))?;
                Ok(found.and_then(|found| found.target.try_name().map(|name| name.as_bstr().to_string())))
            }
            RefStorage::Reftable => self.ask(&["symbolic-ref", "--quiet", "--end-of-options", name]),
        }
    }

    /// Returns the repository opened in process. Only with [`RefStorage::Files`] may references be read from it.
    ///
    /// It is opened once: references and objects are as they are now, the configuration as it was then.
    pub fn gix(&self) -> Result<gix::Repository, WorkError> {
        if let Some(opened) = self.opened.get() {
            return Ok(opened.to_thread_local());
        }
        let options = discover::options().with(gix::sec::Trust::Full).open_path_as_is(true);
        let options = options.object_store_slots(gix::odb::store::init::Slots::Given(MAX_PACKS));
        let opened = gix::ThreadSafeRepository::open_opts(&self.git_dir, options);
        let opened = opened.map_err(|err| unreadable(&err))?;
        Ok(self.opened.get_or_init(|| opened).to_thread_local())
    }

    /// Returns what git answers, or `None` when it answers *no*.
    fn ask(&self, args: &[&str]) -> Result<Option<String>, WorkError> {
        let failed = |err: GitError| WorkError::Git { doing: "read the references", detail: err.to_string() };
        let output = self.git(LOCAL_LIMIT).at(&self.git_dir).args(args).run().map_err(failed)?;
        match output.code {
            1 => Ok(None),
            _ => Ok(Some(output.success().map_err(failed)?.text().trim_end().to_owned())),
        }
    }
}

fn unreadable(err: &dyn std::error::Error) -> WorkError {
    WorkError::Git { doing: "read the repository", detail: err.to_string() }
}

#[cfg(test)]
mod tests;
