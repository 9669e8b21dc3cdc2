//! S12: A added a case to a closed set, and B adds a choice between its cases that has none for the rest.

use super::resolve::is_type;
use super::view::View;
use super::{Finding, Rule, Tier, Version};
use crate::facts::{Choice, DefKind, Definition, Facts};

/// Finds choices that B adds and that do not know a case A added.
pub fn find(view: &View<'_>, found: &mut Vec<Finding>) {
    for file in view.a_files() {
        let (Some(base), Some(now)) = (file.at(Version::Base), file.at(view.a)) else { continue };
        for of in now.definitions.iter().filter(|one| is_type(one.kind)) {
            let (was, is) = (cases(base, &of.name), cases(now, &of.name));
            let new = is.iter().find(|one| !was.iter().any(|known| known.name == one.name));
            let Some(new) = new.filter(|_| !was.is_empty()) else { continue };
            for other in view.b_files().filter(|other| other.family() == file.family()) {
                let Some(merged) = other.at(Version::Merged) else { continue };
                let misses = |one: &&Choice| is_of(one, of, &was) && !one.cases.contains(&new.name);
                let n_of = |facts: &Facts| facts.choices.iter().filter(misses).count();
                if other.at(view.a).is_some_and(|before| n_of(merged) <= n_of(before)) {
                    continue;
                }
                let Some(choice) = merged.choices.iter().find(misses) else { continue };
                let message = format!(
                    "`{}` now has the case `{}` ({}:{}), but {}:{} chooses between the others without it: add it there.",
                    of.name, new.name, file.path, new.name_line, other.path, choice.span.line
                );
                let place = view.on_a(&file.path, new.name_line);
                let on_b = view.on_b(&other.path, choice.span.line);
                found.push(view.finding(Rule::S12, Tier::Medium, &new.name, place, on_b, message));
            }
        }
    }
}

fn cases<'a>(facts: &'a Facts, of: &str) -> Vec<&'a Definition> {
    facts
        .definitions
        .iter()
        .filter(|one| one.kind == DefKind::Variant && super::names::last(&one.container) == of)
        .collect()
}

fn is_of(choice: &Choice, of: &Definition, was: &[&Definition]) -> bool {
    // Many sets are called alike (`Error`): every case that is named has to be one of this set's.
    let is_known = |case: &String| was.iter().any(|one| one.name == *case);
    let is_named = choice.of.as_deref().is_none_or(|name| super::names::last(name) == of.name);
    let knows_most = was.len() > 1 && choice.cases.len() * 2 > was.len();
    !choice.has_default && is_named && knows_most && choice.cases.iter().all(is_known)
}
