//! The paths that Rust code writes out: what they begin with tells whose the names behind it are.

use super::{
    GENERIC, GENERIC_TURBOFISH, IDENTIFIER, SCOPED, SCOPED_TYPE, SCOPED_USE_LIST, USE, USE_AS, USE_LIST,
    USE_WILDCARD,
};
use crate::tape::{Node, Tape};
use crate::walk::Walk;

/// Counts a path of two names or more. What it is a part of is counted as a whole, and imports are listed apart.
pub fn count(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    if !is_part(tape, node) {
        let text = tape.compact(node);
        let names = text.split('<').next().unwrap_or(&text);
        take(walk, names);
    }
}

/// Tells whether a path is a part of a longer one, or of an import.
pub fn is_part(tape: &Tape<'_>, node: Node) -> bool {
    let is_path = |kind| matches!(kind, SCOPED | SCOPED_TYPE);
    match tape.parent_kind(node) {
        USE | USE_LIST | SCOPED_USE_LIST | USE_AS | USE_WILDCARD => true,
        // `a::B::<T>::c`
        GENERIC | GENERIC_TURBOFISH => tape.parent(node).is_some_and(|of| is_path(tape.parent_kind(of))),
        kind => is_path(kind),
    }
}

/// Counts the paths among the tokens given to a macro.
pub fn count_in_tokens(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let mut path = String::new();
    for token in tape.children(node) {
        let text = tape.text(token);
        let is_name = tape.kind(token) == IDENTIFIER || matches!(text, "crate" | "self" | "super" | "Self");
        if text == "::" {
            // What stands before it may be anything, as `$crate`.
            path.push_str(if path.is_empty() { "?::" } else { "::" });
            continue;
        }
        if !(is_name && path.ends_with("::")) {
            take(walk, &path);
            path.clear();
        }
        if is_name {
            path.push_str(text);
        }
    }
    take(walk, &path);
}

fn take(walk: &mut Walk<'_, '_>, path: &str) {
    let path = path.trim_end_matches(':');
    if path.contains("::") {
        let count = walk.facts.paths.entry(path.to_owned()).or_default();
        *count = count.saturating_add(1);
    }
}
