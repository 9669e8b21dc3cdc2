//! The one door that starts git.
//!
//! No shell, no prompt, no terminal, no hooks, no monitor, no tracing, the C locale, a scrubbed
//! environment and a time limit that ends the whole process group. Arguments are passed as they
//! are; callers put `--end-of-options` before what they did not write themselves.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use thiserror::Error;

use crate::process::{self, ProcessError};

/// Configuration for every call: nothing of the user's runs, and nothing is asked.
const CONFIG: [&str; 9] = [
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "submodule.recurse=false",
    "maintenance.auto=false",
    "gc.auto=0",
    "protocol.ext.allow=never",
    "safe.bareRepository=explicit",
    "credential.interactive=false",
    "advice.detachedHead=false",
];

/// What must not reach git from whoever started us: a server started from a git hook would
/// otherwise write into the wrong repository. The first part is `git rev-parse --local-env-vars`.
const SCRUBBED: [&str; 30] = [
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_CONFIG",
    "GIT_CONFIG_PARAMETERS",
    "GIT_CONFIG_COUNT",
    "GIT_OBJECT_DIRECTORY",
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_GRAFT_FILE",
    "GIT_INDEX_FILE",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_REPLACE_REF_BASE",
    "GIT_PREFIX",
    "GIT_SHALLOW_FILE",
    "GIT_COMMON_DIR",
    "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_NAMESPACE",
    "GIT_EXTERNAL_DIFF",
    "GIT_DIFF_OPTS",
    "GIT_EDITOR",
    "GIT_SEQUENCE_EDITOR",
    "GIT_EXEC_PATH",
    "GIT_TEMPLATE_DIR",
    "GIT_QUARANTINE_PATH",
    "GIT_PUSH_OPTION_COUNT",
    "GIT_LITERAL_PATHSPECS",
    "GIT_GLOB_PATHSPECS",
    "SSH_ASKPASS",
    "LC_ALL",
    "LANGUAGE",
];

/// Why git gave no answer.
#[derive(Debug, Error)]
pub enum GitError {
    /// There is no git on PATH.
    #[error("`git` is not installed or not on PATH")]
    Missing,
    /// It took too long, and its process group was ended.
    #[error("git {verb} did not answer within {} s", limit.as_secs())]
    TimedOut {
        /// The git command.
        verb: String,
        /// The time limit.
        limit: Duration,
    },
    /// It could not be started or waited for.
    #[error("cannot run git {verb}: {detail}")]
    Io {
        /// The git command.
        verb: String,
        /// What the system said.
        detail: String,
    },
    /// It ended with a failure the caller did not expect.
    #[error("git {verb} failed with code {code}: {stderr}")]
    Failed {
        /// The git command.
        verb: String,
        /// Its exit code, or -1 when a signal ended it.
        code: i32,
        /// What it said, without secrets and control characters.
        stderr: String,
    },
}

/// What git answered.
#[derive(Debug)]
pub struct Output {
    /// The git command.
    verb: String,
    /// The exit code, or -1 when a signal ended it.
    pub code: i32,
    /// What it wrote to its standard output.
    pub stdout: Vec<u8>,
    /// What it said, without secrets and control characters.
    pub stderr: String,
}

impl Output {
    /// Returns the standard output as text; what is not UTF-8 is replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    /// Returns the answer if git succeeded.
    pub fn success(self) -> Result<Output, GitError> {
        match self.code {
            0 => Ok(self),
            _ => Err(self.refused()),
        }
    }

    /// Returns the answer as a failure, whatever its code.
    pub fn refused(self) -> GitError {
        GitError::Failed { verb: self.verb, code: self.code, stderr: self.stderr }
    }
}

/// How git is run here: where, and for how long at most.
#[derive(Debug, Clone)]
pub struct Git {
    /// The folder it runs in, which relative remote addresses are relative to.
    pub cwd: PathBuf,
    /// The time limit of one call.
    pub limit: Duration,
}

impl Git {
    /// Begins a call on the repository at `git_dir`.
    pub fn at(&self, git_dir: &Path) -> Call<'_> {
        let mut dir = OsString::from("--git-dir=");
        dir.push(git_dir);
        Call { before: vec![dir], ..self.nowhere() }
    }

    /// Begins a call that needs no repository.
    pub fn nowhere(&self) -> Call<'_> {
        Call {
            git: self,
            before: Vec::new(),
            args: Vec::new(),
            env: Vec::new(),
            input: None,
            limit: self.limit,
            is_silent: false,
        }
    }
}

/// One call of git, being put together.
#[derive(Debug)]
pub struct Call<'a> {
    git: &'a Git,
    before: Vec<OsString>,
    args: Vec<OsString>,
    env: Vec<(OsString, OsString)>,
    input: Option<File>,
    limit: Duration,
    is_silent: bool,
}

impl Call<'_> {
    /// Says that it asks nobody anything, since there is no remote it could fetch from and nothing is signed.
    #[must_use]
    pub fn silent(mut self) -> Self {
        self.is_silent = true;
        self
    }

    /// Names the work tree.
    #[must_use]
    pub fn work_tree(mut self, path: &Path) -> Self {
        let mut arg = OsString::from("--work-tree=");
        arg.push(path);
        self.before.push(arg);
        self
    }

    /// Sets one configuration value, as `key=value`.
    #[must_use]
    pub fn config(mut self, setting: impl Into<OsString>) -> Self {
        self.before.extend([OsString::from("-c"), setting.into()]);
        self
    }

    /// Sets one environment variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.env.push((name.into(), value.into()));
        self
    }

    /// Appends arguments; the first one ever is the git command.
    #[must_use]
    pub fn args<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(mut self, args: I) -> Self {
        self.args.extend(args.into_iter().map(|arg| arg.as_ref().to_owned()));
        self
    }

    /// Lets the commits it makes be nobody's and of no time: the same content makes the same commit.
    #[must_use]
    pub fn as_nobody(mut self) -> Self {
        for who in ["AUTHOR", "COMMITTER"] {
            self = self.env(&format!("GIT_{who}_NAME"), "agentsync");
            self = self.env(&format!("GIT_{who}_EMAIL"), "agentsync@localhost");
            self = self.env(&format!("GIT_{who}_DATE"), "@0 +0000");
        }
        self
    }

    /// Names a file to read from, instead of nothing.
    #[must_use]
    pub fn input(mut self, file: File) -> Self {
        self.input = Some(file);
        self
    }

    /// Shortens the time limit to `limit`, if that is less.
    #[must_use]
    pub fn within(mut self, limit: Duration) -> Self {
        self.limit = self.limit.min(limit);
        self
    }

    /// Runs git and returns what it answered, whatever its exit code.
    pub fn run(mut self) -> Result<Output, GitError> {
        let verb = self.args.first().map(|verb| verb.to_string_lossy().into_owned()).unwrap_or_default();
        let input = self.input.take().map_or_else(Stdio::null, Stdio::from);
        let run = if self.is_silent { process::run_silent } else { process::run_fed };
        let ended = run(self.command(), input, self.limit).map_err(|err| match err {
            ProcessError::Missing if self.git.cwd.is_dir() => GitError::Missing,
            ProcessError::Missing => {
                let detail = format!("there is no folder `{}`", self.git.cwd.display());
                GitError::Io { verb: verb.clone(), detail }
            }
            ProcessError::TimedOut => GitError::TimedOut { verb: verb.clone(), limit: self.limit },
            ProcessError::Io(err) => GitError::Io { verb: verb.clone(), detail: err.to_string() },
        })?;
        let stderr = ended.said();
        Ok(Output { verb, code: ended.code, stdout: ended.stdout, stderr })
    }

    /// Runs git and returns its one line.
    pub fn line(self) -> Result<String, GitError> {
        self.run().and_then(Output::success).map(|output| output.text().trim_end().to_owned())
    }

    #[expect(clippy::disallowed_methods, reason = "this is the door: git is started here and nowhere else")]
    fn command(&self) -> Command {
        let mut command = Command::new("git");
        command.current_dir(&self.git.cwd);
        for name in SCRUBBED {
            command.env_remove(name);
        }
        let inherited = std::env::vars_os().map(|(name, _)| name);
        for name in inherited.filter(|name| is_scrubbed_family(&name.to_string_lossy())) {
            command.env_remove(name);
        }
        command
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GCM_INTERACTIVE", "never")
            .env("GIT_OPTIONAL_LOCKS", "0")
            .env("GIT_PAGER", "cat")
            .env("GIT_ADVICE", "0")
            .env("LC_MESSAGES", "C")
            .env("GIT_ALLOW_PROTOCOL", "https:http:ssh:git:file")
            .envs(self.env.iter().map(|(name, value)| (name, value)));
        command.args(&self.before);
        command.args(CONFIG.iter().flat_map(|setting| ["-c", setting]));
        command.args(&self.args);
        command
    }
}

/// Tells whether a variable belongs to a family whose members have numbers or are many.
fn is_scrubbed_family(name: &str) -> bool {
    ["GIT_TRACE", "GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_", "GIT_PUSH_OPTION_"]
        .iter()
        .any(|family| name.starts_with(family))
}
