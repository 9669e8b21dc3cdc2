//! Which paths of a Rust file lead out of the tree, to a library: what is gone from the tree is not meant by them.

use std::collections::BTreeSet;

use super::view::{View, count, defines};
use super::{Changed, Version};
use crate::facts::{DefKind, Facts, Import, Language};

/// Where a manifest says that a crate comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Source {
    /// A registry, or another repository.
    Library,
    /// A folder of this tree.
    Tree,
    /// Where the manifest of the workspace says.
    Workspace,
}

/// How many imports, each of what another one binds, are followed.
const DEEP: usize = 4;
/// Types that need no import.
const PRIMITIVES: [&str; 17] = [
    "bool", "char", "f32", "f64", "i128", "i16", "i32", "i64", "i8", "isize", "str", "u128", "u16", "u32",
    "u64", "u8", "usize",
];

/// Tells whether a path as written begins with a library's name. What cannot be told is taken to stay in the tree.
pub fn is_library(view: &View<'_>, version: Version, file: &Changed, facts: &Facts, path: &str) -> bool {
    let mut root = first(path);
    // What an import binds begins where the import does.
    for _ in 0..DEEP {
        let binds = |import: &&Import| import.bound.as_deref() == Some(root) && first(&import.module) != root;
        let Some(import) = facts.imports.iter().find(binds) else { break };
        root = first(&import.module);
    }
    // A type, of the language's own too, may have members from anywhere.
    let is_type = root.starts_with(char::is_uppercase) || PRIMITIVES.contains(&root);
    if matches!(root, "" | "?" | "crate" | "self" | "super") || is_type || defines(facts, root) {
        return false;
    }
    if matches!(root, "std" | "core" | "alloc") {
        return true;
    }
    match source(view, version, &file.path, root) {
        Some(source) => source == Source::Library,
        None => is_nobodys(view, version, file, facts, root),
    }
}

fn first(path: &str) -> &str {
    path.split("::").next().unwrap_or_default()
}

/// Asks the manifests above a file, the nearest first, for a crate.
fn source(view: &View<'_>, version: Version, path: &str, name: &str) -> Option<Source> {
    let all: Vec<_> = manifests(view, version, path).collect();
    // A patch may put a folder of the tree in a library's place.
    if all.iter().any(|(_, facts)| stated(facts, name).contains(&Source::Tree)) {
        return Some(Source::Tree);
    }
    all.iter().flat_map(|(_, facts)| stated(facts, name)).find(|source| *source == Source::Library)
}

/// Returns the manifests above a file, the nearest first, each with its folder.
fn manifests<'v>(
    view: &'v View<'_>,
    version: Version,
    path: &'v str,
) -> impl Iterator<Item = (&'v str, std::sync::Arc<Facts>)> {
    super::import::folders_above(path).filter_map(move |folder| {
        let manifest = super::import::join(folder, "Cargo.toml");
        Some((folder, view.trees.facts(version, &manifest)?))
    })
}

/// Returns what a manifest says of a crate: in a table of dependencies, or in a patch.
fn stated(facts: &Facts, name: &str) -> BTreeSet<Source> {
    let is_it = |part: &str| part.trim_matches('"').replace('-', "_") == name;
    let mut all = BTreeSet::new();
    for key in facts.definitions.iter().filter(|one| one.kind == DefKind::Key) {
        let mut parts = key.name.rsplit('.');
        let (last, before) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let is_listed = |table: &str| table.ends_with("dependencies");
        match last {
            "path" if is_it(before) => drop(all.insert(Source::Tree)),
            "workspace" if is_it(before) => drop(all.insert(Source::Workspace)),
            _ if is_it(last) && is_listed(before) => drop(all.insert(Source::Library)),
            _ => {}
        }
    }
    // `a = { path = … }` and `a = { workspace = true }` are listed too.
    if all.contains(&Source::Tree) || all.contains(&Source::Workspace) {
        all.remove(&Source::Library);
    }
    all
}

/// Tells whether a name that no manifest lists can be nothing of this tree either: where there is a manifest, it is
/// not the package itself, no module at the crate's root, and no import of everything may bring it.
fn is_nobodys(view: &View<'_>, version: Version, file: &Changed, facts: &Facts, name: &str) -> bool {
    let is_star = |import: &Import| import.name.as_deref() == Some("*");
    let Some((folder, manifest)) = manifests(view, version, &file.path).next() else { return false };
    let is_own = manifest.definitions.iter().any(|key| {
        let is_name = matches!(key.name.as_str(), "package.name" | "lib.name");
        is_name && key.result.as_deref().is_some_and(|own| own.replace('-', "_") == name)
    });
    let root = super::import::join(folder, "src");
    let files = [format!("{root}/{name}.rs"), format!("{root}/{name}/mod.rs")];
    let is_inherited = stated(&manifest, name).contains(&Source::Workspace);
    !is_own
        && !is_inherited
        && !facts.imports.iter().any(is_star)
        && !files.iter().any(|path| view.trees.has_path(version, path))
        && !super::import::is_inline(view, version, &format!("{root}/{name}"), name)
}

/// Tells whether all that B adds of a name stands in paths that lead to libraries.
pub fn is_only_in_libraries(view: &View<'_>, file: &Changed, merged: &Facts, name: &str) -> bool {
    if file.language != Language::Rust {
        return false;
    }
    let n_in = |facts: &Facts| n_in_libraries(view, file, facts, name);
    let n_before = file.at(view.a).map_or(0, n_in);
    let n_added = count(Some(merged), name).saturating_sub(count(file.at(view.a), name));
    n_added <= n_in(merged).saturating_sub(n_before)
}

fn n_in_libraries(view: &View<'_>, file: &Changed, facts: &Facts, name: &str) -> u32 {
    let has = |path: &str| path.split("::").skip(1).any(|part| part == name);
    let leads_out = |path: &str| has(path) && is_library(view, Version::Merged, file, facts, path);
    let in_code = facts.paths.iter().filter(|(path, _)| leads_out(path)).map(|(_, n)| *n).sum::<u32>();
    // A list of imports states what is before it once.
    let modules: BTreeSet<&str> = facts.imports.iter().map(|import| import.module.as_str()).collect();
    let in_modules = modules.into_iter().filter(|module| leads_out(module)).count();
    let taken: BTreeSet<(&str, &str)> = facts
        .imports
        .iter()
        .filter_map(|import| Some((import.module.as_str(), import.name.as_deref()?)))
        .filter(|(module, taken)| *taken == name && is_library(view, Version::Merged, file, facts, module))
        .collect();
    let in_imports = u32::try_from(in_modules + taken.len()).unwrap_or(u32::MAX);
    in_code.saturating_add(in_imports)
}
