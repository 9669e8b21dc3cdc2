//! S13: A dropped a dependency from a manifest, or took its next major version, and B begins to import it.

use std::collections::BTreeSet;

use super::view::View;
use super::{Changed, Family, Finding, Rule, Tier, Version};
use crate::facts::{DefKind, Definition, Facts, Import, Language};

/// What kind of manifest a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Npm,
    Cargo,
    Python,
}

/// One dependency, as a manifest states it.
#[derive(Debug, Clone, Copy)]
struct Stated<'a> {
    key: &'a Definition,
    name: &'a str,
    /// The version that is asked for, as written.
    version: Option<&'a str>,
}

/// Modules that a platform brings along, although packages of the name exist.
const BUILT_IN: [&str; 36] = [
    "argparse",
    "assert",
    "asyncio",
    "buffer",
    "child_process",
    "cluster",
    "console",
    "constants",
    "contextvars",
    "crypto",
    "dataclasses",
    "dns",
    "domain",
    "enum",
    "events",
    "fs",
    "http",
    "https",
    "ipaddress",
    "module",
    "os",
    "path",
    "pathlib",
    "process",
    "punycode",
    "querystring",
    "stream",
    "string_decoder",
    "sys",
    "timers",
    "tty",
    "typing",
    "unittest",
    "url",
    "util",
    "zlib",
];

/// Finds dependencies that A dropped or took the next version of, and imports of them that B adds.
pub fn find(view: &View<'_>, found: &mut Vec<Finding>) {
    for file in view.a_files() {
        let Some(kind) = kind(&file.path) else { continue };
        let (Some(base), Some(now)) = (file.at(Version::Base), file.at(view.a)) else { continue };
        for was in dependencies(kind, base) {
            let all = dependencies(kind, now);
            let same = all.iter().find(|one| one.key.name == was.key.name).copied();
            let is = same.or_else(|| all.iter().find(|one| one.name == was.name).copied());
            // A peer's range and one's own pin are two statements: each is compared with itself.
            let is_bumped = same.is_some_and(|is| is_apart(was.version, is.version));
            if is.is_none() || is_bumped {
                look(view, (kind, file), was, is, found);
            }
        }
    }
}

fn kind(path: &str) -> Option<Kind> {
    match path.rsplit('/').next().unwrap_or(path) {
        "package.json" => Some(Kind::Npm),
        "Cargo.toml" => Some(Kind::Cargo),
        "pyproject.toml" | "Pipfile" => Some(Kind::Python),
        _ => None,
    }
}

/// Returns what a manifest lists; a folder of the tree is no dependency that could go.
fn dependencies<'a>(kind: Kind, facts: &'a Facts) -> Vec<Stated<'a>> {
    let keys = || facts.definitions.iter().filter(|one| one.kind == DefKind::Key);
    let below = |key: &Definition, part: &str| {
        let path = format!("{}.{part}", key.name);
        keys().find(|one| one.name == path)
    };
    let is_local = |key: &Definition| {
        let value = key.result.as_deref().unwrap_or_default();
        ["workspace:", "file:", "link:"].iter().any(|start| value.starts_with(start))
            || ["path", "workspace"].iter().any(|part| below(key, part).is_some())
    };
    let stated = |key: &'a Definition| {
        let (table, name) = split(&key.name)?;
        let version = key.result.as_deref().or_else(|| below(key, "version")?.result.as_deref());
        (is_table(kind, table) && !is_local(key)).then_some(Stated { key, name, version })
    };
    keys().filter_map(stated).collect()
}

/// Parts a key's path before its last name, which may stand in quotes and hold dots.
fn split(path: &str) -> Option<(&str, &str)> {
    match path.strip_suffix('"').and_then(|rest| rest.rsplit_once(".\"")) {
        Some(parts) => Some(parts),
        None => path.rsplit_once('.'),
    }
}

fn is_table(kind: Kind, table: &str) -> bool {
    match kind {
        Kind::Npm => {
            matches!(table, "dependencies" | "devDependencies" | "peerDependencies" | "optionalDependencies")
        }
        Kind::Cargo => table.rsplit('.').next().is_some_and(|last| last.ends_with("dependencies")),
        Kind::Python => {
            let is_poetry = table.starts_with("tool.poetry.") && table.ends_with("dependencies");
            is_poetry || matches!(table, "packages" | "dev-packages")
        }
    }
}

/// Tells whether nothing that was asked for is asked for still.
fn is_apart(before: Option<&str>, after: Option<&str>) -> bool {
    let (before, after) = (before.and_then(majors), after.and_then(majors));
    matches!((before, after), (Some(before), Some(after)) if before.is_disjoint(&after))
}

/// Returns the first number that counts of each alternative; `None` when one has no end, or is not plain.
fn majors(versions: &str) -> Option<BTreeSet<(u32, u32)>> {
    let is_plain = |one: &&str| !one.starts_with('>') && !one.contains([' ', ',', '<', '*']);
    versions.split("||").map(str::trim).map(|one| Some(one).filter(is_plain).and_then(major)).collect()
}

/// Returns the part of a version that a new one of says that it does not fit: the first number that is not 0.
fn major(version: &str) -> Option<(u32, u32)> {
    let mut numbers = version.trim_start_matches(['^', '~', '=', 'v', '>', ' ']).split('.');
    let first: u32 = numbers.next()?.parse().ok()?;
    let second = numbers.next().and_then(|text| text.parse().ok()).unwrap_or(0);
    Some(if first > 0 { (first, 0) } else { (0, second) })
}

fn look(
    view: &View<'_>,
    (kind, manifest): (Kind, &Changed),
    was: Stated<'_>,
    is: Option<Stated<'_>>,
    found: &mut Vec<Finding>,
) {
    let module = module(kind, was.name);
    if BUILT_IN.contains(&module.as_str()) {
        return;
    }
    let folder = super::names::folder(&manifest.path);
    for file in view.b_files().filter(|file| reads(kind, file) && super::import::is_below(&file.path, folder))
    {
        let Some(line) = first_use(view, file, kind, &module) else { continue };
        if is.is_none() && (is_still_stated(view, kind, &file.path, was.name) || is_left(view, kind, &module))
        {
            continue;
        }
        found.push(tell(view, manifest, (was, is), file, line));
        return;
    }
}

/// Returns the name by which code calls a package.
fn module(kind: Kind, name: &str) -> String {
    match kind {
        Kind::Npm => name.to_owned(),
        Kind::Cargo => name.replace('-', "_"),
        Kind::Python => name.replace('-', "_").to_lowercase(),
    }
}

fn reads(kind: Kind, file: &Changed) -> bool {
    match kind {
        Kind::Npm => file.family() == Family::Script,
        Kind::Cargo => file.language == Language::Rust,
        Kind::Python => file.language == Language::Python,
    }
}

/// Returns the package's part of what is imported.
fn root(kind: Kind, module: &str) -> &str {
    match kind {
        Kind::Npm => {
            let n = if module.starts_with('@') { 2 } else { 1 };
            module.match_indices('/').nth(n - 1).and_then(|(at, _)| module.get(..at)).unwrap_or(module)
        }
        Kind::Cargo => module.split("::").next().unwrap_or(module),
        Kind::Python => module.split('.').next().unwrap_or(module),
    }
}

/// Returns the line of the first import of a package, or of the first path that begins with it.
fn line_of_use(facts: &Facts, kind: Kind, module: &str) -> Option<u32> {
    let is_it = |import: &&Import| root(kind, &import.module) == module;
    let imported = facts.imports.iter().find(is_it).map(|import| import.span.line);
    imported.or_else(|| {
        let is_written = facts.paths.keys().any(|path| root(kind, path) == module);
        let line = facts.lines_of(module).first().copied();
        line.filter(|_| kind == Kind::Cargo && is_written)
    })
}

/// Returns the line on which B begins to use a package in a file, and not something of the tree that is called alike.
fn first_use(view: &View<'_>, file: &Changed, kind: Kind, module: &str) -> Option<u32> {
    let merged = file.at(Version::Merged)?;
    line_of_use(merged, kind, module)?;
    let is_known = file.at(view.a).is_some_and(|facts| line_of_use(facts, kind, module).is_some());
    let is_own = match kind {
        Kind::Npm => false,
        Kind::Cargo => !super::crates::is_library(view, view.b, file, merged, module),
        Kind::Python => merged.imports.iter().any(|import| {
            root(kind, &import.module) == module
                && super::import::is_there(view, Version::Merged, file, import)
        }),
    };
    if is_known || is_own { None } else { line_of_use(file.at(view.b)?, kind, module) }
}

/// Tells whether a manifest above a file lists the package in the merged tree.
fn is_still_stated(view: &View<'_>, kind: Kind, path: &str, name: &str) -> bool {
    let names: &[&str] = match kind {
        Kind::Npm => &["package.json"],
        Kind::Cargo => &["Cargo.toml"],
        Kind::Python => &["pyproject.toml", "Pipfile"],
    };
    super::import::folders_above(path).any(|folder| {
        names.iter().any(|manifest| {
            let facts = view.trees.facts(Version::Merged, &super::import::join(folder, manifest));
            facts.is_some_and(|facts| dependencies(kind, &facts).iter().any(|one| one.name == name))
        })
    })
}

/// Tells whether A itself goes on importing the package, so that it comes from somewhere.
fn is_left(view: &View<'_>, kind: Kind, module: &str) -> bool {
    let naming = view.naming(view.a, module);
    naming.is_cut || naming.files.iter().any(|found| line_of_use(&found.facts, kind, module).is_some())
}

fn tell(
    view: &View<'_>,
    manifest: &Changed,
    (was, is): (Stated<'_>, Option<Stated<'_>>),
    file: &Changed,
    line: u32,
) -> Finding {
    let (name, path) = (was.name, &manifest.path);
    let place =
        is.map_or_else(|| View::before(path, was.key.name_line), |is| view.on_a(path, is.key.name_line));
    let message = match (is.and_then(|is| is.version), was.version) {
        (Some(after), Some(before)) => format!(
            "`{name}` is now asked for as {after} ({path}:{}), but {}:{line} begins to import it as of {before}: see \
             that it still fits.",
            place.line, file.path
        ),
        _ => format!(
            "`{name}` is no longer a dependency ({path}), but {}:{line} begins to import it: keep it in {path}.",
            file.path
        ),
    };
    view.finding(Rule::S13, Tier::Medium, name, place, view.on_b(&file.path, line), message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_another_when_nothing_that_was_asked_for_fits() {
        for (before, after, want) in [
            ("^1.2.0", "^2.0.0", true),
            ("0.2.13", "0.3.0", true),
            ("^1.2.0", "1.9", false),
            ("^14.0.0 || ^15.0.0", "^15.0.0 || ^16.0.0", false),
            ("^14.0.0 || ^15.0.0", "^16.0.0", true),
            ("^17.0.0", ">=16.0.0", false),
            ("1.2", ">=1.2,<3", false),
        ] {
            assert_eq!(is_apart(Some(before), Some(after)), want, "{before} {after}");
        }
    }
}
