//! Notices that a swap comes too late before it is tried.

use gix::ObjectId;

use super::git_store::GitStore;
use crate::app::ports::{StoreError, Swap, Tip};

impl GitStore {
    /// Tells how a swap ends whose base another process of the clone has left behind since it was read.
    ///
    /// It must not be tried: on a branch that was put back meanwhile it would win.
    pub(super) fn is_late(
        &self,
        repo: &gix::Repository,
        base: Option<ObjectId>,
        tip: ObjectId,
    ) -> Result<Option<Swap>, StoreError> {
        let Some(seen) = self.seen(repo)?.filter(|seen| Some(*seen) != base) else { return Ok(None) };
        if let Some(base) = base
            && self.descends(repo, base, seen)?
        {
            return Ok(None);
        }
        let is_there = self.descends(repo, seen, tip)?;
        Ok(Some(if is_there { Swap::Swapped(Tip(tip.to_string())) } else { Swap::Moved }))
    }
}
