//! What is read of repositories of every kind.

use super::*;
use crate::git::test_repo::TestRepo;

#[track_caller]
fn check_refused(path: &Path, want: &str) {
    match UserRepo::open(path, "origin") {
        Err(WorkError::Repository { what, fix }) => {
            assert!(what.contains(want), "{what}");
            assert!(!fix.is_empty());
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_linked_worktree_shares_its_clone_and_has_its_own_branch() {
    let tmp = tempfile::tempdir().unwrap();
    let main = TestRepo::with_commit(&tmp.path().join("main"));
    main.git(&["worktree", "add", "--quiet", "-b", "alice/x", "../linked"]);
    let repo = UserRepo::open(&tmp.path().join("linked"), "origin").unwrap();
    assert_eq!(repo.common_dir, main.dir.join(".git"));
    assert_eq!(repo.git_dir, main.dir.join(".git/worktrees/linked"));
    assert_eq!(repo.work_dir.as_deref(), Some(&*gix::path::realpath(tmp.path().join("linked")).unwrap()));
    assert_eq!(repo.head_branch().unwrap().unwrap().as_str(), "alice/x");
    assert_eq!(repo.address, None);
}

#[test]
fn a_folder_inside_the_work_tree_will_do() {
    let tmp = tempfile::tempdir().unwrap();
    let main = TestRepo::with_commit(tmp.path());
    main.write("a/b/c.txt", "");
    let repo = UserRepo::open(&main.dir.join("a/b"), "origin").unwrap();
    assert_eq!(repo.work_dir, Some(main.dir.clone()));
    assert!(!repo.is_shallow);
}

#[test]
fn a_bare_clone_has_no_work_tree() {
    let tmp = tempfile::tempdir().unwrap();
    let main = TestRepo::with_commit(&tmp.path().join("main"));
    let bare = TestRepo::clone_of(&main, &tmp.path().join("bare.git"), &["--bare"]);
    let repo = UserRepo::open(&bare.dir, "origin").unwrap();
    assert_eq!((repo.work_dir, repo.git_dir), (None, bare.dir.clone()));
    assert_eq!(repo.address, Some(format!("file://{}", main.dir.display())));
}

#[test]
fn a_submodule_checkout_is_its_own_repository() {
    let tmp = tempfile::tempdir().unwrap();
    let part = TestRepo::with_commit(&tmp.path().join("part"));
    let whole = TestRepo::with_commit(&tmp.path().join("whole"));
    let address = part.dir.to_string_lossy();
    whole.git(&["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", &*address, "lib"]);
    let repo = UserRepo::open(&whole.dir.join("lib"), "origin").unwrap();
    assert_eq!(repo.git_dir, whole.dir.join(".git/modules/lib"));
    assert_eq!(repo.work_dir, Some(whole.dir.join("lib")));
}

#[test]
fn a_git_file_in_a_work_tree_is_followed_only_to_a_repository_that_knows_the_folder() {
    let tmp = tempfile::tempdir().unwrap();
    let whole = TestRepo::with_commit(&tmp.path().join("whole"));
    let other = TestRepo::with_commit(&tmp.path().join("other"));
    whole.write("docs/nested/deep/x.md", "");
    whole.write("docs/nested/.git", &format!("gitdir: {}/.git\n", other.dir.display()));
    let nested = whole.dir.join("docs/nested");
    check_refused(&nested, "which does not know this folder");
    check_refused(&nested.join("deep"), "which does not know this folder");
    assert_eq!(UserRepo::open(&whole.dir.join("docs"), "origin").unwrap().git_dir, whole.dir.join(".git"));
    other.git(&["config", "core.worktree", &nested.to_string_lossy()]);
    assert_eq!(UserRepo::open(&nested, "origin").unwrap().git_dir, other.dir.join(".git"));
    // It is the folder that must be known, not one of the same name elsewhere.
    whole.write("nested/.git", &format!("gitdir: {}/.git\n", other.dir.display()));
    check_refused(&whole.dir.join("nested"), "which does not know this folder");
}

#[test]
fn worktrees_may_lie_in_any_work_tree() {
    let tmp = tempfile::tempdir().unwrap();
    let whole = TestRepo::with_commit(&tmp.path().join("whole"));
    let other = TestRepo::with_commit(&tmp.path().join("other"));
    whole.git(&["worktree", "add", "--quiet", "-b", "own", "trees/own"]);
    other.git(&["worktree", "add", "--quiet", "-b", "theirs", "../whole/trees/theirs"]);
    for (name, repo) in [("own", &whole), ("theirs", &other)] {
        let found = UserRepo::open(&whole.dir.join("trees").join(name), "origin").unwrap();
        assert_eq!(found.common_dir, repo.dir.join(".git"));
        assert_eq!(found.head_branch().unwrap().unwrap().as_str(), name);
    }
}

#[test]
fn a_git_directory_may_lie_apart_from_a_folder_that_is_in_no_other() {
    let tmp = tempfile::tempdir().unwrap();
    let apart = gix::path::realpath(tmp.path()).unwrap().join("apart.git");
    TestRepo::init(&tmp.path().join("work"), &[&*format!("--separate-git-dir={}", apart.display())]);
    assert_eq!(UserRepo::open(&tmp.path().join("work"), "origin").unwrap().git_dir, apart);
}

#[test]
fn a_shallow_clone_says_so() {
    let tmp = tempfile::tempdir().unwrap();
    let main = TestRepo::with_commit(&tmp.path().join("main"));
    main.commit("more.txt", "more\n");
    let shallow = TestRepo::clone_of(&main, &tmp.path().join("shallow"), &["--depth=1"]);
    assert!(UserRepo::open(&shallow.dir, "origin").unwrap().is_shallow);
}

#[test]
fn references_kept_as_tables_are_found() {
    let tmp = tempfile::tempdir().unwrap();
    // Before 2.45 git knew no tables, so there is nothing to get wrong.
    let Some(main) = TestRepo::init_reftable(tmp.path()) else { return };
    let repo = UserRepo::open(tmp.path(), "origin").unwrap();
    assert_eq!(repo.ref_storage, RefStorage::Reftable);
    assert_eq!((repo.head_branch().unwrap().unwrap().as_str(), repo.head_commit().unwrap()), ("main", None));
    let commit = main.commit("a.txt", "a\n");
    assert_eq!(repo.ref_commit("refs/heads/main").unwrap(), Some(commit.clone()));
    assert_eq!(repo.head_commit().unwrap(), Some(commit.clone()));
    assert_eq!(repo.ref_commit("refs/heads/none").unwrap(), None);
    main.git(&["branch", "deep/er"]);
    let many = ["refs/heads/none", "refs/heads/main", "refs/heads/deep"].map(str::to_owned);
    assert_eq!(repo.ref_commits(&many), [None, Some(commit), None]);
    main.git(&["checkout", "--quiet", "--detach"]);
    assert_eq!(repo.head_branch().unwrap(), None);
}

#[test]
fn a_repository_without_commits_is_told_from_one_that_has_some() {
    let tmp = tempfile::tempdir().unwrap();
    let main = TestRepo::init(tmp.path(), &["--object-format=sha256"]);
    let repo = UserRepo::open(tmp.path(), "origin").unwrap();
    assert_eq!(repo.object_format, ObjectFormat::Sha256);
    assert_eq!((repo.head_branch().unwrap().unwrap().as_str(), repo.head_commit().unwrap()), ("main", None));
    let commit = main.commit("a.txt", "a\n");
    assert_eq!(repo.head_commit().unwrap(), Some(commit));
    main.git(&["checkout", "--quiet", "--detach"]);
    assert_eq!(repo.head_branch().unwrap(), None);
}

#[test]
fn only_settings_for_credentials_transport_and_identity_are_taken_over() {
    let tmp = tempfile::tempdir().unwrap();
    let main = TestRepo::init(tmp.path(), &[]);
    for (key, value) in [
        ("remote.origin.url", "short:team/x.git"),
        ("remote.origin.uploadpack", "/bin/false"),
        ("remote.origin.proxy", "http://proxy"),
        ("remote.other.proxy", "http://other"),
        ("url.https://example.org/a=b/.insteadOf", "short:"),
        ("core.sshCommand", "ssh -i key"),
        ("core.fsmonitor", "/bin/false"),
        ("credential.https://example.org.helper", ""),
        ("http.https://example.org/.extraHeader", "X: y"),
        ("user.name", "Alice"),
        ("user.email", "alice@example.org"),
    ] {
        main.git(&["config", "--add", key, value]);
    }
    let repo = UserRepo::open(tmp.path(), "origin").unwrap();
    assert_eq!(repo.address.as_deref(), Some("short:team/x.git"));
    assert_eq!(repo.rewritten_address.as_deref(), Some("https://example.org/a=b/team/x.git"));
    let taken: Vec<_> = repo.settings.iter().map(|(key, value)| format!("{key}={value}")).collect();
    assert_eq!(
        taken,
        [
            "core.sshcommand=ssh -i key",
            "remote.origin.proxy=http://proxy",
            "url.https://example.org/a=b/.insteadof=short:",
            "credential.https://example.org.helper=",
            "http.https://example.org/.extraheader=X: y",
            "user.name=Alice",
            "user.email=alice@example.org",
        ]
    );
    let git = repo.git(Duration::from_secs(10));
    let call =
        repo.configure(git.nowhere()).args(["config", "--get", "url.https://example.org/a=b/.insteadOf"]);
    assert_eq!(call.run().unwrap().text().trim_end(), "short:");
}

#[test]
fn what_is_no_repository_is_refused_with_what_to_do() {
    let tmp = tempfile::tempdir().unwrap();
    check_refused(tmp.path(), "is not inside a git repository");
    check_refused(&tmp.path().join("missing"), "there is no folder");
}

#[cfg(unix)]
#[test]
fn a_repository_of_another_user_is_refused() {
    let tmp = tempfile::tempdir().unwrap();
    TestRepo::init(tmp.path(), &[]);
    // Only root can give a folder away; for anybody else there is nothing to see here.
    if std::os::unix::fs::chown(tmp.path().join(".git"), Some(65_534), None).is_err() {
        return;
    }
    check_refused(tmp.path(), "belongs to another user");
}
