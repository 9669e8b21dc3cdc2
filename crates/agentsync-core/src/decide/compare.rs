//! Where two claims that stand on the board meet.

use super::claim::{meet, unreadable};
use super::{Reason, ReasonKind};
use crate::board::Entry;
use crate::claim::Claim;
use crate::overlap::SpecIndex;

/// Where a claim of mine and a peer's entry meet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparison {
    /// What would have blocked my claim: paths we both change, and what I rely on and they change.
    pub reasons: Vec<Reason>,
    /// What they rely on and I change.
    pub they_depend_on_yours: Vec<String>,
}

/// Compares a claim of mine with a peer's entry, whatever the status of either.
pub fn compare(mine: &Claim, theirs: &Entry) -> Comparison {
    let theirs = match theirs {
        Entry::Unreadable { why } => {
            return Comparison { reasons: vec![unreadable(why)], they_depend_on_yours: Vec::new() };
        }
        Entry::Claim(claim) => claim,
    };
    let touches = SpecIndex::new(&mine.touches);
    let shared = meet(&touches, &mine.touches, &theirs.touches);
    let wip = meet(&SpecIndex::new(&mine.requires), &mine.requires, &theirs.touches);
    let reasons =
        [shared.into_reason(ReasonKind::SharedFiles), wip.into_reason(ReasonKind::DependsOnTheirWip)];
    Comparison {
        reasons: reasons.into_iter().flatten().collect(),
        they_depend_on_yours: meet(&touches, &mine.touches, &theirs.requires).files,
    }
}
