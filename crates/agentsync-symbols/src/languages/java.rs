//! Java.

mod members;

use agentsync_core::facts::{DefKind, Receiver};

use crate::lexicon::{Field, Vocabulary, kinds};
use crate::tape::{Node, Tape};
use crate::value::{self, Style};
use crate::walk::{Args, Cases, Grammar, Inside, Parts, ScopeKind, Walk};

kinds! {
    PACKAGE = "package_declaration",
    IMPORT = "import_declaration",
    ASTERISK = "asterisk",
    CLASS = "class_declaration",
    RECORD = "record_declaration",
    ENUM = "enum_declaration",
    INTERFACE = "interface_declaration",
    ANNOTATION_TYPE = "annotation_type_declaration",
    METHOD = "method_declaration",
    CONSTRUCTOR = "constructor_declaration",
    COMPACT_CONSTRUCTOR = "compact_constructor_declaration",
    FIELD = "field_declaration",
    INTERFACE_CONSTANT = "constant_declaration",
    ENUM_CONSTANT = "enum_constant",
    ELEMENT = "annotation_type_element_declaration",
    MODIFIERS = "modifiers",
    THROWS = "throws",
    EXTENDS = "extends_interfaces",
    TYPE_LIST = "type_list",
    INTERFACE_BODY = "interface_body",
    ANNOTATION_BODY = "annotation_type_body",
    CLASS_BODY = "class_body",
    FORMAL = "formal_parameter",
    SPREAD = "spread_parameter",
    DECLARATOR = "variable_declarator",
    LOCAL = "local_variable_declaration",
    CATCH_FORMAL = "catch_formal_parameter",
    CATCH_TYPE = "catch_type",
    FOR_EACH = "enhanced_for_statement",
    RESOURCE = "resource",
    LAMBDA = "lambda_expression",
    INFERRED = "inferred_parameters",
    INSTANCEOF = "instanceof_expression",
    TYPE_PATTERN = "type_pattern",
    RECORD_COMPONENT = "record_pattern_component",
    INVOCATION = "method_invocation",
    ACCESS = "field_access",
    CREATION = "object_creation_expression",
    EXPLICIT = "explicit_constructor_invocation",
    METHOD_REFERENCE = "method_reference",
    ANNOTATION = "annotation",
    MARKER = "marker_annotation",
    PAIR = "element_value_pair",
    SWITCH = "switch_expression",
    GROUP = "switch_block_statement_group",
    RULE = "switch_rule",
    LABEL = "switch_label",
    GUARD = "guard",
    PATTERN = "pattern",
    GENERIC = "generic_type",
    ARRAY = "array_type",
    ANNOTATED = "annotated_type",
    SCOPED = "scoped_identifier",
    IDENTIFIER = "identifier",
    THIS = "this",
    SUPER = "super",
}

/// Java.
#[derive(Debug)]
pub struct Java;

impl Grammar for Java {
    fn language(&self) -> tree_sitter::Language {
        tree_sitter_java::LANGUAGE.into()
    }

    fn vocabulary(&self) -> Vocabulary {
        Vocabulary {
            kinds: KINDS,
            names: &["identifier", "type_identifier"],
            texts: &["string_fragment", "multiline_string_fragment"],
            comments: &["line_comment", "block_comment"],
            adornments: &["annotation", "marker_annotation"],
        }
    }

    fn visit(&self, walk: &mut Walk<'_, '_>, node: Node) {
        match walk.tape.kind(node) {
            PACKAGE => {
                let name = walk.tape.child_of(node, &[SCOPED, IDENTIFIER]);
                walk.facts.package = name.map(|name| walk.tape.compact(name));
            }
            IMPORT => import(walk, node),
            CLASS | RECORD | ENUM | INTERFACE | ANNOTATION_TYPE => type_definition(walk, node),
            METHOD | CONSTRUCTOR | COMPACT_CONSTRUCTOR | ELEMENT => members::callable(walk, node),
            FIELD | INTERFACE_CONSTANT => members::fields(walk, node),
            ENUM_CONSTANT => members::enum_constant(walk, node),
            FORMAL | SPREAD | LOCAL | CATCH_FORMAL | FOR_EACH | RESOURCE | INSTANCEOF | TYPE_PATTERN
            | RECORD_COMPONENT | LAMBDA => members::binding(walk, node),
            INVOCATION => invocation(walk, node),
            ACCESS => access(walk, node),
            CREATION => creation(walk, node),
            EXPLICIT => explicit_constructor(walk, node),
            METHOD_REFERENCE => method_reference(walk, node),
            ANNOTATION | MARKER => annotation(walk, node),
            SWITCH => switch(walk, node),
            _ => {}
        }
    }
}

fn import(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let Some(path) = tape.child_of(node, &[SCOPED, IDENTIFIER]) else { return };
    let path = tape.compact(path);
    if tape.child_of(node, &[ASTERISK]).is_some() {
        walk.import(node, &path, Some("*"), None);
    } else if let Some((module, name)) = path.rsplit_once('.') {
        walk.import(node, module, Some(name), Some(name));
    }
}

fn type_definition(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let Some(name) = tape.child(node, Field::Name) else { return };
    let kind = match tape.kind(node) {
        INTERFACE | ANNOTATION_TYPE => DefKind::Interface,
        ENUM => DefKind::Enum,
        _ => DefKind::Class,
    };
    let superclass = tape
        .child(node, Field::Superclass)
        .and_then(|clause| tape.named(clause).next())
        .map(|extended| type_name(tape, extended));
    let mut supertypes: Vec<String> = superclass.iter().cloned().collect();
    let lists = [tape.child(node, Field::Interfaces), tape.child_of(node, &[EXTENDS])];
    for list in lists.into_iter().flatten().filter_map(|clause| tape.child_of(clause, &[TYPE_LIST])) {
        supertypes.extend(tape.named(list).map(|listed| type_name(tape, listed)));
    }
    let mut modifiers = members::modifiers(tape, node);
    modifiers.is_abstract |= kind == DefKind::Interface;
    modifiers.is_final |= matches!(tape.kind(node), RECORD);
    let body = tape.child(node, Field::Body);
    let given = if members::are_written_for_it(tape, node, body) { supertypes.clone() } else { Vec::new() };
    walk.define(node, name, kind, Parts { modifiers, supertypes, given, body, ..Parts::default() });
    let inside = Inside { parent_type: superclass, ..Inside::default() };
    walk.open_with(node, tape.text(name), ScopeKind::Open, inside);
    if let Some(header) = tape.child(node, Field::Parameters) {
        members::record_header(walk, name, header);
    }
}

fn invocation(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let Some(name) = tape.child(node, Field::Name) else { return };
    let receiver = tape.child(node, Field::Object).map_or(Receiver::None, |object| receiver(tape, object));
    walk.call(node, tape.text(name), receiver, arguments(tape, node));
}

fn access(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    if let Some((object, name)) = tape.both(node, Field::Object, Field::Member) {
        walk.read(node, tape.text(name), receiver(tape, object));
    }
}

/// Returns what a call is made on.
fn receiver(tape: &Tape<'_>, object: Node) -> Receiver {
    match tape.kind(object) {
        IDENTIFIER | THIS | SUPER => Receiver::Name(tape.text(object).to_owned()),
        _ if tape.text(object).strip_prefix("this.").is_some_and(is_plain) => {
            Receiver::Name(tape.text(object).to_owned())
        }
        _ => value::receiver(tape.text(object), None, Style::NONE),
    }
}

fn is_plain(text: &str) -> bool {
    text.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '$')
}

fn arguments(tape: &Tape<'_>, node: Node) -> Args {
    let mut args = Args::default();
    if let Some(list) = tape.child(node, Field::Arguments) {
        tape.named(list).for_each(|_| args.positional());
    }
    args
}

fn creation(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let Some(made) = tape.child(node, Field::Type) else { return };
    let name = type_name(tape, made);
    walk.call(node, last_name(&name), Receiver::New, arguments(tape, node));
    if let Some(body) = tape.child_of(node, &[CLASS_BODY]) {
        let members = tape.named(body).filter_map(|member| tape.child(member, Field::Name));
        walk.anonymous(body, &name, members.map(|member| tape.text(member).to_owned()).collect());
        let scope = format!("<{name}>");
        let inside = Inside { parent_type: Some(name), ..Inside::default() };
        walk.open_with(body, &scope, ScopeKind::Closed, inside);
    }
}

/// Takes down `this(…)` and `super(…)`.
fn explicit_constructor(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let Some(scope) = walk.innermost_open() else { return };
    let is_super = tape.child(node, Field::Constructor).is_some_and(|word| tape.kind(word) == SUPER);
    let name = if is_super { scope.inside.parent_type.clone() } else { Some(scope.name.clone()) };
    if let Some(name) = name {
        walk.call(node, last_name(&name), Receiver::New, arguments(tape, node));
    }
}

/// Takes down `Type::name`, which is called with a number of arguments that nobody sees here.
fn method_reference(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let mut parts = tape.named(node);
    let (Some(object), Some(name)) = (parts.next(), parts.last()) else { return };
    if tape.kind(name) == IDENTIFIER {
        walk.call(node, tape.text(name), receiver(tape, object), Args::hidden());
    }
}

fn annotation(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let Some(name) = tape.child(node, Field::Name) else { return };
    let mut args = Args::default();
    if let Some(list) = tape.child(node, Field::Arguments) {
        for given in tape.named(list) {
            match tape.child(given, Field::Key) {
                Some(key) if tape.kind(given) == PAIR => args.named(tape.text(key)),
                _ => args.positional(),
            }
        }
    }
    walk.call(node, last_name(tape.text(name)), Receiver::New, args);
}

fn switch(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let Some(body) = tape.child(node, Field::Body) else { return };
    let mut cases = Cases::default();
    let mut seen = std::collections::BTreeSet::new();
    let groups = tape.named(body).filter(|group| matches!(tape.kind(*group), GROUP | RULE));
    for label in groups.flat_map(|group| tape.named(group)).filter(|part| tape.kind(*part) == LABEL) {
        cases.has_default |= tape.has_token(label, "default");
        let is_guarded = tape.child_of(label, &[GUARD]).is_some();
        for value in tape.named(label).filter(|value| tape.kind(*value) != GUARD) {
            if tape.kind(value) == PATTERN {
                let matched = tape.named(value).next().and_then(|inner| tape.named(inner).next());
                cases.path(&matched.map_or_else(String::new, |matched| type_name(tape, matched)));
                continue;
            }
            cases.path(&tape.compact(value));
            if !is_guarded && !seen.insert(tape.hash(value)) {
                walk.repeated(value, &tape.compact(value));
            }
        }
    }
    walk.choice(node, cases);
}

/// Returns a type as written, without its arguments and annotations.
fn type_name(tape: &Tape<'_>, node: Node) -> String {
    match tape.kind(node) {
        GENERIC => tape.named(node).next().map_or_else(String::new, |base| tape.compact(base)),
        ARRAY => tape
            .child(node, Field::Element)
            .map_or_else(String::new, |element| format!("{}[]", plain_type(tape, element))),
        ANNOTATED => tape.named(node).last().map_or_else(String::new, |base| plain_type(tape, base)),
        _ => tape.compact(node),
    }
}

/// Returns the type of an element, of which no deeper arrays or annotations are taken apart.
fn plain_type(tape: &Tape<'_>, node: Node) -> String {
    let base = if tape.kind(node) == GENERIC { tape.named(node).next().unwrap_or(node) } else { node };
    tape.compact(base)
}

fn last_name(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}
