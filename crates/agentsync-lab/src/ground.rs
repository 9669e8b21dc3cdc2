//! The folder a lab lives in, and the terms on which programs start in it.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use tempfile::TempDir;

use crate::answer::Answer;

/// The first second of 2026, in UTC: when the lab's own commits begin.
const FIRST_SECOND: u64 = 1_767_225_600;

/// All that git is told about its user. Background upkeep is off: it would outlive the lab.
const CONFIG: &str = "\
[user]
\tname = lab
\temail = lab@lab.example
[init]
\tdefaultBranch = main
[gc]
\tauto = 0
[maintenance]
\tauto = false
[safe]
\tdirectory = *
[http]
\treceivepack = true
";

/// A temporary folder with a configuration and a home for each agent.
#[derive(Debug)]
pub(crate) struct Ground {
    dir: TempDir,
    n_commits: AtomicU64,
}

impl Ground {
    /// Lays out an empty ground.
    pub(crate) fn new() -> Ground {
        let dir = tempfile::Builder::new().prefix("agentsync-lab-").tempdir().unwrap();
        let ground = Ground { dir, n_commits: AtomicU64::new(0) };
        fs::create_dir(ground.path().join("tmp")).unwrap();
        fs::write(ground.config(), CONFIG).unwrap();
        ground
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Returns the one file git reads its user's settings from.
    pub(crate) fn config(&self) -> PathBuf {
        self.path().join("gitconfig")
    }

    /// Returns the seconds since 1970 of the next commit the lab makes, each one later than the last.
    pub(crate) fn next_second(&self) -> u64 {
        FIRST_SECOND + self.n_commits.fetch_add(1, Ordering::Relaxed)
    }

    /// Prepares `program` for `agent`, with nothing of the caller's environment but `PATH`.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>, agent: &str) -> Command {
        let home = self.path().join("home").join(agent);
        fs::create_dir_all(&home).unwrap();
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", search_path())
            .env("HOME", home)
            .env("TMPDIR", self.path().join("tmp"))
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", self.config())
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("LC_ALL", "C")
            .env("TZ", "UTC");
        command
    }
}

/// Returns the `PATH` the lab itself was started with.
pub(crate) fn search_path() -> OsString {
    std::env::var_os("PATH").unwrap_or_default()
}

/// Runs `command` to its end, with `input` on its standard input.
#[track_caller]
pub(crate) fn run(command: &mut Command, input: &[u8]) -> Answer {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let asked = words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap_or_else(|err| panic!("cannot start {asked}: {err}"));
    let mut stdin = child.stdin.take().expect("stdin is piped");
    let output = thread::scope(|scope| {
        // A program may end without reading its input; that is its right.
        scope.spawn(move || stdin.write_all(input).ok());
        child.wait_with_output()
    });
    Answer::new(asked, output.unwrap())
}
