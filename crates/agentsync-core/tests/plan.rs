//! Laws that hold of every landing order.

use std::collections::BTreeSet;

use agentsync_core::plan::{Branch, Clash, Step, order};
use proptest::prelude::*;

const NAMES: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

fn branches() -> impl Strategy<Value = Vec<Branch>> {
    let needs = proptest::collection::btree_set(proptest::sample::select(&NAMES[..]), 0..3);
    let branch = (needs, 0..3_usize, 0..4_usize);
    let all = proptest::collection::vec(branch, 0..=NAMES.len());
    all.prop_map(|all| {
        let branch = |(name, (needs, n_behind, n_files)): (&&str, (BTreeSet<&str>, usize, usize))| Branch {
            name: (*name).to_owned(),
            needs: needs.into_iter().map(str::to_owned).collect(),
            n_behind,
            n_files,
        };
        NAMES.iter().zip(all).map(branch).collect()
    })
}

fn clashes() -> impl Strategy<Value = Vec<Clash>> {
    let name = || proptest::sample::select(&NAMES[..]);
    let clash = (name(), name(), 0..4_usize).prop_map(|(one, other, n_places)| Clash {
        one: one.to_owned(),
        other: other.to_owned(),
        n_places,
    });
    proptest::collection::vec(clash, 0..8)
}

/// Tells whether `name` needs `other`, directly or through others.
fn needs(branches: &[Branch], name: &str, other: &str) -> bool {
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let mut open = vec![name];
    while let Some(one) = open.pop() {
        let found = branches.iter().find(|branch| branch.name == one);
        for need in found.into_iter().flat_map(|branch| &branch.needs) {
            if need == other {
                return true;
            }
            if seen.insert(need) {
                open.push(need);
            }
        }
    }
    false
}

fn at(steps: &[Step], name: &str) -> Option<usize> {
    steps.iter().position(|step| step.name == name)
}

proptest! {
    #[test]
    fn every_branch_lands_once(branches in branches(), clashes in clashes()) {
        let mut landed: Vec<String> = order(&branches, &clashes).into_iter().map(|step| step.name).collect();
        landed.sort();
        let all: Vec<String> = branches.iter().map(|branch| branch.name.clone()).collect();
        prop_assert_eq!(landed, all);
    }

    #[test]
    fn what_is_needed_lands_before_unless_it_needs_the_other_in_turn(branches in branches(), clashes in clashes()) {
        let steps = order(&branches, &clashes);
        for branch in &branches {
            for need in branch.needs.iter().filter(|need| **need != branch.name) {
                let Some(place) = at(&steps, need) else { continue };
                let own = at(&steps, &branch.name).unwrap();
                prop_assert!(place < own || needs(&branches, need, &branch.name));
                let step = &steps[own];
                prop_assert_eq!(step.waits_for.contains(need), place < own);
                prop_assert_eq!(step.despite.contains(need), place > own);
            }
        }
    }

    #[test]
    fn the_order_of_what_is_asked_does_not_matter(
        (branches, shuffled) in branches().prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
        (clashes, mixed) in clashes().prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
    ) {
        let turned: Vec<Clash> = mixed
            .into_iter()
            .map(|clash| Clash { one: clash.other, other: clash.one, n_places: clash.n_places })
            .collect();
        prop_assert_eq!(order(&branches, &clashes), order(&shuffled, &turned));
    }

    #[test]
    fn only_one_of_two_that_clash_mends(branches in branches(), clashes in clashes()) {
        let steps = order(&branches, &clashes);
        for clash in clashes.iter().filter(|clash| clash.one != clash.other) {
            let (Some(one), Some(other)) = (at(&steps, &clash.one), at(&steps, &clash.other)) else { continue };
            let (first, second) = (one.min(other), one.max(other));
            prop_assert!(steps[second].mends_after.contains(&steps[first].name));
            prop_assert!(!steps[first].mends_after.contains(&steps[second].name));
        }
    }
}
