//! What else can be asked of the board when something does not work.

use agentsync_core::Timestamp;

use super::document::Document;
use super::git_store::GitStore;
use super::objects::{self, Signature};
use super::remote::{self, Depth, Pushed};
use crate::app::ports::StoreError;
use crate::app::ports::clone::{BoardProbe, Rehearsal};

impl BoardProbe for GitStore {
    fn rehearse_push(&self) -> Result<Rehearsal, StoreError> {
        let Some(remote) = &self.site.remote else { return Ok(Rehearsal::Local) };
        let repo = self.repo();
        let depth = if self.seen(&repo)?.is_none() { Depth::Tip } else { Depth::New };
        let tip = self.ask(&repo, depth)?;
        // A commit of our own on top, kept in the private repository: pushing the tip itself would
        // be nothing to push.
        let signature = Signature { identity: &self.site.identity, at: self.clock.now() };
        let document = Document::empty();
        let commit = objects::write_commit(&repo, tip, &document, "agentsync: rehearsal\n", &signature);
        let commit = commit.map_err(|err| self.fault("write", &err))?.to_string();
        let base = tip.map(|tip| tip.to_string());
        let pushed = remote::rehearse_push(&self.git, &self.site, remote, &commit, base.as_deref())?;
        Ok(match pushed {
            Pushed::Done => Rehearsal::Accepted,
            Pushed::Stale => Rehearsal::Moved,
            Pushed::Unclear(why) => Rehearsal::Unclear { why },
        })
    }

    fn newest_commit_at(&self) -> Option<Timestamp> {
        let repo = self.repo();
        let seen = self.seen(&repo).ok()??;
        objects::read_commit(&repo, seen).ok()?.map(|commit| commit.at)
    }
}
