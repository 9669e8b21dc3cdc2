//! Finds the branch that work lands on.

use agentsync_core::BranchName;

use crate::app::ports::WorkError;
use crate::git::branches_repo::BranchesRepo;

/// Where the remote's answer is kept; it goes with the private repository, and so with the address.
const ANSWER: &str = "default-branch";

/// Returns the branch that work lands on: what the clone recorded of the remote, else what the remote
/// says, else a branch of the usual name that exists.
pub(in crate::git) fn default_branch(repo: &BranchesRepo) -> Result<BranchName, WorkError> {
    if let Some(branch) = recorded(repo)? {
        return Ok(branch);
    }
    if let Some(branch) = answered(repo)? {
        return Ok(branch);
    }
    usual(repo)?.ok_or_else(|| WorkError::Repository {
        what: "the default branch cannot be told".to_owned(),
        fix: format!("git remote set-head {} <branch>", repo.user().remote),
    })
}

/// Returns what `refs/remotes/<remote>/HEAD` points to, unless that is gone: it is never renewed by a
/// fetch before git 2.48, so it may name a branch that was renamed long ago.
fn recorded(repo: &BranchesRepo) -> Result<Option<BranchName>, WorkError> {
    let user = repo.user();
    let tracked = format!("refs/remotes/{}/", user.remote);
    let Some(target) = user.symbolic_target(&format!("{tracked}HEAD"))? else {
        return Ok(None);
    };
    let branch = target.strip_prefix(&tracked).and_then(|name| BranchName::parse(name).ok());
    let is_there = user.ref_commit(&target)?.is_some();
    Ok(branch.filter(|_| is_there))
}

/// Returns what the remote says, asking it once.
fn answered(repo: &BranchesRepo) -> Result<Option<BranchName>, WorkError> {
    let Some(address) = repo.user().address.as_deref() else {
        return Ok(None);
    };
    repo.ensure()?;
    let kept = repo.dir.join(ANSWER);
    if let Ok(name) = std::fs::read_to_string(&kept) {
        return Ok(BranchName::parse(name.trim_end()).ok());
    }
    let args = ["ls-remote", "--symref", "--end-of-options", address, "HEAD"];
    // A remote that cannot be reached is no reason to stop: the usual names come next.
    let Some(output) = repo.call().args(args).run().ok().filter(|output| output.code == 0) else {
        return Ok(None);
    };
    let branch = parse_symref(&output.text());
    if let Some(branch) = &branch {
        // Without it the remote is asked again.
        let _ = std::fs::write(kept, branch.as_str());
    }
    Ok(branch)
}

/// Parses "ref: refs/heads/main\tHEAD".
fn parse_symref(text: &str) -> Option<BranchName> {
    let target = text.lines().find_map(|line| line.strip_prefix("ref: ")?.strip_suffix("\tHEAD"))?;
    BranchName::parse(target).ok()
}

fn usual(repo: &BranchesRepo) -> Result<Option<BranchName>, WorkError> {
    let user = repo.user();
    let configured = user.gix()?.config_snapshot().string("init.defaultBranch").map(|name| name.to_string());
    for name in configured.as_deref().into_iter().chain(["main", "master"]) {
        let Ok(branch) = BranchName::parse(name) else {
            continue;
        };
        let tracked = format!("refs/remotes/{}/{branch}", user.remote);
        if user.ref_commit(&tracked)?.is_some() || user.ref_commit(&branch.to_ref())?.is_some() {
            return Ok(Some(branch));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_remote_names_its_branch() {
        let branch = parse_symref("ref: refs/heads/trunk\tHEAD\n63c2\tHEAD\n");
        assert_eq!(branch, BranchName::parse("trunk").ok());
        assert_eq!(parse_symref("63c2\tHEAD\n"), None);
    }
}
