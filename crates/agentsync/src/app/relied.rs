//! What a claim relies on without saying so, and who relies on what it may change.
//!
//! Both are read from the files as this clone knows them. A claim says what will be touched before anything
//! is written, so what is found here is found before it costs anything.

use std::collections::BTreeMap;
use std::time::Duration;

use agentsync_core::relied::{Reliance, Source as Said, Use, is_likely, uses};
use agentsync_core::{
    Board, BranchName, Claim, ClaimKey, ClaimRequest, Mode, PathSpec, Place, Region, SymbolPath,
};

use super::ctx::Ctx;
use super::ports::{Freshness, Source};
use super::{failure::Failure, regions};

/// How many files are read at most.
const MANY: usize = 400;
/// The files of how many peers are searched for uses of what is claimed.
const MAX_PEERS: usize = 30;
/// How many bytes are read when it only tells: a quarter of a second's work.
const SOME: usize = 1_000_000;
/// How many bytes are read when the claim depends on it.
const MUCH: usize = 16_000_000;
/// A board that was seen so short a time ago will do to tell from.
const JUST: Duration = Duration::from_secs(60);
/// For how many uses a claim is refused at most; more would say no more.
const MAX_REQUIRED: usize = 64;

/// What is done with what a claim relies on without saying so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Derive {
    /// It is not looked for.
    Off,
    /// It is told.
    #[default]
    Info,
    /// What a peer is changing is in the way, as if it were among the claim's `requires`.
    Block,
}

impl Derive {
    /// Reads a setting.
    pub fn parse(text: &str) -> Option<Derive> {
        match text {
            "off" => Some(Derive::Off),
            "info" => Some(Derive::Info),
            "block" => Some(Derive::Block),
            _ => None,
        }
    }
}

/// Who relies on whom.
#[derive(Debug, Clone, Default)]
pub struct Relied {
    /// What the claim's files use of what peers are changing.
    pub on_theirs: Vec<Reliance>,
    /// What peers' files use of what the claim may give another signature.
    pub on_mine: Vec<Reliance>,
    /// How many files were not looked into, there being so many.
    pub n_left_out: usize,
}

/// Adds to a request what it relies on and a peer is changing, by a look at the board as it stands now.
///
/// What a peer claims at the same moment is not among it; [`tell`] tells it afterwards.
pub fn require(ctx: &Ctx<'_>, request: ClaimRequest) -> Result<(ClaimRequest, Relied), Failure> {
    let board = ctx.store.read(Freshness::Now)?.board;
    let relied = Shelf::new(ctx, &request, MUCH).look(&board);
    let linked = relied.on_theirs.iter().flat_map(|reliance| &reliance.uses).filter(|one| one.is_linked);
    let specs = linked.take(MAX_REQUIRED).filter_map(|one| {
        let place = Place::Symbol(one.symbol.clone());
        let region = Region { place, mode: Mode::Edit, anchor: None };
        Some(PathSpec::parse(&one.path, &[]).ok()?.narrowed(region))
    });
    let derived = regions::anchor(ctx, specs.collect()).specs;
    let requires = PathSpec::tidy([request.requires, derived].concat());
    Ok((ClaimRequest { requires, ..request }, relied))
}

/// Looks who relies on whom once the request has been granted: on the board as this clone has just seen it.
///
/// The remote is not asked for it, and whatever fails here takes nothing from the grant.
pub fn tell(ctx: &Ctx<'_>, request: &ClaimRequest) -> Relied {
    let shelf = Shelf::new(ctx, request, SOME);
    if shelf.mine.is_empty() {
        return Relied::default();
    }
    let seen = ctx.store.read(Freshness::Within(JUST));
    seen.map_or_else(|_| Relied::default(), |seen| shelf.look(&seen.board))
}

/// The files that were looked into, and how much more may be.
struct Shelf<'a> {
    ctx: &'a Ctx<'a>,
    request: &'a ClaimRequest,
    /// The files that the request touches: the tracked ones, and those that it names and that are here.
    mine: Vec<String>,
    n_bytes: usize,
    read: BTreeMap<(Option<String>, String), Option<Source>>,
    n_left_out: usize,
}

impl<'a> Shelf<'a> {
    fn new(ctx: &'a Ctx<'a>, request: &'a ClaimRequest, n_bytes: usize) -> Shelf<'a> {
        let mine = ctx.work.files(None, &request.touches);
        let mut shelf = Shelf { ctx, request, mine, n_bytes, read: BTreeMap::new(), n_left_out: 0 };
        for spec in request.touches.iter().filter(|spec| !spec.is_glob()) {
            if !shelf.mine.iter().any(|file| spec.covers(file)) && shelf.open(None, spec.as_str()) {
                shelf.mine.push(spec.as_str().to_owned());
            }
        }
        shelf
    }

    fn look(mut self, board: &Board) -> Relied {
        let active =
            board.peers_of(&self.ctx.me.agent).filter_map(|(key, entry)| Some((key, entry.as_claim()?)));
        let peers: Vec<(&ClaimKey, &Claim)> = active.filter(|(_, claim)| claim.is_active()).collect();
        if peers.is_empty() || self.mine.is_empty() {
            return Relied::default();
        }
        let on_theirs = self.on_theirs(&peers);
        let on_mine = self.on_mine(peers.get(..MAX_PEERS).unwrap_or(&peers));
        Relied { on_theirs, on_mine, n_left_out: self.n_left_out }
    }

    /// Reads a file, unless it was; tells whether it says anything.
    fn open(&mut self, at: Option<&str>, path: &str) -> bool {
        let key = (at.map(str::to_owned), path.to_owned());
        if let Some(known) = self.read.get(&key) {
            return known.is_some();
        }
        if self.n_bytes == 0 || MANY <= self.read.len() {
            self.n_left_out += 1;
            return false;
        }
        let source = self.ctx.work.source(at, path);
        let n_bytes = source.as_ref().map_or(0, |source| source.n_bytes);
        self.n_bytes = self.n_bytes.saturating_sub(n_bytes);
        let says_something = source.is_some();
        self.read.insert(key, source);
        says_something
    }

    fn said(&self, at: Option<&str>, path: &str) -> Option<Said<'_>> {
        let source = self.read.get(&(at.map(str::to_owned), path.to_owned()))?.as_ref()?;
        Some(Said { path: &source.path, language: source.language, facts: &source.facts })
    }

    /// Finds what the touched files use of what each peer is changing.
    fn on_theirs(&mut self, peers: &[(&ClaimKey, &Claim)]) -> Vec<Reliance> {
        let of_peer = |(key, claim): &(&ClaimKey, &Claim)| ((*key).clone(), changing(claim));
        let held: Vec<(ClaimKey, Vec<PathSpec>)> = peers.iter().map(of_peer).collect();
        let all: Vec<PathSpec> = held.iter().flat_map(|(_, specs)| specs).cloned().collect();
        let mut found = Vec::new();
        let mine = std::mem::take(&mut self.mine);
        let mine: Vec<&String> = mine.iter().filter(|own| self.open(None, own)).collect();
        let mut theirs = self.ctx.work.files(None, &all);
        // Those that an import leads to come first: there may be too many for all.
        theirs.sort_by_cached_key(|theirs| !self.is_likely(&mine, theirs));
        for theirs in &theirs {
            if self.open(None, theirs) {
                for own in &mine {
                    found.extend(self.between(own, theirs));
                }
            }
        }
        let of = |(key, specs): &(ClaimKey, Vec<PathSpec>)| {
            reliance(key, found.iter().filter(|one| holds(specs, one)).cloned().collect())
        };
        held.iter().filter_map(of).collect()
    }

    fn is_likely(&self, mine: &[&String], theirs: &str) -> bool {
        mine.iter().any(|own| self.said(None, own).is_some_and(|own| is_likely(own, theirs)))
    }

    /// Finds what the touched parts of `own` use of `theirs`.
    fn between(&self, own: &str, theirs: &str) -> Vec<Use> {
        let (Some(user), Some(of)) = (self.said(None, own), self.said(None, theirs)) else {
            return Vec::new();
        };
        let ClaimRequest { touches, requires, .. } = self.request;
        let found = parts(touches, own).into_iter().flat_map(|part| uses(user, part, of));
        // What is declared is decided with the claim, and what is touched by both is a conflict anyway.
        let is_declared = |one: &Use| holds(touches, one) || holds(requires, one);
        found.filter(|one| !is_declared(one)).collect()
    }

    /// Finds what peers' files, as they stand on their branches, use of what the request may give another
    /// signature. The branches are fetched for it: a use that is there already is what it is about.
    fn on_mine(&mut self, peers: &[(&ClaimKey, &Claim)]) -> Vec<Reliance> {
        let signed: Vec<PathSpec> =
            self.request.touches.iter().filter(|spec| mode(spec) == Mode::Sign).cloned().collect();
        if signed.is_empty() {
            return Vec::new();
        }
        let branches: Vec<BranchName> = peers.iter().filter_map(|(_, claim)| branch(claim)).collect();
        // What cannot be fetched is looked for as it was last seen.
        let _ = self.ctx.work.refresh(&branches);
        let own = self.ctx.work.files(None, &signed);
        peers.iter().filter_map(|(key, claim)| self.on_signed(&own, &signed, key, claim)).collect()
    }

    fn on_signed(
        &mut self,
        own: &[String],
        signed: &[PathSpec],
        key: &ClaimKey,
        claim: &Claim,
    ) -> Option<Reliance> {
        let tip = branch(claim).and_then(|branch| self.ctx.work.tips_at_hand(&branch).pop());
        let at = tip.as_deref();
        let mut found = Vec::new();
        let theirs = self.ctx.work.files(at, &claim.touches);
        for theirs in theirs.iter().filter(|theirs| self.open(at, theirs)).collect::<Vec<_>>() {
            for own in own {
                if self.open(None, own)
                    && let (Some(user), Some(of)) = (self.said(at, theirs), self.said(None, own))
                {
                    found.extend(uses(user, None, of).into_iter().filter(|one| holds(signed, one)));
                }
            }
        }
        reliance(key, found)
    }
}

fn branch(claim: &Claim) -> Option<BranchName> {
    BranchName::parse(claim.branch.as_deref()?).ok()
}

fn reliance(key: &ClaimKey, mut uses: Vec<Use>) -> Option<Reliance> {
    // What is not in a type says more of what is used than its members.
    uses.sort_by_cached_key(|one| (one.symbol.names().len(), one.clone()));
    uses.dedup_by(|next, one| (&next.symbol, &next.path) == (&one.symbol, &one.path));
    (!uses.is_empty()).then(|| Reliance { peer: key.clone(), uses })
}

/// Returns what a claim changes, without what it only adds.
fn changing(claim: &Claim) -> Vec<PathSpec> {
    claim.touches.iter().filter(|spec| mode(spec) != Mode::Add).cloned().collect()
}

fn mode(spec: &PathSpec) -> Mode {
    spec.region().map_or(Mode::Edit, |region| region.mode)
}

/// Returns which parts of a file are touched: all of it, or lines.
fn parts(touches: &[PathSpec], path: &str) -> Vec<Option<(u32, u32)>> {
    let covering: Vec<&PathSpec> = touches.iter().filter(|spec| spec.covers(path)).collect();
    if covering.iter().any(|spec| spec.region().is_none()) {
        return vec![None];
    }
    let anchors = covering.into_iter().filter_map(|spec| spec.region()?.anchor.as_ref());
    anchors.map(|anchor| Some(anchor.lines)).collect()
}

/// Tells whether one of the specs holds the symbol that is used, and not only something in it.
fn holds(specs: &[PathSpec], one: &Use) -> bool {
    let means = |held: &SymbolPath| held.names().len() <= one.symbol.names().len() && held.meets(&one.symbol);
    let reaches = |region: &Region| match (&region.place, &region.anchor) {
        (Place::Symbol(held), _) => means(held),
        (Place::Lines(..), Some(anchor)) if !anchor.symbols.is_empty() => anchor.symbols.iter().any(means),
        (Place::Lines(..), _) => true,
    };
    specs.iter().any(|spec| spec.covers(&one.path) && spec.region().is_none_or(reaches))
}
