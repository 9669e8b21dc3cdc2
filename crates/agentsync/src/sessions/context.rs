//! What a hook must know of a worktree's settings, worked out once and kept beside what it came from.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use agentsync_core::{AgentId, InstanceId};
use serde::{Deserialize, Serialize};

use crate::app::guard::settings::GuardSettings;
use crate::ledger::cache::write_atomic;

/// The settings of one worktree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Context {
    /// The program that worked it out.
    pub version: String,
    /// The environment it was worked out in, of our own variables.
    pub environment: Vec<(String, String)>,
    /// The files it came from, with size and time; a file that is not there has none.
    pub sources: Vec<(PathBuf, Option<(u64, u64)>)>,
    /// The agent of the worktree.
    pub agent: AgentId,
    /// The token of the worktree.
    pub instance: InstanceId,
    /// The absolute spellings of the work tree's root.
    pub roots: Vec<String>,
    /// The folder of what hooks leave for each other.
    pub desk: PathBuf,
    /// The file that says when the board was last confirmed.
    pub recency: PathBuf,
    /// The remote's address for people; `None` when the board is in this clone.
    pub remote: Option<String>,
    /// What hooks are to do.
    pub guard: GuardSettings,
    /// The lease of claims that ask for none.
    pub lease: Option<u64>,
}

/// What a context is worked out from, and where.
#[derive(Debug)]
pub struct Sources<'a> {
    /// The git folder of the work tree.
    pub git_dir: &'a Path,
    /// The git folder that all work trees share.
    pub common_dir: &'a Path,
    /// The user's home.
    pub home: Option<&'a Path>,
    /// Our own variables that are set.
    pub environment: Vec<(String, String)>,
}

impl Sources<'_> {
    fn file(&self) -> PathBuf {
        self.git_dir.join("agentsync").join("hook.json")
    }

    fn stamps(&self) -> Vec<(PathBuf, Option<(u64, u64)>)> {
        let home = |path: &str| self.home.map(|home| home.join(path));
        let named = self.environment.iter().find(|(name, _)| name == "GIT_CONFIG_GLOBAL");
        let xdg = self.environment.iter().find(|(name, _)| name == "XDG_CONFIG_HOME");
        let files = [
            named.map(|(_, path)| PathBuf::from(path)),
            xdg.map(|(_, path)| Path::new(path).join("git/config")),
            Some(self.common_dir.join("config")),
            Some(self.git_dir.join("config.worktree")),
            Some(self.git_dir.join("agentsync").join("agent")),
            home(".gitconfig"),
            home(".config/git/config"),
            Some(PathBuf::from("/etc/gitconfig")),
        ];
        files
            .into_iter()
            .flatten()
            .map(|file| (stamp(&file), file))
            .map(|(stamp, file)| (file, stamp))
            .collect()
    }

    /// Returns the context that was kept, if everything it came from is as it was.
    pub fn load(&self) -> Option<Context> {
        let context: Context = serde_json::from_slice(&fs::read(self.file()).ok()?).ok()?;
        let is_fresh = context.version == env!("CARGO_PKG_VERSION")
            && context.environment == self.environment
            && context.sources == self.stamps();
        is_fresh.then_some(context)
    }

    /// Keeps a context, and returns it with what it came from.
    pub fn keep(&self, context: Context) -> Context {
        let context = Context {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            environment: self.environment.clone(),
            sources: self.stamps(),
            ..context
        };
        // Without it the next hook works it out again.
        let _ = fs::create_dir_all(self.git_dir.join("agentsync"));
        let _ = serde_json::to_vec(&context).map(|text| write_atomic(&self.file(), &text));
        context
    }
}

impl Context {
    /// Makes a context of what was worked out.
    pub fn new(agent: AgentId, instance: InstanceId, guard: GuardSettings) -> Context {
        Context {
            version: String::new(),
            environment: Vec::new(),
            sources: Vec::new(),
            agent,
            instance,
            roots: Vec::new(),
            desk: PathBuf::new(),
            recency: PathBuf::new(),
            remote: None,
            guard,
            lease: None,
        }
    }
}

fn stamp(file: &Path) -> Option<(u64, u64)> {
    let meta = fs::metadata(file).ok()?;
    let at = meta.modified().ok()?.duration_since(UNIX_EPOCH).unwrap_or_default();
    Some((meta.len(), u64::try_from(at.as_nanos()).unwrap_or(u64::MAX)))
}
