//! How a branch was brought up to another, in words.

use super::finding::finding;
use crate::cli::page::{Look, Page};
use crate::report::reconcile::{ConflictedView, ReconcileReport, VerifyView};

/// Writes how it went.
pub fn reconcile(report: &ReconcileReport, page: &mut Page) {
    let (look, words) = match report.status {
        "up_to_date" => (Look::Good, format!("{} has all of {}", report.branch, report.with)),
        "moved" => (Look::Good, format!("{} has all of {} now", report.branch, report.with)),
        "would_move" => {
            (Look::Good, format!("{} and {} go together; nothing was changed", report.branch, report.with))
        }
        "conflicts" => (Look::Bad, format!("the text of {} and {} conflicts", report.branch, report.with)),
        "findings" => (Look::Bad, "the text merges, and what it says does not fit together".to_owned()),
        "verify_failed" => (Look::Bad, "your command did not succeed on the merged work".to_owned()),
        _ => (Look::Bad, format!("git would not move {}", report.branch)),
    };
    page.headed(look, &report.status.replace('_', " "), &words);
    intent(page, "you", report.intents.mine.as_deref());
    intent(page, "they", report.intents.theirs.as_deref());
    for file in &report.conflicts {
        conflict(page, file);
    }
    for found in &report.findings {
        finding(page, 2, ("you", "they"), found);
    }
    if let Some(verify) = &report.verify {
        show_verify(page, verify);
    }
    if let Some(detail) = &report.detail {
        page.field("git says", detail);
    }
    page.next(&report.next);
}

fn intent(page: &mut Page, who: &str, task: Option<&str>) {
    if let Some(task) = task {
        page.field(who, task);
    }
}

fn conflict(page: &mut Page, file: &ConflictedView) {
    page.item(2, Look::Strong, &file.path);
    if !file.symbols.is_empty() {
        page.field_at(4, "in", &file.symbols.join(", "));
    }
    if !file.mine.is_empty() {
        page.field_at(4, "you", &file.mine.join("; "));
    }
    if !file.theirs.is_empty() {
        page.field_at(4, "they", &file.theirs.join("; "));
    }
    for hunk in &file.hunks {
        page.item(4, Look::Faint, &format!("line {}", hunk.line));
        hunk.mine.iter().for_each(|line| page.verbatim(Look::Good, &format!("      - {line}")));
        hunk.theirs.iter().for_each(|line| page.verbatim(Look::Bad, &format!("      + {line}")));
    }
}

/// Writes how a command went on merged work.
pub(super) fn show_verify(page: &mut Page, verify: &VerifyView) {
    let code = verify.code.map_or_else(String::new, |code| format!(" with code {code}"));
    let again = if verify.remembered { ", as before on the same tree" } else { "" };
    let words = format!("{}{code} after {} s{again}", verify.outcome.replace('_', " "), verify.seconds);
    page.field("verify", &words);
    verify.tail.iter().for_each(|line| page.verbatim(Look::Faint, &format!("    {line}")));
    if verify.outcome != "passed" {
        page.field("log", &verify.log);
    }
}
