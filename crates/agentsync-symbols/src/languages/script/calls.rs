//! What a script calls and makes.

use agentsync_core::facts::Receiver;

use super::{
    ARGUMENTS, ARROW, CALL, IDENTIFIER, IMPORT, JSX_ATTRIBUTE, MEMBER, METHOD, NEW, OBJECT, PAIR, PROPERTY,
    SHORTHAND, SPREAD, STRING, SUPER, THIS, key_text, type_name,
};
use crate::lexicon::Field;
use crate::tape::{Node, Tape};
use crate::value::{self, Style};
use crate::walk::{Args, Walk};

/// How values are written in scripts.
pub const STYLE: Style = Style { has_promises: true, ..Style::NONE };

/// Takes down `f(…)`, `x.f(…)`, `new T(…)` and `super(…)`.
pub fn call(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let is_new = tape.kind(node) == NEW;
    let called = tape.child(node, if is_new { Field::Constructor } else { Field::Function });
    let Some(called) = called else { return };
    let args = arguments(tape, node);
    match tape.kind(called) {
        IDENTIFIER => {
            let receiver = if is_new { Receiver::New } else { Receiver::None };
            if let Some(module) = required(tape, node).filter(|_| tape.parent_kind(node) != super::DECLARATOR)
            {
                walk.import(node, module, None, None);
            }
            walk.call(node, tape.text(called), receiver, args);
        }
        MEMBER => {
            let Some((on, name)) = tape.both(called, Field::Object, Field::Property) else {
                return;
            };
            let receiver = if is_new { Receiver::New } else { receiver(tape, on) };
            walk.call(node, tape.text(name), receiver, args);
        }
        SUPER => {
            let parent = walk.innermost_open().and_then(|scope| scope.inside.parent_type.clone());
            let parent = parent.unwrap_or_default();
            let last = parent.rsplit('.').next().unwrap_or_default();
            let is_plain = last.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '$');
            walk.call(node, if is_plain { last } else { "" }, Receiver::New, args);
        }
        IMPORT => {
            let given = tape.child(node, Field::Arguments).and_then(|list| tape.named(list).next());
            if let Some(module) = given.filter(|given| tape.kind(*given) == STRING) {
                walk.import(node, key_text(tape, module), None, None);
            }
        }
        _ => {}
    }
}

/// Returns the module that `require('module')` names.
pub fn required<'s>(tape: &Tape<'s>, value: Node) -> Option<&'s str> {
    let called = tape.child(value, Field::Function).filter(|_| tape.kind(value) == CALL)?;
    let list = tape.child(value, Field::Arguments).filter(|_| tape.text(called) == "require")?;
    let given = tape.named(list).next().filter(|given| tape.kind(*given) == STRING)?;
    Some(key_text(tape, given))
}

/// Takes down a member that is read or set.
pub fn read(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    if let Some((on, name)) = tape.both(node, Field::Object, Field::Property) {
        walk.read(node, tape.text(name), receiver(tape, on));
    }
}

fn receiver(tape: &Tape<'_>, on: Node) -> Receiver {
    match tape.kind(on) {
        IDENTIFIER | THIS | SUPER => Receiver::Name(tape.text(on).to_owned()),
        MEMBER => match tape.both(on, Field::Object, Field::Property) {
            Some((own, name)) if tape.kind(own) == THIS => {
                Receiver::Name(format!("this.{}", tape.text(name)))
            }
            _ => value::receiver(tape.text(on), None, STYLE),
        },
        _ => value::receiver(tape.text(on), None, STYLE),
    }
}

fn arguments(tape: &Tape<'_>, node: Node) -> Args {
    let mut args = Args::default();
    match tape.child(node, Field::Arguments) {
        Some(list) if tape.kind(list) == ARGUMENTS => {
            for given in tape.named(list) {
                match tape.kind(given) {
                    SPREAD => args.unknown(),
                    _ => args.positional(),
                }
            }
        }
        // A template with a tag.
        Some(_) => args.unknown(),
        // `new T`
        None => {}
    }
    args
}

/// Takes down a decorator that is only named.
pub fn decorator(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    if let Some(name) = tape.child_of(node, &[IDENTIFIER]) {
        walk.call(node, tape.text(name), Receiver::None, Args::hidden());
    }
}

/// Takes down `<User name={…} />` as the making of a `User` with these names.
pub fn element(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let Some(name) = tape.child(node, Field::Name) else { return };
    let text = tape.text(name);
    let last = text.rsplit('.').next().unwrap_or(text);
    if !last.starts_with(char::is_uppercase) {
        return;
    }
    let mut args = Args::hidden();
    for attribute in tape.each_of(node, JSX_ATTRIBUTE) {
        if let Some(key) = tape.child_of(attribute, &[PROPERTY]) {
            args.named(tape.text(key));
        }
    }
    walk.call(node, last, Receiver::New, args);
}

/// Takes down `{ … } as Store` and `{ … } satisfies Store`.
pub fn typed_object(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let mut parts = tape.named(node);
    if let (Some(value), Some(of_type)) = (parts.next(), parts.next()) {
        implementation(walk, value, &type_name(tape, of_type));
    }
}

/// Takes down an object or a function that is given to something of a stated type.
pub fn implementation(walk: &mut Walk<'_, '_>, value: Node, of: &str) {
    let tape = walk.tape;
    let members = match tape.kind(value) {
        OBJECT => {
            let keys = tape.named(value).filter_map(|member| match tape.kind(member) {
                PAIR => tape.child(member, Field::Key),
                METHOD => tape.child(member, Field::Name),
                SHORTHAND => Some(member),
                _ => None,
            });
            keys.map(|key| key_text(tape, key).to_owned()).collect()
        }
        ARROW => Vec::new(),
        _ => return,
    };
    // A spread may bring members that nobody sees here.
    let is_whole = tape.kind(value) == ARROW || tape.child_of(value, &[SPREAD]).is_none();
    let is_name = of.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '$'));
    if is_whole && is_name {
        walk.anonymous(value, of, members);
    }
}
