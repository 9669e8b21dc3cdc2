//! The commits that a swap will push, which may be written piece by piece before it.

use std::cell::RefCell;

use agentsync_core::AgentId;
use gix::ObjectId;

use super::document::Document;
use super::git_store::GitStore;
use super::objects;
use crate::app::ports::{Step, StoreError};
use crate::plant::steps;

/// A chain that was written and not yet swapped in. Pushing it again is the same push.
#[derive(Clone)]
pub(super) struct Prepared {
    pub(super) base: Option<ObjectId>,
    pub(super) steps: Vec<Step>,
    pub(super) tip: ObjectId,
    pub(super) document: Document,
}

impl GitStore {
    /// Writes the commits of `steps`, as far as they were not written before.
    ///
    /// A key that never signs the same way twice makes other commits of the same steps in another
    /// process; whichever of the two arrives, its changes are recognised by their ids.
    pub(super) fn write_steps(
        &self,
        repo: &gix::Repository,
        base: Option<ObjectId>,
        steps: &[Step],
    ) -> Result<Prepared, StoreError> {
        let begins = |prepared: &Prepared| {
            prepared.base == base && steps.starts_with(&prepared.steps) && repo.has_object(prepared.tip)
        };
        let known = self.with_memo(|memo| memo.prepared.clone()).filter(begins);
        let (from, document, n_written) = match known {
            Some(prepared) if prepared.steps.len() == steps.len() => return Ok(prepared),
            Some(prepared) => (Some(prepared.tip), prepared.document, prepared.steps.len()),
            None => (base, base.map_or_else(|| Ok(Document::empty()), |base| self.document(repo, base))?, 0),
        };
        let rest = steps.get(n_written..).unwrap_or_default();
        let identity_for = |agent: &_| self.site.identity_for(agent);
        let unsigned = RefCell::new(None);
        let seal = |agent: &AgentId, payload: &[u8], at| {
            let sealed = self.site.trust.seal(agent, payload, at, &self.site.private_dir());
            sealed.map_err(|err| {
                let why = err.to_string();
                *unsigned.borrow_mut() = Some(err);
                why
            })
        };
        let written = objects::write_chain(repo, from, document, rest, identity_for, seal);
        let failed = |err: String| unsigned.take().unwrap_or_else(|| self.fault("write", &err));
        let (tip, document) = written.map_err(failed)?;
        let prepared = Prepared { base, steps: steps.to_vec(), tip, document };
        self.with_memo(|memo| memo.prepared = Some(prepared.clone()));
        steps::pass("chain written");
        Ok(prepared)
    }
}

/// Tells whether a board is not in this edition, which began with the last commits alone: it is late.
pub(super) fn is_left_behind(repo: &gix::Repository, base: Option<ObjectId>) -> bool {
    base.is_some_and(|base| !repo.has_object(base))
}
