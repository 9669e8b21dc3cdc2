//! The one door that starts `gh`: no prompt, no colours, a time limit.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use crate::app::ports::ForgeError;
use crate::process::{self, Ended, ProcessError};

/// What `gh` exits with when nobody is logged in (`gh help exit-codes`).
const NEEDS_LOGIN: i32 = 4;

/// How `gh` is run here.
#[derive(Debug, Clone)]
pub struct Gh {
    /// The folder it runs in.
    pub cwd: PathBuf,
    /// The time limit of one call.
    pub limit: Duration,
}

impl Gh {
    /// Runs `gh` and returns what it answered, or why it could not do what we were `doing`.
    ///
    /// Values that people chose go into arguments of the form `--flag=value`, so that none is taken
    /// for a flag.
    pub fn ask(&self, doing: &'static str, args: &[&str]) -> Result<Ended, ForgeError> {
        let refused = |detail: String| ForgeError::Refused { doing, detail };
        let ended = process::run(self.command(args), self.limit).map_err(|err| match err {
            ProcessError::Missing => ForgeError::Missing,
            ProcessError::TimedOut => refused(format!("no answer within {} s", self.limit.as_secs())),
            ProcessError::Io(err) => refused(err.to_string()),
        })?;
        match ended.code {
            0 => Ok(ended),
            NEEDS_LOGIN => Err(ForgeError::LoggedOut),
            // "You are not logged into any GitHub hosts. To log in, run: gh auth login"
            _ if ended.said().contains("gh auth login") => Err(ForgeError::LoggedOut),
            _ => Err(refused(ended.said())),
        }
    }

    #[expect(clippy::disallowed_methods, reason = "this is the door: gh is started here and nowhere else")]
    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new("gh");
        command.current_dir(&self.cwd).args(args);
        command
            .env("GH_PROMPT_DISABLED", "1")
            .env("GH_NO_UPDATE_NOTIFIER", "1")
            .env("GH_PAGER", "cat")
            .env("NO_COLOR", "1")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("LC_ALL", "C.UTF-8");
        for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GH_FORCE_TTY", "GH_REPO", "GH_DEBUG"] {
            command.env_remove(name);
        }
        command
    }
}
