//! Languages that are read through the tags query of their grammar: names that are defined and called,
//! no parameters, no receivers, no imports. Each is a cargo feature.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::OnceLock;

use agentsync_core::facts::{DefKind, Language, Receiver};
use tree_sitter::{Query, QueryCursor, QueryCursorOptions, QueryCursorState, StreamingIterator, Tree};

use crate::lexicon::{Field, Lexicon, Vocabulary};
use crate::tape::{Node, Tape};
use crate::walk::{Args, Grammar, Parts, ScopeKind, Walk};

/// The most matches that the query keeps open at a time.
const MATCH_LIMIT: u32 = 4_096;
/// The steps that the query may take for each node of the tree; a step is about a hundred operations.
const STEPS_PER_NODE: usize = 8;

/// One of these languages.
#[derive(Debug)]
pub struct Dialect {
    language: fn() -> tree_sitter::Language,
    query: &'static str,
    names: &'static [&'static str],
    texts: &'static [&'static str],
    comments: &'static [&'static str],
    lexicon: OnceLock<Lexicon>,
    compiled: OnceLock<Option<Query>>,
}

/// Returns the dialect of a language, if it is built in.
pub fn dialect(language: Language) -> Option<&'static Dialect> {
    match language {
        #[cfg(feature = "csharp")]
        Language::CSharp => Some(&CSHARP),
        #[cfg(feature = "cpp")]
        Language::Cpp => Some(&CPP),
        #[cfg(feature = "ruby")]
        Language::Ruby => Some(&RUBY),
        #[cfg(feature = "php")]
        Language::Php => Some(&PHP),
        #[cfg(feature = "swift")]
        Language::Swift => Some(&SWIFT),
        #[cfg(feature = "scala")]
        Language::Scala => Some(&SCALA),
        _ => None,
    }
}

#[cfg(feature = "csharp")]
static CSHARP: Dialect = Dialect {
    language: || tree_sitter_c_sharp::LANGUAGE.into(),
    query: tree_sitter_c_sharp::TAGS_QUERY,
    names: &["identifier"],
    texts: &["string_literal_content", "raw_string_content"],
    comments: &["comment"],
    lexicon: OnceLock::new(),
    compiled: OnceLock::new(),
};

#[cfg(feature = "cpp")]
static CPP: Dialect = Dialect {
    language: || tree_sitter_cpp::LANGUAGE.into(),
    query: tree_sitter_cpp::TAGS_QUERY,
    names: &["identifier", "type_identifier", "field_identifier", "namespace_identifier"],
    texts: &["string_content", "raw_string_content"],
    comments: &["comment"],
    lexicon: OnceLock::new(),
    compiled: OnceLock::new(),
};

#[cfg(feature = "ruby")]
static RUBY: Dialect = Dialect {
    language: || tree_sitter_ruby::LANGUAGE.into(),
    query: tree_sitter_ruby::TAGS_QUERY,
    names: &["identifier", "constant"],
    texts: &["string_content", "simple_symbol"],
    comments: &["comment"],
    lexicon: OnceLock::new(),
    compiled: OnceLock::new(),
};

#[cfg(feature = "php")]
static PHP: Dialect = Dialect {
    language: || tree_sitter_php::LANGUAGE_PHP.into(),
    query: tree_sitter_php::TAGS_QUERY,
    names: &["name"],
    texts: &["string_content"],
    comments: &["comment"],
    lexicon: OnceLock::new(),
    compiled: OnceLock::new(),
};

#[cfg(feature = "swift")]
static SWIFT: Dialect = Dialect {
    language: || tree_sitter_swift::LANGUAGE.into(),
    query: include_str!("tagged/swift.scm"),
    names: &["simple_identifier", "type_identifier"],
    texts: &["line_str_text", "multi_line_str_text"],
    comments: &["comment", "multiline_comment"],
    lexicon: OnceLock::new(),
    compiled: OnceLock::new(),
};

#[cfg(feature = "scala")]
static SCALA: Dialect = Dialect {
    language: || tree_sitter_scala::LANGUAGE.into(),
    query: include_str!("tagged/scala.scm"),
    names: &["identifier", "type_identifier"],
    texts: &["string"],
    comments: &["comment", "block_comment"],
    lexicon: OnceLock::new(),
    compiled: OnceLock::new(),
};

impl Dialect {
    /// Returns the grammar with its numbers looked up.
    pub fn lexicon(&self) -> &Lexicon {
        self.lexicon.get_or_init(|| Lexicon::new((self.language)(), &self.vocabulary()))
    }

    fn vocabulary(&self) -> Vocabulary {
        Vocabulary {
            kinds: &[],
            names: self.names,
            texts: self.texts,
            comments: self.comments,
            adornments: &[],
        }
    }

    /// Finds what the query says of one tree.
    pub fn tagged(&'static self, tree: &Tree, tape: &Tape<'_>) -> Tagged {
        let query = self.compiled.get_or_init(|| Query::new(&(self.language)(), self.query).ok());
        Tagged {
            dialect: self,
            tags: query.as_ref().map(|query| tags(query, tree, tape)).unwrap_or_default(),
        }
    }
}

/// What a node is according to the query.
#[derive(Debug, Clone, Copy)]
enum Tag {
    Definition(DefKind, Node),
    Call(Node),
}

/// A file's nodes that the query names.
#[derive(Debug)]
pub struct Tagged {
    dialect: &'static Dialect,
    tags: BTreeMap<Node, Tag>,
}

impl Grammar for Tagged {
    fn language(&self) -> tree_sitter::Language {
        (self.dialect.language)()
    }

    fn vocabulary(&self) -> Vocabulary {
        self.dialect.vocabulary()
    }

    fn visit(&self, walk: &mut Walk<'_, '_>, node: Node) {
        let tape = walk.tape;
        match self.tags.get(&node) {
            Some(Tag::Definition(kind, name)) => {
                let body = tape.child(node, Field::Body);
                let is_member = *kind == DefKind::Function && walk.is_in_type();
                let kind = if is_member { DefKind::Method } else { *kind };
                walk.define(node, *name, kind, Parts { body, ..Parts::default() });
                let is_type = !matches!(kind, DefKind::Function | DefKind::Method);
                let scope = if is_type { ScopeKind::Open } else { ScopeKind::Closed };
                walk.open(node, tape.text(*name), scope);
            }
            Some(Tag::Call(name)) => walk.call(node, tape.text(*name), Receiver::Other, Args::hidden()),
            None => {}
        }
    }
}

fn tags(query: &Query, tree: &Tree, tape: &Tape<'_>) -> BTreeMap<Node, Tag> {
    let names = query.capture_names();
    let mut steps_left = tape.len().saturating_mul(STEPS_PER_NODE);
    let mut progress = |_: &QueryCursorState| {
        steps_left = steps_left.saturating_sub(1);
        if steps_left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let options = QueryCursorOptions::new().progress_callback(&mut progress);
    let mut cursor = QueryCursor::new();
    cursor.set_match_limit(MATCH_LIMIT);
    let mut found = BTreeMap::new();
    let mut matches = cursor.matches_with_options(query, tree.root_node(), tape.source().as_bytes(), options);
    while let Some(matched) = matches.next() {
        let mut whole = None;
        let mut name = None;
        for capture in matched.captures() {
            let place =
                || tape.find(capture.node.start_byte(), capture.node.end_byte(), capture.node.is_named());
            match names.get(capture.index as usize).copied().unwrap_or_default() {
                "name" => name = place(),
                "reference.call" | "reference.send" => whole = place().map(|node| (None, node)),
                text => {
                    if let Some(kind) = text.strip_prefix("definition.").and_then(kind) {
                        whole = place().map(|node| (Some(kind), node));
                    }
                }
            }
        }
        // Ruby's query takes every name for a call; what is nothing but a name is left out.
        if let (Some((kind, whole)), Some(name)) =
            (whole, name.filter(|name| whole.is_none_or(|(_, node)| node != *name)))
        {
            found.insert(whole, kind.map_or(Tag::Call(name), |kind| Tag::Definition(kind, name)));
        }
    }
    found
}

fn kind(text: &str) -> Option<DefKind> {
    Some(match text {
        "class" | "object" | "type" => DefKind::Class,
        "interface" => DefKind::Interface,
        "enum" => DefKind::Enum,
        "function" => DefKind::Function,
        "method" => DefKind::Method,
        "constructor" => DefKind::Constructor,
        "field" | "property" => DefKind::Field,
        "constant" | "variable" => DefKind::Constant,
        "macro" => DefKind::Macro,
        "module" => DefKind::Module,
        _ => return None,
    })
}
