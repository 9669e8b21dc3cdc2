//! S2c: A changed a type's fields, and B adds a value written with the fields as they were.

use super::names::last;
use super::resolve::n_types;
use super::view::View;
use super::{Changed, Finding, Rule, Tier, Version};
use crate::facts::{DefKind, Definition, Facts, Language, Receiver};

/// Finds literals that B adds with fields that A took away, or without those that A added.
pub fn find(view: &View<'_>, found: &mut Vec<Finding>) {
    for file in view.a_files().filter(|file| matches!(file.language, Language::Go | Language::Rust)) {
        let (Some(base), Some(now)) = (file.at(Version::Base), file.at(view.a)) else { continue };
        for of in now.definitions.iter().filter(|one| one.kind == DefKind::Class && !one.modifiers.is_local) {
            let was = fields(base, &of.name);
            let is = fields(now, &of.name);
            if !was.is_empty() && names(&was) != names(&is) {
                look(view, file, of, &was, &is, found);
            }
        }
    }
}

fn fields<'a>(facts: &'a Facts, of: &str) -> Vec<&'a Definition> {
    facts.definitions.iter().filter(|one| one.kind == DefKind::Field && one.container == of).collect()
}

fn names<'a>(fields: &[&'a Definition]) -> Vec<&'a str> {
    fields.iter().map(|one| one.name.as_str()).collect()
}

fn look(
    view: &View<'_>,
    file: &Changed,
    of: &Definition,
    was: &[&Definition],
    is: &[&Definition],
    found: &mut Vec<Finding>,
) {
    let (old, new) = (names(was), names(is));
    let n_types = n_types(view, &of.name, file.family());
    for added in view.added_calls(&of.name) {
        let call = added.call;
        if call.receiver != Receiver::New || call.names.is_empty() || added.file.language != file.language {
            continue;
        }
        if !call.names.iter().all(|name| old.contains(&name.as_str())) {
            continue;
        }
        let is_open = call.arity == crate::facts::Arity::Unknown;
        let gone = call.names.iter().find(|name| !new.contains(&name.as_str()));
        let is_rust = file.language == Language::Rust && !is_open && call.names.len() == old.len();
        let lacks = new.iter().find(|name| is_rust && !old.contains(name));
        let (name, message) = match (gone, lacks) {
            (Some(gone), _) => (
                gone.clone(),
                format!(
                    "`{}` no longer has the field `{gone}`, but {}:{} begins to set it: leave it out or use what \
                         replaces it.",
                    of.name, added.file.path, added.line
                ),
            ),
            (None, Some(lacks)) => (
                (*lacks).to_owned(),
                format!(
                    "`{}` now has the field `{lacks}`, but {}:{} makes one without it: set `{lacks}` there.",
                    of.name, added.file.path, added.line
                ),
            ),
            (None, None) => continue,
        };
        let line = is.iter().find(|one| one.name == name).map_or(of.name_line, |one| one.name_line);
        let tier = if n_types == 1 { Tier::High } else { Tier::Medium };
        let place = view.on_a(&file.path, line);
        found.push(view.finding(
            Rule::S2,
            tier,
            last(&name),
            place,
            view.on_b(&added.file.path, added.line),
            message,
        ));
    }
}
