//! Files of which somebody holds a part: what of a change is whose.

use super::Target;
use crate::board::Board;
use crate::claim::Claim;
use crate::id::ClaimKey;
use crate::region::{Mode, Place, Region, SymbolPath};
use crate::spec::PathSpec;

/// Tells whether somebody holds, or waits for, a part of the file at `path` rather than all of it.
pub fn is_parted(board: &Board, path: &str) -> bool {
    let claims = board.claims.values().filter(|entry| entry.is_active()).filter_map(|entry| entry.as_claim());
    let touches = claims.flat_map(|claim| &claim.touches);
    let awaited = board.waiting.iter().flat_map(|ticket| &ticket.touches);
    touches.chain(awaited).any(|touch| touch.region().is_some() && touch.covers(path))
}

/// Whose a target is by one's own claims.
pub(super) enum Own {
    /// This claim's, with all that changes.
    Whole(ClaimKey),
    /// Not all of it is; of a change that is known by its symbols, these are left.
    Not(Option<Vec<SymbolPath>>),
}

/// Finds out what of a target one's own claims cover.
pub(super) fn own(claims: &[(&ClaimKey, &Claim)], target: &Target) -> Own {
    let covers = |touch: &&PathSpec| touch.covers(target.as_str());
    let is_whole = |claim: &Claim| {
        claim.touches.iter().filter(|touch| touch.region().is_none()).any(|touch| covers(&touch))
    };
    if let Some((key, _)) = claims.iter().find(|(_, claim)| is_whole(claim)) {
        return Own::Whole((*key).clone());
    }
    let touches = claims.iter().flat_map(|(key, claim)| claim.touches.iter().map(move |touch| (*key, touch)));
    let covering = touches.filter_map(|(key, touch)| Some((key, touch.region().filter(|_| covers(&touch))?)));
    let covering: Vec<(&ClaimKey, &Region)> = covering.collect();
    let first = covering.first().map(|(key, _)| (*key).clone());
    let Some(parts) = target.parts() else {
        // Which part changes is not known; one's own is likely.
        return first.map_or(Own::Not(None), Own::Whole);
    };
    let is_held = |part: &SymbolPath| covering.iter().any(|(_, region)| region.holds(part));
    let open: Vec<SymbolPath> = parts.iter().filter(|part| !is_held(part)).cloned().collect();
    match first.filter(|_| open.is_empty()) {
        Some(key) => Own::Whole(key),
        None => Own::Not(Some(open)),
    }
}

/// What of a file touches are in the way of.
pub(super) enum Met {
    /// All of it, as far as is known.
    File,
    /// This symbol, first of all.
    Symbol(SymbolPath),
}

impl Met {
    /// Returns the symbol's name.
    pub(super) fn part(self) -> Option<String> {
        match self {
            Met::File => None,
            Met::Symbol(symbol) => Some(symbol.to_string()),
        }
    }
}

/// Tells what touches are in the way of, if they are, when a target's open symbols change.
pub(super) fn meet<'a>(
    touches: impl Iterator<Item = &'a PathSpec>,
    target: &Target,
    open: &[SymbolPath],
) -> Option<Met> {
    let met = touches.filter(|touch| touch.overlap(target.spec()).is_some()).map(PathSpec::region);
    let Some(regions) = met.collect::<Option<Vec<&Region>>>() else { return Some(Met::File) };
    // Lines that belong to no symbol may be those that change.
    if regions.iter().any(|region| region.is_vague()) {
        return Some(Met::File);
    }
    let is_held = |symbol: &&SymbolPath| regions.iter().any(|region| region.holds(symbol));
    open.iter().find(is_held).cloned().map(Met::Symbol)
}

/// Returns the part of a target's file that a claim of a symbol would declare.
pub(super) fn spec_of(target: &Target, symbol: &SymbolPath) -> PathSpec {
    let region = Region { place: Place::Symbol(symbol.clone()), mode: Mode::Edit, anchor: None };
    target.spec().clone().narrowed(region)
}
