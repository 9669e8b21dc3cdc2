//! The gate of a pull request: whose a path is, which board, and what it does when it cannot know.

use agentsync_lab::answer::Answer;
use agentsync_lab::checkout::Checkout;
use serde_json::Value;

use super::{Shop, TASK, work};

#[track_caller]
fn gate(agent: &Checkout, args: &[&str], code: i32) -> Answer {
    agent.agentsync(&[&["gate"], args].concat()).expect_code(code)
}

#[track_caller]
fn json(agent: &Checkout, args: &[&str], code: i32) -> Value {
    gate(agent, &[args, &["--json"]].concat(), code).json()
}

const RANGE: [&str; 2] = ["--range", "origin/main..HEAD"];

#[test]
fn what_a_branch_changes_of_what_others_hold_is_found() {
    let shop = Shop::new();
    work(&shop.carol, "carol/x", &["src/auth.rs", "docs/free.md"]);
    let report = json(&shop.carol, &RANGE, 1);
    assert_eq!((&report["status"], &report["refused"]), (&"held".into(), &true.into()), "{report}");
    assert_eq!((&report["paths"], &report["own"]), (&2.into(), &0.into()));
    assert_eq!(report["branch"], "carol/x");
    let found = &report["findings"][0];
    assert_eq!((&found["path"], &found["holder"]), (&"src/auth.rs".into(), &"bob".into()), "{report}");
    assert_eq!((&found["task"], &found["branch"]), (&TASK.into(), &"bob/login".into()));
    assert_eq!(report["tip"], shop.lab.hub_tip("agentsync").unwrap());

    let words = gate(&shop.carol, &RANGE, 1).stdout;
    assert!(words.starts_with("held  1 of 2 changed paths is held by somebody else\n"), "{words}");
    assert!(words.contains("PATH") && words.contains("src/auth.rs  bob      \"harden the login"), "{words}");
    assert!(words.lines().all(|line| line.chars().count() <= 80), "{words}");
    // The holder's own branch, by name or because it is checked out.
    assert_eq!(json(&shop.carol, &[&RANGE[..], &["--branch", "bob/login"]].concat(), 0)["status"], "clear");
    work(&shop.bob, "bob/login", &["src/auth.rs"]);
    let report = json(&shop.bob, &RANGE, 0);
    assert_eq!((&report["status"], &report["own"]), (&"clear".into(), &1.into()), "{report}");
    // Nobody's branch.
    assert_eq!(json(&shop.bob, &[&RANGE[..], &["--branch", ""]].concat(), 1)["branch"], Value::Null);
}

#[test]
fn what_was_merged_into_the_base_meanwhile_is_not_the_works_doing() {
    let shop = Shop::new();
    work(&shop.carol, "carol/x", &["docs/free.md"]);
    work(&shop.bob, "bob/login", &["src/auth.rs"]);
    shop.bob.push("main");
    shop.carol.git(&["fetch", "--quiet"]);
    for range in ["origin/main..HEAD", "origin/main...HEAD", "origin/main..carol/x"] {
        let report = json(&shop.carol, &["--range", range], 0);
        assert_eq!((&report["status"], &report["paths"]), (&"clear".into(), &1.into()), "{range}: {report}");
    }
    // Nor is it when it is merged into the work.
    shop.carol.git(&["merge", "--quiet", "--no-ff", "origin/main"]);
    assert_eq!(json(&shop.carol, &RANGE, 0)["paths"], 1);
}

#[test]
fn a_run_can_be_repeated_on_the_board_it_named() {
    let shop = Shop::new();
    work(&shop.carol, "carol/x", &["src/auth.rs"]);
    let tip = json(&shop.carol, &RANGE, 1)["tip"].as_str().unwrap().to_owned();
    let words = gate(&shop.carol, &RANGE, 1).stdout;
    assert!(words.contains(&format!("--board {tip}")), "{words}");
    shop.bob.agentsync(&["release"]).expect_success();
    assert_eq!(json(&shop.carol, &RANGE, 0)["status"], "clear");
    // In a clone that has seen nothing yet, too.
    let dave = shop.lab.clone("dave");
    work(&dave, "dave/x", &["src/auth.rs"]);
    for agent in [&shop.carol, &dave] {
        let report = json(agent, &[&RANGE[..], &["--board", &tip]].concat(), 1);
        assert_eq!((&report["tip"], &report["status"]), (&tip.clone().into(), &"held".into()), "{report}");
    }
    json(&shop.carol, &[&RANGE[..], &["--board", "63c2"]].concat(), 2);
    let report = json(&shop.carol, &[&RANGE[..], &["--board", &"0123456789".repeat(4)]].concat(), 0);
    assert_eq!(report["status"], "unsure", "{report}");
    assert!(report["warnings"][0].as_str().unwrap().contains("no commit"), "{report}");
}

#[test]
fn finished_work_may_land_on_what_was_claimed_since() {
    let shop = Shop::new();
    work(&shop.bob, "bob/login", &["src/auth.rs"]);
    shop.bob.agentsync(&["update-status", "done"]).expect_success();
    shop.alice.agentsync(&["claim", "next", "src/auth.rs", "--branch", "alice/next"]).expect_success();
    assert_eq!(json(&shop.bob, &RANGE, 0)["status"], "clear");
    work(&shop.carol, "carol/x", &["src/auth.rs"]);
    assert_eq!(json(&shop.carol, &RANGE, 1)["findings"][0]["holder"], "alice");
}

#[test]
fn the_policy_is_set_or_asked_for() {
    let shop = Shop::new();
    work(&shop.carol, "carol/x", &["src/auth.rs"]);
    let report = json(&shop.carol, &[&RANGE[..], &["--policy", "warn"]].concat(), 0);
    assert_eq!((&report["status"], &report["refused"]), (&"held".into(), &false.into()), "{report}");
    shop.carol.git(&["config", "agentsync.gate", "off"]);
    let report = json(&shop.carol, &RANGE, 0);
    assert_eq!((&report["status"], &report["tip"]), (&"off".into(), &Value::Null), "{report}");
    assert!(gate(&shop.carol, &RANGE, 0).stdout.contains("switched off here"));
    let env = [("AGENTSYNC_GATE", "block")];
    shop.carol.agentsync_with(&env, &[&["gate"], &RANGE[..]].concat()).expect_code(1);
    json(&shop.carol, &[&RANGE[..], &["--policy", "perhaps"]].concat(), 2);
}

#[test]
fn a_history_that_is_cut_off_is_said_with_what_to_do() {
    let shop = Shop::new();
    let tip = work(&shop.carol, "carol/x", &["src/auth.rs"]);
    shop.carol.push("carol/x");
    shop.lab.push_as_stranger("main", &[("README.md", b"# other\n")], "meanwhile");
    // As actions/checkout makes one without `fetch-depth: 0`.
    let dave = shop.lab.lone("dave");
    let url = format!("file://{}", shop.lab.hub_path().display());
    dave.git(&["remote", "add", "origin", &url]);
    dave.git(&["fetch", "--quiet", "--depth=1", "origin", "carol/x", "main:refs/remotes/origin/main"]);
    dave.git(&["switch", "--quiet", "--force", "--detach", &tip]);
    let report = json(&dave, &RANGE, 2);
    assert_eq!(report["code"], "no_repository", "{report}");
    assert!(report["error"].as_str().unwrap().ends_with("the history here is cut off"), "{report}");
    assert!(report["fix"].as_str().unwrap().contains("fetch-depth: 0"), "{report}");
    let report = json(&dave, &["--range", "origin/nowhere..HEAD"], 2);
    assert_eq!(report["error"], "`origin/nowhere` names no commit here");
    assert!(report["fix"].as_str().unwrap().contains("fetch-depth: 0"), "{report}");
    dave.git(&["fetch", "--quiet", "--unshallow", "origin"]);
    assert_eq!(json(&dave, &RANGE, 1)["findings"][0]["path"], "src/auth.rs");
    // What has nothing in common is another thing.
    dave.git(&["switch", "--quiet", "--orphan", "fresh"]);
    dave.write("x", "x");
    dave.commit("fresh");
    let report = json(&dave, &RANGE, 2);
    assert!(report["error"].as_str().unwrap().ends_with("no commit in common"), "{report}");
    json(&dave, &["--range", "origin/main"], 2);
}

#[test]
fn a_board_that_cannot_be_asked_is_never_passed_in_silence() {
    let shop = Shop::new();
    work(&shop.carol, "carol/x", &["src/auth.rs"]);
    let unsure = |words: &str| {
        let report = json(&shop.carol, &RANGE, 0);
        assert_eq!((&report["status"], &report["refused"]), (&"unsure".into(), &false.into()), "{report}");
        assert!(report["warnings"][0].as_str().unwrap().contains(words), "{report}");
        let shown = gate(&shop.carol, &RANGE, 0).stdout;
        assert!(shown.contains("not everything is known") && shown.contains("warning"), "{shown}");
        let env = [("AGENTSYNC_GUARD_UNSURE", "block")];
        shop.carol.agentsync_with(&env, &[&["gate"], &RANGE[..]].concat()).expect_code(1);
    };
    shop.lab.put_board_text("{");
    unsure("claims.json");
    shop.lab.put_board_text("{\"claims\": {\"zoe\": 7}}");
    unsure("the entry of zoe cannot be read");
    let away = shop.lab.path().join("away.git");
    std::fs::rename(shop.lab.hub_path(), &away).unwrap();
    unsure("the board cannot be asked");
    std::fs::rename(&away, shop.lab.hub_path()).unwrap();
    // One that was there and is gone is still compared with, and one that never was is said.
    shop.lab.hub_git(&["update-ref", "-d", "refs/heads/agentsync"]);
    unsure("the coordination branch was deleted");
    let dave = shop.lab.clone("dave");
    work(&dave, "dave/x", &["src/auth.rs"]);
    let report = json(&dave, &RANGE, 0);
    assert_eq!(report["warnings"][0], "there is no board at the remote: nothing is claimed");
}

#[test]
fn the_help_says_what_is_compared_in_eighty_columns() {
    let shop = Shop::new();
    let help = shop.carol.agentsync_with(&[("COLUMNS", "80")], &["gate", "--help"]).expect_code(0).stdout;
    assert!(help.contains("git diff BASE...WORK") && help.contains("--board <COMMIT>"), "{help}");
    assert!(help.lines().all(|line| line.chars().count() <= 80), "{help}");
    let help = shop.carol.agentsync_with(&[("COLUMNS", "80")], &["hook", "--help"]).expect_code(0).stdout;
    assert!(help.contains("pre-receive"), "{help}");
}
