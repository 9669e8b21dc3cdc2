//! Where branches stand: at the remote, and what we really have of our own.

use agentsync_core::{BranchName, Timestamp};

use super::uncommitted;
use crate::app::ports::{BranchSource, BranchTip, Uncommitted, WorkError};
use crate::git::branches_repo::BranchesRepo;

/// Returns the tip last fetched; without a remote, the clone itself is where everybody's branches are.
pub(super) fn remote_tip(repo: &BranchesRepo, branch: &BranchName) -> Result<BranchTip, WorkError> {
    let (tip, source) = match repo.user().address {
        Some(_) => (repo.tip(branch)?, BranchSource::Remote),
        None => (repo.user().ref_commit(&branch.to_ref())?, BranchSource::Local),
    };
    Ok(tip.map_or(BranchTip::NotPushed, |commit| BranchTip::At { commit, source }))
}

/// Returns what we really have of our branch.
///
/// That is the local branch when it is ahead of the remote's, has parted from it, or is not there at
/// all; the remote's when it has all of ours. Uncommitted changes count when the branch is checked
/// out in this worktree.
pub(super) fn own_tip(
    repo: &BranchesRepo,
    branch: &BranchName,
    uncommitted: Uncommitted,
) -> Result<BranchTip, WorkError> {
    repo.ensure()?;
    if uncommitted == Uncommitted::Included
        && let Some(commit) = uncommitted::capture(repo, branch)?
    {
        return Ok(BranchTip::At { commit, source: BranchSource::Worktree });
    }
    let remote = remote_tip(repo, branch)?;
    let local = repo.user().ref_commit(&branch.to_ref())?;
    match (local, &remote) {
        (None, _) => Ok(remote),
        (Some(local), BranchTip::At { commit, .. }) if repo.is_ancestor(&local, commit)? => Ok(remote),
        (Some(commit), _) => Ok(BranchTip::At { commit, source: BranchSource::Local }),
    }
}

/// Returns when each branch was last committed to, here or at the remote, whichever is later.
pub(super) fn last_commits_at(repo: &BranchesRepo, branches: &[BranchName]) -> Vec<Option<Timestamp>> {
    if branches.is_empty() {
        return Vec::new();
    }
    let user = repo.user();
    let tracked: Vec<String> =
        branches.iter().map(|branch| format!("refs/remotes/{}/{branch}", user.remote)).collect();
    let own: Vec<String> = branches.iter().map(BranchName::to_ref).collect();
    let tips = user.ref_commits(&tracked).into_iter().zip(user.ref_commits(&own)).zip(repo.tips(branches));
    let commits = repo.commits().ok();
    let committed_at = |tip: String| Some(commits.as_ref()?.info(&tip)?.committed_at);
    let last = |((tracked, own), fetched)| {
        [tracked, own, fetched].into_iter().flatten().filter_map(committed_at).max()
    };
    tips.map(last).collect()
}

/// Returns the commits by which this clone knows a branch: with the changes that were last captured on it, and its
/// own; where it has none of its own, as last fetched.
pub(super) fn tips_at_hand(repo: &BranchesRepo, branch: &BranchName) -> Vec<String> {
    match repo.user().ref_commit(&branch.to_ref()).ok().flatten() {
        Some(local) => uncommitted::last_captured(repo, &local).into_iter().chain([local]).collect(),
        None => repo.tip(branch).ok().flatten().into_iter().collect(),
    }
}
