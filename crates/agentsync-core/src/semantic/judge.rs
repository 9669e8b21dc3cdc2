//! All rules on one pair, in both directions, each cause reported once.

use std::collections::BTreeSet;

use super::view::View;
use super::{
    Delta, Finding, Place, Rule, Tier, Trees, Version, arity, closed, dropped, duplicate, implement, import,
    literal, manifest, member, modifiers, moved, numbered, overridden, receiver, removed, repeated, retired,
    touched, types,
};

type RuleFn = fn(&View<'_>, &mut Vec<Finding>);

/// The rules, those that are surest first: of two that tell of one name the first is heard.
const RULES: [RuleFn; 20] = [
    removed::find,
    arity::find,
    literal::find,
    member::find,
    receiver::find,
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
    if finding.rule == Rule::S8 {
        return;
    }
    let has_errors = |path: &str| {
        let file = delta.files.iter().find(|file| file.path == path);
        let merged = file.and_then(|file| file.at(Version::Merged));
        merged.is_some_and(|facts| !facts.errors.is_empty())
    };
    if has_errors(&finding.left.path) || has_errors(&finding.right.path) {
        finding.tier = finding.tier.lowered();
    }
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
