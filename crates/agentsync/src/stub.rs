//! Temporary: until the working repository is wired in.
#![allow(missing_docs, reason = "temporary")]
use crate::app::ports::*;
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
