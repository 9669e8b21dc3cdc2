//! What merges and does not fit together, in words: the sentence, and both sides' lines.

use agentsync_core::semantic::Tier;

use crate::cli::page::{Look, Page};
use crate::report::check_pairs::FindingReport;

/// Writes a finding; `who` says whose the left and the right side are.
pub(super) fn finding(page: &mut Page, indent: usize, (left, right): (&str, &str), finding: &FindingReport) {
    let (look, tier) = match finding.tier {
        Tier::High => (Look::Bad, "hi"),
        Tier::Medium => (Look::Warning, "med"),
        Tier::Info => (Look::Faint, "info"),
    };
    page.labelled(indent, &format!("{} {tier}", finding.rule), look, &finding.message);
    for (who, place, look) in [(left, &finding.left, Look::Good), (right, &finding.right, Look::Warning)] {
        page.field_at(indent, who, &format!("{}:{}", place.path, place.line));
        if let Some(text) = place.text.as_deref().filter(|text| !text.is_empty()) {
            page.cut_line(indent + 10, look, text);
        }
    }
}
