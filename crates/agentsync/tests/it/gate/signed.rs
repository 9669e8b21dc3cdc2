//! A server on which keys count: whose commit of the board it is, and who pushes code.

use std::path::PathBuf;

use agentsync_lab::keys::{key, sign_with};
use agentsync_lab::lab::Lab;

use super::{Shop, install, push, remote_words, work};

/// Returns the file of signers that vouches for `names`.
fn signers(lab: &Lab, names: &[&str]) -> String {
    let public = |name: &str| std::fs::read_to_string(lab.path().join(format!("key-{name}.pub"))).unwrap();
    let line = |name: &&str| format!("{name} namespaces=\"git\" {}", public(name).trim());
    names.iter().map(line).collect::<Vec<_>>().join("\n") + "\n"
}

#[test]
fn where_signatures_are_required_a_commit_is_its_signers_own() {
    let shop = Shop::new();
    let keys: Vec<PathBuf> = ["alice", "bob"].map(|name| key(&shop.lab, name)).to_vec();
    let vouched = signers(&shop.lab, &["alice", "bob"]);
    shop.lab.push_as_stranger("main", &[(".agentsync/allowed_signers", vouched.as_bytes())], "signers");
    sign_with(&shop.alice, &keys[0]);
    sign_with(&shop.bob, &keys[1]);
    install(&shop.lab);
    shop.set("agentsync.requireSigned", "true");
    shop.alice.agentsync(&["claim", "a", "docs"]).expect_success();
    shop.bob.agentsync(&["update-status", "planning"]).expect_success();

    // Not signed at all: our own program hears the gate's words, and passes them on.
    let report = shop.carol.agentsync(&["claim", "c", "src/lib.rs", "--json"]).expect_code(2).json();
    assert_eq!(report["code"], "push_refused", "{report}");
    let error = report["error"].as_str().unwrap();
    assert!(error.contains("agentsync: refused: the board `agentsync` is not moved"), "{error}");
    assert!(error.contains("(agentsync: carol claims 'c') is not signed"), "{error}");
    assert!(error.contains("next: sign: git config agentsync.sign ssh"), "{error}");
    assert_eq!(report["fix"], "nothing was written; the server's gate says what is wrong and what to do");

    // With another agent's key, and with a key that nobody vouches for.
    sign_with(&shop.carol, &keys[0]);
    let report = shop.carol.agentsync(&["claim", "c", "src/lib.rs", "--json"]).expect_code(2).json();
    let error = report["error"].as_str().unwrap();
    assert!(error.contains("speaks for `carol` and is signed by `alice`"), "{error}");
    sign_with(&shop.carol, &key(&shop.lab, "carol"));
    let report = shop.carol.agentsync(&["claim", "c", "src/lib.rs", "--json"]).expect_code(2).json();
    assert!(report["error"].as_str().unwrap().contains("a key that nobody vouches for"), "{report}");

    // Vouched for in a commit that lands first: then it counts.
    work(&shop.alice, "main", &[]);
    shop.alice.write(".agentsync/allowed_signers", signers(&shop.lab, &["alice", "bob", "carol"]));
    shop.alice.commit("carol may sign");
    push(&shop.alice, &["main"]).expect_success();
    shop.carol.agentsync(&["claim", "c", "src/lib.rs"]).expect_success();
    // A file that is not the pinned one counts for nothing.
    shop.set("agentsync.signersHash", &"0".repeat(64));
    let report = shop.carol.agentsync(&["release", "--json"]).expect_code(2).json();
    assert!(report["error"].as_str().unwrap().contains("not the one that this server pins"), "{report}");
    // What is no SHA-256 pins nothing, and is said instead of compared.
    shop.set("agentsync.signersHash", "0123");
    let report = shop.carol.agentsync(&["release", "--json"]).expect_code(2).json();
    assert!(report["error"].as_str().unwrap().contains("64 digits"), "{report}");
}

#[test]
fn a_signed_push_says_who_pushes() {
    let shop = Shop::guarded();
    let file = shop.lab.path().join("push-signers");
    for agent in [&shop.bob, &shop.carol] {
        let key = key(&shop.lab, agent.agent());
        agent.git(&["config", "user.signingkey", &key.display().to_string()]);
        agent.git(&["config", "gpg.format", "ssh"]);
    }
    std::fs::write(&file, signers(&shop.lab, &["bob", "carol"])).unwrap();
    shop.set("receive.certNonceSeed", "seed");
    shop.set("gpg.ssh.allowedSignersFile", &file.display().to_string());
    // Bob, on a branch that his claim does not name.
    work(&shop.bob, "bob/other", &["src/auth.rs"]);
    push(&shop.bob, &["bob/other"]).expect_code(1);
    push(&shop.bob, &["--signed", "bob/other"]).expect_success();
    push(&shop.bob, &["--signed", "bob/other:main"]).expect_success();
    // Carol may sign as well, but it is not hers.
    work(&shop.carol, "carol/x", &["src/auth.rs"]);
    let words = remote_words(&push(&shop.carol, &["--signed", "carol/x"]).expect_code(1));
    assert!(words.contains("src/auth.rs is held by bob"), "{words}");
}
