//! Judges the merges of one set, a repository at a time: once to learn its files, once to be timed.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::Options;
use crate::baseline;
use crate::cases::Case;

/// What came of one merge.
#[expect(clippy::struct_excessive_bools, reason = "what each of several tools says of one merge")]
#[derive(Debug, Clone)]
pub(crate) struct Outcome {
    pub(crate) case: Case,
    /// Whether there was an answer.
    pub(crate) is_judged: bool,
    /// Whether its text conflicts.
    pub(crate) has_conflict: bool,
    /// Whether there is a finding of the first tier, and of the second.
    pub(crate) is_high: bool,
    pub(crate) is_medium: bool,
    /// How long a second look took.
    pub(crate) ms: f64,
    /// Whether both sides touched one file.
    pub(crate) is_same_file: bool,
    /// What weave's check said, where it was asked.
    pub(crate) weave: Option<bool>,
}

/// Judges all of a set.
pub(crate) fn run(options: &Options, set: &str, cases: &[Case]) -> Vec<Outcome> {
    let cache = std::env::temp_dir().join(format!("bench-semantic-{}", std::process::id()));
    let mut by_repo: BTreeMap<&str, Vec<&Case>> = BTreeMap::new();
    for case in cases {
        by_repo.entry(&case.repository).or_default().push(case);
    }
    let mut outcomes = Vec::new();
    let mut lines = String::new();
    for (repository, cases) in by_repo {
        eprintln!("bench-semantic: {set}: {repository}, {} merges", cases.len());
        answers(&options.agentsync, &cache, &cases);
        for (case, answer) in cases.iter().zip(answers(&options.agentsync, &cache, &cases)) {
            let _ = writeln!(lines, "{}", with_case(&answer, case));
            outcomes.push(outcome(options, case, &answer));
        }
    }
    if let Some(out) = &options.out {
        std::fs::create_dir_all(out).unwrap();
        std::fs::write(out.join(format!("{set}.jsonl")), lines).unwrap();
    }
    let _ = std::fs::remove_dir_all(&cache);
    outcomes
}

/// Asks for all pairs of one repository in one run.
pub(crate) fn answers(agentsync: &Path, cache: &Path, cases: &[&Case]) -> Vec<Value> {
    let mut child = Command::new(agentsync)
        .args(["check", "--pairs", "-", "--json", "--repo"])
        .arg(&cases[0].git_dir)
        .env("AGENTSYNC_CACHE", cache)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let asked: String = cases.iter().fold(String::new(), |mut text, case| {
        let _ = writeln!(text, "{} {}", case.left, case.right);
        text
    });
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || stdin.write_all(asked.as_bytes()).unwrap());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let answers: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), cases.len(), "one line for each pair of {}", cases[0].repository);
    answers
}

fn with_case(answer: &Value, case: &Case) -> Value {
    let mut answer = answer.clone();
    answer["repository"] = case.repository.clone().into();
    answer["merge"] = case.merge.clone().into();
    answer["label"] = case.label.clone().into();
    answer
}

/// Tells whether an answer has a finding of a tier.
pub(crate) fn has_tier(answer: &Value, tier: &str) -> bool {
    answer["findings"].as_array().is_some_and(|found| found.iter().any(|one| one["tier"] == tier))
}

fn outcome(options: &Options, case: &Case, answer: &Value) -> Outcome {
    Outcome {
        case: case.clone(),
        is_judged: answer.get("error").is_none(),
        has_conflict: answer["textual"]["conflict"] == true,
        is_high: has_tier(answer, "hi"),
        is_medium: has_tier(answer, "med"),
        ms: answer["ms"].as_f64().unwrap_or_default(),
        is_same_file: baseline::is_same_file(case, answer["base"].as_str().unwrap_or_default()),
        weave: options
            .weave
            .as_deref()
            .and_then(|weave| baseline::weave(weave, case, answer["base"].as_str()?)),
    }
}
