//! What a merge of two commits would hold: git is asked only where both sides changed the same.

use std::collections::{BTreeMap, BTreeSet};

use gix::ObjectId;
use gix::merge::blob::builtin_driver::text::Labels;
use gix::merge::tree::TreatAsUnresolved;

use super::folders::{Blob, Differs, Folders};
use super::ground::{Ground, MergedTree, unreadable};
use crate::app::ports::PairError;

/// The commits and trees of a pair.
#[derive(Debug, Clone, Copy)]
pub struct Sides {
    /// Where they parted.
    pub base: ObjectId,
    /// The left commit and its tree.
    pub left: (ObjectId, ObjectId),
    /// The right commit and its tree.
    pub right: (ObjectId, ObjectId),
}

/// One path that a side changed, on all sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path4 {
    /// The path in the merged tree, or where it was.
    pub path: String,
    /// In the tree where they parted.
    pub base: Option<Blob>,
    /// On the left.
    pub left: Option<Blob>,
    /// On the right.
    pub right: Option<Blob>,
    /// In the merged tree.
    pub merged: Option<Blob>,
    /// Whether its text conflicts, so that `merged` says nothing.
    pub is_conflicted: bool,
}

/// What came of a merge.
#[derive(Debug, Clone, Default)]
pub struct Merged {
    /// The paths that a side changed, in order.
    pub paths: Vec<Path4>,
    /// The paths that conflict.
    pub conflicts: BTreeSet<String>,
}

/// Tells whether git has to be asked for the merge of a pair.
pub fn needs_git(ground: &Ground, folders: &mut Folders, sides: &Sides) -> Result<bool, PairError> {
    let left = folders.diff(ground, sides.base, sides.left.1)?;
    let right = folders.diff(ground, sides.base, sides.right.1)?;
    Ok(meets(&join(&left, &right)))
}

/// Merges the pair. Where no path is changed on both sides the merge is known; else git is asked, in the
/// throw-away repository, since where it places a change that could stand at two places decides what comes out.
/// Where git was asked before, `known` is what it said.
pub fn merge(
    ground: &Ground,
    folders: &mut Folders,
    sides: &Sides,
    known: Option<MergedTree>,
) -> Result<Merged, PairError> {
    let left = folders.diff(ground, sides.base, sides.left.1)?;
    let right = folders.diff(ground, sides.base, sides.right.1)?;
    let mut paths = join(&left, &right);
    if !meets(&paths) {
        return Ok(Merged { paths, conflicts: BTreeSet::new() });
    }
    let asked = known.or_else(|| ground.merge_tree(sides.left.0, sides.right.0));
    let MergedTree { tree, conflicts } = asked.map_or_else(|| merge_in_process(ground, sides), Ok)?;
    let merged: BTreeMap<String, Option<Blob>> = folders
        .diff(ground, sides.base, tree)?
        .iter()
        .map(|differs| (differs.path.clone(), differs.new))
        .collect();
    for path in &mut paths {
        path.merged = merged.get(&path.path).copied().unwrap_or(path.base);
        path.is_conflicted = conflicts.contains(&path.path);
    }
    follow_renames(&mut paths);
    Ok(Merged { paths, conflicts })
}

/// Puts the two sides' changes together; where one side changed nothing, the other's is the merged one.
fn join(left: &[Differs], right: &[Differs]) -> Vec<Path4> {
    let mut paths: BTreeMap<&str, (Option<&Differs>, Option<&Differs>)> = BTreeMap::new();
    for one in left {
        paths.entry(&one.path).or_default().0 = Some(one);
    }
    for one in right {
        paths.entry(&one.path).or_default().1 = Some(one);
    }
    let four = |(path, (left, right)): (&str, (Option<&Differs>, Option<&Differs>))| {
        let base = left.or(right).and_then(|one| one.old);
        let new_left = left.map_or(base, |one| one.new);
        let new_right = right.map_or(base, |one| one.new);
        let merged = if left.is_none() { new_right } else { new_left };
        Path4 { path: path.to_owned(), base, left: new_left, right: new_right, merged, is_conflicted: false }
    };
    paths.into_iter().map(four).collect()
}

fn is_both(path: &Path4) -> bool {
    path.base != path.left && path.base != path.right
}

fn is_same_change(path: &Path4) -> bool {
    path.left == path.right
}

/// Tells whether the sides meet anywhere: in a file, in a file where the other has a folder, or in a folder
/// that one of them moved.
fn meets(paths: &[Path4]) -> bool {
    let files: BTreeSet<&str> = paths.iter().map(|path| path.path.as_str()).collect();
    let is_inside_file = |path: &Path4| {
        let folders = path.path.match_indices('/').filter_map(|(at, _)| path.path.get(..at));
        folders.into_iter().any(|folder| files.contains(folder))
    };
    paths.iter().any(|path| (is_both(path) && !is_same_change(path)) || is_inside_file(path))
        || moved_folder_grows(paths)
        || may_both_have_moved(paths)
}

/// Tells whether both sides took a file away and one of them added another: git finds out whether that is the
/// same file, moved to two places, or moved on one side and deleted on the other.
fn may_both_have_moved(paths: &[Path4]) -> bool {
    let is_gone = |path: &Path4| path.base.is_some() && path.left.is_none() && path.right.is_none();
    paths.iter().any(is_gone) && paths.iter().any(|path| path.base.is_none())
}

/// Tells whether one side emptied a folder into which the other put a new file: git moves the file along.
fn moved_folder_grows(paths: &[Path4]) -> bool {
    let folder = |path: &str| path.rsplit_once('/').map(|(folder, _)| folder.to_owned());
    let gone = |pick: fn(&Path4) -> Option<Blob>| -> BTreeSet<String> {
        let gone = paths.iter().filter(|path| path.base.is_some() && pick(path).is_none());
        gone.filter_map(|path| folder(&path.path)).collect()
    };
    let (left, right) = (gone(|path| path.left), gone(|path| path.right));
    paths.iter().filter(|path| path.base.is_none()).any(|path| {
        let Some(folder) = folder(&path.path) else { return false };
        (path.left.is_none() && left.contains(&folder)) || (path.right.is_none() && right.contains(&folder))
    })
}

/// Merges without git, where git cannot: it needs files that a partial clone may lack.
fn merge_in_process(ground: &Ground, sides: &Sides) -> Result<MergedTree, PairError> {
    let options = ground.objects.tree_merge_options().map_err(|err| unreadable(&err))?.with_rewrites(None);
    let merged =
        ground.objects.merge_trees(sides.base, sides.left.1, sides.right.1, Labels::default(), options);
    let mut merged = merged.map_err(|err| unreadable(&err))?;
    let unresolved = merged.conflicts.iter().filter(|one| one.is_unresolved(TreatAsUnresolved::git()));
    let conflicts = unresolved
        .flat_map(|one| [one.ours.location().to_string(), one.theirs.location().to_string()])
        .collect();
    let tree = merged.tree.write().map_err(|err| unreadable(&err))?.detach();
    Ok(MergedTree { tree, conflicts })
}

/// Gives a file that one side moved and the other edited its past: what it was before at its old path.
fn follow_renames(paths: &mut [Path4]) {
    let name = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
    for idx in 0..paths.len() {
        let Some(new) = paths.get(idx).cloned() else { continue };
        let on_left = new.base.is_none() && new.right.is_none() && new.left.is_some();
        let on_right = new.base.is_none() && new.left.is_none() && new.right.is_some();
        let own = if on_left { new.left } else { new.right };
        if !(on_left || on_right) || new.merged.is_none() || new.merged == own {
            continue;
        }
        let is_old = |old: &&Path4| {
            let (gone, kept) = if on_left { (old.left, old.right) } else { (old.right, old.left) };
            old.base.is_some() && gone.is_none() && kept.is_some() && kept != old.base && old.merged.is_none()
        };
        let olds: Vec<Path4> = paths.iter().filter(is_old).cloned().collect();
        let same_name = olds.iter().find(|old| name(&old.path) == name(&new.path));
        let only = if olds.len() == 1 { olds.first() } else { None };
        let Some(old) = same_name.or(only) else { continue };
        if let Some(path) = paths.get_mut(idx) {
            path.base = old.base;
            if on_left { path.right = old.right } else { path.left = old.left }
        }
    }
}
