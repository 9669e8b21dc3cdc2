//! Each file under `cases/` beside what is expected of it, in a `.facts` file of the same name.
//!
//! `RENEW_FACTS=1 cargo test -p agentsync-symbols` writes the expectations anew; read the difference.

use std::fs;
use std::path::{Path, PathBuf};

use agentsync_symbols::{Limits, extract, is_supported, language_of};

use crate::render::render;

/// Returns every source file among the cases.
pub fn sources() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    let mut found: Vec<PathBuf> = fs::read_dir(root)
        .unwrap()
        .flat_map(|folder| fs::read_dir(folder.unwrap().path()).unwrap())
        .map(|file| file.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending != "facts"))
        .collect();
    found.sort();
    found
}

#[expect(clippy::disallowed_methods, reason = "a test has no other place for a switch")]
fn is_renewal() -> bool {
    std::env::var_os("RENEW_FACTS").is_some()
}

#[test]
fn every_case_says_what_is_expected_of_it() {
    let mut wrong = Vec::new();
    for path in sources() {
        let bytes = fs::read(&path).unwrap();
        let language = language_of(path.to_str().unwrap(), &bytes).unwrap();
        if !is_supported(language) {
            continue;
        }
        let found = render(&extract(language, &bytes, &Limits::default()));
        let beside = path.with_extension("facts");
        if is_renewal() {
            fs::write(&beside, &found).unwrap();
        }
        let expected = fs::read_to_string(&beside).unwrap_or_default();
        if found != expected {
            let short = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap().display().to_string();
            wrong.push(format!("{short}\n{}", difference(&expected, &found)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Returns the lines that only one of two texts has.
fn difference(expected: &str, found: &str) -> String {
    let missing = expected.lines().filter(|line| !found.lines().any(|other| other == *line));
    let added = found.lines().filter(|line| !expected.lines().any(|other| other == *line));
    let missing = missing.map(|line| format!("  - {line}\n"));
    missing.chain(added.map(|line| format!("  + {line}\n"))).collect()
}

#[test]
fn every_language_of_the_first_tier_has_its_cases() {
    for language in ["java", "go", "rust", "python", "typescript", "javascript", "kotlin", "c"] {
        let n_cases = sources().iter().filter(|path| path.parent().unwrap().ends_with(language)).count();
        assert!(8 <= n_cases, "{language} has {n_cases} cases");
    }
}
