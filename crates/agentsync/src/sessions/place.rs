//! Finds the repository around a folder as git would, by its files alone.

use std::fs;
use std::path::{Path, PathBuf};

/// A work tree and its git folders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkTree {
    /// The root, in the spelling it was found under.
    pub root: PathBuf,
    /// The git folder of this work tree.
    pub git_dir: PathBuf,
    /// The git folder that all work trees of the clone share.
    pub common_dir: PathBuf,
}

/// Finds the work tree around `folder`, which may not exist yet; `None` where there is none.
pub fn find(folder: &Path) -> Option<WorkTree> {
    folder.ancestors().find_map(|root| {
        let found = root.join(".git");
        let git_dir = match fs::metadata(&found).ok()?.is_dir() {
            true if found.join("HEAD").exists() => found,
            true => return None,
            false => linked(root, &found)?,
        };
        let common_dir = match fs::read_to_string(git_dir.join("commondir")) {
            Ok(text) => git_dir.join(text.trim()),
            Err(_) => git_dir.clone(),
        };
        let real = |path: PathBuf| path.canonicalize().unwrap_or(path);
        Some(WorkTree { root: root.to_owned(), git_dir: real(git_dir), common_dir: real(common_dir) })
    })
}

/// Reads `gitdir: …`, as it stands in a linked work tree.
fn linked(root: &Path, file: &Path) -> Option<PathBuf> {
    let text = fs::read_to_string(file).ok()?;
    let path = root.join(text.strip_prefix("gitdir:")?.trim());
    path.join("HEAD").exists().then_some(path)
}

/// Returns the branch that is checked out, unless it is the one that work lands on.
pub fn work_branch(tree: &WorkTree) -> Option<String> {
    let branch = symbolic(&tree.git_dir.join("HEAD"), "refs/heads/")?;
    // Git writes a name that is none where references are kept as tables.
    (!is_landing(tree, &branch) && branch != ".invalid").then_some(branch)
}

/// Tells whether a branch is the one that work lands on.
pub fn is_landing(tree: &WorkTree, branch: &str) -> bool {
    match symbolic(&tree.common_dir.join("refs/remotes/origin/HEAD"), "refs/remotes/origin/") {
        Some(landing) => landing == branch,
        None => matches!(branch, "main" | "master"),
    }
}

fn symbolic(file: &Path, below: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    text.strip_prefix("ref:")?.trim().strip_prefix(below).map(str::to_owned)
}
