//! Turns the work tree as it stands into a commit that only the private repository knows.

use std::path::{Path, PathBuf};

use agentsync_core::BranchName;

use crate::app::ports::WorkError;
use crate::git::branches_repo::{BranchesRepo, failed_to};
use crate::git::command::{Call, GitError};

/// Returns a commit of the work tree on top of what is checked out, or `None` when `branch` is not
/// checked out here or nothing was changed since the last commit.
///
/// Works on a copy of the index and writes objects into the private repository. Filters that the user
/// has set up for a file run, as they do for `git status`.
pub(super) fn capture(repo: &BranchesRepo, branch: &BranchName) -> Result<Option<String>, WorkError> {
    let user = repo.user();
    let Some(work_dir) = user.work_dir.as_deref() else {
        return Ok(None);
    };
    if user.head_branch()?.as_ref() != Some(branch) {
        return Ok(None);
    }
    let Some(head) = user.head_commit()? else {
        return Ok(None);
    };
    let index = IndexCopy::of(repo)?;
    let failed = failed_to("read the uncommitted changes");
    add_all(repo, work_dir, &index).map_err(failed)?;
    let tree = on_copy(repo, work_dir, &index).args(["write-tree"]).line().map_err(failed)?;
    let before = format!("{head}^{{tree}}");
    let before = repo.call().args(["rev-parse", "--verify", "--end-of-options", &*before]).line();
    if before.map_err(failed)? == tree {
        let _ = std::fs::remove_file(last(repo));
        return Ok(None);
    }
    let commit = commit(repo, &tree, &head).map_err(failed)?;
    // Without it a survey says nothing of what was found about these changes.
    let _ = std::fs::write(last(repo), format!("{head} {commit}\n"));
    Ok(Some(commit))
}

/// Returns the commit that was last captured here, if it was on top of `head`.
pub(super) fn last_captured(repo: &BranchesRepo, head: &str) -> Option<String> {
    let text = std::fs::read_to_string(last(repo)).ok()?;
    let (before, commit) = text.trim_end().split_once(' ')?;
    (before == head).then(|| commit.to_owned())
}

/// Returns the file that says what was last captured in this worktree: "63c22c… 9f31ab…", the commit before it first.
fn last(repo: &BranchesRepo) -> PathBuf {
    repo.user().git_dir.join("agentsync").join("captured")
}

/// A copy of the index that goes when it is dropped.
struct IndexCopy(PathBuf);

impl IndexCopy {
    fn of(repo: &BranchesRepo) -> Result<IndexCopy, WorkError> {
        let name = format!("index-{}-{:08x}", std::process::id(), fastrand::u32(..));
        let copy = IndexCopy(repo.dir.join(name));
        match copy_with_time(&repo.user().git_dir.join("index"), &copy.0) {
            Ok(()) => Ok(copy),
            Err(err) if err.kind() == std::io::ErrorKind::NotFound => Ok(copy),
            Err(err) => Err(WorkError::Git { doing: "copy the index", detail: err.to_string() }),
        }
    }
}

/// Copies the index with its time: git takes a file that changed in the very moment the index was
/// written for unchanged, unless the index is no younger than the file.
fn copy_with_time(from: &Path, to: &Path) -> std::io::Result<()> {
    let modified = std::fs::metadata(from)?.modified()?;
    std::fs::copy(from, to)?;
    std::fs::File::options().write(true).open(to)?.set_modified(modified)
}

impl Drop for IndexCopy {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn add_all(repo: &BranchesRepo, work_dir: &Path, index: &IndexCopy) -> Result<(), GitError> {
    let add = || on_copy(repo, work_dir, index).args(["add", "--all", "--"]);
    match add().args(["."]).run()?.success() {
        Ok(_) => Ok(()),
        // "error: 'x/' does not have a commit checked out": a repository inside the work tree.
        Err(err) => {
            let nested = nested_repositories(repo, work_dir, index)?;
            if nested.is_empty() {
                return Err(err);
            }
            let excluded = nested.iter().map(|dir| format!(":(exclude,literal){dir}"));
            add().args(["."]).args(excluded).run()?.success().map(drop)
        }
    }
}

fn nested_repositories(
    repo: &BranchesRepo,
    work_dir: &Path,
    index: &IndexCopy,
) -> Result<Vec<String>, GitError> {
    let call = on_copy(repo, work_dir, index);
    let output = call.args(["ls-files", "--others", "--exclude-standard", "-z"]).run()?.success()?;
    // Only a repository of its own is listed as a folder: "vendor/x/".
    Ok(output.text().split('\0').filter(|path| path.ends_with('/')).map(str::to_owned).collect())
}

/// Begins a call on the user's repository that writes neither its index nor its objects.
///
/// The private repository's own alternates lead to the user's objects. A split index would be
/// written beside the user's.
fn on_copy<'a>(repo: &'a BranchesRepo, work_dir: &Path, index: &IndexCopy) -> Call<'a> {
    let call = repo.local_call(&repo.user().git_dir).work_tree(work_dir).config("core.splitIndex=false");
    call.env("GIT_INDEX_FILE", index.0.as_os_str()).env("GIT_OBJECT_DIRECTORY", repo.dir.join("objects"))
}

/// Makes the commit; the same changes make the same commit, whenever it is made.
fn commit(repo: &BranchesRepo, tree: &str, parent: &str) -> Result<String, GitError> {
    let args = ["commit-tree", "--no-gpg-sign", "-m", "uncommitted changes", "-p", parent, tree];
    repo.call().as_nobody().args(args).line()
}
