//! Times the comparison of every pair of branches, beside one `git merge-tree` process per pair and, where it is
//! installed, clash.
//!
//! `bench-pairs AGENTSYNC [--files N] [--branches N] [--rounds N] [--clash PROGRAM]`: a repository of so many source
//! files in Java, Go and TypeScript is made, with so many branches of ten changed files each.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    clippy::cast_precision_loss,
    reason = "a benchmark that cannot go on must stop, and its output is its purpose"
)]

#[path = "../figures.rs"]
#[expect(dead_code, reason = "the other benchmark needs more of it")]
mod figures;
mod project;

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use agentsync_lab::checkout::Checkout;
use agentsync_lab::lab::Lab;
use figures::Figures;
use serde_json::Value;

/// What the run was asked for.
struct Options {
    agentsync: PathBuf,
    n_files: usize,
    n_branches: usize,
    rounds: usize,
    clash: Option<PathBuf>,
}

fn options() -> Options {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let value = |name: &str| args.iter().position(|arg| arg == name).map(|at| args[at + 1].clone());
    let number = |name: &str, default: usize| value(name).map_or(default, |text| text.parse().unwrap());
    Options {
        agentsync: PathBuf::from(&args[0]),
        n_files: number("--files", 5_000),
        n_branches: number("--branches", 50),
        rounds: number("--rounds", 5),
        clash: value("--clash").map(PathBuf::from),
    }
}

/// A row: what was done, its times, what was to be reached.
struct Row(String, Figures, Option<f64>);

fn main() {
    let options = options();
    let lab = Lab::new(&options.agentsync);
    let alice = lab.clone("alice");
    eprintln!("bench-pairs: {} files, {} branches", options.n_files, options.n_branches);
    project::make(&alice, options.n_files, options.n_branches);
    let cache = lab.path().join("cache");
    let mut rows = ours(&options, &alice, &cache);
    rows.push(Row(
        "one pair, files known (median ≤ 30, p95 ≤ 150)".to_owned(),
        single(&alice, &cache),
        Some(30.0),
    ));
    rows.push(Row("one `git merge-tree` process per pair".to_owned(), bare(&options, &alice), None));
    if let Some(clash) = &options.clash {
        rows.push(Row("clash, all work trees".to_owned(), elder(&options, &alice, clash), None));
    }
    println!(
        "| {} files, {} branches | median ms | p95 ms | longest ms | aim |",
        options.n_files, options.n_branches
    );
    println!("| --- | ---: | ---: | ---: | ---: |");
    for Row(what, times, aim) in rows {
        let aim = aim.map_or_else(String::new, |aim| format!("{aim:.0}"));
        let (median, p95, longest) = (times.median(), times.at(0.95), times.longest());
        println!("| {what} | {median:.0} | {p95:.0} | {longest:.0} | {aim} |");
    }
}

/// Asks for all pairs, and returns what was answered of them.
fn check(alice: &Checkout, cache: &Path, times: &mut Figures) -> Value {
    let env = [("AGENTSYNC_CACHE", cache.as_os_str()), ("AGENTSYNC_TIMEOUT", "3600".as_ref())];
    let answer = times.time(|| alice.agentsync_with(&env, &["check", "--all", "--json"]));
    assert!(matches!(answer.code, 0 | 1), "{}{}", answer.stdout, answer.stderr);
    let all = answer.json()["all"].clone();
    let (n_pairs, n_unfinished) = (all["n_pairs"].as_u64().unwrap(), all["n_unfinished"].as_u64());
    eprintln!("bench-pairs: {n_pairs} pairs, {} known, {} clear", all["n_known"], all["n_clear"]);
    assert_eq!(n_unfinished, None, "{all}");
    all
}

fn ours(options: &Options, alice: &Checkout, cache: &Path) -> Vec<Row> {
    let (mut cold, mut warm) = (Figures::default(), Figures::default());
    let (mut moved, mut still) = (Figures::default(), Figures::default());
    let n_pairs = |all: &Value| all["n_pairs"].as_u64().unwrap();
    let first = check(alice, cache, &mut cold);
    for round in 0..options.rounds {
        // What is known of files stays, what was found of pairs goes.
        for entry in std::fs::read_dir(cache.join("facts")).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|ending| ending == "pairs") {
                std::fs::remove_file(path).unwrap();
            }
        }
        let all = check(alice, cache, &mut warm);
        assert_eq!((n_pairs(&all), &all["n_known"]), (n_pairs(&first), &Value::from(0)));
        let again = check(alice, cache, &mut still);
        assert_eq!(again["n_known"], all["n_pairs"]);
        assert_eq!(again["pairs"], all["pairs"]);
        project::move_one(alice, round);
        check(alice, cache, &mut moved);
    }
    vec![
        Row(format!("all pairs ({}), nothing known", n_pairs(&first)), cold, None),
        Row("all pairs, files known, pairs not".to_owned(), warm, Some(5_000.0)),
        Row("all pairs, one branch moved".to_owned(), moved, None),
        Row("all pairs, nothing moved".to_owned(), still, Some(500.0)),
    ]
}

/// One pair after the other, each asked for when the one before is answered.
fn single(alice: &Checkout, cache: &Path) -> Figures {
    let tips = tips(alice);
    let mut times = Figures::default();
    let args = ["check", "--pairs", "-", "--json"];
    let mut ours = alice.agentsync_command();
    let ours = ours.args(args).env("AGENTSYNC_CACHE", cache);
    let mut child = ours.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut questions = child.stdin.take().unwrap();
    let mut answers = BufReader::new(child.stdout.take().unwrap());
    for (n, left) in tips.iter().enumerate() {
        for right in &tips[n + 1..] {
            let mut answer = String::new();
            times.time(|| {
                writeln!(questions, "{left} {right}").unwrap();
                answers.read_line(&mut answer).unwrap();
            });
            assert!(answer.starts_with('{'), "{answer}");
        }
    }
    drop(questions);
    child.wait().unwrap();
    times
}

fn tips(alice: &Checkout) -> Vec<String> {
    let asked = ["for-each-ref", "--format=%(objectname)", "refs/remotes/origin/work", "refs/heads/main"];
    alice.git(&asked).lines()
}

/// One process for each pair, as a script would.
fn bare(options: &Options, alice: &Checkout) -> Figures {
    let tips = tips(alice);
    let mut times = Figures::default();
    for _ in 0..options.rounds.min(3) {
        times.time(|| {
            for (n, left) in tips.iter().enumerate() {
                for right in &tips[n + 1..] {
                    let mut git = Command::new("git");
                    git.current_dir(alice.path()).args([
                        "merge-tree",
                        "--write-tree",
                        "--name-only",
                        left,
                        right,
                    ]);
                    assert!(matches!(git.output().unwrap().status.code(), Some(0 | 1)));
                }
            }
        });
    }
    times
}

/// Clash compares work trees, so each branch gets one.
fn elder(options: &Options, alice: &Checkout, clash: &Path) -> Figures {
    let folder = alice.path().with_file_name("trees");
    for n in 0..options.n_branches {
        let (tree, branch) = (folder.join(n.to_string()), project::branch(n));
        alice.git(&[
            "worktree",
            "add",
            "--quiet",
            "--force",
            tree.to_str().unwrap(),
            &format!("origin/{branch}"),
        ]);
    }
    let mut times = Figures::default();
    for _ in 0..options.rounds.min(3) {
        times.time(|| {
            let output =
                Command::new(clash).current_dir(alice.path()).args(["status", "--json"]).output().unwrap();
            eprintln!(
                "bench-pairs: clash ended with {:?}, {} bytes",
                output.status.code(),
                output.stdout.len()
            );
        });
    }
    times
}
