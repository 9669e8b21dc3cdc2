//! The landing order in words, and drawn.

use agentsync_core::text::cut;

use super::finding::finding;
use crate::cli::page::{Look, Page};
use crate::report::plan::{PlanReport, StepView};

/// With more branches than this, what does not go together is listed and not drawn.
const MAX_DRAWN: usize = 12;
/// How much room the names have beside the drawing.
const NAME_WIDTH: usize = 28;

/// Writes in which order branches should land.
pub fn plan(report: &PlanReport, page: &mut Page) {
    let told = match report.verified {
        true => "each merged after those before it",
        false => "not all of them could be merged",
    };
    page.headed(Look::Strong, &format!("Landing on {}", report.onto), told);
    page.gap();
    if report.order.is_empty() {
        page.item(2, Look::Faint, "nothing waits to land");
    }
    for step in &report.order {
        write_step(page, step);
    }
    draw(page, report);
    for (label, names) in [("landed", &report.landed), ("not there", &report.not_pushed)] {
        if !names.is_empty() {
            page.field(label, &names.join(", "));
        }
    }
    if report.n_unfinished > 0 {
        let more = format!("no time for {} pairs: run it again, what was found is kept", report.n_unfinished);
        page.item(2, Look::Warning, &more);
    }
    page.next(&report.next);
}

fn write_step(page: &mut Page, step: &StepView) {
    let whose = match (&step.partner, step.mine) {
        (_, true) => "  (yours)".to_owned(),
        (Some(partner), false) => format!("  ({partner})"),
        (None, false) => "  (nobody's)".to_owned(),
    };
    page.item(2, Look::Strong, &format!("{:>2}  {}{whose}", step.place, step.branch));
    let look = match step.action {
        "land" => Look::Good,
        "wait" => Look::Warning,
        _ => Look::Bad,
    };
    page.item(6, look, &step.advice);
    if !step.circle_with.is_empty() {
        page.item(
            6,
            Look::Warning,
            &format!("in a circle with {}: agree on it", step.circle_with.join(", ")),
        );
    }
    for found in &step.semantic {
        finding(page, 6, ("before it", "its own"), found);
    }
    if let Some(note) = &step.note {
        page.item(6, Look::Warning, &format!("not merged: {note}"));
    }
}

/// Draws which branches do not go together: a row and a column for each, by place.
fn draw(page: &mut Page, report: &PlanReport) {
    let n_branches = report.order.len();
    if report.pairs.is_empty() || n_branches < 2 {
        return;
    }
    page.gap();
    if n_branches > MAX_DRAWN {
        for cell in &report.pairs {
            page.item(2, Look::Plain, &format!("{} and {}: {}", cell.first, cell.second, cell.is));
        }
        return;
    }
    let columns: Vec<String> = (1..=n_branches).map(|place| format!("{place:>3}")).collect();
    let columns = columns.concat();
    page.verbatim(Look::Faint, &format!("  {:NAME_WIDTH$}{columns}", ""));
    for row in &report.order {
        let cell = |place: usize| match place == row.place {
            true => "  \\".to_owned(),
            false => format!("  {}", sign(report, row.place.min(place), row.place.max(place))),
        };
        let cells: String = (1..=n_branches).map(cell).collect();
        let label = cut(&format!("{:>2}  {}", row.place, row.branch), NAME_WIDTH);
        page.verbatim(Look::Plain, &format!("  {label:NAME_WIDTH$}{cells}"));
    }
    page.item(2, Look::Faint, "C text conflicts, S does not fit together, s perhaps not, ? not known");
}

fn sign(report: &PlanReport, first: usize, second: usize) -> char {
    let cell = report.pairs.iter().find(|cell| cell.first == first && cell.second == second);
    match cell.map(|cell| cell.is) {
        None => '.',
        Some("conflict") => 'C',
        Some("finding") => 'S',
        Some("warning") => 's',
        Some(_) => '?',
    }
}
