//! What must hold of the chain alone: exclusion, own entries only, rising numbers, every change once.

use std::collections::{BTreeMap, BTreeSet};

use agentsync_core::{Board, Claim, ClaimKey, PathSpec};
use serde_json::value::RawValue;

use super::{Link, Violation};

/// How many notes a board keeps.
const MAX_NOTES: usize = agentsync_core::decide::MAX_NOTES;
/// The members whose change is checked one by one; every other one must stay as it is.
const OURS: [&str; 5] = ["claims", "notes", "waiting", "superseded", "generation"];

type Raw = BTreeMap<String, Box<RawValue>>;

/// Checks a chain by itself, from its first commit.
pub fn check_chain(chain: &[Link]) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut ops = BTreeSet::new();
    let mut before: Option<&Link> = None;
    for link in chain {
        if let Some(op) = link.op.as_ref().filter(|op| !ops.insert((*op).clone())) {
            found.push(Violation::new("S3", format!("{op} stands on the chain twice, again at {}", link.id)));
        }
        found.extend(check_exclusion(link));
        if let (Some(before), Some(_)) = (before, &link.op) {
            found.extend(check_step(before, link));
        }
        before = Some(link);
    }
    found
}

/// Checks that no two active claims of different agents meet, unless one was forced over the other.
fn check_exclusion(link: &Link) -> Vec<Violation> {
    let readable = |(key, entry): (_, &'_ agentsync_core::Entry)| -> Option<(&ClaimKey, Claim)> {
        Some((key, entry.as_claim().filter(|claim| claim.is_active())?.clone()))
    };
    let active: Vec<_> = link.board.claims.iter().filter_map(readable).collect();
    let mut found = Vec::new();
    for (n, (key, mine)) in active.iter().enumerate() {
        for (peer, theirs) in active.iter().skip(n + 1) {
            let is_own = peer.agent().eq_ignore_ascii_case(key.agent());
            let is_forced = mine.forced_over.iter().any(|over| over == peer.as_str())
                || theirs.forced_over.iter().any(|over| over == key.as_str());
            if !is_own && !is_forced && meet(&mine.touches, &theirs.touches) {
                let what = format!("{key} and {peer} hold the same files at {}", link.id);
                found.push(Violation::new("S1", what));
            }
        }
    }
    found
}

fn meet(ones: &[PathSpec], others: &[PathSpec]) -> bool {
    ones.iter().any(|one| others.iter().any(|other| one.overlap(other).is_some()))
}

/// Checks one commit of ours against the one before it.
fn check_step(before: &Link, link: &Link) -> Vec<Violation> {
    let mut found = Vec::new();
    let (Ok(old), Ok(new)) =
        (serde_json::from_str::<Raw>(&before.text), serde_json::from_str::<Raw>(&link.text))
    else {
        return vec![Violation::new("S7", format!("{} was written on top of what cannot be read", link.id))];
    };
    let mut say = |promise, what: &str| found.push(Violation::new(promise, format!("{what} at {}", link.id)));
    for name in old.keys().chain(new.keys()).filter(|name| !OURS.contains(&name.as_str())) {
        if text_of(&old, name) != text_of(&new, name) {
            say("S5", &format!("`{name}` changed"));
        }
    }
    for what in foreign_claims(&old, &new, before, link) {
        say("S5", &what);
    }
    if !are_notes_kept(&old, &new) {
        say("S5", "a note of somebody else changed");
    }
    for what in foreign_tickets(&old, &new, link) {
        say("S5", &what);
    }
    if link.board.generation < before.board.generation {
        say("S8", "the fencing counter fell");
    }
    for key in stale_numbers(&before.board, &link.board, link.op.as_deref()) {
        say("S8", &format!("the number of {key} is not larger than all earlier ones"));
    }
    found
}

fn text_of<'a>(members: &'a Raw, name: &str) -> Option<&'a str> {
    members.get(name).map(|value| value.get())
}

fn inner(members: &Raw, name: &str) -> Raw {
    serde_json::from_str(text_of(members, name).unwrap_or("{}")).unwrap_or_default()
}

fn list(members: &Raw, name: &str) -> Vec<Box<RawValue>> {
    serde_json::from_str(text_of(members, name).unwrap_or("[]")).unwrap_or_default()
}

fn is_own(key: &str, link: &Link) -> bool {
    let agent = ClaimKey::read(key).agent().to_owned();
    link.agent.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(&agent))
}

/// Names the entries of others that a commit changed and must not.
fn foreign_claims(old: &Raw, new: &Raw, before: &Link, link: &Link) -> Vec<String> {
    let (old, new) = (inner(old, "claims"), inner(new, "claims"));
    let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let changed = keys.into_iter().filter(|key| text_of(&old, key) != text_of(&new, key));
    let foreign = changed.filter(|key| !is_own(key, link) && !link.may_edit.contains(key));
    let is_done = |key: &str| {
        let entry = before.board.claims.get(&ClaimKey::read(key));
        entry.and_then(agentsync_core::Entry::as_claim).is_some_and(|claim| !claim.is_active())
    };
    let (tidied, wrong): (Vec<&String>, Vec<&String>) =
        foreign.partition(|key| !new.contains_key(*key) && is_done(key));
    let surplus = tidied.len().saturating_sub(link.n_tidied);
    let mut said: Vec<String> = wrong.into_iter().map(|key| format!("the entry of {key} changed")).collect();
    if surplus > 0 {
        said.push(format!("{surplus} done claims of others went without a word"));
    }
    said
}

/// Tells whether the old notes stand there as they were, but for the oldest beyond the limit, with at
/// most one more behind them.
fn are_notes_kept(old: &Raw, new: &Raw) -> bool {
    let texts =
        |notes: Vec<Box<RawValue>>| notes.iter().map(|note| note.get().to_owned()).collect::<Vec<_>>();
    let (old, new) = (texts(list(old, "notes")), texts(list(new, "notes")));
    let n_added = usize::from(new.last() != old.last() || new.len() > old.len());
    let n_gone = (old.len() + n_added).saturating_sub(MAX_NOTES.max(new.len()));
    old.get(n_gone..).is_some_and(|kept| new.starts_with(kept) && new.len() <= kept.len() + 1)
}

/// Names the tickets of others that a commit changed and must not.
fn foreign_tickets(old: &Raw, new: &Raw, link: &Link) -> Vec<String> {
    let owner = |ticket: &RawValue| {
        let members: Raw = serde_json::from_str(ticket.get()).unwrap_or_default();
        serde_json::from_str::<String>(text_of(&members, "agent").unwrap_or("\"\"")).unwrap_or_default()
    };
    let foreign = |tickets: Vec<Box<RawValue>>| -> Vec<(String, String)> {
        let named = tickets.iter().map(|ticket| (owner(ticket), ticket.get().to_owned()));
        named.filter(|(key, _)| !is_own(key, link) && !link.may_edit.contains(key)).collect()
    };
    match foreign(list(old, "waiting")) == foreign(list(new, "waiting")) {
        true => Vec::new(),
        false => vec!["the line of those who wait changed for others".to_owned()],
    }
}

/// Names the claims whose fencing number is new and not larger than every earlier one.
fn stale_numbers<'a>(before: &'a Board, now: &'a Board, op: Option<&'a str>) -> Vec<&'a ClaimKey> {
    let written = now.claims.iter().filter_map(|(key, entry)| {
        let claim = entry.as_claim().filter(|claim| claim.op.as_ref().map(|op| op.0.as_str()) == op)?;
        let prior = before.claims.get(key).and_then(agentsync_core::Entry::as_claim);
        let is_kept = prior.is_some_and(|prior| prior.generation == claim.generation);
        (!is_kept && claim.generation.unwrap_or(0) <= before.generation).then_some(key)
    });
    written.collect()
}
