//! One pair: its merge, the facts of what changed, and answers about the whole trees.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;

use agentsync_core::facts::{Facts, Language};
use agentsync_core::semantic::{Added, Changed, Delta, Found, Naming, Silence, Trees, Version, family};
use agentsync_symbols::{is_supported, language_of};
use gix::ObjectId;

use super::attributes::{self, Attributes};
use super::bank::Bank;
use super::folders::{Blob, Folders, Kind};
use super::ground::{Ground, MergedTree};
use super::index::{Hits, Index, Source};
use super::merge::{Merged, Path4, Sides, merge, needs_git};
use super::verdicts::Verdicts;
use super::{left_out, settings, words};
use crate::app::check_pairs::Judged;
use crate::app::ports::{Pair, PairError, Pairs, WorkError};
use crate::git::user_repo::UserRepo;

/// The project's own settings, committed.
const SETTINGS: &str = ".agentsync.toml";
/// A name that stands in more files than this is not looked into any further.
const MANY: usize = 60;
/// The largest number of changed files that are read; merges of more are landslides.
const LANDSLIDE: usize = 4_000;

/// Compares commits of one repository.
pub struct GitPairs {
    ground: Ground,
    folders: RefCell<Folders>,
    bank: RefCell<Bank>,
    index: RefCell<Index>,
    verdicts: RefCell<Verdicts>,
    /// What git said of pairs that were announced.
    merges: RefCell<HashMap<(ObjectId, ObjectId), MergedTree>>,
}

impl GitPairs {
    /// Opens a repository for comparing; what is learnt of its files is kept in `dir`.
    pub fn open(user: UserRepo, dir: Option<&Path>) -> Result<GitPairs, WorkError> {
        let ground = Ground::open(user)?;
        Ok(GitPairs {
            ground,
            folders: RefCell::default(),
            bank: RefCell::new(Bank::open(dir)),
            index: RefCell::default(),
            verdicts: RefCell::new(Verdicts::open(dir)),
            merges: RefCell::default(),
        })
    }

    /// Finds where two revisions parted, and the trees of all three.
    fn sides(&self, left: &str, right: &str) -> Result<(Sides, ObjectId), PairError> {
        let left = self.ground.commit(left)?;
        let right = self.ground.commit(right)?;
        let bases = self.ground.merge_bases(left, right)?;
        let sides = Sides {
            base: self.ground.base_tree(&bases)?,
            left: (left, self.ground.tree_of(left)?),
            right: (right, self.ground.tree_of(right)?),
        };
        Ok((sides, bases.first().copied().unwrap_or(left)))
    }

    /// Returns the pairs that git has to be asked about, by all that their left sides tell it about paths.
    fn unmerged(&self, pairs: &[(String, String)]) -> BTreeMap<u64, Vec<(ObjectId, ObjectId)>> {
        let mut by_attributes: BTreeMap<u64, Vec<_>> = BTreeMap::new();
        let mut folders = self.folders.borrow_mut();
        for (left, right) in pairs {
            let Ok((sides, _)) = self.sides(left, right) else { continue };
            if !needs_git(&self.ground, &mut folders, &sides).unwrap_or(false) {
                continue;
            }
            if let Ok(attributes) = folders.attributes(&self.ground, sides.left.1) {
                by_attributes.entry(attributes).or_default().push((sides.left.0, sides.right.0));
            }
        }
        by_attributes
    }
}

impl Pairs for GitPairs {
    fn compare<'a>(&'a self, left: &str, right: &str) -> Result<Box<dyn Pair + 'a>, PairError> {
        let (sides, base) = self.sides(left, right)?;
        let (left, right) = (sides.left.0, sides.right.0);
        let known = self.merges.borrow_mut().remove(&(left, right));
        let merged = merge(&self.ground, &mut self.folders.borrow_mut(), &sides, known)?;
        let n_before = self.bank.borrow().n_parsed;
        let mut pair = GitPair {
            pairs: self,
            commits: [base, left, right],
            sides,
            merged,
            delta: Delta::default(),
            left_out: Vec::new(),
            n_before,
            hit: RefCell::default(),
            fault: Cell::new(false),
        };
        pair.read();
        Ok(Box::new(pair))
    }

    fn announce(&self, pairs: &[(String, String)]) {
        for group in self.unmerged(pairs).into_values() {
            let answers = self.ground.merge_trees(&group);
            let known = group.into_iter().zip(answers).filter_map(|(pair, merged)| Some((pair, merged?)));
            self.merges.borrow_mut().extend(known);
        }
    }

    fn remembered(&self, left: &str, right: &str) -> Option<Judged> {
        self.verdicts.borrow_mut().of(left, right)
    }

    fn remember(&self, left: &str, right: &str, judged: &Judged) {
        let id = |commit: &str| ObjectId::from_hex(commit.as_bytes());
        if let (Ok(left), Ok(right)) = (id(left), id(right)) {
            self.verdicts.borrow_mut().put(left, right, judged);
        }
    }

    fn join(&self, left: &str, right: &str) -> Result<String, PairError> {
        self.ground.join(left, right)
    }

    fn keep(&self) {
        self.bank.borrow_mut().flush();
        self.verdicts.borrow_mut().flush();
    }
}

/// Two commits side by side.
struct GitPair<'a> {
    pairs: &'a GitPairs,
    commits: [ObjectId; 3],
    sides: Sides,
    merged: Merged,
    delta: Delta,
    left_out: Vec<(String, String)>,
    n_before: u32,
    hit: RefCell<BTreeMap<(Version, u32), Arc<Naming>>>,
    fault: Cell<bool>,
}

impl GitPair<'_> {
    /// Reads the facts of all that changed.
    fn read(&mut self) {
        if self.merged.paths.len() > LANDSLIDE {
            self.left_out.push((String::new(), "too many changed files".to_owned()));
        }
        let mut attributes = self.attributes();
        for path in self.merged.paths.iter().take(LANDSLIDE) {
            let told = attributes.as_mut().map(|known| known.told(&path.path)).unwrap_or_default();
            self.delta.added.extend(added(path));
            let Some(language) = language_of_path(&path.path) else { continue };
            if let Some(why) = left_out::by_path(&path.path, language, told) {
                self.left_out.push((path.path.clone(), why.to_owned()));
                continue;
            }
            let Ok(changed) = self.changed(path, language) else {
                self.fault.set(true);
                continue;
            };
            if let Some(why) = left_out::by_facts(&changed, told) {
                self.left_out.push((path.path.clone(), why.to_owned()));
                continue;
            }
            self.delta.files.push(changed);
        }
        self.pairs.bank.borrow_mut().flush_some();
    }

    /// Reads what the merged tree says of the paths that changed: the files in their folders, and those above.
    fn attributes(&self) -> Option<Attributes> {
        let mut folders = BTreeSet::from([""]);
        for path in self.merged.paths.iter().take(LANDSLIDE) {
            folders.extend(path.path.match_indices('/').filter_map(|(at, _)| path.path.get(..at)));
        }
        // In this order a folder comes before those below it.
        let read = |folder: &str| {
            let path = if folder.is_empty() {
                attributes::NAME.to_owned()
            } else {
                format!("{folder}/{}", attributes::NAME)
            };
            let (id, kind) = self.blob_at(Version::Merged, &path)?;
            let text = self.pairs.ground.blob(id, attributes::LARGE).ok()??;
            (kind == Kind::File).then_some((folder.to_owned(), text))
        };
        let files: Vec<_> = folders.into_iter().filter_map(read).collect();
        Attributes::read(&files)
    }

    /// Returns what stands at a path in a version.
    fn blob_at(&self, version: Version, path: &str) -> Option<Blob> {
        if let Some(known) = self.changed_path(path) {
            return at(known, version);
        }
        let mut folders = self.pairs.folders.borrow_mut();
        let found = folders.find(&self.pairs.ground, self.tree(version), path).ok()??;
        Some((found.id, found.kind))
    }

    fn changed(&self, path: &Path4, language: Language) -> Result<Changed, PairError> {
        let at = |blob| self.read_facts(blob, language);
        Ok(Changed {
            path: path.path.clone(),
            language,
            base: at(path.base)?,
            left: at(path.left)?,
            right: at(path.right)?,
            merged: if path.is_conflicted { None } else { at(path.merged)? },
            left_changed: path.base != path.left,
            right_changed: path.base != path.right,
            is_conflicted: path.is_conflicted,
        })
    }

    fn read_facts(&self, blob: Option<Blob>, language: Language) -> Result<Option<Arc<Facts>>, PairError> {
        let Some((id, Kind::File)) = blob else { return Ok(None) };
        let mut bank = self.pairs.bank.borrow_mut();
        bank.facts(&self.pairs.ground, id, language).map(Some)
    }

    /// Returns the files of the tree where the sides parted that hold a word.
    fn hits(&self, word: u32) -> Result<Hits, PairError> {
        let source = Source {
            ground: &self.pairs.ground,
            folders: &mut self.pairs.folders.borrow_mut(),
            bank: &mut self.pairs.bank.borrow_mut(),
            is_wanted: is_code,
        };
        self.pairs.index.borrow_mut().find(source, self.sides.base, word)
    }

    fn search(&self, version: Version, name: &str, word: u32) -> Result<Naming, PairError> {
        let mut naming = Naming::default();
        let hits = self.hits(word)?;
        let mut unchanged = hits.iter().filter(|(path, _)| self.changed_path(path).is_none());
        for (path, id) in unchanged.by_ref().take(MANY) {
            self.look(&mut naming, path, Some((*id, Kind::File)), (name, word))?;
        }
        naming.is_cut = unchanged.next().is_some();
        for path in &self.merged.paths {
            self.look(&mut naming, &path.path, at(path, version), (name, word))?;
        }
        Ok(naming)
    }

    /// Returns what became of a path that a side changed.
    fn changed_path(&self, path: &str) -> Option<&Path4> {
        let at = self.merged.paths.binary_search_by(|known| known.path.as_str().cmp(path)).ok()?;
        self.merged.paths.get(at)
    }

    fn search_once(&self, version: Version, name: &str, word: u32) -> Arc<Naming> {
        if let Some(known) = self.hit.borrow().get(&(version, word)) {
            return known.clone();
        }
        // What cannot be read might hold anything: then nothing is sure.
        let found = self.search(version, name, word).unwrap_or_else(|_| {
            self.fault.set(true);
            Naming { is_cut: true, ..Naming::default() }
        });
        let found = Arc::new(found);
        self.hit.borrow_mut().insert((version, word), found.clone());
        found
    }

    fn look(
        &self,
        naming: &mut Naming,
        path: &str,
        blob: Option<Blob>,
        (name, word): (&str, u32),
    ) -> Result<(), PairError> {
        let Some(blob) = blob.filter(|(_, kind)| *kind == Kind::File) else { return Ok(()) };
        let Some(language) = language_of_path(path) else {
            if is_code(path) && self.has_word(blob.0, word)? {
                naming.unread.push(path.to_owned());
            }
            return Ok(());
        };
        let Some(facts) = self.read_facts(Some(blob), language)? else { return Ok(()) };
        if facts.mentions.contains_key(name) || facts.quoted.contains_key(name) {
            naming.files.push(Found { path: path.to_owned(), family: family(language), language, facts });
        }
        Ok(())
    }

    fn has_word(&self, id: ObjectId, word: u32) -> Result<bool, PairError> {
        let mut bank = self.pairs.bank.borrow_mut();
        Ok(bank.words(&self.pairs.ground, id)?.has(word))
    }

    fn tree(&self, version: Version) -> ObjectId {
        match version {
            Version::Base | Version::Merged => self.sides.base,
            Version::Left => self.sides.left.1,
            Version::Right => self.sides.right.1,
        }
    }
}

impl Trees for GitPair<'_> {
    fn naming(&self, version: Version, name: &str) -> Arc<Naming> {
        self.search_once(version, name, words::hash(name.as_bytes()))
    }

    fn types(&self, version: Version, name: &str) -> Arc<Naming> {
        self.search_once(version, name, words::hash_of_type(name.as_bytes()))
    }

    fn facts(&self, version: Version, path: &str) -> Option<Arc<Facts>> {
        self.read_facts(self.blob_at(version, path), language_of_path(path)?).ok()?
    }

    fn has_path(&self, version: Version, path: &str) -> bool {
        if let Some(known) = self.changed_path(path) {
            return at(known, version).is_some();
        }
        let has = |tree| {
            let mut folders = self.pairs.folders.borrow_mut();
            matches!(folders.find(&self.pairs.ground, tree, path), Ok(Some(_)))
        };
        if version != Version::Merged {
            return has(self.tree(version));
        }
        // A file that neither side changed, or a folder: one that a side emptied holds what the other put there.
        let below = format!("{path}/");
        let is_below = |known: &Path4| known.path.starts_with(&below) && at(known, version).is_some();
        (has(self.sides.left.1) && has(self.sides.right.1)) || self.merged.paths.iter().any(is_below)
    }
}

impl Pair for GitPair<'_> {
    fn commit(&self, version: Version) -> Option<String> {
        let [base, left, right] = &self.commits;
        match version {
            Version::Base => Some(base.to_string()),
            Version::Left => Some(left.to_string()),
            Version::Right => Some(right.to_string()),
            Version::Merged => None,
        }
    }

    fn conflicts(&self) -> Vec<String> {
        self.merged.conflicts.iter().cloned().collect()
    }

    fn delta(&self) -> &Delta {
        &self.delta
    }

    fn trees(&self) -> &dyn Trees {
        self
    }

    fn line(&self, version: Version, path: &str, line: u32) -> Option<String> {
        let (id, _) = self.blob_at(version, path)?;
        let text = self.pairs.ground.blob(id, 1 << 24).ok()??;
        let nth = usize::try_from(line).ok()?.checked_sub(1)?;
        let line = text.split(|byte| *byte == b'\n').nth(nth)?;
        Some(String::from_utf8_lossy(line).trim().chars().take(160).collect())
    }

    fn n_changed(&self) -> (usize, usize) {
        let n = |pick: fn(&Path4) -> Option<Blob>| {
            self.merged.paths.iter().filter(|path| pick(path) != path.base).count()
        };
        (n(|path| path.left), n(|path| path.right))
    }

    fn n_parsed(&self) -> u32 {
        self.pairs.bank.borrow().n_parsed.saturating_sub(self.n_before)
    }

    fn left_out(&self) -> Vec<(String, String)> {
        let mut all = self.left_out.clone();
        if self.fault.get() {
            all.push((String::new(), "an object cannot be read".to_owned()));
        }
        all
    }

    fn is_lasting(&self) -> bool {
        !self.fault.get() && !self.pairs.ground.is_shallow()
    }

    fn silenced(&self) -> Vec<Silence> {
        let of = |tree| {
            let mut folders = self.pairs.folders.borrow_mut();
            let found = folders.find(&self.pairs.ground, tree, SETTINGS).ok()??;
            let text = self.pairs.ground.blob(found.id, 1 << 20).ok()??;
            Some(settings::silences(&String::from_utf8_lossy(&text)))
        };
        [self.sides.left.1, self.sides.right.1].into_iter().filter_map(of).flatten().collect()
    }
}

fn at(path: &Path4, version: Version) -> Option<Blob> {
    match version {
        Version::Base => path.base,
        Version::Left => path.left,
        Version::Right => path.right,
        // Where the text conflicts either side may win.
        Version::Merged if path.is_conflicted => path.left.or(path.right),
        Version::Merged => path.merged,
    }
}

/// Returns what one side alone added, and the merge kept.
fn added(path: &Path4) -> Option<Added> {
    let side = match (path.base, path.left, path.right, path.merged) {
        (None, Some(_), None, Some(_)) => Version::Left,
        (None, None, Some(_), Some(_)) => Version::Right,
        _ => return None,
    };
    Some(Added { path: path.path.clone(), side })
}

/// Returns the language of a path whose files are parsed here.
fn language_of_path(path: &str) -> Option<Language> {
    language_of(path, b"").filter(|language| is_supported(*language))
}

/// Tells whether a file may use names of code: sources in whatever language, and build files beside them.
fn is_code(path: &str) -> bool {
    const ENDINGS: [&str; 14] = [
        "groovy", "gradle", "clj", "vue", "svelte", "astro", "erb", "jsp", "proto", "g4", "pyx", "ipynb",
        "m", "mm",
    ];
    language_of(path, b"")
        .is_some_and(|language| !matches!(language, Language::Json | Language::Yaml | Language::Toml))
        || path.rsplit_once('.').is_some_and(|(_, ending)| ENDINGS.contains(&ending))
}
