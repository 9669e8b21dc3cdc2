//! What bad input gets: one error that says what, why and what to do next, and nothing written.

use agentsync_lab::checkout::Checkout;
use agentsync_lab::lab::{HubKind, Lab, LabOptions};
use agentsync_lab::mcp::{Era, McpClient};
use serde_json::{Value, json};

use crate::{PROGRAM, failure};

/// Alice's clone of a hub on which she holds a claim.
fn lab() -> (Lab, Checkout) {
    let lab = Lab::new(PROGRAM);
    let alice = lab.clone("alice");
    alice.agentsync(&["claim", "x", "src/a.rs"]).expect_success();
    (lab, alice)
}

/// Calls the command line and the tool with the same mistake; both say the same, and write nothing.
#[track_caller]
fn check(args: &[&str], tool: &str, arguments: Value, want: (&str, &str, &str)) {
    let (lab, alice) = lab();
    let (error, code, fix) = want;
    let before = (lab.hub_git(&["for-each-ref"]).stdout, lab.board_bytes());
    let report = alice.agentsync(&[args, &["--json"]].concat()).expect_code(2).json();
    assert_eq!(report, json!({ "error": error, "code": code, "fix": fix }));
    let words = alice.agentsync(args).expect_code(2);
    assert_eq!(words.stdout, "");
    assert!(words.stderr.starts_with("error:"), "{}", words.stderr);

    let mut client = McpClient::start(&alice, Era::Session);
    let result = client.call(tool, arguments);
    assert_eq!(result["isError"], json!(true), "{result}");
    assert_eq!(failure(&result), json!({ "error": error, "code": code, "fix": fix }));
    assert_eq!((lab.hub_git(&["for-each-ref"]).stdout, lab.board_bytes()), before, "nothing was written");
}

const PATHS: &str = "name paths from the root of the repository, such as `src/auth` or `tests/**/*.py`";

#[test]
fn an_unknown_status() {
    check(
        &["update-status", "finished"],
        "update_status",
        json!({ "status": "finished" }),
        (
            "status `finished` is not one of planning, in-progress, done",
            "bad_status",
            "use `planning`, `in-progress` or `done`",
        ),
    );
}

#[test]
fn a_path_outside_the_repository() {
    check(
        &["claim", "x", "../secrets"],
        "claim",
        json!({ "task": "x", "touches": ["../secrets"] }),
        ("path `../secrets` leaves the repository", "bad_path", PATHS),
    );
}

#[test]
fn a_malformed_glob() {
    check(
        &["claim", "x", "src/[ab"],
        "claim",
        json!({ "task": "x", "touches": ["src/[ab"] }),
        ("glob `src/[ab` has a bracket that is not closed; `[[]` is a bracket itself", "bad_path", PATHS),
    );
}

#[test]
fn a_branch_name_git_would_refuse() {
    check(
        &["claim", "x", "src/a.rs", "--branch", "a..b"],
        "claim",
        json!({ "task": "x", "touches": ["src/a.rs"], "branch": "a..b" }),
        (
            "branch `a..b` is not a name git accepts: it holds `..` or `@{`",
            "bad_name",
            "choose a plainer name, such as `alice` or `alice/auth`",
        ),
    );
}

#[test]
fn a_reason_without_force() {
    check(
        &["claim", "x", "src/a.rs", "--reason", "because"],
        "claim",
        json!({ "task": "x", "touches": ["src/a.rs"], "reason": "because" }),
        ("a reason is given but not force", "bad_arguments", "leave out `reason`, or set `force` as well"),
    );
}

#[test]
fn a_task_that_is_too_long_or_empty() {
    let long = "x".repeat(201);
    check(
        &["claim", &long, "src/a.rs"],
        "claim",
        json!({ "task": long, "touches": ["src/a.rs"] }),
        (
            "task has 201 characters, more than the 200 the board takes",
            "bad_text",
            "say it in one short line",
        ),
    );
    check(
        &["claim", " ", "src/a.rs"],
        "claim",
        json!({ "task": " ", "touches": ["src/a.rs"] }),
        ("task is empty", "bad_text", "say it in one short line"),
    );
}

#[test]
fn a_note_to_nobody_in_particular() {
    check(
        &["mailbox", "hello", "--to", "bob and carol"],
        "mailbox",
        json!({ "message": "hello", "to": "bob and carol" }),
        (
            "agent id `bob and carol` must be 1 to 64 letters, digits, `.`, `_` or `-`, begin with a letter or digit, \
             and not end in `.` or `.lock`",
            "bad_name",
            "choose a plainer name, such as `alice` or `alice/auth`",
        ),
    );
}

#[test]
fn empty_touches() {
    let (lab, alice) = lab();
    // The command line asks for one at least.
    assert!(alice.agentsync(&["claim", "x"]).expect_code(2).stderr.contains("<TOUCHES>"));
    let before = lab.board_bytes();
    let mut client = McpClient::start(&alice, Era::Stateless);
    let result = client.call("claim", json!({ "task": "x", "touches": [] }));
    assert_eq!(result["isError"], json!(true));
    assert_eq!(failure(&result)["error"], "touches is empty: a claim names what it will change");
    assert_eq!(lab.board_bytes(), before);
}

#[test]
fn arguments_of_the_wrong_shape_are_answered_in_band() {
    let (_lab, alice) = lab();
    let mut client = McpClient::start(&alice, Era::Session);
    for (tool, arguments, words) in [
        ("claim", json!({ "task": "x" }), "touches"),
        ("claim", json!({ "task": "x", "touches": "src" }), "expected a sequence"),
        ("survey", json!({ "colour": "red" }), "colour"),
        ("survey", json!({ "detail": "huge" }), "detail `huge` is neither brief nor full"),
    ] {
        let result = client.call(tool, arguments);
        assert_eq!(result["isError"], json!(true), "{result}");
        let error = failure(&result)["error"].as_str().unwrap().to_owned();
        assert!(error.contains(words), "{error}");
    }
}

#[test]
fn an_agent_id_with_spaces() {
    let (_lab, alice) = lab();
    let env = [("AGENTSYNC_AGENT_ID", "alice the great")];
    let report = alice.agentsync_with(&env, &["survey", "--json"]).expect_code(2).json();
    let error = report["error"].as_str().unwrap();
    assert!(error.starts_with("AGENTSYNC_AGENT_ID is `alice the great`: agent id"), "{error}");
    assert_eq!(report["fix"], "correct AGENTSYNC_AGENT_ID");
}

#[test]
fn a_missing_repository() {
    let (lab, alice) = lab();
    let nowhere = lab.path().join("nowhere");
    std::fs::create_dir(&nowhere).unwrap();
    let nowhere = nowhere.to_str().unwrap();
    for (path, code) in [(nowhere, "no_repository"), ("/no/such/folder", "no_repository")] {
        let report = alice.agentsync(&["survey", "--repo", path, "--json"]).expect_code(2).json();
        assert_eq!(report["code"], code, "{report}");
        assert!(report["error"].as_str().unwrap().contains(path), "{report}");
        assert!(!report["fix"].as_str().unwrap().is_empty());
    }
    // A server says it at every call instead of dying at the start.
    let mut client = McpClient::start_with(&alice, Era::Session, &[("AGENTSYNC_REPO", nowhere)]);
    let result = client.call("survey", json!({}));
    assert_eq!(result["isError"], json!(true));
    assert_eq!(failure(&result)["code"], "no_repository");
}

#[test]
fn an_unreachable_remote() {
    let (_lab, alice) = lab();
    for url in ["/no/such/hub.git", "http://127.0.0.1:9/hub.git"] {
        alice.git(&["remote", "set-url", "origin", url]);
        for args in [&["survey", "--json"][..], &["claim", "x", "b", "--json"]] {
            let report = alice.agentsync(args).expect_code(3).json();
            assert_eq!(report["code"], "unreachable", "{report}");
            assert!(
                report["error"].as_str().unwrap().starts_with(&format!("cannot reach the remote `{url}`")),
                "{report}"
            );
        }
    }
}

#[test]
fn r_46_secrets_in_addresses_are_never_shown() {
    let (_lab, alice) = lab();
    alice.git(&["remote", "set-url", "origin", "http://bob:hunter2@127.0.0.1:9/hub.git?token=abc123"]);
    for args in
        [&["survey"][..], &["survey", "--json"], &["claim", "x", "b"], &["doctor"], &["doctor", "--json"]]
    {
        let answer = alice.agentsync(args);
        let all = format!("{}{}", answer.stdout, answer.stderr);
        assert!(!all.contains("hunter2") && !all.contains("abc123"), "{all}");
    }
}

#[test]
fn r_13_a_remote_that_refuses_the_push() {
    let (lab, alice) = lab();
    let hook = lab.hub_path().join("hooks/pre-receive");
    std::fs::create_dir_all(hook.parent().unwrap()).unwrap();
    std::fs::write(&hook, "#!/bin/sh\nprintf 'branch is \\033[31mprotected\\n' >&2\nexit 1\n").unwrap();
    make_executable(&hook);
    let before = (lab.hub_tip("agentsync"), lab.board_bytes());
    let report = alice.agentsync(&["claim", "x", "b", "--json"]).expect_code(2).json();
    assert_eq!(report["code"], "push_refused");
    let error = report["error"].as_str().unwrap();
    assert!(error.contains("pre-receive hook declined") && error.contains("protected"), "{error}");
    assert!(!error.contains('\u{1b}'), "{error:?}");
    assert!(
        report["fix"]
            .as_str()
            .unwrap()
            .starts_with("nothing was written; let this account push to `agentsync`")
    );
    assert_eq!((lab.hub_tip("agentsync"), lab.board_bytes()), before);
    // Reading goes on.
    alice.agentsync(&["survey"]).expect_success();
}

#[test]
fn a_remote_that_takes_no_new_commit_on_the_branch() {
    let (lab, alice) = lab();
    lab.hub_git(&["config", "receive.denyNonFastForwards", "true"]);
    alice.agentsync(&["claim", "x", "b"]).expect_success();
    lab.hub_git(&["config", "receive.denyUpdates", "true"]);
    let hook = lab.hub_path().join("hooks/update");
    std::fs::create_dir_all(hook.parent().unwrap()).unwrap();
    std::fs::write(&hook, "#!/bin/sh\necho read-only; exit 1\n").unwrap();
    make_executable(&hook);
    let report = alice.agentsync(&["claim", "y", "c", "--json"]).expect_code(2).json();
    assert_eq!(report["code"], "push_refused", "{report}");
}

fn make_executable(path: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_repository_without_commits_can_claim_all_the_same() {
    let lab = Lab::with(LabOptions { hub: HubKind::Empty, ..LabOptions::new(PROGRAM) });
    let alice = lab.clone("alice");
    let report = alice.agentsync(&["claim", "x", "src/a.rs", "--json"]).expect_success().json();
    assert_eq!(report["status"], "claimed");
    let report = alice.agentsync(&["check-conflicts", "--json"]).expect_success().json();
    assert_eq!(report["results"], json!([]));
    let report = alice.agentsync(&["update-status", "done", "--json"]).expect_success().json();
    assert_eq!(report["claim"].get("changed_files"), None);
}

#[test]
fn a_setting_that_makes_no_sense() {
    let (_lab, alice) = lab();
    for (name, value) in
        [("AGENTSYNC_STALE_HOURS", "soon"), ("AGENTSYNC_TIMEOUT", "-1"), ("AGENTSYNC_BRANCH", "a b")]
    {
        let report = alice.agentsync_with(&[(name, value)], &["survey", "--json"]).expect_code(2).json();
        let error = report["error"].as_str().unwrap();
        assert!(error.starts_with(&format!("{name} is `{value}`: ")), "{error}");
        assert_eq!(report["fix"], format!("correct {name}"));
    }
}

#[test]
fn r_38_a_remote_of_another_hash() {
    let lab = Lab::with(LabOptions {
        object_format: agentsync_lab::lab::ObjectFormat::Sha256,
        ..LabOptions::new(PROGRAM)
    });
    let other = Lab::new(PROGRAM);
    let alice = other.clone("alice");
    alice.git(&["remote", "set-url", "origin", lab.hub_path().to_str().unwrap()]);
    lab.put_board_text("{\"claims\": {}}\n");
    let report = alice.agentsync(&["survey", "--json"]).expect_code(2).json();
    assert_eq!(report["code"], "other_hash", "{report}");
}

#[test]
fn an_unknown_resource_is_refused() {
    let (_lab, alice) = lab();
    let mut client = McpClient::start(&alice, Era::Session);
    for uri in ["agentsync://nothing", "file:///etc/passwd"] {
        let err = client.request("resources/read", json!({ "uri": uri })).unwrap_err();
        assert!(err["message"].as_str().unwrap().contains(uri), "{err}");
    }
}
