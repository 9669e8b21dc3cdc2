//! What `plan` answers: in which order branches should land, and what each owner should do.

use serde::Serialize;

use super::Exit;
use super::check_pairs::FindingReport;
use super::claim_view::{name, path};
use crate::app::plan::{Merged, Placed, Planned, between};
use agentsync_core::semantic::Tier;

/// How many files of one branch are named.
const MAX_FILES: usize = 8;
/// How many findings of one branch are shown.
const MAX_FINDINGS: usize = 3;

/// The order.
#[derive(Debug, Serialize)]
pub struct PlanReport {
    /// The branch that all land on.
    pub onto: String,
    /// The branches, the first to land first.
    pub order: Vec<StepView>,
    /// Whether every one of them was merged after those before it.
    pub verified: bool,
    /// How each two of them compare, by their places, where there is something to say.
    pub pairs: Vec<CellView>,
    /// Branches that have nothing that `onto` lacks.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub landed: Vec<String>,
    /// Branches that claims name and that are not at the remote.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_pushed: Vec<String>,
    /// How many pairs there was no time to compare; the next call goes on with them.
    #[serde(skip_serializing_if = "is_zero")]
    pub n_unfinished: usize,
    /// The best next step.
    pub next: String,
}

/// One branch in its place.
#[derive(Debug, Serialize)]
pub struct StepView {
    /// Its place, from 1.
    pub place: usize,
    /// The branch.
    pub branch: String,
    /// Whose claim names it.
    pub partner: Option<String>,
    /// Whether it is the one that is checked out here.
    pub mine: bool,
    /// `land`, `wait` or `rebase`.
    pub action: &'static str,
    /// What is to be done and why, in one sentence.
    pub advice: String,
    /// What it relies on, and what lands before it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub waits_for: Vec<String>,
    /// What lands before it and does not go together with it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rebase_after: Vec<String>,
    /// What it relies on and what lands after it, since that relies on it in turn.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub circle_with: Vec<String>,
    /// The files to look at.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<String>,
    /// How it merged after those before it: `clean`, `conflicts`, `findings` or `unknown`.
    pub merged: &'static str,
    /// What did not fit together then.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub semantic: Vec<FindingReport>,
    /// Why it could not be merged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// How two branches compare.
#[derive(Debug, Serialize)]
pub struct CellView {
    /// The place of the one that lands first.
    pub first: usize,
    /// The place of the other.
    pub second: usize,
    /// `conflict`, `finding`, `warning` or `unknown`.
    pub is: &'static str,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
fn is_zero(n: &usize) -> bool {
    *n == 0
}

impl PlanReport {
    /// Reports an order.
    pub fn of(planned: &Planned) -> PlanReport {
        let order: Vec<StepView> =
            planned.order.iter().enumerate().map(|(n, placed)| step(planned, n + 1, placed)).collect();
        PlanReport {
            onto: name(&planned.onto),
            verified: order.iter().all(|step| step.merged != "unknown"),
            pairs: cells(planned),
            landed: planned.landed.iter().map(|branch| name(branch)).collect(),
            not_pushed: planned.all.absent.iter().map(|branch| name(branch)).collect(),
            n_unfinished: planned.all.n_unfinished,
            next: next(&order),
            order,
        }
    }

    /// Returns how the program ends: 1 when somebody has to mend something, 3 when that is not known.
    pub fn exit(&self) -> Exit {
        match () {
            () if self.order.iter().any(|step| step.action == "rebase") => Exit::No,
            () if !self.verified || self.n_unfinished > 0 => Exit::TryAgain,
            () => Exit::Yes,
        }
    }
}

fn next(order: &[StepView]) -> String {
    match (order.iter().find(|step| step.mine), order.first()) {
        (Some(mine), _) => format!("you: {}", mine.advice),
        (None, Some(first)) => format!("land {} first", first.branch),
        (None, None) => "nothing waits to land".to_owned(),
    }
}

fn step(planned: &Planned, place: usize, placed: &Placed) -> StepView {
    let branch = planned.all.branches.get(placed.at);
    let names = |names: &[String]| names.iter().map(|branch| name(branch)).collect::<Vec<_>>();
    let (merged, semantic, note) = match &placed.merged {
        Merged::Clean => ("clean", Vec::new(), None),
        Merged::Conflicts(_) => ("conflicts", Vec::new(), None),
        Merged::Findings(found) => {
            ("findings", found.iter().take(MAX_FINDINGS).map(FindingReport::shown).collect(), None)
        }
        Merged::Unknown(why) => ("unknown", Vec::new(), Some(name(why))),
    };
    let mut view = StepView {
        place,
        branch: name(&placed.step.name),
        partner: branch.and_then(|branch| branch.owner.as_ref()).map(|key| name(key.as_str())),
        mine: branch.is_some_and(|branch| branch.is_mine),
        action: action(placed),
        advice: String::new(),
        waits_for: names(&placed.step.waits_for),
        rebase_after: names(&placed.step.mends_after),
        circle_with: names(&placed.step.despite),
        files: placed.files.iter().take(MAX_FILES).map(|file| path(file)).collect(),
        merged,
        semantic,
        note,
    };
    view.advice = advice(&view, &planned.onto, placed);
    view
}

fn action(placed: &Placed) -> &'static str {
    let goes_together = matches!(placed.merged, Merged::Clean | Merged::Unknown(_));
    match placed.step.mends_after.is_empty() && !placed.is_behind && goes_together {
        false => "rebase",
        true if placed.step.waits_for.is_empty() => "land",
        true => "wait",
    }
}

fn advice(view: &StepView, onto: &str, placed: &Placed) -> String {
    let n_more = placed.files.len().saturating_sub(view.files.len());
    let more = if n_more > 0 { format!(" and {n_more} more") } else { String::new() };
    let look = if view.files.is_empty() {
        String::new()
    } else {
        format!(", and look at {}{more}", view.files.join(", "))
    };
    let waits = match view.waits_for.as_slice() {
        [] => String::new(),
        names => format!("wait for {}, which it relies on, then ", names.join(" and ")),
    };
    match view.action {
        "land" => "land now".to_owned(),
        "wait" => format!("{waits}land"),
        _ if !view.rebase_after.is_empty() => {
            format!("{waits}rebase after {}{look}", view.rebase_after.join(" and "))
        }
        _ if placed.is_behind => format!("{waits}rebase onto {onto} now{look}"),
        _ => format!("{waits}rebase after those before it{look}"),
    }
}

fn cells(planned: &Planned) -> Vec<CellView> {
    let mut cells = Vec::new();
    for (n, first) in planned.order.iter().enumerate() {
        for (more, second) in planned.order.iter().skip(n + 1).enumerate() {
            let is = match between(&planned.all, first.at, second.at) {
                None if is_same(planned, first, second) => continue,
                None => "unknown",
                Some(judged) if !judged.conflicts.is_empty() => "conflict",
                Some(judged) if judged.n_of(Tier::High) > 0 => "finding",
                Some(judged) if judged.n_of(Tier::Medium) > 0 => "warning",
                Some(_) => continue,
            };
            cells.push(CellView { first: n + 1, second: n + more + 2, is });
        }
    }
    cells
}

/// Tells whether two branches stand at one commit; those are not compared.
fn is_same(planned: &Planned, one: &Placed, other: &Placed) -> bool {
    let commit = |placed: &Placed| planned.all.branches.get(placed.at).map(|branch| &branch.commit);
    commit(one) == commit(other)
}
