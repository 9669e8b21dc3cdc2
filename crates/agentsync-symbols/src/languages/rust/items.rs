//! The items of a Rust file.

use agentsync_core::facts::{DefKind, Modifiers, Params};

use super::{
    ATTRIBUTE, BLOCK_COMMENT, BOUNDS, CONST, DECLARATIONS, ENUM, FIELDS, FUNCTION_MODIFIERS, IMPL,
    LINE_COMMENT, MACRO, MODULE, ORDERED_FIELDS, PARAMETER, SELF_PARAMETER, STATIC, TRAIT, VARIADIC, VARIANT,
    VISIBILITY, last_name, type_name,
};
use crate::lexicon::Field;
use crate::params::ParamList;
use crate::tape::{Node, Tape};
use crate::walk::{Inside, Parts, ScopeKind, Walk};

/// Returns what stands before an item: its visibility, and whether it is there only under a condition.
fn modifiers(tape: &Tape<'_>, node: Node) -> Modifiers {
    Modifiers {
        is_public: tape.child_of(node, &[VISIBILITY]).is_some(),
        is_conditional: is_conditional(tape, node),
        ..Modifiers::default()
    }
}

fn is_conditional(tape: &Tape<'_>, node: Node) -> bool {
    let mut at = tape.previous(node);
    while let Some(before) = at {
        match tape.kind(before) {
            ATTRIBUTE if tape.text(before).starts_with("#[cfg(") => return true,
            ATTRIBUTE | LINE_COMMENT | BLOCK_COMMENT => at = tape.previous(before),
            _ => return false,
        }
    }
    false
}

/// Returns the kind of the item around a member.
fn owner(tape: &Tape<'_>, node: Node) -> Option<Node> {
    let list = tape.parent(node).filter(|list| tape.kind(*list) == DECLARATIONS)?;
    tape.parent(list).filter(|owner| matches!(tape.kind(*owner), IMPL | TRAIT))
}

fn is_of_trait(tape: &Tape<'_>, owner: Node) -> bool {
    tape.kind(owner) == IMPL && tape.child(owner, Field::Trait).is_some()
}

/// Takes down a function or a method.
pub fn function(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let Some((name, list)) = tape.both(node, Field::Name, Field::Parameters) else {
        return;
    };
    let owner = owner(tape, node);
    let body = tape.child(node, Field::Body);
    let result = tape.child(node, Field::ReturnType).map(|result| tape.compact(result));
    let is_in_trait = owner.is_some_and(|owner| tape.kind(owner) == TRAIT);
    let is_in_implementation = owner.is_some_and(|owner| is_of_trait(tape, owner));
    let words = tape.child_of(node, &[FUNCTION_MODIFIERS]);
    let mut modifiers = modifiers(tape, node);
    modifiers.is_public |= is_in_trait || is_in_implementation;
    modifiers.is_static = owner.is_some() && tape.child_of(list, &[SELF_PARAMETER]).is_none();
    modifiers.is_async = words.is_some_and(|words| tape.has_token(words, "async"));
    modifiers.is_abstract = is_in_trait && body.is_none();
    modifiers.has_default = is_in_trait && body.is_some();
    modifiers.is_override = is_in_implementation;
    modifiers.is_fallible = result.as_deref().is_some_and(|result| result.contains("Result"));
    let kind = if owner.is_some() { DefKind::Method } else { DefKind::Function };
    let is_conditional = modifiers.is_conditional;
    let parts = Parts { modifiers, params: Some(params(tape, list)), result, body, ..Parts::default() };
    walk.define(node, name, kind, parts);
    let inside = Inside { is_conditional, ..Inside::default() };
    walk.open_with(node, tape.text(name), ScopeKind::Closed, inside);
}

fn params(tape: &Tape<'_>, list: Node) -> Params {
    let mut params = ParamList::default();
    for param in tape.named(list) {
        match tape.kind(param) {
            PARAMETER => {
                params.required(tape.child(param, Field::Type).map_or(0, |of_type| tape.hash(of_type)));
            }
            VARIADIC => params.variadic(0),
            SELF_PARAMETER | ATTRIBUTE => {}
            // The types alone, as in the parameters of a type.
            _ => params.required(tape.hash(param)),
        }
    }
    params.finish()
}

/// Takes down a struct, a union, an enumeration or a trait.
pub fn type_definition(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let Some(name) = tape.child(node, Field::Name) else { return };
    let kind = match tape.kind(node) {
        TRAIT => DefKind::Interface,
        ENUM => DefKind::Enum,
        _ => DefKind::Class,
    };
    let mut found = modifiers(tape, node);
    found.is_abstract = kind == DefKind::Interface;
    let is_conditional = found.is_conditional;
    let body = tape.child(node, Field::Body);
    let bounds = tape.child_of(node, &[BOUNDS]).filter(|_| kind == DefKind::Interface);
    let supertypes =
        bounds.into_iter().flat_map(|bounds| tape.named(bounds)).map(|of_type| type_name(tape, of_type));
    let supertypes = supertypes.filter(|name| !name.starts_with(['\'', '?'])).collect();
    walk.define(node, name, kind, Parts { modifiers: found, supertypes, body, ..Parts::default() });
    let inside = Inside { is_conditional, ..Inside::default() };
    walk.open_with(node, tape.text(name), ScopeKind::Open, inside);
    if let Some(list) = body.filter(|body| tape.kind(*body) == ORDERED_FIELDS) {
        let parts = Parts { modifiers: found, params: Some(ordered(tape, list)), ..Parts::default() };
        walk.define(list, name, DefKind::Constructor, parts);
    }
}

/// Returns the fields of a tuple as what its constructor takes.
fn ordered(tape: &Tape<'_>, list: Node) -> Params {
    let mut params = ParamList::default();
    tape.each(list, Field::Type).for_each(|of_type| params.required(tape.hash(of_type)));
    params.finish()
}

/// Takes down a case of an enumeration.
pub fn variant(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let Some(name) = tape.child(node, Field::Name) else { return };
    let body = tape.child(node, Field::Body);
    let list = body.filter(|body| tape.kind(*body) == ORDERED_FIELDS);
    let modifiers = Modifiers { is_public: true, ..modifiers(tape, node) };
    let params = list.map(|list| ordered(tape, list));
    walk.define(node, name, DefKind::Variant, Parts { modifiers, params, body, ..Parts::default() });
    walk.open(node, tape.text(name), ScopeKind::Open);
}

/// Takes down a named field.
pub fn field(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let Some((name, of_type)) = tape.both(node, Field::Name, Field::Type) else {
        return;
    };
    let list = tape.parent(node).filter(|list| tape.kind(*list) == FIELDS);
    let is_in_variant = list.is_some_and(|list| tape.parent_kind(list) == VARIANT);
    let mut modifiers = modifiers(tape, node);
    modifiers.is_public |= is_in_variant;
    let result = Some(tape.compact(of_type));
    walk.define(node, name, DefKind::Field, Parts { modifiers, result, ..Parts::default() });
    walk.declare(tape.text(name), Some(type_name(tape, of_type)));
}

/// Opens an `impl`; that of a trait is a definition too.
pub fn implementation(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let Some(of_type) = tape.child(node, Field::Type) else { return };
    let full = type_name(tape, of_type);
    let of_trait = tape.child(node, Field::Trait);
    let modifiers = modifiers(tape, node);
    let inside = Inside {
        of_trait: of_trait.map(|of_trait| tape.compact(of_trait)),
        is_conditional: modifiers.is_conditional,
        ..Inside::default()
    };
    if let Some(of_trait) = of_trait {
        let body = tape.child(node, Field::Body);
        let supertypes = vec![type_name(tape, of_trait)];
        let given = if may_be_written(tape, node, body) { supertypes.clone() } else { Vec::new() };
        let parts = Parts { modifiers, supertypes, given, body, ..Parts::default() };
        let line = tape.line(of_type);
        walk.define_as(node, last_name(&full), line, DefKind::Implementation, parts);
        if let Some(made) = walk.facts.definitions.last_mut() {
            made.of_trait.clone_from(&inside.of_trait);
        }
    }
    walk.open_with(node, last_name(&full), ScopeKind::Open, inside);
}

/// Attributes that add no members: the compiler's own, and the macro that only rewrites what it finds.
const ADD_NOTHING: [&str; 12] = [
    "allow",
    "async_trait",
    "automatically_derived",
    "cfg",
    "deny",
    "deprecated",
    "doc",
    "expect",
    "forbid",
    "inline",
    "must_use",
    "warn",
];

/// Returns whether a macro may write members of an `impl`: one that is called in it, or an attribute on it.
fn may_be_written(tape: &Tape<'_>, node: Node, body: Option<Node>) -> bool {
    let mut at = tape.previous(node);
    while let Some(before) = at {
        match tape.kind(before) {
            ATTRIBUTE if may_add(tape.text(before)) => return true,
            ATTRIBUTE | LINE_COMMENT | BLOCK_COMMENT => at = tape.previous(before),
            _ => break,
        }
    }
    body.is_some_and(|body| tape.child_of(body, &[MACRO]).is_some())
}

fn may_add(attribute: &str) -> bool {
    let path = attribute.trim_start_matches(['#', '[', ' ']);
    let path = path.split(['(', '=', ']', ' ']).next().unwrap_or(path);
    let is_tool = ["clippy::", "rustfmt::", "diagnostic::"].iter().any(|tool| path.starts_with(tool));
    !is_tool && !ADD_NOTHING.contains(&last_name(path))
}

/// Takes down another name for a type, or a type that a trait asks for.
pub fn alias(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let Some(name) = tape.child(node, Field::Name) else { return };
    let owner = owner(tape, node);
    let result = tape.child(node, Field::Type);
    let mut modifiers = modifiers(tape, node);
    modifiers.is_public |= owner.is_some();
    modifiers.is_abstract = result.is_none();
    modifiers.is_override = owner.is_some_and(|owner| is_of_trait(tape, owner));
    let result = result.map(|result| tape.compact(result));
    walk.define(node, name, DefKind::Alias, Parts { modifiers, result, ..Parts::default() });
}

/// Takes down a constant or a static.
pub fn constant(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let Some((name, of_type)) = tape.both(node, Field::Name, Field::Type) else {
        return;
    };
    walk.declare(tape.text(name), Some(type_name(tape, of_type)));
    if tape.text(name) == "_" {
        return;
    }
    let owner = owner(tape, node);
    let body = tape.child(node, Field::Value);
    let is_in_trait = owner.is_some_and(|owner| tape.kind(owner) == TRAIT);
    let mut modifiers = modifiers(tape, node);
    modifiers.is_static = owner.is_some() || tape.kind(node) == STATIC;
    modifiers.is_final = tape.kind(node) == CONST;
    modifiers.is_abstract = is_in_trait && body.is_none();
    modifiers.has_default = is_in_trait && body.is_some();
    modifiers.is_override = owner.is_some_and(|owner| is_of_trait(tape, owner));
    modifiers.is_public |= is_in_trait || modifiers.is_override;
    let kind = if owner.is_some() { DefKind::Field } else { DefKind::Constant };
    let result = Some(tape.compact(of_type));
    walk.define(node, name, kind, Parts { modifiers, result, body, ..Parts::default() });
}

/// Takes down a macro, of which only the identifiers count.
pub fn macro_definition(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let Some(name) = tape.child(node, Field::Name) else { return };
    walk.define(node, name, DefKind::Macro, Parts { modifiers: modifiers(tape, node), ..Parts::default() });
    walk.mention_all(node);
    walk.skip(node);
}

/// Takes down a module.
pub fn module(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let Some(name) = tape.child(node, Field::Name) else { return };
    let modifiers = modifiers(tape, node);
    let body = tape.child(node, Field::Body);
    walk.define(node, name, DefKind::Module, Parts { modifiers, body, ..Parts::default() });
    debug_assert_eq!(tape.kind(node), MODULE);
    let inside = Inside { is_conditional: modifiers.is_conditional, ..Inside::default() };
    walk.open_with(node, tape.text(name), ScopeKind::Open, inside);
}
