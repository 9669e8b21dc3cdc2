//! S1: A took a name away, and B begins to use it.

use std::collections::BTreeMap;

use super::crates;
use super::names::is_ubiquitous;
use super::view::{Defined, View, declares, defines};
use super::{Changed, Family, Finding, Rule, Tier, Version};
use crate::facts::{DefKind, Definition, Facts, Import, Language};

/// Endings of the languages that import by folders: relative to the file, or from a root.
const ROOTED: [&str; 9] = ["py", "pyi", "js", "jsx", "mjs", "cjs", "ts", "tsx", "mts"];

/// Finds names that A removed everywhere and of which B adds uses.
pub fn find(view: &View<'_>, found: &mut Vec<Finding>) {
    for ((family, name), gone) in candidates(view) {
        let uses = view.added_uses(name, family);
        if uses.is_empty()
            || view.is_defined(view.a, name, family)
            || view.is_defined(Version::Merged, name, family)
        {
            continue;
        }
        for used in uses {
            let Some(merged) = used.file.at(Version::Merged) else { continue };
            if is_bound_otherwise(view, used.file, merged, name, &gone)
                || crates::is_only_in_libraries(view, used.file, merged, name)
            {
                continue;
            }
            let tier = match view.extinct(view.a, name, family) {
                Some(tier) => tier,
                None if is_last_of(view, &gone) => Tier::Medium,
                None => continue,
            };
            found.push(tell(view, tier, &gone, used.file, used.line));
        }
    }
}

/// Returns the names that A's changed files no longer define, each with where it was.
fn candidates<'a>(view: &View<'a>) -> BTreeMap<(Family, &'a str), Defined<'a>> {
    let mut gone = BTreeMap::new();
    for file in view.a_files() {
        let Some(base) = file.at(Version::Base) else { continue };
        let on_a = file.at(view.a);
        for definition in &base.definitions {
            let is_kept = on_a.is_some_and(|facts| {
                defines(facts, &definition.name) || passes_on(file.language, facts, &definition.name)
            });
            if is_kept || !is_worth(definition) {
                continue;
            }
            let defined = Defined { path: &file.path, facts: base, definition };
            gone.entry((file.family(), definition.name.as_str())).or_insert(defined);
        }
    }
    gone
}

/// Tells whether a file still offers a name that it takes from elsewhere.
fn passes_on(language: Language, facts: &Facts, name: &str) -> bool {
    let offers = |import: &&Import| import.is_reexport || language == Language::Python;
    facts.imports.iter().filter(offers).any(|import| import.bound.as_deref() == Some(name))
}

fn is_worth(definition: &Definition) -> bool {
    let kind = !matches!(definition.kind, DefKind::Key | DefKind::Constructor);
    kind && !definition.modifiers.is_local && !is_ubiquitous(&definition.name)
}

/// Tells whether the name means something else where B uses it.
fn is_bound_otherwise(
    view: &View<'_>,
    file: &Changed,
    merged: &Facts,
    name: &str,
    gone: &Defined<'_>,
) -> bool {
    let was_declared = file.at(Version::Base).is_some_and(|base| declares(base, name));
    if declares(merged, name) && (!was_declared || gone.path != file.path) && !is_asked_for(merged, gone) {
        return true;
    }
    let binds = |import: &&Import| import.bound.as_deref() == Some(name);
    let is_library = |import: &Import| {
        file.language == Language::Rust
            && crates::is_library(view, Version::Merged, file, merged, &import.module)
    };
    merged.imports.iter().filter(binds).any(|import| !may_import(import, gone) || is_library(import))
}

/// Tells whether what is gone is asked for by the parameters of tests and fixtures, and nothing else has the name.
fn is_asked_for(merged: &Facts, gone: &Defined<'_>) -> bool {
    let name = &gone.definition.name;
    // A test that is run for a list of values names the parameters they are for in a string.
    if !gone.definition.modifiers.is_injected || merged.quoted.contains_key(name) {
        return false;
    }
    let asks = |one: &&Definition| {
        let is_called = one.name.starts_with("test") || one.modifiers.is_injected;
        is_called && one.params.as_ref().is_some_and(|params| params.names.contains(name))
    };
    let asking: Vec<&Definition> = merged.definitions.iter().filter(asks).collect();
    let mut declared = merged.declared.iter().filter(|one| one.name == *name);
    declared.all(|one| asking.iter().any(|asking| asking.span == one.scope))
}

/// Tells whether an import may mean what is gone: its module is named like the package or the file.
fn may_import(import: &Import, gone: &Defined<'_>) -> bool {
    let parts = |text: &str| -> Vec<String> {
        let parts = text.split(['.', '/', ':', '\\']).filter(|part| !part.is_empty());
        parts.filter(|part| !matches!(*part, "crate" | "super" | "self" | "src")).map(str::to_owned).collect()
    };
    let module = parts(&import.module);
    let Some(end) = module.last() else { return true };
    if let Some(package) = &gone.facts.package
        && (import.module == *package || import.module.starts_with(&format!("{package}.")))
    {
        return true;
    }
    let is_jvm = gone.facts.package.is_some()
        && gone.path.rsplit_once('.').is_some_and(|(_, ending)| ending == "java");
    let path = parts(gone.path);
    // A path that is not relative starts at a folder above the file, or at an alias; another one is a library's.
    let is_rooted = path.last().is_some_and(|ending| ROOTED.contains(&ending.as_str()))
        && !import.module.starts_with(['.', '/', '@', '~', '#', '$']);
    let is_foreign = is_rooted && module.first().is_some_and(|root| !path.contains(root));
    !is_jvm && !is_foreign && path.contains(end)
}

/// Tells whether what A still mentions can hardly be the thing: A took away the only definition.
fn is_last_of(view: &View<'_>, gone: &Defined<'_>) -> bool {
    let naming = view.naming(Version::Base, &gone.definition.name);
    let n_defined: usize = naming
        .files
        .iter()
        .map(|found| found.facts.definitions.iter().filter(|one| one.name == gone.definition.name).count())
        .sum();
    let is_free = matches!(
        gone.definition.kind,
        DefKind::Class | DefKind::Interface | DefKind::Enum | DefKind::Function
    );
    !naming.is_cut && n_defined == 1 && is_free
}

fn tell(view: &View<'_>, tier: Tier, gone: &Defined<'_>, file: &Changed, line: u32) -> Finding {
    let name = &gone.definition.name;
    let (place, message) = match renamed(view, gone) {
        Some(new) => (
            view.on_a(new.path, new.definition.name_line),
            format!(
                "`{name}` is now `{}` ({}:{}), but {}:{line} begins to use `{name}`: write `{}` there.",
                new.definition.name, new.path, new.definition.name_line, file.path, new.definition.name
            ),
        ),
        None => (
            View::before(gone.path, gone.definition.name_line),
            format!(
                "`{name}` is removed from {}, but {}:{line} begins to use it: do without it there, or keep `{name}`.",
                gone.path, file.path
            ),
        ),
    };
    view.finding(Rule::S1, tier, name, place, view.on_b(&file.path, line), message)
}

/// Returns what A calls it now: a new definition with the same body, or the only new one in its place.
fn renamed<'a>(view: &View<'a>, gone: &Defined<'_>) -> Option<Defined<'a>> {
    let old = gone.definition;
    let mut in_place = Vec::new();
    for file in view.a_files() {
        let Some(facts) = file.at(view.a) else { continue };
        let is_new = |one: &&Definition| {
            one.kind == old.kind && !file.at(Version::Base).is_some_and(|base| defines(base, &one.name))
        };
        for definition in facts.definitions.iter().filter(is_new) {
            let new = Defined { path: &file.path, facts, definition };
            if old.body_hash != 0 && definition.body_hash == old.body_hash {
                return Some(new);
            }
            if file.path == gone.path
                && definition.container == old.container
                && definition.params == old.params
            {
                in_place.push(new);
            }
        }
    }
    let n_gone = view
        .a_files()
        .filter(|file| file.path == gone.path)
        .filter_map(|file| Some((file.at(Version::Base)?, file.at(view.a)?)))
        .flat_map(|(base, now)| base.definitions.iter().filter(|one| !defines(now, &one.name)))
        .filter(|one| one.kind == old.kind && one.container == old.container && one.params == old.params)
        .count();
    match (in_place.as_slice(), n_gone) {
        ([one], 1) => Some(*one),
        _ => None,
    }
}
