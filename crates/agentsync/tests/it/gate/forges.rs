//! What the jobs of forges read: their environment in, annotations out, and nothing that a peer can steer.

use agentsync_lab::answer::Answer;
use serde_json::{Value, json};

use super::{Shop, work};

/// Runs the gate in a job, after carol has changed what bob holds under two names that must be escaped.
fn in_job(shop: &Shop, env: &[(&str, &str)], args: &[&str], code: i32) -> Answer {
    let all = [&["gate", "--range", "origin/main..HEAD"], args].concat();
    shop.carol.agentsync_with(env, &all).expect_code(code)
}

fn changed() -> Shop {
    let shop = Shop::new();
    shop.bob
        .agentsync(&["claim", "strange,::names", "odd", "--lane", "odd", "--branch", "b"])
        .expect_success();
    work(&shop.carol, "carol/x", &["src/auth.rs", "odd/a,b:c%\n::error::x", "docs/free.md"]);
    shop
}

/// Writes the event of a pull request, and returns the environment of its job.
fn github(shop: &Shop, from: &str, head: &str) -> Vec<(&'static str, String)> {
    let event = shop.lab.path().join("event.json");
    let repo = json!({ "full_name": from });
    let text = json!({ "pull_request": { "head": { "ref": head, "repo": repo } } }).to_string();
    std::fs::write(&event, text).unwrap();
    vec![
        ("GITHUB_ACTIONS", "true".to_owned()),
        ("GITHUB_HEAD_REF", head.to_owned()),
        ("GITHUB_REPOSITORY", "Shop/Shop".to_owned()),
        ("GITHUB_EVENT_PATH", event.display().to_string()),
    ]
}

fn borrowed<'a>(env: &'a [(&'static str, String)]) -> Vec<(&'a str, &'a str)> {
    env.iter().map(|(name, value)| (*name, value.as_str())).collect()
}

#[test]
fn github_is_told_in_its_own_commands_and_in_nobody_elses() {
    let shop = changed();
    let env = github(&shop, "shop/shop", "carol/x");
    let said = in_job(&shop, &borrowed(&env), &[], 1).stdout;
    // The table stands where commands are not obeyed, between two lines with a word nobody can know.
    let lines: Vec<&str> = said.lines().collect();
    let token = lines[0].strip_prefix("::stop-commands::").unwrap();
    let end = lines.iter().position(|line| *line == format!("::{token}::")).unwrap();
    assert!(token.len() >= 32 && lines[1..end].iter().any(|line| line.contains("PATH")), "{said}");
    let commands: Vec<&str> = lines[end + 1..].to_vec();
    assert_eq!(commands.len(), 2, "{said}");
    assert!(
        commands.iter().any(|line| line.starts_with(
            "::error file=src/auth.rs,title=agentsync%3A held by somebody else::src/auth.rs is claimed by bob (\"harden the login ::error::100%25 # #[add-path]/tmp\", branch bob/login"
        )),
        "{said}"
    );
    let strange = "::error file=odd/a%2Cb%3Ac%25%0A%3A%3Aerror%3A%3Ax,title=";
    assert!(commands.iter().any(|line| line.starts_with(strange)), "{said}");
    // Another token each time.
    assert_ne!(in_job(&shop, &borrowed(&env), &[], 1).stdout.lines().next(), Some(lines[0]));
    let said = in_job(&shop, &borrowed(&env), &["--policy", "warn"], 0).stdout;
    assert!(said.contains("\n::warning file=src/auth.rs,") && !said.contains("\n::error"), "{said}");
}

#[test]
fn at_github_the_branch_is_the_requests_and_a_forks_is_nobodys() {
    let shop = Shop::new();
    work(&shop.carol, "x", &["src/auth.rs"]);
    let branch = |env: &[(&'static str, String)], code: i32| {
        let report = in_job(&shop, &borrowed(env), &["--format", "json"], code).json();
        report["branch"].clone()
    };
    assert_eq!(branch(&github(&shop, "shop/shop", "bob/login"), 0), "bob/login");
    assert_eq!(branch(&github(&shop, "mallory/shop", "bob/login"), 1), Value::Null);
    // Without the event nobody knows whose it is.
    let mut env = github(&shop, "shop/shop", "bob/login");
    env.retain(|(name, _)| *name != "GITHUB_EVENT_PATH");
    assert_eq!(branch(&env, 1), Value::Null);
    let pushed =
        [("GITHUB_ACTIONS", "true"), ("GITHUB_REF_TYPE", "branch"), ("GITHUB_REF_NAME", "bob/login")];
    in_job(&shop, &pushed, &[], 0);
    let tag = [("GITHUB_ACTIONS", "true"), ("GITHUB_REF_TYPE", "tag"), ("GITHUB_REF_NAME", "bob/login")];
    in_job(&shop, &tag, &[], 1);
}

#[test]
fn gitlab_gets_a_code_quality_report_and_the_log_a_table() {
    let shop = changed();
    let env = [
        ("GITLAB_CI", "true"),
        ("CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", "carol/x"),
        ("CI_MERGE_REQUEST_SOURCE_PROJECT_ID", "7"),
        ("CI_MERGE_REQUEST_PROJECT_ID", "7"),
    ];
    let answer = in_job(&shop, &env, &[], 1);
    assert!(answer.stderr.contains("src/auth.rs") && answer.stderr.contains("HELD BY"), "{}", answer.stderr);
    let report = answer.json();
    let found = report.as_array().unwrap();
    assert_eq!(found.len(), 2, "{report}");
    let paths: Vec<&str> = found.iter().map(|one| one["location"]["path"].as_str().unwrap()).collect();
    assert_eq!(paths, ["odd/a,b:c%\n::error::x", "src/auth.rs"]);
    for one in found {
        assert!(one["description"].as_str().unwrap().contains("is claimed by bob"), "{one}");
        assert!(one["check_name"].is_string() && one["fingerprint"].as_str().unwrap().len() == 64, "{one}");
        assert_eq!((&one["severity"], &one["location"]["lines"]["begin"]), (&"major".into(), &1.into()));
    }
    assert_ne!(found[0]["fingerprint"], found[1]["fingerprint"]);
    // The same finding has the same name the next time.
    let again = in_job(&shop, &env, &[], 1).json();
    assert_eq!(again[0]["fingerprint"], found[0]["fingerprint"]);
    // A merge request of a fork: the same name is another branch.
    let mut fork = env;
    fork[1].1 = "bob/login";
    assert_eq!(in_job(&shop, &fork, &[], 1).json().as_array().unwrap().len(), 1);
    fork[2].1 = "8";
    assert_eq!(in_job(&shop, &fork, &[], 1).json().as_array().unwrap().len(), 2);
}

#[test]
fn sarif_has_what_its_schema_requires() {
    let shop = changed();
    let answer = in_job(&shop, &[], &["--format", "sarif"], 1);
    assert!(answer.stderr.contains("HELD BY"), "{}", answer.stderr);
    let log = answer.json();
    // Required: version and runs; of a run its tool, of that a driver, of that a name; of a result a message.
    assert_eq!(log["version"], "2.1.0");
    assert!(log["$schema"].as_str().unwrap().ends_with("sarif-2.1.0.json"));
    let run = &log["runs"][0];
    let driver = &run["tool"]["driver"];
    assert_eq!((&driver["name"], &driver["rules"][0]["id"]), (&"agentsync".into(), &"held".into()));
    assert!(run["invocations"][0]["executionSuccessful"].as_bool().unwrap());
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 2, "{log}");
    for result in results {
        assert!(result["message"]["text"].is_string() && result["level"] == "error", "{result}");
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(driver["rules"][index]["id"], result["ruleId"]);
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["region"]["startLine"], 1);
        let uri = place["artifactLocation"]["uri"].as_str().unwrap();
        assert!(uri.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-._~%".contains(&byte)), "{uri}");
        assert!(result["partialFingerprints"]["agentsync/v1"].is_string());
    }
    assert_eq!(run["properties"]["board"], shop.lab.hub_tip("agentsync").unwrap());
    // What could not be found out is a notification of the run.
    shop.lab.put_board_text("{");
    let log = in_job(&shop, &[], &["--format", "sarif"], 0).json();
    let run = &log["runs"][0]["invocations"][0];
    assert_eq!(run["executionSuccessful"], false);
    assert!(run["toolExecutionNotifications"][0]["message"]["text"].is_string(), "{log}");
}

#[test]
fn the_workflow_files_ask_for_little_and_run_nothing_of_the_request() {
    let github = include_str!("../../../../../integrations/github/agentsync.yml");
    let lines = |text: &'static str| {
        text.lines().map(str::trim).filter(|line| !line.starts_with('#')).collect::<Vec<_>>().join("\n")
    };
    let text = lines(github);
    assert!(text.contains("\npull_request:\n") && !text.contains("pull_request_target"), "{text}");
    assert!(text.contains("permissions:\ncontents: read\n") && !text.contains("secrets."), "{text}");
    assert!(text.contains("fetch-depth: 0"), "{text}");
    let (install, checkout) = (text.find("cargo install --locked"), text.find("actions/checkout"));
    assert!(install.is_some() && install < checkout, "cargo would obey the request's settings: {text}");
    let run = text.lines().filter(|line| line.contains("run:"));
    assert!(run.clone().count() == 2 && run.into_iter().all(|line| !line.contains("${{")), "{text}");
    let gitlab = lines(include_str!("../../../../../integrations/gitlab/agentsync.yml"));
    assert!(gitlab.contains("merge_request_event") && gitlab.contains("GIT_DEPTH: \"0\""), "{gitlab}");
    assert!(gitlab.contains("cd / && cargo install --locked agentsync-mcp"), "{gitlab}");
    assert!(gitlab.contains("codequality: gl-code-quality-report.json"), "{gitlab}");
}
