//! Trial merges, uncommitted work and branches that nobody claimed.

use std::time::{Duration, Instant, SystemTime};

use agentsync_lab::checkout::Checkout;
use agentsync_lab::lab::Lab;
use agentsync_lab::mcp::{Era, McpClient};
use serde_json::{Value, json};

use crate::PROGRAM;

/// Puts `agent` on `branch` with `text` in README.md, pushed.
fn at_work(agent: &Checkout, branch: &str, text: &str) -> String {
    agent.git(&["switch", "--quiet", "-c", branch]);
    agent.write("README.md", text);
    let commit = agent.commit("change the readme");
    agent.push(branch);
    commit
}

/// Alice and bob changed the same line on pushed branches and claimed other files.
fn collision() -> (Lab, Checkout, Checkout) {
    let lab = Lab::new(PROGRAM);
    let (alice, bob) = (lab.clone("alice"), lab.clone("bob"));
    at_work(&alice, "alice/readme", "by alice\n");
    at_work(&bob, "bob/readme", "by bob\n");
    alice.agentsync(&["claim", "words", "src/auth.rs"]).expect_success();
    bob.agentsync(&["claim", "other words", "docs/b.md"]).expect_success();
    (lab, alice, bob)
}

fn check(agent: &Checkout, args: &[&str], code: i32) -> Value {
    let args: Vec<&str> = ["check-conflicts", "--json"].iter().chain(args).copied().collect();
    agent.agentsync(&args).expect_code(code).json()
}

#[test]
fn a_textual_conflict_is_found_though_the_claims_do_not_meet() {
    let (lab, alice, bob) = collision();
    let report = check(&bob, &[], 1);
    assert_eq!(report["my_branch"], "bob/readme");
    let result = &report["results"][0];
    assert_eq!(result["partner"], "alice");
    assert_eq!(result["their_branch"], "alice/readme");
    assert_eq!(result["claim_overlap"], json!([]));
    assert_eq!(result["merge_conflict"]["conflict"], json!(true));
    assert_eq!(result["merge_conflict"]["files"], json!(["README.md"]));
    let theirs = lab.hub_tip("alice/readme").unwrap();
    assert_eq!(result["merge_conflict"]["compared"][1], json!(theirs));
    assert_eq!(result["merge_conflict"]["compared"][0], report["my_tip"]["commit"]);
    drop(alice);
}

#[test]
fn what_is_not_committed_yet_takes_part_unless_told_otherwise() {
    let lab = Lab::new(PROGRAM);
    let (alice, bob) = (lab.clone("alice"), lab.clone("bob"));
    at_work(&alice, "alice/readme", "by alice\n");
    alice.agentsync(&["claim", "words", "docs/a.md"]).expect_success();
    bob.git(&["switch", "--quiet", "-c", "bob/x"]);
    bob.write("src/new.rs", "// new\n");
    bob.commit("add a file");
    bob.agentsync(&["claim", "other", "docs/b.md"]).expect_success();
    assert_eq!(check(&bob, &[], 0)["my_tip"]["source"], "local");

    bob.write("README.md", "by bob\n");
    let status = bob.git(&["status", "--porcelain"]).stdout;
    let report = check(&bob, &[], 1);
    assert_eq!(report["my_tip"]["source"], "worktree");
    assert_eq!(report["results"][0]["merge_conflict"]["conflict"], json!(true));
    assert_eq!(bob.git(&["status", "--porcelain"]).stdout, status);
    assert_eq!(check(&bob, &["--committed"], 0)["my_tip"]["source"], "local");
}

#[test]
fn a_branch_that_no_claim_names_is_unknown_and_not_clear() {
    let (_lab, alice, bob) = collision();
    at_work(&alice, "spike", "by a spike\n");
    let report = check(&bob, &["spike"], 1);
    let result = &report["results"][0];
    assert_eq!(result["partner"], Value::Null);
    assert_eq!(result["claim_overlap"]["status"], "unknown");
    assert_eq!(result["merge_conflict"]["conflict"], json!(true));
}

#[test]
fn the_owner_of_the_branch_asked_for_is_compared_with() {
    let (_lab, alice, bob) = collision();
    alice.agentsync(&["claim", "words", "docs/b.md", "--force", "--reason", "agreed"]).expect_success();
    let report = check(&bob, &["alice/readme"], 1);
    assert_eq!(report["results"][0]["partner"], "alice");
    assert_eq!(report["results"][0]["claim_overlap"], json!(["docs/b.md"]));
    assert_eq!(report["results"][0]["reasons"][0]["type"], "shared_files");
}

#[test]
fn a_branch_that_was_not_pushed_is_said_to_be_so() {
    let lab = Lab::new(PROGRAM);
    let (alice, bob) = (lab.clone("alice"), lab.clone("bob"));
    alice.agentsync(&["claim", "words", "docs/a.md", "--branch", "alice/later"]).expect_success();
    bob.agentsync(&["claim", "other", "docs/b.md", "--branch", "bob/later"]).expect_success();
    let report = check(&bob, &[], 0);
    assert_eq!(report["results"][0]["merge_conflict"]["conflict"], "branch_not_pushed");
}

#[test]
fn without_a_claim_of_my_own_the_overlap_is_unknown() {
    let (_lab, _alice, bob) = collision();
    bob.agentsync(&["release"]).expect_success();
    let report = check(&bob, &[], 1);
    assert_eq!(report["results"][0]["claim_overlap"]["status"], "unknown");
    assert_eq!(report["my_branch"], "bob/readme");
}

#[test]
fn a_finished_branch_that_would_still_conflict_is_shown_and_one_that_merges_is_not() {
    let (_lab, alice, bob) = collision();
    alice.agentsync(&["update-status", "done"]).expect_success();
    let report = check(&bob, &[], 1);
    assert_eq!(report["results"][0]["merge_conflict"]["conflict"], json!(true));
    assert_eq!(report["results"][0]["claim_overlap"], json!([]));

    bob.git(&["reset", "--quiet", "--hard", "origin/main"]);
    bob.git(&["push", "--quiet", "--force", "origin", "bob/readme"]);
    assert_eq!(check(&bob, &[], 0)["results"], json!([]));
}

#[test]
fn done_records_what_the_branch_changed() {
    let (_lab, alice, _bob) = collision();
    let report = alice.agentsync(&["update-status", "done", "--json"]).expect_success().json();
    assert_eq!(report["claim"]["changed_files"], json!([{ "status": "M", "path": "README.md" }]));
}

#[test]
fn several_peers_are_compared_and_listed_in_the_order_of_the_board() {
    let lab = Lab::new(PROGRAM);
    let bob = lab.clone("bob");
    at_work(&bob, "bob/readme", "by bob\n");
    bob.agentsync(&["claim", "words", "docs/bob.md"]).expect_success();
    for name in ["peer-a", "peer-b", "peer-c", "peer-d", "peer-e", "peer-f"] {
        let peer = lab.clone(name);
        at_work(&peer, &format!("{name}/readme"), name);
        peer.agentsync(&["claim", "words", &format!("docs/{name}.md")]).expect_success();
    }
    let report = check(&bob, &[], 1);
    let partners: Vec<_> = report["results"].as_array().unwrap().iter().map(|one| &one["partner"]).collect();
    assert_eq!(partners, ["peer-a", "peer-b", "peer-c", "peer-d", "peer-e", "peer-f"]);
    assert!(
        report["results"].as_array().unwrap().iter().all(|one| one["merge_conflict"]["conflict"] == true)
    );
}

#[test]
fn nothing_of_the_users_repository_changes() {
    let (_lab, _alice, bob) = collision();
    bob.write("README.md", "more\n");
    let look = || {
        let refs = bob.git(&["for-each-ref"]).stdout;
        (
            refs,
            bob.git(&["status", "--porcelain"]).stdout,
            std::fs::read(bob.path().join(".git/index")).unwrap(),
        )
    };
    let before = look();
    check(&bob, &[], 1);
    assert_eq!(look(), before);
}

#[test]
fn over_mcp_it_answers_the_same() {
    let (_lab, _alice, bob) = collision();
    let mut client = McpClient::start(&bob, Era::Session);
    let report = client.structured("check_conflicts", json!({}));
    assert_eq!(report, check(&bob, &[], 1));
}

/// A clone with a branch of today: the lab's own commits are from the beginning of the year.
fn spike_of_today(lab: &Lab) -> Checkout {
    let carol = lab.clone("carol");
    at_work(&carol, "carol/spike", "by carol\n");
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    let date = format!("@{now} +0000");
    let env = [("GIT_AUTHOR_DATE", &date), ("GIT_COMMITTER_DATE", &date)];
    carol
        .run_with("git", &env, &["commit", "--quiet", "--amend", "--no-edit", "--date", &date])
        .expect_success();
    carol.git(&["push", "--quiet", "--force", "origin", "carol/spike"]);
    carol
}

/// Calls survey over MCP until it knows of the remote's branches.
fn unclaimed(client: &mut McpClient) -> Value {
    let start = Instant::now();
    loop {
        let found = client.structured("survey", json!({}))["unclaimed"].clone();
        if found["age_seconds"].is_u64() {
            return found;
        }
        assert!(start.elapsed() < Duration::from_secs(60), "nothing was found out: {found}");
    }
}

#[test]
fn branches_that_nobody_claimed_are_found_in_the_background() {
    let (lab, _alice, bob) = collision();
    spike_of_today(&lab);
    let mut client = McpClient::start(&bob, Era::Session);
    let found = unclaimed(&mut client);
    let branches = found["branches"].as_array().unwrap();
    assert_eq!(branches.len(), 1, "{found}");
    assert_eq!(branches[0]["branch"], "carol/spike");
    assert_eq!(branches[0]["last_author"], "carol");
    assert_eq!(branches[0]["commits"], 1);
    assert_eq!(branches[0]["files"], json!(["README.md"]));
}

#[test]
fn the_command_line_leaves_the_look_up_to_a_child() {
    let (lab, _alice, bob) = collision();
    spike_of_today(&lab);
    let start = Instant::now();
    loop {
        let found = bob.agentsync(&["survey", "--json"]).expect_success().json()["unclaimed"].clone();
        if found["age_seconds"].is_u64() {
            assert_eq!(found["branches"][0]["branch"], "carol/spike");
            return;
        }
        assert!(start.elapsed() < Duration::from_secs(60), "nothing was found out: {found}");
    }
}

#[test]
fn the_look_up_can_be_switched_off() {
    let (_lab, _alice, bob) = collision();
    let env = [("AGENTSYNC_UNCLAIMED", "off")];
    let report = bob.agentsync_with(&env, &["survey", "--json"]).expect_success().json();
    assert_eq!(report.get("unclaimed"), None);
}
