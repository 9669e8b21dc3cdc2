//! Go.

mod literals;
mod types;

use agentsync_core::facts::{DefKind, Modifiers, Params, Receiver};

use crate::lexicon::{Field, Vocabulary, kinds};
use crate::params::ParamList;
use crate::tape::{Node, Tape};
use crate::value::Style;
use crate::walk::{Args, Cases, Grammar, Inside, Parts, ScopeKind, Walk};

kinds! {
    SOURCE_FILE = "source_file",
    PACKAGE = "package_clause",
    IMPORT = "import_spec",
    FUNCTION = "function_declaration",
    METHOD = "method_declaration",
    METHOD_ELEM = "method_elem",
    TYPE_ELEM = "type_elem",
    TYPE_SPEC = "type_spec",
    TYPE_ALIAS = "type_alias",
    CONST_SPEC = "const_spec",
    VAR_SPEC = "var_spec",
    STRUCT = "struct_type",
    INTERFACE = "interface_type",
    FIELD_LIST = "field_declaration_list",
    FIELD = "field_declaration",
    PARAM = "parameter_declaration",
    VARIADIC = "variadic_parameter_declaration",
    TYPE_PARAM = "type_parameter_declaration",
    SHORT_VAR = "short_var_declaration",
    RANGE = "range_clause",
    RECEIVE = "receive_statement",
    FUNC_LITERAL = "func_literal",
    CALL = "call_expression",
    CONVERSION = "type_conversion_expression",
    INSTANTIATION = "type_instantiation_expression",
    INDEX = "index_expression",
    SELECTOR = "selector_expression",
    SPREAD = "variadic_argument",
    COMPOSITE = "composite_literal",
    LITERAL_VALUE = "literal_value",
    LITERAL_ELEMENT = "literal_element",
    KEYED = "keyed_element",
    UNARY = "unary_expression",
    SWITCH = "expression_switch_statement",
    TYPE_SWITCH = "type_switch_statement",
    CASE = "expression_case",
    TYPE_CASE = "type_case",
    DEFAULT = "default_case",
    POINTER = "pointer_type",
    SLICE = "slice_type",
    ARRAY = "array_type",
    IMPLICIT_ARRAY = "implicit_length_array_type",
    MAP = "map_type",
    GENERIC = "generic_type",
    PARENTHESIZED = "parenthesized_expression",
    IDENTIFIER = "identifier",
    FIELD_IDENTIFIER = "field_identifier",
    PACKAGE_IDENTIFIER = "package_identifier",
    BLANK = "blank_identifier",
    DOT = "dot",
}

/// Go.
#[derive(Debug)]
pub struct Go;

impl Grammar for Go {
    fn language(&self) -> tree_sitter::Language {
        tree_sitter_go::LANGUAGE.into()
    }

    fn vocabulary(&self) -> Vocabulary {
        Vocabulary {
            kinds: KINDS,
            names: &["identifier", "type_identifier", "field_identifier", "package_identifier"],
            texts: &["interpreted_string_literal_content", "raw_string_literal_content"],
            comments: &["comment"],
            adornments: &[],
        }
    }

    fn visit(&self, walk: &mut Walk<'_, '_>, node: Node) {
        match walk.tape.kind(node) {
            SOURCE_FILE => walk.is_conditional = is_constrained(walk.tape.source()),
            PACKAGE => {
                let name = walk.tape.child_of(node, &[PACKAGE_IDENTIFIER]);
                walk.facts.package = name.map(|name| walk.tape.text(name).to_owned());
            }
            IMPORT => import(walk, node),
            FUNCTION => function(walk, node),
            METHOD => method(walk, node),
            TYPE_SPEC | TYPE_ALIAS => types::definition(walk, node),
            CONST_SPEC | VAR_SPEC => values(walk, node),
            PARAM | VARIADIC | TYPE_PARAM => {
                let of_type = walk.tape.child(node, Field::Type);
                let of_type = of_type.map(|of_type| types::name(walk.tape, of_type));
                declare_each(walk, node, Field::Name, of_type.as_ref());
            }
            FUNC_LITERAL => walk.open(node, "", ScopeKind::Closed),
            SHORT_VAR => short_var(walk, node),
            RANGE | RECEIVE => declare_list(walk, node, Field::Left),
            CALL | CONVERSION => call(walk, node),
            SELECTOR => read(walk, node),
            COMPOSITE => literals::composite(walk, node),
            SWITCH => switch(walk, node),
            TYPE_SWITCH => type_switch(walk, node),
            _ => {}
        }
    }
}

/// Returns whether a build constraint stands above the package clause.
fn is_constrained(source: &str) -> bool {
    let header = source.lines().take_while(|line| !line.starts_with("package "));
    header.take(60).any(|line| line.starts_with("//go:build ") || line.starts_with("// +build "))
}

fn import(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let Some(path) = tape.child(node, Field::Path) else { return };
    let path = tape.text(path).trim_matches(['"', '`']);
    let name = tape.child(node, Field::Name);
    // The words of a path name nothing in the file.
    if let Some(name) = name {
        walk.mention(name);
    }
    walk.skip(node);
    match name.map_or(0, |name| tape.kind(name)) {
        DOT => walk.import(node, path, Some("*"), None),
        BLANK => walk.import(node, path, None, None),
        _ => {
            let bound = name.map_or_else(|| bound_by(path), |name| tape.text(name));
            walk.import(node, path, None, Some(bound));
        }
    }
}

/// Returns the name that an import most likely binds: the path's last part that is no version, without
/// what packages are commonly called around their name.
fn bound_by(path: &str) -> &str {
    let is_version = |part: &str| {
        part.strip_prefix('v').is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
    };
    let mut parts = path.rsplit('/');
    let last = parts.next().unwrap_or(path);
    let last = if is_version(last) { parts.next().unwrap_or(last) } else { last };
    // gopkg.in/yaml.v3
    let last =
        last.split_once(".v").filter(|(_, n)| n.bytes().all(|b| b.is_ascii_digit())).map_or(last, |(s, _)| s);
    let last = last.strip_prefix("go-").unwrap_or(last);
    last.strip_suffix("-go").or_else(|| last.strip_suffix(".go")).unwrap_or(last)
}

/// Returns the modifiers that a name's first letter gives.
fn modifiers(name: &str) -> Modifiers {
    Modifiers { is_public: name.chars().next().is_some_and(char::is_uppercase), ..Modifiers::default() }
}

fn callable_parts(tape: &Tape<'_>, node: Node, name: &str) -> Parts {
    let result = tape.child(node, Field::Result).map(|result| tape.compact(result));
    let mut modifiers = modifiers(name);
    let is_error = |result: &String| result.split(|c: char| !c.is_alphanumeric()).any(|word| word == "error");
    modifiers.is_fallible = result.as_ref().is_some_and(is_error);
    Parts {
        modifiers,
        params: tape.child(node, Field::Parameters).map(|list| params(tape, list)),
        result,
        body: tape.child(node, Field::Body),
        ..Parts::default()
    }
}

fn params(tape: &Tape<'_>, list: Node) -> Params {
    let mut params = ParamList::default();
    for param in tape.named(list) {
        let hash = tape.child(param, Field::Type).map_or(0, |of_type| tape.hash(of_type));
        match tape.kind(param) {
            VARIADIC => params.variadic(hash),
            _ => (0..tape.each(param, Field::Name).count().max(1)).for_each(|_| params.required(hash)),
        }
    }
    params.finish()
}

fn function(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let Some(name) = tape.child(node, Field::Name) else { return };
    let text = tape.text(name);
    let mut parts = callable_parts(tape, node, text);
    // A package may have any number of these, and nothing can call them.
    parts.modifiers.is_local = text == "init" || text == "_";
    walk.define(node, name, DefKind::Function, parts);
    walk.open(node, text, ScopeKind::Closed);
}

/// Takes down a method, whose container is the type it is of.
fn method(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let Some((name, list)) = tape.both(node, Field::Name, Field::Receiver) else {
        return;
    };
    let Some(own) = tape.child_of(list, &[PARAM]) else { return };
    let of_type = tape.child(own, Field::Type).map_or_else(String::new, |of_type| types::name(tape, of_type));
    let text = tape.text(name);
    walk.open(node, &of_type, ScopeKind::Open);
    walk.define(node, name, DefKind::Method, callable_parts(tape, node, text));
    let self_name = tape.child(own, Field::Name).map(|own| tape.text(own).to_owned());
    walk.open_with(node, text, ScopeKind::Closed, Inside { self_name, ..Inside::default() });
}

/// Takes down constants and variables; those in a function are only declared.
fn values(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let of_type = tape.child(node, Field::Type);
    let value = tape.child(node, Field::Value);
    let type_name = of_type.map(|of_type| types::name(tape, of_type));
    let is_final = tape.kind(node) == CONST_SPEC;
    let mut made =
        value.into_iter().flat_map(|value| tape.named(value)).map(|value| literals::type_of(tape, value));
    for name in tape.each(node, Field::Name) {
        let text = tape.text(name);
        let made = made.next().flatten();
        walk.declare(text, type_name.clone().or(made));
        if !walk.is_local() && text != "_" {
            let parts = Parts {
                modifiers: Modifiers { is_final, ..modifiers(text) },
                result: of_type.map(|of_type| tape.compact(of_type)),
                body: value,
                ..Parts::default()
            };
            walk.define_typed(name, name, DefKind::Constant, parts, of_type);
        }
    }
}

fn short_var(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let Some((left, right)) = tape.both(node, Field::Left, Field::Right) else {
        return;
    };
    let style = Style::NONE;
    let (mut values, n_values) = (tape.named(right), tape.named(right).count());
    let is_one_of_several = n_values == 1 && 1 < tape.named(left).count();
    for name in tape.named(left) {
        let value = values.next();
        walk.declare(tape.text(name), value.and_then(|value| literals::type_of(tape, value)));
        match value {
            Some(value) if is_one_of_several => walk.holds_first(tape.text(name), value, style),
            value => walk.holds(tape.text(name), value, style),
        }
    }
}

fn declare_each(walk: &mut Walk<'_, '_>, node: Node, field: Field, type_name: Option<&String>) {
    let tape = walk.tape;
    tape.each(node, field).for_each(|name| walk.declare(tape.text(name), type_name.cloned()));
}

/// Declares the names of a list, unless it only assigns to names that are there already.
fn declare_list(walk: &mut Walk<'_, '_>, node: Node, field: Field) {
    let tape = walk.tape;
    if let Some(list) = tape.child(node, field).filter(|_| tape.has_token(node, ":=")) {
        tape.named(list)
            .filter(|name| tape.kind(*name) == IDENTIFIER)
            .for_each(|name| walk.declare(tape.text(name), None));
    }
}

fn call(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let called = tape.child(node, Field::Function).or_else(|| tape.child(node, Field::Type));
    let Some(called) = called.map(|called| callee(tape, called)) else { return };
    let args = match tape.kind(node) {
        // `[]byte(x)`, `List[int](x)`: one value, always.
        CONVERSION => {
            let mut args = Args::default();
            args.positional();
            args
        }
        _ => arguments(tape, node),
    };
    match tape.kind(called) {
        SELECTOR => {
            let Some((on, name)) = tape.both(called, Field::Operand, Field::Member) else {
                return;
            };
            let receiver = receiver(walk, on);
            walk.call(node, tape.text(name), receiver, args);
        }
        IDENTIFIER => walk.call(node, tape.text(called), Receiver::None, args),
        _ => {}
    }
}

/// Takes down a field that is read or set.
fn read(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    if let Some((on, name)) = tape.both(node, Field::Operand, Field::Member) {
        let receiver = receiver(walk, on);
        walk.read(node, tape.text(name), receiver);
    }
}

/// Returns what is called, without type arguments and parentheses.
fn callee(tape: &Tape<'_>, node: Node) -> Node {
    let inner = match tape.kind(node) {
        INDEX => tape.child(node, Field::Operand),
        INSTANTIATION | GENERIC => tape.child(node, Field::Type),
        _ => None,
    };
    inner.unwrap_or(node)
}

/// Returns what a call is made on; the receiver of the method at hand is called `this`.
fn receiver(walk: &Walk<'_, '_>, on: Node) -> Receiver {
    let tape = walk.tape;
    let is_own = |node: Node| tape.kind(node) == IDENTIFIER && walk.self_name() == Some(tape.text(node));
    match tape.kind(on) {
        IDENTIFIER if is_own(on) => Receiver::Name("this".to_owned()),
        IDENTIFIER => Receiver::Name(tape.text(on).to_owned()),
        SELECTOR => match tape.both(on, Field::Operand, Field::Member) {
            Some((own, field)) if is_own(own) => Receiver::Name(format!("this.{}", tape.text(field))),
            _ => walk.receiver(on, Style::NONE),
        },
        _ => walk.receiver(on, Style::NONE),
    }
}

fn arguments(tape: &Tape<'_>, node: Node) -> Args {
    let mut args = Args::default();
    let Some(list) = tape.child(node, Field::Arguments) else { return args };
    let mut n_given = 0;
    let mut is_call = false;
    for given in tape.named(list) {
        n_given += 1;
        is_call = tape.kind(given) == CALL;
        match tape.kind(given) {
            SPREAD => args.unknown(),
            _ => args.positional(),
        }
    }
    // `f(g())` passes on as many values as `g` returns.
    if n_given == 1 && is_call {
        args.unknown();
    }
    args
}

fn switch(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let mut cases = Cases { has_default: tape.child_of(node, &[DEFAULT]).is_some(), ..Cases::default() };
    let mut seen = std::collections::BTreeSet::new();
    let lists = tape.each_of(node, CASE).filter_map(|case| tape.child(case, Field::Value));
    // `switch { case a < b: … }` is a chain of conditions.
    if tape.child(node, Field::Value).is_none() {
        return;
    }
    for value in lists.flat_map(|list| tape.named(list)) {
        let text = tape.compact(value);
        let is_constant = !text.contains('(');
        if is_constant && !seen.insert(tape.hash(value)) {
            walk.repeated(value, &text);
        }
        cases.path(&text);
    }
    walk.choice(node, cases);
}

fn type_switch(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    if let Some(list) = tape.child(node, Field::Alias) {
        tape.named(list).for_each(|name| walk.declare(tape.text(name), None));
    }
    let mut cases = Cases { has_default: tape.child_of(node, &[DEFAULT]).is_some(), ..Cases::default() };
    let mut seen = std::collections::BTreeSet::new();
    for of_type in tape.each_of(node, TYPE_CASE).flat_map(|case| tape.each(case, Field::Type)) {
        if !seen.insert(tape.hash(of_type)) {
            walk.repeated(of_type, &tape.compact(of_type));
        }
        cases.path(&types::name(tape, of_type));
    }
    walk.choice(node, cases);
}
