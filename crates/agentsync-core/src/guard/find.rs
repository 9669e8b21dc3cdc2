//! Finds whose each path is, and what follows from it.

use std::collections::{BTreeMap, BTreeSet};

use super::parts::{self, Met, Own};
use super::{Held, Holding, How, Judgement, Me, Obstacle, Policy, Rules, Ruling, Target, Verdict};
use crate::board::{Board, Entry};
use crate::change::{Author, Change, ClaimRequest, Intent};
use crate::claim::Claim;
use crate::decide::find_holders;
use crate::id::{AgentId, ClaimKey, InstanceId, OpId};
use crate::overlap::SpecIndex;
use crate::region::SymbolPath;
use crate::spec::PathSpec;
use crate::time::Timestamp;

/// Decides for each of `targets` whether `me` may change it on `board`.
///
/// `now` is only told, as how long ago a holder was last heard of.
pub fn guard(board: &Board, me: &Me, targets: &[Target], rules: Rules, now: Timestamp) -> Judgement {
    let own: Vec<_> = claims(board).filter(|(key, claim)| is_own(me, key, claim)).collect();
    let owned: Vec<Own> = targets.iter().map(|target| parts::own(&own, target)).collect();
    let rest: Vec<Rest<'_>> = targets.iter().zip(&owned).filter_map(rest).collect();
    let mut holders = holders(board, me, &rest, now);
    let obstacle = obstacle(board, me, now);
    let near = if rules.auto_claim { near(board, me, &rest) } else { BTreeSet::new() };
    let mut places = 0..;
    let rule = |(target, own): (&Target, &Own)| {
        let open = match own {
            Own::Whole(key) => return Ruling::new(target, Holding::Mine { key: key.clone() }),
            Own::Not(open) => open.as_deref(),
        };
        let holding =
            places.next().and_then(|idx| holders.remove(&idx)).map_or(Holding::Free, Holding::Peers);
        let verdict = verdict(&holding, rules, obstacle.is_none());
        let wanted = if verdict == Verdict::Claim { wanted(board, me, target, open) } else { Vec::new() };
        let verdict = if verdict == Verdict::Claim && wanted.is_empty() { Verdict::Allow } else { verdict };
        let is_near = verdict == Verdict::Claim && near.contains(target.as_str());
        Ruling { is_near, verdict, wanted, ..Ruling::new(target, holding) }
    };
    let rulings = targets.iter().zip(&owned).map(rule).collect();
    Judgement { rulings, obstacle }
}

/// A target that is not wholly one's own, and what of it is left where that is known.
type Rest<'a> = (&'a Target, Option<&'a [SymbolPath]>);

fn rest<'a>((target, own): (&'a Target, &'a Own)) -> Option<Rest<'a>> {
    match own {
        Own::Whole(_) => None,
        Own::Not(open) => Some((target, open.as_deref())),
    }
}

impl Ruling {
    /// Lets a target be changed.
    fn new(target: &Target, holding: Holding) -> Ruling {
        let path = target.as_str().to_owned();
        Ruling { path, holding, is_near: false, verdict: Verdict::Allow, wanted: Vec::new() }
    }
}

/// Returns what of a free target is to be claimed. What a claim would be refused for stays unclaimed: it is what
/// surrounds a symbol that a peer holds.
fn wanted(board: &Board, me: &Me, target: &Target, open: Option<&[SymbolPath]>) -> Vec<PathSpec> {
    let Some(open) = open else { return vec![target.spec().clone()] };
    let specs: Vec<PathSpec> = open.iter().map(|symbol| parts::spec_of(target, symbol)).collect();
    let held: BTreeSet<usize> =
        find_holders(board, &change(me), &request(specs.clone())).into_iter().map(|(_, idx)| idx).collect();
    specs.into_iter().enumerate().filter(|(idx, _)| !held.contains(idx)).map(|(_, spec)| spec).collect()
}

fn verdict(holding: &Holding, rules: Rules, can_claim: bool) -> Verdict {
    match (holding, rules.policy) {
        (Holding::Peers(_), Policy::Block) => Verdict::Deny,
        (_, Policy::Off) | (Holding::Mine { .. }, _) | (Holding::Peers(_), Policy::Warn) => Verdict::Allow,
        (Holding::Free, _) if rules.auto_claim && can_claim => Verdict::Claim,
        (Holding::Free, _) => Verdict::Allow,
    }
}

/// Returns the active claims that can be read.
fn claims(board: &Board) -> impl Iterator<Item = (&ClaimKey, &Claim)> {
    let readable = board.claims.iter().filter_map(|(key, entry)| Some((key, entry.as_claim()?)));
    readable.filter(|(_, claim)| claim.is_active())
}

fn is_agents(me: &Me, key: &ClaimKey) -> bool {
    me.agent.as_ref().is_some_and(|agent| agent.is(key.agent()))
}

fn is_own(me: &Me, key: &ClaimKey, claim: &Claim) -> bool {
    let is_on_my_branch = me.branch.is_some() && me.branch == claim.branch;
    is_on_my_branch || (is_agents(me, key) && !is_elsewhere(me, claim) && !is_siblings(me, claim))
}

/// Tells whether a claim of the agent's is held from another worktree, as the decision on claims does.
fn is_elsewhere(me: &Me, claim: &Claim) -> bool {
    let held = claim.instance.as_ref();
    me.instance.is_some() && held.is_some() && held != me.instance.as_ref()
}

fn is_siblings(me: &Me, claim: &Claim) -> bool {
    claim.session.as_ref().is_some_and(|session| me.siblings.contains(session))
}

/// Finds who holds each path that is not one's own, by its place in `rest`.
fn holders(board: &Board, me: &Me, rest: &[Rest<'_>], now: Timestamp) -> BTreeMap<usize, Vec<Held>> {
    let mut found: BTreeMap<usize, Vec<Held>> = BTreeMap::new();
    let specs: Vec<PathSpec> = rest.iter().map(|(target, _)| target.spec().clone()).collect();
    if specs.is_empty() {
        return found;
    }
    let index = SpecIndex::new(&specs);
    for (key, claim) in claims(board).filter(|(key, claim)| is_agents(me, key) && !is_own(me, key, claim)) {
        let how = if is_elsewhere(me, claim) { How::Elsewhere } else { How::Sibling };
        let met: BTreeSet<usize> =
            claim.touches.iter().flat_map(|touch| index.meets(touch)).map(|(idx, _)| idx).collect();
        for idx in met {
            let Some(met) = meeting(rest, idx, claim.touches.iter()) else { continue };
            found.entry(idx).or_default().push(Held { part: met.part(), ..held_by(key, claim, how, now) });
        }
    }
    for (key, idx) in find_holders(board, &change(me), &request(specs)) {
        let claim = board.claims.get(&key).filter(|entry| entry.is_active()).and_then(Entry::as_claim);
        let ticket = board.waiting.iter().find(|ticket| ticket.key == key);
        let holds = claim.into_iter().flat_map(|claim| &claim.touches);
        let awaits = ticket.into_iter().flat_map(|ticket| &ticket.touches);
        let Some(met) = meeting(rest, idx, holds.chain(awaits)) else { continue };
        let held = match (claim, ticket) {
            (Some(claim), _) if is_own(me, &key, claim) => continue,
            (Some(claim), _) => held_by(&key, claim, How::Claim, now),
            (None, Some(ticket)) => Held {
                key,
                task: Some(ticket.task.clone()),
                branch: ticket.branch.clone(),
                since: ticket.since,
                seconds_ago: seconds(ticket.since, now),
                how: How::Waits,
                part: None,
            },
            (None, None) => continue,
        };
        found.entry(idx).or_default().push(Held { part: met.part(), ..held });
    }
    found
}

/// Tells what of a target touches are in the way of, if they are.
fn meeting<'a>(rest: &[Rest<'_>], idx: usize, touches: impl Iterator<Item = &'a PathSpec>) -> Option<Met> {
    let Some((target, Some(open))) = rest.get(idx) else { return Some(Met::File) };
    parts::meet(touches, target, open)
}

fn held_by(key: &ClaimKey, claim: &Claim, how: How, now: Timestamp) -> Held {
    Held {
        key: key.clone(),
        task: Some(claim.task.clone()),
        branch: claim.branch.clone(),
        since: claim.updated_at,
        seconds_ago: seconds(claim.updated_at, now),
        how,
        part: None,
    }
}

fn seconds(since: Option<Timestamp>, now: Timestamp) -> Option<u64> {
    since.map(|since| u64::try_from(now.0.saturating_sub(since.0) / 1_000_000).unwrap_or(0))
}

/// Returns the change that would claim the paths.
fn change(me: &Me) -> Change {
    let agent = me.agent.clone().unwrap_or_else(AgentId::nobody);
    let instance = me.instance.clone().unwrap_or_else(|| InstanceId(String::new()));
    let by = Author { agent, instance, session: None };
    Change { op: OpId(String::new()), by, lane: None, intent: Intent::Leave }
}

fn request(touches: Vec<PathSpec>) -> ClaimRequest {
    ClaimRequest {
        task: String::new(),
        touches,
        requires: Vec::new(),
        branch: None,
        force: None,
        lease: None,
        lapsed: Vec::new(),
    }
}

fn obstacle(board: &Board, me: &Me, now: Timestamp) -> Option<Obstacle> {
    let elsewhere = claims(board).find(|(key, claim)| is_agents(me, key) && is_elsewhere(me, claim));
    if let Some((key, claim)) = elsewhere {
        return Some(Obstacle::Elsewhere(held_by(key, claim, How::Elsewhere, now)));
    }
    board.claims.iter().find_map(|(key, entry)| match entry {
        Entry::Unreadable { why } => Some(Obstacle::Unreadable { key: key.clone(), why: why.clone() }),
        Entry::Claim(_) => None,
    })
}

/// Returns the paths in whose folder a peer holds something.
fn near(board: &Board, me: &Me, rest: &[Rest<'_>]) -> BTreeSet<String> {
    let beside: Vec<(PathSpec, &str)> =
        rest.iter().filter_map(|(target, _)| Some((target.siblings()?, target.as_str()))).collect();
    let specs: Vec<PathSpec> = beside.iter().map(|(spec, _)| spec.clone()).collect();
    let index = SpecIndex::new(&specs);
    let mut near = BTreeSet::new();
    for (_, claim) in claims(board).filter(|(key, claim)| !is_own(me, key, claim)) {
        for touch in &claim.touches {
            let met = index.meets(touch).into_iter().filter_map(|(idx, _)| beside.get(idx));
            near.extend(met.map(|(_, path)| (*path).to_owned()));
            if !touch.as_str().contains('/') {
                near.extend(
                    rest.iter()
                        .map(|(target, _)| target.as_str())
                        .filter(|path| !path.contains('/'))
                        .map(str::to_owned),
                );
            }
        }
    }
    near
}
