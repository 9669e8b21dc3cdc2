//! Finish, provision and invitations, with a program that answers like GitHub's.

use agentsync_lab::answer::Answer;
use agentsync_lab::checkout::Checkout;
use agentsync_lab::gh::{Addresses, FakeGh};
use agentsync_lab::lab::{HubKind, Lab, LabOptions};
use agentsync_lab::mcp::{Era, McpClient};
use serde_json::{Value, json};

use crate::PROGRAM;

/// Alice's claimed work on `alice/auth`, pushed to what looks like `acme/shop` at GitHub.
struct Shop {
    lab: Lab,
    gh: FakeGh,
    alice: Checkout,
}

impl Shop {
    fn open() -> Shop {
        let lab = Lab::new(PROGRAM);
        let gh = lab.fake_gh().with_addresses(Addresses::GitHub);
        gh.map("acme/shop", lab.hub_path());
        let alice = at_github(&lab, "alice");
        alice.git(&["switch", "--quiet", "-c", "alice/auth"]);
        alice.write("src/auth.rs", "// tokens\n");
        alice.commit("rotate tokens");
        alice.push("alice/auth");
        alice.agentsync(&["claim", "rotate tokens", "src/auth.rs"]).expect_success();
        Shop { lab, gh, alice }
    }

    fn run(&self, args: &[&str]) -> Answer {
        self.alice.agentsync_with(&self.gh.env(), args)
    }

    #[track_caller]
    fn json(&self, args: &[&str], code: i32) -> Value {
        self.run(&[args, &["--json"]].concat()).expect_code(code).json()
    }

    fn status(&self) -> Value {
        self.alice.agentsync(&["survey", "--json"]).expect_success().json()["my_claim"]["status"].clone()
    }
}

fn at_github(lab: &Lab, agent: &str) -> Checkout {
    let checkout = lab.clone(agent);
    checkout.git(&["remote", "set-url", "origin", "https://github.com/acme/shop.git"]);
    checkout
}

const PULL: &str = "https://github.com/acme/shop/pull/1";

#[test]
fn finish_opens_the_pull_request_and_marks_the_claim_done() {
    let shop = Shop::open();
    let report = shop.json(&["finish", "--note", "ready"], 0);
    assert_eq!(report["status"], "finished");
    assert_eq!(report["pr_url"], PULL);
    assert_eq!(report["branch"], "alice/auth");
    assert_eq!(report["claim"]["status"], "done");
    assert_eq!(report["claim"]["pr_url"], PULL);
    assert_eq!(report["claim"]["changed_files"], json!([{ "status": "M", "path": "src/auth.rs" }]));
    assert_eq!(report["claim"]["changed_files_repo"], "acme/shop");
    assert_eq!(shop.gh.pull("acme/shop", 1, "title"), "rotate tokens");
    assert_eq!(shop.gh.pull("acme/shop", 1, "base"), "main");
    assert!(shop.gh.pull("acme/shop", 1, "body").contains("ready"));
    assert_eq!(shop.gh.pull("acme/shop", 1, "draft"), "false");
}

#[test]
fn finishing_again_gives_the_same_pull_request() {
    let shop = Shop::open();
    shop.json(&["finish"], 0);
    let n_calls = shop.gh.calls().len();
    assert_eq!(shop.json(&["finish"], 0)["pr_url"], PULL);
    assert_eq!(shop.gh.calls().len(), n_calls, "GitHub is not asked again");
    assert_eq!(shop.json(&["finish", "--note", "more"], 0)["pr_url"], PULL);
}

#[test]
fn a_pull_request_that_somebody_opened_is_taken() {
    let shop = Shop::open();
    let args = [
        "gh",
        "pr",
        "create",
        "--repo=acme/shop",
        "--head=alice/auth",
        "--base=main",
        "--title=x",
        "--body=y",
    ];
    shop.alice.run_with("env", &shop.gh.env(), &args).expect_success();
    assert_eq!(shop.json(&["finish"], 0)["pr_url"], PULL);
    assert_eq!(shop.gh.pull("acme/shop", 1, "title"), "x");
}

#[test]
fn an_unpushed_branch_is_pushed_first() {
    let shop = Shop::open();
    shop.lab.hub_git(&["update-ref", "-d", "refs/heads/alice/auth"]);
    let report = shop.json(&["finish"], 1);
    assert_eq!(report["status"], "pr_failed");
    assert_eq!(report["hint"], "git push -u origin alice/auth, then finish() again");
    assert_eq!(shop.status(), "in-progress");
}

#[test]
fn commits_that_are_not_pushed_are_pointed_out() {
    let shop = Shop::open();
    shop.alice.write("src/more.rs", "// more\n");
    shop.alice.commit("more");
    let report = shop.json(&["finish"], 0);
    assert_eq!(report["warning"], "`alice/auth` has commits here that are not pushed");
}

#[test]
fn without_gh_it_says_what_to_install() {
    let shop = Shop::open();
    // A folder with git and nothing else.
    let only_git = shop.lab.path().join("only-git");
    std::fs::create_dir(&only_git).unwrap();
    let git = shop.alice.run_with("sh", &[] as &[(&str, &str)], &["-c", "command -v git"]);
    std::os::unix::fs::symlink(git.text(), only_git.join("git")).unwrap();
    let env = [("PATH", only_git.as_os_str())];
    let report = shop.alice.agentsync_with(&env, &["finish", "--json"]).expect_code(1).json();
    assert_eq!(report["status"], "pr_failed");
    assert_eq!(report["detail"], "`gh` is not installed");
    assert_eq!(report["hint"], "install GitHub's `gh`, run `gh auth login`, then finish() again");
    assert_eq!(shop.status(), "in-progress");
}

#[test]
fn without_a_login_it_says_what_to_type() {
    let shop = Shop::open();
    shop.gh.log_out();
    let report = shop.json(&["finish"], 1);
    assert_eq!(report["detail"], "`gh` is not logged in");
    assert_eq!(report["hint"], "run `gh auth login`, then finish() again");
}

#[test]
fn a_refused_pull_request_leaves_the_claim_as_it_was() {
    let shop = Shop::open();
    shop.gh.break_with("GraphQL: \u{1b}[31mPull requests are disabled (createPullRequest)");
    let report = shop.json(&["finish"], 1);
    assert_eq!(report["status"], "pr_failed");
    let detail = report["detail"].as_str().unwrap();
    assert!(detail.contains("Pull requests are disabled") && !detail.contains('\u{1b}'), "{detail}");
    assert_eq!(shop.status(), "in-progress");
}

#[test]
fn a_title_is_never_taken_for_a_flag() {
    let shop = Shop::open();
    shop.json(&["finish", "--title=--web", "--draft"], 0);
    assert_eq!(shop.gh.pull("acme/shop", 1, "title"), "--web");
    assert_eq!(shop.gh.pull("acme/shop", 1, "draft"), "true");
}

#[test]
fn without_a_claim_there_is_nothing_to_finish() {
    let shop = Shop::open();
    let bob = at_github(&shop.lab, "bob");
    let report = bob.agentsync_with(&shop.gh.env(), &["finish", "--json"]).expect_code(1).json();
    assert_eq!(report["code"], "no_claim");
    assert_eq!(report["fix"], "claim(task, touches) first");
}

#[test]
fn work_on_the_default_branch_has_no_pull_request() {
    let shop = Shop::open();
    let bob = at_github(&shop.lab, "bob");
    bob.agentsync(&["claim", "words", "README.md"]).expect_success();
    let report = bob.agentsync_with(&shop.gh.env(), &["finish", "--json"]).expect_code(1).json();
    assert_eq!(report["detail"], "the work is on `main`, which it lands on");
}

#[test]
fn at_a_remote_that_is_a_folder_it_is_finished_without_a_pull_request() {
    let shop = Shop::open();
    shop.alice.git(&["remote", "set-url", "origin", &shop.lab.hub_path().display().to_string()]);
    let report = shop.json(&["finish"], 0);
    assert_eq!(report["pr_url"], Value::Null);
    assert_eq!(report["claim"]["status"], "done");
    assert!(report["warning"].as_str().unwrap().starts_with("the remote is a folder"));
}

#[test]
fn finish_over_mcp_answers_the_same() {
    let shop = Shop::open();
    let mut client = McpClient::start_with(&shop.alice, Era::Stateless, &shop.gh.env());
    let report = client.structured("finish", json!({ "title": "Rotate", "draft": true }));
    assert_eq!(report["pr_url"], PULL);
    assert_eq!(shop.gh.pull("acme/shop", 1, "title"), "Rotate");
}

/// A lone repository and a GitHub that knows nothing of it.
fn lone() -> (Lab, FakeGh, Checkout) {
    let lab = Lab::with(LabOptions { hub: HubKind::Absent, ..LabOptions::new(PROGRAM) });
    let gh = lab.fake_gh().with_addresses(Addresses::GitHub);
    let alice = lab.lone("alice");
    (lab, gh, alice)
}

#[test]
fn provision_makes_the_repository_the_board_and_the_invitations() {
    let (_lab, gh, alice) = lone();
    gh.set_unknown_users(&["nobody"]);
    let args =
        ["provision", "acme/new", "--partners", "bob,nobody,carol", "--description", "a shop", "--json"];
    let report = alice.agentsync_with(&gh.env(), &args).expect_code(1).json();
    assert_eq!(report["status"], "partial");
    assert_eq!(report["repo"], "acme/new");
    assert_eq!(report["clone_url"], "https://github.com/acme/new.git");
    assert_eq!(report["default_branch"], "main");
    assert_eq!(report["coordination_branch"], "agentsync");
    let invited: Vec<_> =
        report["partners_invited"].as_array().unwrap().iter().map(|one| &one["invited"]).collect();
    assert_eq!(invited, [true, false, true]);
    assert_eq!(report["partner_invited"], true);
    assert_eq!(gh.visibility("acme/new"), "PRIVATE");
    assert_eq!(gh.collaborators("acme/new"), ["bob", "carol"]);
    let hub = gh.hub_path("acme/new").display().to_string();
    let refs = alice.git(&["ls-remote", &hub]).text().to_owned();
    assert!(refs.contains("refs/heads/main") && refs.contains("refs/heads/agentsync"), "{refs}");
    alice.agentsync(&["claim", "x", "a"]).expect_success();
}

#[test]
fn provisioning_again_changes_nothing() {
    let (_lab, gh, alice) = lone();
    let args = ["provision", "acme/new", "--public", "--json"];
    alice.agentsync_with(&gh.env(), &args).expect_success();
    let report = alice.agentsync_with(&gh.env(), &args).expect_success().json();
    assert_eq!(report["steps"][0], "`acme/new` is there, and is the remote `origin`");
    assert_eq!(report["steps"][2], "the coordination branch `agentsync` is there");
    assert_eq!(gh.visibility("acme/new"), "PUBLIC");
}

#[test]
fn provision_does_not_take_another_remotes_place() {
    let shop = Shop::open();
    let report = shop.json(&["provision", "acme/other"], 2);
    assert_eq!(
        report["error"],
        "the remote `origin` is `https://github.com/acme/shop.git`, not `acme/other`"
    );
    assert_eq!(report["code"], "bad_arguments");
}

#[test]
fn a_name_that_is_none_is_refused_before_github_is_asked() {
    let (_lab, gh, alice) = lone();
    for name in ["--web", "a/b/c", "a b", "/x"] {
        let args = ["provision", "--json", "--", name];
        assert_eq!(alice.agentsync_with(&gh.env(), &args).expect_code(2).json()["code"], "bad_arguments");
    }
    assert!(gh.calls().is_empty());
}

#[test]
fn provision_over_mcp_gives_the_server_its_remote() {
    let (_lab, gh, alice) = lone();
    let mut client = McpClient::start_with(&alice, Era::Session, &gh.env());
    assert!(client.structured("survey", json!({}))["board"]["local_only"].is_string());
    client.structured("provision", json!({ "repo": "acme/new" }));
    assert_eq!(client.structured("survey", json!({}))["board"].get("local_only"), None);
}

#[test]
fn invitations_are_answered_one_by_one() {
    let shop = Shop::open();
    shop.gh.set_unknown_users(&["nobody"]);
    let report = shop.json(&["add-collaborator", "bob,nobody"], 1);
    assert_eq!(report["status"], "failed");
    assert_eq!(report["repo"], "acme/shop");
    assert_eq!(report["results"][0]["invited"], true);
    assert_eq!(report["results"][1]["invited"], false);
    let report = shop.json(&["add-collaborator", "bob"], 0);
    assert_eq!(report["status"], "invited");
    assert_eq!(report["results"][0]["message"], "has access already");
}

#[test]
fn what_github_would_not_understand_is_not_sent() {
    let shop = Shop::open();
    assert!(
        shop.json(&["add-collaborator", "bob", "-p", "owner"], 2)["error"]
            .as_str()
            .unwrap()
            .contains("`owner`")
    );
    assert!(
        shop.json(&["add-collaborator", "../x"], 2)["error"]
            .as_str()
            .unwrap()
            .contains("no GitHub user name")
    );
    assert!(shop.gh.calls().is_empty());
}
