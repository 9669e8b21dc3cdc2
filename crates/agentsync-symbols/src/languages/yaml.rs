//! YAML.

use super::keys;
use crate::lexicon::{Field, Vocabulary, kinds};
use crate::tape::{Node, Tape};
use crate::walk::{Grammar, ScopeKind, Walk};

kinds! {
    STREAM = "stream",
    DOCUMENT = "document",
    BLOCK_MAPPING = "block_mapping",
    FLOW_MAPPING = "flow_mapping",
    BLOCK_PAIR = "block_mapping_pair",
    FLOW_PAIR = "flow_pair",
    BLOCK_SEQUENCE = "block_sequence",
    FLOW_SEQUENCE = "flow_sequence",
}

/// YAML.
#[derive(Debug)]
pub struct Yaml;

impl Grammar for Yaml {
    fn language(&self) -> tree_sitter::Language {
        tree_sitter_yaml::LANGUAGE.into()
    }

    fn vocabulary(&self) -> Vocabulary {
        Vocabulary {
            kinds: KINDS,
            names: &["anchor_name", "alias_name"],
            texts: &["string_scalar", "double_quote_scalar", "single_quote_scalar"],
            comments: &["comment"],
            adornments: &[],
        }
    }

    fn visit(&self, walk: &mut Walk<'_, '_>, node: Node) {
        let tape = walk.tape;
        match tape.kind(node) {
            // Of several documents in one file each has its own paths.
            STREAM if 1 < tape.each_of(node, DOCUMENT).count() => walk.open(node, "", ScopeKind::Closed),
            BLOCK_MAPPING | FLOW_MAPPING => {
                let pairs = tape.named(node).filter_map(|pair| Some((pair, name(tape, pair)?)));
                // `<<` takes in another mapping, and may do so again.
                keys::repeated(walk, pairs.filter(|(_, name)| name != "<<"));
            }
            BLOCK_SEQUENCE | FLOW_SEQUENCE => walk.open(node, "", ScopeKind::Closed),
            BLOCK_PAIR | FLOW_PAIR => {
                let text = name(tape, node).filter(|text| text != "<<");
                if let (Some(key), Some(text)) = (tape.child(node, Field::Key), text) {
                    keys::define(walk, node, key, &text, tape.child(node, Field::Value));
                }
            }
            _ => {}
        }
    }
}

fn name(tape: &Tape<'_>, pair: Node) -> Option<String> {
    let key = tape.text(tape.child(pair, Field::Key)?);
    let quote = key.chars().next().filter(|first| matches!(first, '"' | '\''));
    let bare = quote.and_then(|quote| key.strip_prefix(quote)?.strip_suffix(quote)).unwrap_or(key);
    Some(keys::part(bare))
}
