//! JavaScript, TypeScript and TSX, whose grammars share their words.

mod bindings;
mod calls;
mod definitions;
mod members;
mod modules;

use crate::lexicon::{Field, Vocabulary, kinds};
use crate::tape::{Node, Tape};
use crate::walk::{Cases, Grammar, ScopeKind, Walk};

kinds! {
    PROGRAM = "program",
    IMPORT_STATEMENT = "import_statement",
    IMPORT_CLAUSE = "import_clause",
    IMPORT_SPECIFIER = "import_specifier",
    IMPORT_ALIAS = "import_alias",
    IMPORT_REQUIRE = "import_require_clause",
    IMPORT = "import",
    NAMED_IMPORTS = "named_imports",
    NAMESPACE_IMPORT = "namespace_import",
    EXPORT = "export_statement",
    EXPORT_CLAUSE = "export_clause",
    EXPORT_SPECIFIER = "export_specifier",
    NAMESPACE_EXPORT = "namespace_export",
    AMBIENT = "ambient_declaration",
    FUNCTION = "function_declaration",
    GENERATOR = "generator_function_declaration",
    FUNCTION_SIGNATURE = "function_signature",
    FUNCTION_EXPRESSION = "function_expression",
    GENERATOR_EXPRESSION = "generator_function",
    ARROW = "arrow_function",
    CLASS = "class_declaration",
    ABSTRACT_CLASS = "abstract_class_declaration",
    CLASS_EXPRESSION = "class",
    CLASS_HERITAGE = "class_heritage",
    EXTENDS = "extends_clause",
    IMPLEMENTS = "implements_clause",
    EXTENDS_TYPE = "extends_type_clause",
    CLASS_BODY = "class_body",
    INTERFACE = "interface_declaration",
    INTERFACE_BODY = "interface_body",
    OBJECT_TYPE = "object_type",
    TYPE_ALIAS = "type_alias_declaration",
    ENUM = "enum_declaration",
    ENUM_ASSIGNMENT = "enum_assignment",
    NAMESPACE = "internal_module",
    MODULE = "module",
    METHOD = "method_definition",
    METHOD_SIGNATURE = "method_signature",
    ABSTRACT_METHOD = "abstract_method_signature",
    PROPERTY_SIGNATURE = "property_signature",
    PUBLIC_FIELD = "public_field_definition",
    FIELD_DEFINITION = "field_definition",
    ACCESSIBILITY = "accessibility_modifier",
    OVERRIDE = "override_modifier",
    REQUIRED_PARAMETER = "required_parameter",
    OPTIONAL_PARAMETER = "optional_parameter",
    ASSIGNMENT_PATTERN = "assignment_pattern",
    OBJECT_ASSIGNMENT_PATTERN = "object_assignment_pattern",
    REST_PATTERN = "rest_pattern",
    OBJECT_PATTERN = "object_pattern",
    ARRAY_PATTERN = "array_pattern",
    PAIR_PATTERN = "pair_pattern",
    LEXICAL = "lexical_declaration",
    VARIABLE = "variable_declaration",
    DECLARATOR = "variable_declarator",
    FOR_IN = "for_in_statement",
    CATCH = "catch_clause",
    EXPRESSION_STATEMENT = "expression_statement",
    ASSIGNMENT = "assignment_expression",
    MEMBER = "member_expression",
    CALL = "call_expression",
    NEW = "new_expression",
    ARGUMENTS = "arguments",
    SPREAD = "spread_element",
    DECORATOR = "decorator",
    JSX_OPENING = "jsx_opening_element",
    JSX_SELF_CLOSING = "jsx_self_closing_element",
    JSX_ATTRIBUTE = "jsx_attribute",
    SWITCH = "switch_statement",
    SWITCH_CASE = "switch_case",
    SWITCH_DEFAULT = "switch_default",
    OBJECT = "object",
    PAIR = "pair",
    SHORTHAND = "shorthand_property_identifier",
    SHORTHAND_PATTERN = "shorthand_property_identifier_pattern",
    COMPUTED = "computed_property_name",
    AS = "as_expression",
    SATISFIES = "satisfies_expression",
    AWAIT = "await_expression",
    PARENTHESIZED = "parenthesized_expression",
    TYPE_ANNOTATION = "type_annotation",
    GENERIC = "generic_type",
    UNION = "union_type",
    ARRAY_TYPE = "array_type",
    READONLY = "readonly_type",
    PARENTHESIZED_TYPE = "parenthesized_type",
    IDENTIFIER = "identifier",
    PROPERTY = "property_identifier",
    THIS = "this",
    SUPER = "super",
    STRING = "string",
    STRING_FRAGMENT = "string_fragment",
    NUMBER = "number",
}

/// One of the three grammars.
#[derive(Debug)]
pub enum Dialect {
    /// JavaScript, with JSX.
    Plain,
    /// TypeScript.
    Typed,
    /// TypeScript with JSX.
    TypedJsx,
}

impl Grammar for Dialect {
    fn language(&self) -> tree_sitter::Language {
        match self {
            Self::Plain => tree_sitter_javascript::LANGUAGE.into(),
            Self::Typed => tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into(),
            Self::TypedJsx => tree_sitter_typescript::LANGUAGE_TSX.into(),
        }
    }

    fn vocabulary(&self) -> Vocabulary {
        Vocabulary {
            kinds: KINDS,
            names: &[
                "identifier",
                "type_identifier",
                "property_identifier",
                "private_property_identifier",
                "shorthand_property_identifier",
                "shorthand_property_identifier_pattern",
            ],
            texts: &["string_fragment"],
            comments: &["comment", "html_comment"],
            adornments: &["decorator"],
        }
    }

    fn visit(&self, walk: &mut Walk<'_, '_>, node: Node) {
        match walk.tape.kind(node) {
            PROGRAM => modules::survey(walk, node),
            IMPORT_STATEMENT | IMPORT_ALIAS => modules::import(walk, node),
            EXPORT => modules::export(walk, node),
            FUNCTION | GENERATOR | FUNCTION_SIGNATURE => definitions::function(walk, node),
            CLASS | ABSTRACT_CLASS | CLASS_EXPRESSION => definitions::class(walk, node),
            INTERFACE | TYPE_ALIAS => definitions::type_definition(walk, node),
            ENUM => definitions::enumeration(walk, node),
            NAMESPACE | MODULE => definitions::namespace(walk, node),
            METHOD | METHOD_SIGNATURE | ABSTRACT_METHOD => members::method(walk, node),
            PROPERTY_SIGNATURE | PUBLIC_FIELD | FIELD_DEFINITION => members::field(walk, node),
            FUNCTION_EXPRESSION | GENERATOR_EXPRESSION | ARROW => {
                walk.open(node, "", ScopeKind::Closed);
                bindings::parameters(walk, node);
            }
            DECLARATOR => bindings::variable(walk, node),
            FOR_IN | CATCH => bindings::names(walk, node),
            ASSIGNMENT => bindings::assignment(walk, node),
            CALL | NEW => calls::call(walk, node),
            MEMBER => calls::read(walk, node),
            DECORATOR => calls::decorator(walk, node),
            JSX_OPENING | JSX_SELF_CLOSING => calls::element(walk, node),
            AS | SATISFIES => calls::typed_object(walk, node),
            SWITCH => choice(walk, node),
            OBJECT => repeated_keys(walk, node),
            _ => {}
        }
    }
}

/// Returns a type as written, without its arguments; of `X | undefined` it is `X`.
fn type_name(tape: &Tape<'_>, mut node: Node) -> String {
    loop {
        let inner = match tape.kind(node) {
            TYPE_ANNOTATION | READONLY | PARENTHESIZED_TYPE => tape.named(node).next(),
            GENERIC => tape.child(node, Field::Name),
            UNION => but_nothing(tape, node),
            ARRAY_TYPE => {
                let element = tape.named(node).next().map(|element| tape.compact(element));
                return format!("{}[]", element.unwrap_or_default());
            }
            _ => None,
        };
        match inner {
            Some(inner) => node = inner,
            None => return tape.compact(node),
        }
    }
}

fn but_nothing(tape: &Tape<'_>, node: Node) -> Option<Node> {
    let mut parts = tape.named(node).filter(|part| !matches!(tape.text(*part), "null" | "undefined"));
    let first = parts.next()?;
    if parts.next().is_none() { Some(first) } else { None }
}

/// Returns a name without the quotes it may stand in.
fn key_text<'s>(tape: &Tape<'s>, key: Node) -> &'s str {
    match tape.kind(key) {
        STRING => tape.child_of(key, &[STRING_FRAGMENT]).map_or("", |content| tape.text(content)),
        COMPUTED => "",
        _ => tape.text(key),
    }
}

fn choice(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let Some(body) = tape.child(node, Field::Body) else { return };
    let mut cases =
        Cases { has_default: tape.child_of(body, &[SWITCH_DEFAULT]).is_some(), ..Cases::default() };
    let mut seen = std::collections::BTreeSet::new();
    // `switch (true) { case a < b: … }` is a chain of conditions.
    if tape.child(node, Field::Value).is_some_and(|value| tape.compact(value) == "(true)") {
        return;
    }
    for value in tape.each_of(body, SWITCH_CASE).filter_map(|case| tape.child(case, Field::Value)) {
        match tape.kind(value) {
            MEMBER | IDENTIFIER => cases.path(&tape.compact(value)),
            STRING | NUMBER => cases.names.push(tape.text(value).to_owned()),
            _ => continue,
        }
        if !seen.insert(tape.hash(value)) {
            walk.repeated(value, tape.text(value));
        }
    }
    walk.choice(node, cases);
}

fn repeated_keys(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let mut seen = std::collections::BTreeSet::new();
    for member in tape.named(node) {
        let key = match tape.kind(member) {
            PAIR => tape.child(member, Field::Key),
            SHORTHAND => Some(member),
            // A getter and a setter share a name.
            METHOD if !tape.has_token(member, "get") && !tape.has_token(member, "set") => {
                tape.child(member, Field::Name)
            }
            // What is spread in may be meant to be overridden after it.
            SPREAD => {
                seen.clear();
                None
            }
            _ => None,
        };
        let Some(text) = key.map(|key| key_text(tape, key)).filter(|text| !text.is_empty()) else { continue };
        if !seen.insert(text) {
            walk.repeated(member, text);
        }
    }
}
