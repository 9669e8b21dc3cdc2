//! S10: A changed how a definition may be used, and B begins to use it as before.

use super::arity::only_successor;
use super::names::{is_ubiquitous, last};
use super::resolve::{Means, is_subtype, means, n_types};
use super::view::View;
use super::{Changed, Family, Finding, Rule, Tier, Version};
use crate::facts::{Call, Definition, Modifiers, Receiver};

/// Finds functions that became static, async, private or fallible, or types that became final, and new uses of them.
pub fn find(view: &View<'_>, found: &mut Vec<Finding>) {
    for file in view.a_files() {
        let (Some(base), Some(now)) = (file.at(Version::Base), file.at(view.a)) else { continue };
        for old in base.definitions.iter().filter(|one| !one.modifiers.is_local && !is_ubiquitous(&one.name))
        {
            let Some(new) = only_successor(base, now, old) else { continue };
            if let Some(word) = became(old.modifiers, new.modifiers) {
                calls(view, file, old, new, word, found);
            }
            if new.modifiers.is_final && !old.modifiers.is_final {
                heirs(view, file, old, new, found);
            }
        }
    }
}

fn became(old: Modifiers, new: Modifiers) -> Option<&'static str> {
    match () {
        () if new.is_private && !old.is_private => Some("private"),
        () if new.is_async && !old.is_async => Some("async"),
        () if !new.is_async && old.is_async => Some("no longer async"),
        () if new.is_fallible && !old.is_fallible => Some("fallible"),
        () if !new.is_static && old.is_static => Some("no longer static"),
        () => None,
    }
}

fn calls(
    view: &View<'_>,
    file: &Changed,
    old: &Definition,
    new: &Definition,
    word: &str,
    found: &mut Vec<Finding>,
) {
    for added in view.added_calls(&old.name).iter().filter(|added| added.file.family() == file.family()) {
        let is_inside = added.file.path == file.path && word == "private";
        let means = means(view, added, old);
        if is_inside || means == Means::No {
            continue;
        }
        let tier = match means {
            Means::Surely if refuses(view, file, old, word, added.call) => Tier::High,
            Means::Surely => Tier::Medium,
            Means::No | Means::Maybe => Tier::Info,
        };
        let message = format!(
            "`{}` is now {word} ({}:{}), but {}:{} begins to call it as before: follow the change there.",
            old.name, file.path, new.name_line, added.file.path, added.line
        );
        let place = view.on_a(&file.path, new.name_line);
        found.push(view.finding(
            Rule::S10,
            tier,
            &old.name,
            place,
            view.on_b(&added.file.path, added.line),
            message,
        ));
    }
}

/// Tells whether the compiler refuses the call for sure: these languages check it, and the type is the only one so called.
fn refuses(view: &View<'_>, file: &Changed, old: &Definition, word: &str, call: &Call) -> bool {
    let holder = last(&old.container);
    file.family() == Family::Jvm
        && n_types(view, holder, Family::Jvm) == 1
        && match word {
            "private" => true,
            "no longer static" => call.receiver == Receiver::Name(holder.to_owned()),
            _ => false,
        }
}

fn heirs(view: &View<'_>, file: &Changed, old: &Definition, new: &Definition, found: &mut Vec<Finding>) {
    for other in view.b_files().filter(|other| other.family() == file.family()) {
        let Some(merged) = other.at(Version::Merged) else { continue };
        let extends = |one: &&Definition| one.supertypes.iter().any(|above| last(above) == old.name);
        for one in merged.definitions.iter().filter(extends) {
            let is_known = other.at(view.a).is_some_and(|before| {
                before
                    .definitions
                    .iter()
                    .any(|known| known.name == one.name && known.supertypes == one.supertypes)
            });
            if is_known || !is_subtype(view, &one.name, &old.name, file.family()) {
                continue;
            }
            let is_sure = file.family() == Family::Jvm && n_types(view, &old.name, Family::Jvm) == 1;
            let tier = if is_sure { Tier::High } else { Tier::Medium };
            let message = format!(
                "`{}` is now final ({}:{}), but `{}` in {}:{} begins to extend it: do without.",
                old.name, file.path, new.name_line, one.name, other.path, one.name_line
            );
            let place = view.on_a(&file.path, new.name_line);
            let on_b = view.on_b(&other.path, one.name_line);
            found.push(view.finding(Rule::S10, tier, &old.name, place, on_b, message));
        }
    }
}
