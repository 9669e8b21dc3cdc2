//! Python.

mod bindings;
mod calls;
mod definitions;
mod imports;

use crate::lexicon::{Field, Vocabulary, kinds};
use crate::tape::{Node, Tape};
use crate::walk::{Cases, Grammar, ScopeKind, Walk};

kinds! {
    MODULE = "module",
    DECORATED = "decorated_definition",
    DECORATOR = "decorator",
    FUNCTION = "function_definition",
    CLASS = "class_definition",
    LAMBDA = "lambda",
    IF = "if_statement",
    TRY = "try_statement",
    DEFAULT_PARAMETER = "default_parameter",
    TYPED_PARAMETER = "typed_parameter",
    TYPED_DEFAULT_PARAMETER = "typed_default_parameter",
    LIST_SPLAT_PATTERN = "list_splat_pattern",
    DICTIONARY_SPLAT_PATTERN = "dictionary_splat_pattern",
    KEYWORD_SEPARATOR = "keyword_separator",
    POSITIONAL_SEPARATOR = "positional_separator",
    ARGUMENT_LIST = "argument_list",
    KEYWORD_ARGUMENT = "keyword_argument",
    LIST_SPLAT = "list_splat",
    DICTIONARY_SPLAT = "dictionary_splat",
    GENERATOR = "generator_expression",
    CALL = "call",
    ATTRIBUTE = "attribute",
    SUBSCRIPT = "subscript",
    EXPRESSION_STATEMENT = "expression_statement",
    ASSIGNMENT = "assignment",
    AUGMENTED = "augmented_assignment",
    NAMED_EXPRESSION = "named_expression",
    TYPE_ALIAS = "type_alias_statement",
    FOR = "for_statement",
    FOR_IN = "for_in_clause",
    AS_PATTERN = "as_pattern",
    AS_PATTERN_TARGET = "as_pattern_target",
    PATTERN_LIST = "pattern_list",
    TUPLE_PATTERN = "tuple_pattern",
    LIST_PATTERN = "list_pattern",
    IMPORT = "import_statement",
    IMPORT_FROM = "import_from_statement",
    ALIASED = "aliased_import",
    WILDCARD = "wildcard_import",
    MATCH = "match_statement",
    CASE = "case_clause",
    CASE_PATTERN = "case_pattern",
    CLASS_PATTERN = "class_pattern",
    UNION_PATTERN = "union_pattern",
    DOTTED_NAME = "dotted_name",
    DICTIONARY = "dictionary",
    PAIR = "pair",
    TYPE = "type",
    GENERIC_TYPE = "generic_type",
    TYPE_PARAMETER = "type_parameter",
    UNION_TYPE = "union_type",
    BINARY = "binary_operator",
    STRING = "string",
    STRING_CONTENT = "string_content",
    INTEGER = "integer",
    LIST = "list",
    TUPLE = "tuple",
    IDENTIFIER = "identifier",
}

/// Python.
#[derive(Debug)]
pub struct Python;

impl Grammar for Python {
    fn language(&self) -> tree_sitter::Language {
        tree_sitter_python::LANGUAGE.into()
    }

    fn vocabulary(&self) -> Vocabulary {
        Vocabulary {
            kinds: KINDS,
            names: &["identifier"],
            texts: &["string_content"],
            comments: &["comment"],
            adornments: &[],
        }
    }

    fn visit(&self, walk: &mut Walk<'_, '_>, node: Node) {
        match walk.tape.kind(node) {
            FUNCTION => definitions::function(walk, node),
            CLASS => definitions::class(walk, node),
            LAMBDA => {
                walk.open(node, "", ScopeKind::Closed);
                bindings::parameters(walk, node);
            }
            DECORATOR => calls::decorator(walk, node),
            CALL => calls::call(walk, node),
            ATTRIBUTE => calls::read(walk, node),
            ASSIGNMENT | AUGMENTED => bindings::assignment(walk, node),
            TYPE_ALIAS => definitions::type_alias(walk, node),
            NAMED_EXPRESSION | FOR | FOR_IN | AS_PATTERN => bindings::names(walk, node),
            IMPORT | IMPORT_FROM => imports::import(walk, node),
            MATCH => choice(walk, node),
            DICTIONARY => repeated_keys(walk, node),
            STRING_CONTENT if is_type_text(walk.tape, node) => walk.mention_words(node),
            _ => {}
        }
    }
}

/// Returns whether a string's content is a type that is named before it is there: `x: "User"`.
fn is_type_text(tape: &Tape<'_>, content: Node) -> bool {
    tape.parent(content).is_some_and(|string| tape.parent_kind(string) == TYPE)
}

/// Returns whether a node stands under an `if` or a `try` of its scope.
fn is_conditional(tape: &Tape<'_>, node: Node) -> bool {
    let mut at = tape.parent(node);
    while let Some(above) = at {
        match tape.kind(above) {
            IF | TRY => return true,
            FUNCTION | CLASS | LAMBDA | MODULE => return false,
            _ => at = tape.parent(above),
        }
    }
    false
}

/// Returns a type as written, without its arguments; of `X | None` and `Optional[X]` it is `X`.
fn type_name(tape: &Tape<'_>, mut node: Node) -> String {
    loop {
        let inner = match tape.kind(node) {
            GENERIC_TYPE | SUBSCRIPT if tape.text(node).starts_with("Optional[") => optional(tape, node),
            TYPE | GENERIC_TYPE => tape.named(node).next(),
            SUBSCRIPT => tape.child(node, Field::Value),
            UNION_TYPE | BINARY => but_none(tape, node),
            STRING => tape.child_of(node, &[STRING_CONTENT]),
            _ => None,
        };
        match inner {
            Some(inner) => node = inner,
            None => return tape.compact(node),
        }
    }
}

fn optional(tape: &Tape<'_>, node: Node) -> Option<Node> {
    let last = tape.named(node).last()?;
    match tape.kind(last) {
        TYPE_PARAMETER => tape.named(last).next(),
        _ => Some(last),
    }
}

/// Returns the only part of a union that is not `None`.
fn but_none(tape: &Tape<'_>, node: Node) -> Option<Node> {
    let mut parts = tape.named(node).filter(|part| tape.text(*part) != "None");
    let first = parts.next()?;
    if parts.next().is_none() { Some(first) } else { None }
}

fn choice(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let Some(body) = tape.child(node, Field::Body) else { return };
    let mut cases = Cases::default();
    for case in tape.each_of(body, CASE) {
        let is_guarded =
            tape.has_token(case, "if") || tape.named(case).any(|part| tape.text(part).starts_with("if "));
        let mut open: Vec<Node> = tape.each_of(case, CASE_PATTERN).collect();
        open.reverse();
        while let Some(pattern) = open.pop() {
            let Some(inner) = tape.children(pattern).next() else { continue };
            match tape.kind(inner) {
                UNION_PATTERN => {
                    for part in tape.named(inner) {
                        add_case(tape, part, is_guarded, &mut cases);
                    }
                }
                AS_PATTERN => open.extend(tape.each_of(inner, CASE_PATTERN)),
                _ => add_case(tape, inner, is_guarded, &mut cases),
            }
        }
    }
    walk.choice(node, cases);
}

fn add_case(tape: &Tape<'_>, pattern: Node, is_guarded: bool, cases: &mut Cases) {
    let text = tape.text(pattern);
    match tape.kind(pattern) {
        CLASS_PATTERN => {
            let name = tape.child_of(pattern, &[DOTTED_NAME]);
            cases.path(&name.map_or_else(String::new, |name| tape.compact(name)));
        }
        // A plain name takes whatever there is.
        DOTTED_NAME | IDENTIFIER if !text.contains('.') => cases.has_default |= !is_guarded,
        DOTTED_NAME => cases.path(text),
        STRING | INTEGER => cases.names.push(text.to_owned()),
        _ if text == "_" => cases.has_default |= !is_guarded,
        _ => {}
    }
}

fn repeated_keys(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let mut seen = std::collections::BTreeSet::new();
    for key in tape.each_of(node, PAIR).filter_map(|pair| tape.child(pair, Field::Key)) {
        let is_constant = matches!(tape.kind(key), STRING | INTEGER) && !tape.text(key).contains('{');
        if is_constant && !seen.insert(tape.hash(key)) {
            walk.repeated(key, tape.text(key));
        }
    }
}
