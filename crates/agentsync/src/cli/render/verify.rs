//! `verify` in words.

use agentsync_core::text::cut;

use crate::cli::page::{Look, Page};
use crate::report::survey::BadCommitsView;
use crate::report::verify::{AcceptReport, BadCommitView, VerifyReport};

/// Writes whether the branch is as it should be.
pub fn verify(report: &VerifyReport, page: &mut Page) {
    let look = if report.bad.is_empty() { Look::Good } else { Look::Bad };
    let commits = |n: u64| if n == 1 { "1 commit".to_owned() } else { format!("{n} commits") };
    let place = match &report.tip {
        Some(tip) => format!("{} of `{}`, up to {}", commits(report.commits), report.branch, short(tip)),
        None => format!("there is no `{}` yet", report.branch),
    };
    page.headed(look, report.status, &place);
    if report.unverified > 0 {
        page.field("unverified", &format!("{} by other programs", commits(report.unverified)));
    }
    match report.signed {
        Some(n_signed) => page.field("signed", &format!("{} by their agents", commits(n_signed))),
        None => page.field("signed", "not checked: no .agentsync/allowed_signers on the default branch"),
    }
    for bad in &report.bad {
        page.gap();
        commit(bad, page);
    }
    page.next(&report.next);
}

fn commit(bad: &BadCommitView, page: &mut Page) {
    let note = if bad.unverified { ", another program's" } else { "" };
    page.item(2, Look::Strong, &format!("{}  ({}, {}{note})", short(&bad.commit), bad.by, day(&bad.at)));
    page.item(4, Look::Faint, &cut(&bad.subject, 120));
    for fault in &bad.faults {
        page.item(4, Look::Bad, &fault.what);
    }
}

fn short(id: &str) -> &str {
    id.get(..10).unwrap_or(id)
}

/// Returns the part of a time that people read.
fn day(at: &str) -> String {
    at.get(..16).unwrap_or(at).replace('T', " ")
}

/// Writes that commits were accepted.
pub fn accept(report: &AcceptReport, page: &mut Page) {
    let commits = if report.commits == 1 { "commit is" } else { "commits are" };
    let text = format!("{} {commits} no longer warned of in this clone", report.commits);
    page.headed(Look::Good, report.status, &text);
    page.next(&report.next);
}

/// Writes which commits a survey warns of.
pub(super) fn warned_of(found: &BadCommitsView, page: &mut Page) {
    for bad in &found.shown {
        let faults = bad.faults.iter().map(|fault| fault.what.as_str()).collect::<Vec<_>>().join("; ");
        let other = if bad.unverified { " (another program's)" } else { "" };
        page.line(Look::Warning, &format!("commit {}{other} {faults}", short(&bad.commit)));
    }
    let n_more = found.count.saturating_sub(u64::try_from(found.shown.len()).unwrap_or(u64::MAX));
    if n_more > 0 {
        page.line(Look::Warning, &format!("and {n_more} more bad commits: agentsync verify"));
    }
}
