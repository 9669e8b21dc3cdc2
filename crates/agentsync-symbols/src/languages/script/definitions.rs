//! The functions and types of a script.

use agentsync_core::facts::{DefKind, Modifiers, Params};

use super::{
    ABSTRACT_CLASS, AMBIENT, ASSIGNMENT_PATTERN, CLASS_EXPRESSION, CLASS_HERITAGE, DECLARATOR,
    ENUM_ASSIGNMENT, EXTENDS, EXTENDS_TYPE, FUNCTION_SIGNATURE, IMPLEMENTS, INTERFACE, OBJECT_TYPE,
    OPTIONAL_PARAMETER, REQUIRED_PARAMETER, REST_PATTERN, THIS, TYPE_ALIAS, bindings, key_text, modules,
    type_name,
};
use crate::lexicon::Field;
use crate::params::ParamList;
use crate::tape::{Node, Tape};
use crate::walk::{Inside, Parts, ScopeKind, Walk};

/// Returns who can see a name that a declaration states.
pub fn visibility(walk: &Walk<'_, '_>, node: Node, name: &str) -> Modifiers {
    let is_top = walk.is_at_top();
    let is_public = modules::is_exported(walk.tape, node) || (is_top && walk.exported.contains(name));
    Modifiers { is_public, is_private: is_top && walk.is_module && !is_public, ..Modifiers::default() }
}

/// Takes down a function.
pub fn function(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let name = tape.child(node, Field::Name);
    let text = name.map_or("default", |name| tape.text(name));
    let mut modifiers = visibility(walk, node, text);
    modifiers.is_async = tape.has_token(node, "async");
    let is_ambient = tape.parent_kind(node) == AMBIENT;
    let is_signature = tape.kind(node) == FUNCTION_SIGNATURE;
    modifiers.is_abstract = is_signature && !is_ambient;
    // The signature of an overload.
    modifiers.is_conditional = modifiers.is_abstract;
    let line = tape.line(name.unwrap_or(node));
    let parts = Parts { modifiers, ..callable(tape, node) };
    walk.define_as(node, text, line, DefKind::Function, parts);
    walk.open(node, text, ScopeKind::Closed);
    bindings::parameters(walk, node);
}

/// Returns what a function takes and returns.
pub fn callable(tape: &Tape<'_>, node: Node) -> Parts {
    let single = tape.child(node, Field::Parameter);
    let list = tape.child(node, Field::Parameters);
    let result = tape.child(node, Field::ReturnType).and_then(|note| tape.named(note).next());
    Parts {
        params: match (list, single) {
            (Some(list), _) => Some(params(tape, list)),
            (None, Some(_)) => Some(Params { min: 1, max: Some(1), ..Params::default() }),
            (None, None) => None,
        },
        result: result.map(|result| tape.compact(result)),
        body: tape.child(node, Field::Body),
        ..Parts::default()
    }
}

fn params(tape: &Tape<'_>, list: Node) -> Params {
    let mut params = ParamList::default();
    for param in tape.named(list) {
        let inner = match tape.kind(param) {
            REQUIRED_PARAMETER | OPTIONAL_PARAMETER => {
                tape.child(param, Field::Pattern).or_else(|| tape.child(param, Field::Name)).unwrap_or(param)
            }
            _ => param,
        };
        let hash = tape.child(param, Field::Type).map_or(0, |of_type| tape.hash(of_type));
        let may_be_left_out = tape.kind(param) == OPTIONAL_PARAMETER
            || tape.kind(param) == ASSIGNMENT_PATTERN
            || tape.child(param, Field::Value).is_some();
        match tape.kind(inner) {
            // `function f(this: Window)` takes nothing.
            THIS => {}
            REST_PATTERN => params.variadic(hash),
            _ if may_be_left_out => params.optional(hash),
            _ => params.required_in_order(hash),
        }
    }
    params.finish()
}

/// Takes down a class.
pub fn class(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    // `const X = class { … }` was taken down as X.
    let is_named_outside = tape.kind(node) == CLASS_EXPRESSION && tape.parent_kind(node) == DECLARATOR;
    let supertypes = supertypes(tape, node);
    let parent_type = heritage(tape, node, EXTENDS).first().cloned();
    if is_named_outside {
        return;
    }
    match tape.child(node, Field::Name) {
        None if tape.kind(node) == CLASS_EXPRESSION => {
            let base = supertypes.first().map_or("class", String::as_str).to_owned();
            let members = tape.child(node, Field::Body).into_iter().flat_map(|body| tape.named(body));
            let members = members.filter_map(|member| tape.child(member, Field::Name));
            let members = members.map(|member| tape.text(member).to_owned()).collect();
            if !supertypes.is_empty() {
                walk.anonymous(node, &base, members);
            }
            let inside = Inside { kind: Some(DefKind::Class), parent_type, ..Inside::default() };
            walk.open_with(node, &format!("<{base}>"), ScopeKind::Closed, inside);
        }
        name => {
            let text = name.map_or("default", |name| tape.text(name));
            let mut modifiers = visibility(walk, node, text);
            modifiers.is_abstract = tape.kind(node) == ABSTRACT_CLASS;
            let parts =
                Parts { modifiers, supertypes, body: tape.child(node, Field::Body), ..Parts::default() };
            walk.define_as(node, text, tape.line(name.unwrap_or(node)), DefKind::Class, parts);
            let inside = Inside { kind: Some(DefKind::Class), parent_type, ..Inside::default() };
            walk.open_with(node, text, ScopeKind::Open, inside);
        }
    }
}

/// Returns what a class extends and implements.
pub fn supertypes(tape: &Tape<'_>, node: Node) -> Vec<String> {
    let mut all = heritage(tape, node, EXTENDS);
    all.extend(heritage(tape, node, IMPLEMENTS));
    all
}

/// Returns the names in one of a class's clauses; in JavaScript there is only the one after `extends`.
pub fn heritage(tape: &Tape<'_>, node: Node, clause: u16) -> Vec<String> {
    let Some(heritage) = tape.child_of(node, &[CLASS_HERITAGE]) else { return Vec::new() };
    let is_plain = tape.child_of(heritage, &[EXTENDS, IMPLEMENTS]).is_none();
    match (tape.child_of(heritage, &[clause]), clause) {
        (Some(found), EXTENDS) => tape.each(found, Field::Value).map(|base| tape.compact(base)).collect(),
        (Some(found), _) => tape.named(found).map(|base| type_name(tape, base)).collect(),
        (None, EXTENDS) if is_plain => tape.named(heritage).map(|base| tape.compact(base)).collect(),
        (None, _) => Vec::new(),
    }
}

/// Takes down an interface or an alias.
pub fn type_definition(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let Some(name) = tape.child(node, Field::Name) else { return };
    let text = tape.text(name);
    let mut modifiers = visibility(walk, node, text);
    let is_interface = tape.kind(node) == INTERFACE;
    modifiers.is_abstract = is_interface;
    let value = tape.child(node, Field::Value);
    let is_object = value.is_some_and(|value| tape.kind(value) == OBJECT_TYPE);
    let clause = tape.child_of(node, &[EXTENDS_TYPE]);
    let supertypes = clause.into_iter().flat_map(|clause| tape.each(clause, Field::Type));
    let parts = Parts {
        modifiers,
        result: value.filter(|_| !is_object).map(|value| tape.compact(value)),
        supertypes: supertypes.map(|base| type_name(tape, base)).collect(),
        body: tape.child(node, Field::Body).or(value),
        ..Parts::default()
    };
    let kind = if is_interface { DefKind::Interface } else { DefKind::Alias };
    debug_assert!(is_interface || tape.kind(node) == TYPE_ALIAS);
    walk.define(node, name, kind, parts);
    walk.open_with(node, text, ScopeKind::Open, Inside { kind: Some(kind), ..Inside::default() });
}

/// Takes down an enumeration with its cases.
pub fn enumeration(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let Some((name, body)) = tape.both(node, Field::Name, Field::Body) else {
        return;
    };
    let modifiers = visibility(walk, node, tape.text(name));
    walk.define(node, name, DefKind::Enum, Parts { modifiers, body: Some(body), ..Parts::default() });
    walk.open(node, tape.text(name), ScopeKind::Open);
    for case in tape.named(body) {
        let (name, value) = match tape.kind(case) {
            ENUM_ASSIGNMENT => (tape.child(case, Field::Name), tape.child(case, Field::Value)),
            _ => (Some(case), None),
        };
        let Some(name) = name else { continue };
        let modifiers =
            Modifiers { is_public: true, is_static: true, is_final: true, ..Modifiers::default() };
        let parts = Parts { modifiers, body: value, ..Parts::default() };
        walk.define_as(case, key_text(tape, name), tape.line(name), DefKind::Variant, parts);
    }
}

/// Takes down a namespace, or what is said of another module.
pub fn namespace(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let Some(name) = tape.child(node, Field::Name) else { return };
    let text = key_text(tape, name);
    let modifiers = visibility(walk, node, text);
    let body = tape.child(node, Field::Body);
    walk.define_as(
        node,
        text,
        tape.line(name),
        DefKind::Module,
        Parts { modifiers, body, ..Parts::default() },
    );
    walk.open(node, text, ScopeKind::Open);
}
