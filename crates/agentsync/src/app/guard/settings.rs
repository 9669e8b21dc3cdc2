//! What the hooks of clients are to do.

use agentsync_core::guard::{Policy, Rules};
use serde::{Deserialize, Serialize};

/// Whether an edit of a free path claims it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum AutoClaim {
    /// It does not.
    Off,
    /// It does; the edit waits for the board only when a peer is near.
    On,
    /// It does, and the edit always waits until the claim stands.
    Strict,
}

impl AutoClaim {
    /// Parses `off`, `on` or `strict`.
    pub fn parse(text: &str) -> Option<AutoClaim> {
        match text {
            "off" | "false" | "no" | "0" => Some(AutoClaim::Off),
            "on" | "true" | "yes" | "1" => Some(AutoClaim::On),
            "strict" => Some(AutoClaim::Strict),
            _ => None,
        }
    }
}

/// What becomes of an edit when the board cannot be asked, or a hook fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Unsure {
    /// It goes through, with a warning.
    Allow,
    /// It is refused.
    Block,
}

impl Unsure {
    /// Parses `allow` or `block`.
    pub fn parse(text: &str) -> Option<Unsure> {
        match text {
            "allow" => Some(Unsure::Allow),
            "block" => Some(Unsure::Block),
            _ => None,
        }
    }
}

/// What hooks are to do, those of clients and git's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct GuardSettings {
    /// About an edit of what a peer holds.
    pub policy: Policy,
    /// About an edit of what nobody holds.
    pub auto_claim: AutoClaim,
    /// About an edit while the board cannot be asked.
    pub unsure: Unsure,
    /// About a commit of what a peer holds, in git's own hook.
    pub commit: Policy,
    /// About a push of it.
    pub push: Policy,
    /// Whether a commit's message names the claim it belongs to.
    pub has_trailer: bool,
}

impl Default for GuardSettings {
    fn default() -> GuardSettings {
        GuardSettings {
            policy: Policy::Block,
            auto_claim: AutoClaim::On,
            unsure: Unsure::Allow,
            // Whoever installs git's hooks wants them to hold, and each refusal names the way round it.
            commit: Policy::Block,
            push: Policy::Block,
            // History is forever and everybody's; nothing of ours needs the line.
            has_trailer: false,
        }
    }
}

impl GuardSettings {
    /// Returns what the core decides by.
    pub fn rules(&self) -> Rules {
        Rules { policy: self.policy, auto_claim: self.auto_claim != AutoClaim::Off }
    }
}
