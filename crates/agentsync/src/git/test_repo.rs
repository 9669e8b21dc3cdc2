//! Repositories for the tests of this room, made through the door.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::command::Git;

/// A repository in a temporary folder, with one door to it.
pub(super) struct TestRepo {
    pub(super) dir: PathBuf,
}

impl TestRepo {
    /// Makes an empty repository whose branch is `main`.
    pub(super) fn init(dir: &Path, args: &[&str]) -> TestRepo {
        std::fs::create_dir_all(dir).unwrap();
        let repo = TestRepo { dir: gix::path::realpath(dir).unwrap() };
        repo.git(&[&["init", "--quiet", "--initial-branch=main"], args].concat());
        repo
    }

    /// Makes an empty repository that keeps its references as tables, if git can.
    pub(super) fn init_reftable(dir: &Path) -> Option<TestRepo> {
        let git = Git { cwd: gix::path::realpath(dir).unwrap(), limit: Duration::from_secs(60) };
        let call = git.nowhere().args(["init", "--quiet", "--initial-branch=main", "--ref-format=reftable"]);
        (call.run().unwrap().code == 0).then(|| TestRepo { dir: git.cwd.clone() })
    }

    /// Makes a repository with one commit of `base.txt`.
    pub(super) fn with_commit(dir: &Path) -> TestRepo {
        let repo = TestRepo::init(dir, &[]);
        repo.commit("base.txt", "one\ntwo\nthree\n");
        repo
    }

    /// Clones a repository by its file address.
    pub(super) fn clone_of(from: &TestRepo, dir: &Path, args: &[&str]) -> TestRepo {
        let address = format!("file://{}", from.dir.display());
        let dir_text = dir.to_string_lossy();
        from.git(&[&["clone", "--quiet"], args, &[&*address, &*dir_text]].concat());
        TestRepo { dir: gix::path::realpath(dir).unwrap() }
    }

    /// Runs git in the work tree and returns what it wrote.
    #[track_caller]
    pub(super) fn git(&self, args: &[&str]) -> String {
        let git = Git { cwd: self.dir.clone(), limit: Duration::from_secs(60) };
        let call = git.nowhere().config("user.name=Alice").config("user.email=alice@example.org");
        let call = call.config("commit.gpgsign=false");
        let output = call.args(args).run().unwrap();
        assert_eq!(output.code, 0, "git {args:?}: {}", output.stderr);
        output.text().trim_end().to_owned()
    }

    /// Writes a file of the work tree.
    pub(super) fn write(&self, path: &str, text: &str) {
        let path = self.dir.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Commits one file and returns the commit.
    pub(super) fn commit(&self, path: &str, text: &str) -> String {
        self.write(path, text);
        self.git(&["add", "--", path]);
        self.git(&["commit", "--quiet", "--message", path]);
        self.git(&["rev-parse", "HEAD"])
    }
}
