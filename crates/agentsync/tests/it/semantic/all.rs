//! `check` and `check --all`: one's own work with the peers', and every pair of active branches.

use std::time::{Duration, SystemTime};

use agentsync_lab::checkout::Checkout;
use agentsync_lab::lab::Lab;
use agentsync_lab::mcp::{Era, McpClient};
use serde_json::{Value, json};

use super::{RENAMED, USED, check, commit, on_branch, project};

/// Alice renamed what bob begins to call; both have claimed what they do.
fn rename() -> (Lab, Vec<Checkout>) {
    let (lab, agents) = project(&["alice", "bob", "carol"]);
    on_branch(&agents[0], "alice/rename", &RENAMED);
    on_branch(&agents[1], "bob/cart", &USED);
    agents[0].agentsync(&["claim", "rename", "user.go", "page.go"]).expect_success();
    agents[1].agentsync(&["claim", "cart", "cart.go"]).expect_success();
    (lab, agents)
}

#[test]
fn what_merges_and_does_not_fit_is_told_to_both() {
    let (_lab, agents) = rename();
    for (agent, mine, theirs) in [(&agents[0], "user.go", "cart.go"), (&agents[1], "cart.go", "user.go")] {
        let report = check(agent, &[], 1);
        let result = &report["results"][0];
        assert_eq!(result["merge_conflict"]["conflict"], json!(false), "{report}");
        let found = result["semantic"].as_array().unwrap();
        assert_eq!(found.len(), 1, "{report}");
        assert_eq!((&found[0]["rule"], &found[0]["tier"]), (&json!("S1"), &json!("hi")), "{report}");
        assert_eq!((&found[0]["left"]["path"], &found[0]["right"]["path"]), (&json!(mine), &json!(theirs)));
        let message = found[0]["message"].as_str().unwrap();
        assert!(message.contains("loadUser") && message.contains("cart.go:4"), "{message}");
        assert!(report["next"].as_str().unwrap().starts_with("read `semantic`"), "{report}");
    }
}

#[test]
fn what_is_not_committed_yet_is_judged_too() {
    let (_lab, agents) = rename();
    let bob = &agents[1];
    bob.write("cart.go", "package shop\n\nfunc cart() string {\n\treturn \"\"\n}\n");
    let report = check(bob, &[], 0);
    assert_eq!(report["my_tip"]["source"], "worktree");
    assert_eq!(report["results"][0]["semantic"], json!([]));
    assert_eq!(check(bob, &["--committed"], 1)["results"][0]["semantic"][0]["rule"], "S1");
}

#[test]
fn branches_without_a_common_commit_are_unknown_and_not_clear() {
    let (_lab, agents) = rename();
    let alice = &agents[0];
    alice.git(&["switch", "--quiet", "--orphan", "alone"]);
    commit(alice, &[("alone.txt", "1\n")]);
    alice.push("alone");
    let report = check(&agents[1], &["alone"], 3);
    let result = &report["results"][0];
    assert_eq!(result["merge_conflict"]["conflict"], "unknown");
    assert_eq!(result["merge_conflict"]["note"], "the two have no commit in common");
    assert_eq!(result.get("semantic"), None);
}

/// Makes the commit that is checked out one of today: only what is recent is active without a claim.
fn of_today(agent: &Checkout, branch: &str) {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    let date = format!("@{now} +0000");
    let env = [("GIT_AUTHOR_DATE", &date), ("GIT_COMMITTER_DATE", &date)];
    let amend = ["commit", "--quiet", "--amend", "--no-edit", "--date", &date];
    agent.run_with("git", &env, &amend).expect_success();
    agent.git(&["push", "--quiet", "--force", "origin", &format!("HEAD:refs/heads/{branch}")]);
}

/// Alice, bob and, without a claim, carol, who edits a line that bob edits too.
fn three() -> (Lab, Vec<Checkout>) {
    let (lab, agents) = rename();
    let (bob, carol) = (&agents[1], &agents[2]);
    commit(bob, &[("words.txt", "ONE\ntwo\nthree\n")]);
    bob.push("bob/cart");
    on_branch(carol, "carol/spike", &[("words.txt", "eins\ntwo\nthree\n")]);
    of_today(carol, "carol/spike");
    (lab, agents)
}

fn pairs(report: &Value) -> Vec<(String, String)> {
    let text = |pair: &Value, side: &str| pair[side].as_str().unwrap().to_owned();
    let pairs = report["all"]["pairs"].as_array().unwrap().iter();
    pairs.map(|pair| (text(pair, "left"), text(pair, "right"))).collect()
}

#[test]
fn every_pair_of_active_branches_is_compared() {
    let (_lab, agents) = three();
    let report = check(&agents[0], &["--all", "--detail", "full"], 1);
    let all = &report["all"];
    assert_eq!(
        (&all["n_branches"], &all["n_pairs"], &all["n_clear"]),
        (&json!(4), &json!(6), &json!(4)),
        "{all}"
    );
    let told = [("bob/cart", "carol/spike"), ("alice/rename", "bob/cart")];
    assert_eq!(pairs(&report), told.map(|(left, right)| (left.to_owned(), right.to_owned())), "{all}");
    assert_eq!(all["pairs"][0]["files"], json!(["words.txt"]));
    assert_eq!(all["pairs"][1]["semantic"][0]["rule"], "S1");
    let partners: Vec<&Value> =
        all["branches"].as_array().unwrap().iter().map(|one| &one["partner"]).collect();
    assert_eq!(partners, [&Value::Null, &json!("alice"), &json!("bob"), &Value::Null]);
}

#[test]
fn what_has_not_moved_is_known_from_before_to_every_process() {
    let (_lab, agents) = three();
    let alice = &agents[0];
    let n_known = |report: &Value| report["all"]["n_known"].as_u64().unwrap();
    let first = check(alice, &["--all"], 1);
    let again = check(alice, &["--all"], 1);
    assert_eq!(
        (n_known(&first), n_known(&again)),
        (1, 6),
        "alice and bob were compared for the answer itself"
    );
    let without = |report: &Value| {
        let mut all = report["all"].clone();
        all.as_object_mut().unwrap().remove("n_known");
        all
    };
    assert_eq!(without(&first), without(&again));

    commit(&agents[1], &[("words.txt", "eins\ntwo\nthree\n")]);
    agents[1].push("bob/cart");
    let moved = check(alice, &["--all"], 1);
    assert_eq!(n_known(&moved), 4, "bob's three pairs are new, one of them for the answer itself");
    assert_eq!(pairs(&moved).len(), 1, "carol and bob agree now: {moved}");

    let off = alice.agentsync_with(&[("AGENTSYNC_CACHE", "off")], &["check", "--all", "--json"]);
    assert_eq!(n_known(&off.expect_code(1).json()), 1, "nothing is kept, and alice and bob are judged once");
}

#[test]
fn over_mcp_all_pairs_are_the_same_and_progress_is_told() {
    let (_lab, agents) = three();
    check(&agents[0], &["--all"], 1);
    let known = check(&agents[0], &["--all"], 1);
    let mut client = McpClient::start(&agents[0], Era::Session);
    let call = json!({
        "name": "check_conflicts", "arguments": { "all": true }, "_meta": { "progressToken": "p" }
    });
    let answer = client.request("tools/call", call).unwrap();
    assert_eq!(answer["structuredContent"], known);
    let news = std::iter::from_fn(|| client.notification(Duration::from_secs(20)));
    let progress = news.into_iter().find(|news| news["method"] == "notifications/progress").unwrap();
    assert_eq!(progress["params"]["total"], 6.0, "{progress}");
    assert_eq!(progress["params"]["message"], "6 of 6 pairs of branches compared");
}

#[test]
fn in_words_both_sides_lines_stand_within_the_page() {
    let (_lab, agents) = three();
    let answer = agents[0].agentsync(&["check", "--all"]).expect_code(1);
    for want in ["All branches", "alice/rename and bob/cart", "CONFLICT in words.txt", "return fetchUser(7)"]
    {
        assert!(answer.stdout.contains(want), "no `{want}` in\n{}", answer.stdout);
    }
    let long = answer.stdout.lines().find(|line| line.chars().count() > 80);
    assert_eq!(long, None, "{}", answer.stdout);
}

#[test]
fn nothing_of_the_users_repository_changes_by_comparing_all() {
    let (_lab, agents) = three();
    let bob = &agents[1];
    bob.write("words.txt", "draft\n");
    let look = || {
        let git = |args: &[&str]| bob.git(args).stdout;
        let index = std::fs::read(bob.path().join(".git/index")).unwrap();
        (git(&["for-each-ref"]), git(&["count-objects", "-v"]), git(&["status", "--porcelain"]), index)
    };
    let before = look();
    check(bob, &["--all"], 1);
    assert_eq!(look(), before);
}

#[test]
fn a_survey_tells_what_was_found_of_the_branches_as_they_are_and_compares_nothing() {
    let (_lab, agents) = rename();
    let alice = &agents[0];
    let findings = || alice.agentsync(&["survey", "--json"]).expect_success().json().get("findings").cloned();
    assert_eq!(findings(), None, "nothing was compared yet");
    check(alice, &[], 1);
    let found = findings().unwrap();
    assert_eq!(found[0]["says"], "1 finding between your branch and bob's");
    assert_eq!((&found[0]["partner"], &found[0]["their_branch"]), (&json!("bob"), &json!("bob/cart")));
    assert_eq!(found[0]["semantic"][0]["left"]["path"], "user.go", "mine is the left side");
    let words = alice.agentsync(&["survey"]).expect_success().stdout;
    for want in ["1 finding between your branch and bob's", "func loadUser(id int)", "return fetchUser(7)"] {
        assert!(words.contains(want), "no `{want}` in\n{words}");
    }

    // What is not committed counts as it was when it was last compared.
    alice.write("words.txt", "draft\n");
    check(alice, &[], 1);
    assert_eq!(findings().unwrap()[0]["says"], "1 finding between your branch and bob's");
    alice.git(&["checkout", "--quiet", "--", "words.txt"]);
    commit(alice, &[("more.txt", "1\n")]);
    assert_eq!(findings(), None, "of this commit nothing is known");
    check(alice, &[], 1);
    assert_eq!(findings().map(|found| found[0]["partner"].clone()), Some(json!("bob")));
}
