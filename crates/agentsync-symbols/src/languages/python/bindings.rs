//! The names that Python code binds: parameters, variables, attributes of `self`.

use agentsync_core::facts::DefKind;

use super::{
    AS_PATTERN_TARGET, ATTRIBUTE, CALL, DEFAULT_PARAMETER, EXPRESSION_STATEMENT, FOR, FOR_IN, IDENTIFIER,
    LAMBDA, LIST, LIST_PATTERN, LIST_SPLAT_PATTERN, PATTERN_LIST, STRING, STRING_CONTENT, TUPLE,
    TUPLE_PATTERN, TYPED_PARAMETER, definitions, type_name,
};
use crate::lexicon::Field;
use crate::tape::{Node, Tape};
use crate::value::Style;
use crate::walk::{Parts, Walk};

/// Declares the parameters of a function or a lambda.
pub fn parameters(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let Some(list) = tape.child(node, Field::Parameters) else { return };
    for param in tape.named(list) {
        let of_type = tape.child(param, Field::Type).map(|of_type| type_name(tape, of_type));
        let inner = match tape.kind(param) {
            TYPED_PARAMETER => tape.named(param).next().unwrap_or(param),
            _ => tape.child(param, Field::Name).unwrap_or(param),
        };
        // What `*args` holds is a tuple, not the type that is written.
        let of_type = of_type.filter(|_| tape.kind(inner) == IDENTIFIER);
        if walk.self_name() != Some(tape.text(inner)) {
            declare_target(walk, inner, of_type.as_ref());
        }
    }
    debug_assert!(tape.kind(node) != DEFAULT_PARAMETER && tape.kind(list) != LAMBDA);
}

/// Declares every name in what is assigned to; attributes and subscripts bind none.
fn declare_target(walk: &mut Walk<'_, '_>, target: Node, of_type: Option<&String>) {
    let tape = walk.tape;
    let mut open = vec![target];
    while let Some(at) = open.pop() {
        match tape.kind(at) {
            IDENTIFIER => walk.declare(tape.text(at), of_type.cloned()),
            PATTERN_LIST | TUPLE_PATTERN | LIST_PATTERN | LIST_SPLAT_PATTERN | AS_PATTERN_TARGET | TUPLE
            | LIST => {
                open.extend(tape.named(at));
            }
            _ if tape.text(at).starts_with("**") => open.extend(tape.named(at)),
            _ => {}
        }
    }
}

/// Declares what a loop, a `with`, an `except` or `:=` binds.
pub fn names(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let target = match tape.kind(node) {
        FOR | FOR_IN => tape.child(node, Field::Left),
        _ => tape.child(node, Field::Name).or_else(|| tape.child(node, Field::Alias)),
    };
    if let Some(target) = target {
        declare_target(walk, target, None);
    }
}

/// Takes down an assignment: a variable, a field, an attribute of `self`, or `__all__`.
pub fn assignment(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let Some(left) = tape.child(node, Field::Left) else { return };
    let right = tape.child(node, Field::Right);
    match tape.kind(left) {
        IDENTIFIER if tape.text(left) == "__all__" => exports(walk, right),
        IDENTIFIER => variable(walk, node, left, right),
        ATTRIBUTE => attribute(walk, node, left, right),
        _ => {
            declare_target(walk, left, None);
            tape.each_of(left, ATTRIBUTE).for_each(|part| attribute(walk, node, part, None));
        }
    }
}

fn variable(walk: &mut Walk<'_, '_>, node: Node, left: Node, right: Option<Node>) {
    let tape = walk.tape;
    let text = tape.text(left);
    let written = tape.child(node, Field::Type);
    let of_type =
        written.map(|of_type| type_name(tape, of_type)).or_else(|| right.and_then(|value| made(tape, value)));
    walk.declare(text, of_type);
    walk.holds(text, right, Style::NONE);
    let is_statement = tape.parent_kind(node) == EXPRESSION_STATEMENT;
    if walk.is_local() || !is_statement || !walk.is_first(text) {
        return;
    }
    let mut modifiers = definitions::variable_modifiers(tape, node, text);
    let owner = walk.enclosing_kind();
    let is_case =
        owner == Some(DefKind::Enum) && right.is_some() && written.is_none() && !text.starts_with('_');
    let kind = match owner {
        Some(_) if is_case => DefKind::Variant,
        Some(_) => DefKind::Field,
        None => DefKind::Constant,
    };
    modifiers.is_static = owner.is_some();
    let result = written.map(|written| tape.compact(written));
    walk.define(node, left, kind, Parts { modifiers, result, body: right, ..Parts::default() });
}

/// Takes down `self.name = …` as a field of the class.
fn attribute(walk: &mut Walk<'_, '_>, node: Node, left: Node, right: Option<Node>) {
    let tape = walk.tape;
    let Some((object, name)) = tape.both(left, Field::Object, Field::Attribute) else {
        return;
    };
    let is_own = tape.kind(object) == IDENTIFIER && walk.self_name() == Some(tape.text(object));
    if !is_own {
        return;
    }
    let written = tape.child(node, Field::Type).map(|of_type| type_name(tape, of_type));
    let of_type = written.or_else(|| right.and_then(|value| made(tape, value)));
    // `self.store = store`, where the parameter has a type.
    let of_type = of_type.or_else(|| {
        let value = right.filter(|value| tape.kind(*value) == IDENTIFIER)?;
        walk.declared_type(tape.text(value))
    });
    walk.define_set(node, name, definitions::visibility(tape.text(name)), of_type);
}

/// Returns the class of a value that is made on the spot: `User(…)`.
fn made(tape: &Tape<'_>, value: Node) -> Option<String> {
    let called = tape.child(value, Field::Function).filter(|_| tape.kind(value) == CALL)?;
    let text = tape.text(called);
    let last = text.rsplit('.').next().unwrap_or(text);
    let is_name = text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.'));
    (is_name && last.starts_with(char::is_uppercase)).then(|| text.to_owned())
}

fn exports(walk: &mut Walk<'_, '_>, right: Option<Node>) {
    let tape = walk.tape;
    let Some(list) = right.filter(|list| matches!(tape.kind(*list), LIST | TUPLE)) else { return };
    for string in tape.each_of(list, STRING) {
        if let Some(content) = tape.child_of(string, &[STRING_CONTENT]) {
            walk.facts.exports.push(tape.text(content).to_owned());
        }
    }
}
