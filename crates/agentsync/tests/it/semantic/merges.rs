//! Where git is not asked, because the two sides changed nothing in common, it would have said the same.

use agentsync_lab::checkout::Checkout;
use agentsync_lab::lab::Lab;
use serde_json::Value;

use super::{commit, project};

/// Makes a branch of `main` by a few commands of git.
fn branch(agent: &Checkout, name: &str, work: &dyn Fn(&Checkout)) {
    agent.git(&["switch", "--quiet", "-C", name, "main"]);
    work(agent);
    agent.commit(name);
}

/// A few commands on what is checked out.
type Work<'a> = &'a dyn Fn(&Checkout);

/// What parallel work does to paths.
fn branches(agent: &Checkout) -> Vec<&'static str> {
    let moved =
        |from: &'static str, to: &'static str| move |agent: &Checkout| drop(agent.git(&["mv", from, to]));
    let gone = |path: &'static str| move |agent: &Checkout| drop(agent.git(&["rm", "--quiet", "-r", path]));
    let text = |path: &'static str, text: &'static str| move |agent: &Checkout| agent.write(path, text);
    let work: [(&str, Work<'_>); 14] = [
        ("edit", &text("src/a.txt", "1\n2\n3\n4\nfive\n")),
        ("edit-the-same", &text("src/a.txt", "1\n2\n3\n4\nfünf\n")),
        ("edit-apart", &text("src/a.txt", "one\n2\n3\n4\n5\n")),
        ("move", &moved("src/a.txt", "src/b.txt")),
        ("move-elsewhere", &moved("src/a.txt", "src/c.txt")),
        ("delete", &gone("src/a.txt")),
        ("move-folder", &moved("src", "lib")),
        ("add-in-folder", &text("src/new.txt", "new\n")),
        ("add-the-same", &text("src/new.txt", "new\n")),
        ("add-other", &text("src/new.txt", "other\n")),
        ("file-for-folder", &|agent| {
            agent.git(&["rm", "--quiet", "-r", "src"]);
            agent.write("src", "a file now\n");
        }),
        ("union", &|agent| {
            agent.write(".gitattributes", "*.txt merge=union\n");
            agent.write("src/a.txt", "1\n2\n3\n4\nFIVE\n");
        }),
        ("apart", &text("words.txt", "ONE\ntwo\nthree\n")),
        ("nothing", &|_| {}),
    ];
    for (name, work) in work {
        branch(agent, name, work);
    }
    work.map(|(name, _)| name).to_vec()
}

/// What git itself says of a merge in a bare repository: the files that conflict.
fn by_git(agent: &Checkout, left: &str, right: &str) -> Vec<String> {
    let attributes = format!("attr.tree={left}");
    let args = ["-c", &attributes, "--git-dir=.git", "-c", "core.bare=true", "merge-tree", "--write-tree"];
    let more = ["-z", "--name-only", "--no-messages", left, right];
    let answer = agent.git_any(&[&args[..], &more[..]].concat());
    assert!(matches!(answer.code, 0 | 1), "{left} {right}: {}", answer.stderr);
    let mut files: Vec<String> =
        answer.stdout.split('\0').skip(1).filter(|file| !file.is_empty()).map(str::to_owned).collect();
    files.sort();
    files.dedup();
    files
}

#[test]
fn every_pair_conflicts_where_git_says_so_and_nowhere_else() {
    let (_lab, agents) = project(&["alice"]);
    let alice = &agents[0];
    let lines = "1\n2\n3\n4\n5\n";
    commit(alice, &[("src/a.txt", lines), ("src/other.txt", "x\n"), ("src/deep/more.txt", "y\n")]);
    let names = branches(alice);
    // Git names some files after the side as it was asked for, so both are asked by commit.
    let commits: Vec<String> =
        names.iter().map(|name| alice.git(&["rev-parse", name]).text().to_owned()).collect();
    let asked: Vec<(&str, &str)> = commits
        .iter()
        .flat_map(|left| commits.iter().map(move |right| (left.as_str(), right.as_str())))
        .collect();
    let lines: Vec<String> = asked.iter().map(|(left, right)| format!("{left} {right}\n")).collect();
    let answer = alice.agentsync_fed(lines.concat(), &["check", "--pairs", "-", "--json"]).expect_code(1);
    let answers: Vec<Value> = answer.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), asked.len());
    for ((left, right), answer) in asked.iter().zip(&answers) {
        let want = if left == right { Vec::new() } else { by_git(alice, left, right) };
        let files: Vec<&str> = answer["textual"]["files"]
            .as_array()
            .unwrap()
            .iter()
            .map(|file| file.as_str().unwrap())
            .collect();
        assert_eq!(files, want, "{left} {right}: {answer}");
    }
}

/// Alice's clone without a remote, with all those branches claimed: its own branches are everybody's.
pub(super) fn all_claimed() -> (Lab, Checkout, Vec<&'static str>) {
    let (lab, agents) = project(&["alice"]);
    let alice = agents[0].clone();
    commit(&alice, &[("src/a.txt", "1\n2\n3\n4\n5\n"), ("src/other.txt", "x\n")]);
    let names = branches(&alice);
    alice.git(&["remote", "remove", "origin"]);
    alice.git(&["switch", "--quiet", "main"]);
    for name in &names {
        alice
            .agentsync(&["claim", name, &format!("{name}.md"), "--branch", name, "--lane", name])
            .expect_success();
    }
    (lab, alice, names)
}

#[test]
fn merged_in_one_go_the_pairs_conflict_as_they_do_one_by_one() {
    let (_lab, alice, names) = all_claimed();
    let report = super::check(&alice, &["--all", "--detail", "full"], 1);
    let all = &report["all"];
    assert_eq!(all["n_branches"], names.len() + 1, "{all}");
    let pairs = all["pairs"].as_array().unwrap();
    let branches = all["branches"].as_array().unwrap();
    for (n, left) in branches.iter().enumerate() {
        for right in &branches[n + 1..] {
            let (left, right) = (left["branch"].as_str().unwrap(), right["branch"].as_str().unwrap());
            let told = pairs.iter().find(|pair| pair["left"] == left && pair["right"] == right);
            let has_conflict = told.is_some_and(|pair| pair["conflict"] == true);
            assert_eq!(has_conflict, !by_git(&alice, left, right).is_empty(), "{left} {right}: {told:?}");
        }
    }
}
