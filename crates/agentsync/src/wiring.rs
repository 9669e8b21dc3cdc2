//! Puts the rooms together: the only place that names both edges and faces.

mod gate;
pub mod hook;
pub mod receive;

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use agentsync_core::{AgentId, Author};

use crate::app::check_pairs::Judged;
use crate::app::ctx::{Ctx, Settings};
use crate::app::doctor::{self, CloneFacts, Facts};
use crate::app::failure::{Failure, UsageError};
use crate::app::guard::settings::GuardSettings;
use crate::app::ports::audit::Auditor;
use crate::app::ports::desk::Desk as _;
use crate::app::ports::recorder::{Recorder, Unrecorded};
use crate::app::ports::{Boards, Caller, Clock, Comparisons, Pairs, Patient, Store, Work as _, WorkError};
use crate::app::reconcile::Verify;
use crate::clock::{SystemClock, SystemDice};
use crate::config::{self, ConfigError, Flags, Lookup, Places, Sourced};
use crate::forge::github::GitHub;
use crate::git::address::is_elsewhere;
use crate::git::branches_repo::BranchesRepo;
use crate::git::checkout::GitCheckout;
use crate::git::command::Git;
use crate::git::signers::DefaultBranchSigners;
use crate::git::ssh_keygen::{KeyKind, SigningKey, SshKeygen};
use crate::git::user_repo::UserRepo;
use crate::git::work::active::leave_running;
use crate::git::work::{GitWork, RefreshMode, WorkSetup};
use crate::ledger::git_store::GitStore;
use crate::ledger::queue::FolderQueue;
use crate::ledger::renewal::Upkeep;
use crate::ledger::site::{Identity, Remote, Site};
use crate::ledger::trust::{Signing, Trust};
use crate::pairs::pair::GitPairs;
use crate::pairs::verdicts::Verdicts;
use crate::record::FileRecorder;
use crate::scratch::GitScratch;
use crate::sessions::context::Context;
use crate::sessions::desk::FolderDesk;
use crate::setup::files::WorkTreeFiles;
use crate::setup::probe::{self, ProbedClone};

/// How long the process will be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    /// For one verb: the command line.
    Short,
    /// Until its client leaves: the server.
    Long,
}

/// The program, put together for one repository.
pub struct App {
    me: Author,
    /// Where the agent's id came from.
    pub agent_source: String,
    store: GitStore,
    queue: FolderQueue,
    work: GitWork,
    forge: GitHub,
    checkout: GitCheckout,
    flags: Flags,
    board_repo: UserRepo,
    /// The agent's id that is set besides the command line, and outranks what is kept.
    named_agent: Option<Sourced<String>>,
    clock: Arc<SystemClock>,
    dice: SystemDice,
    settings: Settings,
    recorder: Box<dyn Recorder>,
    guard: GuardSettings,
}

impl App {
    /// Finds the repository and the settings. The remote is not asked anything.
    pub fn open(flags: &Flags, life: Life) -> Result<App, Failure> {
        let current = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
        let places = Places::find(flags, &current);
        let work = UserRepo::open(&places.work.value, "origin")?;
        let git_config = |key: &str| work.config_value(key);
        let lookup = Lookup::new(flags, &git_config);
        let remote = lookup.remote();
        // The remote's name may stand in the repository's own configuration, so it is opened first.
        let renamed =
            (remote != work.remote).then(|| UserRepo::open(&places.work.value, &remote)).transpose()?;
        let work_repo = renamed.unwrap_or_else(|| work.clone());
        let board = match places.board.value == places.work.value {
            true => work_repo.clone(),
            false => UserRepo::open(&places.board.value, &remote)?,
        };
        let agent = lookup.agent(&work.git_dir)?;
        let unflagged = Flags { agent: None, ..flags.clone() };
        let named_agent = Lookup::new(&unflagged, &git_config).named_agent();
        let me = Author {
            agent: agent.value,
            instance: config::instance(&work.git_dir)?,
            session: config::env("CLAUDE_CODE_SESSION_ID"),
        };
        let clock = Arc::new(SystemClock::start());
        let settings = lookup.settings(&places.board.source)?;
        let limit = lookup.git_limit()?;
        let guard = lookup.guard()?;
        let store = open_store(&board, &lookup, &me, limit, clock.clone())?;
        let store = store.with_upkeep(upkeep(life, &settings, &board));
        let work = GitWork::new(WorkSetup {
            coordination_branch: settings.branch.clone(),
            limit,
            clock: clock.clone(),
            refresh: refresh_mode(life, &settings, &work_repo),
            user: work_repo.clone(),
        });
        let checkout = GitCheckout { user: work_repo.clone(), limit };
        let (remote, cwd) = (work_repo.remote.clone(), work_repo.git(limit).cwd);
        let forge = GitHub::of(work_repo.hosted(), remote, cwd, limit);
        let queue_clock = clock.clone();
        let queue = FolderQueue::new(store.queue_dir(), move || queue_clock.now());
        Ok(App {
            me,
            agent_source: agent.source,
            store,
            queue,
            work,
            forge,
            checkout,
            flags: flags.clone(),
            board_repo: board,
            named_agent,
            clock,
            dice: SystemDice,
            settings,
            recorder: open_recorder()?,
            guard,
        })
    }

    /// Returns the id that the environment or git's configuration sets, and where, when it is not `agent`.
    pub fn agent_set_elsewhere(&self, agent: &AgentId) -> Option<&Sourced<String>> {
        self.named_agent.as_ref().filter(|named| named.value != agent.as_str())
    }

    /// Returns the files of the work tree.
    pub fn files(&self) -> Result<WorkTreeFiles, Failure> {
        let home = config::env("HOME").or_else(|| config::env("USERPROFILE"));
        Ok(WorkTreeFiles::open(self.checkout.user.clone(), home.map(PathBuf::from))?)
    }

    /// Gathers what can be known about the clone and its board.
    fn facts(&self) -> CloneFacts {
        let has_ssh_agent = config::env("SSH_AUTH_SOCK").is_some();
        let home = config::env("HOME").map(PathBuf::from);
        let clone = ProbedClone { repo: &self.board_repo, work: &self.checkout.user, has_ssh_agent, home };
        doctor::gather(&self.ctx(), &self.agent_source, &self.store, &self.store, &clone)
    }

    /// Returns a place of its own for merged work.
    pub fn scratch(&self) -> GitScratch {
        let (user, limit) = (self.checkout.user.clone(), self.checkout.limit);
        GitScratch::of(user, config::cache_dir(), limit, self.clock.clone())
    }

    /// Returns the user's command for merged work.
    pub fn verify(&self, flag: Option<&str>) -> Result<Option<Verify>, Failure> {
        let git_config = |key: &str| self.checkout.user.config_value(key);
        let found = Lookup::new(&self.flags, &git_config).verify(flag)?;
        Ok(found.map(|(command, limit)| Verify { command, limit }))
    }

    /// Returns what a hook must know of this worktree.
    pub fn hook_context(&self) -> Result<Context, Failure> {
        let (desk, recency) = self.store.desk_places();
        let me = self.me.clone();
        Ok(Context {
            roots: self.work.roots(),
            desk,
            recency,
            remote: self.store.place().remote,
            lease: self.settings.lease,
            ..Context::new(me.agent, me.instance, self.guard)
        })
    }

    /// Returns what hooks leave for each other here.
    pub fn desk(&self) -> FolderDesk {
        let (dir, recency) = self.store.desk_places();
        FolderDesk::new(dir, recency, self.checkout.user.git_dir.clone())
    }

    /// Tells the hooks of a session as which agent its server acts, when they could not know.
    pub fn bind(&self, me: &Author) {
        let Some(session) = &me.session else { return };
        if self.agent_source == config::KEPT {
            return;
        }
        let desk = self.desk();
        let mut memory = desk.remember(session);
        if memory.agent.as_deref() != Some(me.agent.as_str()) {
            memory.agent = Some(me.agent.as_str().to_owned());
            // Without it the hooks act as the worktree's own agent.
            let _ = desk.keep(session, &memory);
        }
    }

    /// Finds out about the remote's branches, for the next survey.
    pub fn look_up_branches(&self) -> Result<(), Failure> {
        Ok(self.work.refresh_active_branches()?)
    }

    /// Returns who audits the board.
    pub fn auditor(&self) -> &dyn Auditor {
        &self.store
    }

    /// Begins the private repository anew, if it has grown.
    pub fn renew_cache(&self) -> Result<(), Failure> {
        Ok(self.store.renew()?)
    }

    /// Returns who acts in a client session, where one is known.
    pub fn author(&self, session: Option<String>) -> Author {
        Author { session: session.or_else(|| self.me.session.clone()), ..self.me.clone() }
    }

    /// Returns what a verb needs, when this process's own agent acts.
    pub fn ctx(&self) -> Ctx<'_> {
        self.ctx_for(&self.me)
    }

    /// Returns what a verb needs, when this process's own agent acts and `caller` waits.
    pub fn ctx_heard_by<'a>(&'a self, caller: &'a dyn Caller) -> Ctx<'a> {
        self.ctx_of(&self.me, caller)
    }

    /// Returns what a verb needs, when `me` acts.
    pub fn ctx_for<'a>(&'a self, me: &'a Author) -> Ctx<'a> {
        self.ctx_of(me, &Patient)
    }

    /// Returns what a verb needs, when `me` acts and `caller` waits for the answer.
    pub fn ctx_of<'a>(&'a self, me: &'a Author, caller: &'a dyn Caller) -> Ctx<'a> {
        Ctx {
            me,
            store: &self.store,
            queue: &self.queue,
            work: &self.work,
            pairs: self,
            forge: &self.forge,
            checkout: &self.checkout,
            boards: self,
            clock: &*self.clock,
            dice: &self.dice,
            settings: &self.settings,
            caller,
            recorder: &*self.recorder,
        }
    }
}

impl Comparisons for App {
    fn open(&self) -> Result<Box<dyn Pairs>, WorkError> {
        let branches = BranchesRepo::of(self.checkout.user.clone(), self.checkout.limit);
        branches.ensure()?;
        let repo = UserRepo::open(&branches.dir, "origin")?;
        Ok(Box::new(GitPairs::open(repo, facts_dir().as_deref())?))
    }

    fn knows_any(&self) -> bool {
        facts_dir().is_some_and(|dir| Verdicts::are_in(&dir))
    }

    fn known(&self, pairs: &[(String, String)]) -> Vec<Option<Judged>> {
        let mut verdicts = Verdicts::open(facts_dir().as_deref());
        pairs.iter().map(|(left, right)| verdicts.of(left, right)).collect()
    }
}

/// Returns the folder for what is learnt of files and of pairs of commits.
fn facts_dir() -> Option<PathBuf> {
    config::cache_dir().map(|dir| dir.join("facts"))
}

impl Boards for App {
    fn reopen(&self) -> Result<Box<dyn Store>, Failure> {
        Ok(Box::new(App::open(&self.flags, Life::Short)?.store))
    }
}

/// What compares commits, put together for one repository: without an agent, a board or a remote.
pub struct Comparer {
    pairs: GitPairs,
    clock: SystemClock,
}

impl Comparer {
    /// Finds the repository. Nothing is written into it.
    pub fn open(flags: &Flags) -> Result<Comparer, Failure> {
        let current = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
        let repo = UserRepo::open(&Places::find(flags, &current).work.value, "origin")?;
        Ok(Comparer { pairs: GitPairs::open(repo, facts_dir().as_deref())?, clock: SystemClock::start() })
    }

    /// Returns what compares.
    pub fn pairs(&self) -> &dyn Pairs {
        &self.pairs
    }

    /// Returns the clock.
    pub fn clock(&self) -> &dyn Clock {
        &self.clock
    }
}

/// Says who looks up the remote's branches: a server has the time, a command leaves it to a child.
fn refresh_mode(life: Life, settings: &Settings, work: &UserRepo) -> RefreshMode {
    match (settings.lists_unclaimed && work.address.is_some(), life, std::env::current_exe()) {
        (true, Life::Long, _) => RefreshMode::Thread,
        (true, Life::Short, Ok(program)) => {
            RefreshMode::Spawn { program, args: arguments("look-up-branches", settings, work) }
        }
        (true, Life::Short, Err(_)) | (false, ..) => RefreshMode::Off,
    }
}

/// Says who renews the private repository of the board, in the same way.
fn upkeep(life: Life, settings: &Settings, board: &UserRepo) -> Upkeep {
    match (life, std::env::current_exe()) {
        (Life::Long, _) => Upkeep::Thread,
        (Life::Short, Ok(program)) => {
            let args = arguments("renew-cache", settings, board);
            let cwd = board.git(Duration::ZERO).cwd;
            Upkeep::Started(Box::new(move || leave_running(&program, &args, &cwd)))
        }
        (Life::Short, Err(_)) => Upkeep::Off,
    }
}

/// Returns the arguments with which another process of ours finds the same repository.
fn arguments(verb: &str, settings: &Settings, repo: &UserRepo) -> Vec<OsString> {
    let dir = repo.work_dir.as_ref().unwrap_or(&repo.git_dir);
    let shared = ["--remote", &settings.remote, "--board-branch", &settings.branch];
    let mut args: Vec<OsString> = vec![verb.into(), "--repo".into(), dir.into()];
    args.extend(shared.map(OsString::from));
    args
}

/// Gathers what can be known from here, whatever works and whatever does not.
pub fn facts(flags: &Flags) -> Facts {
    let current = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
    let git = probe::git_version(&current).map_err(|err| err.to_string());
    Facts { git, clone: App::open(flags, Life::Short).map(|app| app.facts()) }
}

/// Opens the history, if one is to be kept. One that cannot be opened would have holes.
fn open_recorder() -> Result<Box<dyn Recorder>, Failure> {
    let Some(path) = config::history_path() else { return Ok(Box::new(Unrecorded)) };
    let opened = FileRecorder::open(&path);
    let opened = opened.map(|recorder| Box::new(recorder) as Box<dyn Recorder>);
    opened.map_err(|err| {
        let (path, detail) = (path.clone(), err.to_string());
        Failure::Usage(UsageError::Other {
            what: ConfigError::Keep { path, detail }.to_string(),
            fix: "let AGENTSYNC_HISTORY name a file that this user may write, or unset it".to_owned(),
        })
    })
}

fn open_store(
    board: &UserRepo,
    lookup: &Lookup<'_>,
    me: &Author,
    limit: Duration,
    clock: Arc<dyn Clock>,
) -> Result<GitStore, Failure> {
    let push_url = board.config_value(&format!("remote.{}.pushurl", board.remote));
    let remote = board.address.as_ref().map(|address| Remote {
        fetch_url: address.clone(),
        push_url: push_url.unwrap_or_else(|| address.clone()),
        shown: shown_address(board.rewritten_address.as_deref().unwrap_or(address)),
    });
    let is_elsewhere = remote.as_ref().is_some_and(|remote| is_elsewhere(&remote.push_url));
    let budget = lookup.push_budget(is_elsewhere)?;
    let identity = board
        .identity
        .as_ref()
        .map(|found| Identity { name: found.name.clone(), email: found.email.clone() });
    let trust = trust(board, lookup, limit)?;
    let site = Site {
        trust,
        repo: board.work_dir.clone().unwrap_or_else(|| board.git_dir.clone()),
        common_dir: board.common_dir.clone(),
        remote,
        object_format: board.object_format.as_str().to_owned(),
        settings: board.settings.clone(),
        identity,
        agent: me.agent.clone(),
        branch: lookup.branch()?,
        host_dir: lookup.host_dir(),
    };
    let git: Git = board.git(limit);
    Ok(GitStore::open(site, git, clock)?.with_budget(budget))
}

/// Finds out whose signatures count, and how ours are made.
fn trust(board: &UserRepo, lookup: &Lookup<'_>, limit: Duration) -> Result<Trust, Failure> {
    let home = config::env("HOME").map(PathBuf::from);
    let key = board.config_value("user.signingkey").filter(|key| !key.is_empty());
    let signing = match (lookup.signs()?, key) {
        (false, _) => Signing::Off,
        (true, None) => Signing::Broken {
            what: "agentsync.sign is `ssh`, and git has no user.signingkey".to_owned(),
            fix: "git config --global user.signingkey ~/.ssh/id_ed25519.pub".to_owned(),
        },
        (true, Some(key)) => Signing::With(SigningKey {
            program: board.config_value("gpg.ssh.program").unwrap_or_else(|| "ssh-keygen".to_owned()).into(),
            key: KeyKind::read(&key, home.as_deref()),
            cwd: board.git(limit).cwd,
        }),
    };
    Ok(Trust {
        signing,
        is_required: lookup.requires_signed()?,
        pinned: lookup.signers_hash()?,
        source: Some(Arc::new(DefaultBranchSigners::of(BranchesRepo::of(board.clone(), limit)))),
        ssh: SshKeygen { limit },
    })
}

/// Shows an address: nothing in it is a secret, or steers a terminal.
fn shown_address(address: &str) -> String {
    agentsync_core::text::one_line(&agentsync_core::text::escape(&agentsync_core::redact::redact(address)))
}

impl From<ConfigError> for Failure {
    fn from(err: ConfigError) -> Failure {
        let fix = match &err {
            ConfigError::Value { source_name, .. } => format!("correct {source_name}"),
            ConfigError::Keep { .. } => "make the repository's git folder writable for this user".to_owned(),
        };
        Failure::Usage(UsageError::Other { what: err.to_string(), fix })
    }
}
