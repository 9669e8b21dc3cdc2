//! Overlap against a brute-force oracle: every short path, matched by plain backtracking.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that cannot go on must stop"
)]

use std::sync::LazyLock;

use agentsync_core::overlap::{SpecIndex, Witness};
use agentsync_core::{Dialect, PathSpec};
use proptest::prelude::*;

/// Every well-formed path over `a`, `b` and `/` of up to seven characters.
static PATHS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let mut all = Vec::new();
    let mut last = vec![String::new()];
    for _ in 0..7 {
        last = last.iter().flat_map(|path| ["a", "b", "/"].map(|c| format!("{path}{c}"))).collect();
        last.retain(|path| !path.starts_with('/') && !path.contains("//"));
        all.extend(last.iter().filter(|path| !path.ends_with('/')).cloned());
    }
    all
});

/// Tells whether a spec without braces covers a path, one rule after the other.
fn covers_one(spec: &str, path: &str) -> bool {
    let is_pattern = spec.contains(['*', '?', '[']);
    if !is_pattern {
        return path == spec || path.starts_with(&format!("{spec}/"));
    }
    let is_own_text = !spec.contains(['*', '?']) && (path == spec || path.starts_with(&format!("{spec}/")));
    if is_own_text {
        return true;
    }
    let mut names: Vec<&str> = spec.split('/').collect();
    if names.len() == 1 && spec != "**" {
        names.insert(0, "**");
    }
    let parts: Vec<&str> = path.split('/').collect();
    let crosses = names.iter().any(|name| *name != "**" && name.contains("**"));
    match crosses {
        true => {
            let body = spec.chars().collect::<Vec<_>>();
            let prefixes = if spec.contains('/') { vec![0] } else { starts(path) };
            prefixes.into_iter().any(|start| text(&body, &path[start..].chars().collect::<Vec<_>>()))
        }
        false => segments(&names, &parts),
    }
}

/// Where a file name may begin.
fn starts(path: &str) -> Vec<usize> {
    std::iter::once(0).chain(path.match_indices('/').map(|(at, _)| at + 1)).collect()
}

fn segments(names: &[&str], parts: &[&str]) -> bool {
    match (names, parts) {
        ([], parts) => parts.is_empty(),
        (["**"], parts) => !parts.is_empty(),
        (["**", rest @ ..], parts) => (0..=parts.len()).any(|n| segments(rest, &parts[n..])),
        (_, []) => false,
        ([name, rest @ ..], [part, parts @ ..]) => {
            let (name, part): (Vec<char>, Vec<char>) = (name.chars().collect(), part.chars().collect());
            text(&name, &part) && segments(rest, parts)
        }
    }
}

/// Matches a text in which `**` crosses folders and no whole name is `**`.
fn text(pattern: &[char], path: &[char]) -> bool {
    // A bracket expression is also its own text.
    let n_bracket =
        pattern.iter().position(|c| *c == ']').filter(|_| pattern.starts_with(&['['])).map_or(0, |at| at + 1);
    if n_bracket > 0
        && path.starts_with(&pattern[..n_bracket])
        && text(&pattern[n_bracket..], &path[n_bracket..])
    {
        return true;
    }
    match (pattern, path) {
        ([], path) => path.is_empty(),
        (['*', '*', rest @ ..], path) => (0..=path.len()).any(|n| text(rest, &path[n..])),
        (['*', rest @ ..], path) => {
            let reach = path.iter().take_while(|c| **c != '/').count();
            (0..=reach).any(|n| text(rest, &path[n..]))
        }
        (['?', rest @ ..] | ['[', 'a', 'b', ']', rest @ ..], [c, path @ ..]) => *c != '/' && text(rest, path),
        (['[', '!', 'a', ']', rest @ ..], [c, path @ ..]) => !"a/".contains(*c) && text(rest, path),
        ([one, rest @ ..], [c, path @ ..]) => one == c && text(rest, path),
        (_, []) => false,
    }
}

/// Tells whether a spec with at most one pair of braces covers a path.
fn covers(spec: &str, path: &str) -> bool {
    match (spec.split_once('{'), spec.split_once('}')) {
        (Some((before, _)), Some((inside, after))) => {
            let inside = &inside[before.len() + 1..];
            inside.split(',').any(|choice| covers_one(&tidy(&format!("{before}{choice}{after}")), path))
        }
        _ => covers_one(spec, path),
    }
}

fn tidy(spec: &str) -> String {
    spec.split('/').filter(|name| !name.is_empty()).collect::<Vec<_>>().join("/")
}

fn name() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        6 => Just("a"),
        6 => Just("b"),
        2 => Just("*"),
        2 => Just("?"),
        1 => Just("[ab]"),
        1 => Just("[!a]"),
    ];
    prop_oneof![
        8 => proptest::collection::vec(part, 1..4).prop_map(|parts| parts.concat().replace("**", "*")),
        2 => Just("**".to_owned()),
        1 => Just("{a,bb}".to_owned()),
        1 => Just("{a*,b}".to_owned()),
        1 => Just("a**b".to_owned()),
    ]
}

/// Specs with at most one pair of braces; names in which `**` crosses do not stand beside a whole `**`,
/// for the sake of the oracle.
fn spec() -> impl Strategy<Value = String> {
    proptest::collection::vec(name(), 1..4)
        .prop_map(|names| names.join("/"))
        .prop_filter("one pair of braces", |spec| spec.matches('{').count() <= 1)
        .prop_filter("the oracle's limits", |spec| {
            !(spec.contains("a**b") && spec.replace("a**b", "").contains("**"))
        })
}

fn parse(text: &str) -> PathSpec {
    PathSpec::parse(text, &[]).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn overlap_is_what_a_search_of_all_short_paths_finds(one in spec(), other in spec()) {
        let (a, b) = (parse(&one), parse(&other));
        let found = PATHS.iter().find(|path| covers(&one, path) && covers(&other, path));
        let got = a.overlap(&b);
        if let Some(path) = found {
            prop_assert!(got.is_some(), "{one} and {other} both cover {path}");
        }
        match got {
            Some(Witness::Path(path)) => {
                prop_assert!(covers(&one, &path), "{one} does not cover {path}");
                prop_assert!(covers(&other, &path), "{other} does not cover {path}");
            }
            Some(Witness::Undecided) => prop_assert!(false, "{one} and {other} are within any budget"),
            None => {}
        }
    }

    #[test]
    fn covering_is_what_the_oracle_says(one in spec(), n in 0..2000_usize) {
        let path = &PATHS[n % PATHS.len()];
        prop_assert_eq!(parse(&one).covers(path), covers(&one, path), "{} and {}", one, path);
    }

    #[test]
    fn overlap_does_not_depend_on_the_order(one in spec(), other in spec()) {
        let (a, b) = (parse(&one), parse(&other));
        prop_assert_eq!(a.overlap(&b).is_some(), b.overlap(&a).is_some());
        prop_assert!(a.overlap(&a).is_some());
    }

    #[test]
    fn an_index_finds_what_comparing_each_finds(mine in proptest::collection::vec(spec(), 0..8), other in spec()) {
        let specs: Vec<PathSpec> = mine.iter().map(|text| parse(text)).collect();
        let other = parse(&other);
        let each = specs.iter().enumerate();
        let want: Vec<usize> = each.filter(|(_, spec)| spec.overlap(&other).is_some()).map(|(idx, _)| idx).collect();
        let got: Vec<usize> = SpecIndex::new(&specs).meets(&other).into_iter().map(|(idx, _)| idx).collect();
        prop_assert_eq!(got, want);
    }

    #[test]
    fn no_text_is_too_strange_to_be_read(text in "\\PC{0,40}", other in spec()) {
        for dialect in [Dialect::Agentsync, Dialect::Predecessor] {
            let strange = PathSpec::read(&text, dialect);
            prop_assert!(strange.overlap(&strange).is_some());
            let _ = strange.overlap(&parse(&other));
            let _ = strange.covers("a/b");
        }
        if let Ok(spec) = PathSpec::parse(&text, &[]) {
            // What is canonical stays as it is.
            let again = PathSpec::parse(&spec.to_string(), &[]);
            prop_assert_eq!(again.as_ref(), Ok(&spec));
        }
    }

    #[test]
    fn the_predecessors_reading_covers_what_ours_does(one in spec(), n in 0..2000_usize) {
        let path = &PATHS[n % PATHS.len()];
        // Braces and two stars are ours; a slashless glob is the name alone there.
        if !one.contains(['{', '!']) && !one.contains("**") && one.contains('/') && parse(&one).covers(path) {
            prop_assert!(PathSpec::read(&one, Dialect::Predecessor).covers(path), "{} and {}", one, path);
        }
    }
}
