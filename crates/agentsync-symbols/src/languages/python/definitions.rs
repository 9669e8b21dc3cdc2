//! The functions and classes of a Python file.

use agentsync_core::facts::{DefKind, Modifiers, Params};

use super::{
    ARGUMENT_LIST, ASSIGNMENT, ATTRIBUTE, CALL, CLASS, DECORATED, DECORATOR, DEFAULT_PARAMETER,
    DICTIONARY_SPLAT_PATTERN, EXPRESSION_STATEMENT, IDENTIFIER, KEYWORD_ARGUMENT, KEYWORD_SEPARATOR,
    LIST_SPLAT_PATTERN, POSITIONAL_SEPARATOR, SUBSCRIPT, TUPLE_PATTERN, TYPED_DEFAULT_PARAMETER,
    TYPED_PARAMETER, bindings, is_conditional, type_name,
};
use crate::lexicon::Field;
use crate::params::ParamList;
use crate::tape::{Node, Tape};
use crate::walk::{Inside, Parts, ScopeKind, Walk};

/// Returns the names of a definition's decorators, `a.b` of `@a.b(…)`.
fn decorators<'s>(tape: &Tape<'s>, node: Node) -> Vec<&'s str> {
    let Some(whole) = tape.parent(node).filter(|above| tape.kind(*above) == DECORATED) else {
        return Vec::new();
    };
    let written = tape.each_of(whole, DECORATOR).filter_map(|decorator| tape.named(decorator).next());
    written.map(|written| called(tape, written)).collect()
}

fn called<'s>(tape: &Tape<'s>, written: Node) -> &'s str {
    let name = match tape.kind(written) {
        CALL => tape.child(written, Field::Function).unwrap_or(written),
        _ => written,
    };
    tape.text(name)
}

/// Returns whether one of `names` is the last part of a decorator.
fn has(decorators: &[&str], names: &[&str]) -> bool {
    decorators.iter().any(|written| names.contains(&written.rsplit('.').next().unwrap_or(written)))
}

/// Returns who is meant to see a name.
pub fn visibility(name: &str) -> Modifiers {
    let is_dunder = name.starts_with("__") && name.ends_with("__");
    Modifiers {
        is_public: !name.starts_with('_') || is_dunder,
        is_private: name.starts_with("__") && !is_dunder,
        ..Modifiers::default()
    }
}

/// Takes down a function or a method; a property counts as the field that it looks like.
pub fn function(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let Some(name) = tape.child(node, Field::Name) else { return };
    let text = tape.text(name);
    let decorators = decorators(tape, node);
    let is_member = walk.is_in_type();
    let mut modifiers = visibility(text);
    modifiers.is_static = has(&decorators, &["staticmethod", "classmethod"]);
    modifiers.is_abstract = has(&decorators, &["abstractmethod", "abstractproperty", "overload"]);
    modifiers.is_override = has(&decorators, &["override", "overrides"]);
    modifiers.is_final = has(&decorators, &["final"]);
    modifiers.is_async = tape.has_token(node, "async");
    modifiers.is_injected = has(&decorators, &["fixture", "yield_fixture"]);
    // These state a name again, and are meant to.
    let is_again = has(&decorators, &["overload", "setter", "getter", "deleter", "register"]);
    modifiers.is_conditional = is_again || is_conditional(tape, node);
    let is_property = has(&decorators, &["property", "cached_property", "abstractproperty", "setter"]);
    let kind = match (is_member, text) {
        (true, "__init__" | "__new__") => DefKind::Constructor,
        (true, _) if is_property => DefKind::Field,
        (true, _) => DefKind::Method,
        (false, _) => DefKind::Function,
    };
    let has_self = is_member && !has(&decorators, &["staticmethod"]);
    let list = tape.child(node, Field::Parameters).filter(|_| kind != DefKind::Field);
    let parts = Parts {
        modifiers,
        params: list.map(|list| params(tape, list, has_self)),
        result: tape.child(node, Field::ReturnType).map(|result| tape.compact(result)),
        body: tape.child(node, Field::Body),
        ..Parts::default()
    };
    walk.define(node, name, kind, parts);
    let own = tape.child(node, Field::Parameters).filter(|_| has_self);
    let own = own.and_then(|list| tape.named(list).next()).map(|own| tape.text(own).to_owned());
    let inside = Inside { self_name: own, is_conditional: modifiers.is_conditional, ..Inside::default() };
    walk.open_with(node, text, ScopeKind::Closed, inside);
    bindings::parameters(walk, node);
}

fn params(tape: &Tape<'_>, list: Node, has_self: bool) -> Params {
    let mut params = ParamList::default();
    let mut is_by_name = false;
    let has_separator = tape.named(list).any(|param| tape.kind(param) == POSITIONAL_SEPARATOR);
    let mut may_be_named = !has_separator;
    for param in tape.named(list).skip(usize::from(has_self)) {
        let inner = match tape.kind(param) {
            TYPED_PARAMETER => tape.named(param).next().unwrap_or(param),
            _ => param,
        };
        let hash = tape.child(param, Field::Type).map_or(0, |of_type| tape.hash(of_type));
        let has_default = matches!(tape.kind(param), DEFAULT_PARAMETER | TYPED_DEFAULT_PARAMETER);
        let name = tape.child(inner, Field::Name).map_or_else(|| tape.text(inner), |name| tape.text(name));
        match tape.kind(inner) {
            POSITIONAL_SEPARATOR => may_be_named = true,
            KEYWORD_SEPARATOR => is_by_name = true,
            LIST_SPLAT_PATTERN => {
                params.variadic(hash);
                is_by_name = true;
            }
            DICTIONARY_SPLAT_PATTERN => params.any_name(),
            _ if is_by_name && has_default => params.name(name),
            _ if is_by_name => params.required_name(name),
            _ => {
                if has_default {
                    params.optional(hash);
                } else {
                    params.required(hash);
                }
                if may_be_named && tape.kind(inner) != TUPLE_PATTERN {
                    params.name(name);
                }
            }
        }
    }
    params.finish()
}

/// Takes down a class, and the constructor that a data class has without writing it.
pub fn class(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let Some(name) = tape.child(node, Field::Name) else { return };
    let text = tape.text(name);
    let decorators = decorators(tape, node);
    let supertypes = supertypes(tape, node);
    let is_a = |names: &[&str]| has(&supertypes.iter().map(String::as_str).collect::<Vec<_>>(), names);
    let is_enum = is_a(&["Enum", "IntEnum", "StrEnum", "Flag", "IntFlag"]);
    let is_protocol = is_a(&["Protocol"]);
    let kind = match (is_protocol, is_enum) {
        (true, _) => DefKind::Interface,
        (false, true) => DefKind::Enum,
        (false, false) => DefKind::Class,
    };
    let mut modifiers = visibility(text);
    modifiers.is_abstract = is_protocol || is_a(&["ABC"]) || is_made_by(tape, node, "ABCMeta");
    modifiers.is_final = has(&decorators, &["final"]);
    modifiers.is_conditional = is_conditional(tape, node);
    let is_plain_base = |name: &String| matches!(name.as_str(), "object" | "Generic" | "NamedTuple" | "ABC");
    let is_data = has(&decorators, &["dataclass", "define", "frozen", "attrs"]) || is_a(&["NamedTuple"]);
    // What a base adds to the constructor cannot be known here.
    let is_whole = supertypes.iter().all(|base| is_plain_base(base) || base.ends_with(".NamedTuple"));
    let parent_type = supertypes.first().filter(|_| supertypes.len() == 1).cloned();
    let body = tape.child(node, Field::Body);
    let is_conditional = modifiers.is_conditional;
    walk.define(node, name, kind, Parts { modifiers, supertypes, body, ..Parts::default() });
    walk.open_with(
        node,
        text,
        ScopeKind::Open,
        Inside { kind: Some(kind), parent_type, is_conditional, ..Inside::default() },
    );
    if let Some(body) = body.filter(|_| is_data && is_whole) {
        data_constructor(walk, node, body);
    }
}

fn supertypes(tape: &Tape<'_>, node: Node) -> Vec<String> {
    let Some(list) = tape.child(node, Field::Superclasses) else { return Vec::new() };
    tape.named(list)
        .filter(|base| matches!(tape.kind(*base), IDENTIFIER | ATTRIBUTE | SUBSCRIPT))
        .map(|base| type_name(tape, base))
        .collect()
}

fn is_made_by(tape: &Tape<'_>, node: Node, metaclass: &str) -> bool {
    let list = tape.child(node, Field::Superclasses).filter(|list| tape.kind(*list) == ARGUMENT_LIST);
    list.is_some_and(|list| {
        tape.each_of(list, KEYWORD_ARGUMENT).any(|given| tape.text(given).ends_with(metaclass))
    })
}

/// Takes down `__init__` with the annotated fields of a data class as its parameters.
fn data_constructor(walk: &mut Walk<'_, '_>, node: Node, body: Node) {
    let tape = walk.tape;
    debug_assert_eq!(tape.kind(node), CLASS);
    let is_by_name = tape.parent(node).is_some_and(|whole| {
        tape.each_of(whole, DECORATOR).any(|decorator| tape.compact(decorator).contains("kw_only=True"))
    });
    let has_own = tape.text(body).contains("def __init__");
    let opts_out = tape.text(body).contains("init=False") || tape.text(body).contains("KW_ONLY");
    if has_own || opts_out {
        return;
    }
    let mut params = ParamList::default();
    let statements = tape.each_of(body, EXPRESSION_STATEMENT).filter_map(|line| tape.named(line).next());
    for field in statements.filter(|field| tape.kind(*field) == ASSIGNMENT) {
        let Some((name, of_type)) = tape.both(field, Field::Left, Field::Type) else {
            continue;
        };
        if type_name(tape, of_type).ends_with("ClassVar") {
            continue;
        }
        let has_default = tape.child(field, Field::Right).is_some();
        match (is_by_name, has_default) {
            (true, true) => params.name(tape.text(name)),
            (true, false) => params.required_name(tape.text(name)),
            (false, true) => {
                params.optional(tape.hash(of_type));
                params.name(tape.text(name));
            }
            (false, false) => {
                params.required(tape.hash(of_type));
                params.name(tape.text(name));
            }
        }
    }
    let modifiers = Modifiers { is_public: true, ..Modifiers::default() };
    let parts = Parts { modifiers, params: Some(params.finish()), ..Parts::default() };
    walk.define_as(body, "__init__", tape.line(node), DefKind::Constructor, parts);
}

/// Takes down `type X = …`.
pub fn type_alias(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let Some((left, right)) = tape.both(node, Field::Left, Field::Right) else {
        return;
    };
    let name = type_name(tape, left);
    let parts = Parts { modifiers: visibility(&name), result: Some(tape.compact(right)), ..Parts::default() };
    walk.define_as(node, &name, tape.line(left), DefKind::Alias, parts);
}

/// Returns the modifiers of a variable.
pub fn variable_modifiers(tape: &Tape<'_>, node: Node, name: &str) -> Modifiers {
    Modifiers { is_conditional: is_conditional(tape, node), ..visibility(name) }
}
