//! What a commit does to the line of those who wait, to the mailbox and to the notes of taken claims.

use std::collections::BTreeSet;

use super::{CommitFacts, Finding};
use crate::board::{Board, Note, Superseded, Ticket};
use crate::decide::{MAX_NOTES, MAX_SUPERSEDED, Trailer, numbered};
use crate::text::one_line;

pub(super) fn check(before: &Board, after: &Board, facts: &CommitFacts, found: &mut Vec<Finding>) {
    check_line(&before.waiting, &after.waiting, facts, found);
    check_records(before, after, facts, found);
    if !is_mailbox_kept(&before.notes, &after.notes, facts) {
        found.push(Finding::Mailbox);
    }
}

/// Those who wait keep their order, but for those whose ticket a trailer drops.
fn check_line(was: &[Ticket], is: &[Ticket], facts: &CommitFacts, found: &mut Vec<Finding>) {
    let is_dropped = |ticket: &Ticket| {
        let key = one_line(ticket.key.as_str());
        let names = |trailer: &Trailer| matches!(trailer, Trailer::Drops(dropped) if *dropped == key);
        facts.trailers().iter().any(names) && !is.iter().any(|there| there.key == ticket.key)
    };
    let others = |ticket: &&Ticket| !facts.owns(ticket.key.as_str());
    let expected: Vec<&Ticket> = was.iter().filter(others).filter(|ticket| !is_dropped(ticket)).collect();
    let there: Vec<&Ticket> = is.iter().filter(others).collect();
    if expected == there {
        return;
    }
    let (old, new): (BTreeSet<_>, BTreeSet<_>) = (names_of(&expected), names_of(&there));
    let mut wrong: Vec<String> = old.symmetric_difference(&new).cloned().collect();
    if wrong.is_empty() {
        let moved = expected.iter().zip(&there).find(|(one, other)| one != other);
        wrong.extend(moved.map(|(ticket, _)| one_line(ticket.key.as_str())));
    }
    found.extend(wrong.into_iter().map(|key| Finding::Line { key }));
}

fn names_of(tickets: &[&Ticket]) -> BTreeSet<String> {
    tickets.iter().map(|ticket| one_line(ticket.key.as_str())).collect()
}

/// Every holder whose claim is taken is told, and what others are told stays.
fn check_records(before: &Board, after: &Board, facts: &CommitFacts, found: &mut Vec<Finding>) {
    let mut kept = after.superseded.as_slice();
    let mut taken: Vec<&str> = facts.trailers().iter().filter_map(taken_claim).collect();
    while let Some((last, rest)) = kept.split_last() {
        let name = one_line(&numbered(&last.key, last.generation));
        let Some(idx) = taken.iter().position(|taken| *taken == name).filter(|_| facts.owns(&last.by)) else {
            break;
        };
        taken.remove(idx);
        kept = rest;
    }
    found.extend(taken.iter().map(|name| Finding::Record { key: (*name).to_owned() }));
    let others = |record: &&Superseded| !facts.owns(record.key.as_str());
    let was: Vec<&Superseded> = before.superseded.iter().filter(others).collect();
    let is: Vec<&Superseded> = kept.iter().filter(others).collect();
    let is_full = after.superseded.len() == MAX_SUPERSEDED;
    if was.ends_with(&is) && (was.len() == is.len() || is_full) {
        return;
    }
    let differs = was.iter().find(|record| !is.contains(record)).or(is.first());
    found.extend(differs.map(|record| Finding::Record { key: one_line(record.key.as_str()) }));
}

fn taken_claim(trailer: &Trailer) -> Option<&str> {
    match trailer {
        Trailer::Supersedes(name) | Trailer::Breaks(name) => Some(name),
        Trailer::Drops(_) | Trailer::Tidies(_) => None,
    }
}

/// At most one note is new, the author's and the last one; only a full mailbox loses its oldest.
fn is_mailbox_kept(was: &[Note], is: &[Note], facts: &CommitFacts) -> bool {
    let follows = |kept: &[Note]| was.ends_with(kept) && (kept.len() == was.len() || is.len() == MAX_NOTES);
    match is.split_last() {
        _ if was == is => true,
        Some((new, kept)) => facts.owns(&new.from) && follows(kept),
        None => false,
    }
}
