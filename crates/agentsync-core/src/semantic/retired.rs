//! S13: A took a key out of a data file and stopped reading it, and B begins to read it.

use std::collections::BTreeSet;

use super::view::{View, count, declares, defines};
use super::{Changed, Family, Finding, Rule, Tier, Version};
use crate::facts::{DefKind, Definition, Facts};

/// Finds keys that are gone from a data file and, on A, from all code, and code of B that begins to name them.
pub fn find(view: &View<'_>, found: &mut Vec<Finding>) {
    let mut seen = BTreeSet::new();
    for file in view.a_files().filter(|file| file.family() == Family::Data) {
        let Some(base) = file.at(Version::Base) else { continue };
        for key in base.definitions.iter().filter(|one| one.kind == DefKind::Key) {
            let name = key.name.rsplit('.').next().unwrap_or(&key.name);
            if is_distinct(name) && !is_stated(view, name) && seen.insert(name) {
                look(view, file, key, name, found);
            }
        }
    }
}

/// Tells whether a name is hardly a word of its own: it has parts, `max_retries` or `maxRetries`.
fn is_distinct(name: &str) -> bool {
    let is_word = name.chars().all(|c| c.is_alphanumeric() || c == '_');
    let has_hump =
        name.chars().zip(name.chars().skip(1)).any(|(one, next)| one.is_lowercase() && next.is_uppercase());
    let has_bar = name.trim_matches('_').contains('_');
    name.len() > 4 && is_word && (has_hump || has_bar)
}

/// Tells whether a data file that a side changed still has a key of that name, on A or merged.
fn is_stated(view: &View<'_>, name: &str) -> bool {
    let has = |facts: &Facts| {
        facts
            .definitions
            .iter()
            .any(|one| one.kind == DefKind::Key && one.name.rsplit('.').next() == Some(name))
    };
    let data = view.delta.files.iter().filter(|file| file.family() == Family::Data);
    data.into_iter()
        .any(|file| [view.a, Version::Merged].iter().any(|version| file.at(*version).is_some_and(has)))
}

/// Returns how often a file of code names something, as a word or in a string.
fn n_named(facts: Option<&Facts>, name: &str) -> u32 {
    let quoted = facts.and_then(|facts| facts.quoted.get(name)).map_or(0, |quoted| quoted.n);
    count(facts, name).saturating_add(quoted)
}

fn look(view: &View<'_>, file: &Changed, key: &Definition, name: &str, found: &mut Vec<Finding>) {
    let code = || view.b_files().filter(|other| other.family() != Family::Data);
    let begins = |other: &&Changed| {
        n_named(other.at(Version::Merged), name) > 0 && n_named(other.at(view.a), name) == 0
    };
    let Some(other) = code().find(begins) else { return };
    // Only a key that was read before, and of which A took away the last reading, is surely retired.
    let is_read = |version: Version| {
        let naming = view.naming(version, name);
        naming.is_cut || naming.files.iter().any(|found| found.family != Family::Data)
    };
    if !is_read(Version::Base) || is_read(view.a) {
        return;
    }
    let (Some(merged), Some(on_b)) = (other.at(Version::Merged), other.at(view.b)) else { return };
    if declares(merged, name) || defines(merged, name) {
        return;
    }
    let mentioned = on_b.lines_of(name).first().copied();
    let line = mentioned.or_else(|| Some(on_b.quoted.get(name)?.line)).unwrap_or(1);
    let message = format!(
        "the key `{}` is gone from {} and nothing on that side reads it any more, but {}:{line} begins to: keep the \
         key, or read what took its place.",
        key.name, file.path, other.path
    );
    let place = View::before(&file.path, key.name_line);
    found.push(view.finding(Rule::S13, Tier::Medium, name, place, view.on_b(&other.path, line), message));
}
