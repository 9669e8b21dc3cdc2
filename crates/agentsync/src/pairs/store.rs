//! What was learnt about files, kept between runs and shared by processes: folders of files that never change.
//!
//! Each process writes what it learnt into one new file, under a name of its own, and moves it into
//! place; readers see whole files only. So there is no lock, no daemon and nothing to repair: a file
//! that cannot be read is left alone, and what was in it is learnt again.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use crate::clock::random_hex;

/// The first bytes of each file. A different way to write them gets a different number.
const MAGIC: &[u8; 16] = b"agentsync-kept3\n";
/// With this many files, they are joined into one.
const MANY: usize = 12;
/// The store starts anew when it has grown beyond this.
const LARGE: u64 = 1 << 30;
/// A file of which more than this part is wanted is read whole.
const MUCH: u64 = 16;
/// The longest key.
const KEY: usize = 80;

/// Where a value stands.
#[derive(Debug, Clone, Copy)]
struct At {
    file: usize,
    offset: u64,
    len: u32,
    check: u32,
}

impl At {
    /// Returns the value, of its file's text.
    fn of(&self, text: &[u8]) -> Option<Vec<u8>> {
        let from = usize::try_from(self.offset).ok()?;
        let value = text.get(from..from.checked_add(usize::try_from(self.len).ok()?)?)?;
        (check(value) == self.check).then(|| value.to_vec())
    }
}

/// A map from short keys to bytes, on disk where there is a folder for it.
#[derive(Debug)]
pub struct Kept {
    dir: Option<PathBuf>,
    ending: &'static str,
    files: Vec<(PathBuf, File)>,
    known: HashMap<Vec<u8>, At>,
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
        let n_bytes: u64 = paths.iter().filter_map(|path| Some(path.metadata().ok()?.len())).sum();
        if n_bytes > large {
            paths.drain(..).for_each(|path| drop(fs::remove_file(path)));
        }
        for path in paths {
            if let Some((file, index)) = read_index(&path) {
                let n_files = self.files.len();
                self.known.extend(index.into_iter().map(|(key, at)| (key, At { file: n_files, ..at })));
                self.files.push((path, file));
            }
        }
    }

    /// Returns a value.
    pub fn get(&mut self, key: &[u8]) -> Option<Vec<u8>> {
        if let Some(value) = self.fresh.get(key) {
            return Some(value.clone());
        }
        let at = *self.known.get(key)?;
        self.read(at)
    }

    fn read(&mut self, at: At) -> Option<Vec<u8>> {
        let (_, file) = self.files.get_mut(at.file)?;
        file.seek(SeekFrom::Start(at.offset)).ok()?;
        let mut value = vec![0; usize::try_from(at.len).ok()?];
        file.read_exact(&mut value).ok()?;
        (check(&value) == at.check).then_some(value)
    }

    /// Returns many values at once: a file of which much is wanted is read from end to end.
    pub fn get_many<'k>(&mut self, keys: impl IntoIterator<Item = &'k [u8]>) -> Vec<Option<Vec<u8>>> {
        let keys: Vec<&[u8]> = keys.into_iter().collect();
        let mut n_wanted = vec![0; self.files.len()];
        for at in keys.iter().filter_map(|key| self.known.get(*key)) {
            if let Some(n_bytes) = n_wanted.get_mut(at.file) {
                *n_bytes += u64::from(at.len);
            }
        }
        let is_much =
            |path: &Path, n_bytes: u64| path.metadata().is_ok_and(|file| file.len() / MUCH < n_bytes);
        let texts: Vec<Option<Vec<u8>>> = (self.files.iter().zip(n_wanted))
            .map(|((path, _), n_bytes)| is_much(path, n_bytes).then(|| fs::read(path).ok()).flatten())
            .collect();
        let mut get = |key: &[u8]| match (self.fresh.contains_key(key), self.known.get(key)) {
            (false, Some(at)) => match texts.get(at.file) {
                Some(Some(text)) => at.of(text),
                _ => self.get(key),
            },
            _ => self.get(key),
        };
        keys.into_iter().map(&mut get).collect()
    }

    /// Returns all that was kept before this run, reading each file once from end to end.
    fn all(&mut self) -> Vec<(Vec<u8>, Vec<u8>)> {
        let texts: Vec<Vec<u8>> =
            self.files.iter().map(|(path, _)| fs::read(path).unwrap_or_default()).collect();
        let value = |at: &At| at.of(texts.get(at.file)?);
        self.known.iter().filter_map(|(key, at)| Some((key.clone(), value(at)?))).collect()
    }

    /// Learns a value.
    pub fn put(&mut self, key: Vec<u8>, value: Vec<u8>) {
        if key.len() <= KEY {
            self.fresh.insert(key, value);
        }
    }

    /// Writes what was learnt. What cannot be written is learnt again next time.
    pub fn flush(&mut self) {
        if self.fresh.is_empty() {
            return;
        }
        let Some(dir) = self.dir.clone() else { return };
        let mut olds = Vec::new();
        if self.files.len() >= MANY {
            let before = self.all();
            let fresh = &mut self.fresh;
            for (key, value) in before {
                fresh.entry(key).or_insert(value);
            }
            olds = self.files.drain(..).map(|(path, _)| path).collect();
            self.known.clear();
        }
        let path = dir.join(format!("{}.{}", random_hex::<8>(), self.ending));
        if write_file(&path, &self.fresh).is_ok() {
            for old in olds {
                drop(fs::remove_file(old));
            }
            if let Some((file, index)) = read_index(&path) {
                let n_files = self.files.len();
                self.known.extend(index.into_iter().map(|(key, at)| (key, At { file: n_files, ..at })));
                self.files.push((path, file));
            }
        }
        self.fresh.clear();
    }
}

/// Writes the map: how many, then each key with its value's place, length and check, then the values.
fn write_file(path: &Path, values: &HashMap<Vec<u8>, Vec<u8>>) -> std::io::Result<()> {
    let mut head = MAGIC.to_vec();
    head.extend(u32::try_from(values.len()).unwrap_or(u32::MAX).to_le_bytes());
    let n_head: usize = values.keys().map(|key| 1 + key.len() + 16).sum::<usize>() + head.len();
    let mut offset = n_head as u64;
    for (key, value) in values {
        head.push(u8::try_from(key.len()).unwrap_or(u8::MAX));
        head.extend(key);
        head.extend(offset.to_le_bytes());
        head.extend(u32::try_from(value.len()).unwrap_or(u32::MAX).to_le_bytes());
        head.extend(check(value).to_le_bytes());
        offset += value.len() as u64;
    }
    let fresh = path.with_extension("part");
    let mut file = std::io::BufWriter::new(File::create(&fresh)?);
    file.write_all(&head)?;
    values.values().try_for_each(|value| file.write_all(value))?;
    file.into_inner().map_err(std::io::IntoInnerError::into_error)?;
    fs::rename(&fresh, path)
}

type Index = Vec<(Vec<u8>, At)>;

fn read_index(path: &Path) -> Option<(File, Index)> {
    let mut file = File::open(path).ok()?;
    let n_bytes = file.metadata().ok()?.len();
    let mut reader = std::io::BufReader::with_capacity(1 << 16, &mut file);
    let mut magic = [0; 16];
    reader.read_exact(&mut magic).ok()?;
    if &magic != MAGIC {
        return None;
    }
    let mut four = [0; 4];
    let mut eight = [0; 8];
    reader.read_exact(&mut four).ok()?;
    let n_values = u32::from_le_bytes(four);
    let mut index = Vec::new();
    for _ in 0..n_values {
        let mut len = [0];
        reader.read_exact(&mut len).ok()?;
        let mut key = vec![0; usize::from(*len.first()?)];
        reader.read_exact(&mut key).ok()?;
        reader.read_exact(&mut eight).ok()?;
        let offset = u64::from_le_bytes(eight);
        reader.read_exact(&mut four).ok()?;
        let len = u32::from_le_bytes(four);
        reader.read_exact(&mut four).ok()?;
        if offset.checked_add(u64::from(len))? > n_bytes {
            return None;
        }
        index.push((key, At { file: 0, offset, len, check: u32::from_le_bytes(four) }));
    }
    drop(reader);
    Some((file, index))
}

/// Returns a number that another value hardly has, eight bytes at a step.
fn check(value: &[u8]) -> u32 {
    let (words, rest) = value.as_chunks::<8>();
    let mut last = [0; 8];
    last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
    let words = words.iter().chain(std::iter::once(&last)).map(|word| u64::from_le_bytes(*word));
    let sum = words.fold(value.len() as u64, |sum, word| {
        (sum.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    });
    u32::try_from(sum >> 32).unwrap_or_default()
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
        assert_eq!(kept.all().len(), 20);
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
