//! Temporary: until the working repository is wired in.
#![allow(missing_docs, reason = "temporary")]
use crate::app::ports::*;
use agentsync_core::*;
pub struct NoWork(pub crate::git::user_repo::UserRepo);
impl Work for NoWork {
    fn roots(&self) -> Vec<String> {
        self.0.work_dir.iter().chain(&self.0.work_dir_as_found).map(|p| p.display().to_string()).collect()
    }
    fn current_branch(&self) -> Result<Option<BranchName>, WorkError> {
        self.0.head_branch()
    }
    fn default_branch(&self) -> Result<BranchName, WorkError> {
        Ok(BranchName::parse("main").unwrap_or_else(|_| unreachable!()))
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
    fn trial_merge(&self, _: &str, _: &str) -> TrialMerge {
        TrialMerge::Clean
    }
    fn changed_files(&self, _: &BranchName) -> Result<Option<Vec<ChangedFile>>, WorkError> {
        Ok(None)
    }
    fn last_commit_at(&self, _: &BranchName) -> Option<Timestamp> {
        None
    }
    fn slug(&self) -> String {
        String::new()
    }
    fn active_branches(&self) -> ActiveBranches {
        ActiveBranches { age_seconds: None, branches: vec![], n_left_out: 0 }
    }
}
pub struct NoForge;
impl Forge for NoForge {
    fn open_pull_request(&self, _: &PullRequest) -> Result<String, ForgeError> {
        Err(ForgeError::Missing)
    }
    fn login(&self) -> Result<String, ForgeError> {
        Err(ForgeError::Missing)
    }
    fn find_repository(&self, _: &str) -> Result<Option<String>, ForgeError> {
        Err(ForgeError::Missing)
    }
    fn create_repository(&self, _: &NewRepository) -> Result<String, ForgeError> {
        Err(ForgeError::Missing)
    }
    fn invite(&self, _: &str, _: &str, _: &str) -> Result<Invitation, ForgeError> {
        Err(ForgeError::Missing)
    }
}
