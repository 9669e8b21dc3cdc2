//! Puts together what a gate needs.

use agentsync_core::guard::Policy;

use super::App;
use crate::app::failure::Failure;
use crate::app::guard::settings::Unsure;
use crate::config::Lookup;
use crate::git::changes::GitChanges;

impl App {
    /// Returns what compares commits of the user's repository.
    pub fn changes(&self) -> GitChanges {
        GitChanges { user: self.checkout.user.clone(), limit: self.checkout.limit }
    }

    /// Returns what a gate does about changes of what others hold.
    pub fn gate_policy(&self, flag: Option<&str>) -> Result<Policy, Failure> {
        let git_config = |key: &str| self.checkout.user.config_value(key);
        Ok(Lookup::new(&self.flags, &git_config).gate(flag)?)
    }

    /// Returns what a gate does when the board cannot be asked.
    pub fn gate_unsure(&self) -> Unsure {
        self.guard.unsure
    }
}
