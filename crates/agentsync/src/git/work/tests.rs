//! What the verbs are told of a working repository.

use std::path::Path;

use super::*;
use crate::app::ports::BranchSource;
use crate::git::test_repo::TestRepo;

mod active;
mod merges;

/// A clock that stands still at a time of its own.
struct Stopped(Timestamp);

impl Clock for Stopped {
    fn now(&self) -> Timestamp {
        self.0
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }

    fn sleep(&self, _time: Duration) {}
}

fn branch(name: &str) -> BranchName {
    BranchName::parse(name).unwrap()
}

/// Opens the working repository around `dir`, at the time of the commit that is checked out.
fn work_at(dir: &Path, refresh: RefreshMode) -> GitWork {
    let user = UserRepo::open(dir, "origin").unwrap();
    let seconds = TestRepo { dir: dir.to_owned() }.git(&["log", "-1", "--format=%ct"]);
    let now = Timestamp(seconds.parse::<i64>().unwrap() * 1_000_000);
    GitWork::new(WorkSetup {
        user,
        coordination_branch: "agentsync".to_owned(),
        limit: Duration::from_secs(30),
        clock: Arc::new(Stopped(now)),
        refresh,
    })
}

/// A hub with one commit, and Alice's clone of it.
fn lab(dir: &Path, args: &[&str]) -> (TestRepo, TestRepo) {
    let hub = TestRepo::with_commit(&dir.join("hub"));
    let clone = TestRepo::clone_of(&hub, &dir.join("clone"), args);
    (hub, clone)
}

fn work(clone: &TestRepo) -> GitWork {
    work_at(&clone.dir, RefreshMode::Off)
}

#[track_caller]
fn check_default(clone: &TestRepo, want: &str) {
    assert_eq!(work(clone).default_branch().unwrap().as_str(), want);
}

#[test]
fn the_default_branch_is_what_the_clone_recorded() {
    let tmp = tempfile::tempdir().unwrap();
    let (hub, _) = lab(tmp.path(), &[]);
    hub.git(&["branch", "--move", "main", "trunk"]);
    let clone = TestRepo::clone_of(&hub, &tmp.path().join("second"), &[]);
    check_default(&clone, "trunk");
}

#[test]
fn the_remote_is_asked_when_the_record_is_missing_or_out_of_date() {
    let tmp = tempfile::tempdir().unwrap();
    let (hub, clone) = lab(tmp.path(), &[]);
    hub.git(&["branch", "--move", "main", "trunk"]);
    clone.git(&["fetch", "--quiet", "--prune"]);
    check_default(&clone, "trunk");
    std::fs::rename(&hub.dir, tmp.path().join("gone")).unwrap();
    check_default(&clone, "trunk");
}

#[test]
fn without_a_remote_the_usual_name_that_exists_is_taken() {
    let tmp = tempfile::tempdir().unwrap();
    let repo = TestRepo::with_commit(tmp.path());
    repo.git(&["checkout", "--quiet", "-b", "alice/x"]);
    check_default(&repo, "main");
    repo.git(&["branch", "--delete", "--force", "main"]);
    assert!(matches!(work(&repo).default_branch(), Err(WorkError::Repository { .. })));
}

#[test]
fn changed_files_are_those_since_the_branch_left() {
    let tmp = tempfile::tempdir().unwrap();
    let (hub, clone) = lab(tmp.path(), &[]);
    clone.git(&["checkout", "--quiet", "-b", "alice/x"]);
    clone.commit("new.txt", "new\n");
    clone.git(&["mv", "base.txt", "moved.txt"]);
    clone.git(&["commit", "--quiet", "--message", "move"]);
    hub.commit("theirs.txt", "not ours\n");
    let files = work(&clone).changed_files(&branch("alice/x")).unwrap().unwrap();
    let shown: Vec<_> = files.iter().map(|file| format!("{} {}", file.status, file.path)).collect();
    assert_eq!(shown, ["R100 moved.txt", "A new.txt"]);
    assert_eq!(work(&clone).changed_files(&branch("alice/none")).unwrap(), None);
}

#[track_caller]
fn check_resolve(work: &GitWork, path: &str, want: Result<Option<&str>, &str>) {
    match (work.resolve_links(path), want) {
        (Ok(got), Ok(want)) => assert_eq!(got.as_deref(), want, "{path}"),
        (Err(err), Err(want)) => assert!(err.to_string().contains(want), "{err}"),
        (got, want) => panic!("{path}: {got:?} instead of {want:?}"),
    }
}

#[cfg(unix)]
#[test]
fn r_32_links_are_followed_inside_the_repository_only() {
    let tmp = tempfile::tempdir().unwrap();
    let repo = TestRepo::with_commit(tmp.path());
    repo.write("src/lib/a.rs", "");
    let root = repo.dir.to_string_lossy().into_owned();
    let links = [
        ("../src/lib", "pkg/lib"),
        ("lib", "src/alias"),
        ("../outside", "out"),
        ("/etc/passwd", "far"),
        (&*format!("{root}/src"), "abs"),
        ("b", "a"),
        ("a", "b"),
    ];
    std::fs::create_dir(repo.dir.join("pkg")).unwrap();
    for (target, link) in links {
        std::os::unix::fs::symlink(target, repo.dir.join(link)).unwrap();
    }
    let work = work(&repo);
    check_resolve(&work, "src/lib/a.rs", Ok(None));
    check_resolve(&work, "pkg/lib/a.rs", Ok(Some("src/lib/a.rs")));
    check_resolve(&work, "pkg/lib/**/*.rs", Ok(Some("src/lib/**/*.rs")));
    check_resolve(&work, "abs/alias/new.rs", Ok(Some("src/lib/new.rs")));
    check_resolve(&work, "out/x", Err("leaves the repository by the symbolic link `out`"));
    check_resolve(&work, "far", Err("leaves the repository by the symbolic link `far`"));
    check_resolve(&work, "a/x", Err("goes round in circles"));
}

#[cfg(unix)]
#[test]
fn links_that_only_the_history_knows_are_followed_too() {
    let tmp = tempfile::tempdir().unwrap();
    let repo = TestRepo::with_commit(&tmp.path().join("repo"));
    std::os::unix::fs::symlink("src", repo.dir.join("alias")).unwrap();
    repo.git(&["add", "alias"]);
    repo.git(&["commit", "--quiet", "--message", "alias"]);
    let bare = TestRepo::clone_of(&repo, &tmp.path().join("bare.git"), &["--bare"]);
    let user = UserRepo::open(&bare.dir, "origin").unwrap();
    assert_eq!(links::resolve(&user, "alias/a.rs").unwrap().as_deref(), Some("src/a.rs"));
    assert_eq!(links::resolve(&user, "base.txt").unwrap(), None);
}
