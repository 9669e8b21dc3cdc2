//! What a commit or a push brings that was not there before: the paths that git's hooks look at.
//!
//! Work that only passes through is nobody's doing here. A path counts when it differs from all that it
//! could have been taken over from: every parent of a merge, the commit that is picked or squashed, or
//! whatever the remotes have.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::command::{Call, Git, GitError, Output};
use super::versions;

/// Looks at one work tree's repository; nothing is written.
#[derive(Debug, Clone)]
pub struct Arriving {
    /// The root of the work tree.
    pub root: PathBuf,
    /// Its git folder.
    pub git_dir: PathBuf,
    /// How long one call of git may take.
    pub limit: Duration,
}

impl Arriving {
    /// Returns the paths that a commit of `index` would change; `None` for the usual index.
    pub fn staged(&self, index: Option<&Path>) -> Result<BTreeSet<String>, GitError> {
        let git = self.git();
        let begin = || self.with_index(&git, index);
        let head = ["rev-parse", "--verify", "--quiet", "HEAD^{commit}"];
        if git.at(&self.git_dir).args(head).run()?.code != 0 {
            return paths(begin().args(["ls-files", "--cached", "-z"]));
        }
        let differs = |from: &str| {
            let args = ["diff-index", "--cached", "--name-only", "-z", "--no-renames", "--end-of-options"];
            paths(begin().args(args).args([from, "--"]))
        };
        self.origins().iter().try_fold(differs("HEAD")?, |left, origin| match left.is_empty() {
            true => Ok(left),
            false => Ok(left.intersection(&differs(origin)?).cloned().collect()),
        })
    }

    fn with_index<'a>(&self, git: &'a Git, index: Option<&Path>) -> Call<'a> {
        match index {
            Some(index) => git.at(&self.git_dir).env("GIT_INDEX_FILE", index.as_os_str()),
            None => git.at(&self.git_dir),
        }
    }

    /// Returns what a file says in a version, as [`versions::content`] does, with `index` for what is staged.
    pub fn content(&self, name: &str, index: Option<&Path>) -> Option<Vec<u8>> {
        let git = self.git();
        versions::content(|| self.with_index(&git, index), name)
    }

    /// Tells whether a commit takes over what others made: a merge, a pick or a squash.
    pub fn takes_over(&self) -> bool {
        !self.origins().is_empty()
    }

    /// Tells whether commits are being made over again, by a rebase or from mails.
    pub fn is_replaying(&self) -> bool {
        ["rebase-merge", "rebase-apply"].iter().any(|name| self.git_dir.join(name).is_dir())
    }

    /// Returns the commits that an unfinished merge, pick or squash takes from.
    fn origins(&self) -> Vec<String> {
        let read = |name: &str| fs::read_to_string(self.git_dir.join(name)).unwrap_or_default();
        let (merged, picked, squashed) = (read("MERGE_HEAD"), read("CHERRY_PICK_HEAD"), read("SQUASH_MSG"));
        // Squashed commit of the following:\n\ncommit 1f0c…\n: the newest one stands first.
        let tip = squashed.lines().find_map(|line| line.strip_prefix("commit "));
        let all = merged.lines().chain(picked.lines()).chain(tip).map(str::trim);
        all.filter(|id| is_id(id)).map(str::to_owned).collect()
    }

    /// Returns the paths whose content at `tip` no remote has, as far as this clone knows, and the commit from which they
    /// differ where there is but one; `known` are commits that the other side is known to have.
    pub fn pushed(&self, tip: &str, known: &[&str]) -> Result<(BTreeSet<String>, Option<String>), GitError> {
        let git = self.git();
        let known = known.iter().filter(|id| is_id(id));
        // A commit that the other side has and we do not have is nothing to compare with.
        let call = git.at(&self.git_dir).args(["rev-list", "--boundary", "--ignore-missing"]);
        let call = call.args([tip, "--not", "--remotes"]).args(known);
        let listed = call.run()?.success()?.text();
        if listed.lines().all(|line| line.starts_with('-')) {
            return Ok((BTreeSet::new(), None));
        }
        let mut edges = listed.lines().filter_map(|line| line.strip_prefix('-'));
        let Some(first) = edges.next() else {
            let args = ["ls-tree", "-r", "-z", "--name-only", "--full-tree", "--end-of-options", tip];
            return Ok((paths(git.at(&self.git_dir).args(args))?, None));
        };
        let differs = |from: &str| {
            let args = ["diff-tree", "-r", "-z", "--name-only", "--no-renames", "--end-of-options"];
            paths(git.at(&self.git_dir).args(args).args([from, tip]))
        };
        let mut only = Some(first.to_owned());
        let differing = edges.try_fold(differs(first)?, |left, edge| {
            only = None;
            match left.is_empty() {
                true => Ok(left),
                false => Ok(left.intersection(&differs(edge)?).cloned().collect()),
            }
        })?;
        Ok((differing, only))
    }

    fn git(&self) -> Git {
        Git { cwd: self.root.clone(), limit: self.limit }
    }
}

/// Tells whether a text is the id of an object, and not that of none.
pub fn is_id(text: &str) -> bool {
    text.len() >= 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) && text.bytes().any(|b| b != b'0')
}

fn paths(call: Call<'_>) -> Result<BTreeSet<String>, GitError> {
    let output = call.run().and_then(Output::success)?;
    let text = output.text();
    Ok(text.split('\0').filter(|path| !path.is_empty()).map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::test_repo::TestRepo;

    fn arriving(repo: &TestRepo) -> Arriving {
        let (root, git_dir) = (repo.dir.clone(), repo.dir.join(".git"));
        Arriving { root, git_dir, limit: Duration::from_secs(30) }
    }

    fn names(found: Result<BTreeSet<String>, GitError>) -> Vec<String> {
        found.unwrap().into_iter().collect()
    }

    #[test]
    fn a_first_commit_brings_all_that_is_staged() {
        let dir = tempfile::tempdir().unwrap();
        let repo = TestRepo::init(dir.path(), &[]);
        repo.write("a.txt", "a");
        repo.git(&["add", "a.txt"]);
        assert_eq!(names(arriving(&repo).staged(None)), ["a.txt"]);
        repo.git(&["commit", "--quiet", "-m", "first"]);
        assert!(names(arriving(&repo).staged(None)).is_empty());
        let tip = repo.git(&["rev-parse", "HEAD"]).trim().to_owned();
        assert_eq!(
            names(arriving(&repo).pushed(&tip, &[]).map(|found| found.0)),
            ["a.txt"],
            "no remote has anything"
        );
        assert!(
            names(arriving(&repo).pushed(&tip, &[&tip]).map(|found| found.0)).is_empty(),
            "the other side has it"
        );
    }

    #[test]
    fn both_names_of_what_moved_change() {
        let dir = tempfile::tempdir().unwrap();
        let repo = TestRepo::with_commit(dir.path());
        repo.commit("old.txt", "some text that is long enough to be known again\n");
        repo.git(&["mv", "old.txt", "new.txt"]);
        assert_eq!(names(arriving(&repo).staged(None)), ["new.txt", "old.txt"]);
    }

    #[test]
    fn what_a_merge_takes_over_is_not_its_doing() {
        let dir = tempfile::tempdir().unwrap();
        let repo = TestRepo::with_commit(dir.path());
        repo.git(&["checkout", "--quiet", "-b", "peer"]);
        let peer = repo.commit("peer.txt", "peer\n");
        repo.git(&["checkout", "--quiet", "-b", "mine", "HEAD~1"]);
        repo.commit("mine.txt", "mine\n");
        repo.git(&["merge", "--quiet", "--no-commit", "--no-ff", "peer"]);
        assert!(names(arriving(&repo).staged(None)).is_empty());
        repo.write("peer.txt", "evil\n");
        repo.git(&["add", "peer.txt"]);
        assert_eq!(names(arriving(&repo).staged(None)), ["peer.txt"], "what is added to it is");
        repo.git(&["commit", "--quiet", "-m", "merged"]);
        let tip = repo.git(&["rev-parse", "HEAD"]).trim().to_owned();
        assert_eq!(
            names(arriving(&repo).pushed(&tip, &[&peer]).map(|found| found.0)),
            ["mine.txt", "peer.txt"]
        );
    }

    #[test]
    fn what_a_squash_takes_over_is_not_its_doing() {
        let dir = tempfile::tempdir().unwrap();
        let repo = TestRepo::with_commit(dir.path());
        repo.git(&["checkout", "--quiet", "-b", "peer"]);
        repo.commit("peer.txt", "peer\n");
        repo.git(&["checkout", "--quiet", "-b", "mine", "HEAD~1"]);
        repo.git(&["merge", "--quiet", "--squash", "peer"]);
        assert!(names(arriving(&repo).staged(None)).is_empty());
    }
}
