//! `check --pairs`: what it takes and gives, in any repository, and that it leaves no trace there.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use agentsync_lab::checkout::Checkout;
use serde_json::{Value, json};

use super::{RENAMED, USED, on_branch, project};

/// Every file below a folder, with its bytes.
fn tree(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.insert(path.clone(), Vec::new());
            files.extend(tree(&path));
        } else {
            files.insert(path.clone(), std::fs::read(&path).unwrap());
        }
    }
    files
}

fn answers(agent: &Checkout, repo: &Path, input: &str, code: i32) -> Vec<Value> {
    let args = ["check", "--pairs", "-", "--json", "--repo", repo.to_str().unwrap()];
    let answer = agent.agentsync_fed(input, &args).expect_code(code);
    answer.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_pair_is_judged_in_a_bare_and_in_a_normal_repository_and_nothing_is_written_there() {
    let (lab, agents) = project(&["alice", "bob"]);
    let left = on_branch(&agents[0], "alice/rename", &RENAMED);
    let right = on_branch(&agents[1], "bob/cart", &USED);
    let base = agents[0].git(&["rev-parse", "origin/main"]).text().to_owned();
    let bare = lab.path().join("mirror.git");
    agents[0].git(&[
        "clone",
        "--quiet",
        "--mirror",
        lab.hub_path().to_str().unwrap(),
        bare.to_str().unwrap(),
    ]);
    agents[0].git(&["fetch", "--quiet", "origin"]);
    for repo in [bare.as_path(), agents[0].path()] {
        let before = tree(repo);
        let found = answers(&agents[1], repo, &format!("# the first\n{left} {right}\n\n{base} {right}\n"), 1);
        assert_eq!(tree(repo), before);
        let [broken, sound] = found.as_slice() else { panic!("{found:?}") };
        let keys: Vec<&String> = broken.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["left", "right", "base", "textual", "findings", "ms", "parsed"]);
        assert_eq!(
            (&broken["left"], &broken["right"], &broken["base"]),
            (&json!(left), &json!(right), &json!(base))
        );
        assert_eq!(broken["textual"], json!({ "conflict": false, "files": [] }));
        let finding = &broken["findings"][0];
        let keys: Vec<&String> = finding.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["rule", "tier", "name", "left", "right", "message"]);
        assert_eq!(
            (&finding["rule"], &finding["tier"], &finding["name"]),
            (&json!("S1"), &json!("hi"), &json!("fetchUser"))
        );
        assert_eq!((&finding["left"]["path"], &finding["left"]["line"]), (&json!("user.go"), &json!(3)));
        assert_eq!((&finding["right"]["path"], &finding["right"]["line"]), (&json!("cart.go"), &json!(4)));
        assert!(broken["ms"].is_f64() && broken["parsed"].is_u64(), "{broken}");
        assert_eq!((&sound["findings"], &sound["textual"]["conflict"]), (&json!([]), &json!(false)));
    }
}

#[test]
fn a_file_of_pairs_is_read_and_a_pair_that_cannot_be_judged_does_not_end_the_run() {
    let (_lab, agents) = project(&["alice"]);
    let alice = &agents[0];
    on_branch(alice, "alice/rename", &RENAMED);
    alice.git(&["switch", "--quiet", "main"]);
    on_branch(alice, "alice/cart", &USED);
    alice.git(&["switch", "--quiet", "--orphan", "alone"]);
    super::commit(alice, &[("alone.txt", "1\n")]);
    let list = "nobody alice/cart\nalone alice/cart\none two three\nalice/rename alice/cart\n";
    let file = alice.path().join(".git/pairs.txt");
    std::fs::write(&file, list).unwrap();
    let args = ["check", "--pairs", file.to_str().unwrap(), "--json"];
    let answer = alice.agentsync(&args).expect_code(1);
    let found: Vec<Value> = answer.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let errors: Vec<&str> = found.iter().filter_map(|one| one["error"].as_str()).collect();
    assert_eq!(
        errors,
        [
            "`nobody` names no commit of this repository",
            "the two have no commit in common",
            "`one two three` is not two revisions with a space between"
        ]
    );
    assert_eq!(found[3]["findings"][0]["rule"], "S1");
}

#[test]
fn an_object_that_is_missing_is_said_and_the_text_is_judged_all_the_same() {
    let (_lab, agents) = project(&["alice"]);
    let alice = &agents[0];
    on_branch(alice, "alice/rename", &RENAMED);
    let lost = alice.git(&["rev-parse", "HEAD:user.go"]).text().to_owned();
    alice.git(&["switch", "--quiet", "main"]);
    on_branch(alice, "alice/cart", &USED);
    std::fs::remove_file(alice.path().join(".git/objects").join(&lost[..2]).join(&lost[2..])).unwrap();
    let found = answers(alice, alice.path(), "alice/rename alice/cart\n", 0);
    assert_eq!(found[0].get("error"), None, "{found:?}");
    assert_eq!(found[0]["textual"]["conflict"], json!(false));
    assert_eq!(found[0]["left_out"], json!([{ "why": "an object cannot be read" }]));
}
