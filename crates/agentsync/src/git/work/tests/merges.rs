//! Trial merges.

use super::*;
use crate::git::merge_tree;

const NONE: [&str; 0] = [];

/// Bob changes a line at the hub; Alice changes another one, or the same, in her clone.
fn two_sides(dir: &Path, alice: &str) -> (TestRepo, TestRepo) {
    let (hub, clone) = lab(dir, &[]);
    hub.git(&["checkout", "--quiet", "-b", "bob/x"]);
    hub.commit("base.txt", "ONE\ntwo\nthree\n");
    clone.git(&["checkout", "--quiet", "-b", "alice/x"]);
    clone.write("base.txt", alice);
    (hub, clone)
}

fn commit_of(tip: &BranchTip) -> String {
    match tip {
        BranchTip::At { commit, .. } => commit.clone(),
        BranchTip::NotPushed => panic!("not pushed"),
    }
}

/// Returns the conflicts between what Alice has and what Bob pushed.
#[track_caller]
fn merge(clone: &TestRepo, uncommitted: Uncommitted, want: BranchSource) -> Vec<String> {
    let work = work(clone);
    work.refresh(&[branch("alice/x"), branch("bob/x")]).unwrap();
    let ours = work.own_tip(&branch("alice/x"), uncommitted).unwrap();
    assert!(matches!(ours, BranchTip::At { source, .. } if source == want), "{ours:?}");
    let theirs = work.remote_tip(&branch("bob/x")).unwrap();
    let (ours, theirs) = (commit_of(&ours), commit_of(&theirs));
    merge_tree::merge(work.repo.call(), &ours, &ours, &theirs).unwrap().conflicts
}

#[test]
fn changes_apart_merge() {
    let tmp = tempfile::tempdir().unwrap();
    let (_hub, clone) = two_sides(tmp.path(), "one\ntwo\nTHREE\n");
    clone.git(&["commit", "--quiet", "--all", "--message", "three"]);
    assert_eq!(merge(&clone, Uncommitted::Included, BranchSource::Local), NONE);
}

#[test]
fn changes_of_the_same_line_conflict() {
    let tmp = tempfile::tempdir().unwrap();
    let (_hub, clone) = two_sides(tmp.path(), "EINS\ntwo\nthree\n");
    clone.git(&["commit", "--quiet", "--all", "--message", "eins"]);
    assert_eq!(merge(&clone, Uncommitted::Included, BranchSource::Local), ["base.txt"]);
}

#[test]
fn uncommitted_changes_count_unless_told_otherwise() {
    let tmp = tempfile::tempdir().unwrap();
    let (_hub, clone) = two_sides(tmp.path(), "EINS\ntwo\nthree\n");
    assert_eq!(merge(&clone, Uncommitted::Included, BranchSource::Worktree), ["base.txt"]);
    assert_eq!(merge(&clone, Uncommitted::Left, BranchSource::Local), NONE);
}

#[test]
fn new_files_count_before_they_are_added_and_ignored_ones_do_not() {
    let tmp = tempfile::tempdir().unwrap();
    let (hub, clone) = two_sides(tmp.path(), "one\ntwo\nthree\n");
    hub.commit("new.txt", "theirs\n");
    hub.commit("made.txt", "theirs\n");
    clone.write("new.txt", "ours\n");
    clone.write("made.txt", "ours\n");
    clone.write(".git/info/exclude", "made.txt\n");
    TestRepo::init(&clone.dir.join("vendor/empty"), &[]);
    assert_eq!(merge(&clone, Uncommitted::Included, BranchSource::Worktree), ["new.txt"]);
}

#[test]
fn a_branch_checked_out_elsewhere_has_no_uncommitted_changes_here() {
    let tmp = tempfile::tempdir().unwrap();
    let (_hub, clone) = two_sides(tmp.path(), "EINS\ntwo\nthree\n");
    clone.git(&["branch", "alice/y"]);
    let work = work(&clone);
    work.refresh(&[branch("alice/y")]).unwrap();
    let tip = work.own_tip(&branch("alice/y"), Uncommitted::Included).unwrap();
    assert!(matches!(tip, BranchTip::At { source: BranchSource::Local, .. }), "{tip:?}");
    assert_eq!(work.own_tip(&branch("alice/z"), Uncommitted::Included).unwrap(), BranchTip::NotPushed);
}

#[test]
fn our_branch_is_taken_from_where_it_is_ahead() {
    let tmp = tempfile::tempdir().unwrap();
    let (hub, clone) = two_sides(tmp.path(), "one\ntwo\nthree\n");
    let own = |want: BranchSource, commit: &str| {
        let work = work(&clone);
        work.refresh(&[branch("alice/x")]).unwrap();
        let tip = work.own_tip(&branch("alice/x"), Uncommitted::Included).unwrap();
        assert_eq!(tip, BranchTip::At { commit: commit.to_owned(), source: want });
    };
    let first = clone.commit("ours.txt", "1\n");
    own(BranchSource::Local, &first);
    clone.git(&["push", "--quiet", "origin", "alice/x"]);
    own(BranchSource::Remote, &first);
    hub.git(&["checkout", "--quiet", "alice/x"]);
    let second = hub.commit("ours.txt", "2\n");
    own(BranchSource::Remote, &second);
    let parted = clone.commit("other.txt", "3\n");
    own(BranchSource::Local, &parted);
}

/// Everything of the user's that a check could have changed.
fn state(clone: &TestRepo) -> (String, Vec<u8>, String, Vec<String>) {
    let index = std::fs::read(clone.dir.join(".git/index")).unwrap();
    let refs = clone.git(&["for-each-ref"]);
    let status = clone.git(&["status", "--porcelain=v2", "--branch"]);
    let objects = clone.git(&["count-objects", "-v"]);
    let mut names: Vec<_> = std::fs::read_dir(clone.dir.join(".git"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| name != "agentsync")
        .collect();
    names.sort();
    (refs + &objects, index, status, names)
}

#[test]
fn nothing_of_the_users_changes() {
    let tmp = tempfile::tempdir().unwrap();
    let (_hub, clone) = two_sides(tmp.path(), "EINS\ntwo\nthree\n");
    clone.write("untracked.txt", "new\n");
    clone.git(&["update-index", "--split-index"]);
    let before = state(&clone);
    assert_eq!(merge(&clone, Uncommitted::Included, BranchSource::Worktree), ["base.txt"]);
    work(&clone).changed_files(&branch("alice/x")).unwrap();
    work(&clone).refresh_active_branches().unwrap();
    assert_eq!(state(&clone), before);
}

#[test]
fn linked_worktrees_and_tables_of_references_are_merged_like_any_other() {
    let tmp = tempfile::tempdir().unwrap();
    let (hub, clone) = two_sides(tmp.path(), "one\ntwo\nthree\n");
    clone.git(&["checkout", "--quiet", "main"]);
    clone.git(&["worktree", "add", "--quiet", "../linked", "alice/x"]);
    let linked = TestRepo { dir: clone.dir.with_file_name("linked") };
    linked.write("base.txt", "EINS\ntwo\nthree\n");
    assert_eq!(merge(&linked, Uncommitted::Included, BranchSource::Worktree), ["base.txt"]);
    let tables = tmp.path().join("tables");
    std::fs::create_dir(&tables).unwrap();
    let Some(tables) = TestRepo::init_reftable(&tables) else { return };
    tables.git(&["remote", "add", "origin", &*format!("file://{}", hub.dir.display())]);
    tables.git(&["fetch", "--quiet", "origin"]);
    tables.git(&["checkout", "--quiet", "--no-track", "-b", "alice/x", "origin/main"]);
    tables.write("base.txt", "EINS\ntwo\nthree\n");
    assert_eq!(merge(&tables, Uncommitted::Included, BranchSource::Worktree), ["base.txt"]);
}

#[test]
fn without_a_remote_the_clones_own_branches_are_the_peers() {
    let tmp = tempfile::tempdir().unwrap();
    let repo = TestRepo::with_commit(tmp.path());
    repo.git(&["checkout", "--quiet", "-b", "bob/x"]);
    repo.commit("base.txt", "ONE\ntwo\nthree\n");
    repo.git(&["checkout", "--quiet", "-b", "alice/x", "main"]);
    repo.write("base.txt", "EINS\ntwo\nthree\n");
    assert_eq!(merge(&repo, Uncommitted::Included, BranchSource::Worktree), ["base.txt"]);
}
