//! S3: A gave a value another type, or a type less to extend, and B begins to call what is not there any more.

use std::collections::{BTreeMap, BTreeSet};

use super::added::AddedCall;
use super::names::last;
use super::resolve::{declared_type, has_unknown, is_subtype, is_type, n_types};
use super::view::View;
use super::{Changed, Finding, Place, Rule, Tier, Version};
use crate::facts::{Declared, Definition, Language, Receiver};

/// What every Java value has.
const OF_ALL: [&str; 9] =
    ["equals", "hashCode", "toString", "getClass", "notify", "notifyAll", "wait", "clone", "finalize"];
/// How names begin that a generator (Lombok and its like) may write into a class.
const GIVEN: [&str; 7] = ["get", "set", "is", "with", "builder", "toBuilder", "canEqual"];

/// Finds calls that B adds on a value whose type, which A gave it or changed, has no such member.
///
/// Java only: elsewhere a value need not say its type, or members are added from outside.
pub fn find(view: &View<'_>, found: &mut Vec<Finding>) {
    let shrunk = shrunk(view);
    let is_touched = |file: &&Changed| file.is_changed_on(view.a) || !shrunk.is_empty();
    let in_java = view.b_files().filter(|file| file.language == Language::Java);
    for file in in_java.filter(is_touched) {
        let Some(merged) = file.at(Version::Merged) else { continue };
        let names: BTreeSet<&str> = merged.calls.iter().map(|call| call.name.as_str()).collect();
        for name in names.into_iter().filter(|name| !may_be_given(name)) {
            for added in view.added_calls(name).iter().filter(|added| added.file.path == file.path) {
                found.extend(look(view, &shrunk, file, added));
            }
        }
    }
}

/// A type that A made extend less: its name, what it extended, and where it stands.
type Shrunk<'a> = BTreeMap<&'a str, (&'a str, Place)>;

fn shrunk<'a>(view: &View<'a>) -> Shrunk<'a> {
    let mut shrunk = Shrunk::new();
    for file in view.a_files().filter(|file| file.language == Language::Java) {
        let (Some(base), Some(now)) = (file.at(Version::Base), file.at(view.a)) else { continue };
        for new in now.definitions.iter().filter(|one| is_type(one.kind)) {
            let is_it = |one: &&Definition| one.name == new.name && one.container == new.container;
            let lost = base
                .definitions
                .iter()
                .find(is_it)
                .and_then(|old| old.supertypes.iter().find(|above| !new.supertypes.contains(above)));
            if let Some(lost) = lost {
                shrunk.insert(&new.name, (lost, view.on_a(&file.path, new.name_line)));
            }
        }
    }
    shrunk
}

fn may_be_given(name: &str) -> bool {
    let is_given = |start: &&str| {
        let rest = name.strip_prefix(*start);
        rest.and_then(|rest| rest.chars().next()).is_some_and(char::is_uppercase)
    };
    OF_ALL.contains(&name) || GIVEN.iter().any(is_given) || name.ends_with("uilder")
}

fn look(view: &View<'_>, shrunk: &Shrunk<'_>, file: &Changed, added: &AddedCall<'_>) -> Option<Finding> {
    let Receiver::Name(receiver) = &added.call.receiver else { return None };
    let receiver = receiver.strip_prefix("this.").unwrap_or(receiver);
    let (merged, in_b) = (file.at(Version::Merged)?, file.at(view.b)?);
    let call = &added.call.name;
    let as_written = in_b.calls.iter().find(|one| {
        one.span.line == added.line && one.name == *call && one.receiver == added.call.receiver
    })?;
    let now = declared_type(merged, added.call, receiver)?;
    let before = declared_type(in_b, as_written, receiver)?;
    let (now, before) = (last(&now), last(&before));
    let (place, change) = if now == before {
        let (lost, place) = shrunk.get(now)?;
        (place.clone(), format!("`{now}` no longer extends `{lost}` ({}:{})", place.path, place.line))
    } else {
        let is_it = |one: &&Declared| one.name == receiver && one.type_name.as_deref().map(last) == Some(now);
        let line = file.at(view.a)?.declared.iter().find(is_it)?.scope.line;
        let change = format!("`{receiver}` is now a `{now}` instead of a `{before}` ({}:{line})", file.path);
        (view.on_a(&file.path, line), change)
    };
    // Only now is the tree searched: hardly a call comes so far.
    if (now != before && is_subtype(view, now, before, file.family())) || !lacks(view, file, now, call) {
        return None;
    }
    let message = format!(
        "{change}, but {}:{} begins to call `{call}` on it, which a `{now}` has not: call what replaces it.",
        file.path, added.line
    );
    let on_b = view.on_b(&file.path, added.line);
    Some(view.finding(Rule::S3, Tier::High, call, place, on_b, message))
}

/// Tells whether a type, the only one so called, and all that it extends are in this tree and have no such member.
pub fn lacks(view: &View<'_>, file: &Changed, of: &str, member: &str) -> bool {
    let family = file.family();
    let naming = view.naming(Version::Merged, member);
    let has_it = |one: &Definition| {
        let container = last(&one.container);
        one.name == member && (container == of || is_subtype(view, of, container, family))
    };
    let is_there = naming.is_cut
        || naming
            .files
            .iter()
            .filter(|found| found.family == family)
            .any(|found| found.facts.definitions.iter().any(has_it));
    let is_known = n_types(view, of, family) == 1 && !has_unknown(view, of, family);
    is_known && !is_there
}
