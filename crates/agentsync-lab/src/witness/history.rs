//! What must hold of the answers, given the chain: nothing lost, nothing twice, no untrue word.

use std::collections::BTreeMap;

use agentsync_core::decide::decide;
use agentsync_core::{Board, ClaimKey, Decision, Timestamp};

use super::{Ended, Evidence, Link, Record, Violation};

/// Checks the records against the chain.
pub fn check_history(evidence: &Evidence<'_>) -> Vec<Violation> {
    let places = Places::of(evidence);
    let mut found = Vec::new();
    for record in evidence.records {
        found.extend(check_count(record, &places));
    }
    found.extend(check_transitions(evidence));
    // After a rewrite the order on the branch is no longer the order of time.
    if evidence.cut.is_empty() {
        found.extend(check_order(evidence, &places));
        for record in evidence.records {
            found.extend(check_words(record, evidence, &places));
        }
    }
    found
}

/// Where each change stands.
struct Places<'a> {
    on_chain: BTreeMap<&'a str, Vec<usize>>,
    cut: BTreeMap<&'a str, usize>,
    empty: Board,
    /// For each record that is done, by time of its return: the furthest commit acknowledged by then.
    acked: Vec<(u64, usize)>,
    /// For each record with a commit, by time of its call, latest first: the earliest commit called since.
    called: Vec<(u64, usize)>,
}

impl<'a> Places<'a> {
    fn of(evidence: &Evidence<'a>) -> Places<'a> {
        let mut places = Places {
            on_chain: BTreeMap::new(),
            cut: BTreeMap::new(),
            empty: Board::default(),
            acked: Vec::new(),
            called: Vec::new(),
        };
        for (idx, link) in evidence.chain.iter().enumerate() {
            if let Some(op) = &link.op {
                places.on_chain.entry(op).or_default().push(idx);
            }
        }
        for op in evidence.cut.iter().filter_map(|link| link.op.as_deref()) {
            *places.cut.entry(op).or_default() += 1;
        }
        places.sort_times(evidence.records);
        places
    }

    /// Returns where a record's change stands, counted from one.
    fn place(&self, record: &Record) -> Option<usize> {
        self.on_chain.get(record.op.as_str()).and_then(|found| found.first()).map(|idx| idx + 1)
    }

    fn sort_times(&mut self, records: &[Record]) {
        let seen = |record: &Record| match &record.ended {
            Ended::Done => self.place(record),
            _ => None,
        };
        let mut acked: Vec<(u64, usize)> =
            records.iter().filter_map(|record| Some((record.returned?, seen(record)?))).collect();
        acked.sort_unstable();
        let mut furthest = 0;
        for (_, place) in &mut acked {
            furthest = furthest.max(*place);
            *place = furthest;
        }
        let mut called: Vec<(u64, usize)> =
            records.iter().filter_map(|record| Some((record.invoked, self.place(record)?))).collect();
        called.sort_unstable_by(|one, other| other.cmp(one));
        let mut earliest = usize::MAX;
        for (_, place) in &mut called {
            earliest = earliest.min(*place);
            *place = earliest;
        }
        (self.acked, self.called) = (acked, called);
    }

    /// Returns how many commits were surely there at a time.
    fn at_least(&self, time: u64, chain: &[Link]) -> usize {
        let n_before = self.acked.partition_point(|(returned, _)| *returned < time);
        let acked =
            n_before.checked_sub(1).and_then(|last| self.acked.get(last)).map_or(0, |(_, place)| *place);
        acked.max(chain.partition_point(|link| link.landed.is_some_and(|landed| landed < time)))
    }

    /// Returns how many commits may have been there at a time.
    fn at_most(&self, time: u64, chain: &[Link]) -> usize {
        let n_later = self.called.partition_point(|(invoked, _)| *invoked > time);
        let later = n_later.checked_sub(1).and_then(|last| self.called.get(last)).map(|(_, place)| place - 1);
        let landed = chain.partition_point(|link| link.landed.is_none_or(|landed| landed <= time));
        later.unwrap_or(usize::MAX).min(landed).min(chain.len())
    }

    /// Returns the boards that stood at some moment of a call.
    fn boards<'b>(&'b self, record: &Record, chain: &'b [Link]) -> impl Iterator<Item = &'b Board> {
        let low = if record.was_misled { 0 } else { self.at_least(record.invoked, chain) };
        let high = record.returned.map_or(chain.len(), |time| self.at_most(time, chain));
        (low..=high.max(low)).map(move |n_commits| match n_commits.checked_sub(1) {
            Some(last) => chain.get(last).map_or(&self.empty, |link| &link.board),
            None => &self.empty,
        })
    }
}

/// Checks how often a change is there against what was said of it.
fn check_count(record: &Record, places: &Places<'_>) -> Option<Violation> {
    let op = record.op.as_str();
    let n_there = places.on_chain.get(op).map_or(0, Vec::len);
    let n_cut = places.cut.get(op).copied().unwrap_or(0);
    let who = format!("{op} of {}", record.agent);
    match &record.ended {
        Ended::Done if n_there + n_cut == 0 => {
            Some(Violation::new("S2", format!("{who} was called done and is not on the branch")))
        }
        Ended::Refused { .. } | Ended::Missing | Ended::NotDone if n_there > 0 => {
            let what = format!("{who} was answered {:?} and is on the branch", record.ended);
            Some(Violation::new("S4", what))
        }
        _ => None,
    }
}

/// Checks each commit against the decision that must have led to it.
fn check_transitions(evidence: &Evidence<'_>) -> Vec<Violation> {
    let changes: BTreeMap<&str, &agentsync_core::Change> = evidence
        .records
        .iter()
        .filter_map(|record| Some((record.op.as_str(), record.change.as_ref()?)))
        .collect();
    let empty = Board::default();
    let mut before = &empty;
    let mut found = Vec::new();
    for link in evidence.chain {
        let change = link.op.as_deref().and_then(|op| changes.get(op));
        if let (Some(change), Some(at)) = (change, link.at) {
            let meant = match decide(before, change, at) {
                Decision::Granted(granted) => Some(before.with(&granted.edits)),
                _ => None,
            };
            if meant.as_ref() != Some(&link.board) {
                let op = &change.op.0;
                let what = format!("{} is not what {op} comes to on the board before it", link.id);
                found.push(Violation::new("S1", what));
            }
        }
        before = &link.board;
    }
    found
}

/// Checks that whoever was answered before another called stands before it.
fn check_order(evidence: &Evidence<'_>, places: &Places<'_>) -> Vec<Violation> {
    let late = evidence.records.iter().filter_map(|record| {
        let place = places.place(record)?;
        let acked = places.acked.partition_point(|(returned, _)| *returned < record.invoked);
        let (_, furthest) = places.acked.get(acked.checked_sub(1)?)?;
        (*furthest >= place).then(|| {
            let what = format!("{} stands before what was answered before it was called", record.op);
            Violation::new("S2", what)
        })
    });
    late.collect()
}

/// Checks that what was said of the board was so at some moment of the call.
fn check_words(record: &Record, evidence: &Evidence<'_>, places: &Places<'_>) -> Option<Violation> {
    record.returned?;
    let chain = evidence.chain;
    let is_true = match &record.ended {
        Ended::Refused { by } => places.boards(record, chain).any(|board| refuses(board, record, by)),
        Ended::Missing => places.boards(record, chain).any(|board| refuses(board, record, &[])),
        Ended::Saw { is_labelled: false, tip } => {
            let place = match tip {
                None => Some(0),
                Some(tip) => chain.iter().position(|link| link.id == *tip).map(|idx| idx + 1),
            };
            let low = if record.was_misled { 0 } else { places.at_least(record.invoked, chain) };
            let high = record.returned.map_or(chain.len(), |time| places.at_most(time, chain));
            place.is_some_and(|place| (low..=high).contains(&place))
        }
        _ => true,
    };
    let promise = if matches!(record.ended, Ended::Saw { .. }) { "S6" } else { "S4" };
    (!is_true).then(|| {
        let what = format!(
            "`{}` of {} at {} was answered {:?}, which was so at no moment of the call",
            record.op, record.agent, record.invoked, record.ended
        );
        Violation::new(promise, what)
    })
}

/// Tells whether a board refuses the change of a record, and for the reasons that were named.
fn refuses(board: &Board, record: &Record, by: &[String]) -> bool {
    let Some(change) = &record.change else {
        return by.iter().all(|key| is_in_the_way(board, key));
    };
    match decide(board, change, Timestamp(0)) {
        Decision::Blocked(blocked) => {
            blocked.conflicts.keys().map(ClaimKey::as_str).eq(by.iter().map(String::as_str))
        }
        Decision::Missing(_) => by.is_empty(),
        Decision::Granted(_) | Decision::Unchanged(_) => false,
    }
}

fn is_in_the_way(board: &Board, key: &str) -> bool {
    let key = ClaimKey::read(key);
    board.claims.get(&key).is_some_and(agentsync_core::Entry::is_active)
        || board.waiting.iter().any(|ticket| ticket.key == key)
}
