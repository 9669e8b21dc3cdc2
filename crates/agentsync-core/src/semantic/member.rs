//! S3: a member of a known type is gone while its name lives elsewhere, and B begins to use it.

use super::added::AddedCall;
use super::import::has_dynamic_names;
use super::names::last;
use super::resolve::{Means, for_each_type, is_subtype, means, n_types, supertypes};
use super::view::{View, defines};
use super::{Changed, Family, Finding, Rule, Tier, Version};
use crate::facts::{DefKind, Definition, Facts, Import, Language, Receiver};

/// Traits of Rust's own library that nearly every type has, often by an attribute.
const PLAIN_TRAITS: [&str; 14] = [
    "Clone",
    "Copy",
    "Debug",
    "Default",
    "Display",
    "Drop",
    "Eq",
    "From",
    "Hash",
    "Ord",
    "PartialEq",
    "PartialOrd",
    "Send",
    "Sync",
];
/// What they bring.
const THEIR_MEMBERS: [&str; 19] = [
    "clamp",
    "clone",
    "clone_from",
    "cmp",
    "default",
    "drop",
    "eq",
    "fmt",
    "from",
    "ge",
    "gt",
    "hash",
    "le",
    "lt",
    "max",
    "min",
    "ne",
    "partial_cmp",
    "to_string",
];

/// Finds members that A took from a type, and what B begins to call or read on values of that type.
pub fn find(view: &View<'_>, found: &mut Vec<Finding>) {
    for file in view.a_files() {
        let Some(base) = file.at(Version::Base) else { continue };
        let now = file.at(view.a);
        let is_used = |one: &&Definition| {
            is_member(one)
                && !(view.added_calls(&one.name).is_empty() && view.added_reads(&one.name).is_empty())
        };
        for old in base.definitions.iter().filter(is_used) {
            let is_kept = now.is_some_and(|facts| {
                facts.definitions.iter().any(|one| one.name == old.name && one.container == old.container)
            });
            if is_kept {
                continue;
            }
            // Where no one has the name any more, S1 has said so.
            if now.is_none_or(|facts| !defines(facts, &old.name)) && !is_left(view, old, file.family()) {
                continue;
            }
            look(view, file, old, found);
        }
    }
}

fn is_member(one: &Definition) -> bool {
    matches!(one.kind, DefKind::Method | DefKind::Field | DefKind::Variant)
        && !one.container.is_empty()
        && !one.modifiers.is_local
        && one.of_trait.is_none()
}

/// Tells whether Kotlin, which calls `getName` where `name` is read, may go on reading a member.
fn is_got(facts: &Facts, old: &Definition) -> bool {
    let gets = |one: &Definition| {
        let rest = ["get", "is"].into_iter().find_map(|begins| one.name.strip_prefix(begins));
        let mut rest = rest.unwrap_or_default().chars();
        let first = rest.next().filter(|first| first.is_uppercase());
        first.is_some_and(|first| first.to_lowercase().chain(rest).eq(old.name.chars()))
    };
    facts.definitions.iter().any(|one| one.container == old.container && gets(one))
}

fn is_left(view: &View<'_>, old: &Definition, family: Family) -> bool {
    view.extinct(view.a, &old.name, family).is_none()
}

fn look(view: &View<'_>, file: &Changed, old: &Definition, found: &mut Vec<Finding>) {
    let holder = last(&old.container);
    let family = file.family();
    let reads = view.added_reads(&old.name).iter().map(|added| (added, "read it"));
    let calls = view.added_calls(&old.name).iter().map(|added| (added, "call it"));
    let is_meant = |(added, _): &(&AddedCall<'_>, &str)| {
        let is_known = match &added.call.receiver {
            Receiver::Name(name) => name != "super",
            Receiver::None => !is_own(view, added, old, family),
            Receiver::Value(_) => true,
            Receiver::New | Receiver::Other => false,
        };
        let is_got =
            || added.file.language == Language::Kotlin && file.at(view.a).is_some_and(|now| is_got(now, old));
        added.file.family() == family && is_known && means(view, added, old) == Means::Surely && !is_got()
    };
    let mut meant = calls.chain(reads).filter(is_meant).peekable();
    if meant.peek().is_none() || may_have(view, holder, old, family) {
        return;
    }
    for (added, use_it) in meant {
        // What belongs to the type itself and is called on its name comes from nowhere else.
        let on_type = old.modifiers.is_static && added.call.receiver == Receiver::Name(holder.to_owned());
        let is_sure = on_type || !has_unknown_supertypes(view, holder, family, &old.name);
        // Objects of this language are given members anywhere.
        let is_loose = old.kind == DefKind::Field && added.file.language == Language::JavaScript;
        let tier = if is_sure && !is_loose { Tier::High } else { Tier::Medium };
        let message = format!(
            "`{holder}` no longer has `{}` ({}), but {}:{} begins to {use_it} on a `{holder}`: use what replaces it.",
            old.name, file.path, added.file.path, added.line
        );
        let place = View::before(&file.path, old.name_line);
        found.push(view.finding(
            Rule::S3,
            tier,
            &old.name,
            place,
            view.on_b(&added.file.path, added.line),
            message,
        ));
    }
}

/// Tells whether a call without a receiver finds the member in the file, an import, or a type around it.
fn is_own(view: &View<'_>, added: &AddedCall<'_>, old: &Definition, family: Family) -> bool {
    let Some(facts) = added.file.at(Version::Merged) else { return true };
    let is_star = |import: &Import| import.name.as_deref() == Some("*");
    let binds = |import: &Import| import.bound.as_deref() == Some(&old.name);
    let around: Vec<&str> = added.call.within.split('.').filter(|part| !part.is_empty()).collect();
    let has_unknown = around.iter().any(|part| {
        // The innermost part is the method itself.
        n_types(view, part, family) > 0 && has_unknown_supertypes(view, part, family, &old.name)
    });
    let is_static_star = |import: &Import| {
        is_star(import) && last(&import.module).chars().next().is_some_and(char::is_uppercase)
    };
    let in_type_around = view.naming(Version::Merged, &old.name).files.iter().any(|found| {
        found.facts.definitions.iter().filter(|one| one.name == old.name).any(|one| {
            let holder = last(&one.container);
            around.iter().any(|part| *part == holder || is_subtype(view, part, holder, family))
        })
    });
    defines(facts, &old.name)
        || facts.imports.iter().any(|import| binds(import) || is_static_star(import))
        || has_unknown
        || in_type_around
}

/// Tells whether values of what was the type may still have a member.
fn may_have(view: &View<'_>, holder: &str, old: &Definition, family: Family) -> bool {
    let mut n_types = 0;
    for_each_type(view, Version::Base, holder, family, &mut |_, _| n_types += 1);
    n_types != 1 || is_inherited(view, old, family) || may_have_any(view, holder, old, family)
}

/// Tells whether values of a type have members that are written nowhere, or another value's.
fn may_have_any(view: &View<'_>, holder: &str, old: &Definition, family: Family) -> bool {
    let is_field = old.kind == DefKind::Field;
    let mut kinds = Vec::new();
    for_each_type(view, Version::Merged, holder, family, &mut |_, one| kinds.push(one.kind));
    // What another name stands for, or is put together by a call, has members that are not seen here.
    if kinds.contains(&DefKind::Alias) || (kinds.is_empty() && is_field) {
        return true;
    }
    match family {
        Family::One(Language::Python) if is_field => {
            let types = view.trees.types(Version::Merged, holder);
            types.files.iter().any(|found| defines(&found.facts, holder) && has_dynamic_names(&found.facts))
        }
        Family::One(Language::Rust) => {
            let derefs = view.naming(Version::Merged, "Deref");
            derefs.files.iter().flat_map(|found| &found.facts.definitions).any(|one| {
                one.kind == DefKind::Implementation
                    && one.name == holder
                    && one.of_trait.as_deref().map(last) == Some("Deref")
            })
        }
        _ => false,
    }
}

/// Tells whether the type still has the member, from itself or from what it extends.
fn is_inherited(view: &View<'_>, old: &Definition, family: Family) -> bool {
    let holder = last(&old.container);
    let naming = view.naming(Version::Merged, &old.name);
    naming.is_cut
        || naming.files.iter().filter(|found| found.family == family).any(|found| {
            found.facts.definitions.iter().filter(|one| one.name == old.name).any(|one| {
                let container = last(&one.container);
                container == holder
                    || is_subtype(view, holder, container, family)
                    || is_subtype(view, container, holder, family)
            })
        })
}

/// Tells whether a type may have a member from a type that is not in this tree, which it extends itself or by another.
fn has_unknown_supertypes(view: &View<'_>, name: &str, family: Family, member: &str) -> bool {
    let is_unknown = |one: &str| n_types(view, one, family) == 0 && !is_plain_trait(family, one, member);
    supertypes(view, name, family)
        .iter()
        .any(|one| is_unknown(one) || supertypes(view, one, family).iter().any(|above| is_unknown(above)))
}

/// Tells whether a trait of Rust's own library is known not to bring a member.
fn is_plain_trait(family: Family, name: &str, member: &str) -> bool {
    family == Family::One(Language::Rust) && PLAIN_TRAITS.contains(&name) && !THEIR_MEMBERS.contains(&member)
}
