//! Signed commits: who made each claim, whom to believe, and what is required.

use agentsync_lab::checkout::Checkout;
use agentsync_lab::keys::{key, sign_with};
use agentsync_lab::lab::{Lab, LabOptions, ObjectFormat};
use serde_json::Value;

use super::{craft, faults, without};
use crate::PROGRAM;

fn public(lab: &Lab, name: &str) -> String {
    std::fs::read_to_string(lab.path().join(format!("key-{name}.pub"))).unwrap().trim().to_owned()
}

/// Puts the file of signers on the default branch, and lets `agents` fetch it.
fn vouch(lab: &Lab, names: &[&str], agents: &[&Checkout]) {
    let line = |name: &&str| format!("{name} namespaces=\"git\" {}\n", public(lab, name));
    let text: String = names.iter().map(line).collect();
    lab.push_as_stranger("main", &[(".agentsync/allowed_signers", text.as_bytes())], "signers");
    for agent in agents {
        agent.git(&["fetch", "--quiet", "origin"]);
    }
}

/// A lab in which alice and bob sign, and both are vouched for.
fn two_signers() -> (Lab, Checkout, Checkout) {
    let lab = Lab::new(PROGRAM);
    let (alice, bob) = (lab.clone("alice"), lab.clone("bob"));
    for agent in [&alice, &bob] {
        sign_with(agent, &key(&lab, agent.agent()));
    }
    vouch(&lab, &["alice", "bob"], &[&alice, &bob]);
    (lab, alice, bob)
}

#[track_caller]
fn check_standing(agent: &Checkout, key: &str, want: &str) {
    let survey = agent.agentsync(&["survey", "--json"]).expect_success().json();
    let claim = if key == agent.agent() { &survey["my_claim"] } else { &survey["partners"][key] };
    assert_eq!(claim["signature"], want, "{key}: {survey}");
}

#[track_caller]
fn check_refused(agent: &Checkout, lab: &Lab, code: &str, words: &str) {
    let before = lab.hub_tip("agentsync");
    let report: Value = agent.agentsync(&["claim", "more", "docs", "--json"]).expect_code(2).json();
    assert_eq!(report["code"], code, "{report}");
    assert!(report["error"].as_str().unwrap().contains(words), "{report}");
    assert_eq!(lab.hub_tip("agentsync"), before, "nothing was written");
}

#[test]
fn each_claim_says_how_far_its_author_can_be_believed() {
    let (lab, alice, bob) = two_signers();
    let (carol, dave) = (lab.clone("carol"), lab.clone("dave"));
    sign_with(&dave, &key(&lab, "unknown"));
    for (n, agent) in [&alice, &bob, &carol, &dave].iter().enumerate() {
        agent.agentsync(&["claim", "work", &format!("src/{n}.rs")]).expect_success();
    }
    for (key, want) in [("alice", "verified"), ("bob", "verified"), ("carol", "unsigned"), ("dave", "bad")] {
        check_standing(&alice, key, want);
    }
    // Carol, who came late, has the whole branch to look at for it.
    check_standing(&carol, "alice", "verified");
    let words = alice.agentsync(&["survey"]).expect_success().stdout;
    assert!(words.contains("just now, verified)") && words.contains("just now, BAD SIGNATURE)"), "{words}");
    assert!(words.contains("is signed with a key that nobody vouches for"), "{words}");
    assert_eq!(
        faults(&bob, &[], 1),
        [("agentsync: dave claims 'work'".to_owned(), "bad_signature".to_owned())]
    );
    let report = bob.agentsync(&["verify", "--json"]).expect_code(1).json();
    assert_eq!((&report["commits"], &report["signed"]), (&4.into(), &2.into()));
}

#[test]
fn an_agent_that_signs_with_another_ones_key_is_bad() {
    let (lab, alice, bob) = two_signers();
    sign_with(&bob, &lab.path().join("key-alice"));
    bob.agentsync(&["claim", "b", "src/b.rs"]).expect_success();
    check_standing(&alice, "bob", "bad");
    let report = alice.agentsync(&["verify", "--json"]).expect_code(1).json();
    let fault = &report["bad"][0]["faults"][0];
    assert_eq!(fault["fault"], "wrong_signer");
    assert_eq!(fault["what"], "speaks for `bob` and is signed by `alice`");
}

#[test]
fn a_key_that_is_vouched_for_later_is_believed_then() {
    let (lab, alice, bob) = two_signers();
    // Looking for branches in the background would bring bob the new keys at a moment of its own.
    bob.git(&["config", "agentsync.unclaimed", "off"]);
    let carol = lab.clone("carol");
    sign_with(&carol, &key(&lab, "carol"));
    carol.agentsync(&["claim", "c", "src/c.rs"]).expect_success();
    check_standing(&alice, "carol", "bad");
    check_standing(&bob, "carol", "bad");
    vouch(&lab, &["alice", "bob", "carol"], &[&alice]);
    check_standing(&alice, "carol", "verified");
    let survey = alice.agentsync(&["survey", "--json"]).json();
    assert_eq!(survey.get("bad_commits"), None, "{survey}");
    // Whoever does not know of it yet goes on as before.
    check_standing(&bob, "carol", "bad");
}

#[test]
fn nothing_in_a_clone_or_on_the_branch_says_whom_to_trust() {
    let (lab, alice, _bob) = two_signers();
    let mallory = lab.clone("mallory");
    sign_with(&mallory, &key(&lab, "mallory"));
    let theirs = format!("* {}\n", public(&lab, "mallory"));
    let file = lab.path().join("their-signers");
    std::fs::write(&file, &theirs).unwrap();
    alice.git(&["config", "gpg.ssh.allowedSignersFile", &file.display().to_string()]);
    alice.git(&["config", "gpg.format", "ssh"]);
    alice.git(&["config", "gpg.ssh.program", "true"]);
    mallory.agentsync(&["claim", "m", "src/m.rs"]).expect_success();
    lab.push_as_stranger("agentsync", &[(".agentsync/allowed_signers", theirs.as_bytes())], "trust me");
    check_standing(&alice, "mallory", "bad");
}

#[test]
fn a_commit_that_was_changed_after_it_was_signed_is_bad() {
    let (lab, alice, bob) = two_signers();
    bob.agentsync(&["claim", "b", "src/b.rs"]).expect_success();
    let signed = lab.hub_git(&["cat-file", "commit", "agentsync"]).stdout;
    let forged = signed.replace("claims 'b'", "claims 'x'");
    let file = lab.path().join("forged");
    std::fs::write(&file, forged).unwrap();
    let file = file.display().to_string();
    let commit = lab.hub_git(&["hash-object", "-t", "commit", "-w", &file]).text().to_owned();
    lab.hub_git(&["update-ref", "refs/heads/agentsync", &commit]);
    check_standing(&alice, "bob", "bad");
}

#[test]
fn git_itself_takes_our_signatures_for_good() {
    for object_format in [ObjectFormat::Sha1, ObjectFormat::Sha256] {
        let lab = Lab::with(LabOptions { object_format, ..LabOptions::new(PROGRAM) });
        let alice = lab.clone("alice");
        sign_with(&alice, &key(&lab, "alice"));
        vouch(&lab, &["alice"], &[&alice]);
        alice.agentsync(&["claim", "a", "src/a.rs"]).expect_success();
        let file = lab.path().join("signers");
        std::fs::write(&file, format!("alice {}\n", public(&lab, "alice"))).unwrap();
        let trust = format!("gpg.ssh.allowedSignersFile={}", file.display());
        lab.hub_git(&["-c", "gpg.format=ssh", "-c", &trust, "verify-commit", "agentsync"]);
        check_standing(&alice, "alice", "verified");
    }
}

#[test]
fn where_signatures_are_required_a_commit_without_one_freezes_writes() {
    let (lab, alice, bob) = two_signers();
    alice.agentsync(&["claim", "a", "src/a.rs"]).expect_success();
    for agent in [&alice, &bob] {
        agent.git(&["config", "agentsync.requireSigned", "true"]);
    }
    bob.agentsync(&["claim", "b", "src/b.rs"]).expect_success();
    alice.agentsync(&["update-status", "planning"]).expect_success();
    let elder = craft(&lab, "agentsync: elder claims 'x'", &lab.board_text().unwrap());
    check_refused(&alice, &lab, "untrusted_commit", &elder[..10]);
    let survey = alice.agentsync(&["survey", "--json"]).expect_success().json();
    assert!(survey["warning"].as_str().unwrap().contains("is not signed"), "{survey}");
    assert!(survey["next"].as_str().unwrap().contains("agentsync verify"), "{survey}");
    assert_eq!(faults(&alice, &[&elder], 1)[0].1, "unsigned");
    alice.agentsync(&["verify", "--accept"]).expect_success();
    alice.agentsync(&["claim", "more", "src/more.rs", "--lane", "two"]).expect_success();
    check_refused(&bob, &lab, "untrusted_commit", &elder[..10]);
}

#[test]
fn where_signatures_are_required_an_edit_of_another_ones_entry_freezes_writes() {
    let (lab, alice, bob) = two_signers();
    alice.agentsync(&["claim", "a", "src/a.rs"]).expect_success();
    bob.agentsync(&["survey"]).expect_success();
    bob.git(&["config", "agentsync.requireSigned", "true"]);
    let message = "agentsync: bob -> done\n\nAgentsync-Op: 00000000000000000000000000000001";
    craft(&lab, message, &without(&lab, "alice"));
    check_refused(&bob, &lab, "untrusted_commit", "removes the entry of `alice`");
}

#[test]
fn where_signatures_are_required_our_own_must_be_good() {
    let (lab, alice, bob) = two_signers();
    bob.git(&["config", "agentsync.requireSigned", "true"]);
    bob.git(&["config", "agentsync.sign", "off"]);
    check_refused(&bob, &lab, "signing", "our own commits are not signed");
    sign_with(&bob, &key(&lab, "unknown"));
    check_refused(&bob, &lab, "signing", "is not its key in .agentsync/allowed_signers");
    drop(alice);
}

#[test]
fn what_cannot_be_signed_is_not_written() {
    let lab = Lab::new(PROGRAM);
    let alice = lab.clone("alice");
    alice.git(&["config", "agentsync.sign", "ssh"]);
    check_refused(&alice, &lab, "signing", "git has no user.signingkey");
    alice.git(&["config", "user.signingkey", "/no/such/key"]);
    check_refused(&alice, &lab, "signing", "cannot sign with `/no/such/key`");
    sign_with(&alice, &key(&lab, "alice"));
    alice.git(&["config", "gpg.ssh.program", "/no/such/ssh-keygen"]);
    check_refused(&alice, &lab, "signing", "`/no/such/ssh-keygen` is not installed");
    alice.agentsync(&["survey"]).expect_success();
    alice.git(&["config", "agentsync.sign", "gpg"]);
    check_refused(&alice, &lab, "bad_arguments", "git config agentsync.sign is `gpg`");
    let sign = [("AGENTSYNC_SIGN", "off")];
    alice.agentsync_with(&sign, &["claim", "a", "src/a.rs"]).expect_success();
}

#[test]
fn a_file_of_signers_that_is_not_the_pinned_one_freezes_writes() {
    let (lab, alice, _bob) = two_signers();
    let pin = |agent: &Checkout| {
        let report: Value = agent.agentsync(&["claim", "a", "src/a.rs", "--json"]).expect_code(2).json();
        let fix = report["fix"].as_str().unwrap().to_owned();
        fix.rsplit(' ').next().unwrap().to_owned()
    };
    alice.git(&["config", "agentsync.signersHash", &"0".repeat(64)]);
    check_refused(&alice, &lab, "signers_changed", "agentsync.signersHash pins 0000");
    alice.git(&["config", "agentsync.signersHash", &pin(&alice)]);
    alice.agentsync(&["claim", "a", "src/a.rs"]).expect_success();
    check_standing(&alice, "alice", "verified");
    vouch(&lab, &["bob"], &[&alice]);
    check_refused(&alice, &lab, "signers_changed", ".agentsync/allowed_signers has the SHA-256");
}

#[test]
fn the_doctor_says_how_signing_is_set_up() {
    let (_lab, alice, _bob) = two_signers();
    let said = |agent: &Checkout| {
        let report = agent.agentsync(&["doctor", "--json"]).json();
        let checks = report["checks"].as_array().unwrap().clone();
        checks.into_iter().find(|check| check["check"] == "signing").unwrap()
    };
    let check = said(&alice);
    assert_eq!(check["verdict"], "ok", "{check}");
    assert!(check["said"].as_str().unwrap().ends_with("2 keys in .agentsync/allowed_signers"), "{check}");
    alice.git(&["config", "user.signingkey", "/no/such/key"]);
    assert_eq!(said(&alice)["verdict"], "bad");
    alice.git(&["config", "agentsync.sign", "off"]);
    assert_eq!(said(&alice)["verdict"], "skipped");
}
