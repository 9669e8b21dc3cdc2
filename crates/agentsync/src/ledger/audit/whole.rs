//! Audits a range of the branch, with all of the history at hand.

use super::chain_to_the_start;
use super::state::State;
use super::walker::Walker;
use crate::app::ports::audit::{AuditRange, Audited};
use crate::app::ports::{Freshness, Store as _, StoreError, Tip};
use crate::ledger::git_store::GitStore;
use crate::ledger::objects::{self, CommitInfo};
use crate::ledger::remote::Depth;
use crate::ledger::trust::Root;

/// Audits a range.
pub fn audit(store: &GitStore, range: &AuditRange) -> Result<Audited, StoreError> {
    let repo = store.repo()?;
    let read = store.read(Freshness::Now);
    // A document that cannot be read is a finding here, and no reason to stop.
    if let Err(err) = read
        && !matches!(err, StoreError::Unreadable { .. })
    {
        return Err(err);
    }
    let is_shallow = repo.is_shallow().map_err(|err| store.fault("read", &err.to_string()))?;
    let depth = if is_shallow && store.site.remote.is_some() { Depth::All } else { Depth::New };
    let Some(tip) = store.ask(&repo, depth)? else { return Ok(Audited::default()) };
    // What was cut off is known to whoever opens the repository anew.
    let held = repo;
    let repo = held.anew().map_err(|err| store.fault("read", &err))?;
    let chain = chain_to_the_start(store, &repo, tip)?;
    let (begin, end) = bounds(&chain, range)?;
    let is_signed =
        |commit: &CommitInfo| objects::read_signed(&repo, commit.id).is_ok_and(|signed| signed.is_some());
    let looked_at = chain.get(begin..end).unwrap_or_default();
    let uses = store.site.trust.is_used() || looked_at.iter().any(is_signed);
    let root = match uses {
        true => store.site.trust.root(&store.site.private_dir())?,
        false => Root::Nothing,
    };
    let has_signers = matches!(root, Root::File { .. });
    let mut walker = Walker::new(store, &repo, root, State::default());
    for commit in chain.iter().take(begin) {
        walker.pass(commit);
    }
    walker.stand_on(begin.checked_sub(1).and_then(|last| chain.get(last)).map(|commit| commit.id))?;
    looked_at.iter().try_for_each(|commit| walker.look(commit))?;
    let (n_commits, n_unverified, n_verified) = (walker.n_commits, walker.n_unverified, walker.n_verified);
    let tip = looked_at.last().map(|commit| Tip(commit.id.to_string()));
    let bad = walker.into_state().bad;
    Ok(Audited { tip, n_commits, n_unverified, n_verified, has_signers, bad })
}

/// Returns where in the chain, the oldest first, a range begins and ends.
fn bounds(chain: &[CommitInfo], range: &AuditRange) -> Result<(usize, usize), StoreError> {
    let find = |id: &str| {
        let mut found = chain.iter().enumerate().filter(|(_, commit)| commit.id.to_string().starts_with(id));
        match (found.next(), found.next()) {
            (Some((idx, _)), None) => Ok(idx),
            (None, _) => Err(StoreError::NoSuchCommit { id: id.to_owned(), is_ambiguous: false }),
            (Some(_), Some(_)) => Err(StoreError::NoSuchCommit { id: id.to_owned(), is_ambiguous: true }),
        }
    };
    let end = range.until.as_deref().map(find).transpose()?.map_or(chain.len(), |idx| idx + 1);
    let begin = match &range.after {
        Some(after) => find(after)? + 1,
        None if range.is_one => end.saturating_sub(1),
        None => 0,
    };
    Ok((begin, end))
}
