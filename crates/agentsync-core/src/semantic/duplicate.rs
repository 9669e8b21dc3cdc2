//! S6: both sides define the same.

use std::collections::BTreeMap;

use super::implement::path_of;
use super::view::{Defined, View};
use super::{Changed, Family, Finding, Rule, Tier, Version};
use crate::facts::{DefKind, Definition, Facts, Import, Language};

/// What makes two definitions one too many.
type Key<'a> = (&'a str, Option<&'a str>, bool, &'a str, u64);

/// Finds definitions that the merged tree states more often than either side. Heard in one direction only.
pub fn find(view: &View<'_>, found: &mut Vec<Finding>) {
    if view.a != Version::Left {
        return;
    }
    for file in view.a_files().filter(|file| file.is_changed_on(view.b)) {
        in_file(view, file, found);
        imports(view, file, found);
    }
    across_files(view, found);
}

fn in_file(view: &View<'_>, file: &Changed, found: &mut Vec<Finding>) {
    let (Some(merged), Some(left), Some(right)) =
        (file.at(Version::Merged), file.at(view.a), file.at(view.b))
    else {
        return;
    };
    let (of_left, of_right) = (counted(file.language, left), counted(file.language, right));
    for (key, all) in counted(file.language, merged) {
        let before = |counts: &BTreeMap<Key<'_>, Vec<&Definition>>| counts.get(&key).map_or(0, Vec::len);
        if all.len() < 2 || all.len() <= before(&of_left) || all.len() <= before(&of_right) {
            continue;
        }
        let Some(definition) = all.first() else { continue };
        if file.family() == Family::Native && all.iter().all(|one| one.modifiers.is_conditional) {
            // `#if` and `#else`: one of them is built.
            continue;
        }
        let line = |counts: &BTreeMap<Key<'_>, Vec<&Definition>>| {
            counts.get(&key).and_then(|all| all.last()).map_or(definition.name_line, |one| one.name_line)
        };
        let place = (view.on_a(&file.path, line(&of_left)), view.on_b(&file.path, line(&of_right)));
        found.push(tell(view, tier(merged, &all), definition, place));
    }
}

fn tier(facts: &Facts, all: &[&Definition]) -> Tier {
    // What makes a whole module conditional, as `#[cfg(test)]`, sets none of its members apart.
    let is_shared = |one: &Definition| {
        let holds = |module: &&Definition| {
            module.kind == DefKind::Module
                && module.modifiers.is_conditional
                && path_of(module) == one.container
        };
        facts.definitions.iter().filter(holds).count() == 1
    };
    let may_stand =
        |one: &&Definition| one.modifiers.is_local || (one.modifiers.is_conditional && !is_shared(one));
    if all.iter().any(may_stand) { Tier::Medium } else { Tier::High }
}

/// Counts a file's definitions, those apart that a language lets stand side by side.
fn counted(language: Language, facts: &Facts) -> BTreeMap<Key<'_>, Vec<&Definition>> {
    let mut counts: BTreeMap<Key<'_>, Vec<&Definition>> = BTreeMap::new();
    let is_worth = |one: &&Definition| {
        let is_stub = one.body_hash == 0 && matches!(one.kind, DefKind::Function | DefKind::Method);
        let is_script = matches!(language, Language::TypeScript | Language::Tsx);
        let merges = is_script && matches!(one.kind, DefKind::Interface | DefKind::Module);
        let is_inner = one.modifiers.is_local || one.container.contains('<');
        let is_nameless = one.name == "_" || one.name == "init";
        let repeats = matches!(one.kind, DefKind::Key | DefKind::Module | DefKind::Macro);
        let may_stand_twice = repeats
            || merges
            || is_inner
            || is_nameless
            || (is_stub && (is_script || language == Language::C));
        !may_stand_twice
    };
    for one in facts.definitions.iter().filter(is_worth) {
        let key = key(language, one);
        counts.entry(key).or_default().push(one);
    }
    counts
}

fn key(language: Language, one: &Definition) -> Key<'_> {
    let has_overloads = matches!(
        language,
        Language::Java
            | Language::Kotlin
            | Language::CSharp
            | Language::Cpp
            | Language::Swift
            | Language::Scala
    );
    let types = match &one.params {
        Some(params) if has_overloads => params.types_hash,
        // A type's `impl` for one trait with other arguments is another `impl`.
        Some(_) if one.of_trait.is_some() => one.signature_hash,
        _ => 0,
    };
    let is_callable = one.params.is_some() && has_overloads;
    let is_type = super::resolve::is_type(one.kind);
    let name = u64::from(is_type);
    (&one.container, one.of_trait.as_deref(), is_callable, &one.name, types.wrapping_add(name))
}

/// Finds imports that both sides added, where the language takes a name once.
fn imports(view: &View<'_>, file: &Changed, found: &mut Vec<Finding>) {
    let takes_once = matches!(
        file.language,
        Language::Go | Language::TypeScript | Language::Tsx | Language::JavaScript | Language::Rust
    );
    let (Some(merged), Some(left), Some(right)) =
        (file.at(Version::Merged), file.at(view.a), file.at(view.b))
    else {
        return;
    };
    let n_of = |facts: &Facts, name: &str| bound(facts, name).count();
    let mut seen = Vec::new();
    for import in merged.imports.iter().filter(|_| takes_once) {
        let Some(name) = import.bound.as_deref().filter(|name| !matches!(*name, "_" | ".")) else { continue };
        let n = n_of(merged, name);
        if n < 2 || n <= n_of(left, name) || n <= n_of(right, name) || seen.contains(&name) {
            continue;
        }
        seen.push(name);
        let line = |facts: &Facts| bound(facts, name).last().map_or(1, |one| one.span.line);
        let message = format!("both sides import `{name}` into {}: keep one of the two imports.", file.path);
        let (on_a, on_b) = (view.on_a(&file.path, line(left)), view.on_b(&file.path, line(right)));
        let tier = if file.language == Language::Rust { Tier::Medium } else { Tier::High };
        found.push(view.finding(Rule::S6, tier, name, on_a, on_b, message));
    }
}

fn bound<'a>(facts: &'a Facts, name: &'a str) -> impl Iterator<Item = &'a Import> {
    facts.imports.iter().filter(move |one| one.bound.as_deref() == Some(name) && !one.is_reexport)
}

/// Finds names that each side adds to another file of one package.
fn across_files(view: &View<'_>, found: &mut Vec<Finding>) {
    let of_b = added(view, view.b);
    for (key, one) in added(view, view.a) {
        let Some(other) = of_b.get(&key) else { continue };
        let is_in_merged = |path: &str, name: &str| {
            let file = view.delta.files.iter().find(|file| file.path == path);
            file.and_then(|file| file.at(Version::Merged))
                .is_some_and(|facts| super::view::defines(facts, name))
        };
        let name = &one.definition.name;
        let is_gone = !is_in_merged(one.path, name) || !is_in_merged(other.path, name);
        let is_conditional = has_build_tag(one.path) || has_build_tag(other.path);
        if one.path == other.path || is_gone {
            continue;
        }
        let tier = if is_conditional { Tier::Medium } else { Tier::High };
        let place = (
            view.on_a(one.path, one.definition.name_line),
            view.on_b(other.path, other.definition.name_line),
        );
        found.push(tell(view, tier, one.definition, place));
    }
}

/// Tells whether a Go file may be built for some systems only, going by its name.
fn has_build_tag(path: &str) -> bool {
    const WORDS: [&str; 10] =
        ["linux", "windows", "darwin", "unix", "amd64", "arm64", "freebsd", "other", "stub", "js"];
    let stem = path.rsplit('/').next().unwrap_or(path).split('.').next().unwrap_or_default();
    stem.split('_').skip(1).any(|part| WORDS.contains(&part))
}

type Added<'a> = BTreeMap<(Family, String, &'a str, &'a str, u64), Defined<'a>>;

/// Returns what a side adds at the top of its packages, in languages where a package is more than one file.
fn added<'a>(view: &View<'a>, side: Version) -> Added<'a> {
    let mut all = BTreeMap::new();
    for file in view.delta.files.iter().filter(|file| file.is_changed_on(side)) {
        let Some(facts) = file.at(side) else { continue };
        let Some(package) = package(file, facts) else { continue };
        for definition in &facts.definitions {
            let was_there = file.at(Version::Base).is_some_and(|base| {
                base.definitions
                    .iter()
                    .any(|one| one.name == definition.name && one.container == definition.container)
            });
            if was_there || !is_shared(file.language, definition) {
                continue;
            }
            let key = (file.family(), package.clone(), &*definition.container, &*definition.name, 0);
            all.insert(key, Defined { path: &file.path, facts, definition });
        }
    }
    all
}

fn is_shared(language: Language, one: &Definition) -> bool {
    let is_sound = !matches!(one.name.as_str(), "_" | "init" | "main") && !one.modifiers.is_local;
    let is_top = one.container.is_empty();
    is_sound
        && match language {
            Language::Go => is_top || one.kind == DefKind::Method,
            Language::Java | Language::CSharp => is_top && super::resolve::is_type(one.kind),
            Language::Kotlin => is_top && super::resolve::is_type(one.kind) && !one.modifiers.is_private,
            _ => false,
        }
}

/// Returns the package that a file's names are shared in.
fn package(file: &Changed, facts: &Facts) -> Option<String> {
    let folder = super::names::folder(&file.path);
    match file.language {
        Language::Go => Some(format!("{folder}:{}", facts.package.as_deref()?)),
        // The same package in two source sets is two.
        Language::Java | Language::Kotlin | Language::CSharp => {
            Some(format!("{folder}:{}", facts.package.as_deref()?))
        }
        _ => None,
    }
}

fn tell(
    view: &View<'_>,
    tier: Tier,
    definition: &Definition,
    (one, other): (super::Place, super::Place),
) -> Finding {
    let name = &definition.name;
    let shown = match definition.container.as_str() {
        "" => name.clone(),
        container => format!("{container}.{name}"),
    };
    let message = format!(
        "both sides add `{shown}` ({}:{} and {}:{}): keep one of the two, or rename one.",
        one.path, one.line, other.path, other.line
    );
    view.finding(Rule::S6, tier, name, one, other, message)
}
