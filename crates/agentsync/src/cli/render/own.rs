//! The small answers in words.

use crate::app::ports::Diagnosis;
use crate::cli::page::{Look, Page};
use crate::report::failure::FailureReport;
use crate::report::history::HistoryReport;
use crate::report::mailbox::MailboxReport;
use crate::report::own::{BreakReport, ReleaseReport, StatusReport};
use crate::report::resolve::ResolveReport;

/// Writes what was dropped.
pub fn release(report: &ReleaseReport, page: &mut Page) {
    let look = if report.held_elsewhere.is_empty() { Look::Good } else { Look::Bad };
    let task = report.released.as_ref().map_or("", |claim| &claim.task);
    page.headed(look, report.status, report.message.as_deref().unwrap_or(task));
    page.next(&report.next);
}

/// Writes whose claim was freed.
pub fn break_claim(report: &BreakReport, page: &mut Page) {
    let look = if report.status == "broken" { Look::Good } else { Look::Bad };
    page.headed(look, report.status, &report.message);
    if let Some(claim) = &report.broken {
        page.field("task", &claim.task);
        page.field("touches", &claim.touches.join(", "));
    }
    page.next(&report.next);
}

/// Writes what became of a change.
pub fn resolve(report: &ResolveReport, page: &mut Page) {
    let look = if report.status == "done" { Look::Good } else { Look::Bad };
    page.headed(look, report.status, &report.message);
    page.next(&report.next);
}

/// Writes how far a claim is.
pub fn status(report: &StatusReport, page: &mut Page) {
    match &report.claim {
        Some(claim) => {
            page.headed(Look::Good, report.status, &format!("{} is {}", claim.task, claim.status));
            for file in claim.changed_files.iter().flatten() {
                page.item(2, Look::Plain, &format!("{:<4} {}", file.status, file.path));
            }
        }
        None => page.headed(Look::Bad, report.status, report.message.as_deref().unwrap_or_default()),
    }
    page.next(&report.next);
}

/// Writes notes.
pub fn mailbox(report: &MailboxReport, page: &mut Page) {
    if report.notes.is_empty() {
        page.line(Look::Faint, "no notes");
    }
    for note in &report.notes {
        let to = note.to.as_deref().unwrap_or("all");
        let at = note.at.as_deref().and_then(|at| at.get(..16)).unwrap_or_default().replace('T', " ");
        page.headed(Look::Strong, &format!("{} to {to}", note.from), &at);
        page.item(2, Look::Plain, &note.message);
    }
    page.next(&report.next);
}

/// Writes what happened.
pub fn history(report: &HistoryReport, page: &mut Page) {
    if report.events.is_empty() {
        page.line(Look::Faint, "nothing has happened on this board");
    }
    for event in &report.events {
        let at = event.at.get(..16).unwrap_or_default().replace('T', " ");
        let what = event.event.strip_prefix("agentsync: ").unwrap_or(&event.event);
        page.headed(Look::Faint, &at, what);
    }
    page.next(&report.next);
}

/// Writes why there is no answer.
pub fn failure(report: &FailureReport, page: &mut Page) {
    page.headed(Look::Bad, "error:", &report.error);
    page.headed(Look::Strong, "  fix:", &report.fix);
}

/// Writes what is wrong with the board, and what would put it right.
pub fn repair(diagnosis: &Diagnosis, page: &mut Page) {
    match diagnosis {
        Diagnosis::Sound { tip: None } => page.headed(Look::Good, "sound", "there is no board yet"),
        Diagnosis::Sound { tip: Some(tip) } => {
            page.headed(Look::Good, "sound", &format!("the board at {}", tip.short()));
        }
        Diagnosis::Deleted { seen } => {
            page.headed(Look::Bad, "deleted", &format!("the branch is gone; last seen at {}", seen.short()));
            page.field("proposal", &format!("begin the branch again with the board of {}", seen.0));
        }
        Diagnosis::Rewritten { seen, found } => {
            page.headed(Look::Bad, "rewritten", "the branch does not descend from what this clone has seen");
            page.field("seen", &seen.0);
            page.field("now", &found.0);
            page.field("proposal", "accept what stands there now; this clone forgets what it had seen");
        }
        Diagnosis::Unreadable { tip, why, good } => {
            page.headed(Look::Bad, "unreadable", &format!("claims.json at {}: {why}", tip.short()));
            match good {
                Some((good, text)) => {
                    page.field("last good", &good.0);
                    let kept = text.lines().take(30).collect::<Vec<_>>().join("\n");
                    page.item(4, Look::Faint, &kept);
                    page.field("proposal", "a commit on top that restores this version");
                }
                None => page
                    .field("proposal", "a commit on top with an empty board: no readable version was found"),
            }
        }
    }
}
