//! Overlap against a brute-force oracle.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that cannot go on must stop"
)]

mod oracle;

use agentsync_core::overlap::{SpecIndex, Witness};
use agentsync_core::{Dialect, PathSpec};
use oracle::{PATHS, covers};
use proptest::prelude::*;

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
    fn r_30_overlap_is_what_a_search_of_all_short_paths_finds(one in spec(), other in spec()) {
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
    fn a_wider_spec_meets_whatever_the_narrower_one_met(one in spec(), other in spec()) {
        let is_plain = |name: &str| !name.contains(['*', '?', '[', '{']);
        let wider = match one.split_once('/') {
            Some((folder, _)) if is_plain(folder) => folder,
            _ => ".",
        };
        if parse(&one).overlap(&parse(&other)).is_some() {
            prop_assert!(parse(wider).overlap(&parse(&other)).is_some(), "{wider} and {other}, as {one}");
        }
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
