//! What trees hold: folders are read once, whichever commit they are reached from.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use gix::ObjectId;

use super::ground::{Ground, unreadable};
use crate::app::ports::PairError;

/// The most folders that are remembered.
const MANY: usize = 200_000;
/// The most comparisons of trees that are remembered.
const MANY_DIFFS: usize = 2_000;
/// What git is told about paths.
const ATTRIBUTES: &str = ".gitattributes";

/// What an entry of a folder is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A folder.
    Folder,
    /// A file.
    File,
    /// A link or a submodule: compared, never read.
    Other,
}

/// One entry of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// Its object.
    pub id: ObjectId,
}

/// A file on one side of a comparison.
pub type Blob = (ObjectId, Kind);

/// One path that differs between two trees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Differs {
    /// The path.
    pub path: String,
    /// What is there in the first.
    pub old: Option<Blob>,
    /// What is there in the second.
    pub new: Option<Blob>,
}

/// The folders read so far.
#[derive(Debug, Default)]
pub struct Folders {
    read: HashMap<ObjectId, Arc<[Entry]>>,
    diffs: HashMap<(ObjectId, ObjectId), Arc<[Differs]>>,
    attributes: HashMap<ObjectId, u64>,
}

impl Folders {
    /// Returns what a folder holds, by name.
    pub fn entries(&mut self, ground: &Ground, tree: ObjectId) -> Result<Arc<[Entry]>, PairError> {
        if let Some(known) = self.read.get(&tree) {
            return Ok(known.clone());
        }
        let found = ground.objects.find_tree(tree).map_err(|err| unreadable(&err))?;
        let mut entries = Vec::new();
        for entry in found.iter() {
            let entry = entry.map_err(|err| unreadable(&err))?;
            let mode = entry.mode();
            let kind = match (mode.is_tree(), mode.is_blob()) {
                (true, _) => Kind::Folder,
                (_, true) => Kind::File,
                _ => Kind::Other,
            };
            let name = entry.filename().to_string();
            entries.push(Entry { name, kind, id: entry.object_id() });
        }
        entries.sort_by(|one, other| one.name.cmp(&other.name));
        if self.read.len() >= MANY {
            self.read.clear();
        }
        let entries: Arc<[Entry]> = entries.into();
        self.read.insert(tree, entries.clone());
        Ok(entries)
    }

    /// Calls `each` with every file below `tree`.
    pub fn walk(
        &mut self,
        ground: &Ground,
        tree: ObjectId,
        each: &mut dyn FnMut(&str, &Entry),
    ) -> Result<(), PairError> {
        self.walk_below(ground, tree, &mut String::new(), each)
    }

    fn walk_below(
        &mut self,
        ground: &Ground,
        tree: ObjectId,
        path: &mut String,
        each: &mut dyn FnMut(&str, &Entry),
    ) -> Result<(), PairError> {
        for entry in self.entries(ground, tree)?.iter() {
            let n_before = path.len();
            path.push_str(&entry.name);
            match entry.kind {
                Kind::Folder => {
                    path.push('/');
                    self.walk_below(ground, entry.id, path, each)?;
                }
                Kind::File => each(path, entry),
                Kind::Other => {}
            }
            path.truncate(n_before);
        }
        Ok(())
    }

    /// Returns the entry at a path.
    pub fn find(&mut self, ground: &Ground, tree: ObjectId, path: &str) -> Result<Option<Entry>, PairError> {
        let mut folder = tree;
        let mut found = None;
        for name in path.split('/') {
            if found.is_some() && !matches!(found, Some(Entry { kind: Kind::Folder, .. })) {
                return Ok(None);
            }
            let entries = self.entries(ground, folder)?;
            let Ok(at) = entries.binary_search_by(|entry| entry.name.as_str().cmp(name)) else {
                return Ok(None);
            };
            let Some(entry) = entries.get(at) else { return Ok(None) };
            folder = entry.id;
            found = Some(entry.clone());
        }
        Ok(found)
    }

    /// Returns the paths that differ between two trees, in order.
    pub fn diff(
        &mut self,
        ground: &Ground,
        old: ObjectId,
        new: ObjectId,
    ) -> Result<Arc<[Differs]>, PairError> {
        if let Some(known) = self.diffs.get(&(old, new)) {
            return Ok(known.clone());
        }
        let mut found = Vec::new();
        self.diff_below(ground, Some(old), Some(new), "", &mut found)?;
        found.sort_by(|one, other| one.path.cmp(&other.path));
        if self.diffs.len() >= MANY_DIFFS {
            self.diffs.clear();
        }
        let found: Arc<[Differs]> = found.into();
        self.diffs.insert((old, new), found.clone());
        Ok(found)
    }

    /// Returns a number for all that a tree tells git about paths; 0 for nothing.
    pub fn attributes(&mut self, ground: &Ground, tree: ObjectId) -> Result<u64, PairError> {
        if let Some(known) = self.attributes.get(&tree) {
            return Ok(*known);
        }
        let mut told = DefaultHasher::new();
        let mut is_told = false;
        for entry in self.entries(ground, tree)?.iter() {
            let below = match entry.kind {
                Kind::Folder => self.attributes(ground, entry.id)?,
                _ => 0,
            };
            if below != 0 {
                (&entry.name, below).hash(&mut told);
                is_told = true;
            } else if entry.name == ATTRIBUTES {
                (&entry.name, entry.id).hash(&mut told);
                is_told = true;
            }
        }
        let told = if is_told { told.finish().max(1) } else { 0 };
        self.attributes.insert(tree, told);
        Ok(told)
    }

    fn diff_below(
        &mut self,
        ground: &Ground,
        old: Option<ObjectId>,
        new: Option<ObjectId>,
        prefix: &str,
        found: &mut Vec<Differs>,
    ) -> Result<(), PairError> {
        if old == new {
            return Ok(());
        }
        let mut of = |tree: Option<ObjectId>| match tree {
            Some(tree) => self.entries(ground, tree),
            None => Ok(Arc::from([])),
        };
        let (olds, news) = (of(old)?, of(new)?);
        for (name, old, new) in side_by_side(&olds, &news) {
            let is_same =
                old.is_some_and(|old| new.is_some_and(|new| old.id == new.id && old.kind == new.kind));
            if is_same {
                continue;
            }
            let path = format!("{prefix}{name}");
            let folder = |entry: Option<&Entry>| {
                entry.filter(|entry| entry.kind == Kind::Folder).map(|entry| entry.id)
            };
            let blob = |entry: Option<&Entry>| {
                entry.filter(|entry| entry.kind != Kind::Folder).map(|entry| (entry.id, entry.kind))
            };
            let (old_blob, new_blob) = (blob(old), blob(new));
            if folder(old).is_some() || folder(new).is_some() {
                self.diff_below(ground, folder(old), folder(new), &format!("{path}/"), found)?;
            }
            if old_blob.is_some() || new_blob.is_some() {
                found.push(Differs { path, old: old_blob, new: new_blob });
            }
        }
        Ok(())
    }
}

/// Pairs the entries of two folders by name.
fn side_by_side<'a>(
    olds: &'a [Entry],
    news: &'a [Entry],
) -> Vec<(&'a str, Option<&'a Entry>, Option<&'a Entry>)> {
    let (mut olds, mut news) = (olds.iter().peekable(), news.iter().peekable());
    let mut pairs = Vec::new();
    loop {
        let order = match (olds.peek(), news.peek()) {
            (None, None) => return pairs,
            (Some(_), None) => std::cmp::Ordering::Less,
            (None, Some(_)) => std::cmp::Ordering::Greater,
            (Some(old), Some(new)) => old.name.cmp(&new.name),
        };
        let old = if order.is_le() { olds.next() } else { None };
        let new = if order.is_ge() { news.next() } else { None };
        if let Some(entry) = old.or(new) {
            pairs.push((entry.name.as_str(), old, new));
        }
    }
}
