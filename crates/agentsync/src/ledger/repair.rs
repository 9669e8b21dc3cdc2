//! Finding the last state of the board that was right, and putting it back.

use agentsync_core::text::one_line;
use gix::ObjectId;

use super::git_store::{GitStore, parse_tip};
use super::objects::{self, Found};
use super::remote::{Depth, Pushed};
use crate::app::ports::{Diagnosis, Store as _, StoreError, Swap, Tip};

/// How far back a readable document is looked for, in commits.
const MAX_LOOK: usize = 200;

/// Says what is wrong with the branch as it stands now.
pub fn diagnose(store: &GitStore) -> Result<Diagnosis, StoreError> {
    let repo = store.repo()?;
    let seen = store.seen(&repo)?;
    let depth = if seen.is_none() { Depth::Tip } else { Depth::New };
    let found = store.ask(&repo, depth)?;
    let (seen_tip, found_tip) = (seen.map(tip_of), found.map(tip_of));
    match (seen, found) {
        (None, None) => Ok(Diagnosis::Sound { tip: None }),
        (Some(seen), None) => Ok(Diagnosis::Deleted { seen: tip_of(seen) }),
        (Some(seen), Some(found)) if !store.descends(&repo, found, seen)? => {
            Ok(Diagnosis::Rewritten { seen: tip_of(seen), found: tip_of(found) })
        }
        (_, Some(tip)) => {
            match objects::read_document(&repo, tip).map_err(|err| store.fault("read", &err))? {
                Found::Document(_) => Ok(Diagnosis::Sound { tip: found_tip.or(seen_tip) }),
                Found::Unreadable(why) => Ok(Diagnosis::Unreadable {
                    tip: tip_of(tip),
                    why: why.to_string(),
                    good: last_good(store, &repo, tip)?,
                }),
            }
        }
    }
}

fn tip_of(id: ObjectId) -> Tip {
    Tip(id.to_string())
}

/// Walks back from `tip` to the last commit whose document can be read.
fn last_good(
    store: &GitStore,
    repo: &gix::Repository,
    tip: ObjectId,
) -> Result<Option<(Tip, String)>, StoreError> {
    let read = |id| objects::read_commit(repo, id).map_err(|err| store.fault("read", &err));
    let mut next = Some(tip);
    for _ in 0..MAX_LOOK {
        let Some(id) = next else { break };
        let mut commit = read(id)?;
        if commit.is_none() && store.site.remote.is_some() {
            store.ask(repo, Depth::Deeper(u32::try_from(MAX_LOOK).unwrap_or(u32::MAX)))?;
            commit = read(id)?;
        }
        let Some(commit) = commit.filter(|commit| commit.claims.is_some()) else { break };
        if let Ok(Found::Document(document)) = objects::read_document(repo, id) {
            return Ok(Some((tip_of(id), document.as_str().to_owned())));
        }
        next = commit.parents.first().copied();
    }
    Ok(None)
}

/// Puts right what a diagnosis names.
///
/// A deleted branch is pushed again at its last verified tip, or, where this clone has not all of its
/// history, begun anew with what stood there. A rewritten one is accepted as it is:
/// this clone forgets what it had seen. An unreadable document is followed by a commit that
/// restores the last readable one, or an empty board when there is none.
pub fn mend(store: &GitStore, diagnosis: &Diagnosis) -> Result<Swap, StoreError> {
    let id = |tip: &Tip| parse_tip(Some(tip)).ok_or_else(|| store.fault("read", "not an object id"));
    let repo = store.repo()?;
    match diagnosis {
        Diagnosis::Sound { tip } => Ok(tip.clone().map_or(Swap::Moved, Swap::Swapped)),
        Diagnosis::Deleted { seen } => {
            let tip = bring_back(store, &repo, id(seen)?)?;
            conclude(store, &repo, None, tip)
        }
        Diagnosis::Rewritten { found, .. } => {
            let stands = store.ask(&repo, Depth::New)?;
            if stands != Some(id(found)?) {
                return Ok(Swap::Moved);
            }
            store.accept(&repo, id(found)?)?;
            Ok(Swap::Swapped(found.clone()))
        }
        Diagnosis::Unreadable { tip, good, .. } => {
            let base = id(tip)?;
            let restored = restore(store, &repo, base, good.as_ref())?;
            conclude(store, &repo, Some(base), restored)
        }
    }
}

/// Returns what a deleted branch can begin with again. Remotes take no history with an end cut off.
fn bring_back(store: &GitStore, repo: &gix::Repository, seen: ObjectId) -> Result<ObjectId, StoreError> {
    if !repo.is_shallow().map_err(|err| store.fault("read", &err.to_string()))? {
        return Ok(seen);
    }
    let message =
        format!("agentsync: repair, the board as of {}\n\nAgentsync-Repair: yes\n", tip_of(seen).short());
    let mut signature = store.signature();
    let seal = |payload: &[u8]| store.seal_own(payload, signature.at);
    signature.seal = Some(&seal);
    objects::write_root_like(repo, seen, &message, &signature).map_err(|err| store.fault("write", &err))
}

fn restore(
    store: &GitStore,
    repo: &gix::Repository,
    base: ObjectId,
    good: Option<&(Tip, String)>,
) -> Result<ObjectId, StoreError> {
    let text = good.map_or("{}", |(_, text)| text);
    let document = super::document::Document::parse(text.as_bytes());
    let document = document.map_err(|err| store.fault("read", &err.to_string()))?;
    let from = good.map_or("nothing".to_owned(), |(tip, _)| tip.short().to_owned());
    let message = format!(
        "{}\n\nAgentsync-Repair: yes\n",
        one_line(&format!("agentsync: repair, claims.json as of {from}"))
    );
    let mut signature = store.signature();
    let seal = |payload: &[u8]| store.seal_own(payload, signature.at);
    signature.seal = Some(&seal);
    let written = objects::write_commit(repo, Some(base), &document, &message, &signature);
    written.map_err(|err| store.fault("write", &err))
}

/// Moves the branch, and says how that went.
fn conclude(
    store: &GitStore,
    repo: &gix::Repository,
    base: Option<ObjectId>,
    tip: ObjectId,
) -> Result<Swap, StoreError> {
    // A person asked for it: it counts, and does not wait.
    store.ask_leave();
    Ok(match store.move_branch(repo, base, tip, 1)? {
        Pushed::Done => store.moved_to(repo, base, tip),
        Pushed::Stale => Swap::Moved,
        Pushed::Refused => Swap::Refused,
        Pushed::Later(pause) => store.leave_alone(pause),
        Pushed::Unclear(why, _) => Swap::Unknown { why },
    })
}
