//! What Python code calls.

use agentsync_core::facts::Receiver;

use super::{
    ARGUMENT_LIST, ATTRIBUTE, CALL, DICTIONARY_SPLAT, GENERATOR, IDENTIFIER, KEYWORD_ARGUMENT, LIST_SPLAT,
};
use crate::lexicon::Field;
use crate::tape::{Node, Tape};
use crate::value::Style;
use crate::walk::{Args, Walk};

/// Takes down `f(…)` and `x.f(…)`.
pub fn call(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let Some(function) = tape.child(node, Field::Function) else { return };
    let args = arguments(walk, node);
    let on = tape.child(function, Field::Object).filter(|_| tape.kind(function) == ATTRIBUTE);
    match (tape.kind(function), on) {
        (IDENTIFIER, _) => {
            let text = tape.text(function);
            // In a class method `cls(…)` makes one of its class.
            let is_own = text == "cls" && walk.self_name() == Some("cls");
            match walk.innermost_open().filter(|_| is_own).map(|scope| scope.name.clone()) {
                Some(own) => walk.call(node, &own, Receiver::New, args),
                None => walk.call(node, text, Receiver::None, args),
            }
        }
        (_, Some(on)) => {
            let name = tape.child(function, Field::Attribute).map_or("", |name| tape.text(name));
            if let Some(parent) = parent_made(walk, on, name) {
                walk.call(node, &parent, Receiver::New, args);
            } else {
                let receiver = receiver(walk, on);
                walk.call(node, name, receiver, args);
            }
        }
        (_, None) => {}
    }
}

/// Takes down a member that is read. One that is set need not be there before.
pub fn read(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let is_set = tape.field(node) == Field::Left;
    if let Some((on, name)) = tape.both(node, Field::Object, Field::Attribute).filter(|_| !is_set) {
        let receiver = receiver(walk, on);
        walk.read(node, tape.text(name), receiver);
    }
}

/// Returns the last name of the class whose constructor `super().__init__(…)` calls.
fn parent_made(walk: &Walk<'_, '_>, on: Node, name: &str) -> Option<String> {
    let is_super = name == "__init__" && is_super(walk.tape, on);
    let parent = walk.innermost_open().filter(|_| is_super)?.inside.parent_type.clone()?;
    Some(parent.rsplit('.').next().unwrap_or(&parent).to_owned())
}

fn is_super(tape: &Tape<'_>, on: Node) -> bool {
    let function = tape.child(on, Field::Function).filter(|_| tape.kind(on) == CALL);
    function.is_some_and(|function| tape.text(function) == "super")
}

fn receiver(walk: &Walk<'_, '_>, on: Node) -> Receiver {
    let tape = walk.tape;
    let is_own = |node: Node| tape.kind(node) == IDENTIFIER && walk.self_name() == Some(tape.text(node));
    match tape.kind(on) {
        IDENTIFIER if is_own(on) => Receiver::Name("this".to_owned()),
        IDENTIFIER => Receiver::Name(tape.text(on).to_owned()),
        ATTRIBUTE => match tape.both(on, Field::Object, Field::Attribute) {
            Some((own, name)) if is_own(own) => Receiver::Name(format!("this.{}", tape.text(name))),
            _ => walk.receiver(on, Style::NONE),
        },
        CALL if is_super(tape, on) => Receiver::Name("super".to_owned()),
        _ => walk.receiver(on, Style::NONE),
    }
}

fn arguments(walk: &mut Walk<'_, '_>, node: Node) -> Args {
    let tape = walk.tape;
    let mut args = Args::default();
    let Some(list) = tape.child(node, Field::Arguments) else { return args };
    if tape.kind(list) == GENERATOR {
        args.positional();
    }
    let mut seen = std::collections::BTreeSet::new();
    let given = tape.named(list).filter(|_| tape.kind(list) == ARGUMENT_LIST);
    for given in given {
        match tape.kind(given) {
            KEYWORD_ARGUMENT => {
                let name = tape.child(given, Field::Name).map_or("", |name| tape.text(name));
                args.named(name);
                if !seen.insert(name) {
                    walk.repeated(given, name);
                }
            }
            LIST_SPLAT | DICTIONARY_SPLAT => args.unknown(),
            _ => args.positional(),
        }
    }
    args
}

/// Takes down a decorator that is only named: it is called with what it adorns.
pub fn decorator(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let Some(written) = tape.named(node).next() else { return };
    let mut args = Args::default();
    args.positional();
    match tape.kind(written) {
        IDENTIFIER => walk.call(node, tape.text(written), Receiver::None, args),
        ATTRIBUTE => {
            let Some((on, name)) = tape.both(written, Field::Object, Field::Attribute) else {
                return;
            };
            let receiver = receiver(walk, on);
            walk.call(node, tape.text(name), receiver, args);
        }
        _ => {}
    }
}
