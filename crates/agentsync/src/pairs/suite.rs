//! The synthetic suite: for each language a small project, and edits of two sides with what is to be found.
//!
//! `cases/<language>.txt` first states the project, file by file after `--- path`. Then each case:
//! `# S1: title` expects a finding of that rule in the first tier (S10 to S13: in the first two), `# none: title` none in
//! the first two. `# missed S1: title` is known not to be found, and `# alarm: title` is a twin known to be flagged: both
//! are counted as what they are, and the suite fails once they no longer hold. Other lines starting with `#` say why.
//! `left path: old => new` edits (a newline is `\n`), `left + path: text` adds, `left - path` deletes.

use std::collections::BTreeMap;
use std::path::Path;

use agentsync_core::semantic::{Finding, Tier, judge};
use gix::ObjectId;
use gix::objs::tree::EntryKind;

use super::pair::GitPairs;
use crate::app::ports::Pairs as _;
use crate::git::user_repo::UserRepo;

/// The share of S1, S2, S4 to S8, in percent, that has to be found in each language.
const LEAST: usize = 95;

type Files = BTreeMap<String, String>;

/// One case, as written.
#[derive(Debug, Default, Clone)]
struct Case {
    want: String,
    title: String,
    edits: Vec<(String, String)>,
}

fn parse(text: &str) -> (Files, Vec<Case>) {
    let mut files = Files::new();
    let mut cases: Vec<Case> = Vec::new();
    let mut path = String::new();
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("--- ") {
            path = name.to_owned();
            files.insert(path.clone(), String::new());
        } else if let Some((want, title)) = line.strip_prefix("# ").and_then(|head| head.split_once(": ")) {
            path.clear();
            cases.push(Case { want: want.to_owned(), title: title.to_owned(), edits: Vec::new() });
        } else if !path.is_empty() {
            let file = files.get_mut(&path).unwrap();
            file.push_str(line);
            file.push('\n');
        } else if let Some((side, edit)) = line.split_once(' ') {
            cases.last_mut().unwrap().edits.push((side.to_owned(), edit.to_owned()));
        }
    }
    (files, cases)
}

fn apply(files: &Files, case: &Case, side: &str) -> Files {
    let mut files = files.clone();
    for (_, edit) in case.edits.iter().filter(|(of, _)| of == side || of == "base") {
        if let Some(path) = edit.strip_prefix("- ") {
            assert!(files.remove(path).is_some(), "{}: no {path}", case.title);
        } else if let Some((path, text)) = edit.strip_prefix("+ ").map(|edit| edit.split_once(": ").unwrap())
        {
            files.insert(path.to_owned(), unescape(text) + "\n");
        } else {
            let (path, change) = edit.split_once(": ").unwrap_or_else(|| panic!("{}: {edit}", case.title));
            let (old, new) = change.split_once(" =>").unwrap_or_else(|| panic!("{}: {change}", case.title));
            let text = files.get_mut(path).unwrap_or_else(|| panic!("{}: no {path}", case.title));
            let (old, new) = (unescape(old), unescape(new.trim_start()));
            assert!(text.contains(&old), "{}: {path} has no `{old}`", case.title);
            *text = text.replace(&old, &new);
        }
    }
    files
}

fn unescape(text: &str) -> String {
    text.replace("\\n", "\n").replace("\\t", "\t")
}

/// A repository of commits that are made in process.
struct Written {
    repo: gix::Repository,
}

impl Written {
    fn commit(&self, files: &Files, parents: &[ObjectId]) -> ObjectId {
        let mut editor = self.repo.empty_tree().edit().unwrap();
        for (path, text) in files {
            let id = self.repo.write_blob(text.as_bytes()).unwrap().detach();
            editor.upsert(path.as_str(), EntryKind::Blob, id).unwrap();
        }
        let tree = editor.write().unwrap().detach();
        let who = gix::actor::SignatureRef {
            name: "alice".into(),
            email: "alice@example.org".into(),
            time: "0 +0000",
        };
        let commit = self.repo.new_commit_as(who, who, "case", tree, parents.iter().copied()).unwrap();
        commit.id
    }
}

/// What one language's cases came to.
#[derive(Debug, Default)]
struct Tally {
    /// Of each rule, the cases that were found and all.
    by_rule: BTreeMap<String, (usize, usize)>,
    twins: usize,
    alarms: usize,
    wrong: Vec<String>,
}

impl Tally {
    /// Found and all, of the rules that an aim is set for.
    fn recall(&self) -> (usize, usize) {
        let aimed = ["S1", "S2", "S4", "S5", "S6", "S7", "S8"];
        let counts = self.by_rule.iter().filter(|(rule, _)| aimed.contains(&rule.as_str()));
        counts.fold((0, 0), |(found, all), (_, (more, of))| (found + more, all + of))
    }

    fn count(&mut self, case: &Case, is_told: bool, is_found: bool) -> bool {
        let (is_known_wrong, want) = match case.want.strip_prefix("missed ") {
            Some(want) => (true, want),
            None => (case.want == "alarm", case.want.as_str()),
        };
        if want == "none" || want == "alarm" {
            self.twins += 1;
            self.alarms += usize::from(is_told);
            return is_told == is_known_wrong;
        }
        let rule = want.split('|').next().unwrap_or(want);
        let (found, all) = self.by_rule.entry(rule.to_owned()).or_default();
        *all += 1;
        *found += usize::from(is_found);
        is_found != is_known_wrong
    }
}

fn is_found(told: &[&Finding], want: &str) -> bool {
    let want = want.strip_prefix("missed ").unwrap_or(want);
    let rules: Vec<&str> = want.split('|').collect();
    told.iter().any(|one| {
        let rule = one.rule.to_string();
        let is_warning = ["S10", "S11", "S12", "S13"].contains(&rule.as_str());
        rules.contains(&rule.as_str()) && (is_warning || one.tier == Tier::High)
    })
}

fn check(dir: &Path, name: &str, text: &str) -> Tally {
    let (project, cases) = parse(text);
    let repo = gix::init_bare(dir.join(name)).unwrap();
    let path = repo.git_dir().to_owned();
    let written = Written { repo };
    let mut tally = Tally::default();
    let mut pairs_of = Vec::new();
    for case in &cases {
        let base = written.commit(&apply(&project, case, "base"), &[]);
        let left = written.commit(&apply(&project, case, "left"), &[base]);
        let right = written.commit(&apply(&project, case, "right"), &[base]);
        pairs_of.push((case, left, right));
    }
    let pairs = GitPairs::open(UserRepo::open(&path, "origin").unwrap(), None).unwrap();
    for (case, left, right) in pairs_of {
        let pair = pairs.compare(&left.to_string(), &right.to_string()).unwrap();
        let found = judge(pair.delta(), pair.trees());
        let shown: Vec<String> =
            found.iter().map(|one| format!("\n      {} {:?} {}", one.rule, one.tier, one.message)).collect();
        let told: Vec<&Finding> = found.iter().filter(|one| one.tier != Tier::Info).collect();
        let conflicts = pair.conflicts();
        let is_told = !told.is_empty() || !conflicts.is_empty();
        if !tally.count(case, is_told, is_found(&told, &case.want)) {
            let line = format!("  {name}: {} ({}) {conflicts:?}{}", case.title, case.want, shown.concat());
            tally.wrong.push(line);
        }
    }
    tally
}

/// Plays a language's cases; no more than `most_alarms` twins may be flagged.
#[expect(clippy::print_stdout, reason = "the table is asked for with --nocapture")]
fn check_language(name: &str, most_alarms: usize) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases").join(format!("{name}.txt"));
    let text = std::fs::read_to_string(path).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let tally = check(dir.path(), name, &text);
    let (found, all) = tally.recall();
    let Tally { by_rule, twins, alarms, wrong } = &tally;
    let rules: Vec<String> =
        by_rule.iter().map(|(rule, (found, all))| format!("{rule} {found}/{all}")).collect();
    println!("| {name} | {all} | {found} | {twins} | {alarms} | {}", rules.join(", "));
    assert!(all > 0 && *twins > 0);
    assert!(wrong.is_empty(), "{} cases are wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(*alarms <= most_alarms, "{alarms} twins are flagged");
    assert!(found * 100 >= all * LEAST, "{found} of {all} were found, {LEAST} % are asked for");
}

#[test]
fn java_conflicts_are_found_and_their_twins_are_not() {
    check_language("java", 0);
}

#[test]
fn go_conflicts_are_found_and_their_twins_are_not() {
    check_language("go", 0);
}

#[test]
fn python_conflicts_are_found_and_their_twins_are_not() {
    check_language("python", 0);
}

#[test]
fn typescript_conflicts_are_found_and_their_twins_are_not() {
    check_language("typescript", 0);
}

#[test]
fn rust_conflicts_are_found_and_their_twins_are_not() {
    check_language("rust", 0);
}

#[test]
fn javascript_conflicts_are_found_and_their_twins_are_not() {
    check_language("javascript", 0);
}

#[test]
fn c_conflicts_are_found_and_their_twins_are_not() {
    check_language("c", 0);
}

#[test]
fn kotlin_conflicts_are_found_and_their_twins_are_not() {
    check_language("kotlin", 0);
}
