//! S5: A dropped a binding of a file, an import or a local name, and B begins to use it in that file.

use super::resolve::is_type;
use super::view::{View, count, declares, defines};
use super::{Changed, Family, Finding, Rule, Tier, Version};
use crate::facts::{Definition, Facts, Import, Language, Receiver};

/// Finds imports that A dropped and whose names B begins to use in the same file.
pub fn find(view: &View<'_>, found: &mut Vec<Finding>) {
    let both = view.a_files().filter(|file| file.is_changed_on(view.b));
    for file in both {
        let (Some(base), Some(now), Some(merged)) =
            (file.at(Version::Base), file.at(view.a), file.at(Version::Merged))
        else {
            continue;
        };
        for import in &base.imports {
            let Some(name) = import.bound.as_deref() else { continue };
            let is_dropped = count(Some(now), name) == 0 && count(Some(merged), name) > 0;
            if is_dropped && !is_only_behind(file, merged, name) && !is_bound(view, file, merged, name) {
                let Some(tier) = how_sure(view, file, merged, name) else { continue };
                found.push(tell(view, tier, file, import, name));
            }
        }
        find_starred(view, file, (base, now, merged), found);
        find_locals(view, file, (base, now, merged), found);
    }
}

/// Finds imports of whole packages that A dropped, and types of this tree's that came with them and that B begins to
/// use in the same file. What another tree's package holds is not known.
fn find_starred(
    view: &View<'_>,
    file: &Changed,
    (base, now, merged): (&Facts, &Facts, &Facts),
    found: &mut Vec<Finding>,
) {
    if file.family() != Family::Jvm {
        return;
    }
    let is_gone = |star: &&Import| !has_star(now, &star.module) && !has_star(merged, &star.module);
    let gone: Vec<&Import> = stars(base).filter(is_gone).collect();
    if gone.is_empty() {
        return;
    }
    // Another whole package that is still imported may have the name too.
    let has_others = stars(merged).any(|star| !star.module.starts_with("java."));
    let tier = if has_others { Tier::Medium } else { Tier::High };
    let is_new = |name: &str| {
        name.starts_with(char::is_uppercase)
            && count(Some(now), name) == 0
            && !is_only_behind(file, merged, name)
            && !is_bound(view, file, merged, name)
    };
    for name in merged.mentions.keys().filter(|name| is_new(name)) {
        let types = view.trees.types(Version::Merged, name);
        let is_in = |package: &str| {
            types.files.iter().any(|found| {
                let is_it =
                    |one: &Definition| one.name == *name && one.container.is_empty() && is_type(one.kind);
                found.facts.package.as_deref() == Some(package) && found.facts.definitions.iter().any(is_it)
            })
        };
        if let Some(star) = gone.iter().find(|star| is_in(&star.module)) {
            found.push(tell(view, tier, file, star, name));
        }
    }
}

/// Returns the imports of all that a module has.
fn stars(facts: &Facts) -> impl Iterator<Item = &Import> {
    facts.imports.iter().filter(|import| import.name.as_deref() == Some("*"))
}

fn has_star(facts: &Facts, module: &str) -> bool {
    stars(facts).any(|star| star.module == module)
}

/// Tells whether the name stands only behind others (`a.name`, `a::Name`), where no import of it is meant. In Kotlin
/// and Scala one is: a function that extends a type is imported and called on a value.
fn is_only_behind(file: &Changed, merged: &Facts, name: &str) -> bool {
    let extends = matches!(file.language, Language::Kotlin | Language::Scala)
        && name.chars().next().is_some_and(char::is_lowercase);
    merged.is_qualified(name) && !extends
}

/// Tells whether the merged file has the name from somewhere else.
fn is_bound(view: &View<'_>, file: &Changed, merged: &Facts, name: &str) -> bool {
    let binds = |import: &Import| import.bound.as_deref() == Some(name);
    let on_base = file.at(Version::Base);
    let has_new_star = stars(merged).any(|star| on_base.is_none_or(|base| !has_star(base, &star.module)));
    merged.imports.iter().any(binds)
        || has_new_star
        || defines(merged, name)
        || declares(merged, name)
        || is_in_package(view, file, merged, name)
}

/// Tells whether the name is one of the file's own package, which needs no import.
fn is_in_package(view: &View<'_>, file: &Changed, merged: &Facts, name: &str) -> bool {
    let has_packages =
        matches!(file.language, Language::Java | Language::Kotlin | Language::Scala | Language::Go);
    let folder = |path: &str| path.rsplit_once('/').map_or(String::new(), |(folder, _)| folder.to_owned());
    has_packages
        && view.naming(Version::Merged, name).files.iter().any(|found| {
            let is_same = found.facts.package == merged.package
                && (file.language != Language::Go || folder(&found.path) == folder(&file.path));
            is_same && found.facts.definitions.iter().any(|one| one.name == name && one.container.is_empty())
        })
}

/// Judges whether the new use is one of the imported name, and not a member that is called alike.
fn how_sure(view: &View<'_>, file: &Changed, merged: &Facts, name: &str) -> Option<Tier> {
    let is_type = name.chars().next().is_some_and(char::is_uppercase);
    let in_call = |facts: &Facts| {
        facts.calls.iter().any(|call| match &call.receiver {
            Receiver::Name(receiver) => receiver == name,
            Receiver::None | Receiver::New => call.name == name,
            Receiver::Value(_) | Receiver::Other => false,
        })
    };
    let as_type = |facts: &Facts| {
        facts
            .declared
            .iter()
            .any(|one| one.type_name.as_deref().is_some_and(|of| of.split('.').next() == Some(name)))
            || facts
                .definitions
                .iter()
                .any(|one| one.supertypes.iter().any(|of| of.split('.').next() == Some(name)))
    };
    let is_used = in_call(merged) || as_type(merged);
    let is_conditional = file.at(Version::Base).is_some_and(|base| !base.errors.is_empty());
    match (is_type, is_used) {
        (_, true) | (true, false) if !is_conditional => Some(Tier::High),
        (_, true) | (true, false) => Some(Tier::Medium),
        (false, false) => view.extinct(view.a, name, file.family()).map(|_| Tier::Medium),
    }
}

fn tell(view: &View<'_>, tier: Tier, file: &Changed, import: &Import, name: &str) -> Finding {
    let line = line_on_b(view, file, name);
    let from = if import.module.is_empty() { String::new() } else { format!(" from `{}`", import.module) };
    let message = format!(
        "{} no longer imports `{name}`{from}, but line {line} begins to use it: keep that import.",
        file.path
    );
    let place = View::before(&file.path, import.span.line);
    view.finding(Rule::S5, tier, name, place, view.on_b(&file.path, line), message)
}

fn line_on_b(view: &View<'_>, file: &Changed, name: &str) -> u32 {
    view.added_uses(name, file.family())
        .iter()
        .find(|used| used.file.path == file.path)
        .map_or(1, |used| used.line)
}

/// Finds local names and arguments that A renamed or removed and that B begins to use in the same file.
fn find_locals(
    view: &View<'_>,
    file: &Changed,
    (base, now, merged): (&Facts, &Facts, &Facts),
    found: &mut Vec<Finding>,
) {
    let mut names: Vec<&str> = base.declared.iter().map(|one| one.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        let is_dropped = count(Some(now), name) == 0 && count(Some(merged), name) > 0;
        if !is_dropped || declares(merged, name) || defines(merged, name) || name.len() < 2 {
            continue;
        }
        if merged.is_qualified(name) {
            continue;
        }
        // Names that the tree knows besides may be fields or functions of something else.
        let is_known = view.is_defined(Version::Merged, name, file.family());
        if is_known || merged.imports.iter().any(|import| import.bound.as_deref() == Some(name)) {
            continue;
        }
        let by_call =
            merged.calls.iter().any(|call| matches!(&call.receiver, Receiver::Name(one) if one == name));
        let tier = if by_call { Tier::High } else { Tier::Medium };
        let line = line_on_b(view, file, name);
        let was = base.lines_of(name).first().copied().unwrap_or(1);
        let message = format!(
            "the name `{name}` is gone from {}, but line {line} begins to use it: use what took its place.",
            file.path
        );
        let place = View::before(&file.path, was);
        found.push(view.finding(Rule::S1, tier, name, place, view.on_b(&file.path, line), message));
    }
}
