//! Which pull request counts as that of a claim, and what happens when the board does not follow.

use std::os::unix::fs::PermissionsExt as _;

use serde_json::json;

use super::{PULL, Shop};

const SECOND: &str = "https://github.com/acme/shop/pull/2";

#[test]
fn a_request_that_was_merged_at_this_commit_is_the_claims() {
    let shop = Shop::open();
    shop.open_request();
    shop.gh.set_pull_state("acme/shop", 1, "MERGED");
    assert_eq!(shop.json(&["finish"], 0)["pr_url"], PULL);
}

#[test]
fn work_that_came_after_a_merge_gets_a_request_of_its_own() {
    let shop = Shop::open();
    shop.open_request();
    shop.gh.set_pull_state("acme/shop", 1, "MERGED");
    shop.alice.write("src/more.rs", "// more\n");
    shop.alice.commit("more");
    shop.alice.push("alice/auth");
    assert_eq!(shop.json(&["finish"], 0)["pr_url"], SECOND);
}

#[test]
fn a_request_that_was_closed_makes_room_for_another() {
    let shop = Shop::open();
    shop.open_request();
    shop.gh.set_pull_state("acme/shop", 1, "CLOSED");
    assert_eq!(shop.json(&["finish"], 0)["pr_url"], SECOND);
}

#[test]
fn the_claim_of_a_merged_and_deleted_branch_still_takes_a_note() {
    let shop = Shop::open();
    shop.json(&["finish"], 0);
    shop.gh.set_pull_state("acme/shop", 1, "MERGED");
    shop.lab.hub_git(&["update-ref", "-d", "refs/heads/alice/auth"]);
    let report = shop.json(&["finish", "--note", "shipped"], 0);
    assert_eq!(report["pr_url"], PULL);
    assert_eq!(report["claim"]["note"], "shipped");
    assert_eq!(report["claim"]["changed_files"], json!([{ "status": "M", "path": "src/auth.rs" }]));
}

#[test]
fn a_request_without_its_mark_on_the_board_is_named_and_marked_the_next_time() {
    let shop = Shop::open();
    let hook = shop.lab.hub_path().join("hooks/pre-receive");
    std::fs::create_dir_all(hook.parent().unwrap()).unwrap();
    std::fs::write(&hook, "#!/bin/sh\necho 'the board is closed today' >&2\nexit 1\n").unwrap();
    std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).unwrap();
    let report = shop.json(&["finish"], 1);
    assert_eq!(report["status"], "pr_opened_status_failed");
    assert_eq!(report["pr_url"], PULL);
    assert_eq!(report["hint"], "the pull request is open: update_status(status=\"done\") marks the claim");
    assert!(report["detail"].as_str().unwrap().contains("refuses the push"), "{report}");
    assert_eq!(shop.status(), "in-progress");
    std::fs::remove_file(hook).unwrap();
    assert_eq!(shop.json(&["finish"], 0)["pr_url"], PULL);
    assert_eq!(shop.status(), "done");
}

#[test]
fn at_a_host_that_gh_does_not_know_the_way_without_it_is_named() {
    let shop = Shop::open();
    shop.move_to("https://git.example.org/acme/shop.git");
    let report = shop.json(&["finish"], 1);
    assert_eq!(report["status"], "pr_failed");
    assert_eq!(report["detail"], "`gh` is not logged in to `git.example.org`");
    let hint = report["hint"].as_str().unwrap();
    assert!(hint.contains("gh auth login --hostname git.example.org"), "{hint}");
    assert!(hint.contains("update_status(status=\"done\")"), "{hint}");
    assert_eq!(shop.status(), "in-progress");
}

#[test]
fn a_name_of_three_parts_is_not_taken_for_a_host() {
    let shop = Shop::open();
    shop.move_to("https://git.example.org/group/part/shop.git");
    let report = shop.json(&["finish"], 1);
    assert!(report["detail"].as_str().unwrap().contains("`group/part/shop`"), "{report}");
    assert!(shop.gh.calls().is_empty());
}
