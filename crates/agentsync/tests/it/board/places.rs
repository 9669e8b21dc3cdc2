//! The kinds of repository it works in, and that it leaves them as they were.

use std::os::unix::fs::PermissionsExt as _;

use agentsync_lab::checkout::Checkout;
use agentsync_lab::lab::{HubKind, Lab, LabOptions, ObjectFormat, RefFormat};
use serde_json::json;

use crate::PROGRAM;

#[track_caller]
fn check_works(lab: &Lab, agent: &Checkout, args: &[&str]) {
    let claim = [args, &["claim", "x", "src/auth.rs", "--json"]].concat();
    let report = agent.agentsync(&claim).expect_success().json();
    assert_eq!(report["status"], "claimed");
    let survey = [args, &["survey", "--json"]].concat();
    assert_eq!(agent.agentsync(&survey).expect_success().json()["my_claim"]["task"], "x");
    let bob = lab.clone("reader");
    let seen = bob.agentsync(&["survey", "--json"]).expect_success().json();
    assert_eq!(seen["partners"].as_object().unwrap().len(), 1);
}

#[test]
fn r_37_a_linked_worktree() {
    let lab = Lab::new(PROGRAM);
    let alice = lab.clone("alice");
    let worktree = lab.worktree(&alice, "walt", "walt/work");
    check_works(&lab, &worktree, &[]);
    // Two worktrees of one clone are two holders.
    let twin = alice.agentsync_with(&[("AGENTSYNC_AGENT_ID", "walt")], &["claim", "y", "b", "--json"]);
    assert_eq!(twin.expect_code(1).json()["conflicts"]["walt"]["reasons"][0]["type"], "shared_agent_id");
}

#[test]
fn a_folder_below_the_root() {
    let lab = Lab::new(PROGRAM);
    let alice = lab.clone("alice");
    check_works(&lab, &alice, &["--repo", "src"]);
}

#[test]
fn r_37_a_detached_head() {
    let lab = Lab::new(PROGRAM);
    let alice = lab.clone("alice");
    alice.git(&["switch", "--quiet", "--detach"]);
    check_works(&lab, &alice, &[]);
}

#[test]
fn r_37_a_shallow_clone() {
    let lab = Lab::new(PROGRAM);
    let alice = lab.clone("alice");
    let url = format!("file://{}", lab.hub_path().display());
    alice.git(&["clone", "--quiet", "--depth=1", &url, "shallow"]);
    check_works(&lab, &alice, &["--repo", "shallow"]);
}

#[test]
fn r_37_a_bare_clone() {
    let lab = Lab::new(PROGRAM);
    let alice = lab.clone("alice");
    alice.git(&["clone", "--quiet", "--bare", lab.hub_path().to_str().unwrap(), "bare.git"]);
    check_works(&lab, &alice, &["--repo", "bare.git"]);
}

#[test]
fn r_37_a_submodule() {
    let lab = Lab::new(PROGRAM);
    let alice = lab.clone("alice");
    let hub = lab.hub_path().to_str().unwrap();
    alice.git(&["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", hub, "part"]);
    check_works(&lab, &alice, &["--repo", "part"]);
}

#[test]
fn r_38_other_hashes_and_reference_formats() {
    for object_format in [ObjectFormat::Sha1, ObjectFormat::Sha256] {
        for ref_format in [RefFormat::Files, RefFormat::Reftable] {
            let lab = Lab::with(LabOptions { object_format, ref_format, ..LabOptions::new(PROGRAM) });
            let alice = lab.clone("alice");
            check_works(&lab, &alice, &[]);
        }
    }
}

#[test]
fn without_a_remote_the_board_is_a_local_branch_and_says_so() {
    let lab = Lab::with(LabOptions { hub: HubKind::Absent, ..LabOptions::new(PROGRAM) });
    let alice = lab.lone("alice");
    let worktree = lab.worktree(&alice, "walt", "walt/work");
    let report = alice.agentsync(&["claim", "x", "src/auth.rs", "--json"]).expect_success().json();
    let said = "no remote: the board is the local branch `agentsync`, which only worktrees of this clone see";
    assert!(report["warning"].as_str().unwrap().contains(said), "{report}");
    let blocked = worktree.agentsync(&["claim", "y", "src/auth.rs", "--json"]).expect_code(1).json();
    assert_eq!(blocked["conflicts"]["alice"]["reasons"][0]["type"], "shared_files");
    let survey = worktree.agentsync(&["survey", "--json"]).expect_success().json();
    assert_eq!(survey["board"]["local_only"], said);
}

#[test]
fn another_remote_and_another_branch_can_be_named() {
    let lab = Lab::new(PROGRAM);
    let alice = lab.clone("alice");
    alice.git(&["remote", "rename", "origin", "upstream"]);
    let args = ["claim", "x", "a", "--remote", "upstream", "--board-branch", "plans/board"];
    alice.agentsync(&args).expect_success();
    assert!(lab.hub_tip("plans/board").is_some());
    assert_eq!(lab.hub_tip("agentsync"), None);
    let env = [("AGENTSYNC_REMOTE", "upstream"), ("AGENTSYNC_BRANCH", "plans/board")];
    let survey = alice.agentsync_with(&env, &["survey", "--json"]).expect_success().json();
    assert_eq!((&survey["branch"], &survey["my_claim"]["task"]), (&json!("plans/board"), &json!("x")));
}

#[test]
fn the_board_can_be_in_another_repository_than_the_work() {
    let (lab, boards) = (Lab::new(PROGRAM), Lab::new(PROGRAM));
    let alice = lab.clone("alice");
    let board = boards.clone("board");
    let env = [("AGENTSYNC_BOARD_REPO", board.path().to_str().unwrap())];
    alice.agentsync_with(&env, &["claim", "x", "a"]).expect_success();
    assert_eq!(lab.hub_tip("agentsync"), None);
    assert!(boards.board_text().unwrap().contains("\"alice\""));
}

/// All that a user could miss: references, index, configuration, hooks' traces, work tree.
fn look(agent: &Checkout) -> Vec<String> {
    let index = std::fs::read(agent.path().join(".git/index")).unwrap();
    // Looking must not run the hooks either.
    let git = |args: &[&str]| {
        agent.git(&[&["-c", "core.hooksPath=/dev/null", "--no-optional-locks"], args].concat()).stdout
    };
    vec![
        git(&["for-each-ref"]),
        git(&["status", "--porcelain", "--ignored"]),
        git(&["config", "--local", "--list"]),
        git(&["reflog", "--all"]),
        format!("index {}", String::from_utf8_lossy(&index).escape_debug()),
        format!("a hook ran: {}", agent.path().join("hook-ran").exists()),
    ]
}

#[test]
fn r_39_no_verb_changes_anything_of_the_users_or_runs_a_hook() {
    let lab = Lab::new(PROGRAM);
    let (alice, bob) = (lab.clone("alice"), lab.clone("bob"));
    bob.git(&["switch", "--quiet", "-c", "bob/work"]);
    bob.write("README.md", "bob\n");
    bob.commit("bob's");
    bob.push("bob/work");
    bob.agentsync(&["claim", "b", "README.md"]).expect_success();
    let ran = alice.path().join("hook-ran");
    for hook in [
        "pre-push",
        "pre-commit",
        "post-commit",
        "reference-transaction",
        "post-checkout",
        "post-merge",
        "post-index-change",
    ] {
        let path = alice.path().join(".git/hooks").join(hook);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, format!("#!/bin/sh\ntouch {}\n", ran.display())).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    alice.write("README.md", "alice, not committed\n");
    alice.write("new.txt", "untracked\n");
    let _ = std::fs::remove_file(&ran);
    let before = look(&alice);
    for args in [
        &["survey"][..],
        &["claim", "a", "docs", "--branch", "alice/a"],
        &["check-conflicts"],
        &["check-conflicts", "bob/work"],
        &["update-status", "planning"],
        &["mailbox", "hello"],
        &["mailbox"],
        &["history"],
        &["doctor"],
        &["look-up-branches"],
        &["update-status", "done"],
        &["release"],
        &["repair"],
    ] {
        alice.agentsync(args);
        assert_eq!(look(&alice), before, "{args:?}");
    }
}

#[test]
fn r_35_a_lock_that_a_killed_process_left_in_the_private_repository_stops_nobody() {
    let lab = Lab::new(PROGRAM);
    let (alice, bob) = (lab.clone("alice"), lab.clone("bob"));
    alice.agentsync(&["claim", "auth", "src/auth.rs"]).expect_success();
    let cache = alice.path().join(".git/agentsync/board.git");
    for lock in ["refs/agentsync/seen.lock", "refs/agentsync/tip.lock"] {
        std::fs::write(cache.join(lock), "").unwrap();
    }
    bob.agentsync(&["claim", "models", "src/models"]).expect_success();
    assert!(alice.agentsync(&["survey"]).expect_success().stdout.contains("src/models"));
    alice.agentsync(&["release"]).expect_success();
    // Nor does one that was left by a first look.
    let carol = lab.clone("carol");
    carol.git(&["remote", "set-url", "origin", "/nowhere/at/all"]);
    carol.agentsync(&["survey"]).expect_code(3);
    std::fs::write(carol.path().join(".git/agentsync/board.git/shallow.lock"), "").unwrap();
    carol.git(&["remote", "set-url", "origin", &lab.hub_path().display().to_string()]);
    assert!(carol.agentsync(&["survey"]).expect_success().stdout.contains("src/models"));
}

#[test]
fn r_35_a_stale_lock_on_where_a_shallow_history_ends_stops_nobody() {
    let lab = Lab::new(PROGRAM);
    let (alice, bob) = (lab.clone("alice"), lab.clone("bob"));
    for n in 0..3 {
        alice.agentsync(&["mailbox", &format!("note {n}")]).expect_success();
    }
    bob.agentsync(&["survey"]).expect_success();
    let cache = bob.path().join(".git/agentsync/board.git");
    assert!(cache.join("shallow").exists(), "its history is cut off");
    let lock = cache.join("shallow.lock");
    std::fs::write(&lock, "").unwrap();
    let old = std::time::SystemTime::now() - std::time::Duration::from_secs(3600);
    std::fs::File::open(&lock).unwrap().set_modified(old).unwrap();
    alice.agentsync(&["claim", "models", "src/models"]).expect_success();
    assert!(bob.agentsync(&["survey"]).expect_success().stdout.contains("src/models"));
    // All of the history is fetched, which takes that lock.
    bob.agentsync(&["verify"]).expect_success();
    assert!(!lock.exists());
}
