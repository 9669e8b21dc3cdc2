//! Shows the board: what everybody has declared, and what nobody has.

use std::collections::BTreeMap;

use agentsync_core::overlap::SpecIndex;
use agentsync_core::semantic::Tier;
use agentsync_core::{
    Board, BranchName, Claim, ClaimKey, Entry, Note, PathSpec, Superseded, Ticket, Timestamp,
};

use super::args::parse_specs;
use super::check_pairs::Judged;
use super::ctx::Ctx;
use super::failure::Failure;
use super::guard::edits::{Edits, edits};
use super::ports::audit::Known;
use super::ports::{ActiveBranches, Alarm, BranchTip, Freshness, Place, StoreError};

/// With so many peers at most is it said what was found.
const MAX_PEERS: usize = 30;

/// What the board shows to whoever asks.
#[derive(Debug, Clone)]
pub struct Survey {
    /// Where the board is.
    pub place: Place,
    /// The asking agent's own claims, by key.
    pub mine: BTreeMap<ClaimKey, Claim>,
    /// Everybody else's entries, by key.
    pub peers: BTreeMap<ClaimKey, Peer>,
    /// The notes that concern the asking agent, oldest first.
    pub notes: Vec<Note>,
    /// Who waits, in order of arrival.
    pub waiting: Vec<Ticket>,
    /// The asking agent's claims that were taken from it, if it does not know yet.
    pub lost: Vec<Superseded>,
    /// Branches at the remote that no claim names; `None` when that is switched off.
    pub unclaimed: Option<ActiveBranches>,
    /// What was found between the asking agent's branch and its peers', when they were last compared as they are.
    pub findings: Vec<Between>,
    /// Where the asking agent's claims and its edits differ, by key, as far as hooks saw them.
    pub edits: BTreeMap<ClaimKey, Edits>,
    /// What is known of the commits that led here, or why it is not.
    pub known: Result<Known, StoreError>,
    /// Why nothing may be written.
    pub alarm: Option<Alarm>,
}

/// What was found between one's own branch and a peer's.
#[derive(Debug, Clone)]
pub struct Between {
    /// Whose claim names the other branch.
    pub partner: ClaimKey,
    /// The other branch.
    pub branch: String,
    /// What was found; mine is the left side.
    pub judged: Judged,
}

/// One entry of somebody else.
#[derive(Debug, Clone)]
pub struct Peer {
    /// What stands there.
    pub entry: Entry,
    /// Hours since its holder last wrote it, by the two clocks involved.
    pub age_hours: Option<f64>,
    /// Whether it is active and has shown no life for too long.
    pub is_stale: bool,
}

/// Looks at the board. With `touching`, only at entries that could be in the way of these paths.
pub fn survey(ctx: &Ctx<'_>, touching: &[String]) -> Result<Survey, Failure> {
    let filter = parse_specs(ctx, touching)?;
    let look = ctx.recorder.looked(&ctx.me.agent);
    let seen = ctx.store.read(Freshness::Now);
    ctx.recorder.saw(look, seen.as_ref());
    let snapshot = seen?;
    let known = ctx.store.known(&snapshot);
    let board = snapshot.board;
    let me = &ctx.me.agent;
    let mine: BTreeMap<ClaimKey, Claim> =
        board.claims_of(me).map(|(key, claim)| (key.clone(), claim.clone())).collect();
    let touched = ctx.work.touched();
    let edits = mine.iter().filter_map(|(key, claim)| Some((key.clone(), edits(key, claim, &touched)?)));
    let edits = edits.collect();
    let peers = board.peers_of(me).filter(|(_, entry)| concerns(&filter, entry));
    let peers = look_at(ctx, &peers.collect::<Vec<_>>());
    let findings = findings(ctx, &board, &mine);
    let unclaimed = ctx.settings.lists_unclaimed.then(|| unclaimed(ctx, &board));
    Ok(Survey {
        place: ctx.store.place(),
        mine,
        peers,
        waiting: board.waiting.clone(),
        lost: board.superseded.iter().filter(|record| me.is(record.key.agent())).cloned().collect(),
        notes: board.notes.iter().filter(|note| note.concerns(me)).cloned().collect(),
        unclaimed,
        findings,
        edits,
        known,
        alarm: snapshot.alarm,
    })
}

fn concerns(filter: &[PathSpec], entry: &Entry) -> bool {
    let index = SpecIndex::new(filter);
    let meets = |claim: &Claim| claim.touches.iter().any(|touch| !index.meets(touch).is_empty());
    filter.is_empty() || entry.as_claim().is_none_or(meets)
}

/// Looks up what is known of the agent's branch and each peer's, as they are now. Nothing is compared for it.
fn findings(ctx: &Ctx<'_>, board: &Board, mine: &BTreeMap<ClaimKey, Claim>) -> Vec<Between> {
    if !ctx.pairs.knows_any() {
        return Vec::new();
    }
    let parse = |claim: &Claim| BranchName::parse(claim.branch.as_deref()?).ok();
    let own = mine.values().find_map(parse).or_else(|| ctx.work.current_branch().ok().flatten());
    let tips = own.map(|own| ctx.work.tips_at_hand(&own)).unwrap_or_default();
    let theirs = |(key, entry): (&ClaimKey, &Entry)| {
        let branch = parse(entry.as_claim()?)?;
        match ctx.work.remote_tip(&branch).ok()? {
            BranchTip::At { commit, .. } => Some((key.clone(), branch.to_string(), commit)),
            BranchTip::NotPushed => None,
        }
    };
    let peers: Vec<_> = if tips.is_empty() {
        Vec::new()
    } else {
        board
            .peers_of(&ctx.me.agent)
            .filter(|(_, entry)| entry.is_active())
            .take(MAX_PEERS)
            .filter_map(theirs)
            .collect()
    };
    let with = |(_, _, commit): &(ClaimKey, String, String)| {
        tips.iter().map(|tip| (tip.clone(), commit.clone())).collect::<Vec<_>>()
    };
    let asked: Vec<_> = peers.iter().flat_map(with).collect();
    let known = ctx.pairs.known(&asked);
    let first = |((partner, branch, _), known): ((ClaimKey, String, String), &[Option<Judged>])| {
        let judged = known.iter().flatten().next()?.clone();
        let is_worth_it = judged.is_alarm() || judged.n_of(Tier::Medium) > 0;
        is_worth_it.then_some(Between { partner, branch, judged })
    };
    peers.into_iter().zip(known.chunks(tips.len().max(1))).filter_map(first).collect()
}

/// Derives the entries' ages and which are stale: the later of an entry's own time and its branch's last commit
/// counts as the last sign of life. Branches are looked for only where that matters, all at once.
fn look_at(ctx: &Ctx<'_>, peers: &[(&ClaimKey, &Entry)]) -> BTreeMap<ClaimKey, Peer> {
    let now = ctx.clock.now();
    let is_old = |at: Timestamp| at.hours_until(now) > ctx.settings.stale_hours;
    let written = |entry: &Entry| entry.as_claim().and_then(|claim| claim.updated_at);
    let is_doubtful = |entry: &Entry| entry.is_active() && written(entry).is_none_or(is_old);
    let asked = peers.iter().filter_map(|&(key, entry)| {
        let claim = entry.as_claim().filter(|_| is_doubtful(entry))?;
        Some((key, BranchName::parse(claim.branch.as_deref()?).ok()?))
    });
    let (keys, branches): (Vec<&ClaimKey>, Vec<BranchName>) = asked.unzip();
    let committed: BTreeMap<&ClaimKey, Option<Timestamp>> =
        keys.into_iter().zip(ctx.work.last_commits_at(&branches)).collect();
    let look = |(key, entry): &(&ClaimKey, &Entry)| {
        let (written, committed) = (written(entry), committed.get(*key).copied().flatten());
        let is_silent = match written {
            Some(at) => is_old(at) && committed.is_none_or(is_old),
            None => committed.is_some_and(is_old),
        };
        let peer = Peer {
            entry: (*entry).clone(),
            age_hours: written.map(|at| at.hours_until(now)),
            is_stale: entry.is_active() && is_silent,
        };
        ((*key).clone(), peer)
    };
    peers.iter().map(look).collect()
}

/// Returns what is known of the remote's branches, without those that a claim names and the board's.
fn unclaimed(ctx: &Ctx<'_>, board: &Board) -> ActiveBranches {
    let mut active = ctx.work.active_branches();
    let claims = board.claims.values().filter_map(Entry::as_claim);
    let named: Vec<&str> = claims.filter_map(|claim| claim.branch.as_deref()).collect();
    active
        .branches
        .retain(|found| found.branch != ctx.settings.branch && !named.contains(&found.branch.as_str()));
    active
}
