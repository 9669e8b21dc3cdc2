//! Untrue copies of what was seen, each wrong for certain, so that a check that says nothing is worth nothing.

use agentsync_lab::witness::{Ended, Link, Record};
use fastrand::Rng;

/// A copy that is untrue.
pub(crate) struct Copy {
    pub(crate) what: &'static str,
    pub(crate) chain: Vec<Link>,
    pub(crate) records: Vec<Record>,
}

/// Makes one copy of each kind that the run has the material for.
pub(crate) fn corrupt(chain: &[Link], records: &[Record], dice: &mut Rng) -> Vec<Copy> {
    let kinds: [(&'static str, Damage); 7] = [
        ("an acknowledged change is gone", lose),
        ("a change stands there twice", double),
        ("a refused change was called done", |chain, records, dice| flatter(chain, records, dice)),
        ("a change that is there was called not done", |chain, records, dice| deny(chain, records, dice)),
        ("a survey showed an older board", |chain, records, dice| age(chain, records, dice)),
        ("two acknowledged changes changed places", |chain, records, dice| swap(chain, records, dice)),
        ("an entry was given to another agent's files", |chain, records, dice| grab(chain, records, dice)),
    ];
    let mut copies = Vec::new();
    for (what, damage) in kinds {
        let (mut chain, mut records) = (chain.to_vec(), records.to_vec());
        if damage(&mut chain, &mut records, dice).is_some() {
            copies.push(Copy { what, chain, records });
        }
    }
    copies
}

type Damage = fn(&mut Vec<Link>, &mut [Record], &mut Rng) -> Option<()>;

/// Returns the position of a record that fits, and of its commit.
fn done(chain: &[Link], records: &[Record], dice: &mut Rng) -> Option<(usize, usize)> {
    let acked: Vec<usize> = (0..records.len()).filter(|at| records[*at].ended == Ended::Done).collect();
    let record = dice.choice(acked)?;
    let link = chain.iter().position(|link| link.op.as_ref() == Some(&records[record].op))?;
    Some((record, link))
}

fn lose(chain: &mut Vec<Link>, records: &mut [Record], dice: &mut Rng) -> Option<()> {
    let (_, link) = done(chain, records, dice)?;
    chain.remove(link);
    Some(())
}

fn double(chain: &mut Vec<Link>, records: &mut [Record], dice: &mut Rng) -> Option<()> {
    let (_, link) = done(chain, records, dice)?;
    chain.insert(link + 1, chain[link].clone());
    Some(())
}

fn flatter(_: &mut [Link], records: &mut [Record], dice: &mut Rng) -> Option<()> {
    let refused: Vec<usize> =
        (0..records.len()).filter(|at| matches!(records[*at].ended, Ended::Refused { .. })).collect();
    records[dice.choice(refused)?].ended = Ended::Done;
    Some(())
}

fn deny(chain: &mut [Link], records: &mut [Record], dice: &mut Rng) -> Option<()> {
    let (record, _) = done(chain, records, dice)?;
    records[record].ended = Ended::NotDone;
    Some(())
}

/// Lets a survey show the board before a change that was acknowledged before it began.
fn age(chain: &mut [Link], records: &mut [Record], dice: &mut Rng) -> Option<()> {
    for _ in 0..50 {
        let (record, link) = done(chain, records, dice)?;
        let returned = records[record].returned?;
        let before = link.checked_sub(1).map(|at| chain[at].id.clone());
        let later = records.iter_mut().find(|look| {
            matches!(look.ended, Ended::Saw { is_labelled: false, .. }) && look.invoked > returned
        });
        if let Some(look) = later {
            look.ended = Ended::Saw { tip: before, is_labelled: false };
            return Some(());
        }
    }
    None
}

/// Swaps the ids of two changes of which one was answered before the other was asked for.
fn swap(chain: &mut [Link], records: &mut [Record], dice: &mut Rng) -> Option<()> {
    for _ in 0..50 {
        let ((one, first), (two, second)) = (done(chain, records, dice)?, done(chain, records, dice)?);
        if records[one].returned? < records[two].invoked {
            let op = chain[first].op.clone();
            chain[first].op = std::mem::replace(&mut chain[second].op, op);
            return Some(());
        }
    }
    None
}

/// Lets one active entry touch what another touches, in the board and not in its text.
fn grab(chain: &mut [Link], _: &mut [Record], dice: &mut Rng) -> Option<()> {
    for _ in 0..200 {
        let at = dice.usize(..chain.len());
        let board = &mut chain[at].board;
        let active: Vec<_> =
            board.claims.iter().filter(|(_, entry)| entry.is_active()).map(|(key, _)| key.clone()).collect();
        if let [one, two, ..] = active.as_slice() {
            let touches = board.claims.get(one)?.as_claim()?.touches.clone();
            let agentsync_core::Entry::Claim(claim) = board.claims.get_mut(two)? else { continue };
            claim.touches = touches;
            return Some(());
        }
    }
    None
}
