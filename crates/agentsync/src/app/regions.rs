//! Finds the regions that a claim names in the files as they stand here.

use std::collections::BTreeMap;

use agentsync_core::outline::{Found, Outline};
use agentsync_core::{AgentId, Board, Mode, PathSpec, Place, Region};

use super::ctx::Ctx;
use super::ports::Freshness;

/// How many free regions of one file are listed.
const MAX_FREE: usize = 20;

/// Path specs with their regions anchored, and what to know about those that are not.
#[derive(Debug, Default)]
pub struct Anchored {
    /// The specs.
    pub specs: Vec<PathSpec>,
    /// What was not found, for people and agents.
    pub notes: Vec<String>,
    /// The files that were looked into, by path.
    outlines: BTreeMap<String, Option<Outline>>,
}

/// Looks the regions of `specs` up; what is not found stays as it was named, with a note.
pub fn anchor(ctx: &Ctx<'_>, specs: Vec<PathSpec>) -> Anchored {
    let mut anchored = Anchored::default();
    for spec in specs {
        let Some(region) = spec.region() else {
            anchored.specs.push(spec);
            continue;
        };
        let path = spec.as_str().to_owned();
        let outline = anchored.outlines.entry(path.clone()).or_insert_with(|| ctx.work.outline(&path));
        let found = outline.as_ref().map(|outline| outline.find(region));
        let note = match &found {
            None if region.mode == Mode::Add => None,
            None => Some(format!(
                "{path} is not here, or in no language whose symbols are known: the claim goes by the names alone"
            )),
            Some(Found::Here(_)) => None,
            Some(Found::Missing(near)) => Some(missing(&spec, near)),
            Some(Found::Several(paths)) => {
                Some(format!("{spec} could be {}: it counts as all of them", paths.join(" or ")))
            }
        };
        anchored.notes.extend(note);
        anchored.specs.push(match found {
            Some(Found::Here(region)) => spec.narrowed(region),
            _ => spec,
        });
    }
    anchored.specs = PathSpec::tidy(anchored.specs);
    anchored
}

/// Adds the names under which peers hold the same symbols: a peer's claim may be older than the name that a symbol
/// has here, or come from a branch that gave it another.
///
/// The board that this clone has seen will do for it, since who decides goes by names.
pub fn with_peers_names(ctx: &Ctx<'_>, mut anchored: Anchored) -> Anchored {
    if anchored.outlines.values().all(Option::is_none) {
        return anchored;
    }
    let Ok(seen) = ctx.store.read(Freshness::Recent) else { return anchored };
    let mut added = Vec::new();
    for (key, claim) in
        seen.board.peers_of(&ctx.me.agent).filter_map(|(key, entry)| Some((key, entry.as_claim()?)))
    {
        for held in claim.touches.iter().filter(|_| claim.is_active()) {
            let outline = anchored.outlines.get(held.as_str()).and_then(Option::as_ref);
            let (Some(outline), Some(region)) = (outline, held.region()) else { continue };
            let Some(here) = outline.renamed(region) else { continue };
            let here = Region { place: Place::Symbol(here.clone()), mode: Mode::Edit, anchor: None };
            let is_it = |mine: &&PathSpec| {
                mine.as_str() == held.as_str() && mine.region().is_some_and(|mine| mine.meets(&here))
            };
            if let Some(mine) = anchored.specs.iter().find(is_it) {
                let mode = mine.region().map_or(Mode::Edit, |region| region.mode);
                added.push(mine.clone().narrowed(Region { place: region.place.clone(), mode, anchor: None }));
                anchored.notes.push(format!("{mine} is what {key} has claimed as {held}: it counts as both"));
            }
        }
    }
    anchored.specs = PathSpec::tidy([anchored.specs, added].concat());
    anchored
}

fn missing(spec: &PathSpec, near: &[String]) -> String {
    match near {
        [] => format!("{spec} is not in the file as it stands here; say `:add` when it is to be new"),
        near => format!(
            "{spec} is not in the file as it stands here; did you mean {}? Say `:add` when it is to be new",
            near.join(" or ")
        ),
    }
}

/// Returns, for each single file among `touches` of which peers hold parts only, which symbols are free.
pub fn free(
    ctx: &Ctx<'_>,
    board: &Board,
    me: &AgentId,
    touches: &[PathSpec],
) -> BTreeMap<String, Vec<String>> {
    let mut free = BTreeMap::new();
    for spec in touches.iter().filter(|spec| !spec.is_glob() && !spec.is_whole_repository()) {
        let is_narrowed = board.peers_of(me).filter_map(|(_, entry)| entry.as_claim()).any(|claim| {
            claim.is_active()
                && claim.touches.iter().any(|held| held.as_str() == spec.as_str() && held.region().is_some())
        });
        let outline = is_narrowed.then(|| ctx.work.outline(spec.as_str())).flatten();
        let Some(symbols) = outline.and_then(|outline| outline.free(board, me, spec.as_str())) else {
            continue;
        };
        free.insert(spec.as_str().to_owned(), symbols.into_iter().take(MAX_FREE).collect());
    }
    free
}
