//! S3: A gave a value another type, and B begins to call on it what that type has not.

use std::collections::BTreeSet;

use super::added::AddedCall;
use super::names::last;
use super::resolve::{declared_type, for_each_type, has_unknown, is_subtype};
use super::view::View;
use super::{Changed, Finding, Rule, Tier, Version};
use crate::facts::{Language, Receiver};

/// What every Java value has.
const OF_ALL: [&str; 9] =
    ["equals", "hashCode", "toString", "getClass", "notify", "notifyAll", "wait", "clone", "finalize"];
/// How names begin that a generator (Lombok and its like) may write into a class.
const GIVEN: [&str; 7] = ["get", "set", "is", "with", "builder", "toBuilder", "canEqual"];

/// Finds calls that B adds on a value to which A gave a type of this tree that has no such member.
///
/// Java only: elsewhere a value need not say its type, or members are added from outside.
pub fn find(view: &View<'_>, found: &mut Vec<Finding>) {
    for file in view.b_files().filter(|file| file.language == Language::Java && file.is_changed_on(view.a)) {
        let Some(merged) = file.at(Version::Merged) else { continue };
        let names: BTreeSet<&str> = merged.calls.iter().map(|call| call.name.as_str()).collect();
        for name in names.into_iter().filter(|name| !may_be_given(name)) {
            for added in view.added_calls(name).iter().filter(|added| added.file.path == file.path) {
                found.extend(look(view, file, added));
            }
        }
    }
}

fn may_be_given(name: &str) -> bool {
    let is_given = |start: &&str| {
        let rest = name.strip_prefix(*start);
        rest.and_then(|rest| rest.chars().next()).is_some_and(char::is_uppercase)
    };
    OF_ALL.contains(&name) || GIVEN.iter().any(is_given) || name.ends_with("uilder")
}

fn look(view: &View<'_>, file: &Changed, added: &AddedCall<'_>) -> Option<Finding> {
    let Receiver::Name(receiver) = &added.call.receiver else { return None };
    let receiver = receiver.strip_prefix("this.").unwrap_or(receiver);
    let (merged, on_b) = (file.at(Version::Merged)?, file.at(view.b)?);
    let in_b = on_b.calls.iter().find(|call| {
        call.span.line == added.line && call.name == added.call.name && call.receiver == added.call.receiver
    })?;
    let (now, before) = (declared_type(merged, added.call, receiver)?, declared_type(on_b, in_b, receiver)?);
    let (now, before) = (last(&now).to_owned(), last(&before).to_owned());
    let family = file.family();
    if now == before || has_unknown(view, &now, family) || is_subtype(view, &now, &before, family) {
        return None;
    }
    let mut types = Vec::new();
    for_each_type(view, Version::Merged, &now, family, &mut |path, one| {
        types.push((path.to_owned(), one.name_line));
    });
    let [(path, _)] = types.as_slice() else { return None };
    let naming = view.naming(Version::Merged, &added.call.name);
    let has_it = naming.is_cut
        || naming.files.iter().filter(|found| found.family == family).any(|found| {
            found.facts.definitions.iter().filter(|one| one.name == added.call.name).any(|one| {
                let container = last(&one.container);
                container == now || is_subtype(view, &now, container, family)
            })
        });
    if has_it {
        return None;
    }
    let declared = merged
        .declared
        .iter()
        .find(|one| one.name == receiver && one.type_name.as_deref().map(last) == Some(&now))?;
    let line = file.at(view.a)?.declared.iter().find(|one| one == &declared).map_or(1, |one| one.scope.line);
    let message = format!(
        "`{receiver}` is now a `{now}` instead of a `{before}` ({}:{line}), but {}:{} begins to call `{}` on it, which \
         `{now}` ({path}) has not: call what replaces it.",
        file.path, file.path, added.line, added.call.name
    );
    let place = view.on_a(&file.path, line);
    let on_b = view.on_b(&file.path, added.line);
    Some(view.finding(Rule::S3, Tier::High, &added.call.name, place, on_b, message))
}
