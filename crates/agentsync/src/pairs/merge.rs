//! What a merge of two commits would hold: text is merged only for paths that both sides changed.

use std::collections::{BTreeMap, BTreeSet};

use gix::ObjectId;
use gix::merge::blob::Resolution;
use gix::merge::blob::builtin_driver::text::{self, Labels};
use gix::merge::tree::TreatAsUnresolved;

use super::folders::{Blob, Differs, Folders, Kind};
use super::ground::{Ground, unreadable};
use crate::app::ports::PairError;

/// Files larger than this are merged by the whole merge, which knows when to give up.
const LARGE: u64 = 8 * 1024 * 1024;

/// The trees of a pair.
#[derive(Debug, Clone, Copy)]
pub struct Sides {
    /// Where they parted.
    pub base: ObjectId,
    /// The left one.
    pub left: ObjectId,
    /// The right one.
    pub right: ObjectId,
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
    /// Merged texts that no side has, by the id they would have.
    pub texts: BTreeMap<ObjectId, Vec<u8>>,
}

/// Merges the pair in memory.
pub fn merge(ground: &Ground, folders: &mut Folders, sides: &Sides) -> Result<Merged, PairError> {
    let left = folders.diff(ground, sides.base, sides.left)?;
    let right = folders.diff(ground, sides.base, sides.right)?;
    let paths = join(&left, &right);
    if !may_need_renames(&paths)
        && !has_drivers(ground, folders, sides)?
        && let Some(merged) = merge_texts(ground, paths.clone())?
    {
        return Ok(merged);
    }
    merge_whole(ground, folders, sides, paths)
}

/// Puts the two sides' changes together; where one side changed nothing, the other's is the merged one.
fn join(left: &[Differs], right: &[Differs]) -> Vec<Path4> {
    let mut paths: BTreeMap<&str, (Option<&Differs>, Option<&Differs>)> = BTreeMap::new();
    left.iter().for_each(|one| paths.entry(&one.path).or_default().0 = Some(one));
    right.iter().for_each(|one| paths.entry(&one.path).or_default().1 = Some(one));
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

/// Tells whether a path was deleted, added or replaced on both sides, which only the whole merge can judge.
fn may_need_renames(paths: &[Path4]) -> bool {
    let is_plain = |path: &Path4| match (path.base, path.left, path.right) {
        (Some(base), Some(left), Some(right)) => {
            [base, left, right].iter().all(|(_, kind)| *kind == Kind::File)
        }
        _ => false,
    };
    let files: BTreeSet<&str> = paths.iter().map(|path| path.path.as_str()).collect();
    let is_inside_file = |path: &Path4| {
        let folders = path.path.match_indices('/').filter_map(|(at, _)| path.path.get(..at));
        folders.into_iter().any(|folder| files.contains(folder))
    };
    paths
        .iter()
        .any(|path| (is_both(path) && !is_same_change(path) && !is_plain(path)) || is_inside_file(path))
        || moved_folder_grows(paths)
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

/// Tells whether attributes may ask for another way to merge.
fn has_drivers(ground: &Ground, folders: &mut Folders, sides: &Sides) -> Result<bool, PairError> {
    let Some(entry) = folders.find(ground, sides.left, ".gitattributes")? else { return Ok(false) };
    let text = ground.blob(entry.id, LARGE)?.unwrap_or_default();
    Ok(["merge", "binary"].iter().any(|word| contains(&text, word.as_bytes())))
}

fn contains(text: &[u8], word: &[u8]) -> bool {
    text.windows(word.len()).any(|window| window == word)
}

/// Merges path by path; `None` when one needs the whole merge.
fn merge_texts(ground: &Ground, paths: Vec<Path4>) -> Result<Option<Merged>, PairError> {
    let mut merged = Merged::default();
    for mut path in paths {
        if is_both(&path) && !is_same_change(&path) {
            let (Some(base), Some(left), Some(right)) = (path.base, path.left, path.right) else {
                return Ok(None);
            };
            let mut texts = Vec::new();
            for (id, _) in [base, left, right] {
                match ground.blob(id, LARGE)? {
                    Some(text) if !is_binary(&text) => texts.push(text),
                    _ => return Ok(None),
                }
            }
            let [base, left, right] = texts.as_slice() else { return Ok(None) };
            let (text, has_conflict) = merge_text(base, left, right);
            path.is_conflicted = has_conflict;
            if has_conflict {
                merged.conflicts.insert(path.path.clone());
                path.merged = None;
            } else {
                let id = gix::objs::compute_hash(ground.objects.object_hash(), gix::objs::Kind::Blob, &text)
                    .map_err(|err| unreadable(&err))?;
                path.merged = Some((id, Kind::File));
                merged.texts.insert(id, text);
            }
        }
        merged.paths.push(path);
    }
    Ok(Some(merged))
}

/// Merges three texts as git does; says whether they conflict.
pub fn merge_text(base: &[u8], left: &[u8], right: &[u8]) -> (Vec<u8>, bool) {
    let mut input = gix::diff::blob::InternedInput::default();
    let algorithm = gix::diff::blob::Algorithm::Histogram;
    let mut out = Vec::new();
    let plan = text::Merge::new(&mut input, left, base, right, algorithm);
    let resolution = plan.run(&mut out, Labels::default(), text::Conflict::default());
    (out, resolution == Resolution::Conflict)
}

fn is_binary(text: &[u8]) -> bool {
    text.iter().take(8000).any(|byte| *byte == 0)
}

/// Merges with renames and attributes, in memory.
fn merge_whole(
    ground: &Ground,
    folders: &mut Folders,
    sides: &Sides,
    mut paths: Vec<Path4>,
) -> Result<Merged, PairError> {
    let options = ground.objects.tree_merge_options().map_err(|err| unreadable(&err))?;
    let mut outcome = ground
        .objects
        .merge_trees(sides.base, sides.left, sides.right, Labels::default(), options)
        .map_err(|err| unreadable(&err))?;
    let unresolved = outcome.conflicts.iter().filter(|one| one.is_unresolved(TreatAsUnresolved::git()));
    let conflicts: BTreeSet<String> = unresolved
        .flat_map(|one| [one.ours.location().to_string(), one.theirs.location().to_string()])
        .collect();
    let tree = outcome.tree.write().map_err(|err| unreadable(&err))?.detach();
    let merged: BTreeMap<String, Option<Blob>> = folders
        .diff(ground, sides.base, tree)?
        .into_iter()
        .map(|differs| (differs.path, differs.new))
        .collect();
    for path in &mut paths {
        path.merged = merged.get(&path.path).copied().unwrap_or(path.base);
        path.is_conflicted = conflicts.contains(&path.path);
    }
    follow_renames(&mut paths);
    Ok(Merged { paths, conflicts, texts: BTreeMap::new() })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_change_in_different_places_merge() {
        let merged = merge_text(b"a\nb\nc\nd\ne\n", b"A\nb\nc\nd\ne\n", b"a\nb\nc\nd\nE\n");
        assert_eq!(merged, (b"A\nb\nc\nd\nE\n".to_vec(), false));
    }

    #[test]
    fn texts_that_change_in_one_place_conflict() {
        let (_, has_conflict) = merge_text(b"a\n", b"b\n", b"c\n");
        assert!(has_conflict);
    }
}
