//! The settings of the gates.

use agentsync_core::guard::Policy;

use super::{ConfigError, Lookup, Sourced, parsed};
use crate::app::ports::gate::Others;

impl Lookup<'_> {
    /// Returns what a gate does about changes of what others hold.
    pub fn gate(&self, flag: Option<&str>) -> Result<Policy, ConfigError> {
        let found = self.text(flag, "AGENTSYNC_GATE", "agentsync.gate");
        let read = |text: &str| Policy::parse(text).ok_or("it must be off, warn or block");
        found.map_or(Ok(Policy::Block), |found| parsed(&found, read))
    }

    /// Returns what the gate of a server does with commits on the board that another program wrote.
    pub fn gate_others(&self) -> Result<Others, ConfigError> {
        let found = (self.git_config)("agentsync.gateOthers");
        let read = |text: &str| match text {
            "allow" => Ok(Others::Allow),
            "audit" => Ok(Others::Audit),
            "refuse" => Ok(Others::Refuse),
            _ => Err("it must be allow, audit or refuse"),
        };
        let source = "git config agentsync.gateOthers".to_owned();
        found.map_or(Ok(Others::Audit), |value| {
            parsed(&Sourced { value, source }, read)
        })
    }
}
