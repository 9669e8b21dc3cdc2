//! The imports of a Rust file.

use super::{EXTERN_CRATE, SCOPED_USE_LIST, SELF, USE_AS, USE_LIST, USE_WILDCARD, VISIBILITY};
use crate::lexicon::Field;
use crate::tape::{Node, Tape};
use crate::walk::{ImportKind, Walk};

/// Takes down every name that a `use` or an `extern crate` binds.
pub fn import(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let kind = ImportKind { is_reexport: tape.child_of(node, &[VISIBILITY]).is_some(), is_type_only: false };
    if tape.kind(node) == EXTERN_CRATE {
        if let Some(name) = tape.child(node, Field::Name) {
            let bound = tape.child(node, Field::Alias).unwrap_or(name);
            walk.import_as(node, kind, tape.text(name), None, Some(tape.text(bound)));
        }
        return;
    }
    let Some(argument) = tape.child(node, Field::Argument) else { return };
    // The trees that are still to be looked at, with the path in front of each; last first.
    let mut open: Vec<(Node, String)> = vec![(argument, String::new())];
    while let Some((tree, prefix)) = open.pop() {
        match tape.kind(tree) {
            SCOPED_USE_LIST => {
                let path = tape.child(tree, Field::Path).map_or_else(String::new, |path| tape.compact(path));
                if let Some(list) = tape.child(tree, Field::List) {
                    open.push((list, join(&prefix, &path)));
                }
            }
            USE_LIST => {
                let first = open.len();
                open.extend(tape.named(tree).map(|inner| (inner, prefix.clone())));
                if let Some(added) = open.get_mut(first..) {
                    added.reverse();
                }
            }
            _ => leaf(walk, tree, kind, &prefix),
        }
    }
}

fn leaf(walk: &mut Walk<'_, '_>, tree: Node, kind: ImportKind, prefix: &str) {
    let tape = walk.tape;
    match tape.kind(tree) {
        USE_WILDCARD => {
            let path = tape.named(tree).next().map_or_else(String::new, |path| tape.compact(path));
            walk.import_as(tree, kind, &join(prefix, &path), Some("*"), None);
        }
        USE_AS => {
            let Some((path, alias)) = tape.both(tree, Field::Path, Field::Alias) else {
                return;
            };
            let alias = Some(tape.text(alias)).filter(|alias| *alias != "_");
            bind(walk, tree, kind, &full(tape, path, prefix), alias);
        }
        _ => {
            let path = full(tape, tree, prefix);
            let bound = path.rsplit("::").next().map(str::to_owned);
            bind(walk, tree, kind, &path, bound.as_deref());
        }
    }
}

fn bind(walk: &mut Walk<'_, '_>, tree: Node, kind: ImportKind, path: &str, bound: Option<&str>) {
    match path.rsplit_once("::") {
        Some((module, name)) => walk.import_as(tree, kind, module, Some(name), bound),
        None => walk.import_as(tree, kind, path, None, bound),
    }
}

/// Returns the whole path of a leaf; `self` in a list is the path before it.
fn full(tape: &Tape<'_>, path: Node, prefix: &str) -> String {
    let is_prefix = tape.kind(path) == SELF && !prefix.is_empty();
    if is_prefix { prefix.to_owned() } else { join(prefix, &tape.compact(path)) }
}

fn join(prefix: &str, path: &str) -> String {
    match (prefix.is_empty(), path.is_empty()) {
        (true, _) => path.trim_start_matches("::").to_owned(),
        (_, true) => prefix.to_owned(),
        (false, false) => format!("{prefix}::{path}"),
    }
}
