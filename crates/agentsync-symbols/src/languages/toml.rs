//! TOML.

use std::collections::{BTreeMap, BTreeSet};

use super::keys;
use crate::lexicon::{Vocabulary, kinds};
use crate::tape::{Node, Tape};
use crate::walk::{Grammar, ScopeKind, Walk};

kinds! {
    DOCUMENT = "document",
    TABLE = "table",
    TABLE_ELEMENT = "table_array_element",
    PAIR = "pair",
    INLINE_TABLE = "inline_table",
    ARRAY = "array",
    BARE_KEY = "bare_key",
    QUOTED_KEY = "quoted_key",
    DOTTED_KEY = "dotted_key",
}

/// TOML.
#[derive(Debug)]
pub struct Toml;

impl Grammar for Toml {
    fn language(&self) -> tree_sitter::Language {
        tree_sitter_toml_ng::LANGUAGE.into()
    }

    fn vocabulary(&self) -> Vocabulary {
        Vocabulary {
            kinds: KINDS,
            names: &["bare_key"],
            texts: &["string", "quoted_key"],
            comments: &["comment"],
            adornments: &[],
        }
    }

    fn visit(&self, walk: &mut Walk<'_, '_>, node: Node) {
        let tape = walk.tape;
        match tape.kind(node) {
            DOCUMENT => {
                repeated(walk, node);
                repeated_pairs(walk, node);
            }
            TABLE => {
                if let Some(key) = key(tape, node) {
                    let path = name(tape, key);
                    if is_below_element(walk, &path) {
                        walk.open(node, "", ScopeKind::Closed);
                    }
                    keys::define(walk, node, key, &path, None);
                    repeated_pairs(walk, node);
                }
            }
            TABLE_ELEMENT => {
                if let Some(key) = key(tape, node) {
                    walk.is_first(&name(tape, key));
                }
                walk.open(node, "", ScopeKind::Closed);
                repeated_pairs(walk, node);
            }
            INLINE_TABLE => repeated_pairs(walk, node),
            ARRAY => walk.open(node, "", ScopeKind::Closed),
            PAIR => {
                if let Some(key) = key(tape, node) {
                    keys::define(walk, node, key, &name(tape, key), tape.named(node).last());
                }
            }
            _ => {}
        }
    }
}

/// Returns whether a table belongs to an element of a list, so that there may be one for each.
fn is_below_element(walk: &Walk<'_, '_>, path: &str) -> bool {
    let ends = path.match_indices('.').map(|(end, _)| end);
    ends.filter_map(|end| path.get(..end)).any(|list| walk.is_known(list))
}

fn key(tape: &Tape<'_>, node: Node) -> Option<Node> {
    tape.child_of(node, &[BARE_KEY, QUOTED_KEY, DOTTED_KEY])
}

/// Returns a key's path, the parts of a dotted key in order.
fn name(tape: &Tape<'_>, key: Node) -> String {
    let parts = tape.subtree(key).filter_map(|part| match tape.kind(part) {
        BARE_KEY => Some(tape.text(part).to_owned()),
        QUOTED_KEY => Some(keys::part(tape.text(part).trim_matches(['"', '\'']))),
        _ => None,
    });
    parts.collect::<Vec<_>>().join(".")
}

fn repeated_pairs(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let pairs = tape.each_of(node, PAIR).filter_map(|pair| Some((pair, name(tape, key(tape, pair)?))));
    keys::repeated(walk, pairs);
}

/// Takes down the tables that are stated twice; below an element of a list each element has its own.
fn repeated(walk: &mut Walk<'_, '_>, document: Node) {
    let tape = walk.tape;
    let mut n_elements: BTreeMap<String, u32> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for table in tape.named(document) {
        let is_element = match tape.kind(table) {
            TABLE => false,
            TABLE_ELEMENT => true,
            _ => continue,
        };
        let Some(path) = key(tape, table).map(|key| name(tape, key)) else { continue };
        let mut resolved = String::new();
        for part in path.split('.') {
            resolved.push('.');
            resolved.push_str(part);
            let is_last = is_element && resolved.matches('.').count() == path.matches('.').count() + 1;
            if let Some(n) = n_elements.get(&resolved).filter(|_| !is_last) {
                resolved.push('#');
                resolved.push_str(&n.to_string());
            }
        }
        if is_element {
            *n_elements.entry(resolved).or_default() += 1;
        } else if !seen.insert(resolved) {
            walk.repeated(table, &path);
        }
    }
}
