//! `survey` and `claim` in words.

use super::age;
use super::finding::finding;
use crate::cli::page::{Look, Page};
use crate::report::claim::{ClaimReport, ConflictView, ReasonView};
use crate::report::claim_view::ClaimView;
use crate::report::survey::{BranchView, PartnerView, SurveyReport, UnclaimedView};

/// Writes what everybody has claimed.
pub fn survey(report: &SurveyReport, page: &mut Page) {
    let place = report.board.remote.as_deref().unwrap_or(&report.board.repo);
    page.headed(Look::Strong, &report.me, &format!("on {} of {place}", report.branch));
    for warning in report.warning.iter().chain(&report.board.local_only) {
        page.line(Look::Warning, warning);
    }
    if let Some(found) = &report.bad_commits {
        super::verify::warned_of(found, page);
    }
    let signs = is_signed(report);
    page.gap();
    page.line(Look::Strong, "You hold");
    if report.my_claims.is_empty() {
        page.item(2, Look::Faint, "nothing");
    }
    for (key, claim) in &report.my_claims {
        entry(page, key, claim, None, signs);
        if let Some(edits) = report.edits.get(key) {
            edited(page, "undeclared", &edits.touched_undeclared);
            edited(page, "untouched", &edits.declared_untouched);
        }
    }
    page.gap();
    page.line(Look::Strong, "Others hold");
    if report.partners.is_empty() {
        page.item(2, Look::Faint, "nothing");
    }
    for (key, partner) in &report.partners {
        entry(page, key, &partner.claim, Some(partner), signs);
    }
    if let Some(cut) = &report.cut {
        let left = format!(
            "{} more claims, {} more paths, {} older notes: --detail full",
            cut.partners, cut.touches, cut.notes
        );
        page.item(2, Look::Faint, &left);
    }
    between(page, report);
    waiting(page, report);
    notes(page, report);
    if let Some(found) = &report.unclaimed {
        unclaimed(page, found);
    }
    page.next(&report.next);
}

/// Tells whether anybody on the board signs: where nobody does, it need not be said of each.
fn is_signed(report: &SurveyReport) -> bool {
    let mut claims = report.my_claims.values().chain(report.partners.values().map(|partner| &partner.claim));
    claims.any(|claim| claim.signature.is_some_and(|word| word != "unsigned"))
}

fn entry(page: &mut Page, key: &str, claim: &ClaimView, partner: Option<&PartnerView>, signs: bool) {
    let state = match partner {
        Some(PartnerView { unreadable: Some(why), .. }) => {
            format!("cannot be read ({why}): it blocks everything")
        }
        Some(PartnerView { stale: true, age_hours, .. }) => {
            format!("{}, STALE, {}", claim.status, age_hours.map_or_else(String::new, age))
        }
        Some(PartnerView { age_hours: Some(hours), .. }) => format!("{}, {}", claim.status, age(*hours)),
        _ => claim.status.clone(),
    };
    let signature = match claim.signature.filter(|_| signs) {
        Some("bad") => ", BAD SIGNATURE".to_owned(),
        Some(word) => format!(", {word}"),
        None => String::new(),
    };
    page.item(2, Look::Strong, &format!("{key}  ({state}{signature})"));
    facts(page, 4, claim);
}

/// The whole repository is one character; whoever reads it must not overlook it.
fn loud(spec: &str) -> &str {
    if spec == "." { "the whole repository (.)" } else { spec }
}

/// Writes what a claim says of itself.
pub(super) fn facts(page: &mut Page, indent: usize, claim: &ClaimView) {
    let or_none = |texts: &[String]| texts.iter().map(|text| loud(text)).collect::<Vec<_>>().join(", ");
    page.field_at(indent, "task", &claim.task);
    page.field_at(indent, "touches", &or_none(&claim.touches));
    if !claim.requires.is_empty() {
        page.field_at(indent, "requires", &or_none(&claim.requires));
    }
    let more = [("branch", &claim.branch), ("note", &claim.note), ("request", &claim.pr_url)];
    for (label, value) in more {
        if let Some(value) = value.as_deref().filter(|value| !value.is_empty()) {
            page.field_at(indent, label, value);
        }
    }
    if let Some(seconds) = claim.lease_seconds {
        page.field_at(indent, "lease", &format!("{seconds} s without a sign of life"));
    }
    if !claim.supersedes.is_empty() {
        page.field_at(indent, "took over", &claim.supersedes.join(", "));
    }
    if !claim.forced_over.is_empty() {
        let reason = claim.reason.as_deref().unwrap_or("none given");
        page.field_at(indent, "forced", &format!("over {}; reason: {reason}", claim.forced_over.join(", ")));
    }
}

fn between(page: &mut Page, report: &SurveyReport) {
    if report.findings.is_empty() {
        return;
    }
    page.gap();
    page.line(Look::Strong, "Found, as last compared");
    for found in &report.findings {
        page.item(2, Look::Bad, &found.says);
        for one in &found.semantic {
            finding(page, 4, ("you", "they"), one);
        }
    }
}

fn waiting(page: &mut Page, report: &SurveyReport) {
    if report.waiting.is_empty() {
        return;
    }
    page.gap();
    page.line(Look::Strong, "Waiting, the first first");
    for ticket in &report.waiting {
        page.field(&ticket.agent, &format!("{}: {}", ticket.touches.join(", "), ticket.task));
    }
}

fn notes(page: &mut Page, report: &SurveyReport) {
    if report.notes.is_empty() {
        return;
    }
    page.gap();
    page.line(Look::Strong, "Notes");
    for note in &report.notes {
        let to = note.to.as_deref().unwrap_or("all");
        page.field(&note.from, &format!("to {to}: {}", note.message));
    }
}

fn unclaimed(page: &mut Page, found: &UnclaimedView) {
    if found.branches.is_empty() {
        return;
    }
    page.gap();
    let seen = found.age_seconds.map_or_else(String::new, |age| format!(" (as of {age} s ago)"));
    page.line(Look::Strong, &format!("Branches nobody has claimed{seen}"));
    for branch in &found.branches {
        page.item(2, Look::Plain, &branch_line(branch));
    }
    if found.n_left_out > 0 {
        page.item(2, Look::Faint, &format!("and {} more", found.n_left_out));
    }
}

fn branch_line(branch: &BranchView) -> String {
    let files = branch.files.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
    let more = if branch.n_files > 3 { ", …" } else { "" };
    let BranchView { branch, last_author, commits, .. } = branch;
    format!("{branch}: {commits} commits, last by {last_author}; {files}{more}")
}

/// Writes whether a unit of work is staked.
pub fn claim(report: &ClaimReport, page: &mut Page) {
    if let Some(claim) = &report.claim {
        page.headed(Look::Good, "claimed", &format!("generation {}", claim.generation.unwrap_or(0)));
        facts(page, 2, claim);
    }
    if let Some(message) = &report.message {
        let look = if report.waiting.is_some() { Look::Warning } else { Look::Bad };
        page.headed(look, report.status, message);
    }
    if let Some(waiting) = &report.waiting {
        page.field("place", &format!("{} before you", waiting.n_ahead));
    }
    for step in &report.deadlock {
        let what = format!("{} waits for {}: {}", step.agent, step.waits_for, step.files.join(", "));
        page.item(2, Look::Plain, &what);
    }
    for (key, conflict) in report.conflicts.iter().flatten() {
        write_conflict(page, key, conflict);
    }
    if let Some(free) = report.free_slice.as_ref().filter(|free| !free.is_empty()) {
        page.field("free", &free.join(", "));
    }
    for (path, symbols) in &report.free_regions {
        let symbols = if symbols.is_empty() { "nothing".to_owned() } else { symbols.join(", ") };
        page.field("free", &format!("in {path}: {symbols}"));
    }
    if let Some(replaced) = &report.replaced {
        let freed = if replaced.freed.is_empty() { "nothing".to_owned() } else { replaced.freed.join(", ") };
        page.field("replaced", &format!("your claim “{}”; freed: {freed}", replaced.task));
    }
    for (key, files) in &report.they_depend_on_yours {
        page.field("relied on", &format!("by {key}: {}", files.join(", ")));
    }
    for warning in report.warning.iter().chain(&report.notes) {
        page.line(Look::Warning, warning);
    }
    page.next(&report.next);
}

fn write_conflict(page: &mut Page, key: &str, conflict: &ConflictView) {
    page.item(2, Look::Strong, key);
    if let Some(task) = &conflict.their_task {
        page.field_at(4, "task", task);
    }
    if let Some(branch) = &conflict.their_branch {
        page.field_at(4, "branch", branch);
    }
    for reason in &conflict.reasons {
        page.field_at(4, "reason", &reason_words(reason));
    }
}

pub(super) fn reason_words(reason: &ReasonView) -> String {
    let files = reason.files.join(", ");
    let both = reason.both_match.first().map_or_else(String::new, |path| format!(" (both match {path})"));
    match reason.kind.as_str() {
        "shared_files" => format!("you both change {files}{both}"),
        "depends_on_their_wip" => format!("you rely on what they are changing: {files}{both}"),
        "waits_before_you" => format!("they came first and wait for {files}{both}"),
        "shared_agent_id" => format!(
            "your id is held by worktree {} since {}: {files}",
            reason.held_by.as_deref().unwrap_or("?"),
            reason.held_since.as_deref().unwrap_or("?")
        ),
        _ => format!("its entry cannot be read, so it may hold anything{both}"),
    }
}

/// Names paths in which a claim and its holder's edits differ.
fn edited(page: &mut Page, label: &str, paths: &[String]) {
    if !paths.is_empty() {
        page.field_at(4, label, &paths.join(", "));
    }
}
