//! Tries a merge in the private repository.

use std::collections::BTreeSet;

use crate::app::ports::TrialMerge;
use crate::git::branches_repo::BranchesRepo;
use crate::git::command::{GitError, Output};

/// Tries to merge two commits; nothing but unreferenced objects remains of it.
pub(super) fn trial_merge(repo: &BranchesRepo, ours: &str, theirs: &str) -> TrialMerge {
    if ours == theirs {
        return TrialMerge::Clean;
    }
    // Git reads `.gitattributes` of a bare repository from here, since 2.43: `merge=union` and the
    // like decide whether files conflict.
    let call = repo.call().config(format!("attr.tree={ours}"));
    let args = ["merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", "--end-of-options"];
    match call.args(args).args([ours, theirs]).run() {
        Ok(output) => conclude(repo, &output),
        Err(err) => TrialMerge::Unknown { why: err.to_string() },
    }
}

fn conclude(repo: &BranchesRepo, output: &Output) -> TrialMerge {
    match output.code {
        0 => TrialMerge::Clean,
        1 => match parse_conflicts(&output.text()) {
            Some(files) => TrialMerge::Conflicts { files },
            None => unknown("git named no files in its answer to the trial merge"),
        },
        129 => unknown("trial merges need git 2.38 or newer"),
        // "fatal: refusing to merge unrelated histories"
        _ if output.stderr.contains("unrelated histories") => match repo.user().is_shallow {
            true => unknown(
                "this clone is shallow and lacks the commit where the branches parted; run `git fetch --unshallow`",
            ),
            false => unknown("the branches have no commit in common"),
        },
        _ => TrialMerge::Unknown { why: failure(output) },
    }
}

fn unknown(why: &str) -> TrialMerge {
    TrialMerge::Unknown { why: why.to_owned() }
}

fn failure(output: &Output) -> String {
    let failed =
        GitError::Failed { verb: "merge-tree".to_owned(), code: output.code, stderr: output.stderr.clone() };
    failed.to_string()
}

/// Parses "b7e5…\0src/auth.rs\0src/lib.rs\0": the tree, then every file that conflicts.
fn parse_conflicts(text: &str) -> Option<Vec<String>> {
    let mut fields = text.split('\0');
    fields.next().filter(|tree| !tree.is_empty())?;
    let files: BTreeSet<&str> = fields.filter(|file| !file.is_empty()).collect();
    let has_files = !files.is_empty();
    has_files.then(|| files.into_iter().map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_of_a_conflict_follow_the_tree() {
        let files = parse_conflicts("b7e5\0src/b.rs\0src/a.rs\0src/b.rs\0");
        assert_eq!(files, Some(vec!["src/a.rs".to_owned(), "src/b.rs".to_owned()]));
        assert_eq!(parse_conflicts("b7e5\0"), None);
        assert_eq!(parse_conflicts(""), None);
    }
}
