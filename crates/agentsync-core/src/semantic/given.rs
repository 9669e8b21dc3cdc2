//! S3: A changed the type of what a function gives, and B begins to call on it what that type has not.

use super::added::AddedCall;
use super::arity::only_successor;
use super::infer::bound;
use super::names::last;
use super::receiver::lacks;
use super::resolve::{Means, means, n_types};
use super::view::{View, declares};
use super::written::{held_in, plain_type};
use super::{Changed, Finding, Rule, Tier, Version};
use crate::facts::{Call, DefKind, Definition, Facts, Receiver};

/// What types that only hold a value have themselves, where the tree does not define them.
const OF_HOLDERS: [(&str, &[&str]); 2] = [
    (
        "Optional",
        &[
            "equals",
            "filter",
            "flatMap",
            "get",
            "hashCode",
            "ifPresent",
            "ifPresentOrElse",
            "isEmpty",
            "isPresent",
            "map",
            "or",
            "orElse",
            "orElseGet",
            "orElseThrow",
            "stream",
            "toString",
        ],
    ),
    ("Promise", &["catch", "finally", "then"]),
];

/// Finds calls that B adds on what a function gives, whose type A changed.
pub fn find(view: &View<'_>, found: &mut Vec<Finding>) {
    for file in view.a_files() {
        let (Some(base), Some(now)) = (file.at(Version::Base), file.at(view.a)) else { continue };
        let is_function = |one: &&Definition| {
            matches!(one.kind, DefKind::Function | DefKind::Method) && !one.modifiers.is_local
        };
        for old in base.definitions.iter().filter(is_function) {
            if old.result.is_none() || view.added_calls(&old.name).is_empty() {
                continue;
            }
            if let Some(new) = only_successor(base, now, old).filter(|new| new.result != old.result) {
                look(view, file, old, new, found);
            }
        }
    }
}

fn look(view: &View<'_>, file: &Changed, old: &Definition, new: &Definition, found: &mut Vec<Finding>) {
    let (Some(before), Some(given)) = (&old.result, &new.result) else { return };
    for added in view.added_calls(&old.name).iter().filter(|one| one.file.family() == file.family()) {
        let (Some(merged), Some(value)) = (added.file.at(Version::Merged), value_of(added.call)) else {
            continue;
        };
        let Some(on_it) = merged.calls.iter().find(|call| {
            is_on(merged, call, added.call, &value)
                && is_added(view, added, call)
                && !has(view, added, before, given, &call.name)
        }) else {
            continue;
        };
        match means(view, added, old) {
            Means::Surely => {}
            Means::Maybe if old.kind == DefKind::Function && is_alone(view, file, &old.name) => {}
            Means::Maybe | Means::No => continue,
        }
        let message = format!(
            "`{}` now gives `{given}` instead of `{before}` ({}:{}), but {}:{} begins to call `{}` on what it gives: \
             follow the change there.",
            old.name, file.path, new.name_line, added.file.path, added.line, on_it.name
        );
        let (on_a, on_b) = (view.on_a(&file.path, new.name_line), view.on_b(&added.file.path, added.line));
        found.push(view.finding(Rule::S3, Tier::High, &old.name, on_a, on_b, message));
    }
}

/// Tells whether nothing else in the tree has a function's name, nor a variable.
fn is_alone(view: &View<'_>, file: &Changed, name: &str) -> bool {
    let naming = view.naming(Version::Merged, name);
    let of_family = || naming.files.iter().filter(|found| found.family == file.family());
    let definitions = of_family().flat_map(|found| &found.facts.definitions);
    let is_declared = of_family().any(|found| declares(&found.facts, name));
    !naming.is_cut && !is_declared && definitions.filter(|one| one.name == name).count() == 1
}

/// Returns how the value that a call gives is written in facts.
fn value_of(call: &Call) -> Option<String> {
    match &call.receiver {
        Receiver::None => Some(format!("{}()", call.name)),
        Receiver::Name(on) | Receiver::Value(on) => Some(format!("{on}.{}()", call.name)),
        Receiver::New | Receiver::Other => None,
    }
}

/// Tells whether a call is made on the `value` that another gives, at once or by the variable that holds it.
fn is_on(merged: &Facts, call: &Call, given_by: &Call, value: &str) -> bool {
    // Of a path a call tells the last part alone (Rust).
    let is_given =
        |on: &str| on.strip_suffix(value).is_some_and(|before| before.is_empty() || before.ends_with('.'));
    match &call.receiver {
        Receiver::Value(on) => call.span.start == given_by.span.start && is_given(on),
        Receiver::Name(name) => {
            let held = bound(merged, call.span.start, name).filter(|held| held.type_name.is_none());
            let is_here = call.within == given_by.within;
            is_here && held.and_then(|held| held.value.as_deref()).is_some_and(is_given)
        }
        Receiver::None | Receiver::New | Receiver::Other => false,
    }
}

fn is_added(view: &View<'_>, beside: &AddedCall<'_>, call: &Call) -> bool {
    let calls = view.added_calls(&call.name).iter();
    calls.into_iter().any(|one| one.file.path == beside.file.path && one.call.span == call.span)
}

/// Tells whether what is given now may have a member: all that is not surely without it has.
fn has(view: &View<'_>, added: &AddedCall<'_>, before: &str, given: &str, member: &str) -> bool {
    let family = added.file.family();
    let name = last(given.split('<').next().unwrap_or(given).trim());
    let holder = OF_HOLDERS.iter().find(|(holder, _)| *holder == name);
    if let Some((_, own)) = holder.filter(|_| n_types(view, name, family) == 0) {
        // What was given before is in it now.
        return own.contains(&member) || held_in(given, family).as_deref() != Some(before);
    }
    let (Some(was), Some(is)) = (plain_type(before), plain_type(given)) else { return true };
    was == is || !lacks(view, added.file, is, member)
}
