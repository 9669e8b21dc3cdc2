//! How many processes of git it takes to compare many branches.

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use agentsync_lab::lab::Lab;

use super::merges::all_claimed;

/// Puts a `git` before the real one that keeps a list of what it was asked; with `is_old` it takes no list of merges.
fn listening(lab: &Lab, is_old: bool) -> (String, PathBuf) {
    let dir = lab.path().join(format!("listening-{is_old}"));
    std::fs::create_dir(&dir).unwrap();
    let log = dir.join("asked");
    let path = std::env::var("PATH").unwrap();
    let real = std::env::split_paths(&path).map(|dir| dir.join("git")).find(|git| git.is_file()).unwrap();
    let old = if is_old { "case \"$*\" in *--stdin*) exit 129;; esac\n" } else { "" };
    let text =
        format!("#!/bin/sh\necho \"$*\" >>'{}'\n{old}exec '{}' \"$@\"\n", log.display(), real.display());
    std::fs::write(dir.join("git"), text).unwrap();
    std::fs::set_permissions(dir.join("git"), std::fs::Permissions::from_mode(0o755)).unwrap();
    (format!("{}:{path}", dir.display()), log)
}

#[test]
fn no_process_is_started_for_each_pair_and_an_old_git_gives_the_same_answer() {
    let (lab, alice, _) = all_claimed();
    let mut answers = Vec::new();
    for is_old in [false, true] {
        let (path, log) = listening(&lab, is_old);
        let env = [("PATH", path.as_str()), ("AGENTSYNC_CACHE", "off")];
        let report = alice.agentsync_with(&env, &["check", "--all", "--json"]).expect_code(1).json();
        let asked = std::fs::read_to_string(log).unwrap();
        let n_merges = asked.lines().filter(|line| line.contains(" merge-tree ")).count();
        // One list for the branch that has attributes of its own, and one for the others.
        assert!(if is_old { n_merges > 20 } else { n_merges <= 2 }, "{n_merges}:\n{asked}");
        answers.push(report["all"].clone());
    }
    assert_eq!(answers[0], answers[1]);
}
