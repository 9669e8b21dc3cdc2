//! S9: A moved a type out of its package, and B begins to use it there without an import.

use super::names::{folder, is_ubiquitous};
use super::resolve::is_type;
use super::view::{View, count, declares, defines};
use super::{Changed, Finding, Rule, Tier, Version};
use crate::facts::{DefKind, Definition, Facts, Language};

/// Finds names that left a package whose other files share it, and files of the package in which B begins to use them.
pub fn find(view: &View<'_>, found: &mut Vec<Finding>) {
    for file in view.a_files().filter(|file| shares(file.language)) {
        let Some(base) = file.at(Version::Base) else { continue };
        let is_top = |one: &&Definition| one.container.is_empty() && !is_ubiquitous(&one.name);
        for old in base.definitions.iter().filter(is_top) {
            let is_shared = is_type(old.kind) || matches!(old.kind, DefKind::Function | DefKind::Constant);
            if !is_shared || is_in_package(view, view.a, file, base, &old.name) {
                continue;
            }
            for other in view.b_files().filter(|other| is_neighbour(other, file, base)) {
                look(view, file, base, old, other, found);
            }
        }
    }
}

fn shares(language: Language) -> bool {
    matches!(language, Language::Java | Language::Kotlin | Language::Go | Language::CSharp)
}

fn is_neighbour(other: &Changed, file: &Changed, base: &Facts) -> bool {
    let package = other.at(Version::Merged).map(|facts| &facts.package);
    let is_go = file.language == Language::Go;
    other.family() == file.family()
        && package == Some(&base.package)
        && (!is_go || folder(&other.path) == folder(&file.path))
}

/// Tells whether a version has the name at the top of the package that `file` was in.
fn is_in_package(view: &View<'_>, version: Version, file: &Changed, base: &Facts, name: &str) -> bool {
    let is_top =
        |facts: &Facts| facts.definitions.iter().any(|one| one.name == name && one.container.is_empty());
    let is_same = |path: &str, facts: &Facts| {
        facts.package == base.package && (file.language != Language::Go || folder(path) == folder(&file.path))
    };
    let in_delta = view.delta.files.iter().filter(|one| one.family() == file.family());
    let mut in_delta = in_delta.filter_map(|one| Some((one.path.as_str(), one.at(version)?)));
    if in_delta.any(|(path, facts)| is_same(path, facts) && is_top(facts)) {
        return true;
    }
    let naming = view.naming(version, name);
    naming.is_cut
        || naming.files.iter().any(|found| is_same(&found.path, &found.facts) && is_top(&found.facts))
}

fn look(
    view: &View<'_>,
    file: &Changed,
    base: &Facts,
    old: &Definition,
    other: &Changed,
    found: &mut Vec<Finding>,
) {
    let Some(merged) = other.at(Version::Merged) else { return };
    let name = old.name.as_str();
    let is_first = count(Some(merged), name) > 0 && count(other.at(view.a), name) == 0;
    let is_star = merged.imports.iter().any(|import| import.name.as_deref() == Some("*"));
    let is_bound = merged.imports.iter().any(|import| import.bound.as_deref() == Some(name));
    if !is_first || is_bound || declares(merged, name) || defines(merged, name) {
        return;
    }
    // Where nobody has the name any more, S1 has said so.
    if !view.is_defined(Version::Merged, name, file.family())
        || is_in_package(view, Version::Merged, file, base, name)
    {
        return;
    }
    let used = view.added_uses(name, file.family()).into_iter().find(|used| used.file.path == other.path);
    let Some(line) = used.map(|used| used.line) else { return };
    let tier = if is_star || is_qualified(merged, name) { Tier::Medium } else { Tier::High };
    let message = format!(
        "`{name}` left its package ({}), but {}:{line} begins to use it from there without an import: import it from \
         where it is now.",
        file.path, other.path
    );
    let place = View::before(&file.path, old.name_line);
    found.push(view.finding(Rule::S9, tier, name, place, view.on_b(&other.path, line), message));
}

/// Tells whether every call of the name stands behind something, so that it is not the package's.
fn is_qualified(facts: &Facts, name: &str) -> bool {
    use crate::facts::Receiver;
    let mut calls = facts.calls.iter().filter(|call| call.name == name).peekable();
    let is_behind = |receiver: &Receiver| !matches!(receiver, Receiver::None | Receiver::New);
    calls.peek().is_some() && calls.all(|call| is_behind(&call.receiver))
}
