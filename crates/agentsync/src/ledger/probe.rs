//! What else can be asked of the board when something does not work.

use agentsync_core::Timestamp;

use super::git_store::GitStore;
use super::objects;
use crate::app::ports::clone::BoardProbe;

impl BoardProbe for GitStore {
    fn newest_commit_at(&self) -> Option<Timestamp> {
        let repo = self.repo().ok()?;
        let seen = self.seen(&repo).ok()??;
        objects::read_commit(&repo, seen).ok()?.map(|commit| commit.at)
    }
}
