//! What stands in a Java type, and the names that are bound in its code.

use agentsync_core::facts::{DefKind, Modifiers, Params, Receiver};

use super::{
    ANNOTATION_BODY, CATCH_FORMAL, CATCH_TYPE, CONSTRUCTOR, CREATION, DECLARATOR, ELEMENT, FIELD, FORMAL,
    INFERRED, INSTANCEOF, INTERFACE_BODY, LAMBDA, MODIFIERS, RECORD_COMPONENT, SPREAD, THROWS, TYPE_PATTERN,
    arguments, type_name,
};
use crate::lexicon::{Field, Role};
use crate::params::ParamList;
use crate::tape::{Node, Tape};
use crate::value::Style;
use crate::walk::{Inside, Parts, ScopeKind, Walk};

/// Returns the words in front of a definition.
pub fn modifiers(tape: &Tape<'_>, node: Node) -> Modifiers {
    let mut found = Modifiers::default();
    let is_in_interface = matches!(tape.parent_kind(node), INTERFACE_BODY | ANNOTATION_BODY);
    if let Some(words) = tape.child_of(node, &[MODIFIERS]) {
        for word in tape.children(words) {
            match tape.text(word) {
                "public" => found.is_public = true,
                "private" => found.is_private = true,
                "static" => found.is_static = true,
                "abstract" => found.is_abstract = true,
                "final" => found.is_final = true,
                "default" => found.has_default = true,
                "@Override" => found.is_override = true,
                _ => {}
            }
        }
    }
    found.is_public |= is_in_interface && !found.is_private;
    found
}

/// Annotations on a class or on its fields for which Lombok writes members. Other processors add none to a type that is
/// written by hand.
const WRITE_MEMBERS: [&str; 9] =
    ["Data", "Value", "Getter", "Setter", "With", "Builder", "SuperBuilder", "Delegate", "Accessors"];

/// Returns whether a class has members that a generator writes.
pub fn are_written_for_it(tape: &Tape<'_>, class: Node, body: Option<Node>) -> bool {
    let fields = body.into_iter().flat_map(|body| tape.each_of(body, FIELD));
    std::iter::once(class).chain(fields).filter_map(|node| tape.child_of(node, &[MODIFIERS])).any(|words| {
        let names = tape.named(words).filter_map(|word| tape.child(word, Field::Name));
        let is_on_class = tape.parent(words) == Some(class);
        names.map(|name| tape.text(name)).map(|name| name.rsplit('.').next().unwrap_or(name)).any(|name| {
            // On a field, `@Value` is where a value comes from.
            WRITE_MEMBERS.contains(&name) && (is_on_class || name != "Value")
        })
    })
}

/// Takes down a method, a constructor, or an element of an annotation.
pub fn callable(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let Some(name) = tape.child(node, Field::Name) else { return };
    let kind = tape.kind(node);
    let body = tape.child(node, Field::Body);
    let mut found = modifiers(tape, node);
    found.is_fallible = tape.child_of(node, &[THROWS]).is_some();
    found.is_abstract |= body.is_none() && matches!(tape.parent_kind(node), INTERFACE_BODY | ANNOTATION_BODY);
    found.has_default |= kind == ELEMENT && tape.child(node, Field::Value).is_some();
    let parts = Parts {
        modifiers: found,
        params: match (kind, tape.child(node, Field::Parameters)) {
            (_, Some(list)) => Some(params(tape, list)),
            (ELEMENT, None) => Some(Params { max: Some(0), ..Params::default() }),
            // A compact constructor takes what the record's header says.
            (_, None) => None,
        },
        result: tape.child(node, Field::Type).map(|result| tape.compact(result)),
        body,
        ..Parts::default()
    };
    let is_constructor = parts.result.is_none() || kind == CONSTRUCTOR;
    let is_compact = is_constructor && parts.params.is_none();
    if !is_compact {
        let kind = if is_constructor { DefKind::Constructor } else { DefKind::Method };
        walk.define(node, name, kind, parts);
    }
    walk.open(node, tape.text(name), ScopeKind::Closed);
}

fn params(tape: &Tape<'_>, list: Node) -> Params {
    let mut params = ParamList::default();
    for param in tape.named(list) {
        let of_type = tape.child(param, Field::Type).or_else(|| spread_type(tape, param));
        let hash = of_type.map_or(0, |of_type| tape.hash(of_type));
        match tape.kind(param) {
            FORMAL => params.required(hash),
            SPREAD => params.variadic(hash),
            _ => {}
        }
    }
    params.finish()
}

fn spread_type(tape: &Tape<'_>, param: Node) -> Option<Node> {
    tape.named(param).find(|part| {
        !matches!(tape.kind(*part), MODIFIERS | DECLARATOR) && tape.role(*part) != Role::Adornment
    })
}

/// Takes down what the header of a record states: a constructor, fields, and methods to read them.
pub fn record_header(walk: &mut Walk<'_, '_>, name: Node, header: Node) {
    let tape = walk.tape;
    let modifiers = Modifiers { is_public: true, ..Modifiers::default() };
    let parts = Parts { modifiers, params: Some(params(tape, header)), ..Parts::default() };
    walk.define_as(header, tape.text(name), tape.line(name), DefKind::Constructor, parts);
    for component in tape.each_of(header, FORMAL) {
        let Some(name) = tape.child(component, Field::Name) else { continue };
        let modifiers = Modifiers { is_public: true, is_final: true, ..Modifiers::default() };
        let result = tape.child(component, Field::Type).map(|of_type| tape.compact(of_type));
        let params = Some(Params { max: Some(0), ..Params::default() });
        walk.define(
            component,
            name,
            DefKind::Method,
            Parts { modifiers, params, result, ..Parts::default() },
        );
    }
}

/// Takes down the fields that one declaration states.
pub fn fields(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let mut found = modifiers(tape, node);
    if matches!(tape.parent_kind(node), INTERFACE_BODY | ANNOTATION_BODY) {
        found.is_static = true;
        found.is_final = true;
    }
    let of_type = tape.child(node, Field::Type);
    for declarator in tape.each(node, Field::Declarator) {
        let Some(name) = tape.child(declarator, Field::Name) else { continue };
        let parts = Parts {
            modifiers: found,
            result: of_type.map(|of_type| tape.compact(of_type)),
            body: tape.child(declarator, Field::Value),
            ..Parts::default()
        };
        walk.define_typed(declarator, name, DefKind::Field, parts, of_type);
        walk.declare(tape.text(name), declared_type(tape, of_type, declarator));
    }
}

/// Takes down a case of an enumeration, which calls its constructor.
pub fn enum_constant(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let Some(name) = tape.child(node, Field::Name) else { return };
    let body = tape.child(node, Field::Body);
    let modifiers = Modifiers { is_public: true, is_static: true, is_final: true, ..Modifiers::default() };
    walk.define(node, name, DefKind::Variant, Parts { modifiers, body, ..Parts::default() });
    let Some(of) = walk.innermost_open().map(|scope| scope.name.clone()) else { return };
    walk.call(node, &of, Receiver::New, arguments(tape, node));
    if let Some(body) = body {
        let members = tape.named(body).filter_map(|member| tape.child(member, Field::Name));
        walk.anonymous(body, &of, members.map(|member| tape.text(member).to_owned()).collect());
        let inside = Inside { parent_type: Some(of), ..Inside::default() };
        walk.open_with(body, &format!("<{}>", tape.text(name)), ScopeKind::Closed, inside);
    }
}

/// Takes down the names that a statement or an expression binds.
pub fn binding(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let of_type = tape.child(node, Field::Type);
    match tape.kind(node) {
        LAMBDA => lambda(walk, node),
        TYPE_PATTERN | RECORD_COMPONENT => {
            let mut parts = tape.named(node);
            if let (Some(of_type), Some(name)) = (parts.next(), parts.next()) {
                let is_inferred = tape.text(of_type) == "var";
                walk.declare(tape.text(name), (!is_inferred).then(|| type_name(tape, of_type)));
            }
        }
        INSTANCEOF => {
            if let Some(name) = tape.child(node, Field::Name) {
                let of_type = tape.child(node, Field::Right).map(|right| type_name(tape, right));
                walk.declare(tape.text(name), of_type);
            }
        }
        SPREAD => {
            let name = tape.child_of(node, &[DECLARATOR]).and_then(|part| tape.child(part, Field::Name));
            if let Some(name) = name {
                let of_type =
                    spread_type(tape, node).map(|of_type| format!("{}[]", type_name(tape, of_type)));
                walk.declare(tape.text(name), of_type);
            }
        }
        _ => {
            if let Some(name) = tape.child(node, Field::Name) {
                let of_type = if tape.kind(node) == CATCH_FORMAL { catch_type(tape, node) } else { of_type };
                walk.declare(tape.text(name), declared_type(tape, of_type, node));
            }
            for declarator in tape.each(node, Field::Declarator) {
                let Some(name) = tape.child(declarator, Field::Name) else { continue };
                walk.declare(tape.text(name), declared_type(tape, of_type, declarator));
                walk.holds(tape.text(name), tape.child(declarator, Field::Value), Style::NONE);
                lambda_value(walk, of_type, declarator);
            }
        }
    }
}

/// Takes down the parameters of a lambda, which hold in it alone.
fn lambda(walk: &mut Walk<'_, '_>, node: Node) {
    let tape = walk.tape;
    let Some(params) = tape.child(node, Field::Parameters) else { return };
    walk.open(node, "", ScopeKind::Closed);
    if tape.is_leaf(params) {
        walk.declare(tape.text(params), None);
    } else if tape.kind(params) == INFERRED {
        tape.named(params).for_each(|name| walk.declare(tape.text(name), None));
    }
}

/// Takes down a lambda that is given to a variable of a stated type.
fn lambda_value(walk: &mut Walk<'_, '_>, of_type: Option<Node>, declarator: Node) {
    let tape = walk.tape;
    let value = tape.child(declarator, Field::Value).filter(|value| tape.kind(*value) == LAMBDA);
    if let (Some(of_type), Some(value)) = (of_type, value) {
        walk.anonymous(value, &type_name(tape, of_type), Vec::new());
    }
}

fn catch_type(tape: &Tape<'_>, node: Node) -> Option<Node> {
    let mut types = tape.named(tape.child_of(node, &[CATCH_TYPE])?);
    // Of `A | B` neither is the type.
    types.next().filter(|_| types.next().is_none())
}

/// Returns the type of a variable: the one stated, or for `var` the one of the object made there.
fn declared_type(tape: &Tape<'_>, of_type: Option<Node>, declarator: Node) -> Option<String> {
    let of_type = of_type?;
    if tape.text(of_type) == "var" {
        let value = tape.child(declarator, Field::Value).filter(|value| tape.kind(*value) == CREATION)?;
        return tape.child(value, Field::Type).map(|made| type_name(tape, made));
    }
    Some(type_name(tape, of_type))
}
