//! `check_conflicts` in words.

use super::all::all;
use super::board::reason_words;
use super::finding::finding;
use super::reconcile::show_verify;
use crate::cli::page::{Look, Page};
use crate::report::check_conflicts::{CheckReport, MergeView, OverlapView, ResultView};

/// Writes how one's work compares with the peers'.
pub fn check_conflicts(report: &CheckReport, page: &mut Page) {
    let branch = report.my_branch.as_deref().unwrap_or("no branch");
    let side = match &report.my_tip {
        None => "nothing of it can be merged".to_owned(),
        Some(tip) => format!("as {}, at {}", source_words(&tip.source), short(&tip.commit)),
    };
    page.headed(Look::Strong, branch, &side);
    page.gap();
    if report.results.is_empty() {
        page.item(2, Look::Faint, "nobody else has claimed anything: there is nothing to compare with");
    }
    for result in &report.results {
        write_result(page, result);
    }
    if report.clear_left_out > 0 {
        page.item(2, Look::Faint, &format!("and {} more, all clear", report.clear_left_out));
    }
    for verified in &report.verified {
        page.item(2, Look::Strong, &format!("merged with {}", verified.with));
        verified.verify.iter().for_each(|verify| show_verify(page, verify));
        if let Some(note) = &verified.note {
            page.labelled(2, "verify", Look::Warning, &format!("not run: {note}"));
        }
    }
    if let Some(found) = &report.all {
        all(found, page);
    }
    page.next(&report.next);
}

fn source_words(source: &str) -> &'static str {
    match source {
        "worktree" => "it stands here with your uncommitted changes",
        "local" => "committed here and not pushed",
        _ => "pushed",
    }
}

fn short(commit: &str) -> &str {
    commit.get(..10).unwrap_or(commit)
}

fn write_result(page: &mut Page, result: &ResultView) {
    let partner = result.partner.as_deref().unwrap_or("nobody's");
    let branch = result.their_branch.as_deref().unwrap_or("no branch");
    page.item(2, Look::Strong, &format!("{partner}  ({branch})"));
    let (look, words) = merge_words(&result.merge_conflict);
    page.labelled(4, "merge", look, &words);
    for found in result.semantic.iter().flatten() {
        finding(page, 4, ("you", "they"), found);
    }
    if result.n_semantic > 0 {
        page.item(4, Look::Faint, &format!("{} findings in all: --detail full", result.n_semantic));
    }
    match &result.claim_overlap {
        OverlapView::Unknown(unknown) => {
            page.labelled(4, "claims", Look::Warning, &format!("unknown: {}", unknown.reason));
        }
        OverlapView::Known(_) if result.reasons.is_empty() => {
            page.labelled(4, "claims", Look::Good, "do not meet");
        }
        OverlapView::Known(_) => {}
    }
    for reason in &result.reasons {
        page.labelled(4, "claims", Look::Bad, &reason_words(reason));
    }
    if !result.they_depend_on_yours.is_empty() {
        page.field_at(4, "relied on", &result.they_depend_on_yours.join(", "));
    }
}

fn merge_words(merge: &MergeView) -> (Look, String) {
    let note = merge.note.as_deref().unwrap_or_default();
    match merge.conflict.as_bool() {
        Some(true) => {
            let files = merge.files.as_deref().unwrap_or_default();
            let more = merge.n_files.map_or_else(String::new, |n| format!(", … ({n} in all)"));
            (Look::Bad, format!("CONFLICT in {}{more}", files.join(", ")))
        }
        Some(false) => (Look::Good, "clean".to_owned()),
        None if merge.conflict == "branch_not_pushed" => (Look::Plain, "not pushed yet".to_owned()),
        None => (Look::Warning, format!("unknown: {note}")),
    }
}
