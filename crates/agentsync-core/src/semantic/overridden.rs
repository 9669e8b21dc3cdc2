//! S7, S10, S11: A took away or changed what B begins to override.

use super::arity::group;
use super::implement::{is_same_arity, path_of, sure_of_trait};
use super::names::last;
use super::resolve::{has_unknown, is_subtype, n_types};
use super::results::surely_differ;
use super::view::View;
use super::{Changed, Family, Finding, Place, Rule, Tier, Version};
use crate::facts::{DefKind, Definition, Facts};

/// Finds members that B begins to override and that A removed, closed, or gave another type.
pub fn find(view: &View<'_>, found: &mut Vec<Finding>) {
    for file in view.a_files() {
        let (Some(base), now) = (file.at(Version::Base), file.at(view.a)) else { continue };
        for old in
            base.definitions.iter().filter(|one| one.kind == DefKind::Method && !one.modifiers.is_local)
        {
            let same = |one: &&Definition| {
                one.name == old.name && one.container == old.container && is_same_arity(one, old)
            };
            match now.and_then(|now| now.definitions.iter().find(same)) {
                None => vanished(view, file, old, found),
                // What may be overridden and how is checked by these languages only.
                Some(new) if file.family() == Family::Jvm && is_used_otherwise(old, new) => {
                    let is_only = |facts: &Facts| group(facts, old).count() == 1;
                    if is_only(base) && now.is_some_and(is_only) {
                        closed(view, file, (old, new), found);
                        retyped(view, file, (old, new), found);
                    }
                }
                Some(_) => {}
            }
        }
    }
}

/// Tells whether a member may be used in another way, or gives something else.
fn is_used_otherwise(old: &Definition, new: &Definition) -> bool {
    old.modifiers != new.modifiers || old.result != new.result
}

/// A member that B begins to override.
struct Override<'a> {
    file: &'a Changed,
    member: &'a Definition,
    /// The type it stands in.
    own: &'a str,
}

/// Returns the members that B adds in types below the one that `old` is a member of.
fn overrides<'a>(view: &'a View<'_>, file: &Changed, old: &Definition) -> Vec<Override<'a>> {
    let family = file.family();
    let holder = last(&old.container);
    let mut found = Vec::new();
    for (other, member) in view.defined_in_b(&old.name) {
        let Some(merged) = other.at(Version::Merged).filter(|_| other.family() == family) else { continue };
        if member.container == old.container || !is_same_arity(member, old) {
            continue;
        }
        let is_alike = |known: &Definition| {
            known.name == member.name
                && known.container == member.container
                && known.modifiers.is_override == member.modifiers.is_override
        };
        let is_known = || other.at(view.a).is_some_and(|before| before.definitions.iter().any(is_alike));
        let own = owner(&member.container);
        let is_below = || match member.of_trait.as_deref() {
            Some(written) => {
                last(written) == holder && sure_of_trait(view, merged, written, family).is_some()
            }
            None => own == holder || is_subtype(view, own, holder, family),
        };
        if !is_known() && is_below() {
            found.push(Override { file: other, member, own });
        }
    }
    found
}

/// Finds members with `@Override` whose original is gone.
fn vanished(view: &View<'_>, file: &Changed, old: &Definition, found: &mut Vec<Finding>) {
    let family = file.family();
    for one in overrides(view, file, old) {
        if !one.member.modifiers.is_override || is_saved(view, one.member, one.own, family) {
            continue;
        }
        let tier = if has_unknown(view, one.own, family) { Tier::Medium } else { Tier::High };
        let change =
            format!("`{}` of `{}` ({}) is gone or takes other arguments", old.name, old.container, file.path);
        let place = View::before(&file.path, old.name_line);
        found.push(tell(view, (Rule::S7, tier), place, &one, (&change, "override it")));
    }
}

/// Finds overrides of what became static or final.
fn closed(view: &View<'_>, file: &Changed, (old, new): (&Definition, &Definition), found: &mut Vec<Finding>) {
    let word = match () {
        () if new.modifiers.is_static && !old.modifiers.is_static => "static",
        () if new.modifiers.is_final && !old.modifiers.is_final => "final",
        () => return,
    };
    let is_interface = |facts: &Facts| {
        let mut holders = facts.definitions.iter().filter(|one| path_of(one) == old.container);
        holders.any(|one| one.kind == DefKind::Interface)
    };
    // What is static in an interface is not inherited, so only a member that says it overrides misses it.
    let must_say = file.at(view.a).is_some_and(is_interface);
    for one in overrides(view, file, old) {
        let Some(tier) = how_sure(view, &one, (old, new), file.family()) else { continue };
        let hides = word == "static" && one.member.modifiers.is_static;
        if hides || (must_say && !one.member.modifiers.is_override) {
            continue;
        }
        let change =
            format!("`{}` of `{}` is now {word} ({}:{})", old.name, old.container, file.path, new.name_line);
        let place = view.on_a(&file.path, new.name_line);
        found.push(tell(view, (Rule::S10, tier), place, &one, (&change, "override it")));
    }
}

/// Finds overrides that give what the original no longer gives.
fn retyped(
    view: &View<'_>,
    file: &Changed,
    (old, new): (&Definition, &Definition),
    found: &mut Vec<Finding>,
) {
    let (Some(before), Some(now)) = (&old.result, &new.result) else { return };
    if before == now {
        return;
    }
    let as_it_was = |one: &Override<'_>| one.member.result.as_ref() == Some(before);
    for one in overrides(view, file, old).into_iter().filter(as_it_was) {
        let Some(tier) = how_sure(view, &one, (old, new), file.family()) else { continue };
        // What may still fit is the compiler's to say.
        let tier = if surely_differ(view, one.file, before, now) { tier } else { Tier::Info };
        let change = format!(
            "`{}` of `{}` now gives `{now}` instead of `{before}` ({}:{})",
            old.name, old.container, file.path, new.name_line
        );
        let place = view.on_a(&file.path, new.name_line);
        found.push(tell(view, (Rule::S11, tier), place, &one, (&change, "override it as it was")));
    }
}

/// Judges whether it overrides this member and no other of the name: `None` when it does not.
fn how_sure(
    view: &View<'_>,
    one: &Override<'_>,
    (old, new): (&Definition, &Definition),
    family: Family,
) -> Option<Tier> {
    let types = |one: &Definition| one.params.as_ref().map(|params| params.types_hash);
    let is_as_it_was = types(one.member) == types(old) && types(old) == types(new);
    let is_only = n_types(view, last(&old.container), family) == 1;
    match () {
        () if is_as_it_was && is_only && !one.member.modifiers.is_private => Some(Tier::High),
        () if one.member.modifiers.is_override => Some(Tier::Medium),
        () => None,
    }
}

/// Returns the type that a container stands for; for a type without a name, what it implements.
fn owner(container: &str) -> &str {
    let part = container.rsplit('.').next().unwrap_or(container);
    part.trim_start_matches('<').trim_end_matches('>')
}

/// Tells whether some other supertype still has the member.
fn is_saved(view: &View<'_>, one: &Definition, own: &str, family: Family) -> bool {
    let naming = view.naming(Version::Merged, &one.name);
    naming.is_cut
        || naming.files.iter().filter(|found| found.family == family).any(|found| {
            found.facts.definitions.iter().any(|known| {
                let above = last(&known.container);
                known.name == one.name
                    && is_same_arity(known, one)
                    && known.container != one.container
                    && (is_subtype(view, own, above, family) || (own == above && one.container.contains('<')))
            })
        })
}

/// Tells of an override: what A did to the original, and what B begins to do.
fn tell(
    view: &View<'_>,
    (rule, tier): (Rule, Tier),
    place: Place,
    one: &Override<'_>,
    (change, begins): (&str, &str),
) -> Finding {
    let is_it =
        |known: &&Definition| known.name == one.member.name && known.container == one.member.container;
    let in_b = one.file.at(view.b).and_then(|facts| facts.definitions.iter().find(is_it));
    let line = in_b.unwrap_or(one.member).name_line;
    let path = &one.file.path;
    let message = format!("{change}, but {path}:{line} begins to {begins}: follow the change there.");
    view.finding(rule, tier, &one.member.name, place, view.on_b(path, line), message)
}
