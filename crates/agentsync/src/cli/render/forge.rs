//! `finish`, `provision` and `add_collaborator` in words.

use crate::cli::page::{Look, Page};
use crate::report::finish::FinishReport;
use crate::report::provision::{InvitationView, InvitedReport, ProvisionReport};

/// Writes whether a unit of work is finished.
pub fn finish(report: &FinishReport, page: &mut Page) {
    let look = if report.status == "finished" { Look::Good } else { Look::Bad };
    let task = report.claim.as_ref().map_or("", |claim| &claim.task);
    page.headed(look, report.status, report.detail.as_deref().unwrap_or(task));
    for (label, value) in [("request", &report.pr_url), ("branch", &report.branch)] {
        if let Some(value) = value {
            page.field(label, value);
        }
    }
    if let Some(warning) = &report.warning {
        page.line(Look::Warning, warning);
    }
    for file in report.claim.iter().flat_map(|claim| claim.changed_files.iter().flatten()) {
        page.item(2, Look::Plain, &format!("{:<4} {}", file.status, file.path));
    }
    page.next(&report.next);
}

/// Writes what was set up.
pub fn provision(report: &ProvisionReport, page: &mut Page) {
    let look = if report.status == "provisioned" { Look::Good } else { Look::Warning };
    page.headed(look, report.status, &report.repo);
    for step in &report.steps {
        page.hanging(2, Look::Faint, "-", step);
    }
    page.field("clone", &report.clone_url);
    page.next(&report.next);
}

/// Writes who was invited.
pub fn add_collaborator(report: &InvitedReport, page: &mut Page) {
    let look = if report.status == "invited" { Look::Good } else { Look::Bad };
    page.headed(look, report.status, &format!("{} to {}", report.permission, report.repo));
    for InvitationView { collaborator, invited, message } in &report.results {
        let (mark, look) = if *invited { ("✓", Look::Good) } else { ("✗", Look::Bad) };
        page.hanging(2, look, mark, &format!("{collaborator}: {message}"));
    }
    page.next(&report.next);
}
