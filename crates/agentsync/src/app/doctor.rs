//! Gathers what can be known when something does not work. Nothing is changed, and nothing fails:
//! what could not be found out is a fact like the others.

use agentsync_core::{AgentId, Timestamp};

use super::ctx::Ctx;
use super::failure::Failure;
use super::ports::audit::{Auditor, SigningFacts};
use super::ports::clone::{BoardProbe, CloneProbe, FiredGitHook, FiredHook, HubFiles, PrivateFolder};
use super::ports::{Diagnosis, ForgeError, Freshness, Place, PushBudget, StoreError};

/// All that was found out.
#[derive(Debug)]
pub struct Facts {
    /// Git's version, or why it did not say.
    pub git: Result<String, String>,
    /// The clone, or why there is none to speak of.
    pub clone: Result<CloneFacts, Failure>,
}

/// What was found out about a clone and its board.
#[derive(Debug)]
pub struct CloneFacts {
    /// Where the board is.
    pub place: Place,
    /// The remote's name, whether or not there is one.
    pub remote_name: String,
    /// Whether there is a commit to work on.
    pub has_commits: bool,
    /// The agent's id.
    pub agent: AgentId,
    /// Where that came from.
    pub agent_source: String,
    /// Active claims of the same id from other clones or worktrees.
    pub n_claims_elsewhere: usize,
    /// How many worktrees the clone has.
    pub n_worktrees: usize,
    /// What is wrong with the board, if anything.
    pub board: Result<Diagnosis, StoreError>,
    /// How many bytes its document has, where that is known.
    pub board_size: Option<u64>,
    /// How a push would fare; `None` when the board could not be reached.
    pub push: Option<Result<(), StoreError>>,
    /// What is left of the remote's budget of pushes, where there is one.
    pub push_budget: Option<PushBudget>,
    /// When the board's newest commit was made, by its author's clock.
    pub newest_commit_at: Option<Timestamp>,
    /// The repository that holds the board; `None` when it is not on a disk of this machine.
    pub hub: Option<HubFiles>,
    /// The time here.
    pub now: Timestamp,
    /// Our folder in the clone.
    pub private: PrivateFolder,
    /// How signing is set up.
    pub signing: SigningFacts,
    /// Whether git has a credential helper.
    pub has_credential_helper: bool,
    /// Whether an ssh agent can be asked.
    pub has_ssh_agent: bool,
    /// The hooks that are installed, each fired once.
    pub hooks: Vec<FiredHook>,
    /// Git's own hooks that are installed, our part of each fired once.
    pub git_hooks: Vec<FiredGitHook>,
    /// Who is logged in at the forge.
    pub forge: Result<String, ForgeError>,
}

/// Finds out what there is to know about a clone.
pub fn gather(
    ctx: &Ctx<'_>,
    agent_source: &str,
    board_probe: &dyn BoardProbe,
    auditor: &dyn Auditor,
    clone: &dyn CloneProbe,
) -> CloneFacts {
    let board = ctx.store.diagnose();
    let is_reached = board.is_ok();
    let is_sound = matches!(board, Ok(Diagnosis::Sound { tip: Some(_) }));
    CloneFacts {
        place: ctx.store.place(),
        remote_name: ctx.settings.remote.clone(),
        has_commits: clone.has_commits(),
        agent: ctx.me.agent.clone(),
        agent_source: agent_source.to_owned(),
        n_claims_elsewhere: if is_sound { n_claims_elsewhere(ctx) } else { 0 },
        n_worktrees: clone.n_worktrees(),
        push: is_reached.then(|| ctx.store.try_push()),
        push_budget: ctx.store.push_budget(),
        board,
        board_size: board_probe.board_size(),
        newest_commit_at: board_probe.newest_commit_at(),
        hub: board_probe.hub_files(),
        now: ctx.clock.now(),
        private: clone.private_folder(),
        signing: auditor.signing(),
        has_credential_helper: clone.has_credential_helper(),
        has_ssh_agent: clone.has_ssh_agent(),
        hooks: clone.fire_hooks(),
        git_hooks: clone.fire_git_hooks(),
        forge: ctx.forge.login(),
    }
}

fn n_claims_elsewhere(ctx: &Ctx<'_>) -> usize {
    let Ok(snapshot) = ctx.store.read(Freshness::Now) else { return 0 };
    let is_elsewhere = |instance| instance != Some(&ctx.me.instance);
    let claims = snapshot.board.claims_of(&ctx.me.agent);
    claims.filter(|(_, claim)| claim.is_active() && is_elsewhere(claim.instance.as_ref())).count()
}
