//! Runs the user's own command on what a merge would give, for all that no reading of sources can tell.

use agentsync_core::{BranchName, ClaimKey};

use super::check_conflicts::{Check, Compared};
use super::ctx::Ctx;
use super::ports::{BranchTip, Scratch, Tried, WorkError};
use super::reconcile::Verify;

/// How the command went on one merged tree.
#[derive(Debug, Clone)]
pub struct Verified {
    /// The branch that mine was merged with.
    pub with: String,
    /// Whose claim names it.
    pub partner: Option<ClaimKey>,
    /// How the command went, or why it was not run.
    pub outcome: Result<Tried, String>,
}

/// Runs the command on my side merged with the default branch, and with each branch it was compared with and merges
/// with; or with the one that was asked for.
pub fn verify_merged(
    ctx: &Ctx<'_>,
    scratch: &dyn Scratch,
    verify: &Verify,
    check: &Check,
    against: Option<&BranchName>,
) -> Vec<Verified> {
    let default = if against.is_some() { None } else { ctx.work.default_branch().ok() };
    let default = default.filter(|default| check.my_branch.as_ref() != Some(default));
    let peers = check.results.iter().filter(|one| one.is_active || one.partner.is_none());
    let peers = peers.filter_map(|one: &Compared| Some((one.their_branch.clone()?, one.partner.clone())));
    let mut with: Vec<(String, Option<ClaimKey>)> = Vec::new();
    for (branch, partner) in default.map(|branch| (branch.to_string(), None)).into_iter().chain(peers) {
        if !with.iter().any(|(known, _)| *known == branch) {
            with.push((branch, partner));
        }
    }
    let n_all = with.len();
    let run = |(n, (with, partner)): (usize, (String, Option<ClaimKey>))| {
        ctx.caller.advance(n, n_all, "merged trees verified");
        let outcome = verify_one(ctx, scratch, verify, check, &with).map_err(|err| err.to_string());
        Verified { with, partner, outcome: outcome.and_then(|tried| tried) }
    };
    let verified = with.into_iter().enumerate().map(run).collect();
    ctx.caller.advance(n_all, n_all, "merged trees verified");
    verified
}

fn verify_one(
    ctx: &Ctx<'_>,
    scratch: &dyn Scratch,
    verify: &Verify,
    check: &Check,
    with: &str,
) -> Result<Result<Tried, String>, WorkError> {
    let not = |why: &str| Ok(Err(why.to_owned()));
    let Some(BranchTip::At { commit: ours, .. }) = &check.my_tip else {
        return not("nothing of yours can be merged");
    };
    let Ok(branch) = BranchName::parse(with) else { return not("git would refuse the branch's name") };
    ctx.work.refresh(std::slice::from_ref(&branch))?;
    let BranchTip::At { commit: theirs, .. } = ctx.work.remote_tip(&branch)? else {
        return not("the branch is not at the remote");
    };
    let merged = scratch.merge(ours, &theirs)?;
    match merged.conflicts.is_empty() {
        true => scratch.try_command(&merged.tree, &verify.command, verify.limit).map(Ok),
        false => not("the text conflicts"),
    }
}
