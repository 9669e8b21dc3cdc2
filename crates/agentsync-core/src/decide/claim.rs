//! Whether a unit of work may be staked.

use std::collections::{BTreeMap, BTreeSet};

use super::{Blocked, Conflict, Decision, Edit, Grant, Granted, Reason, ReasonKind, Replaced};
use crate::board::{Board, Entry};
use crate::change::{Change, ClaimRequest};
use crate::claim::{Claim, Status};
use crate::event::Event;
use crate::id::ClaimKey;
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
        None if !found.conflicts.is_empty() => Decision::Blocked(found),
        _ => grant(board, change, request, now, key, found.conflicts),
    }
}

fn grant(
    board: &Board,
    change: &Change,
    request: &ClaimRequest,
    now: Timestamp,
    key: ClaimKey,
    forced: BTreeMap<ClaimKey, Conflict>,
) -> Decision {
    let generation = board.generation.saturating_add(1);
    let claim = new_claim(change, request, now, generation, &forced);
    let replaced =
        board.claims.get(&key).and_then(Entry::as_claim).and_then(|prior| replaced_by(prior, &claim));
    Decision::Granted(Box::new(Granted {
        edits: vec![
            Edit::Put { key: key.clone(), claim: Box::new(claim.clone()) },
            Edit::Raise { generation },
        ],
        event: Event::claims(&key, &claim.task),
        grant: claimed(board, key, claim, replaced, forced),
        generation: Some(generation),
    }))
}

fn new_claim(
    change: &Change,
    request: &ClaimRequest,
    now: Timestamp,
    generation: u64,
    forced: &BTreeMap<ClaimKey, Conflict>,
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
        extra: Vec::new(),
    }
}

/// Says what a new claim of the same key no longer holds; `None` when nothing was at stake.
fn replaced_by(prior: &Claim, next: &Claim) -> Option<Replaced> {
    let kept: BTreeSet<&str> = next.touches.iter().map(PathSpec::as_str).collect();
    let freed = prior.touches.iter().map(PathSpec::as_str).filter(|text| !kept.contains(text));
    prior
        .is_active()
        .then(|| Replaced { task: prior.task.clone(), freed: freed.map(str::to_owned).collect() })
}

fn claimed(
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
    Grant::Claimed { key, claim: Box::new(claim), replaced, forced, relied_on_by }
}

/// Returns the key a claim is written under: the one there is, in its own spelling, or a new one.
fn own_key(board: &Board, change: &Change) -> ClaimKey {
    let key = ClaimKey::new(&change.by.agent, change.lane.as_ref());
    let twin = board.claims.keys().find(|other| other.as_str().eq_ignore_ascii_case(key.as_str())).cloned();
    twin.unwrap_or(key)
}

fn find_conflicts(board: &Board, change: &Change, request: &ClaimRequest) -> Blocked {
    let touches = SpecIndex::new(&request.touches);
    let requires = SpecIndex::new(&request.requires);
    let mut held = BTreeSet::new();
    let mut conflicts = BTreeMap::new();
    for (key, entry) in board.claims.iter().filter(|(_, entry)| entry.is_active()) {
        let reasons = match (change.by.agent.is(key.agent()), entry) {
            (true, entry) => held_elsewhere(change, entry),
            (false, Entry::Unreadable { why }) => {
                held.extend(0..request.touches.len());
                vec![unreadable(why)]
            }
            (false, Entry::Claim(theirs)) => {
                let shared = meet(&touches, &request.touches, &theirs.touches);
                held.extend(shared.mine.iter().copied());
                let wip = meet(&requires, &request.requires, &theirs.touches);
                [shared.into_reason(ReasonKind::SharedFiles), wip.into_reason(ReasonKind::DependsOnTheirWip)]
                    .into_iter()
                    .flatten()
                    .collect()
            }
        };
        if !reasons.is_empty() {
            conflicts.insert(key.clone(), conflict(entry, reasons));
        }
    }
    let free = request.touches.iter().enumerate().filter(|(idx, _)| !held.contains(idx));
    let free_slice = free.map(|(_, spec)| spec.as_str().to_owned()).collect();
    Blocked { conflicts, free_slice }
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
                files: prior.touches.iter().map(|spec| spec.as_str().to_owned()).collect(),
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
            files.extend(mine.get(idx).map(|spec| spec.as_str().to_owned()));
            files.insert(spec.as_str().to_owned());
            witnesses.extend(witness.path().map(str::to_owned));
        }
    }
    met.files = files.into_iter().collect();
    met.witnesses = witnesses.into_iter().collect();
    met
}
