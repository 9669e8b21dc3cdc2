//! What happened on the board, from the commits of its branch.

use std::collections::BTreeSet;

use agentsync_core::{Claim, PathSpec};
use gix::ObjectId;

use super::git_store::GitStore;
use super::objects::{self, CommitInfo, Found};
use super::remote::Depth;
use crate::app::ports::{Freshness, HistoryQuery, LogEntry, Store as _, StoreError};

/// How many commits more are fetched when the history here does not reach far enough.
const DEEPEN: u32 = 200;

/// Lists events, newest first.
pub fn list(store: &GitStore, query: &HistoryQuery) -> Result<Vec<LogEntry>, StoreError> {
    store.read(Freshness::Now)?;
    let repo = store.repo()?;
    let mut entries = Vec::new();
    let mut next = store.seen(&repo)?;
    while let Some(id) = next.filter(|_| entries.len() < query.limit) {
        let Some(commit) = reach(store, &repo, id)? else { break };
        // Below the board's first commit lies whatever branch the predecessor started it from.
        if commit.claims.is_none() {
            break;
        }
        next = commit.parents.first().copied();
        let parent = match next {
            Some(parent) => reach(store, &repo, parent)?,
            None => None,
        };
        if parent.as_ref().and_then(|parent| parent.claims) == commit.claims {
            continue;
        }
        entries.extend(entry(&repo, &commit, parent.as_ref(), query));
    }
    Ok(entries)
}

/// Returns a commit, fetching more of the history when it is not here.
pub(super) fn reach(
    store: &GitStore,
    repo: &gix::Repository,
    id: ObjectId,
) -> Result<Option<CommitInfo>, StoreError> {
    let read = || objects::read_commit(repo, id).map_err(|err| store.fault("read", &err));
    match read()? {
        None if store.site.remote.is_some() => {
            store.ask(repo, Depth::Deeper(DEEPEN))?;
            read()
        }
        found => Ok(found),
    }
}

fn entry(
    repo: &gix::Repository,
    commit: &CommitInfo,
    parent: Option<&CommitInfo>,
    query: &HistoryQuery,
) -> Option<LogEntry> {
    if query.agent.as_ref().is_some_and(|agent| !agent.is(actor(commit.subject()))) {
        return None;
    }
    let touches = match &query.path {
        None => Vec::new(),
        Some(path) => touched(repo, commit, parent, path)?,
    };
    Some(LogEntry {
        commit: commit.id.to_string(),
        at: commit.at.to_string(),
        by: commit.author.clone(),
        subject: commit.subject().to_owned(),
        touches,
    })
}

/// Returns the agent a subject such as `agentsync: alice/ui claims 'x'` speaks of.
fn actor(subject: &str) -> &str {
    let key = subject.strip_prefix("agentsync: ").and_then(|rest| rest.split(' ').next()).unwrap_or_default();
    key.split('/').next().unwrap_or_default()
}

/// Returns the touches of the claims that a commit wrote or removed, if any could touch `path`.
fn touched(
    repo: &gix::Repository,
    commit: &CommitInfo,
    parent: Option<&CommitInfo>,
    path: &PathSpec,
) -> Option<Vec<String>> {
    let (after, before) = (claims_at(repo, Some(commit)), claims_at(repo, parent));
    let differs = |(key, claim): &&(String, Claim), others: &[(String, Claim)]| {
        !others.iter().any(|(other, same)| other == key && same == claim)
    };
    let changed = after.iter().filter(|pair| differs(pair, &before));
    let changed = changed.chain(before.iter().filter(|pair| differs(pair, &after)));
    let touches: BTreeSet<&PathSpec> = changed.flat_map(|(_, claim)| &claim.touches).collect();
    let meets = touches.iter().any(|touch| touch.overlap(path).is_some());
    meets.then(|| touches.iter().map(|touch| touch.as_str().to_owned()).collect())
}

fn claims_at(repo: &gix::Repository, commit: Option<&CommitInfo>) -> Vec<(String, Claim)> {
    let found = commit.and_then(|commit| objects::read_document(repo, commit.id).ok());
    match found {
        Some(Found::Document(document)) => {
            let claims = document.board().claims.iter();
            claims.filter_map(|(key, entry)| Some((key.to_string(), entry.as_claim()?.clone()))).collect()
        }
        Some(Found::Unreadable(_)) | None => Vec::new(),
    }
}
