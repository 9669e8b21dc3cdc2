//! Installing hooks: what is written, that it comes out again, and that each refuses a trial.

use agentsync_lab::checkout::Checkout;
use serde_json::Value;

use super::lab;

const ALL: [(&str, &str, &str); 6] = [
    ("claude-code", ".claude/settings.json", ".mcp.json"),
    ("codex", ".codex/hooks.json", ".codex/config.toml"),
    ("cursor", ".cursor/hooks.json", ".cursor/mcp.json"),
    ("gemini", ".gemini/settings.json", ".gemini/settings.json"),
    ("opencode", ".opencode/plugins/agentsync.ts", "opencode.json"),
    ("vscode", ".github/hooks/agentsync.json", ".vscode/mcp.json"),
];

fn changes(at: &Checkout) -> Vec<String> {
    at.git(&["status", "--short", "--untracked-files=all"]).lines()
}

/// Runs doctor with the program under test on PATH, as clients find it.
fn hooks_of(at: &Checkout) -> Vec<(String, String)> {
    let folder = std::path::Path::new(crate::PROGRAM).parent().unwrap().display().to_string();
    let path = format!("{folder}:{}", std::env::var("PATH").unwrap_or_default());
    let report = at.agentsync_with(&[("PATH", path)], &["doctor", "--json"]).json();
    let checks = report["checks"].as_array().unwrap().clone();
    let hooks = checks.into_iter().filter(|check| check["check"] == "hooks");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    hooks.map(|check| (text(&check["verdict"]), text(&check["said"]))).collect()
}

#[test]
fn hooks_come_and_go_to_the_byte_and_twice_is_once() {
    for (client, hooks, server) in ALL {
        let (_lab, alice, _bob) = lab(&[]);
        alice.agentsync(&["install", client, "--yes"]).expect_code(0);
        let mut want = vec![format!("?? {hooks}"), format!("?? {server}")];
        want.sort();
        want.dedup();
        assert_eq!(changes(&alice), want, "{client}");
        assert!(alice.read(hooks).contains("agentsync"), "{client}");
        let again = alice.agentsync(&["install", client, "--json"]).expect_code(0).json();
        assert_eq!(again["status"], "nothing_to_do", "{client}: {again:#}");
        alice.agentsync(&["uninstall", client, "--yes"]).expect_code(0);
        assert!(changes(&alice).is_empty(), "{client}: {:?}", changes(&alice));
    }
}

#[test]
fn what_others_wrote_stays_to_the_byte() {
    let mine = "{\n    // mine\n    \"model\": \"x\",\n    \"hooks\": {\n        \"PreToolUse\": [\n            { \"matcher\": \"Bash\", \"hooks\": [] } // keep\n        ]\n    }\n}\n";
    for (client, file) in [
        ("claude-code", ".claude/settings.json"),
        ("gemini", ".gemini/settings.json"),
        ("codex", ".codex/hooks.json"),
        ("cursor", ".cursor/hooks.json"),
    ] {
        let (_lab, alice, _bob) = lab(&[]);
        alice.write(file, mine);
        alice.commit("mine");
        let answer = alice.agentsync(&["install", client, "--yes"]).expect_code(0);
        assert!(answer.stdout.contains(&format!("agentsync hook {client}")), "the command is shown");
        let text = alice.read(file);
        assert!(text.contains("// mine") && text.contains("// keep"), "{text}");
        assert!(text.lines().count() > mine.lines().count() + 10, "{text}");
        alice.agentsync(&["uninstall", client, "--yes"]).expect_code(0);
        assert!(changes(&alice).is_empty(), "{client}: {:?}", alice.git(&["diff"]).stdout);
    }
}

#[test]
fn a_file_that_changed_since_loses_our_hooks_alone() {
    let (_lab, alice, _bob) = lab(&[]);
    alice.agentsync(&["install", "claude-code", "--yes"]).expect_code(0);
    let text = alice.read(".claude/settings.json");
    alice.write(".claude/settings.json", text.replacen('{', "{\n  \"model\": \"mine\",", 1));
    alice.agentsync(&["uninstall", "claude-code", "--yes"]).expect_code(0);
    let left: Value = serde_json::from_str(&alice.read(".claude/settings.json")).unwrap();
    assert_eq!(left, serde_json::json!({ "model": "mine" }));
}

#[test]
fn nothing_is_written_before_somebody_agrees() {
    let (_lab, alice, _bob) = lab(&[]);
    let report = alice.agentsync(&["install", "claude-code", "--json"]).expect_code(1).json();
    assert_eq!(report["status"], "planned");
    assert_eq!(report["next"], "agentsync install claude-code --yes");
    assert!(changes(&alice).is_empty());
}

#[test]
fn doctor_fires_every_hook_and_shows_that_it_refused() {
    let (_lab, alice, _bob) = lab(&[]);
    let names: Vec<&str> = ALL.iter().map(|(client, ..)| *client).collect();
    alice.agentsync(&[&["install", "--yes"], &names[..]].concat()).expect_code(0);
    let hooks = hooks_of(&alice);
    assert_eq!(hooks.len(), ALL.len(), "{hooks:#?}");
    for (verdict, said) in &hooks {
        let is_codex = said.starts_with("codex");
        assert_eq!(verdict, if is_codex { "bad" } else { "ok" }, "{said}");
        assert!(
            said.contains(if is_codex { "does not trust this project" } else { "refused a trial" }),
            "{said}"
        );
    }
}

#[test]
fn doctor_says_when_a_hook_does_not_answer_or_is_switched_off() {
    let (_lab, alice, _bob) = lab(&[]);
    assert_eq!(hooks_of(&alice)[0].1, "no client asks before it edits");
    alice.agentsync(&["install", "claude-code", "--yes"]).expect_code(0);
    let text = alice.read(".claude/settings.json");
    alice.write(
        ".claude/settings.json",
        text.replace("agentsync hook claude-code", "no-such-program agentsync hook claude-code"),
    );
    let (verdict, said) = hooks_of(&alice).remove(0);
    assert_eq!(verdict, "bad");
    assert!(said.contains("did not refuse a trial"), "{said}");
    alice.write(".claude/settings.json", text);
    alice.write(".claude/settings.local.json", "{ \"disableAllHooks\": true }\n");
    let (verdict, said) = hooks_of(&alice).remove(0);
    assert_eq!(verdict, "bad");
    assert!(said.contains("switches all hooks off"), "{said}");
}
