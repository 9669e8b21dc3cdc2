//! An independent second opinion: searches for an order of the calls of a window that the rules of a
//! claims board allow, and that agrees with the times and the answers.
//!
//! It knows nothing of the chain's order; only which of the calls without an answer were applied at
//! all is taken from there. The search is that of Wing and Gong with Lowe's memory of what was tried.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use agentsync_core::{Board, ClaimKey, Entry, Intent, PathSpec, Status};
use agentsync_lab::witness::{Ended, Link};

use crate::evidence::Call;

/// After this many steps a search is given up.
const MAX_STEPS: usize = 4_000_000;

/// A moment at which nothing was under way but what the dead had left.
#[derive(Debug, Clone)]
pub(crate) struct Pause {
    pub(crate) at: u64,
    /// The tip of the branch then.
    pub(crate) tip: Option<String>,
}

/// How a search ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// There is such an order.
    Explained,
    /// There is none.
    Refuted,
    /// It took too long.
    Open,
}

/// What a call does to the board.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Act {
    Claim(u64),
    Wait(u64),
    Release,
    Leave,
    Status(u8),
    Nothing,
    Look(BTreeMap<usize, (Option<String>, bool)>),
}

/// What was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Said {
    Done,
    /// Done, and nothing was written.
    Unchanged,
    Waiting,
    Refused(BTreeSet<usize>),
    Missing,
    /// Nobody heard, and it was applied.
    Applied,
}

/// One call in a window.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    agent: usize,
    op: String,
    act: Act,
    said: Said,
    called: u64,
    returned: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
struct Held {
    mask: u64,
    status: u8,
    op: Option<String>,
}

const DONE: u8 = 2;

/// A claims board, as simple as it can be: files are bits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(crate) struct Model {
    claims: BTreeMap<usize, Held>,
    line: Vec<(usize, u64)>,
}

impl Model {
    fn conflicts(&self, agent: usize, mask: u64) -> BTreeSet<usize> {
        let is_active = |held: &Held| held.status != DONE;
        let holders = self
            .claims
            .iter()
            .filter(|(peer, held)| **peer != agent && is_active(held) && held.mask & mask != 0);
        let mut found: BTreeSet<usize> = holders.map(|(peer, _)| *peer).collect();
        let own = self.claims.get(&agent).filter(|held| is_active(held)).map_or(0, |held| held.mask);
        let ahead = self.ahead(agent, mask);
        found.extend(ahead.filter(|(_, wanted)| wanted & mask & !own != 0).map(|(peer, _)| peer));
        found
    }

    fn ahead(&self, agent: usize, mask: u64) -> impl Iterator<Item = (usize, u64)> {
        let own = self.line.iter().position(|(peer, wanted)| *peer == agent && mask & !wanted == 0);
        let n_ahead = own.unwrap_or(self.line.len());
        self.line.iter().take(n_ahead).copied().filter(move |(peer, _)| *peer != agent)
    }

    /// Returns the board after a call, if its answer was right on this one.
    fn after(&self, item: &Item) -> Option<Model> {
        let agent = item.agent;
        let held = self.claims.get(&agent);
        let waits = self.line.iter().any(|(peer, _)| *peer == agent);
        let is_done = matches!(item.said, Said::Done | Said::Applied);
        match &item.act {
            Act::Nothing => Some(self.clone()),
            Act::Look(shown) => (*shown == self.shown()).then(|| self.clone()),
            Act::Claim(mask) | Act::Wait(mask) => self.after_claim(item, *mask),
            Act::Release | Act::Leave => match (&item.act, held.is_some(), waits) {
                (Act::Release, true, _) => is_done.then(|| self.without_claim(agent)),
                (_, _, true) => is_done.then(|| self.without_ticket(agent)),
                _ => (item.said == Said::Missing).then(|| self.clone()),
            },
            Act::Status(status) => self.after_status(item, held, *status),
        }
    }

    fn after_claim(&self, item: &Item, mask: u64) -> Option<Model> {
        let conflicts = self.conflicts(item.agent, mask);
        match &item.said {
            Said::Refused(by) => (!conflicts.is_empty() && conflicts == *by).then(|| self.clone()),
            Said::Waiting => (!conflicts.is_empty()).then(|| self.in_line(item.agent, mask)),
            Said::Done | Said::Applied if conflicts.is_empty() => Some(self.with_claim(item, mask)),
            Said::Applied if matches!(item.act, Act::Wait(_)) => Some(self.in_line(item.agent, mask)),
            Said::Missing | Said::Unchanged | Said::Done | Said::Applied => None,
        }
    }

    fn after_status(&self, item: &Item, held: Option<&Held>, status: u8) -> Option<Model> {
        let Some(held) = held else { return (item.said == Said::Missing).then(|| self.clone()) };
        let wakes = held.status == DONE && status != DONE;
        let conflicts = if wakes { self.conflicts(item.agent, held.mask) } else { BTreeSet::new() };
        match &item.said {
            Said::Refused(by) => (!conflicts.is_empty() && conflicts == *by).then(|| self.clone()),
            Said::Unchanged => (held.status == status).then(|| self.clone()),
            Said::Done | Said::Applied if conflicts.is_empty() => {
                let mut next = self.clone();
                let held = Held { status, op: Some(item.op.clone()), ..held.clone() };
                next.claims.insert(item.agent, held);
                Some(next)
            }
            Said::Done | Said::Applied | Said::Waiting | Said::Missing => None,
        }
    }

    fn with_claim(&self, item: &Item, mask: u64) -> Model {
        let mut next = self.without_ticket(item.agent);
        next.claims.insert(item.agent, Held { mask, status: 1, op: Some(item.op.clone()) });
        next
    }

    fn in_line(&self, agent: usize, mask: u64) -> Model {
        let mut next = self.clone();
        let n_others = self.line.iter().filter(|(peer, _)| *peer != agent).count();
        let is_last = self.line.last().is_some_and(|(peer, _)| *peer == agent);
        let keeps_place = self.ahead(agent, mask).count() < n_others || is_last;
        match next.line.iter().position(|(peer, _)| *peer == agent) {
            Some(at) if keeps_place => next.line[at] = (agent, mask),
            Some(at) => {
                next.line.remove(at);
                next.line.push((agent, mask));
            }
            None => next.line.push((agent, mask)),
        }
        next
    }

    fn without_claim(&self, agent: usize) -> Model {
        let mut next = self.clone();
        next.claims.remove(&agent);
        next
    }

    fn without_ticket(&self, agent: usize) -> Model {
        let mut next = self.clone();
        next.line.retain(|(peer, _)| *peer != agent);
        next
    }

    fn shown(&self) -> BTreeMap<usize, (Option<String>, bool)> {
        self.claims.iter().map(|(agent, held)| (*agent, (held.op.clone(), held.status != DONE))).collect()
    }
}

/// The calls between two pauses, and the board they began on.
#[derive(Debug, Clone)]
pub(crate) struct Window {
    pub(crate) start: Model,
    pub(crate) items: Vec<Item>,
}

/// Names as numbers.
struct Names<'a> {
    agents: BTreeMap<String, usize>,
    files: &'a [String],
}

impl Names<'_> {
    fn agent(&mut self, key: &str) -> usize {
        let n_agents = self.agents.len();
        *self.agents.entry(key.to_owned()).or_insert(n_agents)
    }

    fn mask(&self, touches: &[PathSpec]) -> u64 {
        let bit = |touch: &PathSpec| self.files.iter().position(|file| file == touch.as_str()).unwrap();
        touches.iter().fold(0, |mask, touch| mask | 1 << bit(touch))
    }

    fn model(&mut self, board: &Board) -> Model {
        let mut model = Model::default();
        for (key, entry) in &board.claims {
            let Entry::Claim(claim) = entry else { panic!("{key} cannot be read") };
            let held = Held {
                mask: self.mask(&claim.touches),
                status: number(&claim.status),
                op: claim.op.as_ref().map(|op| op.0.clone()),
            };
            model.claims.insert(self.agent(key.as_str()), held);
        }
        for ticket in &board.waiting {
            let agent = self.agent(ticket.key.as_str());
            model.line.push((agent, self.mask(&ticket.touches)));
        }
        model
    }
}

fn number(status: &Status) -> u8 {
    match status {
        Status::Planning => 0,
        Status::InProgress | Status::Other(_) => 1,
        Status::Done => DONE,
    }
}

/// Cuts a run at its pauses.
pub(crate) fn cut(calls: &[Call], chain: &[Link], pauses: &[Pause], files: &[String]) -> Vec<Window> {
    let mut names = Names { agents: BTreeMap::new(), files };
    let place: BTreeMap<&str, usize> =
        chain.iter().enumerate().filter_map(|(idx, link)| Some((link.op.as_deref()?, idx + 1))).collect();
    let height = |pause: &Pause| {
        let tip = pause.tip.as_deref();
        tip.map_or(0, |tip| chain.iter().position(|link| link.id == tip).unwrap() + 1)
    };
    let board =
        |height: usize| height.checked_sub(1).map_or_else(Board::default, |at| chain[at].board.clone());
    let mut windows = Vec::new();
    for pair in pauses.windows(2) {
        let (low, high) = (height(&pair[0]), height(&pair[1]));
        let mut items = Vec::new();
        for call in calls.iter().filter(|call| call.record.invoked < pair[1].at) {
            let landed = place.get(call.record.op.as_str()).copied();
            let is_here = match call.record.returned {
                _ if matches!(call.record.ended, Ended::Died | Ended::Unknown | Ended::NotDone) => {
                    landed.is_some_and(|landed| low < landed && landed <= high)
                }
                Some(_) => pair[0].at <= call.record.invoked,
                None => false,
            };
            if is_here {
                items.extend(item(call, landed.is_some(), &mut names));
            }
        }
        let seen = names.model(&board(high)).shown();
        items.push(Item {
            agent: usize::MAX,
            op: String::new(),
            act: Act::Look(seen),
            said: Said::Done,
            called: pair[1].at,
            returned: Some(pair[1].at + 1),
        });
        windows.push(Window { start: names.model(&board(low)), items });
    }
    windows
}

fn item(call: &Call, is_there: bool, names: &mut Names<'_>) -> Option<Item> {
    let record = &call.record;
    let act = match record.change.as_ref().map(|change| &change.intent) {
        None => {
            let seen = call.shown.iter().map(|(key, seen)| (names.agent(key), seen.clone()));
            Act::Look(seen.collect())
        }
        Some(Intent::Claim(request)) => Act::Claim(names.mask(&request.touches)),
        Some(Intent::Wait(request)) => Act::Wait(names.mask(&request.touches)),
        Some(Intent::Release { .. }) => Act::Release,
        Some(Intent::Leave) => Act::Leave,
        Some(Intent::Status(request)) => Act::Status(number(&request.status)),
        Some(Intent::Note(_)) => Act::Nothing,
        // Neither is played: the one is a person's, the other a hook's.
        Some(Intent::Break(_) | Intent::Widen(_)) => return None,
    };
    let said = match &record.ended {
        Ended::Done | Ended::Unchanged if call.grant.as_deref() == Some("Waiting") => Said::Waiting,
        Ended::Unchanged if !is_there => Said::Unchanged,
        Ended::Saw { .. } | Ended::Done | Ended::Unchanged => Said::Done,
        Ended::Refused { by } => Said::Refused(by.iter().map(|key| names.agent(key)).collect()),
        Ended::Missing => Said::Missing,
        Ended::NotDone | Ended::Unknown | Ended::Died => Said::Applied,
    };
    let returned = if said == Said::Applied { None } else { record.returned };
    let agent = names.agent(ClaimKey::read(&record.agent).as_str());
    Some(Item { agent, op: record.op.clone(), act, said, called: record.invoked, returned })
}

/// Where the list of calls and returns begins and ends.
const END: usize = usize::MAX;

/// Calls and returns by time, as a linked list: entry `2 i` is the call of item `i`, `2 i + 1` its return.
struct Timeline {
    next: Vec<usize>,
    prev: Vec<usize>,
    head: usize,
}

impl Timeline {
    fn of(items: &[Item]) -> Timeline {
        let head = 2 * items.len();
        let mut order: Vec<usize> = (0..head).collect();
        order.sort_by_key(|entry| match entry % 2 {
            0 => (items[entry / 2].called, 0),
            _ => (items[entry / 2].returned.unwrap_or(u64::MAX), 1),
        });
        let mut line = Timeline { next: vec![END; head + 1], prev: vec![END; head + 1], head };
        let mut last = head;
        for entry in order {
            (line.next[last], line.prev[entry]) = (entry, last);
            last = entry;
        }
        line
    }

    /// Takes a call and its return out.
    fn lift(&mut self, call: usize) {
        for gone in [call, call + 1] {
            let (next, prev) = (self.next[gone], self.prev[gone]);
            self.next[prev] = next;
            if next != END {
                self.prev[next] = prev;
            }
        }
    }

    /// Puts a call and its return back; the last one taken out comes first.
    fn put_back(&mut self, call: usize) {
        for back in [call + 1, call] {
            let (next, prev) = (self.next[back], self.prev[back]);
            self.next[prev] = back;
            if next != END {
                self.prev[next] = back;
            }
        }
    }
}

/// Searches for an order that explains a window.
pub(crate) fn search(window: &Window) -> Verdict {
    let items = &window.items;
    let mut line = Timeline::of(items);
    let mut tried: HashSet<(Vec<u64>, Model)> = HashSet::new();
    let mut taken = vec![0_u64; items.len().div_ceil(64)];
    let mut model = window.start.clone();
    let mut stack: Vec<(usize, Model)> = Vec::new();
    let mut entry = line.next[line.head];
    for _ in 0..MAX_STEPS {
        if line.next[line.head] == END {
            return Verdict::Explained;
        }
        let at = entry / 2;
        if entry % 2 == 1 {
            // A return whose call has no place yet: the last choice was wrong.
            let Some((call, before)) = stack.pop() else { return Verdict::Refuted };
            line.put_back(call);
            taken[call / 128] &= !(1 << (call / 2 % 64));
            model = before;
            entry = line.next[call];
            continue;
        }
        taken[at / 64] |= 1 << (at % 64);
        let after = model.after(&items[at]);
        if let Some(after) = after.filter(|after| tried.insert((taken.clone(), after.clone()))) {
            stack.push((entry, std::mem::replace(&mut model, after)));
            line.lift(entry);
            entry = line.next[line.head];
        } else {
            taken[at / 64] &= !(1 << (at % 64));
            entry = line.next[entry];
        }
    }
    Verdict::Open
}

/// Makes untrue copies of a window, each wrong for certain: a survey that shows a change nobody made,
/// one that shows what its own agent had replaced before, and a refusal that names nobody there.
pub(crate) fn corrupt(window: &Window) -> Vec<Window> {
    let mut copies = Vec::new();
    for (at, item) in window.items.iter().enumerate() {
        let mut copy = window.clone();
        match (&item.act, &item.said) {
            (Act::Look(shown), _) if !shown.is_empty() => {
                let mut shown = shown.clone();
                let first = shown.values_mut().next().unwrap();
                first.0 =
                    Some(older(window, item, first.0.as_deref()).unwrap_or_else(|| "nobody's".to_owned()));
                copy.items[at].act = Act::Look(shown);
            }
            (Act::Claim(_), Said::Done) => copy.items[at].said = Said::Refused([usize::MAX - 1].into()),
            _ => continue,
        }
        copies.push(copy);
    }
    copies
}

/// Returns a change of the same agent that had been replaced before the look began.
fn older(window: &Window, look: &Item, shown: Option<&str>) -> Option<String> {
    let newer = window.items.iter().find(|item| Some(item.op.as_str()) == shown)?;
    newer.returned.filter(|returned| *returned < look.called)?;
    let mut earlier = window.items.iter().filter(|item| {
        item.agent == newer.agent && item.returned.is_some_and(|returned| returned < newer.called)
    });
    earlier.next_back().map(|item| item.op.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(agent: usize, act: Act, said: Said, called: u64, returned: Option<u64>) -> Item {
        Item { agent, op: format!("op-{agent}-{called}"), act, said, called, returned }
    }

    #[track_caller]
    fn check(items: Vec<Item>, want: Verdict) {
        assert_eq!(search(&Window { start: Model::default(), items }), want);
    }

    fn look(shown: &[(usize, &str, bool)], called: u64) -> Item {
        let shown = shown.iter().map(|(agent, op, active)| (*agent, (Some((*op).to_owned()), *active)));
        item(9, Act::Look(shown.collect()), Said::Done, called, Some(called + 1))
    }

    #[test]
    fn two_grants_of_one_file_are_refuted_unless_it_was_free_between_them() {
        let one = item(1, Act::Claim(1), Said::Done, 0, Some(2));
        let two = item(2, Act::Claim(1), Said::Done, 6, Some(8));
        check(vec![one.clone(), two.clone()], Verdict::Refuted);
        let release = item(1, Act::Release, Said::Done, 4, Some(7));
        check(vec![one, release, two], Verdict::Explained);
    }

    #[test]
    fn calls_at_the_same_time_may_have_happened_in_either_order() {
        let grant = item(1, Act::Claim(1), Said::Done, 0, Some(5));
        let refusal = item(2, Act::Claim(3), Said::Refused([1].into()), 1, Some(2));
        check(vec![grant.clone(), refusal.clone()], Verdict::Explained);
        let later = Item { called: 3, returned: Some(4), ..grant };
        check(vec![later, refusal], Verdict::Refuted);
    }

    #[test]
    fn what_nobody_heard_may_have_been_applied_at_any_later_time() {
        let dead = item(1, Act::Claim(1), Said::Applied, 0, None);
        let before = item(2, Act::Claim(1), Said::Done, 4, Some(5));
        let release = item(2, Act::Release, Said::Done, 6, Some(7));
        let after = item(2, Act::Claim(1), Said::Refused([1].into()), 8, Some(9));
        check(vec![dead.clone(), before.clone(), release, after], Verdict::Explained);
        check(vec![dead, before], Verdict::Refuted);
    }

    #[test]
    fn a_survey_must_not_show_less_than_was_acknowledged_before_it() {
        let claim = item(1, Act::Claim(1), Said::Done, 0, Some(2));
        check(vec![claim.clone(), look(&[(1, "op-1-0", true)], 3)], Verdict::Explained);
        check(vec![claim, look(&[], 3)], Verdict::Refuted);
    }

    #[test]
    fn a_claim_that_was_done_is_taken_up_again_only_where_nobody_else_is() {
        let first = item(1, Act::Claim(1), Said::Done, 0, Some(1));
        let done = item(1, Act::Status(DONE), Said::Done, 2, Some(3));
        let other = item(2, Act::Claim(1), Said::Done, 4, Some(5));
        let again = |said| item(1, Act::Status(1), said, 6, Some(7));
        let day = |last| vec![first.clone(), done.clone(), other.clone(), last];
        check(day(again(Said::Done)), Verdict::Refuted);
        check(day(again(Said::Refused([2].into()))), Verdict::Explained);
    }

    #[test]
    fn who_stands_in_line_is_not_overtaken() {
        let holder = item(1, Act::Claim(1), Said::Done, 0, Some(1));
        let waits = item(2, Act::Wait(1), Said::Waiting, 2, Some(3));
        let leaves = item(1, Act::Release, Said::Done, 4, Some(5));
        let third = |said| item(3, Act::Claim(1), said, 6, Some(7));
        let day = |last| vec![holder.clone(), waits.clone(), leaves.clone(), last];
        check(day(third(Said::Done)), Verdict::Refuted);
        check(day(third(Said::Refused([2].into()))), Verdict::Explained);
    }
}
