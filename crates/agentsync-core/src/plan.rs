//! In which order branches should land.
//!
//! Whoever lands second mends what does not go together, so no order spares a clash as such. What an order
//! decides is how many owners have to mend anything, and who. The order is built one branch at a time: what a
//! branch relies on lands before it; among those that may land, the one with the least to mend comes first, then
//! the one that leaves the least to mend to those still waiting, then the smaller, then the name.

use std::collections::{BTreeMap, BTreeSet};

/// A branch that is to land.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branch {
    /// Its name, which no other has.
    pub name: String,
    /// The branches whose work it relies on. Those that are not to land, and itself, count for nothing.
    pub needs: BTreeSet<String>,
    /// In how many places it does not go together with what all land on.
    pub n_behind: usize,
    /// How many files it changes.
    pub n_files: usize,
}

/// Two branches that do not go together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clash {
    /// One of them.
    pub one: String,
    /// The other.
    pub other: String,
    /// In how many places.
    pub n_places: usize,
}

/// A branch in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The branch.
    pub name: String,
    /// What it relies on and what therefore lands before it.
    pub waits_for: Vec<String>,
    /// What lands before it and does not go together with it: its owner mends that.
    pub mends_after: Vec<String>,
    /// What it relies on and what lands after it all the same, since that relies on it in turn.
    pub despite: Vec<String>,
}

/// Returns the branches in the order in which they should land.
pub fn order(branches: &[Branch], clashes: &[Clash]) -> Vec<Step> {
    let names: BTreeMap<&str, &Branch> =
        branches.iter().map(|branch| (branch.name.as_str(), branch)).collect();
    let needs = needs(&names);
    let clashing = clashing(&names, clashes);
    let behind = reach(&needs);
    let mut waiting: BTreeSet<&str> = names.keys().copied().collect();
    let mut steps: Vec<Step> = Vec::new();
    while let Some(next) = choose(&names, &needs, &behind, &clashing, &waiting) {
        waiting.remove(next);
        let landed = |name: &&&str| !waiting.contains(**name) && **name != next;
        let owned = |name: &&str| (*name).to_owned();
        let own_needs = needs.get(next).cloned().unwrap_or_default();
        let own_clashes = clashing.get(next).cloned().unwrap_or_default();
        steps.push(Step {
            name: next.to_owned(),
            waits_for: own_needs.iter().filter(landed).map(owned).collect(),
            mends_after: own_clashes.keys().filter(landed).map(owned).collect(),
            despite: own_needs.iter().filter(|name| waiting.contains(*name)).map(owned).collect(),
        });
    }
    steps
}

type Sets<'a> = BTreeMap<&'a str, BTreeSet<&'a str>>;
type Weights<'a> = BTreeMap<&'a str, BTreeMap<&'a str, usize>>;

/// Returns what each branch needs, of those that are there.
fn needs<'a>(names: &BTreeMap<&'a str, &'a Branch>) -> Sets<'a> {
    let known = |branch: &'a Branch| {
        let needs = branch.needs.iter().filter_map(|need| names.get_key_value(need.as_str()));
        needs.map(|(name, _)| *name).filter(|name| *name != branch.name).collect()
    };
    names.iter().map(|(name, branch)| (*name, known(branch))).collect()
}

/// Returns with what each branch does not go together, and in how many places.
fn clashing<'a>(names: &BTreeMap<&'a str, &'a Branch>, clashes: &[Clash]) -> Weights<'a> {
    let mut weights: Weights<'a> = BTreeMap::new();
    for clash in clashes {
        let known = |name: &str| names.get_key_value(name).map(|(name, _)| *name);
        let (Some(one), Some(other)) = (known(&clash.one), known(&clash.other)) else { continue };
        if one == other {
            continue;
        }
        for (one, other) in [(one, other), (other, one)] {
            let weight = weights.entry(one).or_default().entry(other).or_default();
            *weight = weight.saturating_add(clash.n_places.max(1));
        }
    }
    weights
}

/// Returns all that each branch needs, and what those need, and so on.
fn reach<'a>(needs: &Sets<'a>) -> Sets<'a> {
    let mut reached = Sets::new();
    for name in needs.keys() {
        let mut open: Vec<&str> = vec![name];
        let mut seen: BTreeSet<&'a str> = BTreeSet::new();
        while let Some(one) = open.pop() {
            for need in needs.get(one).into_iter().flatten() {
                if seen.insert(need) {
                    open.push(need);
                }
            }
        }
        reached.insert(*name, seen);
    }
    reached
}

/// Picks the branch to land next.
fn choose<'a>(
    names: &BTreeMap<&'a str, &'a Branch>,
    needs: &Sets<'a>,
    reached: &Sets<'a>,
    clashing: &Weights<'a>,
    waiting: &BTreeSet<&'a str>,
) -> Option<&'a str> {
    let unmet = |name: &str| needs.get(name).into_iter().flatten().filter(|need| waiting.contains(*need));
    let needs_back = |need: &str, name: &str| reached.get(need).is_some_and(|all| all.contains(name));
    // Branches that need each other in a circle wait for nothing within it, or none of them would ever land.
    let is_ready = |name: &&str| unmet(name).all(|need| needs_back(need, name));
    let cost = |name: &&'a str| {
        let own = clashing.get(name);
        let clashes = || own.into_iter().flatten();
        let sum = |is_landed: bool| -> usize {
            let some = clashes().filter(|(other, _)| waiting.contains(*other) != is_landed);
            some.map(|(_, n_places)| *n_places).fold(0, usize::saturating_add)
        };
        let branch = names.get(name);
        let n_behind = branch.map_or(0, |branch| branch.n_behind);
        let n_files = branch.map_or(0, |branch| branch.n_files);
        (unmet(name).count(), sum(true).saturating_add(n_behind), sum(false), n_files, *name)
    };
    waiting.iter().filter(|name| is_ready(name)).min_by_key(|name| cost(name)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn branch(name: &str, needs: &[&str]) -> Branch {
        let needs = needs.iter().map(|need| (*need).to_owned()).collect();
        Branch { name: name.to_owned(), needs, n_behind: 0, n_files: 1 }
    }

    fn clash(one: &str, other: &str) -> Clash {
        Clash { one: one.to_owned(), other: other.to_owned(), n_places: 1 }
    }

    #[track_caller]
    fn check_order(branches: &[Branch], clashes: &[Clash], want: &[&str]) -> Vec<Step> {
        let steps = order(branches, clashes);
        let names: Vec<&str> = steps.iter().map(|step| step.name.as_str()).collect();
        assert_eq!(names, want);
        steps
    }

    #[test]
    fn what_is_relied_on_lands_first() {
        let steps =
            check_order(&[branch("a", &["b"]), branch("b", &["c"]), branch("c", &[])], &[], &["c", "b", "a"]);
        assert_eq!(steps[2].waits_for, ["b"]);
        assert!(steps.iter().all(|step| step.despite.is_empty() && step.mends_after.is_empty()));
    }

    #[test]
    fn one_that_clashes_with_many_mends_rather_than_the_many() {
        let branches = [branch("a", &[]), branch("b", &[]), branch("c", &[]), branch("d", &[])];
        let steps = check_order(
            &branches,
            &[clash("a", "b"), clash("a", "c"), clash("a", "d")],
            &["b", "c", "d", "a"],
        );
        assert_eq!(steps[3].mends_after, ["b", "c", "d"]);
        assert!(steps[..3].iter().all(|step| step.mends_after.is_empty()));
    }

    #[test]
    fn one_that_is_behind_comes_after_one_that_is_not() {
        let late = Branch { n_behind: 1, ..branch("a", &[]) };
        check_order(&[late, branch("b", &[])], &[], &["b", "a"]);
    }

    #[test]
    fn a_circle_is_cut_where_it_costs_least_and_said_to_be_one() {
        let branches = [branch("a", &["b"]), branch("b", &["a"]), branch("c", &["a"])];
        let steps = check_order(&branches, &[], &["a", "b", "c"]);
        assert_eq!(steps[0].despite, ["b"]);
        assert_eq!(
            (&steps[1].waits_for, &steps[2].waits_for),
            (&vec!["a".to_owned()], &vec!["a".to_owned()])
        );
    }

    #[test]
    fn what_is_not_there_is_not_waited_for() {
        let steps =
            check_order(&[branch("a", &["gone", "a"])], &[clash("a", "gone"), clash("a", "a")], &["a"]);
        assert_eq!(
            steps[0],
            Step { name: "a".to_owned(), waits_for: vec![], mends_after: vec![], despite: vec![] }
        );
    }
}
