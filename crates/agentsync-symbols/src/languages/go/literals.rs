//! Values that a Go file writes out.

use agentsync_core::facts::Receiver;

use super::{
    ARRAY, CALL, COMPOSITE, FIELD_IDENTIFIER, IDENTIFIER, IMPLICIT_ARRAY, KEYED, LITERAL_ELEMENT,
    LITERAL_VALUE, MAP, PARENTHESIZED, POINTER, SLICE, UNARY, types,
};
use crate::lexicon::Field;
use crate::tape::{Node, Tape};
use crate::walk::{Args, Walk};

/// Returns the type of a value where it shows: `T{…}`, `&T{…}`, `new(T)`, `pkg.NewT(…)` does not.
pub fn type_of(tape: &Tape<'_>, value: Node) -> Option<String> {
    let value = match tape.kind(value) {
        UNARY if tape.has_token(value, "&") => tape.child(value, Field::Operand)?,
        _ => value,
    };
    match tape.kind(value) {
        COMPOSITE => tape.child(value, Field::Type).map(|made| types::name(tape, made)),
        CALL => {
            let called = tape.child(value, Field::Function).filter(|called| tape.text(*called) == "new")?;
            let given = tape.child(value, Field::Arguments).and_then(|list| tape.named(list).next());
            given.filter(|_| tape.kind(called) == IDENTIFIER).map(|made| types::name(tape, made))
        }
        _ => None,
    }
}

/// Takes down `T{…}` as the making of a `T`, and the literals in it whose type is left out.
pub fn composite(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let Some((of_type, body)) = tape.both(node, Field::Type, Field::Body) else {
        return;
    };
    match tape.kind(of_type) {
        SLICE | ARRAY | IMPLICIT_ARRAY | MAP => elements(walk, of_type, body),
        _ => made(walk, node, &types::name(tape, of_type), body),
    }
    repeated_keys(walk, body);
}

fn made(walk: &mut Walk<'_, '_>, node: Node, type_name: &str, body: Node) {
    let tape = walk.tape;
    let mut args = Args::default();
    for given in tape.named(body) {
        match (tape.kind(given), tape.child(given, Field::Key)) {
            (KEYED, Some(key)) => args.named(tape.text(key)),
            _ => args.positional(),
        }
    }
    let name = type_name.rsplit('.').next().unwrap_or(type_name);
    let is_plain = name.chars().all(|c| c.is_alphanumeric() || c == '_');
    if is_plain {
        walk.call(node, name, Receiver::New, args);
    }
}

/// Takes down the elements `{…}` of a list of some type.
fn elements(walk: &mut Walk<'_, '_>, list_type: Node, body: Node) {
    let tape = walk.tape;
    let Some(of_type) = types::element(tape, list_type) else { return };
    if matches!(tape.kind(of_type), SLICE | ARRAY | MAP) {
        return;
    }
    let of_type = if tape.kind(of_type) == POINTER { tape.named(of_type).next() } else { Some(of_type) };
    let Some(type_name) = of_type.map(|of_type| types::name(tape, of_type)) else { return };
    for given in tape.named(body) {
        let value = tape.child(given, Field::Value).unwrap_or(given);
        let value = if tape.kind(value) == LITERAL_ELEMENT { tape.named(value).next() } else { Some(value) };
        if let Some(value) = value.filter(|value| tape.kind(*value) == LITERAL_VALUE) {
            made(walk, value, &type_name, value);
        }
    }
}

/// Takes down fields and constant keys that are given twice.
fn repeated_keys(walk: &mut Walk<'_, '_>, body: Node) {
    let tape = walk.tape;
    let mut seen = std::collections::BTreeSet::new();
    for given in tape.each_of(body, KEYED) {
        let Some(key) = tape.child(given, Field::Key) else { continue };
        let inner = tape.named(key).next().unwrap_or(key);
        let is_constant =
            matches!(tape.kind(inner), IDENTIFIER | FIELD_IDENTIFIER) || is_literal(tape, inner);
        let is_constant = is_constant && tape.kind(inner) != PARENTHESIZED;
        if is_constant && !seen.insert(tape.hash(inner)) {
            walk.repeated(key, tape.text(key));
        }
    }
}

fn is_literal(tape: &Tape<'_>, node: Node) -> bool {
    let text = tape.text(node);
    text.starts_with(['"', '`', '\'']) || text.bytes().all(|byte| byte.is_ascii_digit())
}
