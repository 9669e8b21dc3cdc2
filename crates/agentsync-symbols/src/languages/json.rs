//! JSON, with comments.

use super::keys;
use crate::lexicon::{Field, Vocabulary, kinds};
use crate::tape::{Node, Tape};
use crate::walk::{Grammar, ScopeKind, Walk};

kinds! {
    OBJECT = "object",
    ARRAY = "array",
    PAIR = "pair",
}

/// JSON.
#[derive(Debug)]
pub struct Json;

impl Grammar for Json {
    fn language(&self) -> tree_sitter::Language {
        tree_sitter_json::LANGUAGE.into()
    }

    fn vocabulary(&self) -> Vocabulary {
        Vocabulary {
            kinds: KINDS,
            names: &[],
            texts: &["string_content"],
            comments: &["comment"],
            adornments: &[],
        }
    }

    fn visit(&self, walk: &mut Walk<'_, '_>, node: Node) {
        let tape = walk.tape;
        match tape.kind(node) {
            OBJECT => {
                let pairs = tape.each_of(node, PAIR).filter_map(|pair| Some((pair, name(tape, pair)?)));
                keys::repeated(walk, pairs);
            }
            ARRAY => walk.open(node, "", ScopeKind::Closed),
            PAIR => {
                if let (Some(key), Some(text)) = (tape.child(node, Field::Key), name(tape, node)) {
                    keys::define(walk, node, key, &text, tape.child(node, Field::Value));
                }
            }
            _ => {}
        }
    }
}

fn name(tape: &Tape<'_>, pair: Node) -> Option<String> {
    let key = tape.text(tape.child(pair, Field::Key)?);
    Some(keys::part(key.strip_prefix('"').and_then(|key| key.strip_suffix('"')).unwrap_or(key)))
}
