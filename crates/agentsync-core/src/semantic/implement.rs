//! S7: A requires a member, and a type that B adds does not know.

use std::collections::BTreeSet;

use super::names::last;
use super::resolve::{for_each_type, is_plain_interface, is_subtype, n_types, supertypes};
use super::view::View;
use super::{Changed, Family, Finding, Rule, Tier, Version};
use crate::facts::{DefKind, Definition, Facts, Language};

/// Finds types that B adds or changes and that lack what A requires.
pub fn find(view: &View<'_>, found: &mut Vec<Finding>) {
    for file in view.a_files() {
        let (Some(base), Some(now)) = (file.at(Version::Base), file.at(view.a)) else { continue };
        for of in now.definitions.iter().filter(|one| is_open(one)) {
            for member in required(base, now, of) {
                implementors(view, file, of, member, found);
                lambdas(view, file, now, of, member, found);
            }
        }
    }
}

fn is_open(one: &Definition) -> bool {
    one.kind == DefKind::Interface || (one.kind == DefKind::Class && one.modifiers.is_abstract)
}

/// Returns the members without a body that a type has now and had not, or had with other parameters.
fn required<'a>(base: &Facts, now: &'a Facts, of: &Definition) -> Vec<&'a Definition> {
    let is_old_type = base.definitions.iter().any(|one| one.name == of.name && one.container == of.container);
    let holder = path_of(of);
    let is_in = |one: &Definition| {
        one.container == holder && matches!(one.kind, DefKind::Method | DefKind::Field | DefKind::Alias)
    };
    let was = |member: &Definition| {
        base.definitions
            .iter()
            .any(|one| is_in(one) && one.name == member.name && one.params == member.params && asks(one))
    };
    let new = now.definitions.iter().filter(|one| is_in(one) && asks(one) && !was(one));
    if is_old_type { new.collect() } else { Vec::new() }
}

/// Tells whether a member has no body, so that who implements the type must have it.
fn asks(one: &Definition) -> bool {
    one.modifiers.is_abstract && !one.modifiers.has_default
}

pub(super) fn path_of(one: &Definition) -> String {
    match one.container.as_str() {
        "" => one.name.clone(),
        container => format!("{container}.{}", one.name),
    }
}

/// Finds types of B that say they implement `of` and have no such member.
fn implementors(
    view: &View<'_>,
    file: &Changed,
    of: &Definition,
    member: &Definition,
    found: &mut Vec<Finding>,
) {
    let family = file.family();
    for other in view.b_files().filter(|other| other.family() == family) {
        let Some(merged) = other.at(Version::Merged) else { continue };
        for one in merged.definitions.iter().filter(|one| is_maker(merged, one)) {
            let names_it = |one: &Definition| {
                one.supertypes.iter().any(|above| last(above) == of.name)
                    || one.of_trait.as_deref().map(last) == Some(&of.name)
            };
            let is_below = names_it(one)
                || one.supertypes.iter().any(|above| is_subtype(view, last(above), &of.name, family));
            if !is_below
                || !is_new(view, other, one)
                || is_given(view, one, of, family)
                || has_member(view, merged, one, member, family)
            {
                continue;
            }
            let tier = match one.of_trait.as_deref() {
                Some(written) => sure_of_trait(view, merged, written, family),
                None => Some(how_sure(view, one, of, family)),
            };
            let Some(tier) = tier else { continue };
            found.push(tell(view, tier, (file, of, member), (other, &one.name, one.name_line)));
        }
        for one in merged.anonymous.iter().filter(|one| last(&one.of) == of.name && !one.members.is_empty()) {
            let same = |facts: Option<&Facts>| {
                facts.is_some_and(|facts| {
                    facts.anonymous.iter().filter(|known| known.of == one.of).count()
                        >= merged.anonymous.iter().filter(|known| known.of == one.of).count()
                })
            };
            if same(other.at(view.a)) || has_one(&one.members, &member.name) {
                continue;
            }
            found.push(tell(view, Tier::High, (file, of, member), (other, &one.of, one.span.line)));
        }
    }
}

fn has_one(members: &[String], name: &str) -> bool {
    members.iter().any(|one| one == name)
}

/// Tells whether values of the type are made: it is not abstract, by its own word or by what it leaves open.
fn is_maker(facts: &Facts, one: &Definition) -> bool {
    if one.kind == DefKind::Implementation {
        return true;
    }
    let is_made = matches!(one.kind, DefKind::Class | DefKind::Enum) && !one.modifiers.is_abstract;
    is_made && {
        let holder = path_of(one);
        !facts
            .definitions
            .iter()
            .any(|member| member.container == holder && asks(member) && !member.modifiers.is_conditional)
    }
}

/// Tells whether B made it an implementor: A's version has no such type, or one without these supertypes.
fn is_new(view: &View<'_>, file: &Changed, one: &Definition) -> bool {
    let Some(before) = file.at(view.a) else { return true };
    !before.definitions.iter().any(|known| {
        known.name == one.name && known.container == one.container && known.supertypes == one.supertypes
    })
}

/// Tells whether another object, a macro or a generator may give a type what another one requires.
fn is_given(view: &View<'_>, one: &Definition, of: &Definition, family: Family) -> bool {
    one.given.iter().any(|given| last(given) == of.name || is_subtype(view, last(given), &of.name, family))
}

/// Tells whether a type has a member, its own or one that it inherits.
fn has_member(view: &View<'_>, facts: &Facts, one: &Definition, member: &Definition, family: Family) -> bool {
    let holder = path_of(one);
    let fits = |known: &Definition| known.name == member.name && is_same_arity(known, member);
    let in_it = |known: &Definition| known.container == holder && fits(known);
    if one.kind == DefKind::Implementation {
        // It has to state all itself; what the type has besides does not count.
        return facts.definitions.iter().any(|known| in_it(known) && known.of_trait == one.of_trait);
    }
    if facts.definitions.iter().any(in_it) {
        return true;
    }
    let naming = view.naming(Version::Merged, &member.name);
    naming.is_cut
        || naming.files.iter().filter(|found| found.family == family).any(|found| {
            found.facts.definitions.iter().any(|known| {
                let above = last(&known.container);
                !known.modifiers.is_abstract
                    && fits(known)
                    && (above == one.name || is_subtype(view, &one.name, above, family))
            })
        })
}

pub(super) fn is_same_arity(one: &Definition, other: &Definition) -> bool {
    match (&one.params, &other.params) {
        (Some(one), Some(other)) => one.min == other.min && one.max == other.max,
        _ => true,
    }
}

/// Judges whether an `impl` means this tree's trait: none that the standard library has, and the only one so called.
pub(super) fn sure_of_trait(view: &View<'_>, facts: &Facts, written: &str, family: Family) -> Option<Tier> {
    let name = last(written);
    let import = facts.imports.iter().find(|import| import.bound.as_deref() == Some(name));
    let path = import.filter(|_| !written.contains("::")).map_or(written, |import| &*import.module);
    let root = path.split("::").next().unwrap_or_default();
    if matches!(root, "std" | "core" | "alloc") {
        return None;
    }
    Some(if n_types(view, name, family) == 1 { Tier::High } else { Tier::Medium })
}

/// Judges by what else it extends: a type that nobody here knows may have the member.
fn how_sure(view: &View<'_>, one: &Definition, of: &Definition, family: Family) -> Tier {
    let mut todo: Vec<String> = one.supertypes.iter().map(|above| last(above).to_owned()).collect();
    let mut seen = BTreeSet::new();
    while let Some(name) = todo.pop() {
        if name == of.name || !seen.insert(name.clone()) {
            continue;
        }
        let mut is_interface = false;
        let mut n_types = 0;
        for_each_type(view, Version::Merged, &name, family, &mut |_, definition| {
            n_types += 1;
            is_interface |= definition.kind == DefKind::Interface;
        });
        if n_types == 0 && !is_interface && seen.len() < 32 && !is_plain_interface(&name) {
            return Tier::Medium;
        }
        todo.extend(supertypes(view, &name, family));
    }
    Tier::High
}

/// Finds lambdas of B for an interface that now asks for two members.
fn lambdas(
    view: &View<'_>,
    file: &Changed,
    now: &Facts,
    of: &Definition,
    member: &Definition,
    found: &mut Vec<Finding>,
) {
    let holder = path_of(of);
    let n_asked = now.definitions.iter().filter(|one| one.container == holder && asks(one));
    if n_asked.count() < 2 || of.kind != DefKind::Interface || file.language != Language::Java {
        return;
    }
    for other in view.b_files().filter(|other| other.family() == file.family()) {
        let n_of = |facts: Option<&Facts>| {
            facts.map_or(0, |facts| {
                facts
                    .anonymous
                    .iter()
                    .filter(|one| one.members.is_empty() && last(&one.of) == of.name)
                    .count()
            })
        };
        let merged = other.at(Version::Merged);
        if n_of(merged) <= n_of(other.at(view.a)) {
            continue;
        }
        let one = merged.and_then(|facts| facts.anonymous.iter().find(|one| last(&one.of) == of.name));
        let line = one.map_or(1, |one| one.span.line);
        found.push(tell(view, Tier::High, (file, of, member), (other, &of.name, line)));
    }
}

fn tell(
    view: &View<'_>,
    tier: Tier,
    (file, of, member): (&Changed, &Definition, &Definition),
    (other, name, line): (&Changed, &str, u32),
) -> Finding {
    let message = format!(
        "`{}` now requires `{}` ({}:{}), but `{name}` in {}:{line} begins to implement it without: add `{}` there.",
        of.name, member.name, file.path, member.name_line, other.path, member.name
    );
    let place = view.on_a(&file.path, member.name_line);
    view.finding(Rule::S7, tier, &member.name, place, view.on_b(&other.path, line), message)
}
