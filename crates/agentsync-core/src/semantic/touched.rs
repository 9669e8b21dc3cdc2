//! S14 and S15: both sides are at work in one definition. Worth knowing, and no sign of a fault.

use super::view::View;
use super::{Changed, Finding, Rule, Tier, Version};
use crate::facts::Definition;

/// Lists definitions whose bodies both sides changed. Heard in one direction only.
pub fn find(view: &View<'_>, found: &mut Vec<Finding>) {
    if view.a != Version::Left {
        return;
    }
    for file in view.a_files().filter(|file| file.is_changed_on(view.b)) {
        for (old, on_a, on_b) in on_all(view, file) {
            let is_edited =
                |new: &Definition| new.body_hash != old.body_hash || new.signature_hash != old.signature_hash;
            let is_same = on_a.body_hash == on_b.body_hash && on_a.signature_hash == on_b.signature_hash;
            if is_edited(on_a) && is_edited(on_b) && !is_same {
                let message =
                    format!("both sides changed `{}` in {}: read the merged one.", old.name, file.path);
                let places = (view.on_a(&file.path, on_a.name_line), view.on_b(&file.path, on_b.name_line));
                found.push(view.finding(Rule::S14, Tier::Info, &old.name, places.0, places.1, message));
            }
        }
    }
}

/// Lists functions whose signature A changed and whose body B changed.
pub fn find_callers(view: &View<'_>, found: &mut Vec<Finding>) {
    for file in view.a_files().filter(|file| file.is_changed_on(view.b)) {
        for (old, on_a, on_b) in on_all(view, file) {
            if on_a.signature_hash != old.signature_hash && on_b.body_hash != old.body_hash {
                let message = format!(
                    "`{}` has another signature on one side and another body on the other ({}): read the merged one.",
                    old.name, file.path
                );
                let places = (view.on_a(&file.path, on_a.name_line), view.on_b(&file.path, on_b.name_line));
                found.push(view.finding(Rule::S15, Tier::Info, &old.name, places.0, places.1, message));
            }
        }
    }
}

/// Returns the functions that stand once in a file on all three versions.
fn on_all<'a>(view: &View<'a>, file: &'a Changed) -> Vec<(&'a Definition, &'a Definition, &'a Definition)> {
    let (Some(base), Some(on_a), Some(on_b)) = (file.at(Version::Base), file.at(view.a), file.at(view.b))
    else {
        return Vec::new();
    };
    let only = |all: &'a [Definition], of: &Definition| {
        let mut same = all.iter().filter(|one| one.name == of.name && one.container == of.container);
        same.next().filter(|_| same.next().is_none())
    };
    let has_body = |one: &&Definition| one.params.is_some() && one.body_hash != 0;
    let olds = base.definitions.iter().filter(has_body);
    olds.filter_map(|old| {
        only(&base.definitions, old)?;
        Some((old, only(&on_a.definitions, old)?, only(&on_b.definitions, old)?))
    })
    .collect()
}
