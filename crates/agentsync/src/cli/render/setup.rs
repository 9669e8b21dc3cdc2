//! `init` and `doctor` in words.

use agentsync_core::text::escape;

use crate::cli::page::{Look, Page};
use crate::report::doctor::{DoctorReport, Verdict};
use crate::report::init::{InitReport, SettingView};

/// Writes what would be done, as a diff.
pub fn init_plan(report: &InitReport, page: &mut Page) {
    for file in &report.files {
        file.diff.lines().for_each(|line| diff_line(line, page));
        page.gap();
    }
    for setting in &report.settings {
        page.line(Look::Plain, &render_setting(setting));
    }
    match report.board.status {
        "missing" => page.line(Look::Plain, "board: will be made"),
        "failed" => board_fault(report, page),
        _ => {}
    }
    notes(report, page);
}

fn diff_line(line: &str, page: &mut Page) {
    let look = match line.bytes().next() {
        _ if line.starts_with("+++") || line.starts_with("---") => Look::Strong,
        Some(b'+') => Look::Good,
        Some(b'-') => Look::Bad,
        Some(b'@') => Look::Faint,
        _ => Look::Plain,
    };
    page.verbatim(look, &escape(line.trim_end_matches('\r')));
}

fn render_setting(setting: &SettingView) -> String {
    let key = match setting.key.as_str() {
        "agent" => "agent kept for this worktree".to_owned(),
        key => format!("git config {key}"),
    };
    let value = |value: &Option<String>| value.as_deref().map_or_else(|| "unset".to_owned(), escape);
    format!("{key}: {} → {}", value(&setting.before), value(&setting.after))
}

fn notes(report: &InitReport, page: &mut Page) {
    for note in &report.notes {
        // Lines to add to a file of somebody's own stand as they are to be written there.
        let mut lines = note.lines();
        page.headed(Look::Faint, "note", lines.next().unwrap_or_default());
        lines.for_each(|line| page.verbatim(Look::Plain, line));
    }
}

fn board_fault(report: &InitReport, page: &mut Page) {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    page.headed(Look::Warning, "board:", &text(&report.board.error));
    page.headed(Look::Strong, "  fix:", &text(&report.board.fix));
}

/// Writes what was done, or that there was nothing to do.
pub fn init(report: &InitReport, page: &mut Page) {
    if report.status == "nothing_to_do" {
        let clients = report.clients.join(", ");
        page.headed(Look::Good, "nothing to do", &format!("for {clients}"));
        notes(report, page);
    } else {
        init_changes(report, page);
    }
    match report.board.status {
        "made" => page.headed(Look::Good, "board", "made"),
        "failed" => board_fault(report, page),
        _ => {}
    }
    for step in &report.steps {
        page.headed(Look::Faint, "note", step);
    }
    page.next(&report.next);
}

fn init_changes(report: &InitReport, page: &mut Page) {
    for file in &report.files {
        let done = match file.action {
            "create" => "created",
            "delete" => "deleted",
            _ => "changed",
        };
        page.headed(Look::Good, done, &file.path);
    }
    for setting in &report.settings {
        page.headed(Look::Good, "set", &render_setting(setting));
    }
}

/// Writes the checks, one to a line, with what to do about each.
pub fn doctor(report: &DoctorReport, page: &mut Page) {
    for check in &report.checks {
        let (look, mark) = match check.verdict {
            Verdict::Ok => (Look::Good, "✓"),
            Verdict::Bad => (Look::Bad, "✗"),
            Verdict::Skipped => (Look::Faint, "–"),
        };
        page.headed(look, &format!("{mark} {:<11}", check.check), &escape(&check.said));
        if let Some(fix) = &check.fix {
            page.headed(Look::Strong, "  fix:", fix);
        }
    }
    page.next(&report.next);
}
