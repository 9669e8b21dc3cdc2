//! `gate` in words: a table of what is held.

use agentsync_core::text::{cut, one_line};
use textwrap::core::display_width;

use crate::cli::page::{Look, Page};
use crate::report::gate::{FindingView, GateReport};

/// How wide the columns of paths and of holders are at most.
const COLUMNS: (usize, usize) = (32, 20);
/// How wide a line of the table is.
const WIDTH: usize = 80;

/// Writes what a branch changes of what others hold.
pub fn gate(report: &GateReport, page: &mut Page) {
    let paths = |n: usize| if n == 1 { "1 changed path".to_owned() } else { format!("{n} changed paths") };
    let held: std::collections::BTreeSet<&str> =
        report.findings.iter().map(|found| found.path.as_str()).collect();
    let (look, text) = match report.status {
        "off" => (Look::Warning, "the gate is switched off here, nothing was compared".to_owned()),
        "unsure" => (Look::Warning, format!("not everything is known of {}", paths(report.paths))),
        "held" => {
            let of = format!("{} of {}", held.len(), paths(report.paths));
            let are = if held.len() == 1 { "is held by somebody else" } else { "are held by others" };
            let so = if report.refused { "" } else { ", which is no more than said here" };
            (if report.refused { Look::Bad } else { Look::Warning }, format!("{of} {are}{so}"))
        }
        _ => (Look::Good, format!("nobody else holds any of {}", paths(report.paths))),
    };
    page.headed(look, report.status, &text);
    table(&report.findings, page);
    page.gap();
    for warning in &report.warnings {
        page.labelled(2, "warning", Look::Warning, warning);
    }
    page.field("branch", report.branch.as_deref().unwrap_or("not known: no claim counts as its own"));
    page.field("commits", &format!("{}..{}", short(&report.range.parted), short(&report.range.head)));
    page.field("board", &report.board);
    if let Some(tip) = &report.tip {
        page.field("again", &format!("--board {tip}"));
    }
    page.next(&report.next);
}

fn table(findings: &[FindingView], page: &mut Page) {
    if findings.is_empty() {
        return;
    }
    page.gap();
    let wide = |texts: &mut dyn Iterator<Item = String>, max: usize| {
        texts.map(|text| display_width(&text)).max().unwrap_or(0).min(max)
    };
    let path_width = wide(&mut findings.iter().map(|found| one_line(&found.path)), COLUMNS.0).max(4);
    let who_width = wide(&mut findings.iter().map(|found| found.holder.clone()), COLUMNS.1).max(7);
    let mut row = |look, path: &str, who: &str, what: &str| {
        let is_long = display_width(path) > path_width;
        if is_long {
            page.verbatim(look, &format!("  {path}"));
        }
        let path = if is_long { "" } else { path };
        let line = format!("  {}  {}  ", pad(path, path_width), pad(&cut(who, who_width), who_width));
        let rest = cut(what, WIDTH.saturating_sub(display_width(&line)));
        page.verbatim(look, format!("{line}{rest}").trim_end());
    };
    row(Look::Faint, "PATH", "HELD BY", "FOR");
    for found in findings {
        let task = found.task.as_ref().map(|task| format!("\"{}\"", task.replace('"', "'")));
        row(Look::Plain, &one_line(&found.path), &found.holder, &task.unwrap_or_default());
    }
}

fn pad(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(display_width(text))))
}

fn short(id: &str) -> &str {
    id.get(..10).unwrap_or(id)
}
