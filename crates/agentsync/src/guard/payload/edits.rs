//! What an edit makes of its files, as far as its client says.

use agentsync_core::patch::{self, Replacement};
use serde_json::Value;

/// One file that an edit changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// Its path, as the client spells it.
    pub path: String,
    /// What becomes of it.
    pub change: Change,
}

/// What becomes of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The client does not say.
    Unclear,
    /// Some of its text is replaced.
    Replaces(Vec<Replacement>),
    /// It says this afterwards.
    Becomes(String),
}

/// Under which keys the text stands that is replaced.
const OLD: [&str; 6] = ["old_string", "oldString", "old_str", "oldStr", "old_text", "oldText"];
/// Under which keys the text stands that replaces it.
const NEW: [&str; 6] = ["new_string", "newString", "new_str", "newStr", "new_text", "newText"];
/// Under which keys a whole file stands.
const WHOLE: [&str; 3] = ["content", "file_text", "fileText"];
/// Under which keys the path of one file stands.
const PATH: [&str; 5] = ["file_path", "filePath", "path", "target_file", "targetFile"];
/// Under which keys there are several edits.
const LISTS: [&str; 3] = ["edits", "replacements", "files"];

/// Finds out what becomes of `paths`, which `input`, or the patch in it, changes.
pub(super) fn edits(input: &Value, patch: Option<&str>, paths: Vec<String>) -> Vec<Edit> {
    let mut found = Vec::new();
    collect(input, None, &mut found);
    let patched = patch.map(patch::replacements).unwrap_or_default();
    found.extend(
        patched.into_iter().flat_map(|(path, all)| all.into_iter().map(move |one| (path.clone(), one))),
    );
    let whole = match paths.as_slice() {
        [_] => string(input, &WHOLE),
        _ => None,
    };
    let edit = |path: String| {
        let here: Vec<Replacement> =
            found.iter().filter(|(at, _)| *at == path).map(|(_, replacement)| replacement.clone()).collect();
        let change = match (here.is_empty(), whole) {
            (false, _) => Change::Replaces(here),
            (true, Some(text)) => Change::Becomes(text.to_owned()),
            (true, None) => Change::Unclear,
        };
        Edit { path, change }
    };
    paths.into_iter().map(edit).collect()
}

/// Collects what is replaced in which file; those in a list may leave the file to what is around it.
fn collect(value: &Value, around: Option<&str>, found: &mut Vec<(String, Replacement)>) {
    let path = string(value, &PATH).or(around);
    if let (Some(path), Some(old), Some(new)) = (path, string(value, &OLD), string(value, &NEW)) {
        found.push((path.to_owned(), Replacement { old: old.to_owned(), new: new.to_owned() }));
    }
    let lists = LISTS.iter().filter_map(|key| value.get(*key)).filter_map(Value::as_array);
    for one in lists.flatten().filter(|one| one.is_object()) {
        collect(one, path, found);
    }
}

fn string<'a>(value: &'a Value, keys: &[&str]) -> Option<&'a str> {
    keys.iter().find_map(|key| value.get(*key)).and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(input: &Value, paths: &[&str], want: &[Change]) {
        let found = edits(input, input.as_str(), paths.iter().map(|path| (*path).to_owned()).collect());
        let found: Vec<Change> = found.into_iter().map(|edit| edit.change).collect();
        assert_eq!(found, want, "{input}");
    }

    fn replaces(old: &str, new: &str) -> Change {
        Change::Replaces(vec![Replacement { old: old.to_owned(), new: new.to_owned() }])
    }

    #[test]
    fn what_clients_say_of_an_edit_is_understood() {
        let one = json!({ "file_path": "a.rs", "old_string": "x", "new_string": "y" });
        check(&one, &["a.rs"], &[replaces("x", "y")]);
        let many = json!({ "file_path": "a.rs", "edits": [{ "old_string": "x", "new_string": "" }] });
        check(&many, &["a.rs"], &[replaces("x", "")]);
        let named = json!({ "replacements": [
            { "filePath": "a.rs", "oldString": "x", "newString": "y" },
            { "filePath": "b.rs", "oldString": "p", "newString": "q" }] });
        check(&named, &["a.rs", "b.rs"], &[replaces("x", "y"), replaces("p", "q")]);
        check(&json!({ "path": "a.rs", "content": "x" }), &["a.rs"], &[Change::Becomes("x".to_owned())]);
        check(&json!({ "path": "a.rs" }), &["a.rs"], &[Change::Unclear]);
        check(&json!({ "files": ["a.rs"], "content": 7 }), &["a.rs"], &[Change::Unclear]);
        let patch = json!("*** Begin Patch\n*** Update File: a.rs\n@@\n-x\n+y\n*** End Patch\n");
        check(&patch, &["a.rs"], &[replaces("x\n", "y\n")]);
    }
}
