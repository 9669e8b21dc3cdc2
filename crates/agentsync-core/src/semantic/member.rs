//! S3: a member of a known type is gone while its name lives elsewhere, and B begins to use it.

use super::names::last;
use super::resolve::{Means, for_each_type, is_subtype, means, supertypes};
use super::view::{View, defines};
use super::{Changed, Family, Finding, Rule, Tier, Version};
use crate::facts::{DefKind, Definition, Receiver};

/// Finds members that A took from a type, and calls that B adds on values of that type.
pub fn find(view: &View<'_>, found: &mut Vec<Finding>) {
    for file in view.a_files() {
        let Some(base) = file.at(Version::Base) else { continue };
        let now = file.at(view.a);
        for old in
            base.definitions.iter().filter(|one| one.kind == DefKind::Method && !one.container.is_empty())
        {
            let is_kept = now.is_some_and(|facts| {
                facts.definitions.iter().any(|one| one.name == old.name && one.container == old.container)
            });
            if is_kept || old.modifiers.is_local || old.of_trait.is_some() {
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

fn is_left(view: &View<'_>, old: &Definition, family: Family) -> bool {
    view.extinct(view.a, &old.name, family).is_none()
}

fn look(view: &View<'_>, file: &Changed, old: &Definition, found: &mut Vec<Finding>) {
    let holder = last(&old.container);
    for added in view.added_calls(&old.name).iter().filter(|added| added.file.family() == file.family()) {
        let is_known = matches!(&added.call.receiver, Receiver::Name(name) if name != "super");
        if !is_known || means(view, added, old) != Means::Surely {
            continue;
        }
        let mut n_types = 0;
        for_each_type(view, Version::Base, holder, file.family(), &mut |_, _| n_types += 1);
        if n_types != 1 || is_inherited(view, old, file.family()) {
            continue;
        }
        let tier =
            if has_unknown_supertypes(view, holder, file.family()) { Tier::Medium } else { Tier::High };
        let message = format!(
            "`{holder}` no longer has `{}` ({}), but {}:{} begins to call it on a `{holder}`: call what replaces it.",
            old.name, file.path, added.file.path, added.line
        );
        let place = view.before(&file.path, old.name_line);
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

fn has_unknown_supertypes(view: &View<'_>, name: &str, family: Family) -> bool {
    supertypes(view, name, family).iter().any(|one| {
        let mut n_types = 0;
        for_each_type(view, Version::Merged, one, family, &mut |_, _| n_types += 1);
        n_types == 0 || has_unknown_supertypes_of(view, one, family)
    })
}

fn has_unknown_supertypes_of(view: &View<'_>, name: &str, family: Family) -> bool {
    supertypes(view, name, family).iter().any(|one| {
        let mut n_types = 0;
        for_each_type(view, Version::Merged, one, family, &mut |_, _| n_types += 1);
        n_types == 0
    })
}
