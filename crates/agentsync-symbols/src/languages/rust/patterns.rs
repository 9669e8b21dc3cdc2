//! The names that Rust code binds, and its choices.

use agentsync_core::facts::Span;

use super::{
    CALL, CAPTURED_PATTERN, CLOSURE_PARAMETERS, FIELD_PATTERN, IDENTIFIER, LET_CONDITION, MATCH_ARM,
    MATCH_PATTERN, MUT_PATTERN, OR_PATTERN, PARAMETER, REF_PATTERN, REFERENCE_EXPRESSION, REFERENCE_PATTERN,
    SCOPED, SCOPED_TYPE, SHORTHAND, STRUCT_EXPRESSION, STRUCT_PATTERN, TUPLE_STRUCT_PATTERN, calls,
    last_name, type_name,
};
use crate::lexicon::Field;
use crate::tape::{Node, Tape};
use crate::walk::{Cases, Walk};

/// Declares the names that a statement, a parameter or an arm binds.
pub fn bind(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let scope = walk.scope_span();
    if tape.kind(node) == CLOSURE_PARAMETERS {
        tape.named(node)
            .filter(|param| tape.kind(*param) != PARAMETER)
            .for_each(|param| bind_names(walk, param, None, None, scope));
        return;
    }
    let pattern = match tape.kind(node) {
        // `_` is a sign without a name of its own.
        MATCH_PATTERN => tape.children(node).next(),
        _ => tape.child(node, Field::Pattern),
    };
    let Some(pattern) = pattern else { return };
    let is_whole = !matches!(tape.kind(node), LET_CONDITION | MATCH_PATTERN);
    let value = tape.child(node, Field::Value).filter(|_| is_whole);
    let stated = tape.child(node, Field::Type).filter(|_| is_whole).map(|of_type| type_name(tape, of_type));
    let of_type = stated.or_else(|| value.and_then(|value| type_of(tape, value)));
    bind_names(walk, pattern, of_type.as_deref(), value, scope);
}

/// Declares the names in a pattern; the type and the value are those of the whole.
fn bind_names(
    walk: &mut Walk<'_, '_>,
    pattern: Node,
    of_type: Option<&str>,
    value: Option<Node>,
    scope: Span,
) {
    let tape = walk.tape;
    let whole = match tape.kind(pattern) {
        MUT_PATTERN | REF_PATTERN => tape.named(pattern).last().unwrap_or(pattern),
        _ => pattern,
    };
    for node in tape.subtree(pattern) {
        let is_name = match tape.kind(node) {
            SHORTHAND => true,
            IDENTIFIER => is_binding(tape, node),
            _ => false,
        };
        if is_name {
            let of_type = of_type.filter(|_| node == whole).map(str::to_owned);
            walk.declare_in(tape.text(node), of_type, scope);
            walk.holds(tape.text(node), value.filter(|_| node == whole), calls::STYLE);
        }
    }
}

/// Returns whether an identifier in a pattern is a new name, not a constant's or a case's.
fn is_binding(tape: &Tape<'_>, node: Node) -> bool {
    let is_path = match tape.parent_kind(node) {
        SCOPED | SCOPED_TYPE => true,
        TUPLE_STRUCT_PATTERN | STRUCT_PATTERN => tape.field(node) == Field::Type,
        FIELD_PATTERN => tape.field(node) == Field::Name,
        _ => false,
    };
    !is_path && !tape.text(node).starts_with(char::is_uppercase)
}

/// Returns the type of a value where it shows: `T { … }`, `T::new(…)`, and the same behind `&`.
fn type_of(tape: &Tape<'_>, value: Node) -> Option<String> {
    let value = match tape.kind(value) {
        REFERENCE_EXPRESSION => tape.child(value, Field::Value)?,
        _ => value,
    };
    match tape.kind(value) {
        STRUCT_EXPRESSION => tape.child(value, Field::Name).map(|name| type_name(tape, name)),
        CALL => {
            let path = tape.child(value, Field::Function).filter(|path| tape.kind(*path) == SCOPED)?;
            let name = tape.child(path, Field::Name)?;
            // By custom these return the type they are of.
            let is_maker = matches!(tape.text(name), "new" | "default" | "with_capacity");
            let of_type = tape.child(path, Field::Path).filter(|_| is_maker)?;
            Some(type_name(tape, of_type))
        }
        _ => None,
    }
}

/// Takes down a `match`.
pub fn choice(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let Some(body) = tape.child(node, Field::Body) else { return };
    let mut cases = Cases::default();
    for arm in tape.each_of(body, MATCH_ARM) {
        let Some(pattern) = tape.child(arm, Field::Pattern) else { continue };
        let is_guarded = tape.child(pattern, Field::Condition).is_some();
        let Some(inner) = tape.children(pattern).next() else { continue };
        // An or-pattern stands in the one before it; only they are looked into.
        let mut open = vec![inner];
        let mut names = Vec::new();
        while let Some(at) = open.pop() {
            match tape.kind(at) {
                OR_PATTERN => open.extend(tape.children(at).filter(|part| tape.text(*part) != "|")),
                REFERENCE_PATTERN | MUT_PATTERN | REF_PATTERN | CAPTURED_PATTERN => {
                    open.extend(tape.children(at).last());
                }
                _ => names.push(at),
            }
        }
        names.reverse();
        for at in names {
            add_case(tape, at, is_guarded, &mut cases);
        }
    }
    walk.choice(node, cases);
}

fn add_case(tape: &Tape<'_>, pattern: Node, is_guarded: bool, cases: &mut Cases) {
    let text = tape.text(pattern);
    match tape.kind(pattern) {
        TUPLE_STRUCT_PATTERN | STRUCT_PATTERN => {
            if let Some(path) = tape.child(pattern, Field::Type) {
                cases.path(&type_name(tape, path));
            }
        }
        SCOPED => cases.path(&type_name(tape, pattern)),
        IDENTIFIER if text.starts_with(char::is_uppercase) => cases.path(text),
        IDENTIFIER => cases.has_default |= !is_guarded,
        _ if text == "_" => cases.has_default |= !is_guarded,
        _ if text.starts_with(['"', '\'']) || text.starts_with(|c: char| c.is_ascii_digit()) => {
            cases.names.push(text.to_owned());
        }
        _ => {}
    }
    if let Some(of) = cases.of.as_mut() {
        *of = last_name(of).to_owned();
    }
}
