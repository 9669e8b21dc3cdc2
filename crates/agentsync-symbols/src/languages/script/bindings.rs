//! The names that a script binds: variables, parameters, members of `this`, and `CommonJS` exports.

use agentsync_core::facts::{DefKind, Modifiers};

use super::{
    ACCESSIBILITY, ARRAY_PATTERN, ARROW, AS, ASSIGNMENT_PATTERN, AWAIT, CALL, CLASS_EXPRESSION,
    EXPRESSION_STATEMENT, FUNCTION_EXPRESSION, GENERATOR_EXPRESSION, IDENTIFIER, MEMBER, NEW, OBJECT,
    OBJECT_ASSIGNMENT_PATTERN, OBJECT_PATTERN, PAIR, PAIR_PATTERN, PARENTHESIZED, REST_PATTERN, SHORTHAND,
    SHORTHAND_PATTERN, THIS, calls, definitions, definitions::callable, key_text, members, type_name,
};
use crate::lexicon::Field;
use crate::tape::{Node, Tape};
use crate::walk::{Inside, Parts, ScopeKind, Walk};

/// Declares the parameters of a function; those with a visibility are fields of the class too.
pub fn parameters(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    if let Some(single) = tape.child(node, Field::Parameter) {
        walk.declare(tape.text(single), None);
    }
    let Some(list) = tape.child(node, Field::Parameters) else { return };
    for param in tape.named(list) {
        let inner =
            tape.child(param, Field::Pattern).or_else(|| tape.child(param, Field::Name)).unwrap_or(param);
        let of_type = tape.child(param, Field::Type).map(|of_type| type_name(tape, of_type));
        let access = tape.child_of(param, &[ACCESSIBILITY]).is_some() || tape.has_token(param, "readonly");
        if access && tape.kind(inner) == IDENTIFIER {
            walk.define_set(param, inner, members::modifiers(tape, param, ""), of_type.clone());
        }
        bind(walk, inner, of_type.as_ref());
    }
}

/// Declares every name in a pattern.
fn bind(walk: &mut Walk<'_, '_>, pattern: Node, of_type: Option<&String>) {
    let tape = walk.tape;
    let mut open = vec![pattern];
    while let Some(at) = open.pop() {
        let of_type = of_type.filter(|_| at == pattern).cloned();
        match tape.kind(at) {
            IDENTIFIER | SHORTHAND_PATTERN => walk.declare(tape.text(at), of_type),
            OBJECT_PATTERN | ARRAY_PATTERN | REST_PATTERN => open.extend(tape.named(at)),
            PAIR_PATTERN => open.extend(tape.child(at, Field::Value)),
            ASSIGNMENT_PATTERN | OBJECT_ASSIGNMENT_PATTERN => open.extend(tape.child(at, Field::Left)),
            _ => {}
        }
    }
}

/// Declares what a loop or a `catch` binds.
pub fn names(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let is_new = ["const", "let", "var"].iter().any(|word| tape.has_token(node, word));
    let left = tape.child(node, Field::Left).filter(|_| is_new);
    if let Some(pattern) = left.or_else(|| tape.child(node, Field::Parameter)) {
        bind(walk, pattern, None);
    }
}

/// Takes down a variable: what it holds makes it a function, a class or a value.
pub fn variable(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let Some(name) = tape.child(node, Field::Name) else { return };
    let value = tape.child(node, Field::Value);
    let written = tape.child(node, Field::Type).map(|of_type| type_name(tape, of_type));
    require(walk, node, name, value);
    if tape.kind(name) != IDENTIFIER {
        bind(walk, name, None);
        return;
    }
    let text = tape.text(name);
    walk.declare(text, written.clone().or_else(|| value.and_then(|value| made(tape, value))));
    walk.holds(text, value, calls::STYLE);
    if let (Some(of), Some(value)) = (&written, value) {
        calls::implementation(walk, value, of);
    }
    holding(walk, node, name, value);
}

/// Takes down a variable by what it holds.
fn holding(walk: &mut Walk<'_, '_>, node: Node, name: Node, value: Option<Node>) {
    let tape = walk.tape;
    let text = tape.text(name);
    let mut modifiers = definitions::visibility(walk, node, text);
    modifiers.is_final = tape.parent(node).is_some_and(|whole| tape.has_token(whole, "const"));
    match value.map(|value| (tape.kind(value), value)) {
        Some((ARROW | FUNCTION_EXPRESSION | GENERATOR_EXPRESSION, function)) => {
            modifiers.is_async = tape.has_token(function, "async");
            let parts = Parts { modifiers, ..callable(tape, function) };
            walk.define_value(node, function, name, DefKind::Function, parts);
            walk.open(node, text, ScopeKind::Closed);
        }
        Some((CLASS_EXPRESSION, class)) => {
            let supertypes = definitions::supertypes(tape, class);
            let parent_type = supertypes.first().cloned();
            let parts =
                Parts { modifiers, supertypes, body: tape.child(class, Field::Body), ..Parts::default() };
            walk.define_value(node, class, name, DefKind::Class, parts);
            let inside = Inside { kind: Some(DefKind::Class), parent_type, ..Inside::default() };
            walk.open_with(node, text, ScopeKind::Open, inside);
        }
        // What is required is defined elsewhere.
        _ if walk.is_local() || value.is_some_and(|value| calls::required(tape, value).is_some()) => {}
        held => {
            let result = tape.child(node, Field::Type).and_then(|note| tape.named(note).next());
            let result = result.map(|of_type| tape.compact(of_type));
            let body = held.map(|(_, value)| value);
            walk.define(node, name, DefKind::Constant, Parts { modifiers, result, body, ..Parts::default() });
            if let Some((OBJECT, object)) = held {
                walk.open(node, text, ScopeKind::Open);
                members::of_object(walk, object);
            }
        }
    }
}

/// Takes down `const x = require('y')` and `const { a, b: c } = require('y')`.
fn require(walk: &mut Walk<'_, '_>, node: Node, name: Node, value: Option<Node>) {
    let tape = walk.tape;
    let Some(module) = value.and_then(|value| calls::required(tape, value)) else { return };
    if tape.kind(name) == IDENTIFIER {
        walk.import(node, module, None, Some(tape.text(name)));
    }
    for part in tape.named(name).filter(|_| tape.kind(name) == OBJECT_PATTERN) {
        match tape.kind(part) {
            SHORTHAND_PATTERN => walk.import(part, module, Some(tape.text(part)), Some(tape.text(part))),
            PAIR_PATTERN => {
                let key = tape.child(part, Field::Key).map(|key| key_text(tape, key));
                let bound = tape.child(part, Field::Value).map(|bound| tape.text(bound));
                walk.import(part, module, key, bound);
            }
            _ => {}
        }
    }
}

/// Returns the class of a value that is made on the spot: `new User(…)`, `<expr> as User`.
pub fn made(tape: &Tape<'_>, mut value: Node) -> Option<String> {
    while matches!(tape.kind(value), AWAIT | PARENTHESIZED) {
        value = tape.named(value).next()?;
    }
    match tape.kind(value) {
        NEW => tape.child(value, Field::Constructor).map(|made| tape.compact(made)),
        AS => tape.named(value).nth(1).map(|of_type| type_name(tape, of_type)).filter(|name| name != "const"),
        _ => None,
    }
}

/// Takes down `this.x = …`, `exports.x = …`, `module.exports = …` and `X.prototype.y = …`.
pub fn assignment(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let Some((left, right)) = tape.both(node, Field::Left, Field::Right) else {
        return;
    };
    let is_statement = tape.parent_kind(node) == EXPRESSION_STATEMENT;
    if tape.kind(left) != MEMBER || !is_statement {
        return;
    }
    let Some((object, name)) = tape.both(left, Field::Object, Field::Property) else {
        return;
    };
    match tape.text(object) {
        _ if tape.kind(object) == THIS => {
            walk.define_set(node, name, members::modifiers(tape, left, tape.text(name)), made(tape, right));
        }
        "exports" | "module.exports" if !walk.is_local() => {
            walk.facts.exports.push(tape.text(name).to_owned());
            assigned(walk, node, name, right);
        }
        "module" if tape.text(name) == "exports" && !walk.is_local() => all_exports(walk, right),
        whole => {
            if let Some(class) = whole.strip_suffix(".prototype").filter(|_| !walk.is_local()) {
                walk.open(node, class, ScopeKind::Open);
                assigned(walk, node, name, right);
            }
        }
    }
}

fn assigned(walk: &mut Walk<'_, '_>, node: Node, name: Node, right: Node) {
    let tape = walk.tape;
    let modifiers = Modifiers { is_public: true, ..Modifiers::default() };
    let is_member = walk.is_in_type();
    match tape.kind(right) {
        ARROW | FUNCTION_EXPRESSION | GENERATOR_EXPRESSION => {
            let is_async = tape.has_token(right, "async");
            let parts = Parts { modifiers: Modifiers { is_async, ..modifiers }, ..callable(tape, right) };
            let kind = if is_member { DefKind::Method } else { DefKind::Function };
            walk.define_value(node, right, name, kind, parts);
        }
        // `exports.a = a` names what is defined elsewhere.
        IDENTIFIER | MEMBER | CALL => {}
        _ => {
            let kind = if is_member { DefKind::Field } else { DefKind::Constant };
            walk.define(node, name, kind, Parts { modifiers, body: Some(right), ..Parts::default() });
        }
    }
}

fn all_exports(walk: &mut Walk<'_, '_>, right: Node) {
    let tape = walk.tape;
    for member in tape.named(right).filter(|_| tape.kind(right) == OBJECT) {
        let key = match tape.kind(member) {
            SHORTHAND => Some(member),
            PAIR => tape.child(member, Field::Key),
            _ => tape.child(member, Field::Name),
        };
        if let Some(key) = key {
            walk.facts.exports.push(key_text(tape, key).to_owned());
        }
    }
    if tape.kind(right) == IDENTIFIER {
        walk.facts.exports.push("default".to_owned());
    }
}
