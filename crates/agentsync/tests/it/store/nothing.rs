//! Ports that the loop which writes the board never needs.

use agentsync_core::{BranchName, ChangedFile, Timestamp};
use agentsync_mcp::app::check_pairs::Judged;
use agentsync_mcp::app::failure::Failure;
use agentsync_mcp::app::ports::{
    ActiveBranches, Boards, BranchTip, Checkout, Comparisons, Forge, ForgeError, Home, Invitation,
    NewRepository, Pairs, PullRequest, Repository, Store, Uncommitted, Work, WorkError,
};

/// Stands where the loop needs nothing.
pub(crate) struct Nothing;

impl Work for Nothing {
    fn roots(&self) -> Vec<String> {
        Vec::new()
    }
    fn current_branch(&self) -> Result<Option<BranchName>, WorkError> {
        Ok(None)
    }
    fn default_branch(&self) -> Result<BranchName, WorkError> {
        Ok(BranchName::parse("main").unwrap())
    }
    fn resolve_links(&self, _: &str) -> Result<Option<String>, WorkError> {
        Ok(None)
    }
    fn refresh(&self, _: &[BranchName]) -> Result<(), WorkError> {
        Ok(())
    }
    fn remote_tip(&self, _: &BranchName) -> Result<BranchTip, WorkError> {
        Ok(BranchTip::NotPushed)
    }
    fn own_tip(&self, _: &BranchName, _: Uncommitted) -> Result<BranchTip, WorkError> {
        Ok(BranchTip::NotPushed)
    }
    fn changed_files(&self, _: &BranchName) -> Result<Option<Vec<ChangedFile>>, WorkError> {
        Ok(None)
    }
    fn last_commits_at(&self, _: &[BranchName]) -> Vec<Option<Timestamp>> {
        Vec::new()
    }
    fn slug(&self) -> String {
        String::new()
    }
    fn active_branches(&self) -> ActiveBranches {
        ActiveBranches { age_seconds: None, branches: Vec::new(), n_left_out: 0 }
    }
}

impl Forge for Nothing {
    fn home(&self) -> Result<Home, ForgeError> {
        Err(ForgeError::Nowhere)
    }
    fn open_pull_request(&self, _: &PullRequest) -> Result<String, ForgeError> {
        Err(ForgeError::Nowhere)
    }
    fn login(&self) -> Result<String, ForgeError> {
        Err(ForgeError::Nowhere)
    }
    fn find_repository(&self, _: &str) -> Result<Option<Repository>, ForgeError> {
        Err(ForgeError::Nowhere)
    }
    fn create_repository(&self, _: &NewRepository) -> Result<(), ForgeError> {
        Err(ForgeError::Nowhere)
    }
    fn invite(&self, _: &str, _: &str, _: &str) -> Result<Invitation, ForgeError> {
        Err(ForgeError::Nowhere)
    }
}

impl Checkout for Nothing {
    fn folder_name(&self) -> String {
        String::new()
    }
    fn address(&self) -> Option<String> {
        None
    }
    fn committed_branch(&self) -> Result<Option<BranchName>, WorkError> {
        Ok(None)
    }
    fn has_branch(&self, _: &BranchName) -> Result<bool, WorkError> {
        Ok(false)
    }
    fn add_remote(&self, _: &str) -> Result<(), WorkError> {
        Ok(())
    }
    fn publish(&self, _: &BranchName) -> Result<(), WorkError> {
        Ok(())
    }
}

impl Boards for Nothing {
    fn reopen(&self) -> Result<Box<dyn Store>, Failure> {
        Err(ForgeError::Nowhere.into())
    }
}

impl Comparisons for Nothing {
    fn open(&self) -> Result<Box<dyn Pairs>, WorkError> {
        Err(WorkError::Git { doing: "compare commits", detail: "there are none".to_owned() })
    }
    fn knows_any(&self) -> bool {
        false
    }
    fn known(&self, pairs: &[(String, String)]) -> Vec<Option<Judged>> {
        vec![None; pairs.len()]
    }
}
