//! The user's clone, where setting up a project has to change it.

use std::time::Duration;

use agentsync_core::BranchName;

use super::branches_repo::failed_to;
use super::user_repo::UserRepo;
use crate::app::ports::{Checkout, WorkError};

/// A clone that may be given a remote.
#[derive(Debug, Clone)]
pub struct GitCheckout {
    /// The clone.
    pub user: UserRepo,
    /// How long one call of git may take.
    pub limit: Duration,
}

impl Checkout for GitCheckout {
    fn folder_name(&self) -> String {
        let dir = self.user.work_dir.as_ref().unwrap_or(&self.user.common_dir);
        dir.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    fn address(&self) -> Option<String> {
        self.user.address.clone()
    }

    fn committed_branch(&self) -> Result<Option<BranchName>, WorkError> {
        let branch = self.user.head_branch()?;
        Ok(branch.filter(|_| matches!(self.user.head_commit(), Ok(Some(_)))))
    }

    fn add_remote(&self, address: &str) -> Result<(), WorkError> {
        let args = ["remote", "add", "--end-of-options", &self.user.remote, address];
        self.run(&args, "add the remote")
    }

    fn publish(&self, branch: &BranchName) -> Result<(), WorkError> {
        let refspec = format!("{0}:{0}", branch.to_ref());
        let args = ["push", "--quiet", "--set-upstream", "--end-of-options", &self.user.remote, &refspec];
        self.run(&args, "push the branch")
    }
}

impl GitCheckout {
    /// Sets a value of the clone's own configuration, or clears it.
    pub fn keep_setting(&self, key: &str, value: Option<&str>) -> Result<(), WorkError> {
        if let Some(value) = value {
            self.run(&["config", "--local", key, value], "write the configuration")
        } else {
            let git = self.user.git(self.limit);
            let output = git.at(&self.user.git_dir).args(["config", "--local", "--unset", key]).run();
            match output.map_err(failed_to("write the configuration"))?.code {
                // 5: it was not set.
                0 | 5 => Ok(()),
                _ => Err(WorkError::Git { doing: "write the configuration", detail: format!("{key} stays") }),
            }
        }
    }

    fn run(&self, args: &[&str], doing: &'static str) -> Result<(), WorkError> {
        let git = self.user.git(self.limit);
        let output = git.at(&self.user.git_dir).args(args).run();
        output.and_then(super::command::Output::success).map(|_| ()).map_err(failed_to(doing))
    }
}
