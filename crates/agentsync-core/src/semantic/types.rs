//! S11: A changed what a function or a field gives, and B begins to use it.

use super::arity::only_successor;
use super::names::is_ubiquitous;
use super::resolve::{Means, means};
use super::view::View;
use super::{Changed, Finding, Rule, Tier, Version};
use crate::facts::Definition;

/// Finds functions of which only the types changed, and calls that B adds.
pub fn find(view: &View<'_>, found: &mut Vec<Finding>) {
    for file in view.a_files() {
        let (Some(base), Some(now)) = (file.at(Version::Base), file.at(view.a)) else { continue };
        let is_told =
            |one: &&Definition| one.params.is_some() && !one.modifiers.is_local && !is_ubiquitous(&one.name);
        for old in base.definitions.iter().filter(is_told) {
            if let Some(new) = only_successor(base, now, old).filter(|new| is_retyped(old, new)) {
                look(view, file, old, new, found);
            }
        }
    }
}

/// Tells whether the same number of arguments of other types is taken, or another type is given.
fn is_retyped(old: &Definition, new: &Definition) -> bool {
    let (Some(before), Some(now)) = (&old.params, &new.params) else { return false };
    let is_same_shape = before.min == now.min && before.max == now.max && before.names == now.names;
    let is_other = before.types_hash != now.types_hash;
    is_same_shape && (is_other || (old.result != new.result && old.result.is_some()))
}

fn look(view: &View<'_>, file: &Changed, old: &Definition, new: &Definition, found: &mut Vec<Finding>) {
    for added in view
        .added_calls(super::arity::called_name(old))
        .iter()
        .filter(|one| one.file.family() == file.family())
    {
        let tier = match means(view, added, old) {
            Means::No => continue,
            Means::Maybe => Tier::Info,
            Means::Surely => Tier::Medium,
        };
        let what = match (&old.result, &new.result) {
            (Some(before), Some(now)) if before != now => format!("now gives `{now}` instead of `{before}`"),
            _ => "now takes other types".to_owned(),
        };
        let message = format!(
            "`{}` {what} ({}:{}), and {}:{} begins to call it: see that the call still fits.",
            old.name, file.path, new.name_line, added.file.path, added.line
        );
        let place = view.on_a(&file.path, new.name_line);
        found.push(view.finding(
            Rule::S11,
            tier,
            &old.name,
            place,
            view.on_b(&added.file.path, added.line),
            message,
        ));
    }
}
