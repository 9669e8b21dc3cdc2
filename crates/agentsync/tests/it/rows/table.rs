//! The table of rows names tests; this checks that they are there.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// Returns every `fn name` of a source file.
fn functions(path: &Path) -> BTreeSet<String> {
    let text = std::fs::read_to_string(path).unwrap_or_else(|err| panic!("{}: {err}", path.display()));
    let names = text.lines().filter_map(|line| line.trim_start().strip_prefix("fn "));
    names.filter_map(|rest| Some(rest.split(['(', '<']).next()?.to_owned())).collect()
}

#[test]
fn every_row_names_a_test_that_exists() {
    let table = std::fs::read_to_string(root().join("docs/reliability/rows.md")).unwrap();
    let rows: Vec<Vec<&str>> = table
        .lines()
        .filter(|line| line.starts_with("| R-") || line.starts_with("| CVE") || line.starts_with("| GHSA"))
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect();
    let named: BTreeSet<&str> = rows.iter().map(|row| row[0]).collect();
    for n in 1..=46 {
        let row = format!("R-{n:02}");
        assert!(named.contains(row.as_str()), "{row} is missing from the table");
    }
    for row in rows {
        let [id, _, tests, file] = row[..] else { panic!("four columns: {row:?}") };
        // A row that has no test of its own says so in words.
        let tests: Vec<&str> = tests.split('`').skip(1).step_by(2).collect();
        let there =
            if tests.is_empty() { BTreeSet::new() } else { functions(&root().join(file.trim_matches('`'))) };
        for test in tests {
            assert!(there.contains(test), "{id}: there is no `{test}` in {file}");
        }
    }
}
