//! Hubs, clones and worktrees.

use agentsync_lab::lab::{HubKind, Lab, LabOptions, ObjectFormat, RefFormat};

use crate::PROGRAM;

#[track_caller]
fn check_round_trip(options: LabOptions) {
    let lab = Lab::with(options);
    let (alice, bob) = (lab.clone("alice"), lab.clone("bob"));

    alice.write("src/new.rs", "// new\n");
    let commit = alice.commit("add a file");
    alice.push("main");
    bob.git(&["pull", "--quiet", "origin", "main"]);

    assert_eq!(lab.hub_tip("main"), Some(commit));
    assert_eq!(bob.read("src/new.rs"), "// new\n");
    assert_eq!(alice.git(&["log", "-1", "--format=%an %ae"]).text(), "alice alice@lab.example");
}

#[test]
fn clones_meet_in_the_hub_whatever_the_formats() {
    for object_format in [ObjectFormat::Sha1, ObjectFormat::Sha256] {
        for ref_format in [RefFormat::Files, RefFormat::Reftable] {
            for hub in [HubKind::Seeded, HubKind::Empty] {
                check_round_trip(LabOptions { object_format, ref_format, hub, ..LabOptions::new(PROGRAM) });
            }
        }
    }
}

#[test]
fn formats_reach_the_hub_and_the_clones() {
    let options = LabOptions {
        object_format: ObjectFormat::Sha256,
        ref_format: RefFormat::Reftable,
        ..LabOptions::new(PROGRAM)
    };
    let lab = Lab::with(options);
    let (alice, carol) = (lab.clone("alice"), lab.lone("carol"));
    for answer in [
        lab.hub_git(&["rev-parse", "--show-object-format", "--show-ref-format"]),
        alice.git(&["rev-parse", "--show-object-format", "--show-ref-format"]),
        carol.git(&["rev-parse", "--show-object-format", "--show-ref-format"]),
    ] {
        assert_eq!(answer.lines(), ["sha256", "reftable"]);
    }
}

#[test]
fn the_same_steps_give_the_same_commits() {
    let commit = |_| {
        let lab = Lab::new(PROGRAM);
        let alice = lab.clone("alice");
        alice.write("a", "1");
        alice.commit("one")
    };
    let ids = [0, 1].map(commit);
    assert_eq!(ids[0], ids[1]);
}

#[test]
fn a_lone_repository_has_no_remote() {
    let lab = Lab::with(LabOptions { hub: HubKind::Absent, ..LabOptions::new(PROGRAM) });
    let alice = lab.lone("alice");
    assert_eq!(alice.git(&["remote"]).text(), "");
    assert_eq!(alice.read("README.md"), "# shop\n");
    assert!(!lab.hub_path().exists());
}

#[test]
fn a_worktree_shares_the_clone_of_another_agent() {
    let lab = Lab::new(PROGRAM);
    let alice = lab.clone("alice");
    let bob = lab.worktree(&alice, "bob", "feature");
    bob.write("b", "2");
    let commit = bob.commit("two");
    assert_eq!(alice.git(&["rev-parse", "feature"]).text(), commit);
}

#[test]
fn strangers_write_the_board_and_leave_the_rest() {
    let lab = Lab::new(PROGRAM);
    assert_eq!(lab.board_text(), None);
    assert_eq!(lab.board_log(), Vec::<String>::new());

    lab.push_as_stranger("agentsync", &[("keep", b"kept")], "first");
    let tip = lab.put_board_text(b"{ not json \xff\n");

    assert_eq!(lab.hub_tip("agentsync"), Some(tip));
    assert_eq!(lab.board_bytes().unwrap(), b"{ not json \xff\n");
    assert_eq!(lab.board_log(), ["a stranger writes", "first"]);
    assert_eq!(lab.hub_git(&["show", "agentsync:keep"]).text(), "kept");
}

#[test]
fn nothing_of_the_environment_leaks_in() {
    let lab = Lab::new(PROGRAM);
    let alice = lab.clone("alice");
    let answer = alice.agentsync_with(&[("EXTRA", "1")], &["env"]).expect_success();
    let names: Vec<String> = answer
        .lines()
        .iter()
        .filter_map(|line| line.split_once('='))
        .map(|(name, _)| name.to_owned())
        .collect();
    assert_eq!(
        names
            .iter()
            .filter(|name| !matches!(name.as_str(), "PWD" | "OLDPWD" | "_" | "SHLVL"))
            .collect::<Vec<_>>(),
        [
            "AGENTSYNC_AGENT_ID",
            "EXTRA",
            "GIT_CONFIG_GLOBAL",
            "GIT_CONFIG_NOSYSTEM",
            "GIT_TERMINAL_PROMPT",
            "HOME",
            "LC_ALL",
            "PATH",
            "TMPDIR",
            "TZ",
        ]
    );
    let as_bob = alice.as_agent("bob").agentsync(&["env"]);
    assert!(as_bob.stdout.contains("AGENTSYNC_AGENT_ID=bob\n"));
}

#[test]
fn input_and_exit_code_go_through() {
    let lab = Lab::new(PROGRAM);
    let answer = lab.clone("alice").agentsync_fed("{\"a\":1}", &["cat"]).expect_code(1);
    assert_eq!(answer.json()["a"], 1);
}
