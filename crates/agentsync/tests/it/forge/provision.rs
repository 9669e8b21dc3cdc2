//! Setting a project up where something is there already.

use super::{Shop, at_github, lone};

#[test]
fn a_clone_that_is_behind_can_set_up_again() {
    let shop = Shop::open();
    let bob = at_github(&shop.lab, "bob");
    shop.lab.push_as_stranger("main", &[("NEWS.md", b"news\n")], "news");
    let before = shop.lab.hub_tip("main");
    let report = bob.agentsync_with(&shop.gh.env(), &["provision", "--json"]).expect_code(0).json();
    assert_eq!(report["status"], "provisioned");
    assert_eq!(report["default_branch"], "main");
    assert_eq!(shop.lab.hub_tip("main"), before);
}

#[test]
fn setting_up_again_pushes_no_work_in_progress() {
    let shop = Shop::open();
    shop.alice.git(&["switch", "--quiet", "-c", "alice/secret"]);
    shop.alice.write("plans", "secret\n");
    shop.alice.commit("not yet");
    let report = shop.json(&["provision"], 0);
    assert_eq!(report["default_branch"], "main");
    assert_eq!(shop.lab.hub_tip("alice/secret"), None);
}

#[test]
fn a_repository_with_a_history_of_its_own_keeps_it() {
    let shop = Shop::open();
    let carol = shop.lab.lone("carol");
    let before = shop.lab.hub_tip("main");
    carol.write("mine", "1\n");
    carol.commit("mine");
    let args = ["provision", "acme/shop", "--partners", "bob", "--json"];
    let report = carol.agentsync_with(&shop.gh.env(), &args).expect_code(0).json();
    assert_eq!(report["steps"][0], "`acme/shop` is there; added it as the remote `origin`");
    let step = report["steps"][1].as_str().unwrap();
    assert!(step.starts_with("`main` stays as it is there"), "{step}");
    assert_eq!(shop.lab.hub_tip("main"), before);
    assert_eq!(shop.gh.collaborators("acme/shop"), ["bob"]);
}

#[test]
fn without_a_commit_nothing_is_pushed_and_the_next_call_goes_on() {
    let (_lab, gh, alice) = lone();
    alice.git(&["update-ref", "-d", "refs/heads/main"]);
    let args = ["provision", "acme/new", "--json"];
    let report = alice.agentsync_with(&gh.env(), &args).expect_code(1).json();
    assert_eq!(report["status"], "partial");
    assert_eq!(report["default_branch"], serde_json::Value::Null);
    assert_eq!(report["steps"][1], "nothing pushed: the repository has no commit yet");
    assert_eq!(report["next"], "commit something, then provision() again");
    assert_eq!(alice.git(&["ls-remote", &gh.hub_path("acme/new").display().to_string()]).text(), "");
    alice.commit("first");
    let report = alice.agentsync_with(&gh.env(), &args).expect_code(0).json();
    assert_eq!(report["default_branch"], "main");
}

#[test]
fn the_configured_partners_are_invited_once_each() {
    let (_lab, gh, alice) = lone();
    let mut env = gh.env();
    env.push(("AGENTSYNC_PARTNER_GITHUB".into(), "bob, @carol Bob".into()));
    let report = alice.agentsync_with(&env, &["provision", "acme/new", "--json"]).expect_code(0).json();
    assert_eq!(report["partners_invited"].as_array().unwrap().len(), 2);
    assert_eq!(gh.collaborators("acme/new"), ["bob", "carol"]);
}

#[test]
fn a_bare_name_belongs_to_whoever_is_logged_in() {
    let (_lab, gh, alice) = lone();
    let report = alice.agentsync_with(&gh.env(), &["provision", "--json"]).expect_code(0).json();
    assert_eq!(report["repo"], "alice/alice", "the folder's name, under the login");
}

#[test]
fn a_repository_of_the_same_name_at_another_host_is_not_taken_for_it() {
    let shop = Shop::open();
    shop.move_to("https://git.example.org/acme/shop.git");
    let report = shop.json(&["provision", "--partners", "bob"], 2);
    assert_eq!(report["code"], "gh_logged_out");
    assert!(shop.gh.collaborators("acme/shop").is_empty());
}

#[test]
fn outside_a_repository_it_says_how_to_make_one() {
    let shop = Shop::open();
    let folder = shop.lab.path().join("plain");
    std::fs::create_dir(&folder).unwrap();
    let folder = folder.display().to_string();
    let report = shop.json(&["provision", "--repo", &folder], 2);
    assert!(report["fix"].as_str().unwrap().contains("git init"), "{report}");
}
