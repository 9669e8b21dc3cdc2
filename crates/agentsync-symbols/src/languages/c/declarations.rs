//! What a C file declares and defines.

use agentsync_core::facts::{DefKind, Modifiers, Params, Receiver};

use super::{
    ARRAY_DECLARATOR, ATTRIBUTED_DECLARATOR, DEFINE_FUNCTION, ENUM, FIELD_DESIGNATOR, FIELD_IDENTIFIER,
    FIELDS, FUNCTION_DECLARATOR, IDENTIFIER, INIT_DECLARATOR, INITIALIZER_PAIR, INITIALIZERS, PARAMETER,
    PARAMETERS, PARENTHESIZED_DECLARATOR, POINTER_DECLARATOR, PREPROC_PARAMS, STORAGE, STRUCT,
    TYPE_IDENTIFIER, TYPEDEF, UNION, VARIADIC,
};
use crate::lexicon::Field;
use crate::params::ParamList;
use crate::tape::{Node, Tape};
use crate::walk::{Args, Parts, ScopeKind, Walk};

/// Returns the node inside a declarator.
fn inner(tape: &Tape<'_>, declarator: Node) -> Option<Node> {
    match tape.kind(declarator) {
        PARENTHESIZED_DECLARATOR | ATTRIBUTED_DECLARATOR => tape.named(declarator).next(),
        _ => tape.child(declarator, Field::Declarator),
    }
}

/// Returns the name that a declarator declares.
fn name_of(tape: &Tape<'_>, mut declarator: Node) -> Option<Node> {
    loop {
        match tape.kind(declarator) {
            IDENTIFIER | FIELD_IDENTIFIER | TYPE_IDENTIFIER => return Some(declarator),
            _ => declarator = inner(tape, declarator)?,
        }
    }
}

/// Returns the part of a declarator that makes what it names a function, not a pointer to one.
fn function_of(tape: &Tape<'_>, mut declarator: Node) -> Option<Node> {
    loop {
        if tape.kind(declarator) == FUNCTION_DECLARATOR {
            let mut named = inner(tape, declarator)?;
            while tape.kind(named) == PARENTHESIZED_DECLARATOR {
                named = inner(tape, named)?;
            }
            return (tape.kind(named) == IDENTIFIER).then_some(declarator);
        }
        declarator = inner(tape, declarator)?;
    }
}

/// Returns the name of a type, `T` of `struct T`.
fn type_name(tape: &Tape<'_>, of_type: Node) -> Option<String> {
    match tape.kind(of_type) {
        STRUCT | UNION | ENUM => tape.child(of_type, Field::Name).map(|name| tape.text(name).to_owned()),
        _ => Some(tape.compact(of_type)),
    }
}

/// Returns a type as written; of one that is defined on the spot only its name.
fn type_text(tape: &Tape<'_>, of_type: Node) -> Option<String> {
    match tape.child(of_type, Field::Body) {
        Some(_) => type_name(tape, of_type),
        None => Some(tape.compact(of_type)),
    }
}

fn modifiers(tape: &Tape<'_>, node: Node) -> Modifiers {
    let has = |word: &str| tape.each_of(node, STORAGE).any(|storage| tape.text(storage) == word);
    Modifiers {
        is_public: !has("static"),
        is_private: has("static"),
        is_final: tape.children(node).any(|part| tape.text(part) == "const"),
        ..Modifiers::default()
    }
}

fn params(tape: &Tape<'_>, list: Node) -> Params {
    let mut params = ParamList::default();
    let mut is_empty = true;
    for param in tape.named(list) {
        is_empty = false;
        let of_type = tape.child(param, Field::Type);
        let is_nothing = tape.text(param) == "void";
        match tape.kind(param) {
            VARIADIC => params.variadic(0),
            PARAMETER if is_nothing => {}
            _ => params.required(of_type.map_or(0, |of_type| tape.hash(of_type))),
        }
    }
    // `f()` says nothing of what it takes.
    if is_empty {
        params.variadic(0);
    }
    params.finish()
}

fn function_parts(tape: &Tape<'_>, node: Node, declarator: Node) -> Parts {
    let list = tape.child(declarator, Field::Parameters).filter(|list| tape.kind(*list) == PARAMETERS);
    Parts {
        modifiers: modifiers(tape, node),
        params: list.map(|list| params(tape, list)),
        result: tape.child(node, Field::Type).and_then(|of_type| type_text(tape, of_type)),
        body: tape.child(node, Field::Body),
        ..Parts::default()
    }
}

/// Takes down a function with its body.
pub fn function(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let Some(declarator) = tape.child(node, Field::Declarator) else { return };
    let Some(name) = name_of(tape, declarator) else { return };
    if let Some(found) = function_of(tape, declarator) {
        walk.define(node, name, DefKind::Function, function_parts(tape, node, found));
    }
    walk.open(node, tape.text(name), ScopeKind::Closed);
}

/// Takes down prototypes and variables.
pub fn declaration(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let of_type = tape.child(node, Field::Type);
    let is_extern = tape.each_of(node, STORAGE).any(|storage| tape.text(storage) == "extern");
    for declarator in tape.each(node, Field::Declarator) {
        let Some(name) = name_of(tape, declarator) else { continue };
        if let Some(found) = function_of(tape, declarator) {
            let mut parts = function_parts(tape, node, found);
            parts.modifiers.is_abstract = true;
            walk.define(node, name, DefKind::Function, parts);
            continue;
        }
        let value = tape.child(declarator, Field::Value).filter(|_| tape.kind(declarator) == INIT_DECLARATOR);
        walk.declare(tape.text(name), of_type.and_then(|of_type| type_name(tape, of_type)));
        if let (Some(of_type), Some(value)) = (of_type, value) {
            initialized(walk, of_type, declarator, value);
        }
        if !walk.is_local() {
            let mut modifiers = modifiers(tape, node);
            modifiers.is_abstract = is_extern && value.is_none();
            let result = of_type.and_then(|of_type| type_text(tape, of_type));
            let parts = Parts { modifiers, result, body: value, ..Parts::default() };
            walk.define_typed(declarator, name, DefKind::Constant, parts, of_type);
        }
    }
}

/// Takes down `struct T x = { .a = 1 }` as the making of a `T`.
fn initialized(walk: &mut Walk<'_, '_>, of_type: Node, declarator: Node, value: Node) {
    let tape = walk.tape;
    let declared = inner(tape, declarator).unwrap_or(declarator);
    let is_one = !matches!(tape.kind(declared), ARRAY_DECLARATOR | POINTER_DECLARATOR);
    if is_one && tape.kind(value) == INITIALIZERS {
        made(walk, value, of_type, value);
    }
}

/// Takes down `(T){ .a = 1 }` as the making of a `T`.
pub fn compound_literal(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let of_type = tape.child(node, Field::Type).and_then(|descriptor| tape.child(descriptor, Field::Type));
    if let (Some(of_type), Some(value)) = (of_type, tape.child(node, Field::Value)) {
        made(walk, node, of_type, value);
    }
}

fn made(walk: &mut Walk<'_, '_>, node: Node, of_type: Node, list: Node) {
    let tape = walk.tape;
    if !matches!(tape.kind(of_type), STRUCT | UNION | TYPE_IDENTIFIER) {
        return;
    }
    let mut args = Args::default();
    for given in tape.named(list) {
        let designator =
            tape.child_of(given, &[FIELD_DESIGNATOR]).filter(|_| tape.kind(given) == INITIALIZER_PAIR);
        match designator.and_then(|designator| tape.child_of(designator, &[FIELD_IDENTIFIER])) {
            Some(name) => args.named(tape.text(name)),
            None => args.positional(),
        }
    }
    if let Some(name) = type_name(tape, of_type) {
        walk.call(node, &name, Receiver::New, args);
    }
}

/// Takes down `typedef … T`: another name, or the only name of a struct.
pub fn typedef(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let Some(of_type) = tape.child(node, Field::Type) else { return };
    let is_nameless =
        tape.child(of_type, Field::Name).is_none() && tape.child(of_type, Field::Body).is_some();
    let modifiers = Modifiers { is_public: true, ..Modifiers::default() };
    let names: Vec<Node> =
        tape.each(node, Field::Declarator).filter_map(|declarator| name_of(tape, declarator)).collect();
    for name in names.iter().skip(usize::from(is_nameless)) {
        let result = type_text(tape, of_type);
        walk.define(node, *name, DefKind::Alias, Parts { modifiers, result, ..Parts::default() });
    }
    if let Some(name) = names.first().filter(|_| is_nameless) {
        let kind = if tape.kind(of_type) == ENUM { DefKind::Enum } else { DefKind::Class };
        let body = tape.child(of_type, Field::Body);
        walk.define_typed(node, *name, kind, Parts { modifiers, body, ..Parts::default() }, None);
        walk.open(node, tape.text(*name), ScopeKind::Open);
    }
    debug_assert_eq!(tape.kind(node), TYPEDEF);
}

/// Takes down a struct, a union or an enumeration that has a body and a name.
pub fn tagged(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let Some((name, body)) = tape.both(node, Field::Name, Field::Body) else {
        return;
    };
    let kind = if tape.kind(node) == ENUM { DefKind::Enum } else { DefKind::Class };
    let modifiers = Modifiers { is_public: true, ..Modifiers::default() };
    walk.define(node, name, kind, Parts { modifiers, body: Some(body), ..Parts::default() });
    walk.open(node, tape.text(name), ScopeKind::Open);
}

/// Takes down the fields that one declaration in a struct states.
pub fn field(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let of_type = tape.child(node, Field::Type);
    debug_assert!(
        tape.parent(node).is_none_or(|list| tape.kind(list) != FIELDS || tape.parent(list).is_some())
    );
    for declarator in tape.each(node, Field::Declarator) {
        let Some(name) = name_of(tape, declarator) else { continue };
        let result = of_type.and_then(|of_type| type_text(tape, of_type));
        let modifiers = Modifiers { is_public: true, ..Modifiers::default() };
        let parts = Parts { modifiers, result, ..Parts::default() };
        walk.define_typed(declarator, name, DefKind::Field, parts, of_type);
        walk.declare(tape.text(name), of_type.and_then(|of_type| type_name(tape, of_type)));
    }
}

/// Takes down a case of an enumeration.
pub fn enumerator(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let Some(name) = tape.child(node, Field::Name) else { return };
    let modifiers = Modifiers { is_public: true, is_static: true, is_final: true, ..Modifiers::default() };
    let body = tape.child(node, Field::Value);
    walk.define(node, name, DefKind::Variant, Parts { modifiers, body, ..Parts::default() });
}

/// Declares a parameter.
pub fn parameter(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let declarator = tape.child(node, Field::Declarator);
    if let Some(name) = declarator.and_then(|declarator| name_of(tape, declarator)) {
        let of_type = tape.child(node, Field::Type).and_then(|of_type| type_name(tape, of_type));
        walk.declare(tape.text(name), of_type);
    }
}

/// Takes down a macro; one with parameters is called like a function.
pub fn macro_definition(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let Some(name) = tape.child(node, Field::Name) else { return };
    let list = tape.child_of(node, &[PREPROC_PARAMS]).filter(|_| tape.kind(node) == DEFINE_FUNCTION);
    let params = list.map(|list| {
        let mut params = ParamList::default();
        for param in tape.children(list) {
            match tape.text(param) {
                "(" | ")" | "," => {}
                "..." => params.variadic(0),
                _ => params.required(0),
            }
        }
        params.finish()
    });
    let modifiers = Modifiers { is_public: true, ..Modifiers::default() };
    let body = tape.child(node, Field::Value);
    walk.define(node, name, DefKind::Macro, Parts { modifiers, params, body, ..Parts::default() });
}
