//! Init, doctor, completions and the demo.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use agentsync_lab::checkout::Checkout;
use agentsync_lab::http::{HostOptions, HttpHost};
use agentsync_lab::lab::{HubKind, Lab, LabOptions};
use serde_json::{Value, json};

use crate::PROGRAM;

fn lab() -> (Lab, Checkout) {
    let lab = Lab::new(PROGRAM);
    let alice = lab.clone("alice");
    (lab, alice)
}

/// Returns every file of the work tree with its bytes.
fn tree(checkout: &Checkout) -> BTreeMap<String, Vec<u8>> {
    fn walk(root: &Path, dir: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.ends_with(".git") {
                continue;
            }
            if path.is_dir() {
                walk(root, &path, files);
                continue;
            }
            let name = path.strip_prefix(root).unwrap().display().to_string();
            files.insert(name, fs::read(&path).unwrap());
        }
    }
    let mut files = BTreeMap::new();
    walk(checkout.path(), checkout.path(), &mut files);
    files
}

#[track_caller]
fn init(checkout: &Checkout, args: &[&str], code: i32) -> Value {
    let args = [&["init", "--json"], args].concat();
    checkout.agentsync(&args).expect_code(code).json()
}

#[test]
fn every_client_gets_its_file_and_undo_leaves_no_trace() {
    for (client, file) in [
        ("claude-code", ".mcp.json"),
        ("codex", ".codex/config.toml"),
        ("cursor", ".cursor/mcp.json"),
        ("vscode", ".vscode/mcp.json"),
    ] {
        let (lab, alice) = lab();
        let before = tree(&alice);
        let report = init(&alice, &["--client", client, "--yes"], 0);
        assert_eq!(report["status"], "written");
        assert_eq!(report["files"][0]["path"], file);
        assert!(alice.read(file).contains("agentsync"), "{client}");
        assert!(alice.read("AGENTS.md").contains("<!-- agentsync:begin -->"));
        assert!(!alice.read(file).contains("alice"), "the file is the team's: {client}");
        assert!(lab.board_text().is_some(), "the board is there");

        let report = init(&alice, &["--client", client, "--yes"], 0);
        assert_eq!((&report["status"], &report["files"]), (&json!("unchanged"), &json!([])));

        assert_eq!(init(&alice, &["--undo", "--yes"], 0)["status"], "undone");
        assert_eq!(tree(&alice), before, "{client}");
        assert!(lab.board_text().is_some(), "the board stays");
    }
}

#[test]
fn what_others_wrote_stays_to_the_byte() {
    let (_lab, alice) = lab();
    let json = "{\r\n  // ours\r\n  \"mcpServers\": {\r\n    \"db\": { \"command\": \"db\" }\r\n  }\r\n}\r\n";
    let toml = "# ours\nmodel = \"x\"   # why\n\n[mcp_servers.db]\ncommand = \"db\"\n";
    let rules = "# Rules\r\n\r\nBe kind.\r\n";
    for (path, text) in
        [(".mcp.json", json), (".codex/config.toml", toml), ("AGENTS.md", rules), ("CLAUDE.md", "x")]
    {
        alice.write(path, text);
    }
    let before = tree(&alice);
    init(&alice, &["--client", "claude-code", "--client", "codex", "--yes"], 0);
    assert!(alice.read(".codex/config.toml").starts_with(toml));
    assert!(alice.read("AGENTS.md").starts_with(rules));
    let written = alice.read(".mcp.json");
    assert!(
        written.contains("// ours\r\n") && written.contains("\"db\": { \"command\": \"db\" }"),
        "{written}"
    );
    assert_eq!(written.matches('\n').count(), written.matches("\r\n").count(), "{written:?}");
    init(&alice, &["--undo", "--yes"], 0);
    assert_eq!(tree(&alice), before);
}

#[test]
fn what_was_set_up_elsewhere_is_undone_by_its_marks() {
    let (_lab, alice) = lab();
    alice.write("AGENTS.md", "# Rules\n");
    init(&alice, &["--client", "codex", "--yes"], 0);
    fs::remove_file(alice.path().join(".git/agentsync/init.json")).unwrap();
    alice.write("AGENTS.md", alice.read("AGENTS.md") + "\nMore.\n");
    init(&alice, &["--undo", "--yes"], 0);
    assert_eq!(alice.read("AGENTS.md"), "# Rules\n\n\nMore.\n");
    assert!(!alice.path().join(".codex").exists());
}

#[test]
fn a_file_that_cannot_be_read_leaves_all_others_alone() {
    let (lab, alice) = lab();
    alice.write(".cursor/mcp.json", "{ \"mcpServers\": ");
    let before = tree(&alice);
    let report = init(&alice, &["--client", "claude-code", "--client", "cursor", "--yes"], 2);
    let error = report["error"].as_str().unwrap();
    assert!(error.starts_with("`.cursor/mcp.json` cannot be edited:") && error.contains("line 1"), "{error}");
    assert_eq!(report["fix"], "put the file right first; nothing was written");
    assert_eq!(tree(&alice), before);
    assert_eq!(lab.board_text(), None);
}

#[test]
fn without_a_yes_nothing_is_written() {
    let (lab, alice) = lab();
    let before = tree(&alice);
    let answer = alice.agentsync_fed("y\n", &["init"]).expect_code(1);
    assert!(answer.stdout.contains("+++ b/.mcp.json"), "{}", answer.stdout);
    assert!(answer.stdout.contains("`agentsync init --yes` writes it"), "{}", answer.stdout);
    assert_eq!(tree(&alice), before);
    assert_eq!(lab.board_text(), None);
}

#[test]
fn the_clients_that_left_traces_are_set_up() {
    let (_lab, alice) = lab();
    alice.write(".vscode/settings.json", "{}");
    alice.write(".cursor/rules/a.md", "x");
    let report = init(&alice, &["--yes"], 0);
    let paths: Vec<_> =
        report["files"].as_array().unwrap().iter().map(|file| file["path"].as_str().unwrap()).collect();
    assert_eq!(paths, [".cursor/mcp.json", ".vscode/mcp.json", "AGENTS.md"]);
}

#[test]
fn an_id_given_to_init_is_kept_for_the_worktree() {
    let (_lab, alice) = lab();
    let nobody = [("AGENTSYNC_AGENT_ID", "")];
    alice
        .agentsync_with(&nobody, &["init", "--agent", "anna", "--board-branch", "plans", "--yes"])
        .expect_success();
    let report = alice.agentsync_with(&nobody, &["survey", "--json"]).expect_success().json();
    assert_eq!((&report["me"], &report["branch"]), (&json!("anna"), &json!("plans")));
    alice.agentsync_with(&nobody, &["init", "--undo", "--yes"]).expect_success();
    let report = alice.agentsync_with(&nobody, &["survey", "--json"]).expect_success().json();
    assert_eq!(report["branch"], "agentsync");
}

#[test]
fn a_link_out_of_the_repository_is_not_followed() {
    let (lab, alice) = lab();
    let outside = lab.path().join("outside.md");
    fs::write(&outside, "mine\n").unwrap();
    std::os::unix::fs::symlink(&outside, alice.path().join("AGENTS.md")).unwrap();
    let report = init(&alice, &["--yes"], 2);
    assert!(report["error"].as_str().unwrap().contains("it is a link out of the repository"), "{report}");
    assert_eq!(fs::read_to_string(&outside).unwrap(), "mine\n");
    assert!(!alice.path().join(".mcp.json").exists());
}

#[test]
fn an_unreachable_remote_does_not_keep_the_files_from_being_written() {
    let (_lab, alice) = lab();
    alice.git(&["remote", "set-url", "origin", "/nowhere/at/all"]);
    let report = init(&alice, &["--yes"], 3);
    assert_eq!((&report["status"], &report["board"]), (&json!("written"), &json!(false)));
    assert!(report["warning"].as_str().unwrap().contains("cannot reach the remote"), "{report}");
    assert!(alice.path().join(".mcp.json").exists());
}

#[track_caller]
fn doctor(checkout: &Checkout, env: &[(&str, &str)], code: i32) -> BTreeMap<String, (String, String)> {
    let report = checkout.agentsync_with(env, &["doctor", "--json"]).expect_code(code).json();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let checks = report["checks"].as_array().unwrap().iter();
    checks.map(|check| (text(&check["name"]), (text(&check["verdict"]), text(&check["detail"])))).collect()
}

#[test]
fn a_healthy_clone_is_found_healthy() {
    let (_lab, alice) = lab();
    alice.agentsync(&["claim", "x", "a"]).expect_success();
    let checks = doctor(&alice, &[], 0);
    for name in ["git", "repository", "agent", "remote", "board", "push", "clock", "cache"] {
        assert_eq!(checks[name].0, "good", "{name}: {checks:?}");
    }
    let text = alice.agentsync(&["doctor"]).expect_success();
    assert!(text.stdout.contains("✓ board: `agentsync` can be read: 1 active claims"), "{}", text.stdout);
}

#[test]
fn the_doctor_says_what_is_missing() {
    let (lab, alice) = lab();
    let nowhere = lab.path().join("nowhere");
    fs::create_dir(&nowhere).unwrap();
    let repo = [("AGENTSYNC_REPO", nowhere.to_str().unwrap())];
    let checks = doctor(&alice, &repo, 1);
    assert_eq!(checks["repository"].0, "bad", "{checks:?}");

    let checks = doctor(&alice, &[("PATH", nowhere.to_str().unwrap())], 1);
    assert_eq!(checks["git"], ("bad".to_owned(), "`git` is not installed or not on PATH".to_owned()));
    assert_eq!(checks["gh"].0, "note");

    alice.git(&["remote", "set-url", "origin", "/nowhere/at/all"]);
    let checks = doctor(&alice, &[], 1);
    assert_eq!((checks["remote"].0.as_str(), checks["push"].0.as_str()), ("bad", "note"), "{checks:?}");
}

#[test]
fn the_doctor_knows_a_lone_repository() {
    let lab = Lab::with(LabOptions { hub: HubKind::Absent, ..LabOptions::new(PROGRAM) });
    let checks = doctor(&lab.lone("alice"), &[], 0);
    assert_eq!(
        checks["remote"],
        ("note".to_owned(), "no remote `origin`: the board is seen by this clone alone".to_owned())
    );
}

#[test]
fn the_doctor_sees_a_board_that_cannot_be_read() {
    let (lab, alice) = lab();
    alice.agentsync(&["claim", "x", "a"]).expect_success();
    lab.put_board_text("{");
    let checks = doctor(&alice, &[], 1);
    assert_eq!(checks["board"].0, "bad", "{checks:?}");
    assert!(checks["board"].1.starts_with("claims.json cannot be read"), "{checks:?}");
}

#[test]
fn the_doctor_sees_that_a_push_is_not_permitted() {
    let (lab, alice) = lab();
    lab.hub_git(&["config", "http.receivepack", "false"]);
    let host = HttpHost::start(HostOptions::new(lab.path()));
    let url = host.url(lab.hub_path().file_name().unwrap().to_str().unwrap());
    alice.git(&["remote", "set-url", "origin", &url]);
    let checks = doctor(&alice, &[], 1);
    assert_eq!((checks["remote"].0.as_str(), checks["push"].0.as_str()), ("good", "bad"), "{checks:?}");
}

#[test]
fn the_doctor_sees_an_id_that_two_clones_use() {
    let (lab, alice) = lab();
    alice.agentsync(&["claim", "x", "a"]).expect_success();
    let other = lab.clone("bob").as_agent("alice");
    let checks = doctor(&other, &[("AGENTSYNC_AGENT_ID", "alice")], 1);
    assert_eq!(checks["agent"].0, "bad", "{checks:?}");
}

#[test]
fn completions_and_man_pages_know_the_verbs() {
    let (_lab, alice) = lab();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = alice.agentsync(&["completions", shell]).expect_success().stdout;
        assert!(script.contains("check-conflicts") && !script.is_empty(), "{shell}");
    }
    assert!(alice.agentsync(&["man"]).expect_success().stdout.contains(".TH agentsync"));
    alice.agentsync(&["man", "--out", "man"]).expect_success();
    assert!(alice.read("man/agentsync-claim.1").contains("Stake a unit of work"));
}

#[test]
fn the_demo_plays_and_cleans_up() {
    let (lab, alice) = lab();
    let answer = alice.agentsync(&["demo"]).expect_success();
    assert!(answer.stdout.contains("✓  every step answered as it must"), "{}", answer.stdout);
    assert!(answer.stdout.lines().all(|line| line.chars().count() <= 80), "{}", answer.stdout);
    let leftovers = fs::read_dir(lab.path().join("tmp")).unwrap().count();
    assert_eq!(leftovers, 0);
}

#[test]
fn the_demo_gives_its_transcript_and_keeps_its_folders_when_told() {
    let (lab, alice) = lab();
    let transcript = alice.agentsync(&["demo", "--json", "--keep"]).expect_success().json();
    assert_eq!(transcript["ok"], json!(true));
    let steps = transcript["steps"].as_array().unwrap();
    let blocked = steps.iter().find(|step| step["answer"]["status"] == "blocked").unwrap();
    assert_eq!((&blocked["agent"], &blocked["tool"]), (&json!("bob"), &json!("claim")));
    let kept = fs::read_dir(lab.path().join("tmp")).unwrap().next().unwrap().unwrap().path();
    assert!(kept.join("remote.git").is_dir() && kept.join("alice").is_dir() && kept.join("bob").is_dir());
}
