//! The classes, functions and properties of a Kotlin file.

use agentsync_core::facts::{DefKind, Modifiers, Params, Receiver};

use super::{
    CALL, CLASS, CLASS_BODY, CLASS_PARAMETER, CLASS_PARAMETERS, COMPANION, CONSTRUCTOR_INVOCATION, DELEGATE,
    DELEGATIONS, ENUM_BODY, EXPLICIT_DELEGATION, FUNCTION, FUNCTION_BODY, GETTER, IDENTIFIER, LAMBDA,
    MODIFIERS, MULTI_VARIABLE, OBJECT, PARAMETER, PARAMETER_MODIFIERS, PRIMARY, PROPERTY, TYPES,
    VALUE_PARAMETERS, VARIABLE, calls, type_name,
};
use crate::lexicon::Field;
use crate::params::ParamList;
use crate::tape::{Node, Tape};
use crate::walk::{Inside, Parts, ScopeKind, Walk};

/// Returns the words in front of a definition; what says nothing is public and final.
fn modifiers(tape: &Tape<'_>, node: Node) -> Modifiers {
    let mut found = Modifiers { is_public: true, is_final: true, ..Modifiers::default() };
    let words = tape.child_of(node, &[MODIFIERS]);
    for word in words.into_iter().flat_map(|words| tape.named(words)) {
        match tape.text(word) {
            "private" => {
                found.is_public = false;
                found.is_private = true;
            }
            "protected" => found.is_public = false,
            "abstract" | "sealed" => {
                found.is_abstract = true;
                found.is_final = false;
            }
            "open" => found.is_final = false,
            "override" => {
                found.is_override = true;
                found.is_final = tape.text(words.unwrap_or(word)).contains("final");
            }
            "suspend" => found.is_async = true,
            _ => {}
        }
    }
    // The body a member stands in, and what that is the body of.
    let owner =
        tape.parent(node).filter(|body| tape.kind(*body) == CLASS_BODY).and_then(|body| tape.parent(body));
    found.is_static = owner.is_some_and(|owner| matches!(tape.kind(owner), OBJECT | COMPANION));
    found
}

/// Returns whether a member stands in an interface.
fn is_in_interface(tape: &Tape<'_>, node: Node) -> bool {
    let owner =
        tape.parent(node).filter(|body| tape.kind(*body) == CLASS_BODY).and_then(|body| tape.parent(body));
    owner.is_some_and(|owner| tape.kind(owner) == CLASS && tape.has_token(owner, "interface"))
}

/// Takes down a class, an interface, an enumeration or an object.
pub fn class(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let Some(name) = tape.child(node, Field::Name) else { return };
    let text = tape.text(name);
    let body = tape.child_of(node, &[CLASS_BODY, ENUM_BODY]);
    let kind = match body.map(|body| tape.kind(body)) {
        Some(ENUM_BODY) => DefKind::Enum,
        _ if tape.has_token(node, "interface") => DefKind::Interface,
        _ => DefKind::Class,
    };
    let mut modifiers = modifiers(tape, node);
    modifiers.is_abstract |= kind == DefKind::Interface;
    modifiers.is_final &= kind != DefKind::Interface;
    let Supertypes { all, parent: parent_type, given } = supertypes(tape, node);
    walk.define(node, name, kind, Parts { modifiers, supertypes: all, given, body, ..Parts::default() });
    let inside = Inside { kind: Some(kind), parent_type, ..Inside::default() };
    walk.open_with(node, text, ScopeKind::Open, inside);
    if let Some(primary) = tape.child_of(node, &[PRIMARY]) {
        primary_constructor(walk, primary, name);
    }
}

/// What a class says it is.
#[derive(Default)]
struct Supertypes {
    /// What it extends and implements.
    all: Vec<String>,
    /// What it calls the constructor of.
    parent: Option<String>,
    /// What another object does for it.
    given: Vec<String>,
}

fn supertypes(tape: &Tape<'_>, node: Node) -> Supertypes {
    let mut found = Supertypes::default();
    let specifiers = tape.child_of(node, &[DELEGATIONS]).into_iter().flat_map(|list| tape.named(list));
    for inner in specifiers.filter_map(|specifier| tape.named(specifier).last()) {
        let of_type = match tape.kind(inner) {
            CONSTRUCTOR_INVOCATION | EXPLICIT_DELEGATION => tape.child_of(inner, &TYPES),
            _ => Some(inner),
        };
        let Some(of_type) = of_type.map(|of_type| type_name(tape, of_type)) else { continue };
        match tape.kind(inner) {
            CONSTRUCTOR_INVOCATION => found.parent = Some(of_type.clone()),
            EXPLICIT_DELEGATION => found.given.push(of_type.clone()),
            _ => {}
        }
        found.all.push(of_type);
    }
    found
}

/// Takes down the constructor in a class's header, and the properties it states.
fn primary_constructor(walk: &mut Walk<'_, '_>, primary: Node, name: Node) {
    let tape = walk.tape;
    let Some(list) = tape.child_of(primary, &[CLASS_PARAMETERS]) else { return };
    let mut params = ParamList::default();
    for param in tape.each_of(list, CLASS_PARAMETER) {
        let words = tape.child_of(param, &[MODIFIERS]).map_or("", |words| tape.text(words));
        let is_open = words.split_whitespace().any(|word| word == "vararg");
        add(tape, &mut params, param, is_open, tape.has_token(param, "="));
    }
    let modifiers = modifiers(tape, primary);
    let parts = Parts { modifiers, params: Some(params.finish()), ..Parts::default() };
    walk.define_as(primary, tape.text(name), tape.line(name), DefKind::Constructor, parts);
    for param in tape.each_of(list, CLASS_PARAMETER) {
        let is_property = tape.has_token(param, "val") || tape.has_token(param, "var");
        let Some(own) = tape.child_of(param, &[IDENTIFIER]).filter(|_| is_property) else { continue };
        let mut found = self::modifiers(tape, param);
        found.is_final = tape.has_token(param, "val");
        let result = tape.child_of(param, &TYPES).map(|of_type| tape.compact(of_type));
        walk.define(param, own, DefKind::Field, Parts { modifiers: found, result, ..Parts::default() });
    }
}

fn add(tape: &Tape<'_>, params: &mut ParamList, param: Node, is_open: bool, has_default: bool) {
    let hash = tape.child_of(param, &TYPES).map_or(0, |of_type| tape.hash(of_type));
    let name = tape.child_of(param, &[IDENTIFIER]).map_or("", |name| tape.text(name));
    match (is_open, has_default) {
        (true, _) => params.variadic(hash),
        (false, true) => {
            params.optional(hash);
            params.name(name);
        }
        (false, false) => {
            params.required(hash);
            params.name(name);
        }
    }
}

/// Returns what a function takes; the word before a parameter and the default after it stand apart from it.
fn params(tape: &Tape<'_>, list: Node) -> Params {
    let mut params = ParamList::default();
    let mut waiting: Option<Node> = None;
    let mut is_open = false;
    let mut is_next_open = false;
    for part in tape.children(list) {
        match tape.kind(part) {
            PARAMETER_MODIFIERS => is_next_open = tape.text(part).contains("vararg"),
            PARAMETER => {
                if let Some(before) = waiting.replace(part) {
                    add(tape, &mut params, before, is_open, false);
                }
                is_open = std::mem::take(&mut is_next_open);
            }
            _ if tape.text(part) == "=" => {
                if let Some(param) = waiting.take() {
                    add(tape, &mut params, param, is_open, true);
                }
            }
            _ => {}
        }
    }
    if let Some(last) = waiting {
        add(tape, &mut params, last, is_open, false);
    }
    params.finish()
}

/// Takes down a function; that of an extension stands in the type it extends.
pub fn function(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let (Some(name), Some(list)) = (tape.child(node, Field::Name), tape.child_of(node, &[VALUE_PARAMETERS]))
    else {
        return;
    };
    let text = tape.text(name);
    let body = tape.child_of(node, &[FUNCTION_BODY]);
    let types: Vec<Node> = tape.children(node).filter(|part| TYPES.contains(&tape.kind(*part))).collect();
    let extended = types.iter().copied().find(|of_type| *of_type < name);
    let result = types.iter().copied().find(|of_type| name < *of_type);
    let is_member = matches!(tape.parent_kind(node), CLASS_BODY | ENUM_BODY);
    let mut modifiers = modifiers(tape, node);
    if is_in_interface(tape, node) {
        modifiers.is_final = false;
        modifiers.is_abstract = body.is_none();
        modifiers.has_default = body.is_some();
    }
    let parts = Parts {
        modifiers,
        params: Some(params(tape, list)),
        result: result.map(|result| tape.compact(result)),
        body,
        ..Parts::default()
    };
    if let Some(extended) = extended.filter(|_| !walk.is_local()) {
        walk.open(node, &type_name(tape, extended), ScopeKind::Open);
    }
    let kind = if is_member || extended.is_some() { DefKind::Method } else { DefKind::Function };
    debug_assert_eq!(tape.kind(node), FUNCTION);
    walk.define(node, name, kind, parts);
    walk.open(node, text, ScopeKind::Closed);
}

/// Takes down a constructor in a class's body.
pub fn secondary_constructor(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let Some(own) = walk.innermost_open().map(|scope| scope.name.clone()) else { return };
    let params = tape.child_of(node, &[VALUE_PARAMETERS]).map(|list| params(tape, list));
    let body = tape.child_of(node, &[super::BLOCK]);
    let parts = Parts { modifiers: modifiers(tape, node), params, body, ..Parts::default() };
    walk.define_as(node, &own, tape.line(node), DefKind::Constructor, parts);
    walk.open(node, &own, ScopeKind::Closed);
}

/// Takes down a property, or a variable of a function.
pub fn property(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    debug_assert_eq!(tape.kind(node), PROPERTY);
    if tape.child_of(node, &[MULTI_VARIABLE]).is_some() {
        return;
    }
    let Some(variable) = tape.child_of(node, &[VARIABLE]) else { return };
    let Some(name) = tape.child_of(variable, &[IDENTIFIER]) else { return };
    let of_type = tape.child_of(variable, &TYPES);
    let value = tape.has_token(node, "=").then(|| tape.named(node).find(|part| variable < *part)).flatten();
    let type_name = of_type.map(|of_type| type_name(tape, of_type));
    if let (Some(of), Some(value)) = (&type_name, value.filter(|value| tape.kind(*value) == LAMBDA)) {
        walk.anonymous(value, of, Vec::new());
    }
    walk.declare(tape.text(name), type_name.or_else(|| value.and_then(|value| made(tape, value))));
    walk.holds(tape.text(name), value, calls::STYLE);
    if walk.is_local() {
        return;
    }
    let mut modifiers = modifiers(tape, node);
    let accessor = tape.child_of(node, &[GETTER]).or_else(|| tape.child_of(node, &[DELEGATE]));
    let body = value.or(accessor);
    if is_in_interface(tape, node) {
        modifiers.is_abstract = body.is_none();
        modifiers.has_default = body.is_some();
    }
    modifiers.is_final = tape.has_token(node, "val");
    let kind = if walk.is_in_type() { DefKind::Field } else { DefKind::Constant };
    let result = of_type.map(|of_type| tape.compact(of_type));
    walk.define(node, name, kind, Parts { modifiers, result, body, ..Parts::default() });
}

/// Returns the class of a value that is made on the spot: `User(…)`.
fn made(tape: &Tape<'_>, value: Node) -> Option<String> {
    let called = tape.named(value).next().filter(|_| tape.kind(value) == CALL)?;
    let name = tape.text(called);
    (tape.kind(called) == IDENTIFIER && name.starts_with(char::is_uppercase)).then(|| name.to_owned())
}

/// Takes down a case of an enumeration, which calls its constructor.
pub fn enum_entry(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let Some(name) = tape.child_of(node, &[IDENTIFIER]) else { return };
    let body = tape.child_of(node, &[CLASS_BODY]);
    let modifiers = Modifiers { is_public: true, is_static: true, is_final: true, ..Modifiers::default() };
    walk.define(node, name, DefKind::Variant, Parts { modifiers, body, ..Parts::default() });
    let Some(of) = walk.innermost_open().map(|scope| scope.name.clone()) else { return };
    walk.call(node, &of, Receiver::New, calls::arguments(tape, node));
    if let Some(body) = body {
        walk.anonymous(body, &of, members(tape, body));
        walk.open(body, &format!("<{}>", tape.text(name)), ScopeKind::Closed);
    }
}

/// Returns the names of the functions in a body.
fn members(tape: &Tape<'_>, body: Node) -> Vec<String> {
    let named = tape.named(body).filter_map(|member| {
        let variable =
            tape.child_of(member, &[VARIABLE]).and_then(|variable| tape.child_of(variable, &[IDENTIFIER]));
        tape.child(member, Field::Name).or(variable)
    });
    named.map(|name| tape.text(name).to_owned()).collect()
}

/// Takes down `object : Base { … }` as an implementation of all that it names.
pub fn object_literal(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let Supertypes { all: supertypes, parent: parent_type, given } = supertypes(tape, node);
    let found = tape.child_of(node, &[CLASS_BODY]).map(|body| members(tape, body)).unwrap_or_default();
    for of in supertypes.iter().filter(|of| !given.contains(of)) {
        walk.anonymous(node, of, found.clone());
    }
    let base = supertypes.first().map_or("object", String::as_str);
    let inside = Inside { kind: Some(DefKind::Class), parent_type, ..Inside::default() };
    walk.open_with(node, &format!("<{base}>"), ScopeKind::Closed, inside);
}

/// Takes down another name for a type.
pub fn alias(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let Some(name) = tape.child(node, Field::Type) else { return };
    let result = tape.child_of(node, &TYPES).map(|of_type| tape.compact(of_type));
    let parts = Parts { modifiers: modifiers(tape, node), result, ..Parts::default() };
    walk.define(node, name, DefKind::Alias, parts);
}
