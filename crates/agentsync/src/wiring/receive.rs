//! Puts together what the gate of a server needs: its repository, and the objects of the push beside it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use agentsync_core::{AgentId, Timestamp};
use gix::ObjectId;
use tempfile::TempDir;

use crate::app::failure::{Failure, UsageError};
use crate::app::ports::gate::{BadPush, BoardThere, Incoming, Others};
use crate::app::ports::{Clock as _, Store as _, Tip};
use crate::app::receive::Plan;
use crate::clock::SystemClock;
use crate::config::gate::{ServerGate, server_gate};
use crate::config::push::{PushEnvironment, push_environment};
use crate::config::{ConfigError, Flags};
use crate::git::incoming::Receiving;
use crate::git::ssh_keygen::SshKeygen;
use crate::git::user_repo::UserRepo;
use crate::ledger::git_store::GitStore;
use crate::ledger::site::Site;
use crate::ledger::trust::{Signing, Trust};
use crate::ledger::{cache, receive};

/// How long one call of git may take: the pusher waits for all of them.
const LIMIT: Duration = Duration::from_secs(60);

/// A server during a push.
pub struct Server {
    /// The push.
    pub push: ServerPush,
    /// What holds for it.
    pub plan: Plan,
    clock: Arc<SystemClock>,
}

/// A push, and what it is judged with.
pub struct ServerPush {
    receiving: Receiving,
    /// A repository without references, that borrows the server's objects and those of the push.
    store: GitStore,
    branch: String,
    signer: Option<String>,
    _scratch: TempDir,
}

/// Returns the coordination branch's name, as far as it can be told where nothing else can.
pub fn board_name(flags: &Flags) -> String {
    let set = || UserRepo::open(&folder(flags), "origin").ok()?.config_value("agentsync.branch");
    flags.branch.clone().or_else(set).unwrap_or_else(|| "agentsync".to_owned())
}

/// Returns the folder of the server's repository.
fn folder(flags: &Flags) -> PathBuf {
    let current = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
    flags.repo.as_ref().map_or_else(|| current.clone(), |repo| current.join(repo))
}

impl Server {
    /// Finds the server's repository and its settings.
    pub fn open(flags: &Flags) -> Result<Server, Failure> {
        let repo = UserRepo::open(&folder(flags), "origin")?;
        let settings = server_gate(flags, &|key| repo.config_value(key))?;
        let told = push_environment();
        let scratch = tempfile::tempdir().map_err(|err| cannot_keep(&std::env::temp_dir(), &err))?;
        borrow(scratch.path(), &repo, &told)?;
        let receiving = Receiving::of(repo.clone(), told.objects, LIMIT);
        let clock = Arc::new(SystemClock::start());
        let site = site(&repo, scratch.path(), &settings, &receiving)?;
        let store = GitStore::open(site, repo.git(LIMIT), clock.clone())?;
        let branch = settings.branch.as_str().to_owned();
        let plan = Plan {
            branch: branch.clone(),
            policy: settings.policy,
            unsure: settings.unsure,
            others: settings.others,
        };
        let push = ServerPush { receiving, store, branch, signer: told.signer, _scratch: scratch };
        Ok(Server { push, plan, clock })
    }

    /// Returns the time.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

/// Makes the repository in which the push is looked at.
fn borrow(scratch: &Path, repo: &UserRepo, told: &PushEnvironment) -> Result<(), Failure> {
    cache::open(scratch, repo.object_format.as_str())?;
    let own = repo.common_dir.join("objects");
    let folders = told.folders.iter().chain([&own]);
    let lines: Vec<String> = folders.map(|folder| folder.display().to_string()).collect();
    let path = scratch.join("objects").join("info").join("alternates");
    Ok(std::fs::write(&path, lines.join("\n") + "\n").map_err(|err| cannot_keep(&path, &err))?)
}

fn cannot_keep(path: &Path, err: &std::io::Error) -> ConfigError {
    ConfigError::Keep { path: path.to_owned(), detail: err.to_string() }
}

fn site(
    repo: &UserRepo,
    scratch: &Path,
    settings: &ServerGate,
    receiving: &Receiving,
) -> Result<Site, Failure> {
    Ok(Site {
        repo: repo.git_dir.clone(),
        common_dir: scratch.to_owned(),
        remote: None,
        object_format: repo.object_format.as_str().to_owned(),
        settings: Vec::new(),
        identity: None,
        agent: AgentId::parse("server").map_err(UsageError::from)?,
        branch: settings.branch.clone(),
        host_dir: None,
        trust: Trust {
            signing: Signing::Off,
            is_required: settings.requires_signed,
            pinned: settings.pinned.clone(),
            source: Some(Arc::new(receiving.clone())),
            ssh: SshKeygen { limit: LIMIT },
        },
    })
}

impl Incoming for ServerPush {
    fn board(&self) -> BoardThere {
        let Some(tip) = self.receiving.tip(&self.branch).map(Tip) else { return BoardThere::Absent };
        match self.store.at(Some(&tip)) {
            Ok(snapshot) => BoardThere::At(tip, Box::new(snapshot.board)),
            Err(err) => BoardThere::Unreadable(err.to_string()),
        }
    }

    fn audit(&self, old: Option<&str>, new: &str, others: Others) -> Result<Vec<BadPush>, String> {
        let id = |text: &str| ObjectId::from_hex(text.as_bytes()).map_err(|err| err.to_string());
        let (old, new) = (old.map(id).transpose()?, id(new)?);
        receive::audit(&self.store, old, new, others).map_err(|err| err.to_string())
    }

    fn landing(&self) -> Option<String> {
        self.receiving.landing()
    }

    fn tip(&self, branch: &str) -> Option<String> {
        self.receiving.tip(branch)
    }

    fn paths(
        &self,
        new: &str,
        besides: Option<&str>,
        and_besides: Option<&str>,
    ) -> Result<BTreeSet<String>, String> {
        self.receiving.paths(new, besides, and_besides)
    }

    fn pusher(&self) -> Option<AgentId> {
        AgentId::parse(self.signer.as_deref()?).ok()
    }
}
