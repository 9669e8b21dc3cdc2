//! The table: what was flagged, beside what is known.

use std::fmt::Write as _;

use crate::check::Outcome;
use crate::share::Share;

/// The rows so far.
#[derive(Default)]
pub(crate) struct Table {
    rows: String,
}

impl Table {
    /// Adds the rows of a set: one for each label, or one for all where labels are kinds of faults.
    pub(crate) fn add(&mut self, set: &str, outcomes: &[Outcome]) {
        let mut labels: Vec<&str> = outcomes.iter().map(|one| one.case.label.as_str()).collect();
        labels.sort_unstable();
        labels.dedup();
        let is_kinds = !labels.iter().any(|label| matches!(*label, "broken" | "sound" | "clean"));
        if is_kinds {
            self.row(&format!("{set}: all kinds"), outcomes);
            let in_reach = |one: &&Outcome| one.case.label != "projectRules";
            self.row(
                &format!("{set}: without projectRules"),
                &outcomes.iter().filter(in_reach).cloned().collect::<Vec<_>>(),
            );
            return;
        }
        for label in labels {
            let with = outcomes.iter().filter(|one| one.case.label == label);
            self.row(&format!("{set}: {label}"), &with.cloned().collect::<Vec<_>>());
        }
    }

    fn row(&mut self, name: &str, outcomes: &[Outcome]) {
        let judged: Vec<Outcome> = outcomes.iter().filter(|one| one.is_judged).cloned().collect();
        let mut times: Vec<f64> = judged.iter().map(|one| one.ms).collect();
        times.sort_by(f64::total_cmp);
        let asked: Vec<Outcome> = judged.iter().filter(|one| one.weave.is_some()).cloned().collect();
        let _ = writeln!(
            self.rows,
            "| {name} | {} | {} | {} | {} | 0 | {} | {} | {:.1} / {:.1} ms |",
            outcomes.len(),
            judged.iter().filter(|one| one.has_conflict).count(),
            Share::of(&judged, |one| one.is_high).render(),
            Share::of(&judged, |one| one.is_medium && !one.is_high).render(),
            Share::of(&judged, |one| one.is_same_file).render(),
            Share::of(&asked, |one| one.weave == Some(true)).render(),
            at(&times, 0.5),
            at(&times, 0.95),
        );
    }

    /// Returns the table as Markdown.
    pub(crate) fn render(&self) -> String {
        let head = "| set | merges | text conflicts | flagged `hi` | only `med` | bare git | both touched a file | \
                    weave check | p50 / p95, warm |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n";
        format!("{head}{}", self.rows)
    }
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a position among a few hundred"
)]
fn at(times: &[f64], part: f64) -> f64 {
    let last = times.len().saturating_sub(1);
    times.get((last as f64 * part).round() as usize).copied().unwrap_or(f64::NAN)
}
