//! Which changed files are not looked at, and why.

use agentsync_core::facts::{Language, LeftOut};
use agentsync_core::semantic::{Changed, Family};

/// What the tree's own `.gitattributes` say of a path, where they say anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Told {
    /// `linguist-generated`.
    pub is_generated: Option<bool>,
    /// `linguist-vendored`.
    pub is_vendored: Option<bool>,
}

/// Folders that hold others' code by custom.
const VENDORED: [&str; 13] = [
    "3rdparty",
    "Carthage",
    "Godeps",
    "Pods",
    "bower_components",
    "node_modules",
    "site-packages",
    "third-party",
    "third_party",
    "thirdparty",
    "vendor",
    "vendored",
    "vendors",
];
/// Of those, the ones that are never a package of somebody's own program.
const FOREIGN: [&str; 3] = ["bower_components", "node_modules", "site-packages"];
/// Files that a package manager writes.
const LOCKS: [&str; 16] = [
    "Cargo.lock",
    "Gemfile.lock",
    "Package.resolved",
    "Pipfile.lock",
    "bun.lock",
    "composer.lock",
    "deno.lock",
    "flake.lock",
    "npm-shrinkwrap.json",
    "package-lock.json",
    "packages.lock.json",
    "pdm.lock",
    "pnpm-lock.yaml",
    "poetry.lock",
    "uv.lock",
    "yarn.lock",
];

/// Returns why a path is not looked at, before it is read. What the tree says of it is stronger than custom.
pub fn by_path(path: &str, language: Language, told: Told) -> Option<&'static str> {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let is_vendored = told.is_vendored.unwrap_or_else(|| is_vendored(folder, language));
    let is_written = told.is_generated != Some(false);
    match () {
        () if told.is_generated == Some(true) => Some("generated"),
        () if is_vendored => Some("vendored"),
        () if is_written && LOCKS.contains(&name) => Some("lock file"),
        () if is_written && folder.split('/').any(|part| part == "__snapshots__") => Some("snapshot"),
        () => None,
    }
}

fn is_vendored(folder: &str, language: Language) -> bool {
    // In the languages of the JVM folders are packages, and `shop.vendor` may be about sellers.
    let is_jvm = agentsync_core::semantic::family(language) == Family::Jvm;
    let is_foreign = |part: &str| if is_jvm { FOREIGN.contains(&part) } else { VENDORED.contains(&part) };
    folder.split('/').any(is_foreign)
}

/// Returns why a file that was read is not looked at.
pub fn by_facts(changed: &Changed, told: Told) -> Option<&'static str> {
    let versions = [&changed.base, &changed.left, &changed.right, &changed.merged];
    versions.into_iter().flatten().find_map(|facts| match facts.left_out {
        Some(LeftOut::Binary) => Some("binary"),
        Some(LeftOut::Huge) => Some("huge"),
        Some(LeftOut::RanAway) => Some("took the parser too long"),
        Some(LeftOut::NoGrammar) => Some("no grammar"),
        None if facts.is_generated && told.is_generated != Some(false) => Some("generated"),
        None => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, language: Language, told: Told, want: Option<&str>) {
        assert_eq!(by_path(path, language, told), want, "{path}");
    }

    #[test]
    fn folders_of_others_are_left_out_by_custom() {
        let none = Told::default();
        check("web/node_modules/a/index.js", Language::JavaScript, none, Some("vendored"));
        check("vendor/github.com/a/b/c.go", Language::Go, none, Some("vendored"));
        check("src/vendor.go", Language::Go, none, None);
        check("src/vendoring/a.go", Language::Go, none, None);
        check("src/main/java/shop/vendor/Vendor.java", Language::Java, none, None);
        check("package-lock.json", Language::Json, none, Some("lock file"));
        check("src/__snapshots__/a.js", Language::JavaScript, none, Some("snapshot"));
    }

    #[test]
    fn the_tree_s_own_word_is_stronger() {
        let vendored = |is| Told { is_vendored: Some(is), ..Told::default() };
        let generated = |is| Told { is_generated: Some(is), ..Told::default() };
        check("vendor/ours/a.go", Language::Go, vendored(false), None);
        check("lib/a.go", Language::Go, vendored(true), Some("vendored"));
        check("api/a.pb.go", Language::Go, generated(true), Some("generated"));
        check("yarn.lock", Language::Yaml, generated(false), None);
    }
}
