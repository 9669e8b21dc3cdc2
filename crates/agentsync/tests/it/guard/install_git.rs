//! Installing git's hooks beside what is there, taking them away to the byte, and what doctor says of them.

use std::fs;
use std::path::{Path, PathBuf};

use agentsync_lab::answer::Answer;
use agentsync_lab::checkout::Checkout;
use serde_json::Value;

use super::lab;

fn installed() -> [(&'static str, String); 1] {
    let folder = Path::new(crate::PROGRAM).parent().unwrap().display().to_string();
    [("PATH", format!("{folder}:{}", std::env::var("PATH").unwrap_or_default()))]
}

fn git(at: &Checkout, args: &[&str]) -> Answer {
    at.run_with("git", &installed(), args)
}

fn put(path: &Path, text: &str, is_program: bool) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
    let mode = if is_program { 0o755 } else { 0o644 };
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// All files of a folder, with what is in them.
fn contents(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let entries = fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path());
    let mut all: Vec<_> =
        entries.filter(|path| path.is_file()).map(|path| (path.clone(), fs::read(&path).unwrap())).collect();
    all.sort();
    all
}

fn doctor(at: &Checkout) -> Vec<(String, String)> {
    let report = at.agentsync_with(&installed(), &["doctor", "--json"]).json();
    let checks = report["checks"].as_array().unwrap().clone();
    let hooks = checks.into_iter().filter(|check| check["check"] == "git hooks");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    hooks.map(|check| (text(&check["verdict"]), text(&check["said"]))).collect()
}

fn install(at: &Checkout) -> String {
    at.agentsync(&["install", "git", "--json", "--yes"]).expect_code(0).stdout
}

#[test]
fn hooks_come_and_go_to_the_byte_beside_what_is_there() {
    let (_lab, alice, _bob) = lab(&["src/auth.rs"]);
    let hooks = alice.path().join(".git/hooks");
    put(&hooks.join("pre-commit"), "#!/usr/bin/env bash\necho mine\nexec true\n", true);
    put(&hooks.join("pre-push"), "#!/bin/sh\nwhile read -r a b c d; do echo \"saw $c\" >&2; done\n", true);
    let before = contents(&hooks);
    let shown = alice.agentsync(&["install", "git", "--yes"]).expect_code(0).stdout;
    assert!(shown.contains("+  agentsync hook pre-commit \"$@\" || exit 1"), "{shown}");
    let again = alice.agentsync(&["install", "git", "--json"]).expect_code(0).json();
    assert_eq!(again["status"], "nothing_to_do", "{again:#}");
    alice.git(&["config", "agentsync.agent", "alice"]);
    alice.write("docs/a.md", "a\n");
    alice.git(&["add", "--all"]);
    let answer = git(&alice, &["commit", "-m", "free"]).expect_success();
    assert!(format!("{}{}", answer.stdout, answer.stderr).contains("mine"), "the other hook runs as before");
    let pushed = git(&alice, &["push", "origin", "main"]).expect_success();
    assert!(pushed.stderr.contains("saw refs/heads/main"), "and reads git's lines: {}", pushed.stderr);
    alice.write("src/auth.rs", "// mine\n");
    assert_eq!(git(&alice, &["commit", "-am", "held"]).code, 1);
    alice.agentsync(&["uninstall", "git", "--yes"]).expect_code(0);
    assert_eq!(contents(&hooks), before);
}

#[test]
fn a_hook_that_changed_since_loses_our_block_alone() {
    let (_lab, alice, _bob) = lab(&[]);
    install(&alice);
    let hook = alice.path().join(".git/hooks/pre-commit");
    let text = fs::read_to_string(&hook).unwrap();
    fs::write(&hook, format!("{text}echo theirs\n")).unwrap();
    alice.agentsync(&["uninstall", "git", "--yes"]).expect_code(0);
    assert_eq!(fs::read_to_string(&hook).unwrap(), "#!/bin/sh\necho theirs\n");
    assert!(!alice.path().join(".git/hooks/pre-push").exists());
}

#[test]
fn what_is_no_shell_script_or_does_not_run_is_left_and_said() {
    let (_lab, alice, _bob) = lab(&[]);
    let hooks = alice.path().join(".git/hooks");
    put(&hooks.join("pre-commit"), "#!/usr/bin/env python3\nprint('mine')\n", true);
    put(&hooks.join("pre-push"), "#!/bin/sh\n", false);
    let said = install(&alice);
    assert!(said.contains("pre-commit is no shell script"), "{said}");
    assert!(said.contains("pre-push is not executable"), "{said}");
    assert_eq!(fs::read_to_string(hooks.join("pre-push")).unwrap(), "#!/bin/sh\n");
    assert!(fs::read_to_string(hooks.join("pre-commit")).unwrap().ends_with("print('mine')\n"));
}

#[test]
fn huskys_scripts_get_the_block_and_lose_it() {
    let (_lab, alice, _bob) = lab(&["src/auth.rs"]);
    alice.write(".husky/pre-commit", "echo tests\n");
    alice.commit("husky");
    alice.git(&["config", "core.hooksPath", ".husky/_"]);
    let runner = "#!/bin/sh\nexec sh -e \"$(dirname \"$0\")/../$(basename \"$0\")\" \"$@\"\n";
    for hook in ["pre-commit", "pre-push"] {
        put(&alice.path().join(".husky/_").join(hook), runner, true);
    }
    alice.write(".git/info/exclude", ".husky/_\n");
    install(&alice);
    assert!(alice.read(".husky/pre-commit").ends_with("echo tests\n"));
    alice.git(&["config", "agentsync.agent", "alice"]);
    alice.write("src/auth.rs", "// mine\n");
    assert_eq!(git(&alice, &["commit", "-m", "held", "src/auth.rs"]).code, 1);
    assert!(doctor(&alice).iter().all(|(verdict, _)| verdict == "ok"), "{:?}", doctor(&alice));
    alice.git(&["checkout", "--quiet", "src/auth.rs"]);
    alice.agentsync(&["uninstall", "git", "--yes"]).expect_code(0);
    assert_eq!(alice.git(&["status", "--short"]).stdout, "");
}

#[test]
fn a_folder_of_the_project_gets_the_block_and_one_of_the_users_is_left() {
    let (lab, alice, _bob) = lab(&[]);
    alice.git(&["config", "core.hooksPath", "tools/hooks"]);
    install(&alice);
    assert!(alice.read("tools/hooks/pre-push").contains("agentsync hook pre-push"));
    assert!(doctor(&alice).iter().all(|(verdict, _)| verdict == "ok"), "{:?}", doctor(&alice));
    alice.agentsync(&["uninstall", "git", "--yes"]).expect_code(0);
    assert_eq!(alice.git(&["status", "--short"]).stdout, "");
    let own = lab.path().join("own-hooks");
    put(&own.join("pre-commit"), "#!/bin/sh\n", true);
    alice.git(&["config", "core.hooksPath", own.to_str().unwrap()]);
    let said = install(&alice);
    assert!(said.contains("not this clone's alone") && said.contains("agentsync hook <hook>"), "{said}");
    assert_eq!(fs::read_to_string(own.join("pre-commit")).unwrap(), "#!/bin/sh\n");
}

#[test]
fn what_lefthook_and_the_framework_manage_is_shown() {
    let (_lab, alice, bob) = lab(&[]);
    alice.write("lefthook.yml", "pre-commit:\n");
    let before = contents(&alice.path().join(".git/hooks"));
    let said = install(&alice);
    assert!(said.contains("add to lefthook.yml") && said.contains("use_stdin: true"), "{said}");
    assert_eq!(contents(&alice.path().join(".git/hooks")), before);
    alice.write(
        "lefthook.yml",
        "pre-commit:\n  commands:\n    agentsync:\n      run: agentsync hook pre-commit\n",
    );
    let (verdict, about) = doctor(&alice).remove(0);
    assert!(verdict == "bad" && about.contains("lefthook has not set up its hooks"), "{about}");

    let hook = bob.path().join(".git/hooks/pre-commit");
    let theirs = "#!/usr/bin/env bash\n# File generated by pre-commit: https://pre-commit.com\nexec true\n";
    put(&hook, theirs, true);
    let said = install(&bob);
    assert!(said.contains("entry: agentsync hook pre-commit"), "{said}");
    assert_eq!(fs::read_to_string(&hook).unwrap(), theirs);
    assert!(bob.path().join(".git/hooks/pre-push").exists(), "what it does not manage is installed");
}

#[test]
fn doctor_fires_the_hooks_and_says_when_git_passes_them_over() {
    let (_lab, alice, _bob) = lab(&[]);
    assert_eq!(doctor(&alice)[0].1, "git does not ask before it commits or pushes");
    install(&alice);
    let hooks = doctor(&alice);
    assert_eq!(hooks.len(), 2);
    for (verdict, said) in &hooks {
        assert!(
            verdict == "ok" && said.contains("refused a trial") && said.contains("--no-verify"),
            "{said}"
        );
    }
    let hook = alice.path().join(".git/hooks/pre-commit");
    let text = fs::read_to_string(&hook).unwrap();
    put(&hook, &text, false);
    assert!(doctor(&alice)[0].1.contains("is not executable"), "{:?}", doctor(&alice));
    put(&hook, &text.replacen("#!/bin/sh\n", "#!/bin/sh\nexit 0\n", 1), true);
    assert!(doctor(&alice)[0].1.contains("other commands come before"), "{:?}", doctor(&alice));
    put(
        &hook,
        &text.replace("agentsync hook pre-commit", "no-such-program; : agentsync hook pre-commit"),
        true,
    );
    assert!(doctor(&alice)[0].1.contains("did not refuse a trial"), "{:?}", doctor(&alice));
    put(&hook, &text, true);
    alice.git(&["config", "core.hooksPath", "elsewhere"]);
    for (verdict, said) in doctor(&alice) {
        assert!(verdict == "bad" && said.contains("core.hooksPath is `elsewhere`"), "{said}");
    }
}

#[test]
fn the_gates_workflow_is_written_at_github_and_shown_elsewhere() {
    let (_lab, alice, bob) = lab(&[]);
    alice.write(".github/CODEOWNERS", "* @alice\n");
    alice.commit("owners");
    alice.agentsync(&["install", "ci", "--yes"]).expect_code(0);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let text = |name: &str| fs::read_to_string(root.join("integrations").join(name)).unwrap();
    assert_eq!(alice.read(".github/workflows/agentsync.yml"), text("github/agentsync.yml"));
    alice.agentsync(&["uninstall", "ci", "--yes"]).expect_code(0);
    assert_eq!(alice.git(&["status", "--short"]).stdout, "");
    let notes = bob.agentsync(&["install", "ci", "--json"]).expect_code(0).json()["notes"].to_string();
    let shown: Vec<Value> = serde_json::from_str(&notes).unwrap();
    assert!(shown[0].as_str().unwrap().ends_with(&text("gitlab/agentsync.yml")), "{notes}");
    assert_eq!(bob.git(&["status", "--short"]).stdout, "");
}

#[test]
fn init_offers_the_hooks_and_installs_them_where_that_is_asked_for() {
    let (_lab, alice, bob) = lab(&[]);
    let said = alice.agentsync(&["init", "--yes"]).expect_code(0).stdout;
    assert!(said.contains("agentsync install claude-code git"), "{said}");
    assert!(!alice.path().join(".git/hooks/pre-commit").exists(), "nothing is done that nobody asked for");
    bob.agentsync(&["init", "--yes", "--hooks"]).expect_code(0);
    assert!(bob.path().join(".git/hooks/pre-commit").exists());
    assert!(bob.read(".claude/settings.json").contains("agentsync hook claude-code"));
    bob.agentsync(&["init", "--undo", "--yes"]).expect_code(0);
    assert!(!bob.path().join(".git/hooks/pre-commit").exists());
    assert_eq!(bob.git(&["status", "--short"]).stdout, "");
}
