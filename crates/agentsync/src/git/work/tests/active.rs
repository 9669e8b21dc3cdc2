//! Branches at the remote that have work on them.

use super::*;

/// Bob works on a branch; another one is merged; a third is old; the board lies beside them.
fn busy_hub(dir: &Path) -> (TestRepo, TestRepo) {
    let (hub, clone) = lab(dir, &[]);
    for name in ["bob/x", "bob/old", "bob/merged", "agentsync"] {
        hub.git(&["branch", name]);
    }
    hub.git(&["checkout", "--quiet", "bob/old"]);
    hub.write("old.txt", "old\n");
    hub.git(&["add", "old.txt"]);
    commit_at(&hub, "2020-01-01T00:00:00Z");
    hub.git(&["checkout", "--quiet", "bob/x"]);
    hub.commit("a.txt", "a\n");
    hub.commit("b.txt", "b\n");
    hub.git(&["checkout", "--quiet", "main"]);
    (hub, clone)
}

fn commit_at(repo: &TestRepo, date: &str) {
    let git = crate::git::command::Git { cwd: repo.dir.clone(), limit: Duration::from_secs(30) };
    let call = git.nowhere().config("user.name=Bob").config("user.email=bob@example.org");
    let call = call.env("GIT_COMMITTER_DATE", date).env("GIT_AUTHOR_DATE", date);
    assert_eq!(call.args(["commit", "--quiet", "--message", "dated"]).run().unwrap().code, 0);
}

fn known(clone: &TestRepo) -> ActiveBranches {
    let work = work_at(
        &clone.dir,
        RefreshMode::Spawn { program: "/nonexistent/agentsync".into(), args: Vec::new() },
    );
    work.active_branches()
}

fn names(active: &ActiveBranches) -> Vec<&str> {
    active.branches.iter().map(|branch| branch.branch.as_str()).collect()
}

#[test]
fn nothing_is_known_before_somebody_looked() {
    let tmp = tempfile::tempdir().unwrap();
    let (_hub, clone) = busy_hub(tmp.path());
    assert_eq!(known(&clone).age_seconds, None);
}

#[test]
fn branches_with_recent_work_of_their_own_are_active() {
    let tmp = tempfile::tempdir().unwrap();
    let (_hub, clone) = busy_hub(tmp.path());
    work(&clone).refresh_active_branches().unwrap();
    let active = known(&clone);
    assert_eq!(active.age_seconds, Some(0));
    assert_eq!((names(&active), active.n_left_out), (vec!["bob/x"], 0));
    let bob = &active.branches[0];
    assert_eq!((bob.last_author.as_str(), bob.n_commits, bob.n_files), ("Alice", 2, 2));
    assert_eq!(bob.files, ["a.txt", "b.txt"]);
    assert!(bob.last_commit_at.ends_with("+00:00"), "{}", bob.last_commit_at);
}

#[test]
fn a_second_look_sees_what_moved_and_what_is_gone() {
    let tmp = tempfile::tempdir().unwrap();
    let (hub, clone) = busy_hub(tmp.path());
    work(&clone).refresh_active_branches().unwrap();
    hub.git(&["checkout", "--quiet", "-b", "carol/y"]);
    hub.commit("c.txt", "c\n");
    hub.git(&["branch", "--delete", "--force", "bob/x"]);
    work(&clone).refresh_active_branches().unwrap();
    assert_eq!(names(&known(&clone)), ["carol/y"]);
}

#[test]
fn many_branches_are_bounded_and_the_rest_is_counted() {
    let tmp = tempfile::tempdir().unwrap();
    let (hub, clone) = busy_hub(tmp.path());
    hub.git(&["checkout", "--quiet", "bob/x"]);
    for n in 0..230 {
        hub.git(&["branch", &format!("many/{n}")]);
    }
    work(&clone).refresh_active_branches().unwrap();
    let active = known(&clone);
    // With `bob/x` and `bob/merged` that is 232, all of today.
    assert_eq!(active.n_left_out, 32);
    assert!((198..=200).contains(&active.branches.len()), "{}", active.branches.len());
}

#[test]
fn a_shallow_clone_counts_what_it_cannot_see() {
    let tmp = tempfile::tempdir().unwrap();
    let (hub, _) = busy_hub(tmp.path());
    let shallow = TestRepo::clone_of(&hub, &tmp.path().join("shallow"), &["--depth=1"]);
    work(&shallow).refresh_active_branches().unwrap();
    let active = known(&shallow);
    assert_eq!((names(&active).len(), active.n_left_out), (0, 2));
}

#[test]
fn a_server_looks_by_itself() {
    let tmp = tempfile::tempdir().unwrap();
    let (_hub, clone) = busy_hub(tmp.path());
    let work = work_at(&clone.dir, RefreshMode::Thread);
    assert_eq!(work.active_branches().age_seconds, None);
    // The thread has 60 s; each question takes as long as reading a small file.
    let (_sender, silence) = std::sync::mpsc::channel::<()>();
    for _ in 0..600 {
        if work.active_branches().age_seconds.is_some() {
            break;
        }
        let _ = silence.recv_timeout(Duration::from_millis(100));
    }
    assert_eq!(names(&work.active_branches()), ["bob/x"]);
}

#[test]
fn switched_off_nobody_looks() {
    let tmp = tempfile::tempdir().unwrap();
    let (_hub, clone) = busy_hub(tmp.path());
    assert_eq!(work(&clone).active_branches().age_seconds, None);
    assert!(!clone.dir.join(".git/agentsync").exists());
}
