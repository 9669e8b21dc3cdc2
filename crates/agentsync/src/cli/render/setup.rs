//! `init` and `doctor` in words.

use crate::cli::page::{Look, Page};
use crate::report::doctor::{CheckView, DoctorReport};
use crate::report::init::InitReport;

/// Writes what setting up changes, as a diff.
pub fn init_diff(report: &InitReport, page: &mut Page) {
    for file in &report.files {
        for line in file.diff.lines() {
            let look = match line.chars().next() {
                Some('+') => Look::Good,
                Some('-') => Look::Bad,
                Some('@') => Look::Faint,
                _ => Look::Plain,
            };
            page.verbatim(look, line);
        }
        page.gap();
    }
}

/// Writes what was set up.
pub fn init(report: &InitReport, page: &mut Page) {
    let files: Vec<&str> = report.files.iter().map(|file| file.path.as_str()).collect();
    let (look, heading, text) = match report.status {
        "written" => (Look::Good, "written", files.join(", ")),
        "undone" => (Look::Good, "undone", files.join(", ")),
        "proposed" => (Look::Warning, "proposed", "nothing was written".to_owned()),
        _ => (Look::Good, "unchanged", "everything is set up as it should be".to_owned()),
    };
    page.headed(look, heading, &text);
    page.field("agent", &format!("{} (from {})", report.agent, report.agent_source));
    for setting in &report.settings {
        page.field("kept", setting);
    }
    if report.board == Some(true) {
        page.field("board", "ready");
    }
    if let Some(warning) = &report.warning {
        page.line(Look::Warning, warning);
    }
    page.next(&report.next);
}

/// Writes what was examined.
pub fn doctor(report: &DoctorReport, page: &mut Page) {
    for CheckView { name, verdict, detail, fix } in &report.checks {
        let (mark, look) = match *verdict {
            "good" => ("✓", Look::Good),
            "bad" => ("✗", Look::Bad),
            _ => ("–", Look::Faint),
        };
        page.hanging(0, look, mark, &format!("{name}: {detail}"));
        if let Some(fix) = fix {
            page.hanging(2, Look::Warning, "→", fix);
        }
    }
    page.next(&report.next);
}
