//! Kotlin.

mod calls;
mod definitions;

use crate::lexicon::{Field, Vocabulary, kinds};
use crate::tape::{Node, Tape};
use crate::walk::{Cases, Grammar, ScopeKind, Walk};

kinds! {
    PACKAGE = "package_header",
    IMPORT = "import",
    QUALIFIED = "qualified_identifier",
    CLASS = "class_declaration",
    OBJECT = "object_declaration",
    COMPANION = "companion_object",
    OBJECT_LITERAL = "object_literal",
    CLASS_BODY = "class_body",
    ENUM_BODY = "enum_class_body",
    ENUM_ENTRY = "enum_entry",
    TYPE_ALIAS = "type_alias",
    FUNCTION = "function_declaration",
    FUNCTION_BODY = "function_body",
    BLOCK = "block",
    PROPERTY = "property_declaration",
    GETTER = "getter",
    DELEGATE = "property_delegate",
    PRIMARY = "primary_constructor",
    SECONDARY = "secondary_constructor",
    DELEGATION_CALL = "constructor_delegation_call",
    CLASS_PARAMETERS = "class_parameters",
    CLASS_PARAMETER = "class_parameter",
    VALUE_PARAMETERS = "function_value_parameters",
    PARAMETER = "parameter",
    PARAMETER_MODIFIERS = "parameter_modifiers",
    MODIFIERS = "modifiers",
    DELEGATIONS = "delegation_specifiers",
    CONSTRUCTOR_INVOCATION = "constructor_invocation",
    EXPLICIT_DELEGATION = "explicit_delegation",
    ANNOTATION = "annotation",
    VARIABLE = "variable_declaration",
    MULTI_VARIABLE = "multi_variable_declaration",
    CATCH = "catch_block",
    LAMBDA = "lambda_literal",
    ANNOTATED_LAMBDA = "annotated_lambda",
    ANONYMOUS_FUNCTION = "anonymous_function",
    CALL = "call_expression",
    VALUE_ARGUMENTS = "value_arguments",
    VALUE_ARGUMENT = "value_argument",
    SPREAD = "spread_expression",
    NAVIGATION = "navigation_expression",
    REFERENCE = "callable_reference",
    INFIX = "infix_expression",
    THIS = "this_expression",
    SUPER = "super_expression",
    UNARY = "unary_expression",
    WHEN = "when_expression",
    WHEN_SUBJECT = "when_subject",
    WHEN_ENTRY = "when_entry",
    TYPE_TEST = "type_test",
    USER_TYPE = "user_type",
    NULLABLE = "nullable_type",
    NON_NULLABLE = "non_nullable_type",
    FUNCTION_TYPE = "function_type",
    PARENTHESIZED_TYPE = "parenthesized_type",
    STRING = "string_literal",
    STRING_CONTENT = "string_content",
    NUMBER = "number_literal",
    IDENTIFIER = "identifier",
}

/// The kinds of types.
const TYPES: [u16; 5] = [USER_TYPE, NULLABLE, NON_NULLABLE, FUNCTION_TYPE, PARENTHESIZED_TYPE];

/// Kotlin.
#[derive(Debug)]
pub struct Kotlin;

impl Grammar for Kotlin {
    fn language(&self) -> tree_sitter::Language {
        tree_sitter_kotlin_ng::LANGUAGE.into()
    }

    fn vocabulary(&self) -> Vocabulary {
        Vocabulary {
            kinds: KINDS,
            names: &["identifier"],
            texts: &["string_content"],
            comments: &["line_comment", "block_comment"],
            adornments: &["annotation"],
        }
    }

    fn visit(&self, walk: &mut Walk<'_, '_>, node: Node) {
        match walk.tape.kind(node) {
            PACKAGE => {
                let name = walk.tape.child_of(node, &[QUALIFIED, IDENTIFIER]);
                walk.facts.package = name.map(|name| walk.tape.compact(name));
            }
            IMPORT => import(walk, node),
            CLASS | OBJECT => definitions::class(walk, node),
            // Its members are called on the class around it.
            COMPANION => walk.open(node, "", ScopeKind::Open),
            OBJECT_LITERAL => definitions::object_literal(walk, node),
            ENUM_ENTRY => definitions::enum_entry(walk, node),
            TYPE_ALIAS => definitions::alias(walk, node),
            FUNCTION => definitions::function(walk, node),
            SECONDARY => definitions::secondary_constructor(walk, node),
            PROPERTY => definitions::property(walk, node),
            LAMBDA | ANONYMOUS_FUNCTION => walk.open(node, "", ScopeKind::Closed),
            PARAMETER | CLASS_PARAMETER | VARIABLE | CATCH => binding(walk, node),
            CALL => calls::call(walk, node),
            CONSTRUCTOR_INVOCATION | DELEGATION_CALL | ANNOTATION => calls::construction(walk, node),
            NAVIGATION | REFERENCE => calls::reference(walk, node),
            INFIX => calls::infix(walk, node),
            WHEN => choice(walk, node),
            STRING_CONTENT => interpolated(walk, node),
            _ => {}
        }
    }
}

fn import(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let Some(path) = tape.child_of(node, &[QUALIFIED, IDENTIFIER]) else { return };
    let alias = tape.named(node).filter(|part| *part != path).last();
    let path = tape.compact(path);
    if tape.has_token(node, "*") {
        walk.import(node, &path, Some("*"), None);
    } else if let Some((module, name)) = path.rsplit_once('.') {
        let bound = alias.map_or(name, |alias| tape.text(alias));
        walk.import(node, module, Some(name), Some(bound));
    }
}

/// Declares a name where it is bound with a type of its own.
fn binding(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    // A property says more of its name.
    if tape.kind(node) == VARIABLE && tape.parent_kind(node) == PROPERTY {
        return;
    }
    if let Some(name) = tape.child_of(node, &[IDENTIFIER]) {
        let of_type = tape.child_of(node, &TYPES).map(|of_type| type_name(tape, of_type));
        walk.declare(tape.text(name), of_type);
    }
}

/// Counts the name in `"$name"`, which the grammar takes for text.
fn interpolated(walk: &mut Walk<'_, '_>, node: Node) {
    let is_after_sign = walk.tape.previous(node).is_some_and(|before| walk.tape.text(before) == "$");
    if is_after_sign {
        walk.mention_words(node);
    }
}

/// Returns a type as written, without its arguments and without `?`.
fn type_name(tape: &Tape<'_>, mut node: Node) -> String {
    loop {
        match tape.kind(node) {
            NULLABLE | NON_NULLABLE | PARENTHESIZED_TYPE => match tape.child_of(node, &TYPES) {
                Some(inner) => node = inner,
                None => return tape.compact(node),
            },
            USER_TYPE => {
                let names = tape.each_of(node, IDENTIFIER).map(|name| tape.text(name));
                return names.collect::<Vec<_>>().join(".");
            }
            _ => return tape.compact(node),
        }
    }
}

fn choice(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    // Without a subject it is a chain of conditions.
    if tape.child_of(node, &[WHEN_SUBJECT]).is_none() {
        return;
    }
    let mut cases = Cases::default();
    for entry in tape.each_of(node, WHEN_ENTRY) {
        cases.has_default |= tape.has_token(entry, "else");
        for case in tape.each(entry, Field::Condition) {
            match tape.kind(case) {
                TYPE_TEST => {
                    let of_type = tape.child_of(case, &TYPES).map(|of_type| type_name(tape, of_type));
                    cases.path(&of_type.unwrap_or_default());
                }
                NAVIGATION | IDENTIFIER => cases.path(&tape.compact(case)),
                STRING | NUMBER => cases.names.push(tape.text(case).to_owned()),
                _ => {}
            }
        }
    }
    walk.choice(node, cases);
}
