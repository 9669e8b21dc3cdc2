//! The folders of the demo: a bare remote and three clones of a small project.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;
use tokio::process::Command;

use super::DemoError;
use crate::config;
use crate::git::command::Git;

/// The project, before anybody works on it.
const PROJECT: [(&str, &str); 4] = [
    ("src/auth/login.py", "def login(user, password):\n    return check(user, password)\n"),
    ("src/auth/tokens.py", "LIFETIME = 3600\n"),
    ("src/api/limits.py", "LIMITS = {}\n"),
    ("config/settings.toml", "[session]\nttl = 3600\n"),
];

/// Nothing of the user's own settings takes part: hooks, signatures, names.
const CONFIG: &str =
    "[user]\n\tname = demo\n\temail = demo@agentsync.invalid\n[init]\n\tdefaultBranch = main\n";

/// Who plays.
const AGENTS: [&str; 3] = ["alice", "bob", "carol"];
/// How long what still runs in the background may take to end.
const AFTERWARDS: Duration = Duration::from_millis(400);

/// The folders.
pub(super) struct Stage {
    dir: TempDir,
}

impl Stage {
    /// Makes the remote and the clones.
    pub(super) fn set() -> Result<Stage, DemoError> {
        let made = tempfile::Builder::new().prefix("agentsync-demo-").tempdir();
        let dir =
            made.map_err(|source| DemoError::Folder { path: "a temporary folder".to_owned(), source })?;
        let stage = Stage { dir };
        write(&stage.root().join("gitconfig"), CONFIG)?;
        let root = stage.root();
        stage.git_in(root, &["init", "--quiet", "--bare", "-b", "main", "remote.git"])?;
        for agent in AGENTS {
            stage.git_in(root, &["clone", "--quiet", "remote.git", agent])?;
        }
        for (path, text) in PROJECT {
            write(&stage.clone_of("alice").join(path), text)?;
        }
        stage.commit("alice", "Begin the project")?;
        stage.git("alice", &["push", "--quiet", "origin", "HEAD:main"])?;
        for agent in ["bob", "carol"] {
            stage.git(agent, &["pull", "--quiet", "origin", "main"])?;
        }
        for agent in AGENTS {
            stage.git(agent, &["remote", "set-head", "origin", "main"])?;
            stage.git(agent, &["config", "agentsync.agent", agent])?;
        }
        Ok(stage)
    }

    /// Returns the folder of everything.
    pub(super) fn root(&self) -> &Path {
        self.dir.path()
    }

    /// Returns an agent's clone.
    pub(super) fn clone_of(&self, agent: &str) -> PathBuf {
        self.root().join(agent)
    }

    /// Returns what git is told about its user, and where the clones meet.
    pub(super) fn environment(&self) -> [(&'static str, PathBuf); 3] {
        [
            ("XDG_RUNTIME_DIR", self.root().to_owned()),
            ("GIT_CONFIG_GLOBAL", self.root().join("gitconfig")),
            ("GIT_CONFIG_SYSTEM", PathBuf::from("/dev/null")),
        ]
    }

    /// Prepares this program, with nothing of the user's own settings.
    pub(super) fn program(&self) -> std::io::Result<Command> {
        let mut command = Command::new(std::env::current_exe()?);
        for name in config::VARIABLES {
            command.env_remove(name);
        }
        command.envs(self.environment()).kill_on_drop(true);
        Ok(command)
    }

    /// Removes the folders, also when something still writes into them for a moment.
    pub(super) async fn clear(&self) {
        for _ in 0..10 {
            tokio::time::sleep(AFTERWARDS).await;
            if !self.root().exists() {
                break;
            }
            // What could not be removed now is tried again.
            let _ = fs::remove_dir_all(self.root());
        }
    }

    /// Leaves the folders when all is over.
    pub(super) fn keep(&mut self) {
        self.dir.disable_cleanup(true);
    }

    /// Starts a branch.
    pub(super) fn branch(&self, agent: &str, name: &str) -> Result<(), DemoError> {
        self.git(agent, &["switch", "--quiet", "-c", name])
    }

    /// Writes a file in an agent's clone.
    pub(super) fn write(&self, agent: &str, path: &str, text: &str) -> Result<(), DemoError> {
        write(&self.clone_of(agent).join(path), text)
    }

    /// Commits all there is.
    pub(super) fn commit(&self, agent: &str, message: &str) -> Result<(), DemoError> {
        self.git(agent, &["add", "--all"])?;
        self.git(agent, &["commit", "--quiet", "-m", message])
    }

    /// Runs git in an agent's clone.
    pub(super) fn git(&self, agent: &str, args: &[&str]) -> Result<(), DemoError> {
        self.git_in(&self.clone_of(agent), args)
    }

    /// Merges a branch in which `path` conflicts, and settles it with `text`.
    pub(super) fn merge(&self, agent: &str, branch: &str, path: &str, text: &str) -> Result<(), DemoError> {
        self.git(agent, &["fetch", "--quiet", "origin"])?;
        let git = door(&self.clone_of(agent));
        let mut call = git.nowhere().args(["merge", "--quiet", "--no-commit", branch]);
        for (name, value) in self.environment() {
            call = call.env(name, value);
        }
        // It ends with 1: there is a conflict.
        call.run()?;
        self.write(agent, path, text)?;
        self.commit(agent, &format!("Merge {branch}"))
    }

    fn git_in(&self, cwd: &Path, args: &[&str]) -> Result<(), DemoError> {
        let git = door(cwd);
        let mut call = git.nowhere().args(args);
        for (name, value) in self.environment() {
            call = call.env(name, value);
        }
        call.run()?.success()?;
        Ok(())
    }
}

fn door(cwd: &Path) -> Git {
    Git { cwd: cwd.to_owned(), limit: Duration::from_secs(60) }
}

fn write(path: &Path, text: &str) -> Result<(), DemoError> {
    let fault = |source| DemoError::Folder { path: path.display().to_string(), source };
    fs::create_dir_all(path.parent().unwrap_or(path)).map_err(fault)?;
    fs::write(path, text).map_err(fault)
}
