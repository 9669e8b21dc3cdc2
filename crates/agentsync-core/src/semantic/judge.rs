//! All rules on one pair, in both directions, each cause reported once.

use std::collections::BTreeSet;

use super::view::View;
use super::{
    Delta, Family, Finding, Place, Rule, Tier, Trees, Version, arity, closed, dropped, duplicate, given,
    implement, import, literal, manifest, member, modifiers, moved, numbered, overridden, receiver, removed,
    repeated, retired, touched, types,
};
use crate::facts::Span;

/// How many lines from an error a place is near it.
const NEAR: u32 = 5;

type RuleFn = fn(&View<'_>, &mut Vec<Finding>);

/// The rules, those that are surest first: of two that tell of one name the first is heard.
const RULES: [RuleFn; 21] = [
    removed::find,
    arity::find,
    literal::find,
    member::find,
    receiver::find,
    given::find,
    import::find,
    dropped::find,
    duplicate::find,
    implement::find,
    overridden::find,
    repeated::find,
    moved::find,
    modifiers::find,
    types::find,
    closed::find,
    manifest::find,
    numbered::find,
    retired::find,
    touched::find,
    touched::find_callers,
];

/// Returns what does not fit together, the surest first.
pub fn judge(delta: &Delta, trees: &dyn Trees) -> Vec<Finding> {
    let mut found = Vec::new();
    for (a, b) in [(Version::Left, Version::Right), (Version::Right, Version::Left)] {
        let view = View::new(delta, trees, a, b);
        for rule in RULES {
            rule(&view, &mut found);
        }
    }
    for finding in &mut found {
        soften(delta, finding);
    }
    once(found)
}

/// Takes a tier from a finding in a file that could not be parsed to the end.
fn soften(delta: &Delta, finding: &mut Finding) {
    // That a name is nowhere any more is known of the words alone.
    if matches!(finding.rule, Rule::S1 | Rule::S8) {
        return;
    }
    if has_errors(delta, &finding.left) || has_errors(delta, &finding.right) {
        finding.tier = finding.tier.lowered();
    }
}

/// Tells whether what could not be parsed may be why a place looks as it does. In C, whose macros look like errors,
/// only what is near.
fn has_errors(delta: &Delta, place: &Place) -> bool {
    let Some(file) = delta.files.iter().find(|file| file.path == place.path) else { return false };
    let is_near = |error: &Span| {
        error.line.saturating_sub(NEAR) <= place.line && place.line <= error.end_line.saturating_add(NEAR)
    };
    let has_macros = file.family() == Family::Native;
    let version = if has_macros { place.version } else { Version::Merged };
    file.at(version).is_some_and(|facts| facts.errors.iter().any(|error| !has_macros || is_near(error)))
}

/// Keeps one finding for each name and cause, and of the lower tiers none that a higher one explains.
fn once(mut found: Vec<Finding>) -> Vec<Finding> {
    found.sort_by_key(|finding| finding.tier);
    let mut seen: BTreeSet<(String, Place)> = BTreeSet::new();
    let mut explained: BTreeSet<String> = BTreeSet::new();
    found.retain(|finding| {
        if finding.tier != Tier::High && explained.contains(&finding.name) {
            return false;
        }
        if finding.tier == Tier::High {
            explained.insert(finding.name.clone());
        }
        let is_new_left = seen.insert((finding.name.clone(), finding.left.clone()));
        let is_new_right = seen.insert((finding.name.clone(), finding.right.clone()));
        is_new_left && is_new_right
    });
    found
}
