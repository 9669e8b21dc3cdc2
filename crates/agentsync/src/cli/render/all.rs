//! Every pair of active branches, in words.

use super::finding::finding;
use crate::cli::page::{Look, Page};
use crate::report::check_all::{AllView, PairView};

/// Writes how all active branches compare.
pub(super) fn all(found: &AllView, page: &mut Page) {
    page.gap();
    let told = match (found.n_branches, found.n_pairs) {
        (0 | 1, _) => "nothing to compare: there is no other".to_owned(),
        (n_branches, 1) => format!("{n_branches} branches, 1 pair"),
        (n_branches, n_pairs) => format!("{n_branches} branches, {n_pairs} pairs"),
    };
    let known = format!(", {} clear; {} known from before", found.n_clear, found.n_known);
    let told = if found.n_pairs == 0 { told } else { told + &known };
    page.headed(Look::Strong, "All branches", &told);
    for branch in &found.branches {
        let partner = branch.partner.as_deref().unwrap_or("nobody's");
        page.item(2, Look::Faint, &format!("{}  ({partner})", branch.branch));
    }
    for pair in &found.pairs {
        write_pair(page, pair);
    }
    let rest = [
        (found.n_more, "more pairs: --detail full"),
        (found.n_unfinished, "pairs for which there was no time: run it again, what was found is kept"),
        (found.n_branches_left_out, "more active branches, beyond the bound"),
    ];
    for (n, what) in rest.into_iter().filter(|(n, _)| *n > 0) {
        page.item(2, Look::Faint, &format!("and {n} {what}"));
    }
    if !found.not_pushed.is_empty() {
        page.field("not there", &found.not_pushed.join(", "));
    }
}

fn write_pair(page: &mut Page, pair: &PairView) {
    page.item(2, Look::Strong, &format!("{} and {}", pair.left, pair.right));
    match pair.conflict.as_bool() {
        Some(true) => {
            let more =
                if pair.n_files > 0 { format!(", … ({} in all)", pair.n_files) } else { String::new() };
            page.labelled(4, "merge", Look::Bad, &format!("CONFLICT in {}{more}", pair.files.join(", ")));
        }
        Some(false) => {}
        None => {
            let note = pair.note.as_deref().unwrap_or_default();
            page.labelled(4, "merge", Look::Warning, &format!("unknown: {note}"));
        }
    }
    for found in &pair.semantic {
        finding(page, 4, ("left", "right"), found);
    }
    if pair.n_semantic > 0 {
        page.item(4, Look::Faint, &format!("{} findings in all: --detail full", pair.n_semantic));
    }
}
