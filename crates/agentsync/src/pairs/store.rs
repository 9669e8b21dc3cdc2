//! What was learnt about files, kept between runs and shared by processes: folders of files that never change.
//!
//! Each process writes what it learnt into one new file, under a name of its own, and moves it into
//! place; readers see whole files only. So there is no lock, no daemon and nothing to repair: a file
//! that cannot be read is left alone, and what was in it is learnt again.

mod file;

use std::collections::HashMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use self::file::{At, Value};
use crate::clock::random_hex;

/// With this many files, the smaller half of them is joined into one.
const MANY: usize = 12;
/// The store starts anew when it has grown beyond this.
const LARGE: u64 = 1 << 30;
/// A file of which more than this part is wanted is read whole.
const MUCH: u64 = 16;
/// The longest key.
const KEY: usize = 80;

/// A map from short keys to bytes, on disk where there is a folder for it.
#[derive(Debug)]
pub struct Kept {
    dir: Option<PathBuf>,
    ending: &'static str,
    files: Vec<Option<(PathBuf, File)>>,
    /// The file in which a value stands, and where there.
    known: HashMap<Vec<u8>, (usize, At)>,
    fresh: HashMap<Vec<u8>, Vec<u8>>,
}

impl Kept {
    /// Opens what is kept in `dir` under `ending`; without a folder, or with one that cannot be used, it forgets.
    pub fn open(dir: Option<&Path>, ending: &'static str) -> Kept {
        Kept::open_bounded(dir, ending, LARGE)
    }

    /// Opens it as [`Self::open`], to begin anew beyond so many bytes.
    pub fn open_bounded(dir: Option<&Path>, ending: &'static str, large: u64) -> Kept {
        let dir = dir.filter(|dir| fs::create_dir_all(dir).is_ok()).map(Path::to_owned);
        let mut kept = Kept { dir, ending, files: Vec::new(), known: HashMap::new(), fresh: HashMap::new() };
        kept.load(large);
        kept
    }

    fn load(&mut self, large: u64) {
        let Some(entries) = self.dir.as_ref().and_then(|dir| fs::read_dir(dir).ok()) else { return };
        let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
        let is_ours = |path: &PathBuf| path.extension().is_some_and(|ending| ending == self.ending);
        let mut paths: Vec<PathBuf> = paths.filter(is_ours).collect();
        paths.sort();
        if paths.iter().map(|path| n_bytes(path)).sum::<u64>() > large {
            paths.drain(..).for_each(|path| drop(fs::remove_file(path)));
        }
        for path in paths {
            self.add(&path);
        }
    }

    /// Takes a file in.
    fn add(&mut self, path: &Path) {
        if let Some((file, index)) = file::open(path) {
            let nth = self.files.len();
            self.known.extend(index.into_iter().map(|(key, at)| (key, (nth, at))));
            self.files.push(Some((path.to_owned(), file)));
        }
    }

    /// Returns a value.
    pub fn get(&mut self, key: &[u8]) -> Option<Vec<u8>> {
        if let Some(value) = self.fresh.get(key) {
            return Some(value.clone());
        }
        let (nth, at) = *self.known.get(key)?;
        let (_, file) = self.files.get_mut(nth)?.as_mut()?;
        at.read(file)
    }

    /// Returns many values at once: a file of which much is wanted is read from end to end.
    pub fn get_many<'k>(&mut self, keys: impl IntoIterator<Item = &'k [u8]>) -> Vec<Option<Vec<u8>>> {
        let keys: Vec<&[u8]> = keys.into_iter().collect();
        let mut n_wanted = vec![0; self.files.len()];
        for (nth, at) in keys.iter().filter_map(|key| self.known.get(*key)) {
            if let Some(n_bytes) = n_wanted.get_mut(*nth) {
                *n_bytes += u64::from(at.len);
            }
        }
        let whole = |(file, n_wanted): (&Option<(PathBuf, File)>, u64)| {
            let (path, _) = file.as_ref()?;
            (n_bytes(path) / MUCH < n_wanted).then(|| fs::read(path).ok())?
        };
        let texts: Vec<Option<Vec<u8>>> = self.files.iter().zip(n_wanted).map(whole).collect();
        let mut get = |key: &[u8]| match self.known.get(key).filter(|_| !self.fresh.contains_key(key)) {
            Some((nth, at)) => match texts.get(*nth) {
                Some(Some(text)) => at.of(text),
                _ => self.get(key),
            },
            None => self.get(key),
        };
        keys.into_iter().map(&mut get).collect()
    }

    /// Learns a value.
    pub fn put(&mut self, key: Vec<u8>, value: Vec<u8>) {
        if key.len() <= KEY {
            self.fresh.insert(key, value);
        }
    }

    /// Writes what was learnt. What cannot be written is learnt again when it is needed.
    pub fn flush(&mut self) {
        if let Some(dir) = self.dir.clone().filter(|_| !self.fresh.is_empty()) {
            self.write(&dir.join(format!("{}.{}", random_hex::<8>(), self.ending)));
        }
        self.fresh.clear();
    }

    fn write(&mut self, path: &Path) {
        let olds = self.small_files();
        if file::write(path, &self.joined(&olds)).is_ok() {
            for (old, _) in olds.iter().filter_map(|nth| self.files.get_mut(*nth)?.take()) {
                drop(fs::remove_file(old));
            }
            self.add(path);
        }
    }

    /// Returns the smaller half of the files where there are many: those that are large are seldom written again.
    fn small_files(&self) -> Vec<usize> {
        let mut files: Vec<(u64, usize)> = (self.files.iter().enumerate())
            .filter_map(|(nth, file)| Some((n_bytes(&file.as_ref()?.0), nth)))
            .collect();
        files.sort_unstable();
        files.truncate(if files.len() < MANY { 0 } else { MANY / 2 });
        files.into_iter().map(|(_, nth)| nth).collect()
    }

    /// Returns what is fresh and what some files hold, in the order in which it stands there.
    fn joined<'a>(&'a self, olds: &[usize]) -> Vec<(&'a [u8], Value<'a>)> {
        let is_old = |key: &Vec<u8>, nth: usize| olds.contains(&nth) && !self.fresh.contains_key(key);
        let kept = self.known.iter().filter(|(key, (nth, _))| is_old(key, *nth));
        let mut kept: Vec<_> = kept.map(|(key, (nth, at))| (*nth, at.offset, key, *at)).collect();
        kept.sort_unstable_by_key(|(nth, offset, ..)| (*nth, *offset));
        let value = |(nth, _, key, at): (usize, u64, &'a Vec<u8>, At)| {
            let (_, file) = self.files.get(nth)?.as_ref()?;
            Some((key.as_slice(), Value::Kept(file, at)))
        };
        let fresh = self.fresh.iter().map(|(key, value)| (key.as_slice(), Value::Fresh(value)));
        fresh.chain(kept.into_iter().filter_map(value)).collect()
    }
}

fn n_bytes(path: &Path) -> u64 {
    path.metadata().map_or(0, |file| file.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(kept: &mut Kept, key: &str, value: &str) {
        kept.put(key.as_bytes().to_vec(), value.as_bytes().to_vec());
    }

    #[test]
    fn what_one_run_learns_the_next_one_knows() {
        let dir = tempfile::tempdir().unwrap();
        let mut first = Kept::open(Some(dir.path()), "words");
        put(&mut first, "a", "one");
        assert_eq!(first.get(b"a").unwrap(), b"one");
        first.flush();
        put(&mut first, "b", "two");
        first.flush();
        let mut second = Kept::open(Some(dir.path()), "words");
        assert_eq!(second.get(b"a").unwrap(), b"one");
        assert_eq!(second.get(b"b").unwrap(), b"two");
        assert_eq!(Kept::open(Some(dir.path()), "facts").get(b"a"), None);
    }

    #[test]
    fn many_at_once_are_what_each_alone_is() {
        let dir = tempfile::tempdir().unwrap();
        let large = "x".repeat(10_000);
        for (key, value) in [("small", "one"), ("large", &large), ("empty", "")] {
            let mut kept = Kept::open(Some(dir.path()), "words");
            put(&mut kept, key, value);
            put(&mut kept, &format!("beside {key}"), &large);
            kept.flush();
        }
        let mut kept = Kept::open(Some(dir.path()), "words");
        put(&mut kept, "fresh", "new");
        let keys = ["fresh", "small", "nowhere", "large", "empty", "small"];
        let found = kept.get_many(keys.map(str::as_bytes));
        assert_eq!(found, keys.map(|key| kept.get(key.as_bytes())));
        assert_eq!(found.iter().flatten().map(Vec::len).collect::<Vec<_>>(), [3, 3, 10_000, 0, 3]);
    }

    #[test]
    fn many_files_become_one() {
        let dir = tempfile::tempdir().unwrap();
        for n in 0..20 {
            let mut kept = Kept::open(Some(dir.path()), "words");
            put(&mut kept, &format!("key{n}"), &format!("value{n}"));
            kept.flush();
        }
        let mut kept = Kept::open(Some(dir.path()), "words");
        assert_eq!(kept.known.len(), 20);
        assert_eq!(kept.get(b"key3").unwrap(), b"value3");
        assert!(fs::read_dir(dir.path()).unwrap().count() <= MANY);
    }

    #[test]
    fn a_damaged_file_is_as_good_as_none() {
        let dir = tempfile::tempdir().unwrap();
        let mut kept = Kept::open(Some(dir.path()), "words");
        put(&mut kept, "a", "one");
        kept.flush();
        let path = fs::read_dir(dir.path()).unwrap().next().unwrap().unwrap().path();
        let mut text = fs::read(&path).unwrap();
        *text.last_mut().unwrap() ^= 1;
        fs::write(&path, &text).unwrap();
        assert_eq!(Kept::open(Some(dir.path()), "words").get(b"a"), None);
        fs::write(&path, text.get(..text.len() - 1).unwrap()).unwrap();
        assert_eq!(Kept::open(Some(dir.path()), "words").get(b"a"), None);
    }
}
