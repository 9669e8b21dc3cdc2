//! Rust.

mod calls;
mod items;
mod paths;
mod patterns;
mod uses;

use crate::lexicon::{Field, Vocabulary, kinds};
use crate::tape::{Node, Tape};
use crate::walk::{Grammar, ScopeKind, Walk};

kinds! {
    ATTRIBUTE = "attribute_item",
    INNER_ATTRIBUTE = "inner_attribute_item",
    ARGUMENTS = "arguments",
    LINE_COMMENT = "line_comment",
    BLOCK_COMMENT = "block_comment",
    VISIBILITY = "visibility_modifier",
    FUNCTION = "function_item",
    SIGNATURE = "function_signature_item",
    FUNCTION_MODIFIERS = "function_modifiers",
    PARAMETER = "parameter",
    SELF_PARAMETER = "self_parameter",
    VARIADIC = "variadic_parameter",
    STRUCT = "struct_item",
    UNION = "union_item",
    ENUM = "enum_item",
    VARIANT = "enum_variant",
    FIELDS = "field_declaration_list",
    FIELD = "field_declaration",
    ORDERED_FIELDS = "ordered_field_declaration_list",
    TRAIT = "trait_item",
    BOUNDS = "trait_bounds",
    IMPL = "impl_item",
    DECLARATIONS = "declaration_list",
    TYPE_ITEM = "type_item",
    ASSOCIATED_TYPE = "associated_type",
    CONST = "const_item",
    STATIC = "static_item",
    MACRO_DEFINITION = "macro_definition",
    MODULE = "mod_item",
    EXTERN_CRATE = "extern_crate_declaration",
    USE = "use_declaration",
    USE_LIST = "use_list",
    SCOPED_USE_LIST = "scoped_use_list",
    USE_AS = "use_as_clause",
    USE_WILDCARD = "use_wildcard",
    CALL = "call_expression",
    GENERIC_FUNCTION = "generic_function",
    FIELD_EXPRESSION = "field_expression",
    STRUCT_EXPRESSION = "struct_expression",
    FIELD_INITIALIZER = "field_initializer",
    SHORTHAND_INITIALIZER = "shorthand_field_initializer",
    BASE_INITIALIZER = "base_field_initializer",
    STRUCT_PATTERN = "struct_pattern",
    FIELD_PATTERN = "field_pattern",
    REMAINING = "remaining_field_pattern",
    TUPLE_STRUCT_PATTERN = "tuple_struct_pattern",
    MACRO = "macro_invocation",
    TOKEN_TREE = "token_tree",
    LET = "let_declaration",
    LET_CONDITION = "let_condition",
    FOR = "for_expression",
    CLOSURE = "closure_expression",
    CLOSURE_PARAMETERS = "closure_parameters",
    MATCH = "match_expression",
    MATCH_ARM = "match_arm",
    MATCH_PATTERN = "match_pattern",
    OR_PATTERN = "or_pattern",
    REF_PATTERN = "ref_pattern",
    REFERENCE_PATTERN = "reference_pattern",
    MUT_PATTERN = "mut_pattern",
    CAPTURED_PATTERN = "captured_pattern",
    LIFETIME = "lifetime",
    LABEL = "label",
    GENERIC = "generic_type",
    GENERIC_TURBOFISH = "generic_type_with_turbofish",
    REFERENCE = "reference_type",
    POINTER = "pointer_type",
    DYNAMIC = "dynamic_type",
    ABSTRACT = "abstract_type",
    SCOPED = "scoped_identifier",
    SCOPED_TYPE = "scoped_type_identifier",
    IDENTIFIER = "identifier",
    SHORTHAND = "shorthand_field_identifier",
    SELF = "self",
    REFERENCE_EXPRESSION = "reference_expression",
}

/// Rust.
#[derive(Debug)]
pub struct Rust;

impl Grammar for Rust {
    fn language(&self) -> tree_sitter::Language {
        tree_sitter_rust::LANGUAGE.into()
    }

    fn vocabulary(&self) -> Vocabulary {
        Vocabulary {
            kinds: KINDS,
            names: &["identifier", "type_identifier", "field_identifier", "shorthand_field_identifier"],
            texts: &["string_content"],
            comments: &["line_comment", "block_comment"],
            adornments: &["attribute_item", "inner_attribute_item"],
        }
    }

    fn is_older(&self, tape: &Tape<'_>, node: Node) -> bool {
        is_try(tape, node)
    }

    fn visit(&self, walk: &mut Walk<'_, '_>, node: Node) {
        if matches!(walk.tape.kind(node), SCOPED | SCOPED_TYPE) {
            paths::count(walk, node);
        }
        match walk.tape.kind(node) {
            // `'a` names nothing.
            LIFETIME | LABEL => walk.skip(node),
            ATTRIBUTE | INNER_ATTRIBUTE => {
                walk.mention_all(node);
                walk.skip(node);
            }
            SCOPED if walk.tape.parent_kind(node) == ARGUMENTS => calls::reference(walk, node),
            FUNCTION | SIGNATURE => items::function(walk, node),
            STRUCT | UNION | ENUM | TRAIT => items::type_definition(walk, node),
            VARIANT => items::variant(walk, node),
            FIELD => items::field(walk, node),
            IMPL => items::implementation(walk, node),
            TYPE_ITEM | ASSOCIATED_TYPE => items::alias(walk, node),
            CONST | STATIC => items::constant(walk, node),
            MACRO_DEFINITION => items::macro_definition(walk, node),
            MODULE => items::module(walk, node),
            EXTERN_CRATE | USE => uses::import(walk, node),
            SCOPED | FIELD_EXPRESSION => calls::read(walk, node),
            CALL => calls::call(walk, node),
            STRUCT_EXPRESSION | STRUCT_PATTERN => calls::fields(walk, node),
            TUPLE_STRUCT_PATTERN => calls::tuple_pattern(walk, node),
            MACRO => calls::macro_call(walk, node),
            TOKEN_TREE => {
                paths::count_in_tokens(walk, node);
                calls::in_tokens(walk, node);
            }
            CLOSURE => walk.open(node, "", ScopeKind::Closed),
            PARAMETER | LET | LET_CONDITION | FOR | CLOSURE_PARAMETERS | MATCH_PATTERN => {
                patterns::bind(walk, node);
            }
            MATCH => patterns::choice(walk, node),
            _ => {}
        }
    }
}

/// Returns whether a node is the head of `try!(…)`, a macro until the word was kept for something else, in 2018.
fn is_try(tape: &Tape<'_>, node: Node) -> bool {
    tape.compact(node) == "try!"
}

/// Returns a type's path without references and arguments: `Foo` of `&mut Foo<T>`.
fn type_name(tape: &Tape<'_>, mut node: Node) -> String {
    loop {
        let inner = match tape.kind(node) {
            GENERIC | GENERIC_TURBOFISH | REFERENCE | POINTER => tape.child(node, Field::Type),
            DYNAMIC | ABSTRACT => tape.child(node, Field::Trait),
            _ => None,
        };
        match inner {
            Some(inner) => node = inner,
            None => return tape.compact(node),
        }
    }
}

/// Returns the last name of a path.
fn last_name(path: &str) -> &str {
    path.rsplit("::").next().unwrap_or(path)
}
