//! A throw-away repository beside the one that is examined: it borrows the objects and keeps what a merge makes.
//!
//! Nothing is written into the examined repository, and none of its configuration is obeyed: a merge
//! driver or a filter that it names never runs.

use std::collections::BTreeSet;
use std::io::{Seek as _, Write as _};
use std::path::Path;
use std::time::Duration;

use gix::ObjectId;
use tempfile::TempDir;

use crate::app::ports::{Merged, PairError, WorkError};
use crate::git::command::{Call, Git};
use crate::git::merge_tree;
use crate::git::user_repo::UserRepo;

/// How long one call of git may take.
const LIMIT: Duration = Duration::from_secs(60);
/// How many pairs one call merges.
const BATCH: usize = 100;

/// What a merge gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergedTree {
    /// The tree, with markers where the text conflicts.
    pub tree: ObjectId,
    /// The paths that conflict.
    pub conflicts: BTreeSet<String>,
}

impl MergedTree {
    fn of(merged: Merged) -> Option<MergedTree> {
        let tree = ObjectId::from_hex(merged.tree.as_bytes()).ok()?;
        Some(MergedTree { tree, conflicts: merged.conflicts.into_iter().collect() })
    }
}

/// The examined repository's objects, and where its names are looked up.
pub struct Ground {
    user: UserRepo,
    names: gix::Repository,
    /// The objects, with those of trial merges.
    pub objects: gix::Repository,
    git: Git,
    dir: TempDir,
}

impl Ground {
    /// Prepares to examine `user`.
    pub fn open(user: UserRepo) -> Result<Ground, WorkError> {
        let dir =
            tempfile::Builder::new().prefix("agentsync-pairs-").tempdir().map_err(|err| failed(&err))?;
        lay_out(dir.path(), &user).map_err(|err| failed(&err))?;
        let options = gix::open::Options::isolated().with(gix::sec::Trust::Full).open_path_as_is(true);
        let objects = gix::open_opts(dir.path(), options).map_err(|err| failed(&err))?;
        let mut objects = objects.with_object_memory();
        objects.object_cache_size_if_unset(32 * 1024 * 1024);
        objects.objects.refresh_never();
        Ok(Ground { names: user.gix()?, git: user.git(LIMIT), user, objects, dir })
    }

    /// Returns the commit that a revision names.
    pub fn commit(&self, revision: &str) -> Result<ObjectId, PairError> {
        let missing = || PairError::NoCommit { revision: revision.to_owned() };
        if let Ok(id) = ObjectId::from_hex(revision.as_bytes()) {
            return self.objects.find_commit(id).map(|_| id).map_err(|_| missing());
        }
        let id = match self.user.ref_commit(revision) {
            Ok(Some(id)) => ObjectId::from_hex(id.as_bytes()).map_err(|_| missing())?,
            _ => self.names.rev_parse_single(revision).map_err(|_| missing())?.detach(),
        };
        let object = self.objects.find_object(id).map_err(|_| missing())?;
        object.peel_to_commit().map(|commit| commit.id).map_err(|_| missing())
    }

    /// Returns the tree of a commit.
    pub fn tree_of(&self, commit: ObjectId) -> Result<ObjectId, PairError> {
        let found = self.objects.find_commit(commit).map_err(|err| unreadable(&err))?;
        found.tree_id().map(gix::Id::detach).map_err(|err| unreadable(&err))
    }

    /// Returns where two commits parted; several when their histories cross.
    pub fn merge_bases(&self, left: ObjectId, right: ObjectId) -> Result<Vec<ObjectId>, PairError> {
        let found =
            self.objects.merge_bases_many(left, &[right]).map_err(|err| match self.user.is_shallow {
                true => PairError::Shallow,
                false => unreadable(&err),
            })?;
        match (found.is_empty(), self.user.is_shallow) {
            (false, _) => Ok(found.into_iter().map(gix::Id::detach).collect()),
            (true, true) => Err(PairError::Shallow),
            (true, false) => Err(PairError::NoBase),
        }
    }

    /// Returns the tree to compare with: where histories cross, the merge of the places where they parted.
    pub fn base_tree(&self, bases: &[ObjectId]) -> Result<ObjectId, PairError> {
        if let [one] = bases {
            return self.tree_of(*one);
        }
        let options = self.objects.tree_merge_options().map_err(|err| unreadable(&err))?;
        let made = self.objects.virtual_merge_base(bases.iter().copied(), options);
        made.map(|made| made.tree_id.detach()).map_err(|err| unreadable(&err))
    }

    /// Begins a call of git in the throw-away repository, which has no remote, no hooks and no keys.
    fn call(&self) -> Call<'_> {
        self.git.at(self.dir.path()).silent()
    }

    /// Asks git for the merged tree and the paths that conflict; `None` where it gives no answer.
    pub fn merge_tree(&self, left: ObjectId, right: ObjectId) -> Option<MergedTree> {
        let (left, right) = (left.to_string(), right.to_string());
        MergedTree::of(merge_tree::merge(self.call(), &left, &left, &right).ok()?)
    }

    /// Merges two commits, and returns the commit of it.
    pub fn join(&self, left: &str, right: &str) -> Result<String, PairError> {
        let merged = merge_tree::merge(self.call(), left, left, right);
        let tree = merged.map_err(|err| unreadable(&err))?.tree;
        let args = ["commit-tree", "--no-gpg-sign", "-m", "landed", "-p", left, "-p", right, &tree];
        self.call().as_nobody().args(args).line().map_err(|err| unreadable(&err))
    }

    /// Asks git for many merges, few processes for all of them, where the pairs' left sides tell it the same
    /// about paths. An answer that is missing may be had by [`Self::merge_tree`].
    pub fn merge_trees(&self, pairs: &[(ObjectId, ObjectId)]) -> Vec<Option<MergedTree>> {
        let mut answers = Vec::with_capacity(pairs.len());
        while let Some(rest) = pairs.get(answers.len()..).filter(|rest| !rest.is_empty()) {
            let some = rest.get(..BATCH).unwrap_or(rest);
            let batch = self.merge_listed(some).unwrap_or_default();
            if !batch.is_known {
                break;
            }
            let n_merged = batch.merged.len();
            answers.extend(batch.merged.into_iter().map(MergedTree::of));
            if n_merged < some.len() {
                // Git gave up at this one; the next list begins after it.
                answers.push(None);
            }
        }
        answers.resize(pairs.len(), None);
        answers
    }

    fn merge_listed(&self, pairs: &[(ObjectId, ObjectId)]) -> std::io::Result<merge_tree::Batch> {
        let Some((attributes, _)) = pairs.first() else { return Ok(merge_tree::Batch::default()) };
        let mut list = tempfile::tempfile_in(self.dir.path())?;
        for (left, right) in pairs {
            writeln!(list, "{left} {right}")?;
        }
        list.rewind()?;
        let merged = merge_tree::merge_listed(self.call(), &attributes.to_string(), list);
        Ok(merged.unwrap_or_default())
    }

    /// Tells whether the history is cut off, so that what is known of it may change.
    pub fn is_shallow(&self) -> bool {
        self.user.is_shallow
    }

    /// Returns the bytes of a file, or `None` when it is larger than `limit`.
    pub fn blob(&self, id: ObjectId, limit: u64) -> Result<Option<Vec<u8>>, PairError> {
        let header = self.objects.find_header(id).map_err(|err| unreadable(&err))?;
        if header.size() > limit {
            return Ok(None);
        }
        let mut found = self.objects.find_blob(id).map_err(|err| unreadable(&err))?;
        Ok(Some(found.take_data()))
    }
}

/// Writes the few files that make a folder a bare repository that borrows `user`'s objects.
fn lay_out(dir: &Path, user: &UserRepo) -> std::io::Result<()> {
    std::fs::create_dir_all(dir.join("objects/info"))?;
    std::fs::create_dir_all(dir.join("refs"))?;
    std::fs::write(dir.join("HEAD"), "ref: refs/heads/none\n")?;
    let version = match user.object_format.as_str() {
        "sha256" => "\trepositoryformatversion = 1\n\tbare = true\n[extensions]\n\tobjectFormat = sha256\n",
        _ => "\trepositoryformatversion = 0\n\tbare = true\n",
    };
    std::fs::write(dir.join("config"), format!("[core]\n{version}"))?;
    let objects = user.common_dir.join("objects");
    std::fs::write(dir.join("objects/info/alternates"), format!("{}\n", objects.display()))?;
    match user.is_shallow {
        true => std::fs::copy(user.common_dir.join("shallow"), dir.join("shallow")).map(|_| ()),
        false => Ok(()),
    }
}

/// Says that an object cannot be read.
pub fn unreadable(err: &dyn std::fmt::Display) -> PairError {
    PairError::Unreadable { detail: err.to_string() }
}

fn failed(err: &dyn std::error::Error) -> WorkError {
    WorkError::Git { doing: "prepare to compare branches", detail: err.to_string() }
}
