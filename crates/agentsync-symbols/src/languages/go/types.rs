//! The types that a Go file defines.

use agentsync_core::facts::{DefKind, Modifiers};

use super::{
    ARRAY, FIELD, FIELD_LIST, GENERIC, IMPLICIT_ARRAY, INTERFACE, METHOD_ELEM, POINTER, SLICE, STRUCT,
    TYPE_ALIAS, TYPE_ELEM, callable_parts, modifiers,
};
use crate::lexicon::Field;
use crate::tape::{Node, Tape};
use crate::walk::{Parts, ScopeKind, Walk};

/// Returns a type as written, without `*` and type arguments.
pub fn name(tape: &Tape<'_>, mut node: Node) -> String {
    loop {
        let inner = match tape.kind(node) {
            GENERIC => tape.child(node, Field::Type),
            POINTER | TYPE_ELEM => tape.named(node).next(),
            _ => None,
        };
        match inner {
            Some(inner) => node = inner,
            None => return tape.compact(node),
        }
    }
}

/// Returns the type of the elements of a slice, an array or a map.
pub fn element(tape: &Tape<'_>, node: Node) -> Option<Node> {
    match tape.kind(node) {
        SLICE | ARRAY | IMPLICIT_ARRAY => tape.child(node, Field::Element),
        _ => tape.child(node, Field::Value),
    }
}

/// Takes down a type with its fields or methods.
pub fn definition(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let Some((own, of_type)) = tape.both(node, Field::Name, Field::Type) else {
        return;
    };
    let kind = match tape.kind(of_type) {
        _ if tape.kind(node) == TYPE_ALIAS => DefKind::Alias,
        STRUCT => DefKind::Class,
        INTERFACE => DefKind::Interface,
        _ => DefKind::Alias,
    };
    let mut modifiers = modifiers(tape.text(own));
    modifiers.is_abstract = kind == DefKind::Interface;
    let parts = Parts {
        modifiers,
        result: (kind == DefKind::Alias).then(|| tape.compact(of_type)),
        supertypes: embedded(tape, of_type),
        body: Some(of_type),
        ..Parts::default()
    };
    walk.define(node, own, kind, parts);
    walk.open(node, tape.text(own), ScopeKind::Open);
    match tape.kind(of_type) {
        STRUCT => fields(walk, of_type),
        INTERFACE => methods(walk, of_type),
        _ => {}
    }
}

fn embedded(tape: &Tape<'_>, of_type: Node) -> Vec<String> {
    match tape.kind(of_type) {
        STRUCT => struct_fields(tape, of_type)
            .filter(|field| tape.child(*field, Field::Name).is_none())
            .filter_map(|field| tape.child(field, Field::Type))
            .map(|of_type| name(tape, of_type))
            .collect(),
        // `A | B` restricts a type parameter; it is no interface that a type implements.
        INTERFACE => tape
            .each_of(of_type, TYPE_ELEM)
            .filter(|elem| tape.named(*elem).count() == 1)
            .map(|elem| name(tape, elem))
            .collect(),
        _ => Vec::new(),
    }
}

fn struct_fields<'t>(tape: &'t Tape<'_>, of_type: Node) -> impl Iterator<Item = Node> + 't {
    tape.child_of(of_type, &[FIELD_LIST]).into_iter().flat_map(|list| tape.each_of(list, FIELD))
}

fn fields(walk: &mut Walk<'_, '_>, of_struct: Node) {
    let tape = walk.tape;
    for field in struct_fields(tape, of_struct) {
        let Some(of_type) = tape.child(field, Field::Type) else { continue };
        let type_name = name(tape, of_type);
        let parts = |modifiers: Modifiers| Parts {
            modifiers,
            result: Some(tape.compact(of_type)),
            ..Parts::default()
        };
        let mut is_embedded = true;
        for own in tape.each(field, Field::Name) {
            is_embedded = false;
            let text = tape.text(own);
            walk.define_typed(own, own, DefKind::Field, parts(modifiers(text)), Some(of_type));
            walk.declare(text, Some(type_name.clone()));
        }
        if is_embedded {
            let last = type_name.rsplit('.').next().unwrap_or_default();
            walk.define_as(field, last, tape.line(field), DefKind::Field, parts(modifiers(last)));
        }
    }
}

fn methods(walk: &mut Walk<'_, '_>, of_interface: Node) {
    let tape = walk.tape;
    for method in tape.each_of(of_interface, METHOD_ELEM) {
        let Some(own) = tape.child(method, Field::Name) else { continue };
        let mut parts = callable_parts(tape, method, tape.text(own));
        parts.modifiers.is_abstract = true;
        walk.define(method, own, DefKind::Method, parts);
    }
}
