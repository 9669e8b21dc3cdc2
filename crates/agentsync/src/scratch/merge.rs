//! Merges two commits into a tree.

use std::collections::BTreeSet;

use super::failed;
use crate::app::ports::{Merged, WorkError};
use crate::git::branches_repo::BranchesRepo;
use crate::git::command::GitError;

/// Merges two commits; nothing but unreferenced objects remains of it.
pub(super) fn merge(repo: &BranchesRepo, ours: &str, theirs: &str) -> Result<Merged, WorkError> {
    let doing = failed("merge the two commits");
    // Git reads `.gitattributes` of a bare repository from here, since 2.43.
    let call = repo.call().config(format!("attr.tree={ours}"));
    let args = ["merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", "--end-of-options"];
    let output = call.args(args).args([ours, theirs]).run().map_err(doing)?;
    match (output.code, parse(&output.text())) {
        (0 | 1, Some(merged)) => Ok(merged),
        (code, _) => Err(doing(GitError::Failed {
            verb: "merge-tree".to_owned(),
            code,
            stderr: output.stderr.clone(),
        })),
    }
}

/// Parses "b7e5…\0src/auth.rs\0src/lib.rs\0": the tree, then every file that conflicts.
fn parse(text: &str) -> Option<Merged> {
    let mut fields = text.split('\0');
    let tree = fields.next().map(str::trim_end).filter(|tree| !tree.is_empty())?.to_owned();
    let files: BTreeSet<&str> = fields.filter(|file| !file.is_empty()).collect();
    Some(Merged { tree, conflicts: files.into_iter().map(str::to_owned).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_comes_first_and_then_what_conflicts() {
        let merged = |tree: &str, conflicts: &[&str]| {
            Some(Merged {
                tree: tree.to_owned(),
                conflicts: conflicts.iter().map(|path| (*path).to_owned()).collect(),
            })
        };
        assert_eq!(parse("b7e5\0"), merged("b7e5", &[]));
        assert_eq!(parse("b7e5\n"), merged("b7e5", &[]));
        assert_eq!(parse("b7e5\0b\0a\0b\0"), merged("b7e5", &["a", "b"]));
        assert_eq!(parse(""), None);
    }
}
