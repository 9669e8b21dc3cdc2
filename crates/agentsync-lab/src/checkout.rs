//! One agent's working copy: a clone, a lone repository or a worktree.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use crate::answer::Answer;
use crate::ground::{self, Ground};

/// A working copy and the agent who works in it.
#[derive(Clone, Debug)]
pub struct Checkout {
    ground: Arc<Ground>,
    binary: PathBuf,
    path: PathBuf,
    agent: String,
}

impl Checkout {
    pub(crate) fn new(ground: Arc<Ground>, binary: PathBuf, path: PathBuf, agent: &str) -> Checkout {
        Checkout { ground, binary, path, agent: agent.to_owned() }
    }

    /// Writes the agent's name into the repository's own configuration.
    pub(crate) fn introduce(&self) {
        self.git(&["config", "user.name", &self.agent]);
        self.git(&["config", "user.email", &format!("{}@lab.example", self.agent)]);
    }

    /// Returns the folder of the working copy.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the agent's id.
    pub fn agent(&self) -> &str {
        &self.agent
    }

    /// Returns the same folder in the hands of another agent.
    pub fn as_agent(&self, agent: &str) -> Checkout {
        Checkout { agent: agent.to_owned(), ..self.clone() }
    }

    /// Runs git here; stops the test when it fails.
    #[track_caller]
    pub fn git(&self, args: &[&str]) -> Answer {
        self.git_any(args).expect_success()
    }

    /// Runs git here, whatever it answers.
    #[track_caller]
    pub fn git_any(&self, args: &[&str]) -> Answer {
        ground::run(self.ground.command("git", &self.agent).args(args).current_dir(&self.path), b"")
    }

    /// Runs any program here, with `env` on top of the lab's environment.
    #[track_caller]
    pub fn run_with<K, V>(&self, program: impl AsRef<OsStr>, env: &[(K, V)], args: &[&str]) -> Answer
    where
        K: AsRef<OsStr>,
        V: AsRef<OsStr>,
    {
        let mut command = self.ground.command(program, &self.agent);
        command.envs(env.iter().map(|(key, value)| (key, value))).args(args);
        ground::run(command.current_dir(&self.path), b"")
    }

    /// Writes a file below the working copy, with the folders it needs.
    pub fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.path.join(path);
        fs::create_dir_all(path.parent().expect("a file has a parent")).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Reads a file below the working copy.
    #[track_caller]
    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path.join(path)).unwrap_or_else(|err| panic!("cannot read {path}: {err}"))
    }

    /// Commits all that changed, at the lab's own time, and returns the commit's id.
    #[track_caller]
    pub fn commit(&self, message: &str) -> String {
        self.git(&["add", "--all"]);
        let date = format!("{} +0000", self.ground.next_second());
        let mut command = self.ground.command("git", &self.agent);
        command.env("GIT_AUTHOR_DATE", &date).env("GIT_COMMITTER_DATE", &date);
        command.args(["commit", "--quiet", "--allow-empty", "--message", message]);
        ground::run(command.current_dir(&self.path), b"").expect_success();
        self.git(&["rev-parse", "HEAD"]).text().to_owned()
    }

    /// Pushes what is checked out to `branch` of `origin`.
    #[track_caller]
    pub fn push(&self, branch: &str) {
        self.git(&["push", "--quiet", "origin", &format!("HEAD:refs/heads/{branch}")]);
    }

    /// Runs agentsync here.
    #[track_caller]
    pub fn agentsync(&self, args: &[&str]) -> Answer {
        ground::run(self.agentsync_command().args(args), b"")
    }

    /// Runs agentsync here, with `env` on top of the lab's environment.
    #[track_caller]
    pub fn agentsync_with<K, V>(&self, env: &[(K, V)], args: &[&str]) -> Answer
    where
        K: AsRef<OsStr>,
        V: AsRef<OsStr>,
    {
        let env = env.iter().map(|(key, value)| (key, value));
        ground::run(self.agentsync_command().envs(env).args(args), b"")
    }

    /// Runs agentsync here, with `input` on its standard input.
    #[track_caller]
    pub fn agentsync_fed(&self, input: impl AsRef<[u8]>, args: &[&str]) -> Answer {
        ground::run(self.agentsync_command().args(args), input.as_ref())
    }

    /// Prepares agentsync for a test that starts and ends it on its own terms.
    pub fn agentsync_command(&self) -> Command {
        let mut command = self.ground.command(&self.binary, &self.agent);
        command.env("AGENTSYNC_AGENT_ID", &self.agent).current_dir(&self.path);
        command
    }
}
