//! What Rust code calls and makes, in macros too.

use agentsync_core::facts::Receiver;

use super::{
    BASE_INITIALIZER, FIELD_EXPRESSION, FIELD_INITIALIZER, FIELD_PATTERN, GENERIC_FUNCTION, IDENTIFIER,
    REMAINING, SCOPED, SELF, SHORTHAND_INITIALIZER, TOKEN_TREE, is_try, last_name, type_name,
};
use crate::lexicon::Field;
use crate::tape::{Node, Tape};
use crate::value::{self, Style};
use crate::walk::{Args, Walk};

/// How values are written in Rust.
pub const STYLE: Style = Style { has_try: true, ..Style::NONE };

/// Takes down `f(…)`, `T::f(…)` and `x.f(…)`.
pub fn call(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let Some(function) = tape.child(node, Field::Function) else { return };
    let function = match tape.kind(function) {
        GENERIC_FUNCTION => tape.child(function, Field::Function).unwrap_or(function),
        _ => function,
    };
    let mut args = Args::default();
    if let Some(list) = tape.child(node, Field::Arguments) {
        for given in tape.named(list) {
            match tape.is_error(given) {
                // What follows `try!` is the argument.
                true if is_try(tape, given) => {}
                true => args.unknown(),
                // Attributes may stand before arguments.
                false if tape.text(given).starts_with("#[") => {}
                false => args.positional(),
            }
        }
    }
    match tape.kind(function) {
        FIELD_EXPRESSION => {
            let Some((on, name)) = tape.both(function, Field::Value, Field::Member) else {
                return;
            };
            walk.call(node, tape.text(name), value_receiver(tape, on), args);
        }
        IDENTIFIER | SCOPED => {
            let (name, receiver) = path_parts(walk, function);
            walk.call(node, &name, receiver, args);
        }
        _ => {}
    }
}

/// Takes down a field that is read or set, and `Type::NAME`.
pub fn read(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    if tape.kind(node) == FIELD_EXPRESSION {
        if let Some((on, name)) = tape.both(node, Field::Value, Field::Member) {
            walk.read(node, tape.text(name), value_receiver(tape, on));
        }
    } else if !super::paths::is_part(tape, node) {
        let (name, receiver) = path_parts(walk, node);
        walk.read(node, &name, receiver);
    }
}

fn value_receiver(tape: &Tape<'_>, on: Node) -> Receiver {
    match tape.kind(on) {
        SELF => Receiver::Name("this".to_owned()),
        IDENTIFIER => Receiver::Name(tape.text(on).to_owned()),
        FIELD_EXPRESSION => match tape.both(on, Field::Value, Field::Member) {
            Some((own, field)) if tape.kind(own) == SELF => {
                Receiver::Name(format!("this.{}", tape.text(field)))
            }
            _ => value::receiver(tape.text(on), None, STYLE),
        },
        _ => value::receiver(tape.text(on), None, STYLE),
    }
}

/// Returns the last name of a path, and the name before it; `Self` is the type at hand.
fn path_parts(walk: &Walk<'_, '_>, path: Node) -> (String, Receiver) {
    let tape = walk.tape;
    let name = tape.child(path, Field::Name).map_or_else(|| tape.text(path), |name| tape.text(name));
    let own = |text: &str| match (text, walk.innermost_open()) {
        ("Self", Some(scope)) => scope.name.clone(),
        _ => text.to_owned(),
    };
    match tape.child(path, Field::Path) {
        None => (own(name), Receiver::None),
        Some(before) => {
            let before = type_name(tape, before);
            let last = last_name(&before);
            // `<T as Trait>::f(…)`
            let receiver = if last.contains('>') { Receiver::Other } else { Receiver::Name(own(last)) };
            (name.to_owned(), receiver)
        }
    }
}

/// Takes down a literal or a pattern with named fields.
pub fn fields(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let (Some(of_type), body) = (
        tape.child(node, Field::Name).or_else(|| tape.child(node, Field::Type)),
        tape.child(node, Field::Body).unwrap_or(node),
    ) else {
        return;
    };
    let mut args = Args::default();
    for given in tape.named(body).filter(|given| *given != of_type) {
        match tape.kind(given) {
            FIELD_INITIALIZER => name_of(tape, given, Field::Member, &mut args),
            FIELD_PATTERN => name_of(tape, given, Field::Name, &mut args),
            SHORTHAND_INITIALIZER => {
                if let Some(name) = tape.child_of(given, &[IDENTIFIER]) {
                    args.named(tape.text(name));
                }
            }
            BASE_INITIALIZER | REMAINING => args.unknown(),
            _ => {}
        }
    }
    let written = type_name(tape, of_type);
    let last = last_name(&written);
    let name = match (last, walk.innermost_open()) {
        ("Self", Some(scope)) => scope.name.clone(),
        _ => last.to_owned(),
    };
    walk.call(node, &name, Receiver::New, args);
}

fn name_of(tape: &Tape<'_>, given: Node, field: Field, args: &mut Args) {
    if let Some(name) = tape.child(given, field) {
        args.named(tape.text(name));
    }
}

/// Takes down `V(a, b)` in a pattern, which must give as many as `V` takes.
pub fn tuple_pattern(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let Some(path) = tape.child(node, Field::Type) else { return };
    let mut args = Args::default();
    let is_rest = |token: Node| tape.kind(token) == REMAINING || tape.text(token) == "..";
    // `_` has no node with a name, so what counts is what stands between the commas.
    let mut is_empty = true;
    for token in tape.children(node).filter(|token| *token != path) {
        match tape.text(token) {
            "(" | ")" => {}
            "," => is_empty = true,
            _ if is_rest(token) => args.unknown(),
            _ if is_empty => {
                args.positional();
                is_empty = false;
            }
            _ => {}
        }
    }
    let (name, receiver) = path_parts(walk, path);
    walk.call(node, &name, receiver, args);
}

/// Takes down a function that is passed on by its path.
pub fn reference(walk: &mut Walk<'_, '_>, node: Node) {
    let (name, receiver) = path_parts(walk, node);
    walk.call(node, &name, receiver, Args::hidden());
}

/// Takes down the call of a macro.
pub fn macro_call(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    if let Some(name) = tape.child(node, Field::Macro) {
        let (name, receiver) = path_parts(walk, name);
        walk.call(node, &name, receiver, Args::hidden());
    }
}

/// Takes down what looks like calls among the tokens given to a macro: a name before parentheses.
pub fn in_tokens(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let tokens: Vec<Node> = tape.children(node).collect();
    for (idx, pair) in tokens.windows(2).enumerate() {
        let [name, list] = pair else { continue };
        let is_call = tape.kind(*name) == IDENTIFIER && is_parenthesized(tape, *list);
        let before = |n: usize| idx.checked_sub(n).and_then(|at| tokens.get(at)).copied();
        if !is_call || before(1).is_some_and(|token| tape.text(token) == "fn") {
            continue;
        }
        walk.call(*name, tape.text(*name), token_receiver(tape, before), token_arguments(tape, *list));
    }
}

fn is_parenthesized(tape: &Tape<'_>, node: Node) -> bool {
    tape.kind(node) == TOKEN_TREE && tape.text(node).starts_with('(')
}

fn token_receiver(tape: &Tape<'_>, before: impl Fn(usize) -> Option<Node>) -> Receiver {
    let text = |n: usize| before(n).map(|token| tape.text(token)).unwrap_or_default();
    let is_name = |n: usize| before(n).is_some_and(|token| matches!(tape.kind(token), IDENTIFIER | SELF));
    match text(1) {
        "." if is_name(2) => match (text(2), text(3)) {
            ("self", _) => Receiver::Name("this".to_owned()),
            (field, ".") if text(4) == "self" => Receiver::Name(format!("this.{field}")),
            (_, "." | "::") => Receiver::Other,
            (name, _) => Receiver::Name(name.to_owned()),
        },
        "::" if is_name(2) => Receiver::Name(text(2).to_owned()),
        "." | "::" => Receiver::Other,
        _ => Receiver::None,
    }
}

fn token_arguments(tape: &Tape<'_>, list: Node) -> Args {
    let mut args = Args::default();
    let mut is_empty = true;
    for token in tape.children(list) {
        match tape.text(token) {
            "(" | ")" if tape.is_leaf(token) => {}
            "," => is_empty = true,
            // Commas between these are not between arguments.
            "|" | "<" | ">" | "$" | ".." => args.unknown(),
            _ if is_empty => {
                args.positional();
                is_empty = false;
            }
            _ => {}
        }
    }
    args
}
