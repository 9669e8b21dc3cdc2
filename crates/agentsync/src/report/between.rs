//! What was found between two agents' branches, in one line for a survey.

use agentsync_core::semantic::Tier;
use serde::Serialize;

use super::check_all::findings;
use super::check_pairs::FindingReport;
use super::claim_view::name;
use super::survey::Detail;
use crate::app::survey::Between;

/// How many partners a brief answer tells of.
const BRIEF_PARTNERS: usize = 5;
/// How many findings of one partner it shows.
const BRIEF_FINDINGS: usize = 1;

/// What was found between the asking agent's branch and a partner's.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BetweenView {
    /// The partner: the agent, or agent/lane.
    pub partner: String,
    /// Its branch.
    pub their_branch: String,
    /// What was found, in one line.
    pub says: String,
    /// The findings, the surest first (left is you, right is them).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub semantic: Vec<FindingReport>,
}

/// Shows what was found, with the partners first with whom it is surest.
pub fn between(found: &[Between], detail: Detail) -> Vec<BetweenView> {
    let weight = |one: &&Between| (one.judged.conflicts.len(), one.judged.n_of(Tier::High));
    let mut sorted: Vec<&Between> = found.iter().collect();
    sorted.sort_by_key(|one| std::cmp::Reverse(weight(one)));
    let most = if detail == Detail::Full { usize::MAX } else { BRIEF_PARTNERS };
    sorted.into_iter().take(most).map(|one| view(one, detail)).collect()
}

fn view(one: &Between, detail: Detail) -> BetweenView {
    let partner = name(one.partner.as_str());
    let n_findings = one.judged.n_of(Tier::High) + one.judged.n_of(Tier::Medium);
    let count = |n: usize, one: &str, many: &str| match n {
        0 => None,
        1 => Some(format!("1 {one}")),
        n => Some(format!("{n} {many}")),
    };
    let files = count(one.judged.conflicts.len(), "file in conflict", "files in conflict");
    let told: Vec<String> = files.into_iter().chain(count(n_findings, "finding", "findings")).collect();
    BetweenView {
        says: format!("{} between your branch and {partner}'s", told.join(" and ")),
        partner,
        their_branch: name(&one.branch),
        semantic: findings(&one.judged, BRIEF_FINDINGS, detail).0,
    }
}
