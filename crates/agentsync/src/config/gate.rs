//! The settings of the gates.

use agentsync_core::BranchName;
use agentsync_core::guard::Policy;

use super::{ConfigError, Flags, Lookup, Sourced, is_on, parsed, sha256};
use crate::app::guard::settings::Unsure;
use crate::app::ports::gate::Others;

/// What holds for the gate of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerGate {
    /// The coordination branch.
    pub branch: BranchName,
    /// What follows when a push changes what others hold.
    pub policy: Policy,
    /// What follows when the board cannot be read.
    pub unsure: Unsure,
    /// What becomes of commits on the board that another program wrote.
    pub others: Others,
    /// Whether commits on the board must be signed.
    pub requires_signed: bool,
    /// The SHA-256 that the file of signers must have.
    pub pinned: Option<String>,
}

impl Lookup<'_> {
    /// Returns what a gate does about changes of what others hold.
    pub fn gate(&self, flag: Option<&str>) -> Result<Policy, ConfigError> {
        let found = self.text(flag, "AGENTSYNC_GATE", "agentsync.gate");
        found.map_or(Ok(Policy::Block), |found| parsed(&found, policy))
    }
}

/// Returns the settings of a server's gate: those of its repository alone, since a push to a folder of the
/// same machine brings the pusher's own environment.
pub fn server_gate(
    flags: &Flags,
    git_config: &dyn Fn(&str) -> Option<String>,
) -> Result<ServerGate, ConfigError> {
    let find =
        |key: &str| git_config(key).map(|value| Sourced { value, source: format!("git config {key}") });
    let flag = flags.branch.clone().map(|value| Sourced { value, source: "the command line".to_owned() });
    let default = Sourced { value: "agentsync".to_owned(), source: "the default".to_owned() };
    let branch = flag.or_else(|| find("agentsync.branch")).unwrap_or(default);
    Ok(ServerGate {
        branch: parsed(&branch, BranchName::parse)?,
        policy: find("agentsync.gate").map_or(Ok(Policy::Block), |found| parsed(&found, policy))?,
        unsure: find("agentsync.guardUnsure").map_or(Ok(Unsure::Allow), |found| {
            parsed(&found, |text| Unsure::parse(text).ok_or("it must be allow or block"))
        })?,
        others: find("agentsync.gateOthers").map_or(Ok(Others::Audit), |found| parsed(&found, others))?,
        requires_signed: find("agentsync.requireSigned").map_or(Ok(false), |found| parsed(&found, is_on))?,
        pinned: find("agentsync.signersHash").map(|found| parsed(&found, sha256)).transpose()?,
    })
}

fn policy(text: &str) -> Result<Policy, &'static str> {
    Policy::parse(text).ok_or("it must be off, warn or block")
}

fn others(text: &str) -> Result<Others, &'static str> {
    match text {
        "allow" => Ok(Others::Allow),
        "audit" => Ok(Others::Audit),
        "refuse" => Ok(Others::Refuse),
        _ => Err("it must be allow, audit or refuse"),
    }
}
