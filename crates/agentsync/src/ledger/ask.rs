//! Asks where the coordination branch is now, and brings what stands there.

use std::time::Duration;

use gix::ObjectId;

use super::git_store::GitStore;
use super::refs;
use super::remote::{self, Depth, Fetched};
use super::site::Remote;
use super::sweep;
use crate::app::ports::StoreError;
use crate::plant::steps;

/// How often a fetch that finds the private repository locked is tried.
const MAX_LOCKED: u32 = 20;
/// How much longer each pause between those is than the last.
const LOCK_PAUSE: Duration = Duration::from_millis(10);

impl GitStore {
    /// Fetches the branch, or reads the local ref, and returns what stands there now.
    pub(super) fn ask(&self, repo: &gix::Repository, depth: Depth) -> Result<Option<ObjectId>, StoreError> {
        match &self.site.remote {
            None => refs::local_tip(&self.git, &self.site, repo),
            Some(remote) => self.fetch(repo, remote, depth),
        }
    }

    /// Fetches into a ref that all processes of the clone share: what is there already is not checked
    /// again. Where two of them meet, the second fetches into one of its own.
    fn fetch(
        &self,
        repo: &gix::Repository,
        remote: &Remote,
        depth: Depth,
    ) -> Result<Option<ObjectId>, StoreError> {
        let fetch_into = |name: &str| remote::fetch(&self.git, repo.path(), &self.site, remote, name, depth);
        let read = |name: &str| {
            let found = refs::read(repo, name).map_err(|err| self.fault("read", &err))?;
            found.ok_or_else(|| self.fault("read", "the fetched tip is missing")).map(Some)
        };
        steps::pass("before fetch");
        let fetched = fetch_into(refs::TIP_REF)?;
        steps::pass("after fetch");
        match fetched {
            Fetched::Absent => return Ok(None),
            Fetched::Here => return read(refs::TIP_REF),
            Fetched::Locked => {}
        }
        sweep::break_stale_locks(repo.path());
        let mine = format!("refs/agentsync/fetch/{}-{:08x}", std::process::id(), fastrand::u32(..));
        for n_tries in 1..=MAX_LOCKED {
            // A process that was killed may have left that lock; the whole history needs none.
            let depth = if n_tries == MAX_LOCKED && depth == Depth::Tip { Depth::New } else { depth };
            match remote::fetch(&self.git, repo.path(), &self.site, remote, &mine, depth)? {
                Fetched::Absent => return Ok(None),
                // A first, shallow fetch also takes a lock that no other ref avoids.
                Fetched::Locked => self.clock.sleep(LOCK_PAUSE * n_tries),
                Fetched::Here => {
                    let found = read(&mine)?;
                    refs::delete(repo, &mine).map_err(|err| self.fault("write", &err))?;
                    return Ok(found);
                }
            }
        }
        Err(self.fault("write", "another process keeps it locked; if none runs, delete the folder"))
    }
}
