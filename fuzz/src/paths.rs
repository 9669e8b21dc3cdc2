//! Path specs: one canonical form, and overlap as a search of all short paths finds it.

use agentsync_core::overlap::Witness;
use agentsync_core::{Dialect, PathSpec};

use crate::oracle::{PATHS, covers};

/// Any text as a spec, in both dialects.
pub fn path(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let other = PathSpec::read("src/**/a?.rs", Dialect::Agentsync);
    for dialect in [Dialect::Agentsync, Dialect::Predecessor] {
        let spec = PathSpec::read(text, dialect);
        assert!(spec.overlap(&spec).is_some(), "a spec meets itself");
        assert_eq!(spec.overlap(&other).is_some(), other.overlap(&spec).is_some(), "in either order");
        let _ = spec.covers("src/a/ab.rs");
    }
    if let Ok(spec) = PathSpec::parse(text, &["/home/alice/shop"]) {
        let canonical = spec.as_str();
        assert_eq!(PathSpec::parse(canonical, &[]).as_ref(), Ok(&spec), "what is canonical stays so");
        assert!(!canonical.starts_with('/') && !canonical.split('/').any(|name| name == ".."), "{canonical}");
        assert!(!canonical.contains(agentsync_core::text::is_hidden), "{canonical:?}");
        let is_git = |name: &str| name.eq_ignore_ascii_case(".git");
        assert!(!canonical.split('/').any(is_git), "{canonical}");
    }
}

/// Spells a spec within the oracle's limits from bytes: at most one pair of braces, and no name in
/// which two stars cross folders.
fn spell(data: &[u8]) -> Option<String> {
    let part = |byte: &u8| ["a", "b", "*", "?", "[ab]", "[!a]", "/", "{a,bb}", "/**/"][usize::from(byte % 9)];
    let text: String = data.iter().take(8).map(part).collect();
    let names: Vec<&str> = text.split('/').filter(|name| !name.is_empty()).collect();
    let crosses = names.iter().any(|name| *name != "**" && name.contains("**"));
    let fits = !names.is_empty() && names.len() < 5 && !crosses && text.matches('{').count() <= 1;
    fits.then(|| names.join("/"))
}

/// Two globs against the oracle.
pub fn globs(data: &[u8]) {
    let (left, right) = data.split_at(data.len() / 2);
    let (Some(one), Some(other)) = (spell(left), spell(right)) else { return };
    let parse = |text: &str| PathSpec::parse(text, &[]).unwrap_or_else(|err| panic!("{text}: {err}"));
    let got = parse(&one).overlap(&parse(&other));
    match got {
        Some(Witness::Path(path)) => {
            assert!(
                covers(&one, &path) && covers(&other, &path),
                "{one} and {other} do not both cover {path}"
            );
        }
        Some(Witness::Undecided) => panic!("{one} and {other} are within any budget"),
        None => {
            let found = PATHS.iter().find(|path| covers(&one, path) && covers(&other, path));
            assert_eq!(found, None, "{one} and {other}");
        }
    }
}
