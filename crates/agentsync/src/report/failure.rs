//! A failure, as all faces answer it: what happened, a word for programs, and what to do next.

use schemars::JsonSchema;
use serde::Serialize;

use super::Exit;
use crate::app::failure::{Failure, UsageError};
use crate::app::ports::{Alarm, ForgeError, StoreError, WorkError};
use crate::app::update::UpdateError;

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FailureReport {
    /// What happened.
    pub error: String,
    /// A word for programs; it does not change between versions.
    pub code: &'static str,
    /// The next call or command.
    pub fix: String,
    /// The change whose fate is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub op: Option<String>,
    /// How the program ends.
    #[serde(skip)]
    pub exit: Exit,
}

impl FailureReport {
    /// Puts a failure into words. This is the only place that does.
    pub fn of(failure: &Failure) -> FailureReport {
        let (code, exit, fix) = advise(failure);
        let op = match failure {
            Failure::Update(UpdateError::Unknown { op, .. }) => Some(op.0.clone()),
            _ => None,
        };
        FailureReport { error: failure.to_string(), code, fix, op, exit }
    }

    /// Returns what to do next, without the assurance that nothing was written: for places where
    /// something else was, or nothing was to be.
    pub fn bare_fix(&self) -> String {
        self.fix.strip_prefix("nothing was written; ").unwrap_or(&self.fix).to_owned()
    }

    /// Returns a report on a bug of ours.
    pub fn bug() -> FailureReport {
        let fix = "please report it with what you called; `agentsync survey` shows what is true".to_owned();
        FailureReport {
            error: "agentsync failed inside".to_owned(),
            code: "bug",
            fix,
            op: None,
            exit: Exit::Bug,
        }
    }

    /// Returns a report on arguments that were not understood.
    pub fn usage(error: String, fix: &str) -> FailureReport {
        FailureReport { error, code: "bad_arguments", fix: fix.to_owned(), op: None, exit: Exit::Usage }
    }
}

type Advice = (&'static str, Exit, String);

fn advise(failure: &Failure) -> Advice {
    match failure {
        Failure::Usage(err) => advise_usage(err),
        Failure::Update(err) => advise_update(err),
        Failure::Work(err) => advise_work(err),
        Failure::Forge(err) => advise_forge(err),
        Failure::NoClaim { fix, .. } => ("no_claim", Exit::No, fix.clone()),
    }
}

fn advise_usage(err: &UsageError) -> Advice {
    let (code, fix) = match err {
        UsageError::Text(_) => ("bad_text", "say it in one short line"),
        UsageError::Path(_) => {
            ("bad_path", "name paths from the root of the repository, such as `src/auth` or `tests/**/*.py`")
        }
        UsageError::Name(_) => ("bad_name", "choose a plainer name, such as `alice` or `alice/auth`"),
        UsageError::NoTouches => ("no_touches", "name at least one file, folder or glob in `touches`"),
        UsageError::Status { .. } => ("bad_status", "use `planning`, `in-progress` or `done`"),
        UsageError::ReasonWithoutForce => ("bad_arguments", "leave out `reason`, or set `force` as well"),
        UsageError::Wait { .. } => {
            ("bad_arguments", "wait for a while and call again: your place in the line is kept")
        }
        UsageError::Derive { .. } => ("bad_arguments", "leave it out, or give one of the three"),
        UsageError::Lease { .. } => ("bad_arguments", "give a lease in which any agent shows a sign of life"),
        UsageError::Link(_) => ("bad_path", "claim the place the link leads to, if it is in this repository"),
        UsageError::Other { fix, .. } => return ("bad_arguments", Exit::Usage, fix.clone()),
    };
    (code, Exit::Usage, fix.to_owned())
}

fn advise_update(err: &UpdateError) -> Advice {
    match err {
        UpdateError::Store(err) => advise_store(err),
        UpdateError::Frozen(alarm) => advise_alarm(alarm),
        UpdateError::Contended { .. } => {
            ("contended", Exit::TryAgain, "nothing was written; call again, or raise `--timeout`".to_owned())
        }
        UpdateError::OutOfBudget { free_in, .. } => {
            let seconds = free_in.as_millis().div_ceil(1000);
            let fix = format!("nothing was written; call again in {seconds} s, or raise `--timeout`");
            ("contended", Exit::TryAgain, fix)
        }
        UpdateError::Stuck { .. } => (
            "remote_ref_lock_stuck",
            Exit::TryAgain,
            "whoever runs the remote must remove the lock that is left behind beside the branch (`*.lock`); then look at `survey` before you call again, since a push that the network repeats may still arrive".to_owned(),
        ),
        UpdateError::Unknown { op, .. } => (
            "unknown",
            Exit::TryAgain,
            format!("run `agentsync resolve {}`, or look at `survey`: if the change shows, it is done; if not, make the same call again", op.0),
        ),
    }
}

fn advise_alarm(alarm: &Alarm) -> Advice {
    match alarm {
        Alarm::Deleted { .. } => (
            "board_deleted",
            Exit::Usage,
            "run `agentsync repair` to see the last good state and restore it".to_owned(),
        ),
        Alarm::Rewritten { .. } => (
            "board_rewritten",
            Exit::Usage,
            "run `agentsync repair` to compare the two and decide".to_owned(),
        ),
        Alarm::Untrusted { .. } => (
            "untrusted_commit",
            Exit::Usage,
            "nothing was written; look with `agentsync verify`, and when all is settled `agentsync verify --accept` goes on from there in this clone".to_owned(),
        ),
        Alarm::SignersChanged { found, .. } => (
            "signers_changed",
            Exit::Usage,
            match found {
                Some(found) => format!("nothing was written; read the file on the default branch, and if it is right: git config agentsync.signersHash {found}"),
                None => "nothing was written; bring the file back on the default branch, and git fetch".to_owned(),
            },
        ),
        Alarm::NewerSchema { .. } => (
            "newer_schema",
            Exit::Usage,
            "install the newest agentsync; until then the board can only be read".to_owned(),
        ),
    }
}

fn advise_store(err: &StoreError) -> Advice {
    match err {
        StoreError::Unreachable { .. } => (
            "unreachable",
            Exit::TryAgain,
            "nothing was written; check the network and `git remote -v`, then try again (`agentsync doctor` tells more)".to_owned(),
        ),
        StoreError::Unauthorized { .. } => {
            ("unauthorized", Exit::Usage, "log in to the remote (`git fetch` must work by itself), then try again".to_owned())
        }
        StoreError::PushRefused { detail, .. } if detail.contains("agentsync: refused:") => (
            "push_refused",
            Exit::Usage,
            "nothing was written; the server's gate says what is wrong and what to do".to_owned(),
        ),
        StoreError::PushRefused { branch, .. } => (
            "push_refused",
            Exit::Usage,
            format!("nothing was written; let this account push to `{branch}` (exempt it from branch rules and hooks)"),
        ),
        StoreError::ReadOnly { .. } => (
            "read_only",
            Exit::Usage,
            "nothing was written, and `survey` still works; ask whoever runs the remote to let this account write there".to_owned(),
        ),
        StoreError::RemoteFull { .. } => (
            "remote_full",
            Exit::TryAgain,
            "nothing was written, and `survey` still works; whoever runs the remote must make room there, then try again".to_owned(),
        ),
        StoreError::OtherHash { theirs, .. } => (
            "other_hash",
            Exit::Usage,
            format!("clone the remote with `git clone --object-format={theirs}` or a plain `git clone`"),
        ),
        StoreError::Unreadable { .. } => (
            "board_unreadable",
            Exit::Usage,
            "nothing was written; run `agentsync repair` to see the last good version and restore it".to_owned(),
        ),
        StoreError::Cache { path, .. } => (
            "cache",
            Exit::TryAgain,
            format!("nothing was written; make room for and let us write `{}`; the folder may be deleted", path.display()),
        ),
        StoreError::NoSuchCommit { .. } => {
            ("no_such_commit", Exit::Usage, "name a commit that `agentsync history` lists".to_owned())
        }
        StoreError::Signing { fix, .. } => ("signing", Exit::Usage, format!("nothing was written; {fix}")),
        StoreError::Git { .. } => ("git", Exit::TryAgain, "run `agentsync doctor`".to_owned()),
    }
}

fn advise_work(err: &WorkError) -> Advice {
    match err {
        WorkError::Repository { fix, .. } => ("no_repository", Exit::Usage, fix.clone()),
        WorkError::Unreachable { .. } => (
            "unreachable",
            Exit::TryAgain,
            "check the network and `git remote -v`, then try again".to_owned(),
        ),
        WorkError::Git { .. } => ("git", Exit::TryAgain, "run `agentsync doctor`".to_owned()),
    }
}

fn advise_forge(err: &ForgeError) -> Advice {
    match err {
        ForgeError::Nowhere => (
            "no_forge",
            Exit::Usage,
            "give the repository a remote at GitHub: provision(), or `git remote add origin …`".to_owned(),
        ),
        ForgeError::Missing => {
            ("gh_missing", Exit::Usage, "install GitHub's `gh`, then run `gh auth login`".to_owned())
        }
        ForgeError::LoggedOut { host } if host == "github.com" => {
            ("gh_logged_out", Exit::Usage, "run `gh auth login`".to_owned())
        }
        ForgeError::LoggedOut { host } => (
            "gh_logged_out",
            Exit::Usage,
            format!("run `gh auth login --hostname {host}`, if GitHub runs there"),
        ),
        ForgeError::Refused { .. } => {
            ("gh_refused", Exit::No, "read what GitHub said, then try again".to_owned())
        }
    }
}
