//! Conclusions about the clone itself: the repository, the agent's id, our folder, the forge.

use super::Check;
use crate::app::doctor::CloneFacts;
use crate::app::init::hooks::caveat;
use crate::app::ports::clone::FiredHook;
use crate::app::ports::{ForgeError, StoreError};

/// Concludes what does not need the remote.
pub(super) fn checks(facts: &CloneFacts, has_git: bool) -> Vec<Check> {
    let mut checks =
        vec![check_repository(facts), check_agent(facts), check_cache(facts), check_forge(facts, has_git)];
    checks.extend(check_hooks(facts));
    checks.extend(super::git_hooks::checks(&facts.git_hooks));
    checks
}

fn check_repository(facts: &CloneFacts) -> Check {
    let repo = facts.place.repo.display();
    match facts.has_commits {
        true => Check::ok("repository", repo.to_string()),
        false => Check::skipped("repository", format!("{repo} has no commit yet"))
            .with_fix("commit something: claims work now, trial merges need it"),
    }
}

fn check_agent(facts: &CloneFacts) -> Check {
    let (agent, source) = (facts.agent.as_str(), &facts.agent_source);
    let said = format!("{agent} ({source})");
    let is_for_all = source.starts_with("git config") && facts.n_worktrees > 1;
    let fix = match source.as_str() {
        "AGENTSYNC_AGENT_ID" => format!("set AGENTSYNC_AGENT_ID to another id here, such as {agent}-2"),
        _ if source.starts_with("git config") => {
            format!("git config --unset agentsync.agent, then `agentsync init --agent {agent}-2` here")
        }
        _ => format!("agentsync init --agent {agent}-2"),
    };
    match facts.n_claims_elsewhere {
        0 if is_for_all => {
            let n_worktrees = facts.n_worktrees;
            Check::skipped("agent", format!("{said}, and so are all {n_worktrees} worktrees of this clone"))
                .with_fix(fix)
        }
        0 => Check::ok("agent", said),
        n_claims => {
            let claims = if n_claims == 1 { "claim" } else { "claims" };
            let said = format!("{said} holds {n_claims} active {claims} from another clone or worktree");
            Check::bad("agent", said, fix)
        }
    }
}

fn check_cache(facts: &CloneFacts) -> Check {
    let path = facts.private.path.display();
    let fault = match (&facts.private.fault, &facts.board) {
        (Some(fault), _) => Some(fault.clone()),
        (None, Err(err @ StoreError::Cache { .. })) => Some(err.to_string()),
        (None, _) => None,
    };
    match fault {
        Some(fault) => Check::bad(
            "cache",
            format!("`{path}` cannot be used: {fault}"),
            "make it writable and make room; what is in it may be deleted".to_owned(),
        ),
        None => Check::ok("cache", format!("{} in {path}", size(facts.private.n_bytes))),
    }
}

fn check_forge(facts: &CloneFacts, has_git: bool) -> Check {
    let optional = "only `finish` and `provision` need it";
    match &facts.forge {
        _ if !has_git => Check::skipped("gh", "not asked without git"),
        Ok(login) => Check::ok("gh", format!("logged in as {login}")),
        Err(ForgeError::Missing) => Check::skipped("gh", format!("not installed; {optional}")),
        Err(ForgeError::LoggedOut { .. }) => {
            Check::skipped("gh", format!("not logged in; {optional}")).with_fix("gh auth login")
        }
        Err(err @ (ForgeError::Nowhere | ForgeError::Refused { .. })) => {
            Check::skipped("gh", err.to_string())
        }
    }
}

/// Says of each hook whether it refused a trial, and what may keep its client from running it.
fn check_hooks(facts: &CloneFacts) -> Vec<Check> {
    if facts.hooks.is_empty() {
        let said = "no client asks before it edits";
        return vec![
            Check::skipped("hooks", said).with_fix("agentsync install claude-code, or another client"),
        ];
    }
    let check = |hook: &FiredHook| {
        let (client, file) = (hook.client.name(), &hook.file);
        match (&hook.answer, &hook.off) {
            (Err(why), _) => Check::bad(
                "hooks",
                format!("{client}: `{}` in {file} did not refuse a trial: {why}", hook.command),
                format!("put agentsync on PATH, then `agentsync install {client}`"),
            ),
            (Ok(_), Some(off)) => Check::bad("hooks", format!("{client}: {off}"), caveat(hook.client)),
            (Ok(_), None) => {
                let said = format!(
                    "{client}: `{}` in {file} refused a trial; {}",
                    hook.command,
                    caveat(hook.client)
                );
                Check::ok("hooks", said)
            }
        }
    };
    facts.hooks.iter().map(check).collect()
}

fn size(n_bytes: u64) -> String {
    match n_bytes {
        0..1_000 => format!("{n_bytes} B"),
        1_000..1_000_000 => format!("{} kB", n_bytes / 1_000),
        _ => format!("{} MB", n_bytes / 1_000_000),
    }
}
