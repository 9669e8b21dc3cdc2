//! What the faces are given, as text, made into values once.

use std::time::Duration;

use agentsync_core::text::{TextError, parse_note, parse_task};
use agentsync_core::{
    AgentId, BranchName, Change, ClaimRequest, Dialect, Force, Intent, Lane, PathSpec, Status,
};

use super::ctx::Ctx;
use super::failure::{Failure, UsageError};
use super::finish::FinishRequest;
use super::relied::Derive;

/// The longest wait, in seconds: some clients give a call up after two minutes.
const MAX_WAIT: u64 = 110;
/// The shortest lease, in seconds.
const MIN_LEASE: u64 = 60;

/// The arguments of `claim`, as they came.
#[derive(Debug, Clone, Default)]
pub struct ClaimArgs {
    /// What is being built.
    pub task: String,
    /// What it will change.
    pub touches: Vec<String>,
    /// What it relies on.
    pub requires: Vec<String>,
    /// The branch the work will live on; empty for the one that is checked out.
    pub branch: Option<String>,
    /// Which of the agent's claims.
    pub lane: Option<String>,
    /// Go on although others are in the way.
    pub force: bool,
    /// Why.
    pub reason: Option<String>,
    /// How long to wait for others, in seconds; 0 not at all.
    pub wait_seconds: u64,
    /// How long the claim may stand without a sign of life before peers may take it over, in seconds.
    pub lease_seconds: Option<u64>,
    /// What to do with what it relies on without saying so; empty for what is set.
    pub derive_requires: Option<String>,
}

impl ClaimArgs {
    /// Makes a request of them.
    pub fn parse(&self, ctx: &Ctx<'_>) -> Result<ClaimRequest, Failure> {
        let reason = optional(self.reason.as_deref(), |text| parse_note("reason", text))?;
        if reason.is_some() && !self.force {
            return Err(UsageError::ReasonWithoutForce.into());
        }
        let task = parse_task(&self.task).map_err(UsageError::from)?;
        let touches = parse_specs(ctx, &self.touches)?;
        if touches.is_empty() {
            return Err(UsageError::NoTouches.into());
        }
        Ok(ClaimRequest {
            task,
            touches,
            requires: parse_specs(ctx, &self.requires)?,
            branch: self.branch(ctx)?.map(|branch| branch.as_str().to_owned()),
            force: self.force.then_some(Force { reason }),
            lease: self.lease(ctx)?,
            lapsed: Vec::new(),
        })
    }

    /// Returns how long to wait.
    pub fn wait(&self) -> Result<Duration, Failure> {
        match self.wait_seconds {
            0..=MAX_WAIT => Ok(Duration::from_secs(self.wait_seconds)),
            seconds => Err(UsageError::Wait { seconds }.into()),
        }
    }

    /// Returns what to do with what it relies on without saying so.
    pub fn derive(&self, ctx: &Ctx<'_>) -> Result<Derive, Failure> {
        let named = self.derive_requires.as_deref().filter(|text| !text.is_empty());
        let parse =
            |text: &str| Derive::parse(text).ok_or_else(|| UsageError::Derive { text: text.to_owned() });
        Ok(named.map(parse).transpose()?.unwrap_or(ctx.settings.derive))
    }

    /// Returns the lease that was asked for, else the project's.
    fn lease(&self, ctx: &Ctx<'_>) -> Result<Option<u64>, Failure> {
        match self.lease_seconds.filter(|seconds| *seconds > 0).or(ctx.settings.lease) {
            Some(seconds) if seconds < MIN_LEASE => Err(UsageError::Lease { seconds }.into()),
            lease => Ok(lease),
        }
    }

    /// Returns the branch that was named, else the one that is checked out, unless work lands on it:
    /// that one is nobody's.
    fn branch(&self, ctx: &Ctx<'_>) -> Result<Option<BranchName>, Failure> {
        let named = optional(self.branch.as_deref(), BranchName::parse)?;
        if named.is_some() {
            return Ok(named);
        }
        let current = ctx.work.current_branch().unwrap_or_default();
        Ok(current.filter(|current| ctx.work.default_branch().ok().as_ref() != Some(current)))
    }
}

/// Parses declared paths; what leads through a tracked link is declared in both spellings.
pub fn parse_specs(ctx: &Ctx<'_>, texts: &[String]) -> Result<Vec<PathSpec>, Failure> {
    let roots = ctx.work.roots();
    let roots: Vec<&str> = roots.iter().map(String::as_str).collect();
    let mut specs = Vec::new();
    for text in texts {
        let spec = PathSpec::parse(text, &roots).map_err(UsageError::from)?;
        let resolved =
            ctx.work.resolve_links(spec.as_str()).map_err(|err| UsageError::Link(err.to_string()))?;
        let region = spec.region().cloned();
        specs.push(spec);
        if let Some(resolved) = resolved {
            let resolved = PathSpec::parse(&resolved, &roots).map_err(UsageError::from)?;
            specs.push(match region {
                Some(region) => resolved.narrowed(region),
                None => resolved,
            });
        }
    }
    Ok(PathSpec::tidy(specs))
}

/// Parses a status.
pub fn parse_status(text: &str) -> Result<Status, Failure> {
    Status::parse(text).ok_or_else(|| UsageError::Status { text: text.to_owned() }.into())
}

/// Parses a lane, where one is given.
pub fn parse_lane(text: Option<&str>) -> Result<Option<Lane>, Failure> {
    optional(text, Lane::parse)
}

/// Parses an agent id, where one is given.
pub fn parse_agent(text: Option<&str>) -> Result<Option<AgentId>, Failure> {
    optional(text, AgentId::parse)
}

/// Parses a branch name, where one is given.
pub fn parse_branch(text: Option<&str>) -> Result<Option<BranchName>, Failure> {
    optional(text, BranchName::parse)
}

/// Parses a note, where one is given.
pub fn parse_optional_note(text: Option<&str>) -> Result<Option<String>, Failure> {
    optional(text, |text| parse_note("note", text))
}

/// Parses what to finish.
pub fn parse_finish(
    note: Option<&str>,
    title: Option<&str>,
    is_draft: bool,
    lane: Option<&str>,
) -> Result<FinishRequest, Failure> {
    let title = optional(title, |text| {
        parse_task(text).map_err(|err| match err {
            TextError::Long { n_chars, max, .. } => TextError::Long { what: "title", n_chars, max },
            err @ TextError::Empty { .. } => err,
        })
    })?;
    Ok(FinishRequest { note: parse_optional_note(note)?, title, is_draft, lane: parse_lane(lane)? })
}

/// Parses what is given; an empty text is the predecessor's way to give nothing.
fn optional<T, E: Into<UsageError>>(
    text: Option<&str>,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Result<Option<T>, Failure> {
    let given = text.filter(|text| !text.trim().is_empty());
    given.map(parse).transpose().map_err(|err| Failure::Usage(err.into()))
}

impl Ctx<'_> {
    /// Makes a change of an intent, in the name of whoever asks.
    pub fn change(&self, lane: Option<Lane>, intent: Intent) -> Change {
        Change { op: self.dice.op(), by: self.me.clone(), lane, intent }
    }
}

/// Parses the path of a filter; what could not be declared is looked for as the text it is.
pub fn parse_filter(text: &str) -> PathSpec {
    PathSpec::parse(text, &[]).unwrap_or_else(|_| PathSpec::read(text, Dialect::Agentsync))
}
