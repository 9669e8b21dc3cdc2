//! The private bare repository that holds the coordination branch and nothing else.
//!
//! It is disposable: deleting it costs one fetch. Nothing of the user's repository is touched.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::app::ports::StoreError;
use crate::git::user_repo::MAX_PACKS;
use crate::plant::steps;

/// How wide a hint is at least, in bytes.
const HINT_WIDTH: usize = 256;

/// Makes sure that the repository at `path` is there, and opens it.
pub fn open(path: &Path, object_format: &str) -> Result<gix::ThreadSafeRepository, StoreError> {
    let fault = |doing: &'static str, err: &dyn std::fmt::Display| StoreError::Cache {
        doing: doing.into(),
        path: path.to_owned(),
        detail: err.to_string(),
    };
    if !path.join("HEAD").is_file() {
        create(path, object_format).map_err(|err| fault("create", &err))?;
    }
    gix::ThreadSafeRepository::open_opts(path, lasting()).map_err(|err| fault("read", &err))
}

/// Returns how a repository is opened by a process that may stay for weeks.
///
/// A fetch into a shallow repository leaves a pack. By default there is room for a tenth more packs than
/// there are at the start, or 32; after that every read fails: "The object database has too few index
/// slots".
pub(super) fn lasting() -> gix::open::Options {
    let slots = gix::odb::store::init::Slots::Given(MAX_PACKS);
    gix::open::Options::isolated().open_path_as_is(true).object_store_slots(slots)
}

/// Creates the repository beside its place and moves it there, so that it is never half made.
fn create(path: &Path, object_format: &str) -> io::Result<()> {
    let fresh = beside(path);
    for folder in ["objects/info", "objects/pack", "refs/heads", "info"] {
        fs::create_dir_all(fresh.join(folder))?;
    }
    fs::write(fresh.join("config"), render_config(object_format))?;
    // The branch HEAD names never exists: nothing is ever checked out here.
    fs::write(fresh.join("HEAD"), "ref: refs/heads/none\n")?;
    steps::try_pass("cache made")?;
    match fs::rename(&fresh, path) {
        Ok(()) => Ok(()),
        // Another process made it in the meantime, and its one is as good.
        Err(_) if path.join("HEAD").is_file() => fs::remove_dir_all(&fresh),
        Err(err) => Err(err),
    }
}

/// Replaces a file's content in one step.
pub fn write_atomic(path: &Path, content: &[u8]) -> io::Result<()> {
    let fresh = beside(path);
    let written =
        write(&fresh, content).and_then(|()| steps::beside(path)).and_then(|()| fs::rename(&fresh, path));
    match &written {
        Ok(()) => steps::replaced(path),
        // What did not get to its place helps nobody.
        Err(_) => drop(fs::remove_file(&fresh)),
    }
    written
}

/// Writes a hint: a small file that may be torn, since whoever reads it takes what it cannot read for no hint,
/// and a wrong one costs no more than time.
///
/// It is written over the last one, with blanks behind it. Putting another file in a file's place is many times
/// slower where that waits for the disk.
pub(super) fn write_hint(path: &Path, text: &[u8]) -> io::Result<()> {
    let mut line = text.to_vec();
    line.resize(line.len().max(HINT_WIDTH), b' ');
    let mut file = fs::File::options().create(true).truncate(false).write(true).open(path)?;
    if file.metadata()?.len() > line.len() as u64 {
        return write_atomic(path, text);
    }
    file.write_all(&line)?;
    steps::replaced(path);
    Ok(())
}

fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    fs::File::create(path)?.write_all(content)
}

/// Returns a new name in the same folder, which no other process uses.
pub(super) fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}-{:08x}", std::process::id(), fastrand::u32(..)));
    path.with_file_name(name)
}

fn render_config(object_format: &str) -> String {
    let sha1 = "[core]\n\trepositoryformatversion = 0\n\tbare = true\n";
    let other = "[core]\n\trepositoryformatversion = 1\n\tbare = true\n[extensions]\n\tobjectformat = ";
    let head = if object_format == "sha1" { sha1.to_owned() } else { format!("{other}{object_format}\n") };
    head + "[gc]\n\tauto = 0\n[transfer]\n\tfsckObjects = true\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_replaces_a_longer_one_and_a_shorter_one() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("hint.json");
        for word in ["short", &"long".repeat(100), "short", "other"] {
            write_hint(&path, &serde_json::to_vec(word).unwrap()).unwrap();
            let read: String = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
            assert_eq!(read, word);
        }
    }

    #[test]
    fn two_openings_make_one_repository() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("board.git");
        for format in ["sha1", "sha1"] {
            assert!(open(&path, format).is_ok());
        }
        let names: Vec<_> =
            fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["board.git"]);
    }
}
