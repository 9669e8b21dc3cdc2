//! Facts as lines of text: one line for each, in the order of the file.

use std::fmt::Write as _;

use agentsync_core::facts::{Arity, Call, Definition, Facts, Import, Modifiers, Params, Receiver, Span};

/// Writes `facts` out.
pub fn render(facts: &Facts) -> String {
    let mut out = String::new();
    let mut line = |text: String| {
        out.push_str(text.trim_end());
        out.push('\n');
    };
    if let Some(package) = &facts.package {
        line(format!("package {package}"));
    }
    facts.imports.iter().for_each(|import| line(render_import(import)));
    facts.exports.iter().for_each(|export| line(format!("export {export}")));
    facts.definitions.iter().for_each(|definition| line(render_definition(definition)));
    facts.calls.iter().for_each(|call| line(render_call(call)));
    facts.reads.iter().for_each(|read| line(format!("reads {}", render_call(read))));
    for declared in &facts.declared {
        let type_name = declared.type_name.as_deref().unwrap_or("?");
        let value = declared.value.as_ref().map_or_else(String::new, |value| format!(" = {value}"));
        line(format!("declared {}: {type_name}{value} {}", declared.name, lines(declared.scope)));
    }
    for anonymous in &facts.anonymous {
        line(format!(
            "anonymous {} [{}] {}",
            anonymous.of,
            anonymous.members.join(", "),
            lines(anonymous.span)
        ));
    }
    for choice in &facts.choices {
        let of = choice.of.as_deref().map(|of| format!(" of {of}")).unwrap_or_default();
        let default = if choice.has_default { " default" } else { "" };
        line(format!("choice{of} [{}]{default} {}", choice.cases.join(", "), lines(choice.span)));
    }
    facts.repeated.iter().for_each(|twice| line(format!("repeated {} {}", twice.name, lines(twice.span))));
    facts.errors.iter().for_each(|error| line(format!("error {}", lines(*error))));
    if facts.is_generated {
        line("generated".to_owned());
    }
    if let Some(why) = facts.left_out {
        line(format!("left out: {why:?}"));
    }
    line(format!("mentions {}", counts(facts.mentions.iter().map(|(name, one)| (name, one.n)))));
    let qualified = facts.mentions.keys().filter(|name| facts.is_qualified(name)).map(String::as_str);
    let qualified = qualified.collect::<Vec<_>>().join(" ");
    if !qualified.is_empty() {
        line(format!("qualified {qualified}"));
    }
    if !facts.paths.is_empty() {
        line(format!("paths {}", counts(facts.paths.iter().map(|(path, n)| (path, *n)))));
    }
    if !facts.quoted.is_empty() {
        line(format!("quoted {}", counts(facts.quoted.iter().map(|(word, one)| (word, one.n)))));
    }
    out
}

fn counts<'a>(counts: impl Iterator<Item = (&'a String, u32)>) -> String {
    let words = counts.map(|(name, n)| if n == 1 { name.clone() } else { format!("{name}*{n}") });
    words.collect::<Vec<_>>().join(" ")
}

fn lines(span: Span) -> String {
    if span.line == span.end_line {
        format!("@{}", span.line)
    } else {
        format!("@{}-{}", span.line, span.end_line)
    }
}

fn render_import(import: &Import) -> String {
    let mut out = format!("import {}", import.module);
    if let Some(name) = &import.name {
        let _ = write!(out, " {name}");
    }
    if let Some(bound) = &import.bound {
        let _ = write!(out, " as {bound}");
    }
    if import.is_reexport {
        out.push_str(" re-exported");
    }
    if import.is_type_only {
        out.push_str(" type-only");
    }
    format!("{out} {}", lines(import.span))
}

fn render_definition(definition: &Definition) -> String {
    let mut out = format!("{:?} ", definition.kind).to_lowercase();
    if !definition.container.is_empty() {
        let _ = write!(out, "{}.", definition.container);
    }
    out.push_str(&definition.name);
    if let Some(params) = &definition.params {
        out.push_str(&render_params(params));
    }
    if let Some(result) = &definition.result {
        let _ = write!(out, ": {result}");
    }
    if !definition.supertypes.is_empty() {
        let _ = write!(out, " < {}", definition.supertypes.join(", "));
    }
    if !definition.given.is_empty() {
        let _ = write!(out, " given {}", definition.given.join(", "));
    }
    if let Some(of_trait) = &definition.of_trait {
        let _ = write!(out, " for {of_trait}");
    }
    out.push_str(&render_modifiers(definition.modifiers));
    if definition.body_hash == 0 {
        out.push_str(" no-body");
    }
    format!("{out} {}", lines(definition.span))
}

fn render_params(params: &Params) -> String {
    let mut parts = vec![match params.max {
        Some(max) if max == params.min => max.to_string(),
        Some(max) => format!("{}..{max}", params.min),
        None => format!("{}..", params.min),
    }];
    for name in &params.names {
        let mark = if params.required_names.contains(name) { "!" } else { "" };
        parts.push(format!("{name}{mark}"));
    }
    if params.takes_any_name {
        parts.push("**".to_owned());
    }
    format!("({})", parts.join(" "))
}

fn render_modifiers(modifiers: Modifiers) -> String {
    let words = [
        (modifiers.is_public, "public"),
        (modifiers.is_private, "private"),
        (modifiers.is_static, "static"),
        (modifiers.is_async, "async"),
        (modifiers.is_abstract, "abstract"),
        (modifiers.is_override, "override"),
        (modifiers.is_final, "final"),
        (modifiers.has_default, "has-default"),
        (modifiers.is_fallible, "fallible"),
        (modifiers.is_conditional, "conditional"),
        (modifiers.is_local, "local"),
        (modifiers.is_injected, "injected"),
    ];
    words.iter().filter(|(is_there, _)| *is_there).flat_map(|(_, word)| [" ", word]).collect()
}

fn render_call(call: &Call) -> String {
    let mut out = match &call.receiver {
        Receiver::None => format!("call {}", call.name),
        Receiver::Name(name) => format!("call {name} . {}", call.name),
        Receiver::Value(value) => format!("call {value} . {}", call.name),
        Receiver::New => format!("make {}", call.name),
        Receiver::Other => format!("call … . {}", call.name),
    };
    match call.arity {
        Arity::Exactly(n) => {
            let _ = write!(out, "/{n}");
        }
        Arity::Unknown => out.push_str("/?"),
    }
    if !call.names.is_empty() {
        let _ = write!(out, " {{{}}}", call.names.join(", "));
    }
    if !call.within.is_empty() {
        let _ = write!(out, " in {}", call.within);
    }
    format!("{out} {}", lines(call.span))
}
