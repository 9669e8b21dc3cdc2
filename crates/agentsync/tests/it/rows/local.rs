//! this machine, its disks, its clocks and its configuration.

use std::path::Path;
use std::process::Command;

use agentsync_core::decide::decide;
use agentsync_core::{
    AgentId, Author, Board, Change, ClaimRequest, Decision, Force, InstanceId, Intent, OpId, PathSpec,
    Timestamp,
};
use agentsync_lab::checkout::Checkout;
use agentsync_lab::lab::Lab;
use agentsync_lab::mcp::{Era, McpClient};
use serde_json::{Value, json};

use super::{Disk, run, two, write_script};
use crate::PROGRAM;

#[test]
fn r_36_where_nothing_can_be_locked_everybody_writes_alone() {
    let (lab, alice, bob) = two();
    run(&alice, &["claim", "a", "src/a.rs"], 0);
    let queue = alice.path().join(".git/agentsync/queue");
    std::fs::remove_dir_all(&queue).unwrap();
    std::fs::write(&queue, "no folder, and nothing to lock in it").unwrap();
    run(&alice, &["claim", "a", "src/b.rs", "--lane", "b"], 0);
    run(&bob, &["claim", "b", "src/c.rs"], 0);
    let blocked = run(&alice, &["claim", "a", "src/c.rs", "--lane", "c"], 1);
    assert_eq!(blocked["status"], "blocked");
    assert_eq!(lab.board_log().len(), 3);
}

#[test]
fn r_37_a_clone_of_one_branch_without_blobs_or_with_a_part_of_the_tree() {
    let (lab, alice, _bob) = two();
    run(&alice, &["claim", "a", "src/a.rs"], 0);
    lab.hub_git(&["config", "uploadpack.allowFilter", "true"]);
    let url = format!("file://{}", lab.hub_path().display());
    for kind in ["--single-branch", "--filter=blob:none", "--sparse"] {
        let folder = format!("of-{}", kind.trim_start_matches("--").split('=').next().unwrap());
        alice.git(&["clone", "--quiet", kind, &url, &folder]);
        let carol = alice.as_agent("carol");
        let blocked = run(&carol, &["claim", "c", "src", "--repo", &folder], 1);
        assert_eq!(blocked["conflicts"]["alice"]["reasons"][0]["type"], "shared_files", "{kind}");
        let free = format!("docs/{folder}");
        run(&carol, &["claim", "c", &free, "--repo", &folder], 0);
        run(&carol, &["release", "--repo", &folder], 0);
    }
}

fn claim(agent: &str, op: &str, path: &str, force: Option<Force>) -> Change {
    let request = ClaimRequest {
        task: "work".to_owned(),
        touches: vec![PathSpec::parse(path, &[]).unwrap()],
        requires: Vec::new(),
        branch: None,
        force,
        lease: Some(60),
        lapsed: Vec::new(),
    };
    let by =
        Author { agent: AgentId::parse(agent).unwrap(), instance: InstanceId("1".to_owned()), session: None };
    Change { op: OpId(op.to_owned()), by, lane: None, intent: Intent::Claim(request) }
}

/// Decides a change on a board by a clock that stands at `at`, and returns the board after it.
#[track_caller]
fn decided(board: &Board, change: &Change, at: i64, is_granted: bool) -> Board {
    match decide(board, change, Timestamp(at)) {
        Decision::Granted(granted) if is_granted => board.with(&granted.edits),
        Decision::Blocked(_) if !is_granted => board.clone(),
        other => panic!("at {at}: {other:?}"),
    }
}

#[test]
fn r_40_no_clock_decides_whatever_it_says() {
    const YEAR: i64 = 365 * 24 * 3_600_000_000;
    const NOW: i64 = 56 * YEAR;
    let clocks = [NOW, NOW + 10 * YEAR, NOW - 10 * YEAR, 0, -1, i64::MAX / 2, i64::MIN / 2];
    for alices in clocks {
        let board = decided(&Board::default(), &claim("alice", "a1", "src", None), alices, true);
        for bobs in clocks {
            // A lease of a minute is long over by one clock and not begun by another: it blocks by all.
            decided(&board, &claim("bob", "b1", "src/a.rs", None), bobs, false);
            let after = decided(&board, &claim("bob", "b1", "docs", None), bobs, true);
            assert_eq!(after.generation, 2);
            assert!(after.claims.contains_key("alice"));
        }
    }
}

/// Returns the environment in which a program, and all that it starts, sees the wall clock moved by what
/// `dial` says, also while it runs; `None` where `faketime` is not installed. The monotonic clock is the
/// machine's own, as it is when somebody sets the time.
fn on_a_dial(dial: &Path) -> Option<[(&'static str, String); 5]> {
    let preloaded = Command::new("faketime").args(["-f", "+0d", "printenv", "LD_PRELOAD"]).output();
    let Some(preloaded) = preloaded.ok().filter(|out| out.status.success()) else {
        println!("not tried: faketime is not installed");
        return None;
    };
    let library = String::from_utf8(preloaded.stdout).unwrap().trim().to_owned();
    Some([
        ("LD_PRELOAD", library),
        ("FAKETIME_TIMESTAMP_FILE", dial.display().to_string()),
        ("FAKETIME_NO_CACHE", "1".to_owned()),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
        ("AGENTSYNC_AGENT_ID", "alice".to_owned()),
    ])
}

/// Returns the year in which alice last wrote her claim, by her own clock.
fn year_of(lab: &Lab, key: &str) -> i64 {
    let board: Value = serde_json::from_str(&lab.board_text().unwrap()).unwrap();
    let written = board["claims"][key]["updated_at"].as_str().unwrap();
    written.split('-').next().unwrap().parse().unwrap()
}

#[test]
fn r_40_a_machine_ten_years_off_claims_like_any_other() {
    let (lab, alice, bob) = two();
    let dial = lab.path().join("dial");
    let Some(env) = on_a_dial(&dial) else { return };
    run(&bob, &["claim", "b", "docs"], 0);
    let this_year = year_of(&lab, "bob");
    for (n, (offset, years)) in [("+10y", 10), ("-10y", -10), ("+2d", 0)].into_iter().enumerate() {
        std::fs::write(&dial, offset).unwrap();
        let (path, lane) = (format!("src/{n}.rs"), format!("lane-{n}"));
        let args = ["claim", "a", &path, "--lane", &lane, "--lease", "60", "--json"];
        let report = alice.run_with(PROGRAM, &env, &args).expect_code(0).json();
        assert_eq!(report["status"], "claimed", "{offset}: {report}");
        let written = year_of(&lab, &format!("alice/{lane}"));
        assert!((written - this_year - years).abs() <= 1, "{offset}: written in {written}");
        assert_eq!(run(&bob, &["claim", "b", &path], 1)["status"], "blocked", "{offset}");
        let args = ["claim", "a", "docs", "--json"];
        let report = alice.run_with(PROGRAM, &env, &args).expect_code(1).json();
        assert_eq!(report["status"], "blocked", "{offset}: {report}");
    }
    assert_eq!(lab.board_log().len(), 4);
}

#[test]
fn r_40_a_clock_that_is_set_while_a_server_runs_decides_nothing() {
    let (lab, alice, bob) = two();
    let (dial, next) = (lab.path().join("dial"), lab.path().join("next"));
    let Some(env) = on_a_dial(&dial) else { return };
    run(&bob, &["claim", "b", "docs"], 0);
    let mut last = year_of(&lab, "bob");
    // The clock is set in the middle of each push, when the call's deadline is already running.
    let set = format!("#!/bin/sh\ncat >/dev/null\ncp '{}' '{}'\n", next.display(), dial.display());
    write_script(&lab.hub_path().join("hooks/pre-receive"), &set);
    std::fs::write(&dial, "+0d").unwrap();
    std::fs::write(&next, "+0d").unwrap();
    let mut server = McpClient::start_with(&alice, Era::Session, &env);
    for (n, offset) in ["+10y", "-10y", "+0d", "-10y"].into_iter().enumerate() {
        std::fs::write(&next, offset).unwrap();
        let (path, lane) = (format!("src/{n}.rs"), format!("lane-{n}"));
        let claim = json!({ "task": "a", "touches": [path], "lane": lane, "lease_seconds": 60 });
        let claimed = server.structured("claim", claim);
        assert_eq!(claimed["status"], "claimed", "{offset}: {claimed}");
        let told = server.structured("update_status", json!({ "status": "in-progress", "lane": lane }));
        assert_eq!(told["status"], "updated", "{offset}: {told}");
        let written = year_of(&lab, &format!("alice/{lane}"));
        assert!((written - last).abs() >= 9, "{offset}: written in {written}, after {last}");
        last = written;
        let blocked = server.structured("claim", json!({ "task": "a", "touches": ["docs"], "lane": "docs" }));
        assert_eq!(blocked["status"], "blocked", "{offset}: {blocked}");
        assert_eq!(run(&bob, &["claim", "b", &path], 1)["status"], "blocked", "{offset}");
    }
    assert_eq!(lab.board_log().len(), 9);
}

#[test]
fn r_42_a_holder_that_was_stopped_while_its_claim_was_taken_is_told_by_whom_and_why() {
    let (lab, alice, bob) = two();
    let mut server = McpClient::start(&alice, Era::Session);
    server.structured("claim", json!({ "task": "auth", "touches": ["src/auth"] }));
    let signal = |name: &str| {
        let sent = Command::new("kill").args([format!("-{name}"), server.pid().to_string()]).status();
        assert!(sent.unwrap().success());
    };
    signal("STOP");
    run(&bob, &["break", "alice", "--reason", "she has not answered for an hour"], 0);
    run(&bob, &["claim", "auth, too", "src/auth"], 0);
    let before = lab.board_text();
    signal("CONT");
    let answer = server.structured("update_status", json!({ "status": "done" }));
    assert_eq!(answer["status"], "superseded", "{answer}");
    let message = answer["message"].as_str().unwrap();
    assert!(message.contains("taken over by bob at 20"), "{message}");
    assert!(message.contains("she has not answered for an hour"), "{message}");
    let board: Value = serde_json::from_str(&lab.board_text().unwrap()).unwrap();
    assert_eq!(board["claims"].as_object().unwrap().keys().collect::<Vec<_>>(), ["bob"]);
    assert_ne!(lab.board_text(), before, "that she knows is noted");
    let again = server.structured("claim", json!({ "task": "auth", "touches": ["src/auth"] }));
    assert_eq!(again["status"], "blocked", "{again}");
}

/// Alice, whose private folder is on a small disk of its own, with one claim.
fn on_small_disk() -> Option<(Lab, Checkout, Disk)> {
    let lab = Lab::new(PROGRAM);
    let alice = lab.clone("alice");
    let disk = Disk::mount(alice.path().join(".git/agentsync"), "2m")?;
    run(&alice, &["claim", "a", "src/a.rs"], 0);
    Some((lab, alice, disk))
}

#[track_caller]
fn check_nothing_is_pushed(lab: &Lab, alice: &Checkout) {
    let before = lab.hub_tip("agentsync");
    let report = run(alice, &["claim", "more", "src/b.rs"], 3);
    assert_eq!(report["code"], "cache", "{report}");
    assert!(report["fix"].as_str().unwrap().starts_with("nothing was written; make room"), "{report}");
    assert_eq!(lab.hub_tip("agentsync"), before, "nothing is pushed that could not be noted here first");
}

#[test]
fn r_43_a_full_disk_here_refuses_the_claim_before_anything_is_pushed() {
    let Some((lab, alice, disk)) = on_small_disk() else { return };
    let filler = disk.fill();
    check_nothing_is_pushed(&lab, &alice);
    std::fs::remove_file(filler).unwrap();
    run(&alice, &["claim", "more", "src/b.rs"], 0);
}

#[test]
fn r_43_a_read_only_home_refuses_the_claim_before_anything_is_pushed() {
    let Some((lab, alice, disk)) = on_small_disk() else { return };
    disk.remount("ro");
    check_nothing_is_pushed(&lab, &alice);
    disk.remount("rw");
    run(&alice, &["claim", "more", "src/b.rs"], 0);
}

#[test]
fn r_43_a_folder_that_cannot_be_made_refuses_the_claim_before_anything_is_pushed() {
    let (lab, alice, _bob) = two();
    std::fs::write(alice.path().join(".git/agentsync"), "in the way").unwrap();
    let report = run(&alice, &["claim", "a", "src/a.rs"], 2);
    assert!(report["error"].as_str().unwrap().contains(".git/agentsync"), "{report}");
    assert_eq!(lab.hub_tip("agentsync"), None);
}

/// Everything that git can be told to run by the configuration of a repository.
fn plant_canaries(agent: &Checkout, canary: &str) {
    for (key, value) in [
        ("core.fsmonitor", canary),
        ("core.hooksPath", "hooks-of-theirs"),
        ("core.pager", canary),
        ("core.editor", canary),
        ("core.askPass", canary),
        ("core.gitProxy", canary),
        ("core.alternateRefsCommand", canary),
        ("sequence.editor", canary),
        ("diff.external", canary),
        ("diff.tool.command", canary),
        ("merge.theirs.driver", canary),
        ("gpg.program", canary),
        ("gpg.ssh.program", canary),
        ("commit.gpgSign", "true"),
        ("push.gpgSign", "if-asked"),
        ("remote.origin.uploadpack", canary),
        ("remote.origin.receivepack", canary),
        ("remote.origin.vcs", "canary"),
        ("uploadpack.packObjectsHook", canary),
        ("alias.push", &format!("!{canary}")),
        ("alias.fetch", &format!("!{canary}")),
        ("interactive.diffFilter", canary),
        ("browser.web.cmd", canary),
        ("pager.log", canary),
        ("trailer.x.command", canary),
        ("protocol.ext.allow", "always"),
    ] {
        agent.git(&["config", key, value]);
    }
    for hook in
        ["pre-push", "reference-transaction", "post-checkout", "pre-auto-gc", "post-rewrite", "pre-commit"]
    {
        let script = std::fs::read_to_string(canary).unwrap();
        for folder in ["hooks-of-theirs", ".git/hooks"] {
            write_script(&agent.path().join(folder).join(hook), &script);
        }
    }
    agent.write(".gitattributes", "* merge=theirs diff=theirs\n");
}

#[test]
fn r_39_nothing_that_a_hostile_configuration_names_is_run() {
    let (lab, alice, bob) = two();
    bob.git(&["switch", "--quiet", "-c", "bob/work"]);
    bob.write("README.md", "bob\n");
    bob.commit("bob's");
    bob.push("bob/work");
    run(&bob, &["claim", "b", "README.md", "--branch", "bob/work"], 0);
    let (canary, ran) = (lab.path().join("canary"), lab.path().join("canary-ran"));
    write_script(&canary, &format!("#!/bin/sh\necho \"$0 $*\" >>'{}'\n", ran.display()));
    plant_canaries(&alice, canary.to_str().unwrap());
    for args in [
        &["survey"][..],
        &["claim", "a", "docs", "--branch", "main"],
        &["check-conflicts"],
        &["check-conflicts", "bob/work"],
        &["update-status", "planning"],
        &["mailbox", "hello"],
        &["history"],
        &["doctor"],
        &["look-up-branches"],
        &["update-status", "done"],
        &["release"],
        &["repair"],
    ] {
        alice.agentsync(args);
        let ran = std::fs::read_to_string(&ran).unwrap_or_default();
        assert_eq!(ran, "", "{args:?} ran it");
    }
    assert_eq!(lab.board_log().len(), 6, "and everything was done: {:?}", lab.board_log());
}
