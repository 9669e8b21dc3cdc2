//! C.

mod declarations;

use agentsync_core::facts::Receiver;

use crate::lexicon::{Field, Vocabulary, kinds};
use crate::tape::{Node, Tape};
use crate::walk::{Args, Cases, Grammar, Inside, ScopeKind, Walk};

kinds! {
    UNIT = "translation_unit",
    INCLUDE = "preproc_include",
    DEFINE = "preproc_def",
    DEFINE_FUNCTION = "preproc_function_def",
    PREPROC_PARAMS = "preproc_params",
    PREPROC_ARG = "preproc_arg",
    PREPROC_IF = "preproc_if",
    PREPROC_IFDEF = "preproc_ifdef",
    FUNCTION = "function_definition",
    DECLARATION = "declaration",
    TYPEDEF = "type_definition",
    STRUCT = "struct_specifier",
    UNION = "union_specifier",
    ENUM = "enum_specifier",
    ENUMERATOR = "enumerator",
    FIELDS = "field_declaration_list",
    FIELD = "field_declaration",
    PARAMETERS = "parameter_list",
    PARAMETER = "parameter_declaration",
    VARIADIC = "variadic_parameter",
    STORAGE = "storage_class_specifier",
    FUNCTION_DECLARATOR = "function_declarator",
    POINTER_DECLARATOR = "pointer_declarator",
    ARRAY_DECLARATOR = "array_declarator",
    PARENTHESIZED_DECLARATOR = "parenthesized_declarator",
    ATTRIBUTED_DECLARATOR = "attributed_declarator",
    INIT_DECLARATOR = "init_declarator",
    CALL = "call_expression",
    ARGUMENTS = "argument_list",
    FIELD_EXPRESSION = "field_expression",
    COMPOUND_LITERAL = "compound_literal_expression",
    INITIALIZERS = "initializer_list",
    INITIALIZER_PAIR = "initializer_pair",
    FIELD_DESIGNATOR = "field_designator",
    SWITCH = "switch_statement",
    CASE = "case_statement",
    SYSTEM_STRING = "system_lib_string",
    IDENTIFIER = "identifier",
    FIELD_IDENTIFIER = "field_identifier",
    TYPE_IDENTIFIER = "type_identifier",
}

/// C.
#[derive(Debug)]
pub struct C;

impl Grammar for C {
    fn language(&self) -> tree_sitter::Language {
        tree_sitter_c::LANGUAGE.into()
    }

    fn vocabulary(&self) -> Vocabulary {
        Vocabulary {
            kinds: KINDS,
            names: &["identifier", "type_identifier", "field_identifier"],
            texts: &["string_content"],
            comments: &["comment"],
            adornments: &["attribute_specifier", "attribute_declaration"],
        }
    }

    fn visit(&self, walk: &mut Walk<'_, '_>, node: Node) {
        match walk.tape.kind(node) {
            INCLUDE => include(walk, node),
            DEFINE | DEFINE_FUNCTION => declarations::macro_definition(walk, node),
            // A macro's body is not parsed; its words count all the same.
            PREPROC_ARG => walk.mention_words(node),
            PREPROC_IF | PREPROC_IFDEF if !walk.is_local() && !is_guard(walk.tape, node) => {
                walk.open_with(
                    node,
                    "",
                    ScopeKind::Open,
                    Inside { is_conditional: true, ..Inside::default() },
                );
            }
            FUNCTION => declarations::function(walk, node),
            DECLARATION => declarations::declaration(walk, node),
            TYPEDEF => declarations::typedef(walk, node),
            STRUCT | UNION | ENUM => declarations::tagged(walk, node),
            FIELD => declarations::field(walk, node),
            ENUMERATOR => declarations::enumerator(walk, node),
            PARAMETER => declarations::parameter(walk, node),
            CALL => call(walk, node),
            FIELD_EXPRESSION => read(walk, node),
            COMPOUND_LITERAL => declarations::compound_literal(walk, node),
            SWITCH => choice(walk, node),
            _ => {}
        }
    }
}

fn include(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let Some(path) = tape.child(node, Field::Path) else { return };
    let text = match tape.kind(path) {
        SYSTEM_STRING => tape.text(path),
        _ => tape.text(path).trim_matches('"'),
    };
    walk.import(node, text, Some("*"), None);
    walk.skip(node);
}

/// Returns whether `#ifndef X` is there so that the header is read once: it stands at the top, and begins
/// with `#define X`. Nor does `#ifdef __cplusplus` make anything conditional in C.
fn is_guard(tape: &Tape<'_>, node: Node) -> bool {
    if tape.child(node, Field::Name).is_some_and(|name| tape.text(name) == "__cplusplus") {
        return true;
    }
    let name = tape.child(node, Field::Name).filter(|_| tape.has_token(node, "#ifndef"));
    let first = tape.named(node).find(|part| Some(*part) != name);
    let defined =
        first.filter(|first| tape.kind(*first) == DEFINE).and_then(|first| tape.child(first, Field::Name));
    match (name, defined) {
        (Some(name), Some(defined)) => {
            tape.parent_kind(node) == UNIT && tape.text(name) == tape.text(defined)
        }
        _ => false,
    }
}

fn call(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let Some(function) = tape.child(node, Field::Function) else { return };
    let mut args = Args::default();
    if let Some(list) = tape.child(node, Field::Arguments).filter(|list| tape.kind(*list) == ARGUMENTS) {
        tape.named(list).for_each(|_| args.positional());
    }
    match tape.kind(function) {
        IDENTIFIER => walk.call(node, tape.text(function), Receiver::None, args),
        FIELD_EXPRESSION => {
            let Some((on, name)) = tape.both(function, Field::Argument, Field::Member) else {
                return;
            };
            let receiver = match tape.kind(on) {
                IDENTIFIER => Receiver::Name(tape.text(on).to_owned()),
                _ => Receiver::Other,
            };
            walk.call(node, tape.text(name), receiver, args);
        }
        _ => {}
    }
}

/// Takes down a field that is read or set.
fn read(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let on = tape.child(node, Field::Argument).filter(|on| tape.kind(*on) == IDENTIFIER);
    if let (Some(on), Some(name)) = (on, tape.child(node, Field::Member)) {
        walk.read(node, tape.text(name), Receiver::Name(tape.text(on).to_owned()));
    }
}

fn choice(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let Some(body) = tape.child(node, Field::Body) else { return };
    let mut cases = Cases::default();
    let mut seen = std::collections::BTreeSet::new();
    for case in tape.each_of(body, CASE) {
        let Some(value) = tape.child(case, Field::Value) else {
            cases.has_default |= tape.has_token(case, "default");
            continue;
        };
        let text = tape.compact(value);
        if !seen.insert(tape.hash(value)) {
            walk.repeated(value, &text);
        }
        cases.names.push(text);
    }
    walk.choice(node, cases);
}
