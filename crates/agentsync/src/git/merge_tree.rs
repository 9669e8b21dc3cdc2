//! Merges commits into trees through git: one pair in one process, or many in one.

use std::collections::BTreeSet;
use std::fs::File;

use super::command::{Call, GitError};
use crate::app::ports::Merged;

/// Trees instead of a work tree; of each the files that conflict, and no prose.
const ARGS: [&str; 4] = ["merge-tree", "--write-tree", "--name-only", "--no-messages"];

/// Merges two commits; nothing but unreferenced objects remains of it. Needs git 2.38.
///
/// Git reads `.gitattributes` of a bare repository from the commit that `attributes` names, since 2.43:
/// `merge=union` and the like decide whether files conflict.
pub fn merge(call: Call<'_>, attributes: &str, ours: &str, theirs: &str) -> Result<Merged, GitError> {
    let call = call.config(format!("attr.tree={attributes}")).args(ARGS);
    let output = call.args(["-z", "--end-of-options", ours, theirs]).run()?;
    match (output.code, parse(&output.text())) {
        (0 | 1, Some(merged)) => Ok(merged),
        _ => Err(output.refused()),
    }
}

/// What came of a list of pairs.
#[derive(Debug, Default)]
pub struct Batch {
    /// The merges, from the first pair on; git gives up at one that it cannot merge.
    pub merged: Vec<Merged>,
    /// Whether git knows how to take a list: since 2.39.
    pub is_known: bool,
}

/// Merges the pairs of a file, `OURS THEIRS` a line, in one process.
pub fn merge_listed(call: Call<'_>, attributes: &str, list: File) -> Result<Batch, GitError> {
    let call = call.config(format!("attr.tree={attributes}")).args(ARGS);
    let output = call.args(["--stdin"]).input(list).run()?;
    // 129 is git's word for an option that it does not know.
    Ok(Batch { merged: parse_many(&output.text()), is_known: output.code != 129 })
}

/// Parses "b7e5…\0src/auth.rs\0src/lib.rs\0": the tree, then every file that conflicts.
fn parse(text: &str) -> Option<Merged> {
    let mut fields = text.split('\0');
    let tree = fields.next().map(str::trim_end).filter(|tree| !tree.is_empty())?;
    Some(merged(tree, fields.filter(|file| !file.is_empty()).collect()))
}

/// Parses "0\0b7e5…\0src/auth.rs\0\0" + "1\0c0ff…\0\0": a digit before each, and an empty field after.
fn parse_many(text: &str) -> Vec<Merged> {
    let mut fields = text.split('\0');
    let mut all = Vec::new();
    while let (Some("0" | "1"), Some(tree)) = (fields.next(), fields.next()) {
        let mut files = BTreeSet::new();
        loop {
            match fields.next() {
                Some("") => break,
                Some(file) => drop(files.insert(file)),
                // It broke off.
                None => return all,
            }
        }
        all.push(merged(tree, files));
    }
    all
}

fn merged(tree: &str, files: BTreeSet<&str>) -> Merged {
    Merged { tree: tree.to_owned(), conflicts: files.into_iter().map(str::to_owned).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(tree: &str, conflicts: &[&str]) -> Merged {
        merged(tree, conflicts.iter().copied().collect())
    }

    #[test]
    fn the_tree_comes_first_and_then_what_conflicts() {
        assert_eq!(parse("b7e5\0"), Some(of("b7e5", &[])));
        assert_eq!(parse("b7e5\n"), Some(of("b7e5", &[])));
        assert_eq!(parse("b7e5\0b\0a\0b\0"), Some(of("b7e5", &["a", "b"])));
        assert_eq!(parse(""), None);
    }

    #[test]
    fn of_many_each_ends_with_an_empty_field() {
        let text = "0\0b7e5\0f\0\x001\0c0ff\0\0";
        assert_eq!(parse_many(text), [of("b7e5", &["f"]), of("c0ff", &[])]);
        assert_eq!(parse_many("1\0c0ff\0\x000\0b7e5\0f"), [of("c0ff", &[])], "the second broke off");
        assert_eq!(parse_many(""), []);
    }
}
