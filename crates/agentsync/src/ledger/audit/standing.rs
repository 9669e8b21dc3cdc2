//! How far the author of each entry on the board can be believed.

use std::collections::BTreeMap;

use agentsync_core::audit::{Signature, Standing};
use agentsync_core::event::Event;
use agentsync_core::{Board, ClaimKey, OpId};
use gix::ObjectId;

use super::root_for;
use super::state::State;
use super::walker::signature;
use crate::app::ports::StoreError;
use crate::ledger::git_store::GitStore;
use crate::ledger::objects::{self, CommitInfo, Found};
use crate::ledger::remote::Depth;
use crate::ledger::trust::Root;

/// How many commits back the writers of old entries are looked for.
const MAX_LOOK: usize = 2000;
/// How often more of the history is fetched for it, and how much each time.
const DEEPEN: (u32, u32) = (3, 200);

/// Checks the signatures again when the file of signers is another one, and those not checked yet.
/// Tells whether there was anything to do.
pub fn renew(store: &GitStore, repo: &gix::Repository, state: &mut State) -> Result<bool, StoreError> {
    let root = root_for(store, state)?;
    if root == Root::Nothing && state.root.is_empty() {
        return Ok(false);
    }
    let is_other = state.root != root.name();
    if is_other {
        state.verdicts.clear();
        root.name().clone_into(&mut state.root);
    }
    let written = state.writers.values().filter(|commit| !commit.is_empty()).cloned();
    let bad = state.bad.iter().filter(|bad| bad.is_about_signature).map(|bad| bad.commit.0.clone());
    let named: Vec<String> = written.chain(bad).collect();
    let mut is_new = is_other;
    for commit in named {
        if state.verdicts.contains_key(&commit) {
            continue;
        }
        let read = ObjectId::from_hex(commit.as_bytes()).ok().map(|id| objects::read_commit(repo, id));
        let found = read.transpose().map_err(|err| store.fault("read", &err))?.flatten();
        if let Some(found) = found {
            let agent = Event::author(found.subject()).map(str::to_owned);
            let verdict = signature(store, repo, &root, &found, agent.as_deref())?;
            state.verdicts.insert(commit, verdict);
            is_new = true;
        }
    }
    if is_other {
        forgive(state);
    }
    Ok(is_new)
}

/// Forgets the commits that were bad for their signature alone, and are not any more.
fn forgive(state: &mut State) {
    let mut bad = std::mem::take(&mut state.bad);
    let verdicts = &state.verdicts;
    let is_good = |commit: &str, subject: &str| {
        let agent = Event::author(subject);
        verdicts.get(commit).is_some_and(|verdict| verdict.standing(agent) == Standing::Verified)
    };
    let n_before = bad.len();
    bad.retain(|bad| !bad.is_about_signature || !is_good(&bad.commit.0, &bad.subject));
    let n_gone = n_before.saturating_sub(bad.len());
    state.bad = bad;
    state.n_bad = state.n_bad.saturating_sub(u64::try_from(n_gone).unwrap_or(u64::MAX));
}

/// Looks in the history for the commits that wrote entries which were there before this clone looked.
/// Tells whether there was anything to look for.
pub fn find_writers(
    store: &GitStore,
    repo: &gix::Repository,
    board: &Board,
    state: &mut State,
) -> Result<bool, StoreError> {
    if !matches!(root_for(store, state)?, Root::File { .. }) {
        return Ok(false);
    }
    let unknown = board.claims.iter().filter(|(key, _)| !state.writers.contains_key(key.as_str()));
    let op_of = |entry: &agentsync_core::Entry| entry.as_claim().and_then(|claim| claim.op.clone());
    let mut open: BTreeMap<ClaimKey, Option<OpId>> =
        unknown.map(|(key, entry)| (key.clone(), op_of(entry))).collect();
    if open.is_empty() {
        return Ok(false);
    }
    // Whatever is not found now is not looked for again.
    state.writers.extend(open.keys().map(|key| (key.to_string(), String::new())));
    open.retain(|_, op| op.is_some());
    let mut next = ObjectId::from_hex(state.tip.as_bytes()).ok();
    let mut n_fetches = 0;
    for _ in 0..MAX_LOOK {
        let Some(id) = next.filter(|_| !open.is_empty()) else { break };
        let Some(commit) = reach(store, repo, id, &mut n_fetches)? else { break };
        let wrote: Vec<ClaimKey> = open
            .iter()
            .filter(|(_, op)| op.as_ref().is_some_and(|op| commit.is_op(op)))
            .map(|(key, _)| key.clone())
            .collect();
        for key in wrote {
            open.remove(&key);
            if let Ok(Found::Document(document)) = objects::read_document(repo, id)
                && document.board().claims.get(&key) == board.claims.get(&key)
            {
                state.writers.insert(key.to_string(), id.to_string());
            }
        }
        next = commit.parents.first().copied();
    }
    Ok(true)
}

fn reach(
    store: &GitStore,
    repo: &gix::Repository,
    id: ObjectId,
    n_fetches: &mut u32,
) -> Result<Option<CommitInfo>, StoreError> {
    let read = || objects::read_commit(repo, id).map_err(|err| store.fault("read", &err));
    match read()? {
        None if store.site.remote.is_some() && *n_fetches < DEEPEN.0 => {
            *n_fetches += 1;
            store.ask(repo, Depth::Deeper(DEEPEN.1))?;
            read()
        }
        found => Ok(found),
    }
}

/// Says how far the author of each entry can be believed; nothing for those whose commit is not here.
pub fn of(board: &Board, state: &State) -> BTreeMap<ClaimKey, Standing> {
    let standing = |key: &ClaimKey| {
        if state.root.is_empty() {
            return Some(Standing::Unsigned);
        }
        let op = board.claims.get(key)?.as_claim().and_then(|claim| claim.op.as_ref());
        match state.writers.get(key.as_str()).filter(|commit| !commit.is_empty()) {
            // What another program wrote is never signed by us.
            None => op.is_none().then_some(Standing::Unsigned),
            Some(commit) => {
                state.verdicts.get(commit).map(|verdict: &Signature| verdict.standing(Some(key.agent())))
            }
        }
    };
    board.claims.keys().filter_map(|key| Some((key.clone(), standing(key)?))).collect()
}
