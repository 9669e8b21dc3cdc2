//! Brings one's branch up to the default branch, or a peer's, out of sight until it is known to be good.

use std::path::PathBuf;
use std::time::Duration;

use agentsync_core::decide::find_own;
use agentsync_core::outline::{Found, Outline};
use agentsync_core::semantic::Tier;
use agentsync_core::{Board, BranchName, Entry, Lane, Place, Region};

use super::check_pairs::{self, Asked, Judged};
use super::ctx::Ctx;
use super::failure::{Failure, UsageError};
use super::ports::{
    Advanced, BranchTip, Freshness, Hunk, Pairs, Ran, Scratch, Tried, Uncommitted, WorkError,
};

/// How many commits of each side are named for one file.
const MAX_SUBJECTS: usize = 5;

/// The user's own command for merged work, and how long it may take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verify {
    /// The command, for `sh`.
    pub command: String,
    /// Its time.
    pub limit: Duration,
}

/// Whether the branch is moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aim {
    /// It is, when all is well.
    Move,
    /// Nothing is changed.
    Look,
}

/// What to bring together.
#[derive(Debug, Clone)]
pub struct ReconcileRequest {
    /// A branch, or an agent whose claim names one; `None` for the default branch.
    pub with: Option<String>,
    /// Which claim of mine names my branch.
    pub lane: Option<Lane>,
    /// The command that must succeed on the merged tree.
    pub verify: Option<Verify>,
    /// Whether the branch is moved.
    pub aim: Aim,
}

/// One file that conflicts, with what both sides wanted.
#[derive(Debug, Clone)]
pub struct Conflicted {
    /// The file.
    pub path: String,
    /// What the commits of my side say, newest first.
    pub mine: Vec<String>,
    /// What the commits of theirs say.
    pub theirs: Vec<String>,
    /// Where the text conflicts.
    pub hunks: Vec<Hunk>,
    /// The symbols in which it does, as my work tree has them.
    pub symbols: Vec<String>,
}

/// How it ended.
#[derive(Debug, Clone)]
pub enum End {
    /// Nothing is missing.
    UpToDate,
    /// The branch stands at this commit, or would.
    Merged {
        /// The merge, or their tip where mine had nothing of its own.
        commit: String,
    },
    /// The text conflicts.
    Conflicts(Vec<Conflicted>),
    /// The text merges, and what it says does not fit together.
    Findings,
    /// The command did not succeed on the merged tree.
    VerifyFailed,
    /// Git would not move the branch: uncommitted work is in the way, or it has moved.
    Refused {
        /// What it said.
        why: String,
    },
}

/// What was brought together, and how it ended.
#[derive(Debug, Clone)]
pub struct Reconciled {
    /// My branch.
    pub branch: BranchName,
    /// Its tip before.
    pub ours: String,
    /// What it was brought up to.
    pub with: BranchName,
    /// Its tip.
    pub theirs: String,
    /// What my claim says I am at.
    pub my_task: Option<String>,
    /// What the claim of the other branch says.
    pub their_task: Option<String>,
    /// What was found in the merged work.
    pub judged: Option<Judged>,
    /// How the command went.
    pub tried: Option<Tried>,
    /// Whether the branch was to be moved.
    pub aim: Aim,
    /// How it ended.
    pub end: End,
    /// Where the merge waits to be resolved.
    pub worktree: Option<PathBuf>,
}

/// Brings my branch up to another.
pub fn reconcile(
    ctx: &Ctx<'_>,
    scratch: &dyn Scratch,
    request: &ReconcileRequest,
) -> Result<Reconciled, Failure> {
    let board = ctx.store.read(Freshness::Now)?.board;
    let branch = my_branch(ctx, &board, request.lane.as_ref())?;
    let with = other_branch(ctx, &board, request.with.as_deref())?;
    if branch == with {
        return Err(UsageError::Other {
            what: format!("`{branch}` cannot be brought up to itself"),
            fix: "check your own branch out, or name another with `--with`".to_owned(),
        }
        .into());
    }
    ctx.work.refresh(&[branch.clone(), with.clone()])?;
    let ours = commit_of(&branch, ctx.work.own_tip(&branch, Uncommitted::Left)?)?;
    let theirs = commit_of(&with, ctx.work.remote_tip(&with)?)?;
    let mut reconciled = Reconciled {
        my_task: task_of(&board, branch.as_str()),
        their_task: task_of(&board, with.as_str()),
        branch,
        ours,
        with,
        theirs,
        judged: None,
        tried: None,
        aim: request.aim,
        end: End::UpToDate,
        worktree: None,
    };
    let pairs = ctx.pairs.open()?;
    bring_together(ctx, scratch, &*pairs, request, &mut reconciled)?;
    let needs_hands = matches!(reconciled.end, End::Conflicts(_) | End::Findings | End::VerifyFailed);
    if needs_hands && request.aim == Aim::Move {
        let left = scratch.leave_merge(&reconciled.branch, &reconciled.ours, &reconciled.theirs)?;
        reconciled.worktree = Some(left);
    }
    Ok(reconciled)
}

fn bring_together(
    ctx: &Ctx<'_>,
    scratch: &dyn Scratch,
    pairs: &dyn Pairs,
    request: &ReconcileRequest,
    state: &mut Reconciled,
) -> Result<(), Failure> {
    if scratch.contains(&state.theirs, &state.ours)? {
        return Ok(());
    }
    let merged = scratch.merge(&state.ours, &state.theirs)?;
    if !merged.conflicts.is_empty() {
        let conflicts =
            merged.conflicts.iter().map(|path| conflicted(ctx, scratch, state, &merged.tree, path));
        state.end = End::Conflicts(conflicts.collect::<Result<_, WorkError>>()?);
        return Ok(());
    }
    let asked = Asked { left: state.ours.clone(), right: state.theirs.clone() };
    let judged = check_pairs::check_pair(pairs, &asked).map_err(|err| UsageError::Other {
        what: format!("the two branches cannot be compared: {err}"),
        fix: "fetch what is missing, then try again".to_owned(),
    })?;
    let is_sound = !judged.findings.iter().any(|shown| shown.finding.tier == Tier::High);
    state.judged = Some(judged);
    if !is_sound {
        state.end = End::Findings;
        return Ok(());
    }
    if let Some(verify) = &request.verify {
        let tried = scratch.try_command(&merged.tree, &verify.command, verify.limit)?;
        let has_passed = tried.ran == Ran::Passed;
        state.tried = Some(tried);
        if !has_passed {
            state.end = End::VerifyFailed;
            return Ok(());
        }
    }
    state.end = land(scratch, request.aim, state, &merged.tree)?;
    Ok(())
}

fn land(scratch: &dyn Scratch, aim: Aim, state: &Reconciled, tree: &str) -> Result<End, Failure> {
    let (branch, ours, theirs) = (&state.branch, &state.ours, &state.theirs);
    let commit = if scratch.contains(ours, theirs)? {
        theirs.clone()
    } else {
        let message = format!("Merge branch '{}' into {branch}", state.with);
        scratch.commit(tree, ours, theirs, &message)?
    };
    if aim == Aim::Look {
        return Ok(End::Merged { commit });
    }
    Ok(match scratch.advance(branch, ours, &commit)? {
        Advanced::Done => End::Merged { commit },
        Advanced::Refused { why } => End::Refused { why },
    })
}

fn conflicted(
    ctx: &Ctx<'_>,
    scratch: &dyn Scratch,
    state: &Reconciled,
    tree: &str,
    path: &str,
) -> Result<Conflicted, WorkError> {
    let hunks = scratch.hunks(tree, path)?;
    let outline = ctx.work.outline(path);
    Ok(Conflicted {
        path: path.to_owned(),
        mine: scratch.subjects(&state.ours, &state.theirs, path, MAX_SUBJECTS)?,
        theirs: scratch.subjects(&state.theirs, &state.ours, path, MAX_SUBJECTS)?,
        symbols: outline.map(|outline| symbols(&outline, &hunks)).unwrap_or_default(),
        hunks,
    })
}

/// Returns the symbols of my version that the conflicts stand in. The lines of the markers before a
/// conflict are not in my version.
fn symbols(outline: &Outline, hunks: &[Hunk]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut n_extra: u32 = 0;
    for hunk in hunks {
        let lines = |side: &[String]| u32::try_from(side.len()).unwrap_or(u32::MAX);
        let first = hunk.line.saturating_sub(n_extra).max(1);
        let last = first.saturating_add(lines(&hunk.ours).saturating_sub(1));
        n_extra = n_extra.saturating_add(lines(&hunk.theirs)).saturating_add(3);
        let region =
            Region { place: Place::Lines(first, last), mode: agentsync_core::Mode::Edit, anchor: None };
        if let Found::Here(region) = outline.find(&region) {
            found.extend(
                region.anchor.into_iter().flat_map(|anchor| anchor.symbols).map(|path| path.to_string()),
            );
        }
    }
    found.dedup();
    found
}

fn my_branch(ctx: &Ctx<'_>, board: &Board, lane: Option<&Lane>) -> Result<BranchName, Failure> {
    let claimed = find_own(board, &ctx.me.agent, lane)
        .and_then(|(_, claim)| BranchName::parse(claim.branch.as_deref()?).ok());
    let found = match lane {
        Some(_) => claimed,
        None => ctx.work.current_branch()?.or(claimed),
    };
    Ok(found.ok_or_else(|| UsageError::Other {
        what: "no branch of yours is checked out, and no claim of yours names one".to_owned(),
        fix: "check your branch out, then try again".to_owned(),
    })?)
}

fn other_branch(ctx: &Ctx<'_>, board: &Board, with: Option<&str>) -> Result<BranchName, Failure> {
    let Some(with) = with else {
        return Ok(ctx.work.default_branch()?);
    };
    let of_claim = board.claims.iter().find(|(key, _)| key.as_str().eq_ignore_ascii_case(with));
    let branch = of_claim.and_then(|(_, entry)| entry.as_claim()?.branch.clone());
    BranchName::parse(branch.as_deref().unwrap_or(with)).map_err(|err| Failure::Usage(err.into()))
}

fn commit_of(branch: &BranchName, tip: BranchTip) -> Result<String, Failure> {
    match tip {
        BranchTip::At { commit, .. } => Ok(commit),
        BranchTip::NotPushed => Err(UsageError::Other {
            what: format!("there is no branch `{branch}` here or at the remote"),
            fix: "name a branch that was pushed".to_owned(),
        }
        .into()),
    }
}

fn task_of(board: &Board, branch: &str) -> Option<String> {
    let mut claims = board.claims.values().filter_map(Entry::as_claim);
    claims.find(|claim| claim.branch.as_deref() == Some(branch)).map(|claim| claim.task.clone())
}
