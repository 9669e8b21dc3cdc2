//! Pushes of code to a server with the gate: what it must block, and what it must not.

use agentsync_lab::answer::Answer;

use super::{Shop, install, push, remote_lines, remote_words, work};
use crate::PROGRAM;

/// One push: what it is called, and how it is made.
type Case = (&'static str, fn(&Shop) -> Answer);

/// Lets bob's work be on the server, on its own branch.
fn bob_pushes(shop: &Shop) {
    work(&shop.bob, "bob/login", &["src/auth.rs"]);
    push(&shop.bob, &["bob/login"]).expect_success();
}

const MUST_BLOCK: [Case; 10] = [
    ("a new branch", |shop| {
        work(&shop.carol, "carol/x", &["src/auth.rs", "docs/free.md"]);
        push(&shop.carol, &["carol/x"])
    }),
    ("a later push to a branch", |shop| {
        work(&shop.carol, "carol/x", &["docs/free.md"]);
        push(&shop.carol, &["carol/x"]).expect_success();
        work(&shop.carol, "carol/x", &["src/auth.rs"]);
        push(&shop.carol, &["carol/x"])
    }),
    ("one commit of several, undone by the next", |shop| {
        work(&shop.carol, "carol/x", &["src/auth.rs"]);
        shop.carol.git(&["revert", "--no-edit", "HEAD"]);
        push(&shop.carol, &["carol/x"])
    }),
    ("a commit on the branch that work lands on", |shop| {
        work(&shop.carol, "main", &["src/auth.rs"]);
        push(&shop.carol, &["main"])
    }),
    ("a merge of other work", |shop| {
        work(&shop.carol, "carol/x", &["src/auth.rs"]);
        shop.carol.git(&["switch", "--quiet", "main"]);
        shop.carol.git(&["merge", "--quiet", "--no-ff", "carol/x"]);
        push(&shop.carol, &["main"])
    }),
    ("a rename", |shop| {
        work(&shop.carol, "carol/x", &[]);
        shop.carol.git(&["mv", "src/auth.rs", "src/login.rs"]);
        shop.carol.commit("move it");
        push(&shop.carol, &["carol/x"])
    }),
    ("a deletion", |shop| {
        work(&shop.carol, "carol/x", &[]);
        shop.carol.git(&["rm", "--quiet", "src/auth.rs"]);
        shop.carol.commit("drop it");
        push(&shop.carol, &["carol/x"])
    }),
    ("a merge of the holder's work that changes it by hand", |shop| {
        bob_pushes(shop);
        work(&shop.carol, "main", &["docs/free.md"]);
        shop.carol.git(&["merge", "--quiet", "--no-ff", "--no-commit", "origin/bob/login"]);
        shop.carol.write("src/auth.rs", "// by hand\n");
        shop.carol.commit("merge, and more");
        push(&shop.carol, &["main"])
    }),
    ("the holder's work as a commit of its own", |shop| {
        bob_pushes(shop);
        work(&shop.carol, "main", &[]);
        shop.carol.git(&["merge", "--quiet", "--squash", "origin/bob/login"]);
        shop.carol.commit("squashed");
        push(&shop.carol, &["main"])
    }),
    ("beside a branch with which nothing is wrong", |shop| {
        work(&shop.carol, "carol/good", &["docs/free.md"]);
        work(&shop.carol, "carol/x", &["src/auth.rs"]);
        push(&shop.carol, &["carol/good", "carol/x"])
    }),
];

const MUST_NOT_BLOCK: [Case; 16] = [
    ("free paths on a branch", |shop| {
        work(&shop.carol, "carol/x", &["docs/free.md"]);
        push(&shop.carol, &["carol/x"])
    }),
    ("free paths where work lands", |shop| {
        work(&shop.carol, "main", &["docs/free.md"]);
        push(&shop.carol, &["main"])
    }),
    ("the holder's branch", |shop| {
        work(&shop.bob, "bob/login", &["src/auth.rs"]);
        push(&shop.bob, &["bob/login"])
    }),
    ("the holder's branch, pushed anew by force", |shop| {
        bob_pushes(shop);
        shop.bob.git(&["commit", "--quiet", "--amend", "--message", "another"]);
        push(&shop.bob, &["--force", "bob/login"])
    }),
    ("the holder's branch, landing while the claim stands", |shop| {
        bob_pushes(shop);
        work(&shop.bob, "main", &["docs/more.md"]);
        shop.bob.git(&["merge", "--quiet", "--no-ff", "bob/login"]);
        push(&shop.bob, &["main"])
    }),
    ("the holder's branch, landing by another's merge", |shop| {
        bob_pushes(shop);
        work(&shop.carol, "main", &["docs/free.md"]);
        shop.carol.git(&["merge", "--quiet", "--no-ff", "origin/bob/login"]);
        push(&shop.carol, &["main"])
    }),
    ("the holder's branch, landing with it in one push", |shop| {
        work(&shop.bob, "bob/login", &["src/auth.rs"]);
        push(&shop.bob, &["bob/login", "bob/login:main"])
    }),
    ("a merge after the claim is done", |shop| {
        work(&shop.bob, "bob/login", &["src/auth.rs"]);
        shop.bob.agentsync(&["update-status", "done"]).expect_success();
        push(&shop.bob, &["bob/login:main"])
    }),
    ("a merge after the claim is done, of what another holds since", |shop| {
        bob_pushes(shop);
        shop.bob.agentsync(&["update-status", "done"]).expect_success();
        shop.alice.agentsync(&["claim", "next", "src/auth.rs", "--branch", "alice/next"]).expect_success();
        push(&shop.bob, &["bob/login:main"])
    }),
    ("a branch that takes in what has landed meanwhile", |shop| {
        bob_pushes(shop);
        push(&shop.bob, &["bob/login:main"]).expect_success();
        work(&shop.carol, "carol/x", &["docs/free.md"]);
        shop.carol.git(&["reset", "--quiet", "--hard", "HEAD~2"]);
        work(&shop.carol, "carol/x", &["docs/free.md"]);
        shop.carol.git(&["merge", "--quiet", "--no-ff", "origin/main"]);
        push(&shop.carol, &["carol/x"])
    }),
    ("a branch on top of the holder's", |shop| {
        bob_pushes(shop);
        shop.carol.git(&["fetch", "--quiet"]);
        shop.carol.git(&["switch", "--quiet", "--no-track", "--create", "carol/x", "origin/bob/login"]);
        work(&shop.carol, "carol/x", &["docs/free.md"]);
        push(&shop.carol, &["carol/x"])
    }),
    ("a tag on what changes it", |shop| {
        work(&shop.carol, "carol/x", &["src/auth.rs"]);
        shop.carol.git(&["tag", "v1"]);
        push(&shop.carol, &["v1", "HEAD:refs/notes/x"])
    }),
    ("the deletion of a branch", |shop| {
        bob_pushes(shop);
        push(&shop.carol, &["--delete", "bob/login"])
    }),
    ("a path that somebody waits for", |shop| {
        shop.alice.agentsync(&["claim", "wait", "src/auth.rs", "--wait", "1"]).expect_code(1);
        shop.bob.agentsync(&["release"]).expect_success();
        work(&shop.carol, "carol/x", &["src/auth.rs"]);
        push(&shop.carol, &["carol/x"])
    }),
    ("a claim that was forced over another", |shop| {
        let claim =
            ["claim", "mine too", "src/auth.rs", "--branch", "carol/x", "--force", "--reason", "agreed"];
        shop.carol.agentsync(&claim).expect_success();
        work(&shop.carol, "carol/x", &["src/auth.rs"]);
        push(&shop.carol, &["carol/x"])
    }),
    ("a file with any name", |shop| {
        work(&shop.carol, "carol/x", &["odd *[x]{a,b} ü\u{1b}.md", "src/auth.rs.bak"]);
        push(&shop.carol, &["carol/x"])
    }),
];

#[test]
fn what_must_be_blocked_is() {
    for (name, make) in MUST_BLOCK {
        let shop = Shop::guarded();
        let answer = make(&shop).expect_code(1);
        let words = remote_words(&answer);
        assert!(words.contains("src/auth.rs is held by bob (\"harden the login"), "{name}: {answer:?}");
        assert!(words.contains("branch bob/login") && words.contains("--to bob"), "{name}: {words}");
        let board = shop.lab.hub_tip("agentsync").unwrap();
        assert!(words.contains(&format!("as the board stood at {}", &board[..10])), "{name}: {words}");
        let lines = remote_lines(&answer);
        assert!(lines.iter().all(|line| line.chars().count() <= 72), "{name}: {lines:#?}");
        assert_eq!(shop.lab.hub_tip("carol/x").is_some(), name == "a later push to a branch", "{name}");
        assert_eq!(shop.lab.hub_tip("carol/good"), None, "{name}");
    }
}

#[test]
fn what_must_not_be_blocked_is_not() {
    for (name, make) in MUST_NOT_BLOCK {
        let shop = Shop::guarded();
        let answer = make(&shop);
        assert_eq!(answer.code, 0, "{name}: {answer:?}");
        assert_eq!(remote_lines(&answer), [""; 0], "{name}");
    }
}

#[test]
fn where_work_lands_a_claim_without_a_branch_is_only_told_of() {
    let shop = Shop::guarded();
    shop.alice.agentsync(&["claim", "docs", "docs"]).expect_success();
    work(&shop.alice, "main", &["docs/a.md"]);
    let answer = push(&shop.alice, &["main"]).expect_success();
    let words = remote_words(&answer);
    assert!(words.starts_with("agentsync: warning: main changes what others hold"), "{words}");
    assert!(words.contains("docs/a.md is held by alice"), "{words}");
    // A branch of one's own could have said whose it is.
    work(&shop.carol, "carol/x", &["docs/b.md"]);
    let words = remote_words(&push(&shop.carol, &["carol/x"]).expect_code(1));
    assert!(words.contains("docs/b.md is held by alice"), "{words}");
}

/// What the page on enforcement says that the gate does not stop.
#[test]
fn the_ways_around_are_as_they_are_told() {
    let shop = Shop::guarded();
    work(&shop.carol, "carol/x", &["src/auth.rs"]);
    push(&shop.carol, &["carol/x"]).expect_code(1);
    // A branch that is named like the holder's is taken for the holder's work.
    push(&shop.carol, &["carol/x:bob/login"]).expect_success();
    push(&shop.carol, &["carol/x:main"]).expect_success();
    // A hook that is gone stops nothing.
    std::fs::remove_file(shop.lab.hub_path().join("hooks/pre-receive")).unwrap();
    work(&shop.carol, "carol/y", &["src/auth.rs", "docs/more.md"]);
    push(&shop.carol, &["carol/y"]).expect_success();
}

#[test]
fn the_policy_of_the_repository_decides_and_not_the_pushers() {
    let shop = Shop::guarded();
    shop.set("agentsync.gate", "warn");
    work(&shop.carol, "carol/x", &["src/auth.rs"]);
    let words = remote_words(&push(&shop.carol, &["carol/x"]).expect_success());
    assert!(words.starts_with("agentsync: warning: carol/x changes what others hold"), "{words}");
    shop.set("agentsync.gate", "off");
    work(&shop.carol, "carol/x", &["src/auth.rs"]);
    assert_eq!(remote_words(&push(&shop.carol, &["carol/x"]).expect_success()), "");
    shop.set("agentsync.gate", "block");
    shop.carol.write("src/auth.rs", "again");
    shop.carol.commit("again");
    let args = ["push", "origin", "carol/x"];
    let env = [("AGENTSYNC_GATE", "off"), ("AGENTSYNC_BRANCH", "x"), ("AGENTSYNC_GUARD", "off")];
    shop.carol.run_with("git", &env, &args).expect_code(1);
    shop.set("agentsync.gate", "perhaps");
    let words = remote_words(&push(&shop.carol, &["carol/x"]).expect_success());
    assert!(words.contains("git config agentsync.gate is `perhaps`"), "{words}");
    // A gate that does not work takes no board, whatever that is called.
    shop.set("agentsync.branch", "coordination");
    push(&shop.carol, &["HEAD:agentsync2"]).expect_success();
    push(&shop.carol, &["HEAD:coordination"]).expect_code(1);
}

#[test]
fn a_board_that_cannot_be_read_stops_no_code_and_every_claim() {
    let shop = Shop::guarded();
    shop.lab.put_board_text("{");
    work(&shop.carol, "carol/x", &["src/auth.rs"]);
    let words = remote_words(&push(&shop.carol, &["carol/x"]).expect_success());
    assert!(words.starts_with("agentsync: warning: what others hold was not compared"), "{words}");
    assert!(words.contains("cannot be read") && words.contains("agentsync repair"), "{words}");
    shop.carol.agentsync(&["claim", "c", "docs"]).expect_code(2);
    shop.set("agentsync.guardUnsure", "block");
    work(&shop.carol, "carol/y", &["docs/free.md"]);
    let words = remote_words(&push(&shop.carol, &["carol/y"]).expect_code(1));
    assert!(words.starts_with("agentsync: refused: what others hold was not compared"), "{words}");
    // Mending it passes.
    shop.alice.agentsync(&["survey"]).expect_code(2);
    shop.alice.agentsync(&["repair", "--yes"]).expect_success();
    push(&shop.carol, &["carol/y"]).expect_success();
    shop.carol.agentsync(&["claim", "c", "docs"]).expect_success();
}

#[test]
fn an_entry_that_cannot_be_read_is_told_of() {
    let shop = Shop::guarded();
    let text = shop.lab.board_text().unwrap().replacen("\"claims\": {", "\"claims\": {\"zoe\": 7,", 1);
    shop.lab.put_board_text(text);
    work(&shop.carol, "carol/x", &["docs/free.md"]);
    let words = remote_words(&push(&shop.carol, &["carol/x"]).expect_success());
    assert!(words.contains("the entry of zoe cannot be read"), "{words}");
    work(&shop.carol, "carol/y", &["src/auth.rs"]);
    push(&shop.carol, &["carol/y"]).expect_code(1);
}

#[test]
fn a_server_without_a_board_or_a_commit_takes_everything() {
    use agentsync_lab::lab::{HubKind, Lab, LabOptions};
    for hub in [HubKind::Seeded, HubKind::Empty] {
        let lab = Lab::with(LabOptions { hub, ..LabOptions::new(PROGRAM) });
        install(&lab);
        let alice = lab.clone("alice");
        alice.git_any(&["switch", "--quiet", "--create", "main"]);
        alice.write("src/auth.rs", "// first\n");
        alice.commit("first");
        assert_eq!(remote_words(&push(&alice, &["main"]).expect_success()), "");
        // And the board may be made.
        alice.agentsync(&["claim", "a", "src"]).expect_success();
        alice.agentsync(&["release"]).expect_success();
    }
}

#[test]
fn all_kinds_of_repositories_are_guarded() {
    use agentsync_lab::lab::{LabOptions, ObjectFormat, RefFormat};
    for (object_format, ref_format) in
        [(ObjectFormat::Sha256, RefFormat::Files), (ObjectFormat::Sha1, RefFormat::Reftable)]
    {
        let shop = Shop::with(LabOptions { object_format, ref_format, ..LabOptions::new(PROGRAM) });
        install(&shop.lab);
        work(&shop.carol, "carol/x", &["src/auth.rs"]);
        push(&shop.carol, &["carol/x"]).expect_code(1);
        bob_pushes(&shop);
        push(&shop.bob, &["bob/login:main"]).expect_success();
        shop.carol.agentsync(&["claim", "c", "docs"]).expect_success();
        push(&shop.carol, &["--delete", "agentsync"]).expect_code(1);
    }
}
