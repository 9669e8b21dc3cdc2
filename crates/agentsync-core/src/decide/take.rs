//! Taking a claim from a holder that is gone: after its lease, or because a person says so.

use super::claim::own_key;
use super::{Decision, Edit, Grant, Granted, Missing, Trailer};
use crate::board::{Board, Entry, Superseded};
use crate::change::{BreakRequest, Change};
use crate::claim::Claim;
use crate::event::Event;
use crate::id::ClaimKey;
use crate::time::Timestamp;

/// Names a claim with its fencing number.
pub(crate) fn numbered(key: &ClaimKey, generation: Option<u64>) -> String {
    generation.map_or_else(|| key.as_str().to_owned(), |number| format!("{key}@{number}"))
}

/// Returns what is noted for a holder whose claim is taken.
pub(super) fn superseded(
    key: &ClaimKey,
    claim: &Claim,
    change: &Change,
    now: Timestamp,
    reason: String,
) -> Superseded {
    Superseded {
        key: key.clone(),
        generation: claim.generation,
        by: change.by.agent.as_str().to_owned(),
        at: Some(now),
        reason,
    }
}

pub(super) fn decide_break(
    board: &Board,
    change: &Change,
    request: &BreakRequest,
    now: Timestamp,
) -> Decision {
    let key = &request.key;
    let claim = board.claims.get(key).map(Entry::as_claim);
    let waits = board.waiting.iter().any(|ticket| ticket.key == *key);
    if claim.is_none() && !waits {
        return Decision::Missing(Missing::default());
    }
    let (mut edits, mut trailers) = (Vec::new(), Vec::new());
    let generation = claim.flatten().and_then(|claim| claim.generation);
    let by = change.by.agent.as_str().to_owned();
    let record =
        Superseded { key: key.clone(), generation, by, at: Some(now), reason: request.reason.clone() };
    if claim.is_some() {
        trailers.push(Trailer::Breaks(numbered(key, generation)));
        edits.extend([
            Edit::Remove { key: key.clone() },
            Edit::Supersede { record: Box::new(record.clone()) },
        ]);
    }
    if waits {
        trailers.push(Trailer::Drops(key.as_str().to_owned()));
        edits.push(Edit::Unqueue { key: key.clone() });
    }
    Decision::Granted(Box::new(Granted {
        edits,
        event: Event::breaks(change.by.agent.as_str(), key, &request.reason),
        grant: Grant::Broken { record: Box::new(record), claim: claim.flatten().cloned().map(Box::new) },
        generation,
        trailers,
    }))
}

/// Tells a holder that the claim it speaks of was taken, once.
pub(super) fn find_taken(board: &Board, change: &Change) -> Option<Decision> {
    let key = own_key(board, change);
    let has_claims = board.claims_of(&change.by.agent).next().is_some();
    // Without a lane, and with no claim left, it can only mean the one that is gone.
    let any = change.lane.is_none() && !has_claims;
    let is_it = |record: &&Superseded| record.key == key || (any && change.by.agent.is(record.key.agent()));
    let record = board.superseded.iter().rev().find(is_it).filter(|_| !board.claims.contains_key(&key))?;
    Some(Decision::Granted(Box::new(Granted {
        edits: vec![Edit::Acknowledge { key: record.key.clone() }],
        event: Event::learns(&record.key),
        grant: Grant::Superseded { record: Box::new(record.clone()) },
        generation: None,
        trailers: Vec::new(),
    })))
}
