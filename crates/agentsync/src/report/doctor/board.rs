//! Conclusions about the board: the remote, its document, pushes to it and its clock.

use super::Check;
use crate::app::doctor::CloneFacts;
use crate::app::failure::Failure;
use crate::app::ports::{Diagnosis, PushBudget, StoreError};
use crate::report::failure::FailureReport;

/// How far a peer's clock may be ahead before it is worth a word: claims are then dated wrongly.
const MAX_AHEAD_MINUTES: i64 = 5;
/// From this size on every change costs more time and bytes than it should.
const LARGE: u64 = 512 * 1024;
/// The command that shows what happened and puts it right.
const REPAIR: &str = "agentsync repair";

/// Concludes what needs the remote.
pub(super) fn checks(facts: &CloneFacts, has_git: bool) -> Vec<Check> {
    let names = ["remote", "credentials", "board", "push", "rules", "signing", "clock"];
    if !has_git {
        return names.map(|name| Check::skipped(name, "needs git")).to_vec();
    }
    vec![
        check_remote(facts),
        check_credentials(facts),
        check_board(facts),
        check_push(facts),
        check_rules(facts),
        super::signing::check(&facts.signing),
        check_clock(facts),
    ]
}

fn check_remote(facts: &CloneFacts) -> Check {
    let name = &facts.remote_name;
    let Some(address) = &facts.place.remote else {
        let said = format!("there is no remote `{name}`: the board is for the worktrees of this clone alone");
        return Check::skipped("remote", said).with_fix(format!("git remote add {name} ADDRESS"));
    };
    match &facts.board {
        Err(StoreError::Cache { .. }) => Check::skipped("remote", "not asked: the cache cannot be used"),
        Err(
            err @ (StoreError::Unreachable { .. }
            | StoreError::Unauthorized { .. }
            | StoreError::PushRefused { .. }
            | StoreError::ReadOnly { .. }
            | StoreError::RemoteFull { .. }
            | StoreError::OtherHash { .. }
            | StoreError::Git { .. }),
        ) => {
            let fix = match err {
                StoreError::Unreachable { .. } => {
                    format!("check the network, and the address with `git remote get-url {name}`")
                }
                _ => fix_of(err),
            };
            Check::bad("remote", err.to_string(), fix)
        }
        Ok(_)
        | Err(StoreError::Unreadable { .. } | StoreError::Signing { .. } | StoreError::NoSuchCommit { .. }) => {
            Check::ok("remote", address.clone())
        }
    }
}

fn fix_of(err: &StoreError) -> String {
    // The words are made for a failure that owns its error; this one is only looked at.
    let copy = match err {
        StoreError::Unauthorized { remote, detail } => {
            StoreError::Unauthorized { remote: remote.clone(), detail: detail.clone() }
        }
        StoreError::PushRefused { remote, branch, detail } => {
            StoreError::PushRefused { remote: remote.clone(), branch: branch.clone(), detail: detail.clone() }
        }
        StoreError::OtherHash { remote, theirs, ours } => {
            StoreError::OtherHash { remote: remote.clone(), theirs: theirs.clone(), ours: ours.clone() }
        }
        _ => return "agentsync survey, to see whether it was a passing fault".to_owned(),
    };
    FailureReport::of(&Failure::from(copy)).bare_fix()
}

/// Why a remote did not let us in is told from what git would have to log in with.
fn check_credentials(facts: &CloneFacts) -> Check {
    let Some(address) = &facts.place.remote else {
        return Check::skipped("credentials", "not needed without a remote");
    };
    let is_let_in = match &facts.board {
        Ok(_) | Err(StoreError::Unreadable { .. }) => true,
        Err(StoreError::Unreachable { .. } | StoreError::Unauthorized { .. }) => false,
        Err(_) => return Check::skipped("credentials", "not asked"),
    };
    let is_web = address.starts_with("http://") || address.starts_with("https://");
    let is_ssh = address.starts_with("ssh://") || (!address.contains("://") && is_scp_like(address));
    match (is_let_in, is_web, is_ssh) {
        (true, ..) => Check::ok("credentials", "the remote answered without a question"),
        (false, true, _) if !facts.has_credential_helper => Check::bad(
            "credentials",
            "git has no credential helper, and nobody can be asked for a password",
            "gh auth setup-git, or git config --global credential.helper HELPER",
        ),
        (false, _, true) if !facts.has_ssh_agent => {
            Check::skipped("credentials", "no ssh agent is running: a key with a passphrase cannot be used")
                .with_fix("start one with `eval $(ssh-agent)` and `ssh-add`")
        }
        (false, true, _) => Check::skipped("credentials", "git has a credential helper"),
        (false, _, true) => Check::skipped("credentials", "an ssh agent is running"),
        (false, false, false) => Check::skipped("credentials", "not needed for this address"),
    }
}

/// Tells `git@host:path` from a path: the colon comes before any slash.
fn is_scp_like(address: &str) -> bool {
    address.split('/').next().is_some_and(|head| head.contains(':'))
}

fn check_board(facts: &CloneFacts) -> Check {
    let (name, branch) = ("board", &facts.place.branch);
    match &facts.board {
        Ok(Diagnosis::Sound { tip: Some(tip) }) => {
            let said = format!("`{branch}` at {} can be read", tip.short());
            match facts.board_size.filter(|size| *size >= LARGE) {
                None => Check::ok(name, said),
                Some(size) => Check::ok(
                    name,
                    format!("{said}, but its {} KB slow every change down", size / 1024),
                )
                .with_fix(
                    "agentsync survey --detail full, for who claims many paths: one folder or glob may do",
                ),
            }
        }
        Ok(Diagnosis::Sound { tip: None }) => {
            Check::ok(name, format!("there is no `{branch}` yet; the first claim makes it"))
        }
        Ok(Diagnosis::Deleted { seen }) => {
            Check::bad(name, format!("`{branch}` was deleted; last seen at {}", seen.short()), REPAIR)
        }
        Ok(Diagnosis::Rewritten { seen, found }) => {
            let (seen, found) = (seen.short(), found.short());
            let said = format!("`{branch}` was rewritten: {found} does not descend from {seen}");
            Check::bad(name, said, REPAIR)
        }
        Ok(Diagnosis::Unreadable { tip, why, .. }) => {
            Check::bad(name, format!("claims.json at {} cannot be read: {why}", tip.short()), REPAIR)
        }
        Err(err @ StoreError::Unreadable { .. }) => Check::bad(name, err.to_string(), REPAIR),
        Err(_) => Check::skipped(name, "not reached"),
    }
}

fn check_push(facts: &CloneFacts) -> Check {
    let branch = &facts.place.branch;
    match (&facts.place.remote, &facts.push) {
        (None, _) => Check::skipped("push", "not needed without a remote"),
        (Some(_), None) => Check::skipped("push", "not reached"),
        (Some(_), Some(Ok(()))) => {
            let budget = facts.push_budget.as_ref().map(budget_words).unwrap_or_default();
            Check::ok("push", format!("a rehearsed push to `{branch}` was accepted{budget}"))
        }
        (Some(_), Some(Err(err))) => {
            let fix =
                format!("let this account push to `{branch}` (`git push --dry-run` must work by itself)");
            Check::bad("push", err.to_string(), fix)
        }
    }
}

/// Says what is left of the remote's budget.
fn budget_words(budget: &PushBudget) -> String {
    let rate = match budget.rate {
        Some((per_minute, burst)) => {
            format!(
                "; of {burst} pushes at once, {} are left, {per_minute} a minute come back",
                budget.n_left
            )
        }
        None => "; the remote asked for a pause".to_owned(),
    };
    match budget.free_in.as_millis().div_ceil(1000) {
        0 => rate,
        seconds => format!("{rate}; the next one is free in {seconds} s"),
    }
}

/// What the remote's hooks and branch rules say cannot be known without pushing.
fn check_rules(facts: &CloneFacts) -> Check {
    match (&facts.place.remote, &facts.push) {
        (None, _) => Check::skipped("rules", "not needed without a remote"),
        (Some(_), Some(Ok(()))) => Check::skipped(
            "rules",
            "branch rules and hooks of the remote speak only when something is pushed; a claim shows them",
        ),
        (Some(_), Some(Err(_)) | None) => Check::skipped("rules", "not reached"),
    }
}

fn check_clock(facts: &CloneFacts) -> Check {
    let Some(newest) = facts.newest_commit_at else {
        return Check::skipped("clock", "no commit of the board to compare with");
    };
    let n_ahead = (newest.0 - facts.now.0) / 60_000_000;
    match n_ahead > MAX_AHEAD_MINUTES {
        true => Check::bad(
            "clock",
            format!("the board's newest commit lies {n_ahead} min in the future"),
            "set this machine's clock, or that of whoever wrote it (`agentsync history` shows who)",
        ),
        false => Check::ok("clock", "not behind the board's newest commit"),
    }
}
