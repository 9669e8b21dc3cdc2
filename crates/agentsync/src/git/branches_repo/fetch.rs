//! Brings branches of the remote into the private repository.

use agentsync_core::BranchName;
use agentsync_core::redact::redact;

use super::{BranchesRepo, HEADS, create};
use crate::app::ports::WorkError;
use crate::git::command::{GitError, Output};

/// How often a fetch goes again after another process of ours wrote the same references.
const MAX_TRIES: u32 = 4;

/// Isolation rather than speed, but for the upkeep process, which costs 3 ms.
const FETCH: [&str; 9] = [
    "fetch",
    "--quiet",
    "--prune",
    "--no-tags",
    "--no-auto-maintenance",
    "--no-write-fetch-head",
    "--no-recurse-submodules",
    "--refmap=",
    "--end-of-options",
];

/// Returns a refspec for one branch that does not fail when the branch is missing.
///
/// `git fetch` gives up altogether when a branch named exactly is not there; a pattern that matches
/// nothing is fine, and prunes what was there. So `alice/auth` is asked for as `alice/a*uth`. The
/// few characters after the star keep others out; should one match all the same, it is fetched
/// under its own name and does no harm. A name of one letter is the doubtful case: it brings every
/// branch that begins with it.
pub(super) fn spec_that_may_miss(branch: &BranchName) -> String {
    let name = branch.as_str();
    let n_chars = name.chars().count();
    let n_after = (n_chars / 2).min(3);
    let before: String = name.chars().take(n_chars.saturating_sub(n_after)).collect();
    let after: String = name.chars().skip(n_chars.saturating_sub(n_after)).collect();
    format!("+refs/heads/{before}*{after}:{HEADS}{before}*{after}")
}

/// Fetches by address: a remote's own settings could name programs to run.
pub(super) fn fetch(repo: &BranchesRepo, specs: &[String]) -> Result<(), WorkError> {
    let Some(address) = repo.user.address.as_deref() else {
        return Ok(());
    };
    repo.ensure()?;
    let mut is_renewed = false;
    for _ in 0..MAX_TRIES {
        match repo.call().args(FETCH).args([address]).args(specs).run().and_then(Output::success) {
            Ok(_) => return Ok(()),
            Err(GitError::Failed { stderr, .. }) if !is_renewed && is_broken(repo, &stderr) => {
                create::recreate(repo)?;
                is_renewed = true;
            }
            Err(GitError::Failed { stderr, .. }) if is_lock_trouble(&stderr) => {}
            Err(err) => return Err(unreachable(repo, &err)),
        }
    }
    let detail = "other processes kept the references locked".to_owned();
    Err(WorkError::Git { doing: "fetch the branches", detail })
}

/// Tells whether a fetch failed because of another process of ours, or of a branch `a` in the way of `a/b`.
///
/// "error: cannot lock ref 'refs/agentsync/heads/x': is at 53c1… but expected 9f20…"
fn is_lock_trouble(stderr: &str) -> bool {
    stderr.contains("cannot lock ref") || stderr.contains(".lock': File exists")
}

/// Tells whether the private repository is to blame: a name in the way that is gone at the remote, or
/// objects that the user's clone has thrown away since.
///
/// "cannot lock ref 'refs/agentsync/heads/a/b': 'refs/agentsync/heads/a' exists; cannot create …"
fn is_broken(repo: &BranchesRepo, stderr: &str) -> bool {
    if stderr.contains("exists; cannot create") {
        return true;
    }
    let probe = repo.call().args(["rev-list", "--quiet", "--no-walk", "--all"]).run();
    probe.is_ok_and(|output| output.code != 0)
}

pub(super) fn unreachable(repo: &BranchesRepo, err: &GitError) -> WorkError {
    let remote = repo.user.rewritten_address.as_deref().or(repo.user.address.as_deref());
    match err {
        GitError::Failed { stderr, .. } => {
            WorkError::Unreachable { remote: redact(remote.unwrap_or_default()), detail: stderr.clone() }
        }
        GitError::TimedOut { .. } => {
            WorkError::Unreachable { remote: redact(remote.unwrap_or_default()), detail: err.to_string() }
        }
        GitError::Missing | GitError::Io { .. } => {
            WorkError::Git { doing: "fetch the branches", detail: err.to_string() }
        }
    }
}
