//! The members of classes, interfaces and objects.

use agentsync_core::facts::{DefKind, Modifiers};

use super::{
    ABSTRACT_METHOD, ACCESSIBILITY, ARROW, CLASS_BODY, FUNCTION_EXPRESSION, INTERFACE_BODY, METHOD,
    METHOD_SIGNATURE, OBJECT, OBJECT_TYPE, OVERRIDE, PAIR, PROPERTY_SIGNATURE, TYPE_ALIAS, bindings,
    definitions::callable, key_text, type_name,
};
use crate::lexicon::Field;
use crate::tape::{Node, Tape};
use crate::walk::{Parts, ScopeKind, Walk};

/// Returns the words in front of a member.
pub fn modifiers(tape: &Tape<'_>, node: Node, name: &str) -> Modifiers {
    let access = tape.child_of(node, &[ACCESSIBILITY]).map_or("public", |word| tape.text(word));
    Modifiers {
        is_public: access == "public" && !name.starts_with('#'),
        is_private: access == "private" || name.starts_with('#'),
        is_static: tape.has_token(node, "static"),
        is_async: tape.has_token(node, "async"),
        is_abstract: tape.has_token(node, "abstract"),
        is_override: tape.child_of(node, &[OVERRIDE]).is_some(),
        is_final: tape.has_token(node, "readonly"),
        // An optional member need not be there.
        has_default: tape.has_token(node, "?"),
        ..Modifiers::default()
    }
}

/// Takes down a method, an accessor, or the signature of one.
pub fn method(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let Some(name) = tape.child(node, Field::Name) else { return };
    let text = key_text(tape, name);
    let around = tape.parent_kind(node);
    // Methods of an object belong to the variable that holds it, if it is one.
    let is_member = around != OBJECT || walk.is_in_type();
    if is_member && is_stated(tape, node) {
        let mut found = modifiers(tape, node, text);
        let is_setter = tape.has_token(node, "set");
        let is_accessor = is_setter || tape.has_token(node, "get");
        let is_overload = tape.kind(node) == METHOD_SIGNATURE && around == CLASS_BODY;
        found.is_abstract |=
            tape.kind(node) == ABSTRACT_METHOD || matches!(around, INTERFACE_BODY | OBJECT_TYPE);
        found.is_conditional = is_setter || is_overload;
        let kind = match text {
            "constructor" if around == CLASS_BODY => DefKind::Constructor,
            _ if is_accessor => DefKind::Field,
            _ => DefKind::Method,
        };
        let mut parts = Parts { modifiers: found, ..callable(tape, node) };
        if is_accessor {
            parts.params = None;
        }
        walk.define_as(node, text, tape.line(name), kind, parts);
    }
    walk.open(node, text, ScopeKind::Closed);
    bindings::parameters(walk, node);
    debug_assert!(tape.kind(node) != METHOD || tape.child(node, Field::Body).is_some());
}

/// Returns whether a member's type has a name; a type written out in a signature has none.
fn is_stated(tape: &Tape<'_>, node: Node) -> bool {
    let around = tape.parent(node);
    around.is_none_or(|body| tape.kind(body) != OBJECT_TYPE || tape.parent_kind(body) == TYPE_ALIAS)
}

/// Takes down a field.
pub fn field(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let name = tape.child(node, Field::Name).or_else(|| tape.child(node, Field::Property));
    let Some(name) = name.filter(|_| is_stated(tape, node)) else { return };
    let text = key_text(tape, name);
    let of_type = tape.child(node, Field::Type);
    let value = tape.child(node, Field::Value);
    let mut found = modifiers(tape, node, text);
    found.is_abstract |= tape.kind(node) == PROPERTY_SIGNATURE;
    walk.is_first(text);
    // A field that holds a function is called like a method.
    if let Some(function) = value.filter(|value| matches!(tape.kind(*value), ARROW | FUNCTION_EXPRESSION)) {
        let mut parts = callable(tape, function);
        found.is_async = tape.has_token(function, "async");
        parts.modifiers = found;
        walk.define_value(node, function, name, DefKind::Method, parts);
        walk.open(node, text, ScopeKind::Closed);
        return;
    }
    let result = of_type.and_then(|note| tape.named(note).next()).map(|of_type| tape.compact(of_type));
    let parts = Parts { modifiers: found, result, body: value, ..Parts::default() };
    walk.define_as(node, text, tape.line(name), DefKind::Field, parts);
    let made = value.and_then(|value| bindings::made(tape, value));
    walk.declare(text, of_type.map(|of_type| type_name(tape, of_type)).or(made));
}

/// Takes down the values and functions of an object that a variable holds.
pub fn of_object(walk: &mut Walk<'_, '_>, object: Node) {
    let tape = walk.tape;
    for pair in tape.each_of(object, PAIR) {
        let Some((key, value)) = tape.both(pair, Field::Key, Field::Value) else {
            continue;
        };
        let modifiers = Modifiers { is_public: true, ..Modifiers::default() };
        let text = key_text(tape, key);
        if matches!(tape.kind(value), ARROW | FUNCTION_EXPRESSION) {
            let is_async = tape.has_token(value, "async");
            let parts = Parts { modifiers: Modifiers { is_async, ..modifiers }, ..callable(tape, value) };
            walk.define_value(pair, value, key, DefKind::Method, parts);
        } else {
            let parts = Parts { modifiers, body: Some(value), ..Parts::default() };
            walk.define_as(pair, text, tape.line(key), DefKind::Field, parts);
        }
    }
}
