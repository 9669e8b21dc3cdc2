//! The list of checks, in every kind of trouble.

use super::{lab, refuse_pushes};
use agentsync_lab::answer::Answer;
use agentsync_lab::checkout::Checkout;
use agentsync_lab::http::fault::Fault;
use agentsync_lab::http::{HostOptions, HttpHost};
use agentsync_lab::lab::{HubKind, Lab, LabOptions};
use insta::{Settings, assert_snapshot};
use serde_json::Value;

/// Hides what differs between runs and machines.
fn settings(lab: &Lab) -> Settings {
    let mut settings = Settings::clone_current();
    let path = lab.path().canonicalize().unwrap();
    settings.add_filter(&path.display().to_string(), "[lab]");
    settings.add_filter(r"\b[0-9a-f]{10}\b", "[commit]");
    settings.add_filter(r"git          \d[\w.]*", "git          [version]");
    settings.add_filter(r"\d+ k?B in", "[size] in");
    settings
}

#[track_caller]
fn verdict(answer: &Answer, check: &str) -> (String, String) {
    let report = answer.json();
    let checks = report["checks"].as_array().unwrap();
    let found = checks.iter().find(|found| found["check"] == check).unwrap_or(&Value::Null);
    let text = |key: &str| found[key].as_str().unwrap_or_default().to_owned();
    (text("verdict"), text("said"))
}

#[test]
fn all_is_well() {
    let lab = lab();
    let alice = lab.clone("alice");
    alice.agentsync(&["claim", "fix login", "src/auth.rs"]).expect_code(0);
    let answer = alice.agentsync_with(&[("PATH", git_only(&alice))], &["doctor"]).expect_code(0);
    let _hidden = settings(&lab).bind_to_scope();
    assert_snapshot!(answer.stdout, @r"
    ✓ git          [version]
    ✓ repository   [lab]/clones/alice
    ✓ agent        alice (AGENTSYNC_AGENT_ID)
    ✓ remote       [lab]/hub.git
    ✓ credentials  the remote answered without a question
    ✓ board        `agentsync` at [commit] can be read
    ✓ push         a rehearsed push to `agentsync` was accepted
    – rules        branch rules and hooks of the remote speak only when something is
      pushed; a claim shows them
    – signing      off; no .agentsync/allowed_signers on the default branch
    ✓ leftovers    no lock and no broken push is left behind
    – fsync        no: a power loss of the remote may take back the last pushes
      fix:  there: git config core.fsync committed
    ✓ clock        not behind the board's newest commit
    ✓ cache        [size] in [lab]/clones/alice/.git/agentsync
    – gh           not installed; only `finish` and `provision` need it
    – hooks        no client asks before it edits
      fix:  agentsync install claude-code, or another client
    – git hooks    git does not ask before it commits or pushes
      fix:  agentsync install git

    next  agentsync survey
    ");
}

/// Returns a folder with git and nothing else, so that what else is installed makes no difference.
fn git_only(alice: &Checkout) -> String {
    let git = alice.run_with("sh", &[("NONE", "")], &["-c", "command -v git"]).expect_code(0);
    let folder = alice.path().join(".git/git-only");
    std::fs::create_dir_all(&folder).unwrap();
    std::os::unix::fs::symlink(git.text(), folder.join("git")).unwrap();
    folder.display().to_string()
}

#[test]
fn no_repository_is_said_and_the_rest_listed() {
    let lab = lab();
    let alice = lab.clone("alice");
    let outside = lab.path().join("tmp").display().to_string();
    let answer = alice.agentsync(&["doctor", "-C", &outside]).expect_code(1);
    let _hidden = settings(&lab).bind_to_scope();
    assert_snapshot!(answer.stdout, @r"
    ✓ git          [version]
    ✗ repository   `[lab]/tmp` is not inside a git repository
      fix:  run this inside a clone, name one with AGENTSYNC_REPO, or make one here
      with `git init`
    – agent        needs a repository
    – remote       needs a repository
    – credentials  needs a repository
    – board        needs a repository
    – push         needs a repository
    – rules        needs a repository
    – signing      needs a repository
    – leftovers    needs a repository
    – fsync        needs a repository
    – clock        needs a repository
    – cache        needs a repository
    – gh           needs a repository
    – hooks        needs a repository
    – git hooks    needs a repository

    next  mend `repository` first, then `agentsync doctor` again
    ");
}

#[test]
fn no_remote_means_a_board_for_this_clone() {
    let lab = lab();
    let alice = lab.lone("alice");
    let answer = alice.agentsync_with(&[("PATH", git_only(&alice))], &["doctor"]).expect_code(0);
    let _hidden = settings(&lab).bind_to_scope();
    assert_snapshot!(answer.stdout, @r"
    ✓ git          [version]
    ✓ repository   [lab]/clones/alice
    ✓ agent        alice (AGENTSYNC_AGENT_ID)
    – remote       there is no remote `origin`: the board is for the worktrees of
      this clone alone
      fix:  git remote add origin ADDRESS
    – credentials  not needed without a remote
    ✓ board        there is no `agentsync` yet; the first claim makes it
    – push         not needed without a remote
    – rules        not needed without a remote
    – signing      off; no .agentsync/allowed_signers on the default branch
    ✓ leftovers    no lock and no broken push is left behind
    – fsync        no: a power loss of the remote may take back the last pushes
      fix:  there: git config core.fsync committed
    – clock        no commit of the board to compare with
    ✓ cache        [size] in [lab]/clones/alice/.git/agentsync
    – gh           not installed; only `finish` and `provision` need it
    – hooks        no client asks before it edits
      fix:  agentsync install claude-code, or another client
    – git hooks    git does not ask before it commits or pushes
      fix:  agentsync install git

    next  agentsync survey
    ");
}

#[test]
fn a_repository_without_a_commit_is_no_failure() {
    let mut options = LabOptions::new(crate::PROGRAM);
    options.hub = HubKind::Empty;
    let lab = Lab::with(options);
    let alice = lab.clone("alice");
    let answer = alice.agentsync(&["doctor", "--json"]).expect_code(0);
    let (found, said) = verdict(&answer, "repository");
    assert_eq!(found, "skipped");
    assert!(said.ends_with("alice has no commit yet"), "{said}");
    assert_eq!(verdict(&answer, "push").0, "ok");
    assert_eq!(lab.hub_tip("agentsync"), None, "nothing is pushed");
}

#[test]
fn a_remote_that_is_away_is_told() {
    let lab = lab();
    let alice = lab.clone("alice");
    alice.git(&["remote", "set-url", "origin", "/nowhere.git"]);
    let answer = alice.agentsync_with(&[("PATH", git_only(&alice))], &["doctor"]).expect_code(1);
    let _hidden = settings(&lab).bind_to_scope();
    assert_snapshot!(answer.stdout, @r"
    ✓ git          [version]
    ✓ repository   [lab]/clones/alice
    ✓ agent        alice (AGENTSYNC_AGENT_ID)
    ✗ remote       cannot reach the remote `/nowhere.git`: fatal: '/nowhere.git'
      does not appear to be a git repository; fatal: Could not read from remote
      repository.
      fix:  check the network, and the address with `git remote get-url origin`
    – credentials  not needed for this address
    – board        not reached
    – push         not reached
    – rules        not reached
    – signing      off; no .agentsync/allowed_signers on the default branch
    – leftovers    not to be seen from here: the remote is on another machine
    – fsync        unknown: ask whoever runs the remote about power losses
    – clock        no commit of the board to compare with
    ✓ cache        [size] in [lab]/clones/alice/.git/agentsync
    – gh           not installed; only `finish` and `provision` need it
    – hooks        no client asks before it edits
      fix:  agentsync install claude-code, or another client
    – git hooks    git does not ask before it commits or pushes
      fix:  agentsync install git

    next  mend `remote` first, then `agentsync doctor` again
    ");
}

#[test]
fn a_remote_that_takes_no_pushes_is_told() {
    let lab = lab();
    let host = HttpHost::start(HostOptions::new(lab.path()));
    let alice = lab.clone_from("alice", &host.url("hub.git"));
    alice.agentsync(&["claim", "fix login", "src/auth.rs"]).expect_code(0);
    assert_eq!(verdict(&alice.agentsync(&["doctor", "--json"]).expect_code(0), "push").0, "ok");
    host.set_fault(Box::new(|head, _| {
        match head.path.contains("receive-pack") || head.query.contains("receive-pack") {
            true => Fault::Refuse(403),
            false => Fault::None,
        }
    }));
    let answer = alice.agentsync(&["doctor", "--json"]).expect_code(1);
    assert_eq!(verdict(&answer, "remote").0, "ok");
    let (found, said) = verdict(&answer, "push");
    assert_eq!(found, "bad");
    assert!(said.contains("403"), "{said}");
}

#[test]
fn a_hook_that_refuses_cannot_be_seen_and_that_is_said() {
    let lab = lab();
    let alice = lab.clone("alice");
    alice.agentsync(&["claim", "fix login", "src/auth.rs"]).expect_code(0);
    let tip = lab.hub_tip("agentsync");
    refuse_pushes(&lab);
    let answer = alice.agentsync(&["doctor", "--json"]).expect_code(0);
    assert_eq!(verdict(&answer, "push").0, "ok");
    let said = "branch rules and hooks of the remote speak only when something is pushed; a claim shows them";
    assert_eq!(verdict(&answer, "rules"), ("skipped".to_owned(), said.to_owned()));
    let claim = alice.agentsync(&["claim", "more", "src/lib.rs", "--json"]).expect_code(2);
    assert_eq!(claim.json()["code"], "push_refused", "as was said: a claim shows it");
    assert_eq!(lab.hub_tip("agentsync"), tip, "a rehearsal moves nothing");
}

#[test]
fn a_board_that_cannot_be_read_leads_to_repair() {
    let lab = lab();
    let alice = lab.clone("alice");
    lab.put_board_text("{\"claims\": {");
    let answer = alice.agentsync_with(&[("PATH", git_only(&alice))], &["doctor"]).expect_code(1);
    let _hidden = settings(&lab).bind_to_scope();
    assert_snapshot!(answer.stdout, @r"
    ✓ git          [version]
    ✓ repository   [lab]/clones/alice
    ✓ agent        alice (AGENTSYNC_AGENT_ID)
    ✓ remote       [lab]/hub.git
    ✓ credentials  the remote answered without a question
    ✗ board        claims.json at [commit] cannot be read: EOF while parsing an
      object at line 1 column 12
      fix:  agentsync repair
    ✓ push         a rehearsed push to `agentsync` was accepted
    – rules        branch rules and hooks of the remote speak only when something is
      pushed; a claim shows them
    – signing      off; no .agentsync/allowed_signers on the default branch
    ✓ leftovers    no lock and no broken push is left behind
    – fsync        no: a power loss of the remote may take back the last pushes
      fix:  there: git config core.fsync committed
    – clock        no commit of the board to compare with
    ✓ cache        [size] in [lab]/clones/alice/.git/agentsync
    – gh           not installed; only `finish` and `provision` need it
    – hooks        no client asks before it edits
      fix:  agentsync install claude-code, or another client
    – git hooks    git does not ask before it commits or pushes
      fix:  agentsync install git

    next  mend `board` first, then `agentsync doctor` again
    ");
}

#[test]
fn a_board_that_was_deleted_leads_to_repair() {
    let lab = lab();
    let alice = lab.clone("alice");
    alice.agentsync(&["claim", "fix login", "src/auth.rs"]).expect_code(0);
    lab.hub_git(&["update-ref", "-d", "refs/heads/agentsync"]);
    let answer = alice.agentsync(&["doctor", "--json"]).expect_code(1);
    assert_eq!(verdict(&answer, "board").0, "bad");
    let fix = answer.json()["checks"].to_string();
    assert!(fix.contains("agentsync repair"), "{fix}");
}

#[test]
fn without_git_the_list_still_comes() {
    let lab = lab();
    let alice = lab.clone("alice");
    let nothing = lab.path().join("nothing").display().to_string();
    let answer = alice.agentsync_with(&[("PATH", nothing)], &["doctor"]).expect_code(1);
    let _hidden = settings(&lab).bind_to_scope();
    assert_snapshot!(answer.stdout, @r"
    ✗ git          `git` is not installed or not on PATH
      fix:  install git 2.38 or later and put it on PATH
    ✓ repository   [lab]/clones/alice
    ✓ agent        alice (AGENTSYNC_AGENT_ID)
    – remote       needs git
    – credentials  needs git
    – board        needs git
    – push         needs git
    – rules        needs git
    – signing      needs git
    ✓ leftovers    no lock and no broken push is left behind
    – fsync        no: a power loss of the remote may take back the last pushes
      fix:  there: git config core.fsync committed
    – clock        needs git
    ✓ cache        [size] in [lab]/clones/alice/.git/agentsync
    – gh           not asked without git
    – hooks        no client asks before it edits
      fix:  agentsync install claude-code, or another client
    – git hooks    git does not ask before it commits or pushes
      fix:  agentsync install git

    next  mend `git` first, then `agentsync doctor` again
    ");
}

#[test]
fn an_id_that_two_clones_claim_under_is_told() {
    let lab = lab();
    let alice = lab.clone("alice");
    alice.agentsync(&["claim", "fix login", "src/auth.rs"]).expect_code(0);
    let bob = lab.clone("bob").as_agent("alice");
    let answer = bob.agentsync(&["doctor", "--json"]).expect_code(1);
    let said = "alice (AGENTSYNC_AGENT_ID) holds 1 active claim from another clone or worktree".to_owned();
    assert_eq!(verdict(&answer, "agent"), ("bad".to_owned(), said));
    assert_eq!(verdict(&alice.agentsync(&["doctor", "--json"]).expect_code(0), "agent").0, "ok");
}

#[test]
fn a_setting_that_cannot_be_read_is_named() {
    let lab = lab();
    let alice = lab.clone("alice");
    alice.git(&["config", "agentsync.branch", "a b"]);
    let answer = alice.agentsync(&["doctor", "--json"]).expect_code(1);
    let (found, said) = verdict(&answer, "settings");
    assert_eq!(found, "bad");
    assert!(said.starts_with("git config agentsync.branch is `a b`"), "{said}");
}

#[test]
fn a_cache_that_cannot_be_used_is_named() {
    let lab = lab();
    let alice = lab.clone("alice");
    alice.write(".git/agentsync", "a file in the way");
    let answer = alice.agentsync(&["doctor", "--json"]).expect_code(1);
    assert!(answer.json().to_string().contains(".git/agentsync"), "{}", answer.stdout);
}

#[test]
fn a_board_from_the_future_is_told() {
    let lab = lab();
    let alice = lab.clone("alice");
    alice.agentsync(&["claim", "fix login", "src/auth.rs"]).expect_code(0);
    let parent = lab.hub_tip("agentsync").unwrap();
    let date = [("GIT_AUTHOR_DATE", "2099-01-01T00:00:00Z"), ("GIT_COMMITTER_DATE", "2099-01-01T00:00:00Z")];
    alice.git(&["fetch", "--quiet", "origin", "agentsync"]);
    let tree = format!("{parent}^{{tree}}");
    let late = alice.run_with("git", &date, &["commit-tree", &tree, "-p", &parent, "-m", "late"]);
    let late = late.expect_code(0).text().to_owned();
    alice.git(&["push", "--quiet", "origin", &format!("{late}:refs/heads/agentsync")]);
    let answer = alice.agentsync(&["doctor", "--json"]).expect_code(1);
    let (found, said) = verdict(&answer, "clock");
    assert_eq!(found, "bad");
    assert!(said.contains("min in the future"), "{said}");
}
