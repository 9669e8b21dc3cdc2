//! Audits a push of the board on the server, before it is taken.

use agentsync_core::audit::Writer;
use agentsync_core::text::{cut, one_line};
use gix::ObjectId;

use super::audit::state::State;
use super::audit::walker::Walker;
use super::git_store::GitStore;
use super::objects::{self, CommitInfo, Found};
use super::trailers;
use super::trust::Root;
use super::walk::{self, Order};
use crate::app::ports::StoreError;
use crate::app::ports::audit::BadCommit;
use crate::app::ports::gate::{BadPush, Others};

/// How many changes before the push are looked at, to recognise one that comes again.
const MAX_KNOWN: usize = 2000;
/// How many commits one push may bring.
const MAX_NEW: usize = 100_000;
/// How many faults of one commit are named.
const MAX_FAULTS: usize = 3;

/// Returns what is wrong with moving the board from `old` to `new`.
pub fn audit(
    store: &GitStore,
    old: Option<ObjectId>,
    new: ObjectId,
    others: Others,
) -> Result<Vec<BadPush>, StoreError> {
    let repo = store.repo()?;
    let chain = match arriving(store, &repo, old, new)? {
        Ok(chain) => chain,
        Err(bad) => return Ok(vec![bad]),
    };
    let root = match root(store, &repo, &chain)? {
        Root::NotPinned { .. } => return Ok(vec![not_pinned()]),
        root => root,
    };
    let is_signed = root != Root::Nothing || store.site.trust.is_required;
    let mut walker = Walker::new(store, &repo, root, State::default());
    if let Some(old) = old {
        stand_on(store, &repo, &mut walker, old)?;
    }
    chain.iter().try_for_each(|commit| walker.look(commit))?;
    let n_plain = walker.n_unverified;
    let bad = walker.into_state().bad;
    // A board that is brought back has a history that was judged once; but nobody vouches for it.
    let is_history = old.is_none() && chain.len() > 1 && !is_signed;
    let newest = new.to_string();
    let counts = |bad: &&BadCommit| match bad.faults.iter().any(|fault| fault.word == "unreadable") {
        true => bad.commit.0 == newest || !is_history,
        false => !(is_history || bad.is_unverified && others == Others::Allow),
    };
    let mut found: Vec<BadPush> = bad.iter().filter(counts).map(bad_commit).collect();
    if others == Others::Refuse && n_plain > 0 && found.is_empty() {
        found.push(plain(n_plain));
    }
    Ok(found)
}

/// Returns the commits of a push, the oldest first, or why none of them need be looked at.
fn arriving(
    store: &GitStore,
    repo: &gix::Repository,
    old: Option<ObjectId>,
    new: ObjectId,
) -> Result<Result<Vec<CommitInfo>, BadPush>, StoreError> {
    let words = |err: String| store.fault("read", &err);
    if let Some(old) = old
        && !matches!(walk::order(repo, new, old).map_err(words)?, Order::After | Order::Same)
    {
        return Ok(Err(aside(old, new)));
    }
    let (mut chain, is_whole) = chain(repo, old, new).map_err(words)?;
    if !is_whole {
        return Ok(Err(old.map_or_else(too_long, |old| aside(old, new))));
    }
    chain.reverse();
    if chain.last().is_none_or(|newest| newest.claims.is_none()) {
        return Ok(Err(no_document()));
    }
    if let (Some(old), Some(first)) = (old, chain.first())
        && matches!(objects::read_document(repo, old).map_err(words)?, Found::Unreadable(_))
        && trailers::read(first) != Writer::Repair
    {
        return Ok(Err(unreadable()));
    }
    Ok(Ok(chain))
}

/// Returns the commits from `new` back to `old`, the newest first, and whether they lead there. Where
/// there is no `old`, they end where the documents begin.
fn chain(
    repo: &gix::Repository,
    old: Option<ObjectId>,
    new: ObjectId,
) -> Result<(Vec<CommitInfo>, bool), String> {
    let (mut chain, mut next) = (Vec::new(), Some(new));
    while let Some(id) = next.filter(|_| chain.len() < MAX_NEW) {
        if Some(id) == old {
            return Ok((chain, true));
        }
        let commit = objects::read_commit(repo, id)?.ok_or_else(|| format!("commit {id} is missing"))?;
        if old.is_none() && commit.claims.is_none() {
            return Ok((chain, true));
        }
        next = commit.parents.first().copied();
        chain.push(commit);
    }
    let is_whole = next.is_none() && old.is_none();
    Ok((chain, is_whole))
}

/// Stands where the push begins, with the last document that could be read and the changes before.
fn stand_on(
    store: &GitStore,
    repo: &gix::Repository,
    walker: &mut Walker<'_>,
    old: ObjectId,
) -> Result<(), StoreError> {
    let words = |err: String| store.fault("read", &err);
    let (mut next, mut good) = (Some(old), None);
    for _ in 0..MAX_KNOWN {
        let Some(id) = next else { break };
        let Some(commit) = objects::read_commit(repo, id).map_err(words)? else { break };
        walker.pass(&commit);
        if good.is_none() && matches!(objects::read_document(repo, id).map_err(words)?, Found::Document(_)) {
            good = Some(id);
        }
        next = commit.parents.first().copied();
    }
    walker.stand_on(good)?;
    if good != Some(old) {
        walker.stand_on(Some(old))?;
    }
    Ok(())
}

/// Returns what signatures are checked against, where anybody signs or asks for signatures.
fn root(store: &GitStore, repo: &gix::Repository, chain: &[CommitInfo]) -> Result<Root, StoreError> {
    let trust = &store.site.trust;
    let is_signed = |commit: &CommitInfo| objects::read_signed(repo, commit.id).is_ok_and(|it| it.is_some());
    match trust.is_used() || chain.iter().any(is_signed) {
        true => trust.root(&store.site.private_dir()),
        false => Ok(Root::Nothing),
    }
}

fn bad(what: String, fix: &str) -> BadPush {
    BadPush { what, fix: fix.to_owned() }
}

fn aside(old: ObjectId, new: ObjectId) -> BadPush {
    let what = format!("{} does not follow {}", new.to_hex_with_len(10), old.to_hex_with_len(10));
    bad(what, "the board only goes forward; fetch it and write on top")
}

fn too_long() -> BadPush {
    let fix = "whoever runs the server can put it there: git fetch, in the repository itself";
    bad(format!("it has more than {MAX_NEW} commits"), fix)
}

fn no_document() -> BadPush {
    bad("there is no claims.json in it".to_owned(), "push a board, or choose another name for the branch")
}

fn unreadable() -> BadPush {
    let what = "the board that stands here cannot be read, so nothing can be claimed".to_owned();
    bad(what, "`agentsync repair` restores its last good state")
}

fn not_pinned() -> BadPush {
    let what = "the file of signers is not the one that this server pins".to_owned();
    bad(what, "whoever runs the server must look at .agentsync/allowed_signers and agentsync.signersHash")
}

fn plain(n_plain: u64) -> BadPush {
    let commits = if n_plain == 1 { "1 commit was".to_owned() } else { format!("{n_plain} commits were") };
    bad(format!("{commits} not written by agentsync"), "claim with agentsync: this server takes nothing else")
}

fn bad_commit(found: &BadCommit) -> BadPush {
    let faults: Vec<&str> = found.faults.iter().take(MAX_FAULTS).map(|fault| fault.what.as_str()).collect();
    let subject = cut(&one_line(&found.subject), 60);
    let what = format!("commit {} ({subject}) {}", found.commit.short(), one_line(&faults.join("; ")));
    let is = |word: &str| found.faults.iter().any(|fault| fault.word == word);
    let fix = match () {
        () if is("unsigned") => "sign: git config agentsync.sign ssh, and user.signingkey",
        () if found.is_about_signature => {
            "sign with the key that .agentsync/allowed_signers names for this agent"
        }
        () if is("unreadable") => "`agentsync repair` restores the last good state",
        () if is("repeats_op") => "`agentsync survey` shows whether it is done already",
        () => "write with agentsync, which changes one's own claim alone; `agentsync break` frees another's",
    };
    BadPush { what, fix: fix.to_owned() }
}
