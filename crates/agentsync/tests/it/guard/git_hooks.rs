//! Git's own hooks, with real git: what is refused, and what must not be.

use std::path::Path;

use agentsync_lab::answer::Answer;
use agentsync_lab::checkout::Checkout;

use super::lab;

/// The environment of somebody who has the program on PATH.
fn installed() -> [(&'static str, String); 1] {
    let folder = Path::new(crate::PROGRAM).parent().unwrap().display().to_string();
    [("PATH", format!("{folder}:{}", std::env::var("PATH").unwrap_or_default()))]
}

pub(super) fn git(at: &Checkout, args: &[&str]) -> Answer {
    at.run_with("git", &installed(), args)
}

/// Installs the hooks for somebody who acts as `at`'s agent in git's hooks, too.
pub(super) fn guarded(at: &Checkout) {
    at.git(&["config", "agentsync.agent", at.agent()]);
    at.agentsync(&["install", "git", "--yes"]).expect_code(0);
}

/// Stages a change of `path`.
fn stage(at: &Checkout, path: &str) {
    at.write(path, format!("changed by {}\n", at.agent()));
    at.git(&["add", "--all"]);
}

#[track_caller]
pub(super) fn refused(answer: &Answer, words: &[&str]) {
    assert_eq!(answer.code, 1, "{}", answer.stderr);
    for part in words {
        assert!(answer.stderr.contains(part), "{part}: {}", answer.stderr);
    }
    assert!(answer.stderr.lines().all(|line| line.chars().count() <= 80), "{}", answer.stderr);
}

#[test]
fn a_commit_of_a_held_path_is_refused_with_the_ways_on() {
    let (_lab, alice, _bob) = lab(&["src/auth.rs"]);
    guarded(&alice);
    stage(&alice, "src/auth.rs");
    let words = [
        "this commit is refused",
        "  src/auth.rs\n    held by      bob\n    task         \"harden the login\"",
        "since        last heard of",
        "agentsync mailbox \"...\" --to bob",
        "agentsync claim \"...\" src/auth.rs --wait 110",
        "agentsync break bob --reason",
        "git restore --staged src/auth.rs",
        "git commit --no-verify",
    ];
    refused(&git(&alice, &["commit", "-m", "mine"]), &words);
    git(&alice, &["commit", "--quiet", "--no-verify", "-m", "mine"]).expect_success();
}

#[test]
fn what_is_ones_own_or_nobodys_is_committed_without_a_word() {
    let (_lab, alice, _bob) = lab(&["src/auth.rs"]);
    guarded(&alice);
    alice.agentsync(&["claim", "the models", "src/models", "--lane", "models"]).expect_code(0);
    stage(&alice, "src/models/user.rs");
    stage(&alice, "docs/free.md");
    let answer = git(&alice, &["commit", "--quiet", "-m", "mine"]).expect_success();
    assert_eq!(answer.stderr, "");
}

#[test]
fn only_what_becomes_the_commit_counts() {
    let (_lab, alice, _bob) = lab(&["src/auth.rs"]);
    guarded(&alice);
    stage(&alice, "src/auth.rs");
    stage(&alice, "README.md");
    git(&alice, &["commit", "--quiet", "-m", "a part", "README.md"]).expect_success();
    alice.git(&["reset", "--quiet"]);
    alice.write("src/lib.rs", "// mine\n");
    alice.git(&["add", "src/lib.rs"]);
    refused(&git(&alice, &["commit", "-am", "all"]), &["src/auth.rs"]);
    git(&alice, &["commit", "--quiet", "-m", "what is staged"]).expect_success();
    refused(&git(&alice, &["commit", "-m", "by name", "src/auth.rs"]), &["src/auth.rs"]);
}

#[test]
fn a_merge_of_a_peers_work_passes_and_what_is_added_to_it_does_not() {
    let (_lab, alice, bob) = lab(&["src/auth.rs"]);
    guarded(&alice);
    bob.write("src/auth.rs", "// bob\n");
    bob.write("README.md", "# bob's shop\n");
    bob.commit("bob's");
    bob.push("main");
    alice.write("README.md", "# alice's shop\n");
    alice.commit("hers");
    alice.git(&["fetch", "--quiet"]);
    assert_eq!(git(&alice, &["merge", "--quiet", "origin/main"]).code, 1, "README.md conflicts");
    alice.write("README.md", "# our shop\n");
    alice.git(&["add", "README.md"]);
    git(&alice, &["commit", "--quiet", "-m", "merged"]).expect_success();
    git(&alice, &["push", "--quiet", "origin", "main"]).expect_success();
    assert_eq!(alice.read("src/auth.rs"), "// bob\n");

    bob.git(&["pull", "--quiet"]);
    bob.write("src/auth.rs", "// bob again\n");
    bob.commit("bob's second");
    bob.push("main");
    alice.git(&["fetch", "--quiet"]);
    git(&alice, &["merge", "--quiet", "--squash", "origin/main"]).expect_success();
    stage(&alice, "docs/a.md");
    git(&alice, &["commit", "--quiet", "-m", "squashed"]).expect_success();
    alice.git(&["reset", "--quiet", "--hard", "HEAD~1"]);
    git(&alice, &["merge", "--quiet", "--no-ff", "--no-commit", "origin/main"]).expect_success();
    stage(&alice, "src/auth.rs");
    refused(&git(&alice, &["commit", "-m", "evil merge"]), &["src/auth.rs"]);
}

#[test]
fn the_hooks_hold_in_every_worktree_of_the_clone() {
    let (lab, alice, _bob) = lab(&["src/auth.rs"]);
    guarded(&alice);
    let linked = lab.worktree(&alice, "linked", "carol/x");
    stage(&linked, "src/auth.rs");
    refused(&git(&linked, &["commit", "-m", "mine"]), &["src/auth.rs"]);
    git(&linked, &["commit", "--quiet", "--no-verify", "-m", "mine"]).expect_success();
    refused(&git(&linked, &["push", "origin", "carol/x"]), &["this push is refused", "src/auth.rs"]);
    let inner = linked.path().join("src");
    let inner = inner.to_str().unwrap();
    git(&linked, &["-C", inner, "commit", "--quiet", "--allow-empty", "-m", "below"]).expect_success();
}

#[test]
fn a_push_of_a_held_path_is_refused_and_what_brings_no_work_is_not() {
    let (lab, alice, bob) = lab(&[]);
    guarded(&alice);
    alice.git(&["checkout", "--quiet", "-b", "alice/x"]);
    stage(&alice, "docs/a.md");
    stage(&alice, "src/auth.rs");
    git(&alice, &["commit", "--quiet", "-m", "both"]).expect_success();
    bob.agentsync(&["claim", "harden the login", "src/auth.rs"]).expect_code(0);
    alice.agentsync(&["survey"]).expect_code(0);
    let push = ["push", "origin", "alice/x"];
    refused(&git(&alice, &push), &["this push is refused", "src/auth.rs", "git push --no-verify"]);
    assert_eq!(lab.hub_tip("alice/x"), None);
    alice.git(&["tag", "v1"]);
    git(&alice, &["push", "--quiet", "origin", "v1"]).expect_success();
    git(&alice, &["push", "--quiet", "--no-verify", "origin", "alice/x"]).expect_success();
    stage(&alice, "docs/b.md");
    git(&alice, &["commit", "--quiet", "-m", "more"]).expect_success();
    git(&alice, &push).expect_success();
    git(&alice, &["push", "--quiet", "origin", ":alice/x"]).expect_success();
    assert_eq!(lab.hub_tip("alice/x"), None);
    alice.git(&["fetch", "--quiet", "origin", "agentsync"]);
    git(&alice, &["push", "--quiet", "origin", "FETCH_HEAD:refs/heads/agentsync"]).expect_success();
}

#[test]
fn the_branch_of_a_claim_is_pushed_by_whoever_has_it() {
    let (lab, alice, _bob) = lab(&[]);
    guarded(&alice);
    let linked = lab.worktree(&alice, "carol", "carol/x");
    linked.agentsync(&["claim", "harden the login", "src/auth.rs"]).expect_code(0);
    stage(&linked, "src/auth.rs");
    git(&linked, &["commit", "--quiet", "--no-verify", "-m", "hers"]).expect_success();
    git(&alice, &["push", "--quiet", "origin", "carol/x"]).expect_success();
    alice.git(&["checkout", "--quiet", "-b", "other", "carol/x"]);
    stage(&alice, "src/auth.rs");
    git(&alice, &["commit", "--quiet", "--no-verify", "-m", "mine"]).expect_success();
    refused(&git(&alice, &["push", "origin", "other"]), &["held by      carol"]);
}

#[test]
fn the_policy_is_each_layers_own() {
    let (_lab, alice, _bob) = lab(&["src/auth.rs"]);
    guarded(&alice);
    stage(&alice, "src/auth.rs");
    alice.git(&["config", "agentsync.guard", "off"]);
    refused(&git(&alice, &["commit", "-m", "mine"]), &["src/auth.rs"]);
    alice.git(&["config", "agentsync.guardCommit", "sometimes"]);
    let answer = git(&alice, &["commit", "--quiet", "-m", "mine"]).expect_success();
    assert!(answer.stderr.contains("this commit was not checked"), "{}", answer.stderr);
    assert!(
        answer.stderr.contains("agentsync.guardcommit is `sometimes`")
            || answer.stderr.contains("agentsync.guardCommit is `sometimes`"),
        "{}",
        answer.stderr
    );
    alice.git(&["config", "agentsync.guardCommit", "warn"]);
    let amend = ["commit", "--quiet", "--amend", "-m", "mine"];
    assert_eq!(git(&alice, &amend).expect_success().stderr, "", "nothing new in it");
    alice.write("src/auth.rs", "// more\n");
    let answer = git(&alice, &["commit", "--quiet", "-am", "more"]).expect_success();
    assert!(answer.stderr.contains("changes what others have claimed"), "{}", answer.stderr);
    alice.git(&["config", "agentsync.guardPush", "off"]);
    assert!(
        !git(&alice, &["push", "--quiet", "origin", "main"]).expect_success().stderr.contains("agentsync")
    );
}

#[test]
fn without_the_remote_a_commit_passes_with_a_word_or_is_refused_as_wished() {
    let (lab, alice, _bob) = lab(&["src/auth.rs"]);
    guarded(&alice);
    stage(&alice, "docs/a.md");
    std::fs::rename(lab.hub_path(), lab.path().join("away")).unwrap();
    alice.git(&["config", "agentsync.guardUnsure", "block"]);
    let words = ["has never been seen in this clone", "guardUnsure", "--no-verify"];
    refused(&git(&alice, &["commit", "-m", "mine"]), &words);
    alice.git(&["config", "agentsync.guardUnsure", "allow"]);
    let answer = git(&alice, &["commit", "--quiet", "-m", "mine"]).expect_success();
    let said = answer.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.ends_with("This commit goes on."), "{said}");
}

#[test]
fn without_the_remote_a_young_copy_decides_alone() {
    let (lab, alice, _bob) = lab(&["src/auth.rs"]);
    guarded(&alice);
    alice.agentsync(&["survey"]).expect_code(0);
    std::fs::rename(lab.hub_path(), lab.path().join("away")).unwrap();
    stage(&alice, "src/auth.rs");
    refused(&git(&alice, &["commit", "-m", "mine"]), &["src/auth.rs"]);
    alice.git(&["reset", "--quiet", "--hard"]);
    stage(&alice, "docs/a.md");
    assert_eq!(git(&alice, &["commit", "--quiet", "-m", "mine"]).expect_success().stderr, "");
}

#[test]
fn a_commit_is_looked_at_where_git_makes_it() {
    let (_lab, alice, bob) = lab(&["src/auth.rs"]);
    guarded(&alice);
    stage(&alice, "src/auth.rs");
    let env =
        [("AGENTSYNC_REPO", bob.path().display().to_string()), (installed()[0].0, installed()[0].1.clone())];
    refused(&alice.run_with("git", &env, &["commit", "-m", "mine"]), &["src/auth.rs"]);
}

#[test]
fn a_commit_passes_where_the_program_is_not_installed() {
    let (_lab, alice, _bob) = lab(&["src/auth.rs"]);
    guarded(&alice);
    stage(&alice, "src/auth.rs");
    let answer = alice.git(&["commit", "--quiet", "-m", "mine"]);
    assert!(answer.stderr.contains("agentsync is not on PATH"), "{}", answer.stderr);
    alice.git(&["push", "--quiet", "origin", "main"]);
}

#[test]
fn the_message_names_the_claim_once_where_that_is_wished() {
    let (_lab, alice, _bob) = lab(&[]);
    guarded(&alice);
    alice.agentsync(&["claim", "the models", "src/models"]).expect_code(0);
    let message = || alice.git(&["log", "-1", "--format=%B"]).text().to_owned();
    stage(&alice, "src/models/user.rs");
    git(&alice, &["commit", "--quiet", "-m", "one"]).expect_success();
    assert_eq!(message(), "one");
    alice.git(&["config", "agentsync.trailer", "true"]);
    alice.write("src/models/user.rs", "// two\n");
    git(&alice, &["commit", "--quiet", "-am", "two"]).expect_success();
    assert_eq!(message(), "two\n\nAgentsync-Claim: alice (the models)");
    git(&alice, &["commit", "--quiet", "--amend", "--no-edit"]).expect_success();
    assert_eq!(message(), "two\n\nAgentsync-Claim: alice (the models)");
    let trailers = alice.git(&["log", "-1", "--format=%(trailers:key=Agentsync-Claim,valueonly)"]);
    assert_eq!(trailers.text(), "alice (the models)", "git reads it as one");
    stage(&alice, "docs/a.md");
    git(&alice, &["commit", "--quiet", "-m", "three"]).expect_success();
    assert_eq!(message(), "three", "it belongs to no claim");
}
