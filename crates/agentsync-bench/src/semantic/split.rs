//! Commits split in two: a definition changes in one file and its use is adjusted in another; given to two
//! sides, the merge is clean and broken for sure, since the author had to edit those lines.
//!
//! Of a commit C that changes X and Y: the base is C's parent without Y, the left side C without Y, the
//! right side C's parent. A twin, of a commit that leaves X's signatures as they are, must stay silent.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use agentsync_core::facts::{Facts, Language};
use agentsync_symbols::{Limits, extract, is_supported, language_of};
use serde_json::Value;

use crate::Options;
use crate::cases::{Case, git, git_dir};
use crate::check::answers;
use crate::share::Share;

/// One commit split in two.
struct Split {
    case: Case,
    language: Language,
    /// The names whose uses are stale; none for a twin.
    stale: BTreeSet<String>,
}

/// Splits commits of one repository and judges them; returns rows of a table.
pub(crate) fn run(options: &Options, repository: &str) -> String {
    let from = git_dir(&options.repos, repository).unwrap();
    let scratch = Scratch::new(&from);
    let mut splits = Vec::new();
    for commit in scratch.git(&["rev-list", "--no-merges", "--max-count=6000", "HEAD"]).lines() {
        let n_stale = splits.iter().filter(|one: &&Split| !one.stale.is_empty()).count();
        if n_stale >= options.max {
            break;
        }
        splits.extend(split(&scratch, repository, commit));
    }
    let cache = scratch.dir.join("cache");
    let cases: Vec<&Case> = splits.iter().map(|one| &one.case).collect();
    if cases.is_empty() {
        return format!("{repository}: no commit fits\n");
    }
    let answers = answers(&options.agentsync, &cache, &cases);
    if let Some(out) = &options.out {
        write_missed(out, repository, &splits, &answers);
    }
    table(repository, &splits, &answers)
}

fn table(repository: &str, splits: &[Split], answers: &[Value]) -> String {
    let mut languages: Vec<Language> = splits.iter().map(|one| one.language).collect();
    languages.sort_unstable();
    languages.dedup();
    let mut text = String::new();
    for language in languages {
        let of: Vec<(&Split, &Value)> =
            splits.iter().zip(answers).filter(|(one, _)| one.language == language).collect();
        let stale: Vec<_> = of.iter().filter(|(one, _)| !one.stale.is_empty()).copied().collect();
        let twins: Vec<_> = of.iter().filter(|(one, _)| one.stale.is_empty()).copied().collect();
        let _ = writeln!(
            text,
            "| {repository} | {language:?} | {} | {} | {} |",
            Share::of(&stale, |(one, answer)| is_found(one, answer, &["hi"])).render(),
            Share::of(&stale, |(one, answer)| is_found(one, answer, &["hi", "med"])).render(),
            Share::of(&twins, |(_, answer)| crate::check::has_tier(answer, "hi")).render(),
        );
    }
    text
}

fn is_found(split: &Split, answer: &Value, tiers: &[&str]) -> bool {
    answer["findings"].as_array().is_some_and(|found| {
        found.iter().any(|one| {
            let name = one["name"].as_str().unwrap_or_default();
            split.stale.contains(name) && tiers.contains(&one["tier"].as_str().unwrap_or_default())
        })
    })
}

fn write_missed(out: &Path, repository: &str, splits: &[Split], answers: &[Value]) {
    let mut text = String::new();
    for (one, answer) in splits.iter().zip(answers) {
        let is_wrong = match one.stale.is_empty() {
            true => crate::check::has_tier(answer, "hi"),
            false => !is_found(one, answer, &["hi"]),
        };
        if is_wrong {
            let _ = writeln!(text, "{} {:?} {:?} {answer}", one.case.merge, one.language, one.stale);
        }
    }
    std::fs::create_dir_all(out).unwrap();
    std::fs::write(out.join(format!("split-{}.txt", repository.replace('/', "+"))), text).unwrap();
}

/// A bare repository that borrows another's objects and takes the new commits.
struct Scratch {
    dir: PathBuf,
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

impl Scratch {
    fn new(from: &Path) -> Scratch {
        let dir = std::env::temp_dir().join(format!("bench-split-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&dir);
        let made = Command::new("git").args(["init", "--quiet", "--bare"]).arg(&dir).status().unwrap();
        assert!(made.success());
        let objects = std::fs::canonicalize(from.join("objects")).unwrap();
        std::fs::write(dir.join("objects/info/alternates"), format!("{}\n", objects.display())).unwrap();
        let head = git(from).args(["rev-parse", "HEAD"]).output().unwrap();
        std::fs::write(dir.join("HEAD"), head.stdout).unwrap();
        Scratch { dir }
    }

    fn git(&self, args: &[&str]) -> String {
        let mut command = git(&self.dir);
        for role in ["AUTHOR", "COMMITTER"] {
            command
                .env(format!("GIT_{role}_NAME"), "alice")
                .env(format!("GIT_{role}_EMAIL"), "alice@example.org");
        }
        // Git takes paths out of an index only where it sees a work tree, which here is one in name.
        command.env("GIT_INDEX_FILE", self.dir.join("split-index")).env("GIT_WORK_TREE", &self.dir);
        let output = command.args(args).output().unwrap();
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    /// Commits a commit's tree without some paths.
    fn without(&self, of: &str, paths: &[&str], parent: Option<&str>) -> String {
        self.git(&["read-tree", of]);
        let mut args = vec!["update-index", "--force-remove", "--"];
        args.extend(paths);
        self.git(&args);
        let tree = self.git(&["write-tree"]);
        let left = self.git(&[&["ls-tree", "-r", "--name-only", &tree, "--"], paths].concat());
        assert_eq!(left, "", "{of} without {paths:?}");
        let with_parent: Vec<&str> = parent.map_or(Vec::new(), |parent| vec!["-p", parent]);
        self.git(&[&["commit-tree", &tree, "-m", "split"], &*with_parent].concat())
    }

    fn facts(&self, commit: &str, path: &str, language: Language) -> Facts {
        let text = self.git(&["show", &format!("{commit}:{path}")]);
        extract(language, text.as_bytes(), &Limits::default())
    }
}

/// Splits one commit: `X` is what changes signatures, `Y` the other files that follow.
fn split(scratch: &Scratch, repository: &str, commit: &str) -> Option<Split> {
    let parent = format!("{commit}^");
    let changed = scratch.git(&["diff-tree", "-r", "--no-commit-id", "--name-status", &parent, commit]);
    let modified: Vec<&str> = changed.lines().filter_map(|line| line.strip_prefix("M\t")).collect();
    let of_language =
        |path: &&str| language_of(path, b"").filter(|language| is_supported(*language) && is_code(*language));
    let files: Vec<(&str, Language)> =
        modified.iter().filter_map(|path| Some((*path, of_language(path)?))).collect();
    if !(2..=12).contains(&files.len()) || changed.lines().count() > 20 {
        return None;
    }
    let read = |(path, language): &(&str, Language)| {
        (scratch.facts(&parent, path, *language), scratch.facts(commit, path, *language))
    };
    let facts: Vec<(Facts, Facts)> = files.iter().map(read).collect();
    for (x, (path, language)) in files.iter().enumerate() {
        let changed = resigned(&facts[x].0, &facts[x].1);
        let is_same = |one: &Facts, other: &Facts| signatures(one) == signatures(other);
        let followers = |y: &usize| *y != x && files[*y].1 == *language;
        if changed.is_empty() {
            // A twin: only bodies change in X, and some Y changes besides.
            let twin = (0..files.len()).find(|y| followers(y) && is_same(&facts[x].0, &facts[x].1));
            let is_quiet = facts.iter().all(|(one, other)| is_same(one, other));
            if let Some(y) = twin.filter(|_| is_quiet) {
                return build(scratch, repository, commit, files[y].0, *language, BTreeSet::new());
            }
            continue;
        }
        for y in (0..files.len()).filter(followers) {
            let stale: BTreeSet<String> =
                changed.iter().filter(|name| follows(&facts[y].0, &facts[y].1, name)).cloned().collect();
            if !stale.is_empty() && *path != files[y].0 {
                return build(scratch, repository, commit, files[y].0, *language, stale);
            }
        }
    }
    None
}

fn is_code(language: Language) -> bool {
    !matches!(language, Language::Json | Language::Toml | Language::Yaml)
}

fn signatures(facts: &Facts) -> Vec<(&str, &str, u64)> {
    facts
        .definitions
        .iter()
        .map(|one| (one.container.as_str(), one.name.as_str(), one.signature_hash))
        .collect()
}

/// Returns the names that a file no longer defines, or whose functions take another number of arguments.
fn resigned(old: &Facts, new: &Facts) -> BTreeSet<String> {
    let of = |facts: &Facts, name: &str| -> Vec<(u16, Option<u16>)> {
        let named = facts.definitions.iter().filter(|one| one.name == name);
        named.map(|one| one.params.as_ref().map_or((0, None), |params| (params.min, params.max))).collect()
    };
    let is_worth = |name: &str| name.len() > 3;
    let shared = old.definitions.iter().filter(|one| !one.modifiers.is_local && is_worth(&one.name));
    let is_other = |name: &str| {
        let (before, after) = (of(old, name), of(new, name));
        after.is_empty()
            || (before.len() == 1 && after.len() == 1 && before != after && !widened(before[0], after[0]))
    };
    shared.filter(|one| is_other(&one.name)).map(|one| one.name.clone()).collect()
}

/// Tells whether every old call still fits.
fn widened(before: (u16, Option<u16>), after: (u16, Option<u16>)) -> bool {
    after.0 <= before.0 && after.1.is_none_or(|after| before.1.is_some_and(|before| before <= after))
}

/// Tells whether a file had uses of a name that it has not any more, as they were.
fn follows(old: &Facts, new: &Facts, name: &str) -> bool {
    let is_defined = |facts: &Facts| facts.definitions.iter().any(|one| one.name == name);
    let calls = |facts: &Facts| -> Vec<agentsync_core::facts::Arity> {
        let mut all: Vec<_> =
            facts.calls.iter().filter(|one| one.name == name).map(|one| one.arity).collect();
        all.sort_unstable();
        all
    };
    let (before, after) = (calls(old), calls(new));
    let n = |facts: &Facts| facts.mentions.get(name).map_or(0, |mention| mention.n);
    !is_defined(old)
        && !is_defined(new)
        && n(old) > 0
        && (n(new) == 0 || (before != after && !before.is_empty()))
}

fn build(
    scratch: &Scratch,
    repository: &str,
    commit: &str,
    y: &str,
    language: Language,
    stale: BTreeSet<String>,
) -> Option<Split> {
    let parent = scratch.git(&["rev-parse", &format!("{commit}^")]);
    let base = scratch.without(&parent, &[y], None);
    let left = scratch.without(commit, &[y], Some(&base));
    let tree = scratch.git(&["rev-parse", &format!("{parent}^{{tree}}")]);
    let right = scratch.git(&["commit-tree", &tree, "-m", "split", "-p", &base]);
    let case = Case {
        git_dir: scratch.dir.clone(),
        repository: repository.to_owned(),
        left,
        right,
        merge: commit.to_owned(),
        label: "split".to_owned(),
    };
    (!case.left.is_empty() && !case.right.is_empty()).then_some(Split { case, language, stale })
}
