//! What agents pass. Every optional parameter has a default that means "not given", and null is
//! taken for it: nullable types in schemas are not portable between clients.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};

/// Arguments, or what was wrong with them. The schema is that of the arguments.
#[derive(Debug)]
pub struct Checked<T>(pub Result<T, String>);

impl<'de, T: DeserializeOwned> Deserialize<'de> for Checked<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        Ok(Checked(serde_json::from_value(value).map_err(|err| err.to_string())))
    }
}

impl<T: JsonSchema> JsonSchema for Checked<T> {
    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// Parameters of `survey`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SurveyParams {
    /// Show only claims that could be in the way of these paths or globs.
    #[serde(deserialize_with = "or_default")]
    pub touching: Vec<String>,
    /// `brief` (default, about 2,000 tokens at most) or `full`.
    #[serde(deserialize_with = "or_default")]
    pub detail: String,
}

/// Parameters of `claim`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClaimParams {
    /// What you are building, in a few words (at most 200 characters): peers decide by it.
    pub task: String,
    /// What you will change: paths, folders (they cover all below) and globs, from the root of the repository.
    pub touches: Vec<String>,
    /// What you rely on and will not change.
    #[serde(default, deserialize_with = "or_default")]
    pub requires: Vec<String>,
    /// The branch your work will live on; default: the one checked out.
    #[serde(default, deserialize_with = "or_default")]
    pub branch: String,
    /// A name for a further claim beside your first.
    #[serde(default, deserialize_with = "or_default")]
    pub lane: String,
    /// Claim although others are in the way. Talk to them first; the board records it.
    #[serde(default, deserialize_with = "or_default")]
    pub force: bool,
    /// Why you force it, for the board.
    #[serde(default, deserialize_with = "or_default")]
    pub reason: String,
    /// If others are in the way, stand in line and wait this long for your turn (at most 110). Your place is kept
    /// when the time is over: call again.
    #[serde(default, deserialize_with = "or_default")]
    pub wait_seconds: u64,
    /// Let others take the claim over after this long without a sign of life (a write of yours, a commit on your
    /// branch); at least 60. Default: the project's, or never.
    #[serde(default, deserialize_with = "or_default")]
    pub lease_seconds: u64,
    /// What your files use of what peers are changing: `info` tells it (default), `block` refuses, `off`.
    #[serde(default, deserialize_with = "or_default")]
    pub derive_requires: String,
}

/// Parameters of `release`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ReleaseParams {
    /// Why, for whoever takes over (at most 500 characters).
    #[serde(deserialize_with = "or_default")]
    pub note: String,
    /// Which of your claims.
    #[serde(deserialize_with = "or_default")]
    pub lane: String,
}

/// Parameters of `update_status`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StatusParams {
    /// `planning`, `in-progress` or `done`.
    pub status: String,
    /// A note for your peers (at most 500 characters).
    #[serde(default, deserialize_with = "or_default")]
    pub note: String,
    /// Which of your claims.
    #[serde(default, deserialize_with = "or_default")]
    pub lane: String,
}

/// Parameters of `finish`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FinishParams {
    /// A note for your peers and the pull request (at most 500 characters).
    #[serde(deserialize_with = "or_default")]
    pub note: String,
    /// The pull request's title; default: the claim's task.
    #[serde(deserialize_with = "or_default")]
    pub title: String,
    /// Open it as a draft.
    #[serde(deserialize_with = "or_default")]
    pub draft: bool,
    /// Which of your claims.
    #[serde(deserialize_with = "or_default")]
    pub lane: String,
}

/// Parameters of `provision`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ProvisionParams {
    /// `owner/name` or `name`; default: the folder's name.
    #[serde(deserialize_with = "or_default")]
    pub repo: String,
    /// GitHub users to invite, separated by commas.
    #[serde(deserialize_with = "or_default")]
    pub partner_github: String,
    /// Whether only invited people see it; default: true.
    #[serde(deserialize_with = "or_true")]
    pub private: bool,
    /// One line about the project.
    #[serde(deserialize_with = "or_default")]
    pub description: String,
}

impl Default for ProvisionParams {
    fn default() -> ProvisionParams {
        let (repo, partner_github, description) = Default::default();
        ProvisionParams { repo, partner_github, private: true, description }
    }
}

fn or_true<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Option::deserialize(deserializer).map(|given| given.unwrap_or(true))
}

/// Parameters of `add_collaborator`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CollaboratorParams {
    /// GitHub users, separated by commas.
    pub github_username: String,
    /// `pull`, `triage`, `push` (default), `maintain` or `admin`.
    #[serde(default, deserialize_with = "or_default")]
    pub permission: String,
}

/// Parameters of `check_conflicts`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CheckParams {
    /// Compare only with this branch; default: every branch that a peer's claim names.
    #[serde(deserialize_with = "or_default")]
    pub against_branch: String,
    /// Which of your claims.
    #[serde(deserialize_with = "or_default")]
    pub lane: String,
    /// Leave your uncommitted changes out.
    #[serde(deserialize_with = "or_default")]
    pub committed_only: bool,
    /// Compare every active branch with every other as well, and with the default branch.
    #[serde(deserialize_with = "or_default")]
    pub all: bool,
    /// `brief` (default) or `full`.
    #[serde(deserialize_with = "or_default")]
    pub detail: String,
}

/// Parameters of `mailbox`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MailboxParams {
    /// A message to post (at most 500 characters); without one your notes are returned.
    #[serde(deserialize_with = "or_default")]
    pub message: String,
    /// The agent it is for; default: everybody.
    #[serde(deserialize_with = "or_default")]
    pub to: String,
}

/// Parameters of `history`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct HistoryParams {
    /// At most this many events, 1 to 200; default 20.
    #[serde(deserialize_with = "or_default")]
    pub limit: i64,
    /// Only events of this agent.
    #[serde(deserialize_with = "or_default")]
    pub agent: String,
    /// Only events of claims that could touch this path.
    #[serde(deserialize_with = "or_default")]
    pub path: String,
}
