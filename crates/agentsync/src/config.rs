//! The one door to the environment: flags over environment over `git config agentsync.*` over defaults.

pub mod ci;
pub mod gate;
pub mod push;

use std::fmt::Display;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use agentsync_core::guard::Policy;
use agentsync_core::{AgentId, BranchName, Budget, InstanceId};
use thiserror::Error;

use crate::app::ctx::Settings;
use crate::app::guard::settings::{AutoClaim, GuardSettings, Unsure};
use crate::app::relied::Derive;
use crate::clock::random_hex;

/// Why the settings do not make sense.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// A value that cannot be read.
    #[error("{source_name} is `{}`: {why}", value.escape_debug())]
    Value {
        /// Where the value came from.
        source_name: String,
        /// The value.
        value: String,
        /// What is wrong with it.
        why: String,
    },
    /// A small file of ours that could not be kept.
    #[error("cannot keep `{}`: {detail}", path.display())]
    Keep {
        /// The file.
        path: PathBuf,
        /// What the system said.
        detail: String,
    },
}

/// What was given on the command line, for every verb.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    /// `--repo`.
    pub repo: Option<PathBuf>,
    /// `--agent`.
    pub agent: Option<String>,
    /// `--remote`.
    pub remote: Option<String>,
    /// `--branch`.
    pub branch: Option<String>,
    /// `--timeout`, in seconds.
    pub timeout: Option<u64>,
}

/// A setting with where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// Where it came from, for people.
    pub source: String,
}

/// The variables that agentsync reads, its own ones; whoever starts us out of context clears them.
pub const VARIABLES: [&str; 29] = [
    "AGENTSYNC_AGENT_ID",
    "AGENTSYNC_AUTO_CLAIM",
    "AGENTSYNC_BOARD_REPO",
    "AGENTSYNC_BRANCH",
    "AGENTSYNC_CACHE",
    "AGENTSYNC_DERIVE_REQUIRES",
    "AGENTSYNC_GATE",
    "AGENTSYNC_GIT_TIMEOUT",
    "AGENTSYNC_GUARD",
    "AGENTSYNC_GUARD_COMMIT",
    "AGENTSYNC_GUARD_PUSH",
    "AGENTSYNC_GUARD_UNSURE",
    "AGENTSYNC_HISTORY",
    "AGENTSYNC_LEASE",
    "AGENTSYNC_PARTNER_GITHUB",
    "AGENTSYNC_PUSH_BUDGET",
    "AGENTSYNC_REMOTE",
    "AGENTSYNC_REPO",
    "AGENTSYNC_REQUIRE_SIGNED",
    "AGENTSYNC_SIGN",
    "AGENTSYNC_SIGNERS_HASH",
    "AGENTSYNC_STALE_HOURS",
    "AGENTSYNC_TIMEOUT",
    "AGENTSYNC_TRAILER",
    "AGENTSYNC_TURNS",
    "AGENTSYNC_UNCLAIMED",
    "AGENTSYNC_VERIFY",
    "AGENTSYNC_VERIFY_TIMEOUT",
    "CLAUDE_CODE_SESSION_ID",
];

/// Returns an environment variable that is set and not empty.
#[expect(clippy::disallowed_methods, reason = "this is the door to the environment")]
pub fn env(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// What git tells its hooks in their environment.
#[derive(Debug, Clone, Default)]
pub struct HookSurroundings {
    /// The git folder, where git names it.
    pub git_dir: Option<PathBuf>,
    /// The index that becomes the commit: for `commit -a` and `commit <path>` it is not the usual one.
    pub index: Option<PathBuf>,
    /// Whether the message is going to be edited by a person, comments and all.
    pub has_editor: bool,
    /// What the pre-commit framework says of a push, in place of git's lines: the tip, the other
    /// side's old tip, and its branch.
    pub framework_push: Option<(String, String, String)>,
    /// A path that a trial asks to have refused.
    pub trial: Option<String>,
}

impl HookSurroundings {
    /// Reads them; relative paths are relative to `current`.
    pub fn read(current: &Path) -> HookSurroundings {
        let path = |name| env(name).map(|value| current.join(value));
        let push = || {
            let old = env("PRE_COMMIT_FROM_REF").unwrap_or_default();
            Some((env("PRE_COMMIT_TO_REF")?, old, env("PRE_COMMIT_REMOTE_BRANCH")?))
        };
        HookSurroundings {
            git_dir: path("GIT_DIR"),
            index: path("GIT_INDEX_FILE"),
            has_editor: env("GIT_EDITOR").as_deref() != Some(":"),
            framework_push: push(),
            trial: env("AGENTSYNC_TRIAL"),
        }
    }
}

/// Returns the file that what is asked and answered goes to, if it is to be kept.
pub fn history_path() -> Option<PathBuf> {
    env("AGENTSYNC_HISTORY").map(PathBuf::from)
}

/// Returns the folder for what can be learnt again, in no repository; `None` where there is to be none.
pub fn cache_dir() -> Option<PathBuf> {
    match env("AGENTSYNC_CACHE") {
        Some(dir) if is_off(&dir) => None,
        Some(dir) => Some(expand(&dir)),
        None => {
            let own = env("XDG_CACHE_HOME").or_else(|| env("LOCALAPPDATA")).map(PathBuf::from);
            let home = || env("HOME").map(|home| Path::new(&home).join(".cache"));
            Some(own.filter(|dir| dir.is_absolute()).or_else(home)?.join("agentsync"))
        }
    }
}

/// Returns the variables that are set and that settings come from: our own, the client's session apart, and
/// those that say where git's configuration is.
pub fn own_environment() -> Vec<(String, String)> {
    let ours = VARIABLES.iter().filter(|name| name.starts_with("AGENTSYNC_"));
    let git = ["GIT_CONFIG_GLOBAL", "XDG_CONFIG_HOME"];
    let names = ours.chain(git.iter());
    names.filter_map(|name| Some(((*name).to_owned(), env(name)?))).collect()
}

/// Which folders the work and the board are looked for in.
#[derive(Debug, Clone)]
pub struct Places {
    /// Where the work is done.
    pub work: Sourced<PathBuf>,
    /// Where the board is.
    pub board: Sourced<PathBuf>,
}

impl Places {
    /// Finds the folders. An agent that starts us in its repository need set nothing.
    pub fn find(flags: &Flags, current: &Path) -> Places {
        let named = |name: &str| {
            env(name).map(|value| Sourced { value: current.join(expand(&value)), source: name.to_owned() })
        };
        let flag = flags
            .repo
            .as_ref()
            .map(|repo| Sourced { value: current.join(repo), source: "--repo".to_owned() });
        let here = Sourced { value: current.to_owned(), source: "current-repo".to_owned() };
        let board = named("AGENTSYNC_BOARD_REPO");
        let work = flag.or_else(|| named("AGENTSYNC_REPO")).unwrap_or(here);
        Places { board: board.unwrap_or_else(|| work.clone()), work }
    }
}

fn expand(path: &str) -> PathBuf {
    match (path.strip_prefix("~/"), env("HOME")) {
        (Some(rest), Some(home)) => Path::new(&home).join(rest),
        _ => PathBuf::from(path),
    }
}

/// Looks settings up, in the order of their rank.
pub struct Lookup<'a> {
    flags: &'a Flags,
    git_config: &'a dyn Fn(&str) -> Option<String>,
}

impl<'a> Lookup<'a> {
    /// Looks up in `flags`, the environment, and the repository's `git_config`.
    pub fn new(flags: &'a Flags, git_config: &'a dyn Fn(&str) -> Option<String>) -> Lookup<'a> {
        Lookup { flags, git_config }
    }

    fn text(&self, flag: Option<&str>, variable: &str, key: &str) -> Option<Sourced<String>> {
        let sourced = |value: String, source: &str| Sourced { value, source: source.to_owned() };
        flag.map(|value| sourced(value.to_owned(), "the command line"))
            .or_else(|| env(variable).map(|value| sourced(value, variable)))
            .or_else(|| (self.git_config)(key).map(|value| sourced(value, &format!("git config {key}"))))
    }

    /// Returns the remote's name.
    pub fn remote(&self) -> String {
        let found = self.text(self.flags.remote.as_deref(), "AGENTSYNC_REMOTE", "agentsync.remote");
        found.map_or_else(|| "origin".to_owned(), |found| found.value)
    }

    /// Returns the coordination branch.
    pub fn branch(&self) -> Result<BranchName, ConfigError> {
        let found = self.text(self.flags.branch.as_deref(), "AGENTSYNC_BRANCH", "agentsync.branch");
        let found =
            found.unwrap_or(Sourced { value: "agentsync".to_owned(), source: "the default".to_owned() });
        parsed(&found, BranchName::parse)
    }

    /// Returns the agent's id as somebody set it, which outranks the one kept for the worktree.
    pub fn named_agent(&self) -> Option<Sourced<String>> {
        self.text(self.flags.agent.as_deref(), "AGENTSYNC_AGENT_ID", "agentsync.agent")
    }

    /// Returns the agent's id, deriving one that is kept in `git_dir` when none is set.
    pub fn agent(&self, git_dir: &Path) -> Result<Sourced<AgentId>, ConfigError> {
        let found = match self.named_agent() {
            Some(found) => found,
            None => derived_agent(git_dir)?,
        };
        Ok(Sourced { value: parsed(&found, AgentId::parse)?, source: found.source })
    }

    /// Returns the settings of the verbs.
    pub fn settings(&self, board_source: &str) -> Result<Settings, ConfigError> {
        let number = |variable, key, default: f64| match self.text(None, variable, key) {
            None => Ok(default),
            Some(found) => parsed(&found, positive),
        };
        let partners = env("AGENTSYNC_PARTNER_GITHUB").unwrap_or_default();
        let off = self.text(None, "AGENTSYNC_UNCLAIMED", "agentsync.unclaimed");
        Ok(Settings {
            remote: self.remote(),
            branch: self.branch()?.as_str().to_owned(),
            board_source: board_source.to_owned(),
            stale_hours: number("AGENTSYNC_STALE_HOURS", "agentsync.staleHours", 24.0)?,
            deadline: self.deadline()?,
            lease: self.lease()?,
            derive: self.derive()?,
            partners: partners.split([',', ' ']).filter(|user| !user.is_empty()).map(str::to_owned).collect(),
            lists_unclaimed: off.is_none_or(|off| !is_off(&off.value)),
        })
    }

    /// Returns the user's command for merged work, and how long it may take.
    ///
    /// It is read from where only the user writes: a flag, the environment, git's configuration.
    pub fn verify(&self, flag: Option<&str>) -> Result<Option<(String, Duration)>, ConfigError> {
        let limit = match self.text(None, "AGENTSYNC_VERIFY_TIMEOUT", "agentsync.verifyTimeout") {
            None => Duration::from_secs(600),
            Some(found) => Duration::from_secs_f64(parsed(&found, positive)?),
        };
        let command = self.text(flag, "AGENTSYNC_VERIFY", "agentsync.verify");
        Ok(command.filter(|found| !is_off(&found.value)).map(|found| (found.value, limit)))
    }

    /// Returns what the hooks of clients are to do.
    pub fn guard(&self) -> Result<GuardSettings, ConfigError> {
        fn choice<T>(
            words: &'static str,
            read: impl Fn(&str) -> Option<T>,
        ) -> impl Fn(&str) -> Result<T, String> {
            move |text| read(text).ok_or_else(|| format!("it must be {words}"))
        }
        let defaults = GuardSettings::default();
        let policy = self.text(None, "AGENTSYNC_GUARD", "agentsync.guard");
        let auto = self.text(None, "AGENTSYNC_AUTO_CLAIM", "agentsync.autoClaim");
        let unsure = self.text(None, "AGENTSYNC_GUARD_UNSURE", "agentsync.guardUnsure");
        let commit = self.text(None, "AGENTSYNC_GUARD_COMMIT", "agentsync.guardCommit");
        let push = self.text(None, "AGENTSYNC_GUARD_PUSH", "agentsync.guardPush");
        let trailer = self.text(None, "AGENTSYNC_TRAILER", "agentsync.trailer");
        let to_policy = |found: Option<Sourced<String>>, default| {
            found.map_or(Ok(default), |found| parsed(&found, choice("off, warn or block", Policy::parse)))
        };
        Ok(GuardSettings {
            policy: to_policy(policy, defaults.policy)?,
            commit: to_policy(commit, defaults.commit)?,
            push: to_policy(push, defaults.push)?,
            has_trailer: trailer
                .map_or(Ok(defaults.has_trailer), |found| parsed(&found, choice("true or false", switch)))?,
            auto_claim: auto.map_or(Ok(defaults.auto_claim), |found| {
                parsed(&found, choice("off, on or strict", AutoClaim::parse))
            })?,
            unsure: unsure.map_or(Ok(defaults.unsure), |found| {
                parsed(&found, choice("allow or block", Unsure::parse))
            })?,
        })
    }

    /// Returns what is done with what a claim relies on without saying so.
    fn derive(&self) -> Result<Derive, ConfigError> {
        let read = |text: &str| Derive::parse(text).ok_or("it must be off, info or block");
        let found = self.text(None, "AGENTSYNC_DERIVE_REQUIRES", "agentsync.deriveRequires");
        found.map_or(Ok(Derive::default()), |found| parsed(&found, read))
    }

    /// Returns the lease of claims that ask for none, in seconds.
    fn lease(&self) -> Result<Option<u64>, ConfigError> {
        let found =
            self.text(None, "AGENTSYNC_LEASE", "agentsync.lease").filter(|found| !is_off(&found.value));
        found.map(|found| parsed(&found, u64::from_str)).transpose()
    }

    /// Tells whether commits on the board are to be signed.
    pub fn signs(&self) -> Result<bool, ConfigError> {
        let sign = |text: &str| match text {
            "ssh" => Ok(true),
            _ if is_off(text) => Ok(false),
            _ => Err("it must be `ssh` or `off`"),
        };
        let found = self.text(None, "AGENTSYNC_SIGN", "agentsync.sign");
        found.map_or(Ok(false), |found| parsed(&found, sign))
    }

    /// Tells whether commits on the board that nobody signed freeze writes.
    pub fn requires_signed(&self) -> Result<bool, ConfigError> {
        let found = self.text(None, "AGENTSYNC_REQUIRE_SIGNED", "agentsync.requireSigned");
        found.map_or(Ok(false), |found| parsed(&found, is_on))
    }

    /// Returns the SHA-256 that the file of signers must have.
    pub fn signers_hash(&self) -> Result<Option<String>, ConfigError> {
        let found = self.text(None, "AGENTSYNC_SIGNERS_HASH", "agentsync.signersHash");
        found.map(|found| parsed(&found, sha256)).transpose()
    }

    /// Returns how long one write may take in all.
    pub fn deadline(&self) -> Result<Duration, ConfigError> {
        let flag = self.flags.timeout.map(|seconds| seconds.to_string());
        match self.text(flag.as_deref(), "AGENTSYNC_TIMEOUT", "agentsync.timeout") {
            None => Ok(Duration::from_secs(45)),
            Some(found) => parsed(&found, positive).map(Duration::from_secs_f64),
        }
    }

    /// Returns the folder where the clones of this user on this machine meet, unless they are not to.
    pub fn host_dir(&self) -> Option<PathBuf> {
        let turns = self.text(None, "AGENTSYNC_TURNS", "agentsync.turns");
        if turns.is_some_and(|turns| is_off(&turns.value)) {
            return None;
        }
        let user = env("USER").or_else(|| env("LOGNAME")).unwrap_or_default();
        let in_temp = || std::env::temp_dir().join(format!("agentsync-{}", word(&user)));
        Some(env("XDG_RUNTIME_DIR").map_or_else(in_temp, |dir| Path::new(&dir).join("agentsync")))
    }

    /// Returns how often the remote may be pushed to: what is set, or what a forge recommends when it
    /// `is_elsewhere`.
    pub fn push_budget(&self, is_elsewhere: bool) -> Result<Option<Budget>, ConfigError> {
        match self.text(None, "AGENTSYNC_PUSH_BUDGET", "agentsync.pushBudget") {
            None => Ok(is_elsewhere.then_some(Budget::HOSTED)),
            Some(found) if is_off(&found.value) => Ok(None),
            Some(found) => parsed(&found, |text| {
                let why = "it must be pushes a minute, such as 6, with those at once, such as 6/12, or off";
                Budget::parse(text).ok_or(why)
            })
            .map(Some),
        }
    }

    /// Returns how long one call of git may take.
    pub fn git_limit(&self) -> Result<Duration, ConfigError> {
        match self.text(None, "AGENTSYNC_GIT_TIMEOUT", "agentsync.gitTimeout") {
            None => Ok(self.deadline()?.min(Duration::from_secs(30))),
            Some(found) => parsed(&found, positive).map(Duration::from_secs_f64),
        }
    }
}

fn switch(text: &str) -> Option<bool> {
    match text {
        "1" | "true" | "yes" | "on" => Some(true),
        _ => is_off(text).then_some(false),
    }
}

fn is_on(text: &str) -> Result<bool, &'static str> {
    switch(text).ok_or("it must be `true` or `false`")
}

fn is_off(text: &str) -> bool {
    matches!(text, "0" | "false" | "no" | "off")
}

fn positive(text: &str) -> Result<f64, String> {
    let number = f64::from_str(text.trim()).map_err(|err| err.to_string())?;
    let is_sane = number > 0.0 && number < 1e9;
    if is_sane { Ok(number) } else { Err("it must be a positive number".to_owned()) }
}

/// Parses a SHA-256 in hex.
fn sha256(text: &str) -> Result<String, &'static str> {
    let is_hash = text.len() == 64 && text.chars().all(|c| c.is_ascii_hexdigit());
    if is_hash {
        Ok(text.to_ascii_lowercase())
    } else {
        Err("it must be the 64 digits that `sha256sum` prints")
    }
}

fn parsed<T, E: Display>(
    found: &Sourced<String>,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Result<T, ConfigError> {
    parse(&found.value).map_err(|err| ConfigError::Value {
        source_name: found.source.clone(),
        value: found.value.clone(),
        why: err.to_string(),
    })
}

/// Where an agent's id comes from that nobody set.
pub const KEPT: &str = "kept for this worktree";

/// Returns `<user>-<host>-<worktree>`, made once per worktree and kept, so that a renamed host is
/// still the same agent.
fn derived_agent(git_dir: &Path) -> Result<Sourced<String>, ConfigError> {
    let value = kept(&git_dir.join("agentsync").join("agent"), || {
        let user = env("USER").or_else(|| env("LOGNAME")).or_else(|| env("USERNAME"));
        let host = env("HOSTNAME").or_else(|| fs::read_to_string("/proc/sys/kernel/hostname").ok());
        let tree =
            git_dir.file_name().filter(|name| *name != ".git").or_else(|| git_dir.parent()?.file_name());
        let parts = [user, host, tree.map(|name| name.to_string_lossy().into_owned())];
        let words = parts.into_iter().flatten().map(|part| word(&part)).filter(|part| !part.is_empty());
        let name = words.collect::<Vec<_>>().join("-");
        if name.is_empty() { format!("agent-{}", random_hex::<3>()) } else { name }
    })?;
    Ok(Sourced { value, source: KEPT.to_owned() })
}

/// Makes a part of an agent id of any name.
fn word(text: &str) -> String {
    let fits = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let text: String = text.trim().chars().map(fits).take(20).collect();
    text.trim_matches('-').to_owned()
}

/// Returns the token of the worktree whose git folder is `git_dir`, made once and kept.
pub fn instance(git_dir: &Path) -> Result<InstanceId, ConfigError> {
    kept(&git_dir.join("agentsync").join("instance"), random_hex::<4>).map(InstanceId)
}

/// Returns a file's one line, or makes it. Of two processes that make it at once, both get the first's.
fn kept(path: &Path, make: impl FnOnce() -> String) -> Result<String, ConfigError> {
    let fault = |err: std::io::Error| ConfigError::Keep { path: path.to_owned(), detail: err.to_string() };
    let read = || fs::read_to_string(path).map(|text| text.trim().to_owned());
    if let Ok(text) = read()
        && !text.is_empty()
    {
        return Ok(text);
    }
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).map_err(fault)?;
    let value = make();
    let fresh = path.with_extension(format!("{}-{}", std::process::id(), random_hex::<4>()));
    let mut file = fs::File::create(&fresh).map_err(fault)?;
    file.write_all(value.as_bytes()).map_err(fault)?;
    // A hard link fails when the name is taken, which a rename does not.
    let linked = fs::hard_link(&fresh, path);
    let _ = fs::remove_file(&fresh);
    match linked {
        Ok(()) => Ok(value),
        Err(err) if err.kind() == std::io::ErrorKind::AlreadyExists => read().map_err(fault),
        // Some filesystems have no hard links; then the last one wins, once.
        Err(_) => fs::write(path, &value).map(|()| value).map_err(fault),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_made_once() {
        let dir = tempfile::tempdir().unwrap();
        let first = instance(dir.path()).unwrap();
        assert_eq!(first.0.len(), 8);
        assert_eq!(instance(dir.path()).unwrap(), first);
    }

    #[test]
    fn flags_outrank_git_config() {
        let config = |key: &str| (key == "agentsync.remote").then(|| "upstream".to_owned());
        let flags = Flags { remote: Some("fork".to_owned()), ..Flags::default() };
        assert_eq!(Lookup::new(&flags, &config).remote(), "fork");
        assert_eq!(Lookup::new(&Flags::default(), &config).remote(), "upstream");
    }

    #[test]
    fn a_value_that_cannot_be_read_is_named_with_its_source() {
        let config = |key: &str| (key == "agentsync.branch").then(|| "a b".to_owned());
        let err = Lookup::new(&Flags::default(), &config).branch().unwrap_err().to_string();
        assert!(err.starts_with("git config agentsync.branch is `a b`: branch `a b` is not"), "{err}");
    }
}
