//! Walks the commits of the coordination branch and has the core audit each.
//!
//! What was audited is remembered, so that a fetch pays for what is new, and a tip that was seen
//! costs nothing.

pub mod standing;
pub mod state;
pub mod walker;
mod whole;

use gix::ObjectId;

use self::state::State;
use self::walker::Walker;
use super::git_store::GitStore;
use super::objects::{self, CommitInfo};
use super::trust::Root;
use crate::app::ports::audit::{AuditRange, Audited, Auditor, Known, SigningFacts};
use crate::app::ports::{Alarm, Freshness, Snapshot, Store as _, StoreError};

/// How many new commits are audited at a fetch: whoever was away for longer audits the newest ones,
/// and all of them with `agentsync verify`.
const MAX_NEW: usize = 2000;

/// Audits what is new up to `tip`, and says why nothing may be written on top of it.
pub(super) fn guard(
    store: &GitStore,
    repo: &gix::Repository,
    tip: ObjectId,
) -> Result<Option<Alarm>, StoreError> {
    let trust = &store.site.trust;
    if let Some(alarm) = guard_signers(store)? {
        return Ok(Some(alarm));
    }
    let state = match advance(store, repo, tip) {
        Ok(state) => state,
        Err(err) if trust.is_required => return Err(err),
        // Where nothing follows from it, what cannot be audited must not stop anybody.
        Err(_) => return Ok(None),
    };
    let newest = state.bad.last().filter(|_| trust.is_required);
    Ok(newest.map(|bad| Alarm::Untrusted {
        commit: bad.commit.clone(),
        what: bad.faults.iter().take(3).map(|fault| fault.what.clone()).collect::<Vec<_>>().join("; "),
        n_more: state.n_bad.saturating_sub(1),
    }))
}

/// Says that the file of signers is not the pinned one.
pub(super) fn guard_signers(store: &GitStore) -> Result<Option<Alarm>, StoreError> {
    let trust = &store.site.trust;
    let Some(pinned) = &trust.pinned else { return Ok(None) };
    Ok(match trust.root(&store.site.private_dir())? {
        Root::NotPinned { found } => Some(Alarm::SignersChanged { pinned: pinned.clone(), found }),
        Root::Nothing | Root::File { .. } => None,
    })
}

/// Brings the audit up to `tip`.
fn advance(store: &GitStore, repo: &gix::Repository, tip: ObjectId) -> Result<State, StoreError> {
    let dir = store.site.private_dir();
    let mut state = State::load(&dir);
    let mut is_new = false;
    let since = ObjectId::from_hex(state.tip.as_bytes()).ok();
    if since != Some(tip) {
        let (chain, follows) = chain(store, repo, tip, since)?;
        let is_signed = |id: &ObjectId| objects::read_signed(repo, *id).is_ok_and(|found| found.is_some());
        state = if follows { state } else { state.anew() };
        state.has_signed = state.has_signed || chain.iter().any(|commit| is_signed(&commit.id));
        let root = root_for(store, &state)?;
        let before_all = chain.last().and_then(|oldest| oldest.parents.first().copied());
        let mut walker = Walker::new(store, repo, root, state);
        walker.stand_on(before_all)?;
        chain.into_iter().rev().try_for_each(|commit| walker.look(&commit))?;
        state = walker.into_state();
        state.tip = tip.to_string();
        is_new = true;
    }
    if standing::renew(store, repo, &mut state)? || is_new {
        state.store(&dir);
    }
    Ok(state)
}

/// Returns what signatures are checked against, where anybody signs or asks for signatures.
fn root_for(store: &GitStore, state: &State) -> Result<Root, StoreError> {
    match store.site.trust.is_used() || state.has_signed {
        true => store.site.trust.root(&store.site.private_dir()),
        false => Ok(Root::Nothing),
    }
}

/// Returns the commits from `tip` back to `since`, the newest first, and whether they lead there.
fn chain(
    store: &GitStore,
    repo: &gix::Repository,
    tip: ObjectId,
    since: Option<ObjectId>,
) -> Result<(Vec<CommitInfo>, bool), StoreError> {
    let (mut chain, mut next) = (Vec::new(), Some(tip));
    while let Some(id) = next.filter(|_| chain.len() < MAX_NEW) {
        if Some(id) == since {
            return Ok((chain, true));
        }
        let commit = objects::read_commit(repo, id).map_err(|err| store.fault("read", &err))?;
        // Below the first commit with a document lies whatever the branch was started from.
        let Some(commit) = commit.filter(|commit| commit.claims.is_some()) else { break };
        next = commit.parents.first().copied();
        chain.push(commit);
        // A first look is at the tip alone.
        if since.is_none() {
            break;
        }
    }
    Ok((chain, false))
}

/// Returns all commits of the board up to `tip`, the oldest first.
fn chain_to_the_start(
    store: &GitStore,
    repo: &gix::Repository,
    tip: ObjectId,
) -> Result<Vec<CommitInfo>, StoreError> {
    let (mut chain, mut next) = (Vec::new(), Some(tip));
    while let Some(id) = next {
        let commit = objects::read_commit(repo, id).map_err(|err| store.fault("read", &err))?;
        let Some(commit) = commit.filter(|commit| commit.claims.is_some()) else { break };
        next = commit.parents.first().copied();
        chain.push(commit);
    }
    chain.reverse();
    Ok(chain)
}

/// Says what is known of the commits that led to a snapshot.
pub(super) fn known(store: &GitStore, snapshot: &Snapshot) -> Result<Known, StoreError> {
    let Some(tip) = super::git_store::parse_tip(snapshot.tip.as_ref()) else { return Ok(Known::default()) };
    let repo = store.repo()?;
    let mut state = advance(store, &repo, tip)?;
    if standing::find_writers(store, &repo, &snapshot.board, &mut state)? {
        standing::renew(store, &repo, &mut state)?;
        state.store(&store.site.private_dir());
    }
    let standing = standing::of(&snapshot.board, &state);
    Ok(Known { n_bad: state.n_bad, bad: state.bad.into_iter().rev().collect(), standing })
}

impl Auditor for GitStore {
    fn audit(&self, range: &AuditRange) -> Result<Audited, StoreError> {
        whole::audit(self, range)
    }

    fn accept_found(&self) -> Result<u64, StoreError> {
        self.read(Freshness::Now)?;
        let dir = self.site.private_dir();
        let mut state = State::load(&dir);
        let n_bad = std::mem::take(&mut state.n_bad);
        state.bad.clear();
        state.store(&dir);
        match State::load(&dir).n_bad {
            0 => Ok(n_bad),
            _ => Err(self.fault("write", "it is read-only")),
        }
    }

    fn signing(&self) -> SigningFacts {
        self.site.trust.facts(&self.site.private_dir())
    }
}
