//! What a claim's branch changed, for the record of finished work.

use agentsync_core::{BranchName, ChangedFile};

use super::ports::Work;

/// Returns what a claim's branch changed since it left the default branch, and in which repository.
///
/// A branch that is not to be found leaves both unset: a guess would be worse than nothing.
pub fn capture_changes(work: &dyn Work, branch: Option<&str>) -> (Option<Vec<ChangedFile>>, Option<String>) {
    let Some(branch) = branch.and_then(|branch| BranchName::parse(branch).ok()) else { return (None, None) };
    // Without an answer of the remote, what was last seen of the branch has to do.
    let _ = work.refresh(std::slice::from_ref(&branch));
    match work.changed_files(&branch) {
        Ok(Some(files)) => (Some(files), Some(work.slug())),
        Ok(None) | Err(_) => (None, None),
    }
}
