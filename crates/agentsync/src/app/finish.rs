//! Ends a unit of work: opens the pull request, and marks the claim done.

use agentsync_core::decide::{decide, find_own};
use agentsync_core::{BranchName, Claim, ClaimKey, Decision, Grant, Intent, Lane, Status, StatusRequest};

use super::ctx::Ctx;
use super::done::capture_changes;
use super::failure::Failure;
use super::guard::edits::edits;
use super::ports::{BranchSource, BranchTip, ForgeError, Freshness, PullRequest, Uncommitted};
use super::update::{Answer, update};

/// What to finish, and how.
#[derive(Debug, Clone, Default)]
pub struct FinishRequest {
    /// A note for the peers, and for the pull request.
    pub note: Option<String>,
    /// The pull request's title; the claim's task when none is given.
    pub title: Option<String>,
    /// Whether the pull request is a draft.
    pub is_draft: bool,
    /// Which claim.
    pub lane: Option<Lane>,
}

/// How finishing went.
#[derive(Debug)]
pub enum Finish {
    /// The claim is done.
    Finished {
        /// The pull request; `None` at a remote that has none.
        pr_url: Option<String>,
        /// The branch.
        branch: String,
        /// The claim as it stands now.
        claim: Box<Claim>,
        /// What to know.
        warning: Option<String>,
    },
    /// There is no pull request, and the claim is as it was.
    PrFailed {
        /// The branch; `None` when none is known.
        branch: Option<String>,
        /// What happened.
        detail: String,
        /// What to do.
        hint: String,
    },
    /// The pull request is open, and the claim could not be marked done.
    NotMarked {
        /// The pull request.
        pr_url: String,
        /// The branch.
        branch: String,
        /// Why.
        failure: Box<Failure>,
    },
    /// The claim is not there, or not ours to finish.
    Refused(Box<Decision>),
}

/// Finishes a claim of whoever asks. Calling it again gives the same pull request.
pub fn finish(ctx: &Ctx<'_>, request: &FinishRequest) -> Result<Finish, Failure> {
    let board = ctx.store.read(Freshness::Now)?.board;
    let probe = ctx.change(request.lane.clone(), Intent::Status(done(request.note.clone())));
    match decide(&board, &probe, ctx.clock.now()) {
        refusal @ (Decision::Blocked(_) | Decision::Missing(_)) => {
            return Ok(Finish::Refused(Box::new(refusal)));
        }
        taken if taken.superseded().is_some() => {
            return Ok(Finish::Refused(Box::new(update(ctx, &probe)?.decision)));
        }
        Decision::Granted(_) | Decision::Unchanged(_) => {}
    }
    let Some((_, claim)) = find_own(&board, &ctx.me.agent, request.lane.as_ref()) else {
        return Ok(Finish::Refused(Box::new(Decision::Missing(agentsync_core::Missing::default()))));
    };
    let is_over = claim.status == Status::Done && claim.pr_url.is_some();
    if is_over {
        return finish_again(ctx, request, claim);
    }
    let ready = match prepare(ctx, claim)? {
        Err(failed) => return Ok(failed),
        Ok(ready) => ready,
    };
    match ctx.forge.open_pull_request(&pull_request(claim, request, &ready)) {
        Ok(url) => mark(ctx, request, Target { pr_url: Some(url), ..ready.target() }),
        Err(ForgeError::Nowhere) => {
            let says =
                "the remote is a folder, so there is no pull request to open: merge the branch yourselves";
            let warning = [Some(says.to_owned()), ready.warning.clone()].into_iter().flatten();
            let warning = Some(warning.collect::<Vec<_>>().join("; "));
            mark(ctx, request, Target { warning, ..ready.target() })
        }
        Err(err) => Ok(pr_failed(&ready.branch, &err)),
    }
}

/// Finishes what is finished. The branch may be merged and gone by now, so only a new note is written.
fn finish_again(ctx: &Ctx<'_>, request: &FinishRequest, claim: &Claim) -> Result<Finish, Failure> {
    let (pr_url, branch) = (claim.pr_url.clone(), claim.branch.clone().unwrap_or_default());
    match request.note {
        Some(_) => mark(ctx, request, Target { pr_url, branch, warning: None }),
        None => Ok(Finish::Finished { pr_url, branch, claim: Box::new(claim.clone()), warning: None }),
    }
}

/// What a claim is marked done with.
struct Target {
    pr_url: Option<String>,
    branch: String,
    warning: Option<String>,
}

/// A branch that is at the remote.
struct Ready {
    branch: BranchName,
    /// Where the branch stands there.
    commit: String,
    base: BranchName,
    warning: Option<String>,
}

impl Ready {
    fn target(&self) -> Target {
        Target { pr_url: None, branch: self.branch.to_string(), warning: self.warning.clone() }
    }
}

/// Sees whether there is something to open a pull request from.
fn prepare(ctx: &Ctx<'_>, claim: &Claim) -> Result<Result<Ready, Finish>, Failure> {
    let failed = |branch: Option<&BranchName>, detail: String, hint: String| {
        Ok(Err(Finish::PrFailed { branch: branch.map(ToString::to_string), detail, hint }))
    };
    let named = claim.branch.as_deref().and_then(|branch| BranchName::parse(branch).ok());
    let Some(branch) = named.or_else(|| ctx.work.current_branch().ok().flatten()) else {
        let hint =
            "claim again with branch=…, or update_status(status=\"done\") to finish without a pull request";
        return failed(None, "no branch is known for the claim".to_owned(), hint.to_owned());
    };
    let base = ctx.work.default_branch()?;
    if branch == base {
        let detail = format!("the work is on `{base}`, which it lands on");
        let hint = "nothing to open: update_status(status=\"done\"), or move the work to a branch of its own";
        return failed(Some(&branch), detail, hint.to_owned());
    }
    ctx.work.refresh(std::slice::from_ref(&branch))?;
    let BranchTip::At { commit, .. } = ctx.work.remote_tip(&branch)? else {
        let hint = format!("git push -u {} {branch}, then finish() again", ctx.settings.remote);
        return failed(Some(&branch), format!("the branch `{branch}` is not at the remote"), hint);
    };
    let own = ctx.work.own_tip(&branch, Uncommitted::Left)?;
    let is_ahead = matches!(own, BranchTip::At { source: BranchSource::Local, .. })
        && ctx.store.place().remote.is_some();
    let warning = is_ahead.then(|| format!("`{branch}` has commits here that are not pushed"));
    Ok(Ok(Ready { branch, commit, base, warning }))
}

fn pull_request(claim: &Claim, request: &FinishRequest, ready: &Ready) -> PullRequest {
    let touches: Vec<_> = claim.touches.iter().map(|touch| format!("- `{}`", touch.as_str())).collect();
    let note = request.note.as_deref().or(claim.note.as_deref());
    let parts = [
        Some(claim.task.clone()),
        note.map(str::to_owned),
        Some(format!("Claimed:\n\n{}", touches.join("\n"))),
    ];
    PullRequest {
        head: ready.branch.clone(),
        head_commit: ready.commit.clone(),
        base: ready.base.clone(),
        title: request.title.clone().unwrap_or_else(|| claim.task.clone()),
        body: parts.into_iter().flatten().collect::<Vec<_>>().join("\n\n"),
        is_draft: request.is_draft,
    }
}

fn pr_failed(branch: &BranchName, err: &ForgeError) -> Finish {
    const BY_HAND: &str = "open the request yourself and update_status(status=\"done\")";
    let hint = match err {
        ForgeError::Missing => {
            format!("install GitHub's `gh`, run `gh auth login`, then finish() again; or {BY_HAND}")
        }
        ForgeError::LoggedOut { host } if host == "github.com" => {
            format!("run `gh auth login`, then finish() again; or {BY_HAND}")
        }
        ForgeError::LoggedOut { host } => {
            format!(
                "if GitHub runs there, `gh auth login --hostname {host}`, then finish() again; else {BY_HAND}"
            )
        }
        ForgeError::Nowhere | ForgeError::Refused { .. } => {
            format!("put right what was said and finish() again; if the remote is no GitHub, {BY_HAND}")
        }
    };
    Finish::PrFailed { branch: Some(branch.to_string()), detail: err.to_string(), hint }
}

fn done(note: Option<String>) -> StatusRequest {
    StatusRequest { status: Status::Done, note, changed_files: None, changed_files_repo: None, pr_url: None }
}

/// Marks the claim done, with what the branch changed.
///
/// Once there is a pull request, its address is part of every answer, whatever became of the claim.
fn mark(ctx: &Ctx<'_>, request: &FinishRequest, target: Target) -> Result<Finish, Failure> {
    let Target { pr_url, branch, warning } = target;
    let (changed_files, changed_files_repo) = capture_changes(ctx.work, Some(&branch));
    let status = StatusRequest {
        changed_files,
        changed_files_repo,
        pr_url: pr_url.clone(),
        ..done(request.note.clone())
    };
    let marked = update(ctx, &ctx.change(request.lane.clone(), Intent::Status(status)));
    let decision = match (marked, pr_url.as_ref()) {
        (Ok(Answer { decision, .. }), _) => decision,
        (Err(err), None) => return Err(err.into()),
        (Err(err), Some(url)) => return Ok(not_marked(url.clone(), branch, err.into())),
    };
    match (updated(&decision), pr_url) {
        (Some((key, claim)), pr_url) => {
            let said = edits(&key, &claim, &ctx.work.touched()).and_then(|edits| edits.said());
            ctx.work.forget_touched(key.as_str());
            let warning = [warning, said].into_iter().flatten().collect::<Vec<_>>().join("; ");
            let warning = Some(warning).filter(|warning| !warning.is_empty());
            Ok(Finish::Finished { pr_url, branch, claim, warning })
        }
        (None, None) => Ok(Finish::Refused(Box::new(decision))),
        (None, Some(pr_url)) => {
            let what = "the claim was released or taken over meanwhile".to_owned();
            Ok(not_marked(pr_url, branch, Failure::NoClaim { what, fix: "survey()".to_owned() }))
        }
    }
}

fn not_marked(pr_url: String, branch: String, failure: Failure) -> Finish {
    Finish::NotMarked { pr_url, branch, failure: Box::new(failure) }
}

fn updated(decision: &Decision) -> Option<(ClaimKey, Box<Claim>)> {
    match decision.grant() {
        Some(Grant::Updated { key, claim }) => Some((key.clone(), claim.clone())),
        _ => None,
    }
}
