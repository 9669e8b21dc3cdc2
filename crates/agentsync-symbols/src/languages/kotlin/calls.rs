//! What Kotlin code calls and makes.

use agentsync_core::facts::Receiver;

use super::{
    ANNOTATED_LAMBDA, ANNOTATION, CALL, CONSTRUCTOR_INVOCATION, DELEGATION_CALL, IDENTIFIER, NAVIGATION,
    REFERENCE, SPREAD, SUPER, THIS, TYPES, UNARY, VALUE_ARGUMENT, VALUE_ARGUMENTS, type_name,
};
use crate::tape::{Node, Tape};
use crate::value::{self, Style};
use crate::walk::{Args, Walk};

/// How values are written in Kotlin.
pub const STYLE: Style = Style { has_blocks: true, ..Style::NONE };

/// Takes down `f(…)`, `x.f(…)` and `f(…) { … }`, whose block is one more argument.
pub fn call(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let Some(callee) = tape.named(node).next() else { return };
    let has_block = tape.child_of(node, &[ANNOTATED_LAMBDA]).is_some();
    // `f(…) { … }` is a call of `f(…)` to the grammar.
    let is_inner = tape.parent_kind(node) == CALL
        && tape.parent(node).is_some_and(|outer| {
            tape.child_of(outer, &[ANNOTATED_LAMBDA]).is_some() && tape.named(outer).next() == Some(node)
        });
    if is_inner && !has_block {
        return;
    }
    let is_split =
        tape.kind(callee) == CALL && has_block && tape.child_of(callee, &[ANNOTATED_LAMBDA]).is_none();
    let mut args = arguments(tape, if is_split { callee } else { node });
    if has_block {
        args.positional();
    }
    let callee = if is_split { tape.named(callee).next().unwrap_or(callee) } else { callee };
    match tape.kind(callee) {
        IDENTIFIER => walk.call(node, tape.text(callee), Receiver::None, args),
        NAVIGATION => {
            if let Some((on, name)) = ends(tape, callee) {
                walk.call(node, tape.text(name), receiver(tape, on), args);
            }
        }
        _ => {}
    }
}

/// Returns what a navigation begins with, and the name it ends with.
fn ends(tape: &Tape<'_>, navigation: Node) -> Option<(Node, Node)> {
    let mut parts = tape.named(navigation);
    let on = parts.next()?;
    let name = parts.last().filter(|name| tape.kind(*name) == IDENTIFIER)?;
    Some((on, name))
}

fn receiver(tape: &Tape<'_>, on: Node) -> Receiver {
    let inner = if tape.kind(on) == UNARY { tape.named(on).next().unwrap_or(on) } else { on };
    match tape.kind(inner) {
        IDENTIFIER => Receiver::Name(tape.text(inner).to_owned()),
        THIS => Receiver::Name("this".to_owned()),
        SUPER => Receiver::Name("super".to_owned()),
        NAVIGATION => match ends(tape, inner) {
            Some((own, name)) if tape.kind(own) == THIS => {
                Receiver::Name(format!("this.{}", tape.text(name)))
            }
            _ => value::receiver(tape.text(inner), None, STYLE),
        },
        _ => value::receiver(tape.text(inner), None, STYLE),
    }
}

/// Returns the arguments between a call's parentheses.
pub fn arguments(tape: &Tape<'_>, node: Node) -> Args {
    let mut args = Args::default();
    let Some(list) = tape.child_of(node, &[VALUE_ARGUMENTS]) else { return args };
    for given in tape.each_of(list, VALUE_ARGUMENT) {
        let first = tape.named(given).next();
        match first {
            Some(name) if tape.has_token(given, "=") => args.named(tape.text(name)),
            Some(value) if tape.kind(value) == SPREAD => args.unknown(),
            _ if tape.has_token(given, "*") => args.unknown(),
            _ => args.positional(),
        }
    }
    args
}

/// Takes down the call of a supertype's constructor, of another constructor, or an annotation.
pub fn construction(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let name = match tape.kind(node) {
        DELEGATION_CALL => {
            let Some(scope) = walk.innermost_open() else { return };
            if tape.has_token(node, "super") {
                scope.inside.parent_type.clone()
            } else {
                Some(scope.name.clone())
            }
        }
        // One with arguments holds a constructor's call.
        ANNOTATION if tape.child_of(node, &[CONSTRUCTOR_INVOCATION]).is_some() => None,
        _ => tape.child_of(node, &TYPES).map(|of_type| type_name(tape, of_type)),
    };
    if let Some(name) = name {
        let last = name.rsplit('.').next().unwrap_or(&name).to_owned();
        walk.call(node, &last, Receiver::New, arguments(tape, node));
    }
}

/// Takes down `::name` and `Type::name`, and a member that is read.
pub fn reference(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    if !tape.has_token(node, "::") {
        let is_called = tape
            .parent(node)
            .is_some_and(|call| tape.kind(call) == CALL && tape.named(call).next() == Some(node));
        if let Some((on, name)) = ends(tape, node).filter(|_| !is_called && tape.kind(node) == NAVIGATION) {
            walk.read(node, tape.text(name), receiver(tape, on));
        }
        return;
    }
    let Some(name) = tape.named(node).last().filter(|name| tape.kind(*name) == IDENTIFIER) else { return };
    let on = tape.named(node).next().filter(|on| *on != name);
    let receiver = match on {
        Some(on) if tape.kind(node) == NAVIGATION => receiver(tape, on),
        Some(on) => Receiver::Name(type_name(tape, on)),
        None => Receiver::None,
    };
    // `Type::class` is no function.
    let is_function = tape.text(name) != "class" && matches!(tape.kind(node), NAVIGATION | REFERENCE);
    if is_function {
        walk.call(node, tape.text(name), receiver, Args::hidden());
    }
}

/// Takes down `a until b`.
pub fn infix(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let mut parts = tape.named(node);
    if let (Some(on), Some(name)) = (parts.next(), parts.next()) {
        let mut args = Args::default();
        args.positional();
        walk.call(node, tape.text(name), receiver(tape, on), args);
    }
}
