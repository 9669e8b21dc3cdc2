//! Which of two commits comes first, at a cost of how far they are apart, and not of how long the history is.

use std::collections::HashSet;

use gix::ObjectId;
use gix::prelude::FindExt as _;

use super::objects::ObjectResult;

/// How two commits of one repository stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// They are one.
    Same,
    /// The first comes after the second.
    After,
    /// The first comes before the second.
    Before,
    /// Neither is in the other's history, as far as it is here.
    Apart,
}

/// The history of one commit, being walked.
struct Walk {
    seen: HashSet<ObjectId>,
    open: Vec<ObjectId>,
}

impl Walk {
    fn from(tip: ObjectId) -> Walk {
        Walk { seen: HashSet::from([tip]), open: vec![tip] }
    }

    /// Goes one commit further, and tells whether `goal` is a parent of it.
    fn meets(&mut self, repo: &gix::Repository, goal: ObjectId) -> ObjectResult<bool> {
        let Some(id) = self.open.pop() else { return Ok(false) };
        for parent in parents(repo, id)? {
            if parent == goal {
                return Ok(true);
            }
            if self.seen.insert(parent) {
                self.open.push(parent);
            }
        }
        Ok(false)
    }
}

/// Returns the parents of a commit; none when a shallow history does not have it.
fn parents(repo: &gix::Repository, id: ObjectId) -> ObjectResult<Vec<ObjectId>> {
    if !repo.has_object(id) {
        return Ok(Vec::new());
    }
    let mut buffer = Vec::new();
    let commit = repo.objects.find_commit_iter(&id, &mut buffer).map_err(|err| err.to_string())?;
    Ok(commit.parent_ids().collect())
}

/// Tells how `one` stands to `other`. Both histories are walked in step, so whichever is the later,
/// the answer comes after as many commits as lie between.
pub fn order(repo: &gix::Repository, one: ObjectId, other: ObjectId) -> ObjectResult<Order> {
    if one == other {
        return Ok(Order::Same);
    }
    // Looking for what a shallow history lacks would read the folders anew each time.
    let mut repo = repo.clone();
    let (mut from_one, mut from_other) = (Walk::from(one), Walk::from(other));
    if repo.has_object(one) & repo.has_object(other) {
        repo.objects.refresh_never();
    }
    while !from_one.open.is_empty() || !from_other.open.is_empty() {
        if from_one.meets(&repo, other)? {
            return Ok(Order::After);
        }
        if from_other.meets(&repo, one)? {
            return Ok(Order::Before);
        }
    }
    Ok(Order::Apart)
}

#[cfg(test)]
mod tests {
    use agentsync_core::Timestamp;

    use super::super::cache;
    use super::super::document::Document;
    use super::super::objects::{Signature, write_commit};
    use super::super::site::Identity;
    use super::*;

    /// Returns the file of an object.
    fn loose(repo: &std::path::Path, id: ObjectId) -> std::path::PathBuf {
        let hex = id.to_string();
        let (folder, name) = hex.split_at(2);
        repo.join("objects").join(folder).join(name)
    }

    /// Writes a chain of commits, the oldest first.
    fn chain(repo: &gix::Repository, start: Option<ObjectId>, name: &str, n_commits: usize) -> Vec<ObjectId> {
        let identity = Identity { name: "alice".to_owned(), email: "alice@lab.example".to_owned() };
        let signature = Signature { identity, at: Timestamp(0), seal: None };
        let mut tip = start;
        let next = |n: usize| {
            let message = format!("{name} {n}");
            tip = Some(write_commit(repo, tip, &Document::empty(), &message, &signature).unwrap());
            tip.unwrap()
        };
        (0..n_commits).map(next).collect()
    }

    #[test]
    fn the_order_is_known_from_what_lies_between() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("board.git");
        let repo = cache::open(&path, "sha1").unwrap().to_thread_local();
        let main = chain(&repo, None, "main", 9);
        let side = chain(&repo, Some(main[5]), "side", 2);
        assert_eq!(order(&repo, main[8], main[8]), Ok(Order::Same));
        assert_eq!(order(&repo, main[8], side[1]), Ok(Order::Apart));
        // Whatever is older is not even looked at.
        std::fs::write(loose(&path, main[2]), "broken").unwrap();
        assert_eq!(order(&repo, main[8], main[6]), Ok(Order::After));
        assert_eq!(order(&repo, main[6], main[8]), Ok(Order::Before));
        assert!(order(&repo, main[8], side[1]).is_err());
    }

    #[test]
    fn a_history_that_was_cut_off_ends_there() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("board.git");
        let repo = cache::open(&path, "sha1").unwrap().to_thread_local();
        let main = chain(&repo, None, "main", 4);
        let other = chain(&repo, None, "other", 1);
        std::fs::remove_file(loose(&path, main[1])).unwrap();
        // It is still named by the one that follows.
        assert_eq!(order(&repo, main[3], main[1]), Ok(Order::After));
        assert_eq!(order(&repo, main[3], other[0]), Ok(Order::Apart));
    }
}
