//! Standing in line for files that others hold.

use std::collections::{BTreeMap, BTreeSet};

use super::claim::{asks_for, decide_claim, find_conflicts, own_key, those_ahead};
use super::{Blocked, Decision, Edit, Grant, Granted, Missing, ReasonKind, WaitsFor};
use crate::board::{Board, Ticket};
use crate::change::{Author, Change, ClaimRequest, Intent};
use crate::event::Event;
use crate::id::{AgentId, ClaimKey, InstanceId};
use crate::time::Timestamp;

/// Claims, or takes a place in the line: behind those who came first, and never where it would wait
/// for itself.
pub(super) fn decide_wait(
    board: &Board,
    change: &Change,
    request: &ClaimRequest,
    now: Timestamp,
) -> Decision {
    let blocked = match decide_claim(board, change, request, now) {
        Decision::Blocked(blocked) => blocked,
        other => return other,
    };
    // Neither an id that is held elsewhere nor an entry that cannot be read goes away by waiting.
    let is_hopeless = |kind| matches!(kind, ReasonKind::SharedAgentId | ReasonKind::UnreadableEntry);
    if blocked
        .conflicts
        .values()
        .flat_map(|conflict| &conflict.reasons)
        .any(|reason| is_hopeless(reason.kind))
    {
        return Decision::Blocked(blocked);
    }
    let ticket = new_ticket(board, change, request, now);
    let key = ticket.key.clone();
    let standing = stand_in_line(board, change, request, ticket, blocked.clone());
    let deadlock = match &standing {
        Decision::Granted(granted) => find_circle(&board.with(&granted.edits), key.agent()),
        _ => Vec::new(),
    };
    match deadlock.is_empty() {
        true => standing,
        false => Decision::Blocked(Blocked { deadlock, ..blocked }),
    }
}

fn new_ticket(board: &Board, change: &Change, request: &ClaimRequest, now: Timestamp) -> Ticket {
    Ticket {
        key: own_key(board, change),
        task: request.task.clone(),
        touches: request.touches.clone(),
        requires: request.requires.clone(),
        branch: request.branch.clone(),
        since: Some(now),
        instance: Some(change.by.instance.clone()),
        op: change.op.clone(),
    }
}

fn stand_in_line(
    board: &Board,
    change: &Change,
    request: &ClaimRequest,
    mut ticket: Ticket,
    blocked: Blocked,
) -> Decision {
    let key = ticket.key.clone();
    let prior = board.waiting.iter().find(|there| there.key == key);
    let is_last = board.waiting.last().is_some_and(|last| last.key == key);
    let keeps_place = is_last || prior.is_some_and(|prior| asks_for(prior, request));
    let ahead = those_ahead(board, &change.by.agent, request);
    let n_ahead = ahead.filter(|ahead| blocked.conflicts.contains_key(&ahead.key)).count();
    if let Some(prior) = prior.filter(|prior| prior.op == change.op) {
        return Decision::Unchanged(Box::new(Grant::Waiting {
            ticket: Box::new(prior.clone()),
            blocked,
            n_ahead,
        }));
    }
    let mut edits = Vec::new();
    match prior {
        // The same wish again is a sign of life, and keeps its place.
        Some(prior) if keeps_place => ticket.since = prior.since,
        Some(_) => edits.push(Edit::Unqueue { key: key.clone() }),
        None => {}
    }
    edits.push(Edit::Queue { ticket: Box::new(ticket.clone()) });
    Decision::Granted(Box::new(Granted {
        edits,
        event: Event::waits(&key, &ticket.task),
        grant: Grant::Waiting { ticket: Box::new(ticket), blocked, n_ahead },
        generation: None,
        trailers: Vec::new(),
    }))
}

pub(super) fn decide_leave(board: &Board, change: &Change) -> Decision {
    let key = own_key(board, change);
    match board.waiting.iter().any(|ticket| ticket.key == key) {
        false => Decision::Missing(Missing::default()),
        true => Decision::Granted(Box::new(Granted {
            edits: vec![Edit::Unqueue { key: key.clone() }],
            event: Event::leaves(&key),
            grant: Grant::Left { key },
            generation: None,
            trailers: Vec::new(),
        })),
    }
}

/// Finds a circle of agents, each waiting for the next, from `agent` back to itself. Empty when there
/// is none.
fn find_circle(board: &Board, agent: &str) -> Vec<WaitsFor> {
    let me = agent.to_ascii_lowercase();
    let mut waits: BTreeMap<String, Vec<WaitsFor>> = BTreeMap::new();
    for ticket in &board.waiting {
        let agent = ticket.key.agent().to_ascii_lowercase();
        waits.entry(agent).or_default().extend(waits_of(board, ticket));
    }
    let mut path = Vec::new();
    let mut been = BTreeSet::new();
    match leads_back(&waits, &me, &me, &mut path, &mut been) {
        true => path,
        false => Vec::new(),
    }
}

fn leads_back(
    waits: &BTreeMap<String, Vec<WaitsFor>>,
    from: &str,
    to: &str,
    path: &mut Vec<WaitsFor>,
    been: &mut BTreeSet<String>,
) -> bool {
    for step in waits.get(from).into_iter().flatten() {
        let next = step.holder.to_ascii_lowercase();
        path.push(step.clone());
        if next == to || (been.insert(next.clone()) && leads_back(waits, &next, to, path, been)) {
            return true;
        }
        path.pop();
    }
    false
}

/// Returns for whom a ticket waits, and for what.
fn waits_of(board: &Board, ticket: &Ticket) -> Vec<WaitsFor> {
    let Ok(agent) = AgentId::parse(ticket.key.agent()) else { return Vec::new() };
    let request = ClaimRequest {
        task: String::new(),
        touches: ticket.touches.clone(),
        requires: ticket.requires.clone(),
        branch: None,
        force: None,
        lease: None,
        lapsed: Vec::new(),
    };
    let instance = ticket.instance.clone().unwrap_or_else(|| InstanceId(String::new()));
    let by = Author { agent, instance, session: None };
    let change = Change { op: ticket.op.clone(), by, lane: None, intent: Intent::Leave };
    let found = find_conflicts(board, &change, &request);
    let step = |(holder, conflict): (ClaimKey, super::Conflict)| {
        let files: BTreeSet<String> = conflict.reasons.into_iter().flat_map(|reason| reason.files).collect();
        let (agent, holder) = (ticket.key.agent().to_owned(), holder.agent().to_owned());
        WaitsFor { agent, holder, files: files.into_iter().collect() }
    };
    found
        .blocked
        .conflicts
        .into_iter()
        .filter(|(holder, _)| !change.by.agent.is(holder.agent()))
        .map(step)
        .collect()
}
