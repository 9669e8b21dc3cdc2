//! Pushes of the board to a server with the gate.

use agentsync_lab::answer::Answer;
use agentsync_lab::checkout::Checkout;
use serde_json::{Value, json};

use super::{Shop, push, remote_lines, remote_words};

const OP: &str = "Agentsync-Op: 00000000000000000000000000000001";

/// Stands on the board in an agent's work tree, as no program of ours would.
fn stand_on_board(agent: &Checkout) -> Value {
    agent.git(&["fetch", "--quiet", "origin"]);
    agent.git(&["switch", "--quiet", "--force", "--detach", "origin/agentsync"]);
    serde_json::from_str(&agent.read("claims.json")).unwrap_or(Value::Null)
}

/// Pushes a board that was written by hand.
fn push_text(agent: &Checkout, text: &str, message: &str) -> Answer {
    agent.write("claims.json", text);
    agent.commit(message);
    push(agent, &["HEAD:agentsync"])
}

fn push_board(agent: &Checkout, board: &Value, message: &str) -> Answer {
    push_text(agent, &serde_json::to_string_pretty(board).unwrap(), message)
}

/// An entry as the predecessor writes it.
fn entry(touches: &[&str]) -> Value {
    json!({ "task": "x", "touches": touches, "requires": [], "branch": "elder", "status": "in-progress",
        "updated_at": "2026-11-24T00:00:00+00:00", "instance": "1", "note": null })
}

#[test]
fn what_agentsync_writes_passes() {
    let shop = Shop::guarded();
    let (alice, bob, carol) = (&shop.alice, &shop.bob, &shop.carol);
    let runs: [(&Checkout, &[&str], i32); 19] = [
        (alice, &["claim", "a", "src/lib.rs", "--lease", "600"], 0),
        (alice, &["claim", "more", "docs", "--lane", "two"], 0),
        (alice, &["update-status", "planning", "--note", "soon"], 0),
        (alice, &["mailbox", "hello", "--to", "bob"], 0),
        (bob, &["mailbox", "hello all"], 0),
        (carol, &["claim", "c", "src/lib.rs"], 1),
        (carol, &["claim", "c", "src/lib.rs", "--wait", "1"], 1),
        (carol, &["claim", "c", "src/models/user.rs#User"], 0),
        (carol, &["claim", "both", "src/auth.rs", "--lane", "x", "--force", "--reason", "agreed"], 0),
        (carol, &["break", "bob", "--reason", "he is gone"], 0),
        (bob, &["update-status", "done"], 1),
        (alice, &["release", "--lane", "two"], 0),
        (alice, &["release", "--note", "done with it"], 0),
        (carol, &["release"], 0),
        (carol, &["claim", "c", "src/lib.rs"], 0),
        (carol, &["update-status", "done"], 0),
        (bob, &["claim", "b", "src/lib.rs"], 0),
        (bob, &["update-status", "in-progress", "--note", "on it"], 0),
        (bob, &["release"], 0),
    ];
    for (agent, args, code) in runs {
        let answer = agent.agentsync(args);
        assert_eq!(answer.code, code, "{args:?}: {answer:?}");
        assert!(!answer.stderr.contains("refused"), "{args:?}: {answer:?}");
    }
    carol.agentsync(&["verify"]).expect_success();
    let op = alice.agentsync(&["claim", "a", "docs", "--json"]).expect_success().json()["op"].clone();
    if let Some(op) = op.as_str() {
        alice.agentsync(&["resolve", op]).expect_success();
    }
}

#[test]
fn many_at_once_pass_and_none_is_lost() {
    let shop = Shop::guarded();
    let agents: Vec<Checkout> = (0..4).map(|n| shop.lab.clone(&format!("agent-{n}"))).collect();
    std::thread::scope(|scope| {
        for (n, agent) in agents.iter().enumerate() {
            scope.spawn(move || {
                for round in 0..3 {
                    let path = format!("work/{n}/{round}");
                    agent.agentsync(&["claim", "w", &path]).expect_success();
                    agent.agentsync(&["release"]).expect_success();
                }
            });
        }
    });
    let report = shop.alice.agentsync(&["verify", "--json"]).expect_success().json();
    assert_eq!(report["commits"], 1 + 4 * 3 * 2, "{report}");
}

/// One push of the board that must be refused, and the words it is refused with.
type Case = (&'static str, fn(&Shop) -> Answer, &'static str);

const MUST_BLOCK: [Case; 14] = [
    ("deleting it", |shop| push(&shop.carol, &["--delete", "agentsync"]), "it would be deleted"),
    (
        "going back",
        |shop| {
            shop.alice.agentsync(&["claim", "a", "docs"]).expect_success();
            stand_on_board(&shop.carol);
            push(&shop.carol, &["--force", "HEAD~1:agentsync"])
        },
        "does not follow",
    ),
    (
        "putting another in its place",
        |shop| {
            stand_on_board(&shop.carol);
            shop.carol.git(&["switch", "--quiet", "--orphan", "fresh"]);
            shop.carol.write("claims.json", "{\"claims\": {}}");
            shop.carol.commit("fresh");
            push(&shop.carol, &["--force", "HEAD:agentsync"])
        },
        "does not follow",
    ),
    (
        "a merge",
        |shop| {
            let board = stand_on_board(&shop.carol);
            shop.carol.git(&[
                "merge",
                "--quiet",
                "--allow-unrelated-histories",
                "--no-ff",
                "-s",
                "ours",
                "origin/main",
            ]);
            push_board(&shop.carol, &board, "merged")
        },
        "has 2 parents",
    ),
    (
        "the board as the second parent of something else",
        |shop| {
            stand_on_board(&shop.carol);
            shop.carol.git(&["switch", "--quiet", "--force", "--detach", "origin/main"]);
            shop.carol.git(&[
                "merge",
                "--quiet",
                "--allow-unrelated-histories",
                "--no-ff",
                "-m",
                "m",
                "origin/agentsync",
            ]);
            push(&shop.carol, &["HEAD:agentsync"])
        },
        "does not follow",
    ),
    (
        "another file",
        |shop| {
            let board = stand_on_board(&shop.carol);
            shop.carol.write("run.sh", "rm -rf /\n");
            push_board(&shop.carol, &board, &format!("agentsync: carol -> done\n\n{OP}"))
        },
        "changes other files",
    ),
    (
        "what cannot be read",
        |shop| {
            stand_on_board(&shop.carol);
            push_text(&shop.carol, "{", "agentsync: carol claims 'x'")
        },
        "leaves what cannot be read",
    ),
    (
        "a key twice",
        |shop| {
            stand_on_board(&shop.carol);
            push_text(&shop.carol, r#"{"claims": {}, "claims": {}}"#, "agentsync: carol claims 'x'")
        },
        "stands there twice",
    ),
    (
        "no document",
        |shop| {
            stand_on_board(&shop.carol);
            shop.carol.git(&["rm", "--quiet", "claims.json"]);
            shop.carol.commit("gone");
            push(&shop.carol, &["HEAD:agentsync"])
        },
        "there is no claims.json",
    ),
    (
        "taking away another's entry",
        |shop| {
            let mut board = stand_on_board(&shop.carol);
            board["claims"].as_object_mut().unwrap().remove("bob");
            push_board(&shop.carol, &board, &format!("agentsync: carol claims 'x'\n\n{OP}"))
        },
        "removes the entry of `bob`",
    ),
    (
        "taking it away as another program",
        |shop| {
            let mut board = stand_on_board(&shop.carol);
            board["claims"].as_object_mut().unwrap().remove("bob");
            push_board(&shop.carol, &board, "agentsync: carol claims 'x'")
        },
        "removes the entry of `bob`",
    ),
    (
        "a claim of what another holds",
        |shop| {
            let mut board = stand_on_board(&shop.carol);
            board["claims"]["carol"] = entry(&["src"]);
            push_board(&shop.carol, &board, "agentsync: carol claims 'x'")
        },
        "makes the active claims of `carol` and `bob` meet",
    ),
    (
        "a claim with a number that was granted before",
        |shop| {
            let mut board = stand_on_board(&shop.carol);
            let mut claim = entry(&["docs"]);
            claim["op"] = "00000000000000000000000000000001".into();
            claim["generation"] = 1.into();
            board["claims"]["carol"] = claim;
            push_board(
                &shop.carol,
                &board,
                &format!("agentsync: carol claims 'x'\n\n{OP}\nAgentsync-Generation: 1"),
            )
        },
        "which is not larger than all before",
    ),
    (
        "a change a second time",
        |shop| {
            let board = stand_on_board(&shop.carol);
            let message = shop.carol.git(&["log", "-1", "--format=%B"]).text().to_owned();
            push_board(&shop.carol, &board, &message)
        },
        "repeats the change",
    ),
];

#[test]
fn what_must_be_blocked_is() {
    let shop = Shop::guarded();
    for (name, make, want) in MUST_BLOCK {
        let before = shop.lab.hub_tip("agentsync");
        let answer = make(&shop);
        assert_eq!(answer.code, 1, "{name}: {answer:?}");
        let words = remote_words(&answer);
        assert!(words.contains("the board `agentsync` is not moved"), "{name}: {answer:?}");
        assert!(words.contains(want) && words.contains("next: "), "{name}: {words}");
        let lines = remote_lines(&answer);
        assert!(lines.iter().all(|line| line.chars().count() <= 72), "{name}: {lines:#?}");
        if name != "going back" {
            assert_eq!(shop.lab.hub_tip("agentsync"), before, "{name}");
        }
        shop.carol.git(&["clean", "--quiet", "-fd"]);
        shop.carol.git(&["reset", "--quiet", "--hard", "origin/main"]);
        if name == "going back" {
            shop.alice.agentsync(&["release"]).expect_success();
        }
    }
    shop.alice.agentsync(&["verify"]).expect_success();
}

#[test]
fn another_program_may_write_its_own_entry_and_the_repository_may_say_otherwise() {
    let shop = Shop::guarded();
    let mut board = stand_on_board(&shop.carol);
    board["claims"]["elder"] = entry(&["x"]);
    push_board(&shop.carol, &board, "agentsync: elder claims 'x'").expect_success();
    // What it does to others is let through where the repository says so.
    let mut without = board.clone();
    without["claims"].as_object_mut().unwrap().remove("bob");
    push_board(&shop.carol, &without, "agentsync: elder claims 'y'").expect_code(1);
    shop.set("agentsync.gateOthers", "allow");
    push(&shop.carol, &["HEAD:agentsync"]).expect_success();
    // Never a document that cannot be read.
    push_text(&shop.carol, "{", "agentsync: elder claims 'z'").expect_code(1);
    shop.carol.git(&["reset", "--quiet", "--hard", "HEAD~1"]);
    shop.set("agentsync.gateOthers", "refuse");
    without["claims"]["elder"]["note"] = "on it".into();
    let words =
        remote_words(&push_board(&shop.carol, &without, "agentsync: elder -> planning").expect_code(1));
    assert!(words.contains("1 commit was not written by agentsync"), "{words}");
    // Ours pass all the time.
    shop.bob.agentsync(&["claim", "b", "src/auth.rs"]).expect_success();
}

#[test]
fn on_a_board_that_cannot_be_read_only_a_repair_follows() {
    let shop = Shop::guarded();
    shop.lab.put_board_text("{");
    stand_on_board(&shop.carol);
    let fresh = json!({ "claims": { "carol": entry(&["docs"]) } });
    let words = remote_words(&push_board(&shop.carol, &fresh, "agentsync: carol claims 'x'").expect_code(1));
    assert!(words.contains("cannot be read, so nothing can be claimed"), "{words}");
    assert!(words.contains("next: `agentsync repair`"), "{words}");
    // A repair puts back what stood there, and nothing else.
    stand_on_board(&shop.carol);
    let message = "agentsync: repair, claims.json as of x\n\nAgentsync-Repair: yes";
    let words = remote_words(&push_board(&shop.carol, &fresh, message).expect_code(1));
    assert!(words.contains("restores something else than what stood there"), "{words}");
    shop.alice.agentsync(&["survey"]).expect_code(2);
    shop.alice.agentsync(&["repair", "--yes"]).expect_success();
    let survey = shop.alice.agentsync(&["survey", "--json"]).expect_success().json();
    assert!(survey["partners"]["bob"].is_object(), "{survey}");
}

#[test]
fn a_board_that_was_lost_is_brought_back() {
    let shop = Shop::guarded();
    shop.alice.agentsync(&["claim", "a", "docs"]).expect_success();
    shop.bob.agentsync(&["survey"]).expect_success();
    // Whoever runs the server can.
    shop.lab.hub_git(&["update-ref", "-d", "refs/heads/agentsync"]);
    shop.bob.agentsync(&["survey"]).expect_success();
    shop.bob.agentsync(&["repair", "--yes"]).expect_success();
    let survey = shop.alice.agentsync(&["survey", "--json"]).expect_success().json();
    assert_eq!(survey["partners"]["bob"]["touches"], json!(["src/auth.rs"]), "{survey}");
}
