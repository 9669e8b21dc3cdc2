//! The private repository of the peers' branches.

use super::*;
use crate::git::test_repo::TestRepo;

const LIMIT: Duration = Duration::from_secs(30);

fn branch(name: &str) -> BranchName {
    BranchName::parse(name).unwrap()
}

/// A hub with one commit, a clone of it, and the clone's private repository.
fn lab(dir: &std::path::Path, args: &[&str]) -> (TestRepo, TestRepo, BranchesRepo) {
    let hub = TestRepo::with_commit(&dir.join("hub"));
    hub.commit("more.txt", "more\n");
    let clone = TestRepo::clone_of(&hub, &dir.join("clone"), args);
    let repo = BranchesRepo::of(UserRepo::open(&clone.dir, "origin").unwrap(), LIMIT);
    (hub, clone, repo)
}

#[test]
fn a_branch_that_is_missing_does_not_keep_the_others_out() {
    let tmp = tempfile::tempdir().unwrap();
    let (hub, _clone, repo) = lab(tmp.path(), &[]);
    hub.git(&["checkout", "--quiet", "-b", "bob/auth"]);
    let tip = hub.commit("auth.txt", "auth\n");
    repo.fetch(&[branch("bob/auth"), branch("carol/none"), branch("x")]).unwrap();
    assert_eq!(repo.tip(&branch("bob/auth")).unwrap(), Some(tip));
    assert_eq!(repo.tip(&branch("carol/none")).unwrap(), None);
}

#[test]
fn a_branch_that_is_gone_at_the_remote_goes_here_and_frees_its_name() {
    let tmp = tempfile::tempdir().unwrap();
    let (hub, _clone, repo) = lab(tmp.path(), &[]);
    hub.git(&["branch", "bob"]);
    repo.fetch(&[branch("bob")]).unwrap();
    assert!(repo.tip(&branch("bob")).unwrap().is_some());
    hub.git(&["branch", "--delete", "bob"]);
    hub.git(&["branch", "bob/auth"]);
    repo.fetch(&[branch("bob/auth")]).unwrap();
    assert!(repo.tip(&branch("bob/auth")).unwrap().is_some());
    repo.fetch(&[branch("bob")]).unwrap();
    assert_eq!(repo.tip(&branch("bob")).unwrap(), None);
}

#[test]
fn a_shallow_clone_gets_branches_that_left_within_its_reach() {
    let tmp = tempfile::tempdir().unwrap();
    let (hub, clone, repo) = lab(tmp.path(), &["--depth=1"]);
    hub.git(&["checkout", "--quiet", "-b", "bob/auth"]);
    let tip = hub.commit("auth.txt", "auth\n");
    repo.fetch(&[branch("bob/auth"), branch("main")]).unwrap();
    let base = clone.git(&["rev-parse", "HEAD"]);
    assert_eq!(repo.merge_base(&tip, &base).unwrap(), Some(base));
}

#[test]
fn objects_the_user_threw_away_are_fetched_again() {
    let tmp = tempfile::tempdir().unwrap();
    let (hub, clone, repo) = lab(tmp.path(), &[]);
    hub.git(&["checkout", "--quiet", "-b", "bob/auth"]);
    let tip = hub.commit("auth.txt", "auth\n");
    clone.git(&["fetch", "--quiet", "origin"]);
    repo.fetch(&[branch("bob/auth")]).unwrap();
    clone.git(&["update-ref", "-d", "refs/remotes/origin/bob/auth"]);
    std::fs::remove_file(clone.dir.join(".git/FETCH_HEAD")).unwrap();
    clone.git(&["-c", "gc.reflogExpire=now", "gc", "--quiet", "--prune=now"]);
    assert_eq!(repo.commits().unwrap().info(&tip), None);
    hub.commit("auth.txt", "auth, again\n");
    repo.fetch(&[branch("bob/auth")]).unwrap();
    assert!(repo.commits().unwrap().info(&tip).is_some());
}

#[test]
fn processes_of_one_clone_do_not_stand_in_each_others_way() {
    let tmp = tempfile::tempdir().unwrap();
    let (hub, _clone, repo) = lab(tmp.path(), &[]);
    let branches: Vec<_> = (0..8).map(|n| branch(&format!("bob/part-{n}"))).collect();
    for (n, branch) in branches.iter().enumerate() {
        hub.git(&["checkout", "--quiet", "-b", branch.as_str(), "main"]);
        hub.commit(&format!("{n}.txt"), "part\n");
    }
    std::thread::scope(|scope| {
        let all: Vec<_> = (0..6).map(|_| scope.spawn(|| repo.fetch(&branches))).collect();
        for one in all {
            one.join().unwrap().unwrap();
        }
    });
    for branch in &branches {
        assert!(repo.tip(branch).unwrap().is_some(), "{branch}");
    }
    let names = std::fs::read_dir(repo.dir.parent().unwrap()).unwrap();
    assert_eq!(names.count(), 1, "nothing half-made is left behind");
}

#[test]
fn a_remote_that_does_not_answer_is_named_without_its_secrets() {
    let tmp = tempfile::tempdir().unwrap();
    let (_hub, clone, _repo) = lab(tmp.path(), &[]);
    clone.git(&["remote", "set-url", "origin", "http://bob:s3cret@127.0.0.1:9/x.git"]);
    let repo = BranchesRepo::of(UserRepo::open(&clone.dir, "origin").unwrap(), LIMIT);
    match repo.fetch(&[branch("main")]) {
        Err(WorkError::Unreachable { remote, detail }) => {
            assert_eq!(remote, "http://***@127.0.0.1:9/x.git");
            assert!(!detail.contains("s3cret"), "{detail}");
        }
        other => panic!("{other:?}"),
    }
}
