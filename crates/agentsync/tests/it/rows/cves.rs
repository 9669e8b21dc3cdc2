//! What went wrong in other programs of this kind, each tried here.

use std::collections::BTreeSet;

use agentsync_lab::checkout::Checkout;
use agentsync_lab::lab::Lab;
use agentsync_lab::mcp::{Era, McpClient};
use serde_json::{Value, json};

use super::{run, two, write_script};

/// Every parameter of every tool that takes a text.
const TEXTS: [(&str, &str); 22] = [
    ("survey", "touching"),
    ("survey", "detail"),
    ("claim", "task"),
    ("claim", "touches"),
    ("claim", "requires"),
    ("claim", "branch"),
    ("claim", "lane"),
    ("claim", "reason"),
    ("release", "note"),
    ("release", "lane"),
    ("update_status", "status"),
    ("update_status", "note"),
    ("update_status", "lane"),
    ("check_conflicts", "against_branch"),
    ("check_conflicts", "lane"),
    ("finish", "note"),
    ("finish", "title"),
    ("finish", "lane"),
    ("history", "agent"),
    ("history", "path"),
    ("mailbox", "message"),
    ("mailbox", "to"),
];

/// Calls a tool with `value` as one of its parameters, and with what else it needs.
fn call(client: &mut McpClient, tool: &str, parameter: &str, value: &str) -> Value {
    let mut arguments = match tool {
        "claim" => json!({ "task": "t", "touches": ["src/a.rs"], "force": true, "reason": "r" }),
        "update_status" => json!({ "status": "planning" }),
        _ => json!({}),
    };
    arguments[parameter] = match parameter {
        "touches" | "requires" | "touching" => json!([value]),
        _ => json!(value),
    };
    client.call(tool, arguments)
}

/// Calls every tool with each value in every field, and looks whether any of them ran or wrote something.
fn check_fields(values: &[String], alice: &Checkout, lab: &Lab) {
    let mut client = McpClient::start(alice, Era::Session);
    let before = alice.git(&["status", "--porcelain", "--ignored"]).stdout;
    for value in values {
        for (tool, parameter) in TEXTS {
            let result = call(&mut client, tool, parameter, value);
            let text = result.to_string();
            assert!(!text.contains("\\\"code\\\":\\\"bug\\\""), "{tool}.{parameter} with {value}: {text}");
            for place in [alice.path(), lab.path(), lab.hub_path()] {
                assert!(!place.join("canary").exists(), "{tool}.{parameter} with {value}");
            }
        }
    }
    assert_eq!(alice.git(&["status", "--porcelain", "--ignored"]).stdout, before);
}

#[test]
fn cve_2025_68143_and_68145_no_tool_makes_or_chooses_a_repository() {
    let (_lab, alice, _bob) = two();
    let mut client = McpClient::start(&alice, Era::Session);
    let tools = client.request("tools/list", json!({})).unwrap();
    let tools = tools["tools"].as_array().unwrap();
    let mut texts = BTreeSet::new();
    for tool in tools {
        let name = tool["name"].as_str().unwrap();
        for parameter in tool["inputSchema"]["properties"].as_object().into_iter().flatten() {
            let parameter = parameter.0.as_str();
            for word in ["dir", "folder", "cwd", "remote", "url", "repository", "repo_path", "worktree"] {
                assert_ne!(parameter, word, "{name} lets its caller choose where it works");
            }
            // What `provision` is given is the name of a repository at GitHub; see forge.rs.
            assert!(parameter != "repo" || name == "provision", "{name}");
            texts.insert((name.to_owned(), parameter.to_owned()));
        }
    }
    for (tool, parameter) in TEXTS {
        assert!(
            texts.contains(&(tool.to_owned(), parameter.to_owned())),
            "{tool} has no `{parameter}` any more"
        );
    }
}

#[test]
fn cve_2025_68144_and_2026_114496_what_begins_with_a_dash_is_no_option() {
    let (lab, alice, bob) = two();
    run(&bob, &["claim", "b", "src/b.rs"], 0);
    let canary = lab.path().join("canary");
    let values = [
        format!("--output={}", canary.display()),
        format!("--upload-pack=touch {}", canary.display()),
        format!("--receive-pack=touch {}", canary.display()),
        format!("-o{}", canary.display()),
        "--help".to_owned(),
        "-".to_owned(),
        "--".to_owned(),
    ];
    check_fields(&values, &alice, &lab);
}

#[test]
fn cve_2025_53107_no_shell_reads_what_an_agent_says() {
    let (lab, alice, bob) = two();
    run(&bob, &["claim", "b", "src/b.rs"], 0);
    let canary = lab.path().join("canary").display().to_string();
    let values = [
        format!("$(touch {canary})"),
        format!("`touch {canary}`"),
        format!("'; touch {canary}; '"),
        format!("x\ntouch {canary}"),
    ];
    check_fields(&values, &alice, &lab);
}

#[test]
fn cve_2026_67325_and_2017_1000117_an_address_is_no_option_and_runs_nothing() {
    let (lab, alice, _bob) = two();
    let canary = lab.path().join("canary");
    let touch = format!("touch {}", canary.display());
    let ssh = format!("ssh://-oProxyCommand=touch%20{}/x", canary.display());
    let urls = [
        format!("--upload-pack={touch}"),
        format!("--upload-pac={touch}"),
        format!("-u{touch}"),
        format!("ext::sh -c {touch}"),
        format!("ext::{touch}"),
        ssh,
        "-oProxyCommand=x:y".to_owned(),
        "fd::17".to_owned(),
    ];
    alice.git(&["config", "protocol.ext.allow", "always"]);
    for url in urls {
        alice.git(&["config", "remote.origin.url", &url]);
        for args in [&["survey"][..], &["claim", "a", "src/a.rs"], &["check-conflicts", "x"], &["doctor"]] {
            let answer = alice.agentsync(args);
            assert!(
                matches!(answer.code, 1..=3),
                "{url}: {args:?} ended with {}: {}",
                answer.code,
                answer.stdout
            );
            assert!(!canary.exists(), "{url}: {args:?} ran it");
        }
    }
}

#[test]
fn cve_2026_27735_and_2025_53110_paths_are_compared_name_by_name() {
    let (lab, alice, bob) = two();
    run(&alice, &["claim", "a", "src"], 0);
    run(&bob, &["claim", "b", "src-evil/a.rs", "srcs", "src.rs"], 0);
    let before = lab.hub_tip("agentsync");
    let outside = format!("{}-evil/x", alice.path().display());
    for path in [
        "../x",
        "src/../../x",
        "a/../../x",
        "/etc/passwd",
        &outside,
        "C:\\x",
        "\\\\host\\x",
        ".git/config",
        "GIT~1/x",
    ] {
        let report = run(&alice, &["claim", "a", path], 2);
        assert_eq!(report["code"], "bad_path", "{path}: {report}");
    }
    assert_eq!(lab.hub_tip("agentsync"), before);
}

#[test]
fn cve_2022_24765_and_ghsa_w766_a_repository_hidden_in_the_tree_runs_nothing() {
    let (lab, alice, _bob) = two();
    let canary = lab.path().join("canary");
    let script = lab.path().join("script");
    write_script(&script, &format!("#!/bin/sh\ntouch '{}'\n", canary.display()));
    let script = script.to_str().unwrap();
    // A bare repository among the files, and a `.git` file that leads to another one.
    alice.git(&["init", "--quiet", "--bare", "docs/bare"]);
    alice.git(&["init", "--quiet", "elsewhere"]);
    alice.write("docs/nested/.git", "gitdir: ../../elsewhere/.git\n");
    for dir in ["docs/bare", "elsewhere/.git"] {
        for (key, value) in [
            ("core.fsmonitor", script),
            ("core.pager", script),
            ("core.sshCommand", script),
            ("core.worktree", "/"),
        ] {
            alice.git(&["--git-dir", dir, "config", key, value]);
        }
    }
    for dir in ["docs/bare", "docs/nested", "docs/bare/objects"] {
        for args in
            [&["survey"][..], &["claim", "a", "src/a.rs"], &["check-conflicts"], &["doctor"], &["release"]]
        {
            let answer = alice.agentsync(&[args, &["--repo", dir]].concat());
            assert!(!canary.exists(), "{args:?} in {dir} ran it");
            if dir == "docs/nested" {
                // The doctor says it in its report, and has found something.
                assert_eq!(
                    answer.code,
                    if args == ["doctor"] { 1 } else { 2 },
                    "{args:?}: {}",
                    answer.stdout
                );
                let said = format!("{} {}", answer.stdout, answer.stderr);
                let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
                assert!(said.contains("which does not know this folder"), "{said}");
            }
        }
    }
}

#[test]
fn cve_2024_32002_and_2025_48384_nothing_is_checked_out_and_no_submodule_is_entered() {
    let (lab, alice, bob) = two();
    let canary = lab.path().join("canary");
    let module = format!(
        "[submodule \"x\"]\n\tpath = x\r\n\turl = ext::touch {}\n\tupdate = !touch {}\n",
        canary.display(),
        canary.display()
    );
    bob.git(&["switch", "--quiet", "-c", "bob/work"]);
    bob.write(".gitmodules", &module);
    let tip = bob.git(&["rev-parse", "HEAD"]).text().to_owned();
    bob.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{tip},x")]);
    bob.commit("a module");
    bob.push("bob/work");
    run(&bob, &["claim", "b", "x", "--branch", "bob/work"], 0);
    alice.git(&["config", "submodule.recurse", "true"]);
    alice.git(&["config", "fetch.recurseSubmodules", "true"]);
    run(&alice, &["claim", "a", "src/a.rs", "--branch", "main"], 0);
    for args in
        [&["check-conflicts"][..], &["check-conflicts", "bob/work"], &["look-up-branches"], &["survey"]]
    {
        alice.agentsync(args);
        assert!(!canary.exists(), "{args:?} ran it");
    }
    assert!(!alice.path().join("x").exists() && !alice.path().join(".gitmodules").exists());
}

#[test]
fn cve_2024_52006_control_characters_in_an_address_reach_nobody() {
    let (_lab, alice, _bob) = two();
    for url in [
        "http://127.0.0.1:9/a%0d%0ahost=evil/x.git",
        "http://127.0.0.1:9/\u{1b}[2Jx.git",
        "http://127.0.0.1:9/a\rb.git",
    ] {
        alice.git(&["config", "remote.origin.url", url]);
        let answer = alice.agentsync(&["survey", "--timeout", "5"]);
        assert!(matches!(answer.code, 2 | 3), "{url:?}: {}", answer.stdout);
        let all = format!("{}{}", answer.stdout, answer.stderr);
        assert!(!all.contains(|c: char| c.is_control() && c != '\n'), "{all:?}");
    }
}
