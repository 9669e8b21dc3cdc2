//! Brings merged work onto a branch of the user's clone. Uncommitted work is never touched.

use std::path::{Path, PathBuf};

use agentsync_core::BranchName;

use super::io_fault;
use crate::app::ports::{Advanced, WorkError};
use crate::git::branches_repo::{BranchesRepo, failed_to};
use crate::git::command::{Call, Output};

pub(super) fn commit(
    repo: &BranchesRepo,
    tree: &str,
    ours: &str,
    theirs: &str,
    message: &str,
) -> Result<String, WorkError> {
    let mut call = repo.call();
    if let Some(identity) = &repo.user().identity {
        for who in ["AUTHOR", "COMMITTER"] {
            call = call.env(&format!("GIT_{who}_NAME"), &identity.name);
            call = call.env(&format!("GIT_{who}_EMAIL"), &identity.email);
        }
    }
    let args = ["commit-tree", "--no-gpg-sign", "-m", message, "-p", ours, "-p", theirs, tree];
    call.args(args).line().map_err(failed_to("make the merge commit"))
}

/// Begins a call on the user's own repository.
fn users(repo: &BranchesRepo) -> Call<'_> {
    repo.local_call(&repo.user().git_dir)
}

/// Brings a commit of the private repository into the user's; no reference remains of it.
fn bring(repo: &BranchesRepo, commit: &str) -> Result<(), WorkError> {
    let doing = failed_to("bring the merge into this clone");
    let name = format!("refs/agentsync/land/{}-{:08x}", std::process::id(), fastrand::u32(..));
    repo.call().args(["update-ref", "--end-of-options", &name, commit]).line().map_err(doing)?;
    let from = repo.dir.as_os_str();
    let fetch = users(repo).args(["fetch", "--quiet", "--no-write-fetch-head", "--no-tags"]);
    let fetched =
        fetch.args(["--end-of-options".as_ref(), from, name.as_ref()]).run().and_then(Output::success);
    let removed = repo.call().args(["update-ref", "-d", "--end-of-options", &name]).line();
    fetched.map(drop).map_err(doing)?;
    removed.map(drop).map_err(doing)
}

pub(super) fn advance(
    repo: &BranchesRepo,
    branch: &BranchName,
    from: &str,
    to: &str,
) -> Result<Advanced, WorkError> {
    bring(repo, to)?;
    let doing = failed_to("move the branch");
    // The work tree and its index go along, or neither does.
    let output = if let Some(work_dir) = checked_out_in(repo, branch)? {
        let git_dir = git_dir_of(&work_dir).map_err(io_fault("find the work tree's repository"))?;
        let args = ["merge", "--ff-only", "--no-edit", "--quiet", "--end-of-options", to];
        repo.local_call(&git_dir).work_tree(&work_dir).args(args).run().map_err(doing)?
    } else {
        let args = ["update-ref", "-m", "agentsync: reconcile", "--end-of-options"];
        users(repo).args(args).args([&*branch.to_ref(), to, from]).run().map_err(doing)?
    };
    match output.code {
        0 => Ok(Advanced::Done),
        // "error: Your local changes to the following files would be overwritten by merge:"
        _ => Ok(Advanced::Refused { why: output.stderr }),
    }
}

/// Returns the work tree that a branch is checked out in.
fn checked_out_in(repo: &BranchesRepo, branch: &BranchName) -> Result<Option<PathBuf>, WorkError> {
    let output = users(repo).args(["worktree", "list", "--porcelain", "-z"]).run();
    let output = output.and_then(Output::success).map_err(failed_to("list the work trees"))?;
    let mut work_dir = None;
    // "worktree /a\0HEAD 1f…\0branch refs/heads/main\0\0worktree /b\0…"
    for field in output.text().split('\0') {
        if let Some(path) = field.strip_prefix("worktree ") {
            work_dir = Some(PathBuf::from(path));
        }
        if field.strip_prefix("branch ").is_some_and(|name| name == branch.to_ref()) {
            return Ok(work_dir);
        }
    }
    Ok(None)
}

/// Returns the git directory of a work tree: `.git` itself, or what the file of that name points to.
fn git_dir_of(work_dir: &Path) -> std::io::Result<PathBuf> {
    let dot_git = work_dir.join(".git");
    if dot_git.is_dir() {
        return Ok(dot_git);
    }
    // "gitdir: /home/alice/project/.git/worktrees/x"
    let text = std::fs::read_to_string(&dot_git)?;
    let target = text.trim_end().strip_prefix("gitdir: ").unwrap_or_default();
    Ok(work_dir.join(target))
}

pub(super) fn leave_merge(
    repo: &BranchesRepo,
    places: &Path,
    branch: &BranchName,
    ours: &str,
    theirs: &str,
) -> Result<PathBuf, WorkError> {
    bring(repo, theirs)?;
    bring(repo, ours)?;
    let doing = failed_to("leave a work tree for the merge");
    let word: String =
        branch.as_str().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let place = places.join(format!("reconcile-{word}"));
    std::fs::create_dir_all(places).map_err(io_fault("make a folder for the merge"))?;
    // One that an earlier call left is made anew: its resolution would have been committed.
    let remove = ["worktree", "remove", "--force", "--end-of-options"];
    let _ = users(repo).args(remove).args([&place]).run();
    let add = ["worktree", "add", "--quiet", "--detach", "--end-of-options"];
    users(repo).args(add).args([place.as_os_str(), ours.as_ref()]).line().map_err(doing)?;
    let git_dir = git_dir_of(&place).map_err(io_fault("find the work tree's repository"))?;
    let merge = ["merge", "--no-commit", "--no-ff", "--quiet", "--end-of-options", theirs];
    let call = repo.local_call(&git_dir).work_tree(&place).args(merge);
    // 1 says that there are conflicts, which is why we are here.
    call.run().map_err(doing)?;
    Ok(place)
}
