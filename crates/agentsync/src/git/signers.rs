//! The file of signers on the default branch: who may sign for which agent.

use std::sync::Mutex;

use super::branches_repo::BranchesRepo;
use super::work::default_branch::default_branch;
use crate::app::ports::WorkError;
use crate::app::ports::audit::SignersSource;

/// Where it is.
pub const SIGNERS_FILE: &str = ".agentsync/allowed_signers";

/// Reads the file as this clone last saw the default branch.
#[derive(Debug)]
pub struct DefaultBranchSigners {
    repo: BranchesRepo,
    memo: Mutex<Option<(String, Option<Vec<u8>>)>>,
}

impl DefaultBranchSigners {
    /// Reads it for the clone of `repo`'s user.
    pub fn of(repo: BranchesRepo) -> DefaultBranchSigners {
        DefaultBranchSigners { repo, memo: Mutex::default() }
    }

    fn read(&self) -> Result<Option<Vec<u8>>, WorkError> {
        let Some(tip) = self.tip()? else { return Ok(None) };
        let mut memo = self.memo.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some((_, file)) = memo.as_ref().filter(|(known, _)| *known == tip) {
            return Ok(file.clone());
        }
        let failed = super::branches_repo::failed_to("read the file of signers");
        let listed = self.repo.call().args(["ls-tree", "-z", "--end-of-options", &tip, SIGNERS_FILE]).run();
        let listed = listed.map_err(failed)?.success().map_err(failed)?;
        // `100644 blob <id>\t.agentsync/allowed_signers`; a link or a folder is no file of signers.
        let text = listed.text();
        let id = text.strip_prefix("100644 blob ").and_then(|rest| rest.split('\t').next());
        let file = match id {
            None => None,
            Some(id) => {
                let output = self.repo.call().args(["cat-file", "blob", id]).run().map_err(failed)?;
                Some(output.success().map_err(failed)?.stdout)
            }
        };
        *memo = Some((tip, file.clone()));
        Ok(file)
    }

    /// Returns the newest commit of the default branch that is here: the user's fetch may be older than
    /// ours, or newer.
    fn tip(&self) -> Result<Option<String>, WorkError> {
        self.repo.ensure()?;
        let user = self.repo.user();
        // Where nobody can tell the default branch there is nothing on it yet.
        let Ok(branch) = default_branch(&self.repo) else { return Ok(None) };
        if user.address.is_none() {
            return user.ref_commit(&branch.to_ref());
        }
        let tracked = user.ref_commit(&format!("refs/remotes/{}/{branch}", user.remote))?;
        match (tracked, self.repo.tip(&branch)?) {
            (Some(tracked), Some(ours)) if tracked != ours && self.repo.is_ancestor(&tracked, &ours)? => {
                Ok(Some(ours))
            }
            (Some(tracked), _) => Ok(Some(tracked)),
            (None, ours) => Ok(ours),
        }
    }
}

impl SignersSource for DefaultBranchSigners {
    fn signers(&self) -> Result<Option<Vec<u8>>, String> {
        self.read().map_err(|err| err.to_string())
    }
}
