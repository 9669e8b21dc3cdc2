//! Reads many commits in one go, without starting git for each.

use agentsync_core::Timestamp;

use super::BranchesRepo;
use crate::app::ports::WorkError;

/// Who made a commit, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitInfo {
    /// When it was committed, by the committer's clock.
    pub committed_at: Timestamp,
    /// The author's name.
    pub author: String,
    /// When it was written, RFC 3339, by the author's clock.
    pub authored_at: String,
}

/// Commits of the private repository and of the user's, as they are right now.
pub struct Commits(gix::Repository);

impl Commits {
    pub(super) fn of(repo: &BranchesRepo) -> Result<Commits, WorkError> {
        let mut opened = repo.open()?;
        // Looking for what is not there must not read the list of packs each time.
        opened.objects.refresh_never();
        Ok(Commits(opened))
    }

    /// Returns who made a commit, or `None` when it is not here.
    pub fn info(&self, commit: &str) -> Option<CommitInfo> {
        let id = gix::ObjectId::from_hex(commit.as_bytes()).ok()?;
        let commit = self.0.find_commit(id).ok()?;
        let author = commit.author().ok()?;
        let seconds = author.time().ok()?.seconds;
        Some(CommitInfo {
            committed_at: Timestamp(commit.time().ok()?.seconds.saturating_mul(1_000_000)),
            author: author.name.to_string(),
            authored_at: render_seconds(seconds),
        })
    }
}

fn render_seconds(seconds: i64) -> String {
    match jiff::Timestamp::from_second(seconds) {
        Ok(at) => at.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string(),
        // Outside of years -9999 to 9999 there is nothing to render; the number still tells.
        Err(_) => seconds.to_string(),
    }
}
