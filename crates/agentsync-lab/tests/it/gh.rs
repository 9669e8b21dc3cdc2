//! The stand-in for the GitHub CLI.

use agentsync_lab::answer::Answer;
use agentsync_lab::checkout::Checkout;
use agentsync_lab::gh::{Addresses, FakeGh};
use agentsync_lab::lab::{HubKind, Lab, LabOptions};
use serde_json::json;

use crate::PROGRAM;

/// Runs `gh` as a program in `checkout` would find it.
#[track_caller]
fn run(gh: &FakeGh, checkout: &Checkout, args: &[&str]) -> Answer {
    // Through `env`, since the system looks for programs on our own PATH, not on the child's.
    checkout.run_with("env", &gh.env(), &[&["gh"], args].concat())
}

/// A lab whose hub is `acme/shop`, with a branch that is ahead of `main`.
fn shop() -> (Lab, FakeGh, Checkout) {
    let lab = Lab::new(PROGRAM);
    let gh = lab.fake_gh();
    gh.map("acme/shop", lab.hub_path());
    let alice = lab.clone("alice");
    alice.write("a", "1");
    alice.commit("one");
    alice.push("feature");
    (lab, gh, alice)
}

const CREATE: [&str; 12] = [
    "pr",
    "create",
    "--repo",
    "acme/shop",
    "--head",
    "feature",
    "--base",
    "main",
    "--title",
    "One \"thing\"",
    "--body",
    "line 1\nline 2",
];

#[test]
fn the_version_and_the_login_are_told() {
    let (_lab, gh, alice) = shop();
    assert!(run(&gh, &alice, &["--version"]).expect_success().stdout.starts_with("gh version "));
    assert!(run(&gh, &alice, &["auth", "status"]).expect_success().stdout.contains("account alice"));
    assert_eq!(run(&gh, &alice, &["api", "user", "--jq", ".login"]).expect_success().stdout, "alice\n");
    assert_eq!(run(&gh, &alice, &["api", "user"]).expect_success().json()["login"], "alice");
    assert_eq!(gh.calls(), ["--version", "auth status", "api user --jq .login", "api user"]);
}

#[test]
fn without_a_login_little_works() {
    let (_lab, gh, alice) = shop();
    gh.log_out();
    run(&gh, &alice, &["--version"]).expect_success();
    let status = run(&gh, &alice, &["auth", "status"]).expect_code(1);
    assert_eq!(status.stderr, "You are not logged into any GitHub hosts. To log in, run: gh auth login\n");
    assert!(run(&gh, &alice, &["api", "user"]).expect_code(4).stderr.contains("gh auth login"));
}

#[test]
fn a_broken_tool_says_what_it_was_told_to() {
    let (_lab, gh, alice) = shop();
    gh.break_with("error connecting to api.github.com");
    assert_eq!(
        run(&gh, &alice, &["api", "user"]).expect_code(1).stderr,
        "error connecting to api.github.com\n"
    );
    gh.mend();
    run(&gh, &alice, &["api", "user"]).expect_success();
}

#[track_caller]
fn check_create(addresses: Addresses, want_url: impl Fn(&FakeGh) -> String) {
    let lab = Lab::with(LabOptions { hub: HubKind::Absent, ..LabOptions::new(PROGRAM) });
    let gh = lab.fake_gh().with_addresses(addresses);
    let alice = lab.lone("alice");
    let create = [
        "repo",
        "create",
        "acme/new",
        "--private",
        "--source",
        ".",
        "--remote",
        "origin",
        "--push",
        "--description",
        "a \"new\" one",
    ];
    assert_eq!(run(&gh, &alice, &create).expect_success().stdout, "https://github.com/acme/new\n");
    assert_eq!(alice.git(&["config", "remote.origin.url"]).text(), want_url(&gh));
    assert_eq!(gh.visibility("acme/new"), "PRIVATE");

    alice.write("b", "2");
    let commit = alice.commit("two");
    alice.push("main");
    assert_eq!(lab.clone_from("bob", &want_url(&gh)).git(&["rev-parse", "HEAD"]).text(), commit);

    let view = run(&gh, &alice, &["repo", "view", "--json", "nameWithOwner,isPrivate,description"]);
    assert_eq!(
        view.expect_success().json(),
        json!({ "nameWithOwner": "acme/new", "isPrivate": true, "description": "a \"new\" one" })
    );
    let again = run(&gh, &alice, &create).expect_code(1);
    assert_eq!(again.stderr, "GraphQL: Name already exists on this account (createRepository)\n");
}

#[test]
fn a_created_repository_can_be_pushed_to_and_cloned() {
    check_create(Addresses::Local, |gh| gh.hub_path("acme/new").display().to_string());
    check_create(Addresses::GitHub, |_| "https://github.com/acme/new.git".to_owned());
}

#[test]
fn a_repository_nobody_made_is_not_found() {
    let (_lab, gh, alice) = shop();
    let view = run(&gh, &alice, &["repo", "view", "acme/none", "--json", "name"]).expect_code(1);
    assert!(view.stderr.starts_with("GraphQL: Could not resolve to a Repository with the name 'acme/none'."));
}

#[test]
fn a_mapped_hub_answers_to_its_address_on_github() {
    let lab = Lab::new(PROGRAM);
    let gh = lab.fake_gh().with_addresses(Addresses::GitHub);
    gh.map("acme/shop", lab.hub_path());
    let alice = lab.clone_from("alice", "git@github.com:acme/shop.git");
    let view = run(&gh, &alice, &["repo", "view", "--json", "name,url"]).expect_success();
    assert_eq!(view.json(), json!({ "name": "shop", "url": "https://github.com/acme/shop" }));
}

#[test]
fn an_invitation_is_sent_once_and_only_to_people_who_exist() {
    let (_lab, gh, alice) = shop();
    gh.set_unknown_users(&["nobody"]);
    let invite = |user: &str| {
        let path = format!("repos/acme/shop/collaborators/{user}");
        run(&gh, &alice, &["api", "-X", "PUT", &path, "-f", "permission=push"])
    };
    assert_eq!(invite("bob").expect_success().json()["invitee"]["login"], "bob");
    assert_eq!(invite("bob").expect_success().stdout, "");
    let unknown = invite("nobody").expect_code(1);
    assert_eq!(unknown.stderr, "gh: Not Found (HTTP 404)\n");
    assert_eq!(unknown.json()["status"], "404");
    assert_eq!(gh.collaborators("acme/shop"), ["bob"]);
}

#[test]
fn the_status_of_an_api_answer_is_shown_on_request() {
    let (_lab, gh, alice) = shop();
    let invite =
        ["api", "--include", "--method=PUT", "repos/acme/shop/collaborators/bob", "-f", "permission=push"];
    assert!(run(&gh, &alice, &invite).expect_success().stdout.starts_with("HTTP/2.0 201 Created\r\n"));
    assert!(run(&gh, &alice, &invite).expect_success().stdout.starts_with("HTTP/2.0 204 No Content\r\n"));
}

#[test]
fn a_pull_request_is_opened_once() {
    let (_lab, gh, alice) = shop();
    assert_eq!(run(&gh, &alice, &CREATE).expect_success().stdout, "https://github.com/acme/shop/pull/1\n");
    assert_eq!(
        run(&gh, &alice, &CREATE).expect_code(1).stderr,
        "a pull request for branch \"feature\" into branch \"main\" already exists:\n\
         https://github.com/acme/shop/pull/1\n"
    );
    assert_eq!(gh.pull("acme/shop", 1, "body"), "line 1\nline 2");

    let view = ["pr", "view", "feature", "--repo", "acme/shop", "--json", "url,state,title,isDraft,body"];
    assert_eq!(
        run(&gh, &alice, &view).expect_success().json(),
        json!({
            "url": "https://github.com/acme/shop/pull/1",
            "state": "OPEN",
            "title": "One \"thing\"",
            "isDraft": false,
            "body": "line 1\nline 2",
        })
    );
}

#[test]
fn a_closed_pull_request_makes_room_for_another() {
    let (_lab, gh, alice) = shop();
    let list = ["pr", "list", "--repo", "acme/shop", "--head", "feature", "--state", "open", "--json", "url"];
    assert_eq!(run(&gh, &alice, &list).expect_success().json(), json!([]));
    run(&gh, &alice, &CREATE).expect_success();
    gh.set_pull_state("acme/shop", 1, "MERGED");
    assert_eq!(run(&gh, &alice, &list).expect_success().json(), json!([]));

    run(&gh, &alice, &[&CREATE[..], &["--draft"]].concat()).expect_success();
    let url = "https://github.com/acme/shop/pull/2";
    assert_eq!(run(&gh, &alice, &list).expect_success().json(), json!([{ "url": url }]));
    assert_eq!(run(&gh, &alice, &[&list[..], &["--jq", ".[0].url"]].concat()).text(), url);
    assert_eq!(gh.pull("acme/shop", 2, "draft"), "true");
}

#[test]
fn a_pull_request_needs_commits_on_a_pushed_branch() {
    let (_lab, gh, alice) = shop();
    let create = |head: &str| {
        run(
            &gh,
            &alice,
            &["pr", "create", "--repo", "acme/shop", "--head", head, "--title", "x", "--body", ""],
        )
    };
    assert!(create("main").expect_code(1).stderr.contains("No commits between main and main"));
    assert!(create("never-pushed").expect_code(1).stderr.contains("Head ref must be a branch"));
    let view =
        run(&gh, &alice, &["pr", "view", "main", "--repo", "acme/shop", "--json", "url"]).expect_code(1);
    assert_eq!(view.stderr, "no pull requests found for branch \"main\"\n");
}

#[test]
fn unknown_fields_and_flags_are_refused() {
    let (_lab, gh, alice) = shop();
    let view = run(&gh, &alice, &["repo", "view", "acme/shop", "--json", "colour"]).expect_code(1);
    assert_eq!((view.stdout.as_str(), view.stderr.as_str()), ("", "Unknown JSON field: \"colour\"\n"));
    assert_eq!(
        run(&gh, &alice, &["pr", "list", "--colour"]).expect_code(1).stderr,
        "unknown flag: --colour\n"
    );
}
