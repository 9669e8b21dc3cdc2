//! Whether a unit of work may be staked.

use std::collections::{BTreeMap, BTreeSet};

use super::{Blocked, Conflict, Decision, Edit, Grant, Granted, Reason, ReasonKind, Replaced, Trailer, take};
use crate::board::{Board, Entry, Ticket};
use crate::change::{Change, ClaimRequest, Lapsed};
use crate::claim::{Claim, Status};
use crate::event::Event;
use crate::id::{AgentId, ClaimKey};
use crate::overlap::SpecIndex;
use crate::spec::PathSpec;
use crate::time::Timestamp;

pub(super) fn decide_claim(
    board: &Board,
    change: &Change,
    request: &ClaimRequest,
    now: Timestamp,
) -> Decision {
    let key = own_key(board, change);
    let prior = board.claims.get(&key).and_then(Entry::as_claim);
    if let Some(prior) = prior.filter(|prior| prior.op.as_ref() == Some(&change.op)) {
        return Decision::Unchanged(Box::new(claimed(board, key, prior.clone(), None, BTreeMap::new())));
    }
    let found = find_conflicts(board, change, request);
    match &request.force {
        None if !found.blocked.conflicts.is_empty() => Decision::Blocked(found.blocked),
        _ => grant(board, change, request, now, key, found),
    }
}

fn grant(
    board: &Board,
    change: &Change,
    request: &ClaimRequest,
    now: Timestamp,
    key: ClaimKey,
    found: Found,
) -> Decision {
    let generation = board.generation.saturating_add(1);
    let forced = found.blocked.conflicts;
    let claim = new_claim(change, request, now, generation, &forced, &found.lapsed);
    let replaced =
        board.claims.get(&key).and_then(Entry::as_claim).and_then(|prior| replaced_by(prior, &claim));
    let mut edits =
        vec![Edit::Put { key: key.clone(), claim: Box::new(claim.clone()) }, Edit::Raise { generation }];
    if board.waiting.iter().any(|ticket| ticket.key == key) {
        edits.push(Edit::Unqueue { key: key.clone() });
    }
    if board.superseded.iter().any(|record| record.key == key) {
        edits.push(Edit::Acknowledge { key: key.clone() });
    }
    let mut trailers = Vec::new();
    for (lapsed, theirs) in &found.lapsed {
        let record = take::superseded(lapsed, theirs, change, now, "its lease had lapsed".to_owned());
        trailers.push(Trailer::Supersedes(take::numbered(lapsed, theirs.generation)));
        edits.extend([Edit::Remove { key: lapsed.clone() }, Edit::Supersede { record: Box::new(record) }]);
    }
    for dropped in found.dropped {
        trailers.push(Trailer::Drops(dropped.as_str().to_owned()));
        edits.push(Edit::Unqueue { key: dropped });
    }
    Decision::Granted(Box::new(Granted {
        edits,
        event: Event::claims(&key, &claim.task),
        grant: claimed(board, key, claim, replaced, forced),
        generation: Some(generation),
        trailers,
    }))
}

fn new_claim(
    change: &Change,
    request: &ClaimRequest,
    now: Timestamp,
    generation: u64,
    forced: &BTreeMap<ClaimKey, Conflict>,
    lapsed: &[(ClaimKey, Claim)],
) -> Claim {
    let force = request.force.as_ref().filter(|_| !forced.is_empty());
    Claim {
        task: request.task.clone(),
        touches: request.touches.clone(),
        requires: request.requires.clone(),
        branch: request.branch.clone(),
        status: Status::InProgress,
        updated_at: Some(now),
        instance: Some(change.by.instance.clone()),
        note: None,
        op: Some(change.op.clone()),
        generation: Some(generation),
        session: change.by.session.clone(),
        forced_over: forced.keys().map(|key| key.as_str().to_owned()).collect(),
        reason: force.map(|force| force.reason.clone().unwrap_or_else(|| "none given".to_owned())),
        changed_files: None,
        changed_files_repo: None,
        pr_url: None,
        lease: request.lease,
        supersedes: lapsed.iter().map(|(key, theirs)| take::numbered(key, theirs.generation)).collect(),
        extra: Vec::new(),
    }
}

/// Says what a new claim of the same key no longer holds; `None` when nothing was at stake.
fn replaced_by(prior: &Claim, next: &Claim) -> Option<Replaced> {
    let kept: BTreeSet<String> = next.touches.iter().map(PathSpec::to_string).collect();
    let freed = prior.touches.iter().map(PathSpec::to_string).filter(|text| !kept.contains(text));
    prior.is_active().then(|| Replaced { task: prior.task.clone(), freed: freed.collect() })
}

pub(super) fn claimed(
    board: &Board,
    key: ClaimKey,
    claim: Claim,
    replaced: Option<Replaced>,
    forced: BTreeMap<ClaimKey, Conflict>,
) -> Grant {
    let index = SpecIndex::new(&claim.touches);
    let mut relied_on_by = BTreeMap::new();
    let peers = board.claims.iter().filter(|(peer, _)| !peer.agent().eq_ignore_ascii_case(key.agent()));
    for (peer, theirs) in peers.filter_map(|(peer, entry)| Some((peer, entry.as_claim()?))) {
        let met = meet(&index, &claim.touches, &theirs.requires);
        if theirs.is_active() && !met.files.is_empty() {
            relied_on_by.insert(peer.clone(), met.files);
        }
    }
    let lost = board.superseded.iter().find(|record| record.key == key).cloned().map(Box::new);
    Grant::Claimed { key, claim: Box::new(claim), replaced, forced, relied_on_by, lost }
}

/// Returns the key a claim is written under: the one there is, in its own spelling, or a new one.
pub(super) fn own_key(board: &Board, change: &Change) -> ClaimKey {
    let key = ClaimKey::new(&change.by.agent, change.lane.as_ref());
    let twin = board.claims.keys().find(|other| other.as_str().eq_ignore_ascii_case(key.as_str())).cloned();
    twin.unwrap_or(key)
}

/// What stands between a request and its grant.
pub(super) struct Found {
    /// Who is in the way.
    pub(super) blocked: Blocked,
    /// Who would be, if the lease had not lapsed.
    pub(super) lapsed: Vec<(ClaimKey, Claim)>,
    /// Whose ticket would be, if its owner had been seen.
    pub(super) dropped: Vec<ClaimKey>,
    /// Which of the asked-for touches each entry in the way holds.
    hits: BTreeMap<ClaimKey, BTreeSet<usize>>,
}

/// Finds who would be in the way of a claim of each of its touches: the key, and the touch's place.
///
/// Entries that cannot be read, and those under the agent's own name, are not among them.
pub(crate) fn find_holders(board: &Board, change: &Change, request: &ClaimRequest) -> Vec<(ClaimKey, usize)> {
    let found = find_conflicts(board, change, request);
    let is_unreadable =
        |key: &ClaimKey| board.claims.get(key).is_some_and(|entry| matches!(entry, Entry::Unreadable { .. }));
    let readable = found.hits.into_iter().filter(|(key, _)| !is_unreadable(key));
    readable.flat_map(|(key, hits)| hits.into_iter().map(move |idx| (key.clone(), idx))).collect()
}

/// Finds who is in the way of `request`: holders, and those who came first.
pub(super) fn find_conflicts(board: &Board, change: &Change, request: &ClaimRequest) -> Found {
    let touches = SpecIndex::new(&request.touches);
    let requires = SpecIndex::new(&request.requires);
    let (blocked, hits) = (Blocked::default(), BTreeMap::new());
    let mut found = Found { blocked, lapsed: Vec::new(), dropped: Vec::new(), hits };
    let mut held = BTreeSet::new();
    let conflicts = &mut found.blocked.conflicts;
    for (peer, entry) in board.claims.iter().filter(|(_, entry)| entry.is_active()) {
        let mut hit = BTreeSet::new();
        let reasons = match (change.by.agent.is(peer.agent()), entry) {
            (true, entry) => held_elsewhere(change, entry),
            (false, Entry::Unreadable { why }) => {
                hit.extend(0..request.touches.len());
                vec![unreadable(why)]
            }
            (false, Entry::Claim(theirs)) => {
                let shared = meet(&touches, &request.touches, &theirs.touches);
                hit.extend(shared.mine.iter().copied());
                let wip = meet(&requires, &request.requires, &theirs.touches);
                [shared.into_reason(ReasonKind::SharedFiles), wip.into_reason(ReasonKind::DependsOnTheirWip)]
                    .into_iter()
                    .flatten()
                    .collect()
            }
        };
        match entry.as_claim().filter(|theirs| has_lapsed(request, peer, theirs)) {
            _ if reasons.is_empty() => {}
            Some(theirs) => found.lapsed.push((peer.clone(), theirs.clone())),
            None => {
                held.extend(hit.iter().copied());
                found.hits.insert(peer.clone(), hit);
                conflicts.insert(peer.clone(), conflict(entry, reasons));
            }
        }
    }
    let fresh = not_held_yet(board, change, request);
    for ticket in those_ahead(board, &change.by.agent, request) {
        let mut shared = meet(&touches, &request.touches, &ticket.touches);
        // What they rely on must not change under them either, once it is their turn.
        let relied = meet(&touches, &request.touches, &ticket.requires);
        shared.mine.extend(relied.mine);
        shared.files.extend(relied.files);
        let is_lapsed = request.lapsed.iter().any(|seen| seen.key == ticket.key && seen.op == ticket.op);
        match shared.mine.is_disjoint(&fresh) {
            true => {}
            false if is_lapsed => found.dropped.push(ticket.key.clone()),
            false => {
                let hit: BTreeSet<usize> = shared.mine.intersection(&fresh).copied().collect();
                held.extend(hit.iter().copied());
                found.hits.entry(ticket.key.clone()).or_default().extend(hit);
                let waiting = conflicts.entry(ticket.key.clone()).or_insert_with(|| Conflict {
                    their_task: Some(ticket.task.clone()),
                    their_branch: ticket.branch.clone(),
                    reasons: Vec::new(),
                });
                waiting.reasons.extend(shared.into_reason(ReasonKind::WaitsBeforeYou));
            }
        }
    }
    let free = request.touches.iter().enumerate().filter(|(idx, _)| !held.contains(idx));
    found.blocked.free_slice = free.map(|(_, spec)| spec.to_string()).collect();
    found
}

/// Returns the tickets of others that come before a request of `agent`'s: those before the first of its
/// own that asks for as much, if there is one, else all. Its lanes stand in one line: a place taken in one
/// is a place for each.
pub(super) fn those_ahead<'a>(
    board: &'a Board,
    agent: &AgentId,
    request: &ClaimRequest,
) -> impl Iterator<Item = &'a Ticket> {
    let is_own = |ticket: &Ticket| agent.is(ticket.key.agent());
    let place = board.waiting.iter().position(|ticket| is_own(ticket) && asks_for(ticket, request));
    let n_ahead = place.unwrap_or(board.waiting.len());
    board.waiting.iter().take(n_ahead).filter(move |ticket| !is_own(ticket))
}

/// Tells whether a ticket asks for all of a request.
pub(super) fn asks_for(ticket: &Ticket, request: &ClaimRequest) -> bool {
    let within = |asked: &[PathSpec], had: &[PathSpec]| {
        asked.iter().all(|spec| had.iter().any(|had| had.is_same(spec)))
    };
    within(&request.touches, &ticket.touches) && within(&request.requires, &ticket.requires)
}

/// Returns which of the asked-for touches the agent does not hold already: nobody is overtaken by
/// keeping what one has.
fn not_held_yet(board: &Board, change: &Change, request: &ClaimRequest) -> BTreeSet<usize> {
    let own = board.claims_of(&change.by.agent).filter(|(_, claim)| claim.is_active());
    let held: Vec<&PathSpec> = own.flat_map(|(_, claim)| &claim.touches).collect();
    let is_held = |touch: &PathSpec| held.iter().any(|held| held.is_same(touch));
    let fresh = request.touches.iter().enumerate().filter(|(_, touch)| !is_held(touch));
    fresh.map(|(idx, _)| idx).collect()
}

/// Tells whether the asking machine has seen a claim unchanged for longer than its holder wished.
fn has_lapsed(request: &ClaimRequest, key: &ClaimKey, theirs: &Claim) -> bool {
    let is_same = |seen: &Lapsed| seen.key == *key && Some(&seen.op) == theirs.op.as_ref();
    theirs.lease.is_some() && request.lapsed.iter().any(is_same)
}

fn conflict(entry: &Entry, reasons: Vec<Reason>) -> Conflict {
    let claim = entry.as_claim();
    Conflict {
        their_task: claim.map(|claim| claim.task.clone()),
        their_branch: claim.and_then(|claim| claim.branch.clone()),
        reasons,
    }
}

/// Returns why an entry under the agent's own name stands in its way: it is held from another
/// worktree, or cannot be read.
fn held_elsewhere(change: &Change, entry: &Entry) -> Vec<Reason> {
    match entry {
        Entry::Unreadable { why } => vec![unreadable(why)],
        Entry::Claim(prior) => {
            let elsewhere = prior.instance.as_ref().filter(|instance| **instance != change.by.instance);
            let reason = elsewhere.map(|instance| Reason {
                kind: ReasonKind::SharedAgentId,
                files: prior.touches.iter().map(PathSpec::to_string).collect(),
                witnesses: Vec::new(),
                held_since: prior.updated_at,
                held_by: Some(instance.0.clone()),
            });
            reason.into_iter().collect()
        }
    }
}

pub(super) fn unreadable(why: &str) -> Reason {
    Reason {
        kind: ReasonKind::UnreadableEntry,
        files: Vec::new(),
        witnesses: vec![why.to_owned()],
        held_since: None,
        held_by: None,
    }
}

/// Where two lists of path specs meet.
pub(super) struct Met {
    /// Positions in the first list.
    pub(super) mine: BTreeSet<usize>,
    /// The specs that meet, from both sides.
    pub(super) files: Vec<String>,
    /// Paths that belong to both.
    pub(super) witnesses: Vec<String>,
}

impl Met {
    pub(super) fn into_reason(self, kind: ReasonKind) -> Option<Reason> {
        let Met { files, witnesses, .. } = self;
        let met = !files.is_empty();
        met.then_some(Reason { kind, files, witnesses, held_since: None, held_by: None })
    }
}

pub(super) fn meet(index: &SpecIndex, mine: &[PathSpec], theirs: &[PathSpec]) -> Met {
    let mut met = Met { mine: BTreeSet::new(), files: Vec::new(), witnesses: Vec::new() };
    let (mut files, mut witnesses) = (BTreeSet::new(), BTreeSet::new());
    for spec in theirs {
        for (idx, witness) in index.meets(spec) {
            met.mine.insert(idx);
            files.extend(mine.get(idx).map(PathSpec::to_string));
            files.insert(spec.to_string());
            witnesses.extend(witness.path().map(str::to_owned));
        }
    }
    met.files = files.into_iter().collect();
    met.witnesses = witnesses.into_iter().collect();
    met
}
