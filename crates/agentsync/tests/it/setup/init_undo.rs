//! `init --undo` takes away what `init` added, and nothing else.

use super::init::changes;
use super::lab;
use insta::assert_snapshot;

const FILES: [(&str, &str); 6] = [
    (".mcp.json", "{\n    // ours\n    \"mcpServers\": {\n        \"db\": {} // keep\n    }\n}"),
    (".cursor/mcp.json", "{ \n \n}"),
    (".codex/config.toml", "model  =  'x'   # best\r\n\r\n[mcp_servers.db]\r\ncommand = 'db'"),
    (".vscode/mcp.json", ""),
    ("AGENTS.md", "# Manners"),
    ("CLAUDE.md", "Be brief.\n\n\n"),
];
const CLIENTS: [&str; 8] = ["-c", "claude-code", "-c", "codex", "-c", "cursor", "-c", "vscode"];

#[test]
fn files_that_were_there_come_back_to_the_byte() {
    let lab = lab();
    let alice = lab.clone("alice");
    for (path, text) in FILES {
        alice.write(path, text);
    }
    alice.agentsync(&[&["init", "--yes"], &CLIENTS[..]].concat()).expect_code(0);
    for (path, text) in FILES {
        assert_ne!(alice.read(path), text, "{path} was set up");
    }
    alice.agentsync(&["init", "--undo", "--yes"]).expect_code(0);
    for (path, text) in FILES {
        assert_eq!(alice.read(path), text, "{path}");
    }
    assert!(lab.board_text().is_some(), "the board stays");
    alice.agentsync(&["init", "--undo"]).expect_code(0);
}

#[test]
fn files_that_were_not_there_go() {
    let lab = lab();
    let alice = lab.clone("alice");
    alice.agentsync(&[&["init", "--yes"], &CLIENTS[..]].concat()).expect_code(0);
    let answer = alice.agentsync(&["init", "--undo", "--yes"]).expect_code(0);
    assert_eq!(changes(&alice), [""; 0]);
    assert!(!alice.path().join(".cursor").exists(), "nor do their folders stay");
    let deleted = answer.lines().into_iter().filter(|line| line.starts_with("deleted"));
    assert_snapshot!(deleted.collect::<Vec<_>>().join("\n"), @r"
    deleted  .mcp.json
    deleted  .codex/config.toml
    deleted  .cursor/mcp.json
    deleted  .vscode/mcp.json
    deleted  AGENTS.md
    ");
}

#[test]
fn what_people_changed_since_stays() {
    let lab = lab();
    let alice = lab.clone("alice");
    alice.agentsync(&["init", "--yes"]).expect_code(0);
    let text = alice.read(".mcp.json").replace("    \"agentsync\"", "    \"db\": {},\n    \"agentsync\"");
    alice.write(".mcp.json", text);
    alice.write("AGENTS.md", format!("# Manners\n\n{}\nMore.\n", alice.read("AGENTS.md")));
    alice.agentsync(&["init", "--undo", "--yes"]).expect_code(0);
    assert_snapshot!(alice.read(".mcp.json"), @r#"
    {
      "mcpServers": {
        "db": {}
      }
    }
    "#);
    assert_snapshot!(alice.read("AGENTS.md"), @r"
    # Manners

    More.
    ");
}

#[test]
fn another_clone_can_undo_it_too() {
    let lab = lab();
    let alice = lab.clone("alice");
    alice.write("AGENTS.md", "# Manners\n");
    alice.write(".codex/config.toml", "model = 'x'\n");
    alice.commit("manners");
    alice.agentsync(&["init", "--yes", "-c", "claude-code", "-c", "codex"]).expect_code(0);
    alice.commit("set up");
    alice.push("main");
    let bob = lab.clone("bob");
    bob.agentsync(&["init", "--undo", "--yes"]).expect_code(0);
    assert_eq!(changes(&bob), [" M .codex/config.toml", " D .mcp.json", " M AGENTS.md"]);
    assert_eq!(bob.git(&["diff", "--stat", "HEAD~1"]).text(), "");
}

#[test]
fn settings_go_back_to_what_they_were() {
    let lab = lab();
    let alice = lab.clone("alice");
    alice.git(&["config", "agentsync.remote", "upstream"]);
    alice.git(&["remote", "add", "upstream", &lab.hub_path().display().to_string()]);
    let args = ["--agent", "builder", "--board-branch", "claims", "--remote", "origin"];
    alice.agentsync(&[&["init", "--yes"], &args[..]].concat()).expect_code(0);
    assert_eq!(alice.git(&["config", "agentsync.branch"]).text(), "claims");
    assert_eq!(alice.git(&["config", "agentsync.remote"]).text(), "origin");
    alice.agentsync(&["init", "--undo", "--yes"]).expect_code(0);
    alice.git_any(&["config", "agentsync.branch"]).expect_code(1);
    assert_eq!(alice.git(&["config", "agentsync.remote"]).text(), "upstream");
    let survey = alice.agentsync_with(&[("AGENTSYNC_AGENT_ID", "")], &["survey", "--json"]).json();
    assert_ne!(survey["me"], "builder");
}

#[test]
fn a_setting_that_somebody_changed_since_stays() {
    let lab = lab();
    let alice = lab.clone("alice");
    alice.agentsync(&["init", "--yes", "--no-board", "--board-branch", "claims"]).expect_code(0);
    alice.agentsync(&["init", "--yes", "--no-board", "--agent", "builder"]).expect_code(0);
    alice.git(&["config", "agentsync.branch", "theirs"]);
    alice.agentsync(&["init", "--undo", "--yes"]).expect_code(0);
    assert_eq!(alice.git(&["config", "agentsync.branch"]).text(), "theirs");
    assert!(!alice.path().join(".git/agentsync/agent").exists(), "the id was ours to forget");
}

#[test]
fn undo_asks_first() {
    let lab = lab();
    let alice = lab.clone("alice");
    alice.agentsync(&["init", "--yes"]).expect_code(0);
    let answer = alice.agentsync(&["init", "--undo"]).expect_code(1);
    assert!(answer.stdout.contains("--- a/.mcp.json\n+++ /dev/null\n"), "{}", answer.stdout);
    assert!(answer.stdout.ends_with("nothing was written; `agentsync init --undo --yes` writes it\n"));
    assert_eq!(changes(&alice), ["?? .mcp.json", "?? AGENTS.md"]);
}
