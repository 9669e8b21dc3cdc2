//! Which files of a tree hold a word: many words are asked for, of few trees.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use gix::ObjectId;

use super::bank::Bank;
use super::blocks::Blocks;
use super::folders::Folders;
use super::ground::Ground;
use crate::app::ports::PairError;

/// How many trees are remembered at once.
const MANY_TREES: usize = 64;
/// How many answers are remembered at once.
const MANY_ANSWERS: usize = 20_000;

/// The files of a tree that hold a word, by path.
pub type Hits = Arc<[(String, ObjectId)]>;
/// The paths at which each file of a tree stands.
type Paths = Arc<HashMap<ObjectId, Vec<String>>>;

/// The trees and words that were asked for.
#[derive(Debug, Default)]
pub struct Index {
    files: Blocks,
    enrolled: HashSet<ObjectId>,
    trees: HashMap<ObjectId, Paths>,
    /// The files that hold a word, among the first so many of `files`.
    holders: HashMap<u32, (usize, Vec<ObjectId>)>,
    answers: HashMap<(ObjectId, u32), Hits>,
}

/// What the index reads from.
pub struct Source<'a> {
    /// The objects.
    pub ground: &'a Ground,
    /// The folders.
    pub folders: &'a mut Folders,
    /// The words of files.
    pub bank: &'a mut Bank,
    /// Tells whether a path is looked into at all.
    pub is_wanted: fn(&str) -> bool,
}

impl Index {
    /// Returns the files of a tree that hold a word.
    pub fn find(&mut self, source: Source<'_>, tree: ObjectId, word: u32) -> Result<Hits, PairError> {
        if let Some(known) = self.answers.get(&(tree, word)) {
            return Ok(known.clone());
        }
        let paths = self.paths(source, tree)?;
        let mut found = Vec::new();
        for id in self.holders(word) {
            found.extend(paths.get(id).into_iter().flatten().map(|path| (path.clone(), *id)));
        }
        found.sort();
        let found: Hits = found.into();
        if self.answers.len() >= MANY_ANSWERS {
            self.answers.clear();
        }
        self.answers.insert((tree, word), found.clone());
        Ok(found)
    }

    /// Returns where each file of a tree stands, and learns the words of those that are new.
    fn paths(&mut self, source: Source<'_>, tree: ObjectId) -> Result<Paths, PairError> {
        if let Some(known) = self.trees.get(&tree) {
            return Ok(known.clone());
        }
        let Source { ground, folders, bank, is_wanted } = source;
        let mut paths: HashMap<ObjectId, Vec<String>> = HashMap::new();
        folders.walk(ground, tree, &mut |path, entry| {
            if is_wanted(path) {
                paths.entry(entry.id).or_default().push(path.to_owned());
            }
        })?;
        let fresh: Vec<ObjectId> = paths.keys().filter(|id| !self.enrolled.contains(*id)).copied().collect();
        bank.recall_words(&fresh);
        for id in fresh {
            self.files.push(id, bank.words(ground, id)?);
            self.enrolled.insert(id);
        }
        if self.trees.len() >= MANY_TREES {
            self.trees.clear();
        }
        let paths = Arc::new(paths);
        self.trees.insert(tree, paths.clone());
        Ok(paths)
    }

    /// Returns the files that hold a word, of whatever tree.
    fn holders(&mut self, word: u32) -> &[ObjectId] {
        let (n_seen, holders) = self.holders.entry(word).or_default();
        holders.extend(self.files.holders(word, *n_seen));
        *n_seen = self.files.n_files();
        holders
    }
}
