//! S2: A changed what a function takes, and B begins to call it as it was.

use std::collections::BTreeSet;

use super::added::AddedCall;
use super::names::{is_ubiquitous, last};
use super::resolve::{Means, means};
use super::view::{View, accepts};
use super::{Changed, Family, Finding, Rule, Tier, Version};
use crate::facts::{Arity, Call, DefKind, Definition, Facts, Receiver};

/// Finds functions that A re-signed so that a call B adds fits no more.
pub fn find(view: &View<'_>, found: &mut Vec<Finding>) {
    for file in view.a_files() {
        let (Some(base), Some(now)) = (file.at(Version::Base), file.at(view.a)) else { continue };
        let mut seen = BTreeSet::new();
        for old in base.definitions.iter().filter(|one| one.params.is_some() && !one.modifiers.is_local) {
            if !seen.insert((&old.container, &old.name)) {
                continue;
            }
            let news: Vec<&Definition> = group(now, old).collect();
            if !news.is_empty() && is_changed(base, old, &news) {
                look(view, file, base, old, &news, found);
            }
        }
    }
}

/// Returns a file's definitions that share a container, a name and a kind: overloads.
pub fn group<'a>(facts: &'a Facts, of: &'a Definition) -> impl Iterator<Item = &'a Definition> {
    facts.definitions.iter().filter(move |one| {
        one.name == of.name && one.container == of.container && is_alike(one.kind, of.kind)
    })
}

/// Returns what became of a definition, where it had no overload and has none now.
pub fn only_successor<'a>(base: &'a Facts, now: &'a Facts, old: &'a Definition) -> Option<&'a Definition> {
    let mut news = group(now, old);
    let only = news.next().filter(|_| news.next().is_none())?;
    (group(base, old).count() == 1).then_some(only)
}

fn is_alike(one: DefKind, other: DefKind) -> bool {
    let is_callable = |kind| matches!(kind, DefKind::Function | DefKind::Method);
    one == other || (is_callable(one) && is_callable(other))
}

fn is_changed(base: &Facts, old: &Definition, news: &[&Definition]) -> bool {
    group(base, old).any(|one| !news.iter().any(|new| new.params == one.params))
}

/// Returns the name by which a definition is called.
pub fn called_name(definition: &Definition) -> &str {
    match definition.kind {
        DefKind::Constructor => last(&definition.container),
        _ => &definition.name,
    }
}

fn look(
    view: &View<'_>,
    file: &Changed,
    base: &Facts,
    old: &Definition,
    news: &[&Definition],
    found: &mut Vec<Finding>,
) {
    let name = called_name(old);
    for added in view.added_calls(name).iter().filter(|added| added.file.family() == file.family()) {
        let fits_before = group(base, old).any(|one| accepts(one, added.call));
        if !fits_before || news.iter().any(|new| accepts(new, added.call)) {
            continue;
        }
        let means = means(view, added, old);
        let tier = match means {
            Means::No => continue,
            Means::Surely => sure(view, old, added),
            Means::Maybe if is_ubiquitous(name) => continue,
            Means::Maybe => by_elimination(view, old, added),
        };
        let (Some(tier), Some(new)) = (tier, news.first()) else { continue };
        let is_member = old.kind != DefKind::Constructor;
        let rule = if is_member && means == Means::Surely && is_elsewhere(view, old, file.family()) {
            Rule::S3
        } else {
            Rule::S2
        };
        found.push(tell(view, rule, tier, file, (old, new), added));
    }
}

/// Judges a call whose receiver's type is known: only a definition of the same type, or one it inherits, could save it.
fn sure(view: &View<'_>, old: &Definition, added: &AddedCall<'_>) -> Option<Tier> {
    let holder = last(&old.container);
    let family = added.file.family();
    let related = |one: &Definition| {
        let container = last(&one.container);
        container == holder
            || super::resolve::is_subtype(view, holder, container, family)
            || super::resolve::is_subtype(view, container, holder, family)
    };
    let is_constructor = old.kind == DefKind::Constructor;
    let name = called_name(old);
    let naming = view.naming(Version::Merged, name);
    let is_all = !naming.is_cut;
    let all =
        if is_all { defined(view, Version::Merged, name, family) } else { inherited(view, old, family) };
    let is_saved = all.iter().any(|(_, one)| {
        let is_kin = if is_constructor { last(&one.container) == holder } else { related(one) };
        is_kin && is_alike(one.kind, old.kind) && accepts(one, added.call)
    });
    let tier = if is_all || is_constructor { Tier::High } else { Tier::Medium };
    (!is_saved).then_some(tier)
}

/// Judges a call whose receiver is unknown: no definition of the name may take it any more, all did, and A
/// has no such call left.
fn by_elimination(view: &View<'_>, old: &Definition, added: &AddedCall<'_>) -> Option<Tier> {
    let family = added.file.family();
    let same = |one: &Definition| old.kind != DefKind::Constructor || one.kind == DefKind::Constructor;
    let name = called_name(old);
    let merged = defined(view, Version::Merged, name, family);
    let naming = view.naming(Version::Merged, name);
    if naming.is_cut
        || merged.iter().any(|(_, one)| same(one) && is_callable(one) && accepts(one, added.call))
    {
        return None;
    }
    let before = defined(view, Version::Base, name, family);
    if !before
        .iter()
        .filter(|(_, one)| same(one) && is_callable(one))
        .all(|(_, one)| accepts(one, added.call))
    {
        return Some(Tier::Medium).filter(|_| old.kind == DefKind::Constructor);
    }
    let is_left = view
        .naming(view.a, name)
        .files
        .iter()
        .filter(|found| found.family == family)
        .any(|found| found.facts.calls.iter().any(|call| is_like(call, added.call)));
    Some(if is_left { Tier::Medium } else { Tier::High })
}

/// Returns the definitions of a member in its type and in what that extends.
fn inherited(view: &View<'_>, old: &Definition, family: Family) -> Vec<(String, Definition)> {
    let mut todo = vec![last(&old.container).to_owned()];
    let mut seen = BTreeSet::new();
    let mut all = Vec::new();
    while let Some(holder) = todo.pop() {
        if !seen.insert(holder.clone()) || seen.len() > 32 {
            continue;
        }
        let naming = view.trees.types(Version::Merged, &holder);
        for found in naming.files.iter().filter(|found| found.family == family) {
            let of_it = found.facts.definitions.iter();
            let of_it = of_it.filter(|one| one.name == old.name && last(&one.container) == holder);
            all.extend(of_it.map(|one| (found.path.clone(), one.clone())));
        }
        todo.extend(super::resolve::supertypes(view, &holder, family));
    }
    all
}

fn is_callable(definition: &Definition) -> bool {
    definition.params.is_some()
}

fn is_like(one: &Call, other: &Call) -> bool {
    let is_new = |call: &Call| call.receiver == Receiver::New;
    one.name == other.name
        && one.arity == other.arity
        && is_new(one) == is_new(other)
        && one.names == other.names
}

/// Returns the definitions of a name in a version, with their paths.
fn defined(view: &View<'_>, version: Version, name: &str, family: Family) -> Vec<(String, Definition)> {
    let naming = view.naming(version, name);
    let in_file = |found: &super::Found| -> Vec<(String, Definition)> {
        let named = found.facts.definitions.iter().filter(|one| one.name == name || called_name(one) == name);
        named.map(|one| (found.path.clone(), one.clone())).collect()
    };
    naming.files.iter().filter(|found| found.family == family).flat_map(in_file).collect()
}

fn is_elsewhere(view: &View<'_>, old: &Definition, family: Family) -> bool {
    let all = defined(view, Version::Merged, &old.name, family);
    all.iter().any(|(_, one)| one.container != old.container)
}

fn tell(
    view: &View<'_>,
    rule: Rule,
    tier: Tier,
    file: &Changed,
    (old, new): (&Definition, &Definition),
    added: &AddedCall<'_>,
) -> Finding {
    let name = called_name(old);
    let given = match added.call.arity {
        Arity::Exactly(n) => format!("{n} argument{}", if n == 1 { "" } else { "s" }),
        Arity::Unknown => "its old arguments".to_owned(),
    };
    let message = format!(
        "`{name}` now takes {} ({}:{}), but {}:{} begins to call it with {given}: give the call what the new \
         signature asks for.",
        takes(new),
        file.path,
        new.name_line,
        added.file.path,
        added.line
    );
    let place = view.on_a(&file.path, new.name_line);
    view.finding(rule, tier, name, place, view.on_b(&added.file.path, added.line), message)
}

/// Says what a definition takes.
fn takes(definition: &Definition) -> String {
    let Some(params) = &definition.params else { return "nothing".to_owned() };
    let names = match params.required_names.as_slice() {
        [] => String::new(),
        names => format!(" and `{}` by name", names.join("`, `")),
    };
    let plural = |n: u16| if n == 1 { "" } else { "s" };
    match params.max {
        Some(max) if max == params.min => format!("{max} argument{}{names}", plural(max)),
        Some(max) => format!("{} to {max} arguments{names}", params.min),
        None => format!("at least {} argument{}{names}", params.min, plural(params.min)),
    }
}
