//! Finds out which branches at the remote have work on them.
//!
//! One listing of the remote's branches, and a fetch only when it names commits that are not here.
//! What was found for a commit is kept, so a second look at the same commit costs nothing.

use std::cmp::Reverse;
use std::collections::HashMap;

use agentsync_core::text::{cut, one_line};
use agentsync_core::{BranchName, Timestamp};

use super::GitWork;
use super::active::{FRESH_MICROS, Known, KnownBranch, path};
use crate::app::ports::WorkError;
use crate::git::branches_repo::commits::CommitInfo;
use crate::git::branches_repo::{BranchesRepo, failed_to};
use crate::git::command::{GitError, Output};
use crate::lock::Lock;

/// A branch whose last commit is older is not active.
const ACTIVE_MICROS: i64 = 14 * 24 * 3_600 * 1_000_000;
/// At most this many branches are examined, the newest first.
const MAX_EXAMINED: usize = 200;
/// At most this many missing branches are fetched by name.
const MAX_NAMED: usize = 100;
/// From a remote with more branches than this, not all are fetched.
const MAX_HEADS: usize = 2_000;
/// At most this many files are listed of a branch.
const MAX_FILES: usize = 20;
/// How long a remote with very many branches is left alone: its listing alone is megabytes.
pub(super) const LONG_REST_MICROS: i64 = 30 * 60 * 1_000_000;

/// One branch as the remote, or a clone without one, lists it.
struct Head {
    commit: String,
    branch: BranchName,
}

/// A branch that was committed to lately.
struct Candidate {
    head: Head,
    info: CommitInfo,
}

pub(super) fn look_up(work: &GitWork) -> Result<(), WorkError> {
    work.repo.ensure()?;
    let lock = Lock::at(&path(&work.repo, "look-up.lock"));
    if let Ok(None) = lock {
        return Ok(());
    }
    // A file system without locks costs us a second look at worst.
    let before = Known::read(&work.repo);
    let found = find(work, &before)?;
    found.write(&work.repo);
    Ok(())
}

fn find(work: &GitWork, before: &Known) -> Result<Known, WorkError> {
    let repo = &work.repo;
    let now = work.clock.now().0;
    let default = super::default_branch::default_branch(repo)?;
    let (base, mut heads) = match repo.user().address.as_deref() {
        Some(address) => split_default(remote_heads(repo, address)?, &default),
        None => split_default(local_heads(repo)?, &default),
    };
    heads.retain(|head| head.branch.as_str() != work.coordination_branch);
    let n_heads = heads.len();
    bring(work, &heads, base.as_ref())?;
    let (candidates, n_left_out) = choose(repo, heads, now)?;
    let base = base.map_or_else(String::new, |head| head.commit);
    let branches = examine(repo, &base, candidates, before)?;
    let rest = if MAX_HEADS < n_heads { LONG_REST_MICROS } else { FRESH_MICROS };
    Ok(Known { found_at: Some(now), next_at: now.saturating_add(rest), base, branches, n_left_out })
}

/// Returns the branches committed to lately, newest first, and how many could not be considered: those
/// whose commits are not here, and those beyond the bound.
fn choose(repo: &BranchesRepo, heads: Vec<Head>, now: i64) -> Result<(Vec<Candidate>, usize), WorkError> {
    let reader = repo.commits()?;
    let since = Timestamp(now.saturating_sub(ACTIVE_MICROS));
    let mut candidates = Vec::new();
    let mut n_left_out = 0_usize;
    for head in heads {
        match reader.info(&head.commit) {
            None => n_left_out = n_left_out.saturating_add(1),
            Some(info) if info.committed_at < since => {}
            Some(info) => candidates.push(Candidate { head, info }),
        }
    }
    candidates.sort_by_key(|candidate| Reverse(candidate.info.committed_at));
    n_left_out = n_left_out.saturating_add(candidates.len().saturating_sub(MAX_EXAMINED));
    candidates.truncate(MAX_EXAMINED);
    Ok((candidates, n_left_out))
}

/// Brings the commits here that are not, as long as that is bounded.
///
/// A clone that keeps most of its branches lacks the newest few. For a shallow one, a branch that
/// left before its boundary would bring the whole history along, so nothing is fetched for it.
fn bring(work: &GitWork, heads: &[Head], base: Option<&Head>) -> Result<(), WorkError> {
    let repo = &work.repo;
    if repo.user().is_shallow || repo.user().address.is_none() {
        return Ok(());
    }
    let reader = repo.commits()?;
    let wanted = heads.iter().chain(base);
    let missing: Vec<_> = wanted.filter(|head| reader.info(&head.commit).is_none()).collect();
    if missing.len() <= MAX_NAMED {
        let names: Vec<_> = missing.into_iter().map(|head| head.branch.clone()).collect();
        return repo.fetch(&names);
    }
    match heads.len() <= MAX_HEADS {
        true => repo.fetch_all_but(&work.coordination_branch),
        false => Ok(()),
    }
}

fn remote_heads(repo: &BranchesRepo, address: &str) -> Result<Vec<Head>, WorkError> {
    let args = ["ls-remote", "--heads", "--end-of-options", address];
    let output = repo.call().args(args).run().and_then(Output::success);
    output.map(|output| parse_heads(&output.text(), '\t')).map_err(|err| repo.unreachable(&err))
}

fn local_heads(repo: &BranchesRepo) -> Result<Vec<Head>, WorkError> {
    let args = ["for-each-ref", "--format=%(objectname) %(refname)", "--end-of-options", "refs/heads/"];
    let output = repo.local_call(&repo.user().git_dir).args(args).run().and_then(Output::success);
    output.map(|output| parse_heads(&output.text(), ' ')).map_err(failed_to("list the branches"))
}

/// Parses "63c22c3e…\trefs/heads/alice/auth"; names that we would not hand to git are passed over.
fn parse_heads(text: &str, separator: char) -> Vec<Head> {
    let head = |line: &str| {
        let (commit, name) = line.split_once(separator)?;
        let branch = BranchName::parse(name.strip_prefix("refs/heads/")?).ok()?;
        Some(Head { commit: commit.to_owned(), branch })
    };
    text.lines().filter_map(head).collect()
}

fn split_default(heads: Vec<Head>, default: &BranchName) -> (Option<Head>, Vec<Head>) {
    let (mut base, rest): (Vec<_>, Vec<_>) = heads.into_iter().partition(|head| head.branch == *default);
    (base.pop(), rest)
}

fn examine(
    repo: &BranchesRepo,
    base: &str,
    candidates: Vec<Candidate>,
    before: &Known,
) -> Result<Vec<KnownBranch>, WorkError> {
    let same_base = before.branches.iter().filter(|_| before.base == base);
    let known: HashMap<&str, &KnownBranch> =
        same_base.map(|branch| (branch.commit.as_str(), branch)).collect();
    let examined = candidates.into_iter().map(|candidate| match known.get(candidate.head.commit.as_str()) {
        Some(known) => {
            Ok(KnownBranch { branch: candidate.head.branch.as_str().to_owned(), ..(*known).clone() })
        }
        None => examine_one(repo, base, candidate),
    });
    examined.collect::<Result<_, GitError>>().map_err(failed_to("examine the branches"))
}

fn examine_one(repo: &BranchesRepo, base: &str, candidate: Candidate) -> Result<KnownBranch, GitError> {
    let Candidate { head: Head { commit, branch }, info } = candidate;
    let ahead = if base.is_empty() { commit.clone() } else { format!("{base}..{commit}") };
    let count = repo.call().args(["rev-list", "--count", "--end-of-options", &*ahead]).run()?.success()?;
    let n_commits = count.text().trim_end().parse().unwrap_or(0);
    let mut files = if n_commits == 0 { Vec::new() } else { files_since(repo, base, &commit)? };
    let n_files = files.len();
    files.truncate(MAX_FILES);
    Ok(KnownBranch {
        commit,
        branch: branch.as_str().to_owned(),
        last_author: cut(&one_line(&info.author), 60),
        last_commit_at: info.authored_at,
        n_commits,
        files,
        n_files,
    })
}

/// Returns the files that differ from where a branch left the default branch; none when the two have
/// nothing in common.
fn files_since(repo: &BranchesRepo, base: &str, commit: &str) -> Result<Vec<String>, GitError> {
    let args = ["diff-tree", "-r", "-z", "--name-only", "--merge-base", "--end-of-options", base, commit];
    let output = repo.call().args(args).run()?;
    // "fatal: no merge base found"
    let text = if output.code == 0 { output.text() } else { String::new() };
    Ok(text.split('\0').filter(|path| !path.is_empty()).map(str::to_owned).collect())
}
