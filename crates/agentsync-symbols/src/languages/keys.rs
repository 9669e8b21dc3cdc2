//! What the data formats have in common: keys with their whole path, and keys stated twice.

use agentsync_core::facts::{DefKind, Modifiers};

use crate::tape::Node;
use crate::walk::{Parts, ScopeKind, Walk};

/// The longest value that is kept as text, such as a version.
const MAX_VALUE: usize = 64;

/// Takes down a key with its value, and opens its scope. Keys in lists have no path that stays.
pub fn define(walk: &mut Walk<'_, '_>, node: Node, key: Node, name: &str, value: Option<Node>) {
    let path = walk.path_to(name);
    if !walk.is_local() {
        let modifiers = Modifiers { is_public: true, ..Modifiers::default() };
        let result = value.and_then(|value| short(walk.tape.text(value)));
        let parts = Parts { modifiers, result, body: value, ..Parts::default() };
        walk.define_as(node, &path, walk.tape.line(key), DefKind::Key, parts);
        if let Some(made) = walk.facts.definitions.last_mut() {
            made.container.clear();
        }
    }
    walk.open(node, name, ScopeKind::Open);
}

/// Returns a value as it is worth keeping: short, of one line, and no list or mapping.
fn short(text: &str) -> Option<String> {
    let is_worth = text.len() <= MAX_VALUE && !text.contains('\n') && !text.starts_with(['{', '[']);
    is_worth.then(|| text.trim_matches(['"', '\'']).to_owned())
}

/// Takes down the keys of one mapping that stand in it twice.
pub fn repeated(walk: &mut Walk<'_, '_>, keys: impl Iterator<Item = (Node, String)>) {
    let mut seen = std::collections::BTreeSet::new();
    for (node, name) in keys {
        if !seen.insert(name.clone()) {
            let path = walk.path_to(&name);
            walk.repeated(node, &path);
        }
    }
}

/// Returns a key as a part of a path: in quotes if it holds a dot.
pub fn part(text: &str) -> String {
    if text.contains('.') || text.is_empty() { format!("\"{text}\"") } else { text.to_owned() }
}
