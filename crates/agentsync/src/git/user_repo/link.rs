//! `.git` files: folders that say which repository they belong to.
//!
//! Git follows one wherever it lies. One that came into a work tree with other people's files would
//! lead whoever works there into another repository, so inside a work tree it must be answered for:
//! by lying with the enclosing repository, or by a repository that knows the folder as its own.

use std::path::{Path, PathBuf};

use gix::discover::path::{from_gitdir_file, from_plain_file};
use gix::path::realpath;

use crate::app::ports::WorkError;

/// Refuses `repo` when the `.git` file that led to it from `path` lies in the work tree of another
/// repository and nobody answers for it; `discover` finds the repository around a folder.
pub(super) fn check(
    path: &Path,
    repo: &gix::Repository,
    discover: impl Fn(&Path) -> Option<gix::Repository>,
) -> Result<(), WorkError> {
    let (Ok(git_dir), Ok(here)) = (realpath(repo.git_dir()), realpath(path)) else { return Ok(()) };
    let Some(folder) = here.ancestors().find(|dir| leads_to(&dir.join(".git"), &git_dir)) else {
        return Ok(());
    };
    let around = folder.parent().and_then(discover).filter(|around| around.workdir().is_some());
    let Some(around) = around else { return Ok(()) };
    let is_of_around = realpath(around.common_dir()).is_ok_and(|common| git_dir.starts_with(common));
    match is_of_around || is_worktree(&git_dir, folder) || is_work_tree(repo, &git_dir, folder) {
        true => Ok(()),
        false => Err(stranger(folder, &git_dir)),
    }
}

fn leads_to(link: &Path, git_dir: &Path) -> bool {
    link.is_file()
        && from_gitdir_file(link).ok().and_then(|target| realpath(target).ok()).as_deref() == Some(git_dir)
}

/// Tells whether a linked worktree's git directory names `folder`.
fn is_worktree(git_dir: &Path, folder: &Path) -> bool {
    let named: Option<PathBuf> = from_plain_file(&git_dir.join("gitdir")).and_then(Result::ok);
    named.and_then(|named| realpath(git_dir.join(named)).ok()) == realpath(folder.join(".git")).ok()
}

/// Tells whether a repository's configuration names `folder` as its work tree, as a submodule's does.
fn is_work_tree(repo: &gix::Repository, git_dir: &Path, folder: &Path) -> bool {
    let named = repo.config_snapshot().string("core.worktree").map(|named| named.to_string());
    named.and_then(|named| realpath(git_dir.join(named)).ok()).as_deref() == Some(folder)
}

fn stranger(folder: &Path, git_dir: &Path) -> WorkError {
    let (folder, git_dir) = (folder.display(), git_dir.display());
    WorkError::Repository {
        what: format!(
            "`{folder}/.git` leads out of the repository around it to `{git_dir}`, which does not know this folder"
        ),
        fix: format!(
            "work in another folder, or, if the two belong together: git --git-dir {git_dir} config core.worktree {folder}"
        ),
    }
}
