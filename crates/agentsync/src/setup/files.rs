//! Reads and writes files of a work tree, and what is kept for it in its git folder.
//!
//! No link is followed out of the work tree, and every file is replaced in one step.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use crate::app::init::git_hooks;
use crate::app::ports::WorkError;
use crate::app::ports::clone::{CloneFiles, FileWrite, FilesError, FoundFile};
use crate::git::user_repo::UserRepo;

/// The longest a local question to git may take.
const LOCAL_LIMIT: Duration = Duration::from_secs(30);
/// More links than this in a row are a circle.
const MAX_LINKS: usize = 40;

/// The files of one work tree.
#[derive(Debug)]
pub struct WorkTreeFiles {
    root: PathBuf,
    home: Option<PathBuf>,
    repo: UserRepo,
}

impl WorkTreeFiles {
    /// Opens the work tree of `repo`; `home` is the user's.
    pub fn open(repo: UserRepo, home: Option<PathBuf>) -> Result<WorkTreeFiles, WorkError> {
        match repo.work_dir.clone() {
            Some(root) => Ok(WorkTreeFiles { root, home, repo }),
            None => Err(WorkError::Repository {
                what: format!("`{}` has no work tree to set up", repo.git_dir.display()),
                fix: "run this in a clone that has files, not in a bare one".to_owned(),
            }),
        }
    }

    fn kept_path(&self, name: &str) -> PathBuf {
        self.repo.git_dir.join("agentsync").join(name)
    }

    /// Returns where a file really is, or would be.
    fn place(&self, path: &str) -> Result<PathBuf, FilesError> {
        if let Some(place) = self.hook_place(path) {
            return place;
        }
        let leaves = |target: PathBuf| FilesError::Leaves { path: path.to_owned(), target };
        let place = follow(&self.root.join(path)).map_err(|err| io_error("read", path, &err))?;
        let inside = place.strip_prefix(&self.root).map_err(|_| leaves(place.clone()))?;
        let is_git = inside.components().any(|part| part.as_os_str().eq_ignore_ascii_case(".git"));
        if is_git { Err(leaves(place)) } else { Ok(place) }
    }
}

impl WorkTreeFiles {
    /// Returns where one of git's hooks is, in the folder that all worktrees share; `None` for other paths.
    fn hook_place(&self, path: &str) -> Option<Result<PathBuf, FilesError>> {
        let name = path.strip_prefix(git_hooks::SHARED)?.strip_prefix('/')?;
        let place = self.repo.common_dir.join("hooks").join(name);
        let is_link = place.is_symlink() || self.repo.common_dir.join("hooks").is_symlink();
        Some(match git_hooks::HOOKS.contains(&name) && !is_link {
            true => Ok(place),
            false => Err(FilesError::Leaves { path: path.to_owned(), target: place }),
        })
    }
}

impl CloneFiles for WorkTreeFiles {
    fn read(&self, path: &str) -> Result<Option<FoundFile>, FilesError> {
        let place = self.place(path)?;
        let bytes = match fs::read(&place) {
            Ok(bytes) => bytes,
            Err(err) if err.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(err) => return Err(io_error("read", path, &err)),
        };
        let text = String::from_utf8(bytes).map_err(|_| FilesError::NotText { path: path.to_owned() })?;
        Ok(Some(FoundFile { text, place }))
    }

    fn has(&self, path: &str) -> bool {
        self.root.join(path).symlink_metadata().is_ok()
    }

    fn home_has(&self, path: &str) -> bool {
        self.home.as_ref().is_some_and(|home| home.join(path).symlink_metadata().is_ok())
    }

    fn write(&self, writes: &[FileWrite]) -> Result<(), FilesError> {
        let mut ready = Vec::new();
        for write in writes {
            match self.stage(write) {
                Ok(step) => ready.push((step, &write.path)),
                Err(err) => {
                    for (step, _) in ready {
                        step.drop_fresh();
                    }
                    return Err(err);
                }
            }
        }
        ready.into_iter().try_for_each(|(step, path)| step.take(path))
    }

    fn kept(&self, name: &str) -> Option<String> {
        let text = fs::read_to_string(self.kept_path(name)).ok()?;
        Some(text.trim_end().to_owned()).filter(|text| !text.is_empty())
    }

    fn keep(&self, name: &str, text: Option<&str>) -> Result<(), FilesError> {
        let path = self.kept_path(name);
        let result = match text {
            Some(text) => fresh_file(&path, text).and_then(|fresh| fs::rename(fresh, &path)),
            None => remove(&path),
        };
        result.map_err(|err| io_error("write", &path.display().to_string(), &err))
    }

    fn is_executable(&self, path: &str) -> bool {
        self.place(path).is_ok_and(|place| is_program(&place))
    }

    fn hooks_path(&self) -> Option<Result<String, String>> {
        let set = self.repo.gix().ok()?.config_snapshot().trusted_path("core.hooksPath").ok()??;
        let as_set = || set.display().to_string();
        let found = self.root.join(&set);
        let found = found.canonicalize().unwrap_or(found);
        if found == self.repo.common_dir.join("hooks") {
            return None;
        }
        let inside = found.strip_prefix(&self.root).ok().and_then(|path| path.to_str());
        let is_plain = |path: &&str| !path.is_empty() && !path.starts_with(".git/") && !path.contains("..");
        Some(inside.filter(is_plain).map(str::to_owned).ok_or_else(as_set))
    }

    fn remote_host(&self) -> Option<String> {
        self.repo.hosted().map(|hosted| hosted.host)
    }

    fn setting(&self, key: &str) -> Option<String> {
        let git = self.repo.git(LOCAL_LIMIT);
        let call = git.at(&self.repo.git_dir).args(["config", "--local", "--get", "--end-of-options", key]);
        let answer = call.run().and_then(crate::git::command::Output::success).ok()?;
        Some(answer.text().trim_end().to_owned())
    }

    fn set(&self, key: &str, value: Option<&str>) -> Result<(), WorkError> {
        let git = self.repo.git(LOCAL_LIMIT);
        let call = git.at(&self.repo.git_dir).args(["config", "--local"]);
        let call = match value {
            Some(value) => call.args(["--replace-all", "--end-of-options", key, value]),
            None => call.args(["--unset-all", "--end-of-options", key]),
        };
        let output = call.run().and_then(crate::git::command::Output::success);
        let failed = |err: crate::git::command::GitError| WorkError::Git {
            doing: "write its configuration",
            detail: err.to_string(),
        };
        output.map(|_| ()).map_err(failed)
    }
}

/// A file that is ready to take its place.
enum Step {
    /// New content lies beside the place.
    Replace { fresh: PathBuf, place: PathBuf },
    /// The file goes.
    Delete { place: PathBuf },
}

impl WorkTreeFiles {
    fn stage(&self, write: &FileWrite) -> Result<Step, FilesError> {
        let place = self.place(&write.path)?;
        if self.read(&write.path)?.map(|found| found.text) != write.before {
            return Err(FilesError::Changed { path: write.path.clone() });
        }
        let Some(text) = &write.after else { return Ok(Step::Delete { place }) };
        let fresh = fresh_file(&place, text).map_err(|err| io_error("write", &write.path, &err))?;
        Ok(Step::Replace { fresh, place })
    }
}

impl Step {
    fn take(self, path: &str) -> Result<(), FilesError> {
        match self {
            Step::Replace { fresh, place } => {
                fs::rename(fresh, place).map_err(|err| io_error("write", path, &err))
            }
            Step::Delete { place } => {
                remove(&place).map_err(|err| io_error("delete", path, &err))?;
                // The folder was made for the file, unless something else is in it.
                let is_gits = path.starts_with(git_hooks::SHARED);
                let folder = place.parent().filter(|_| path.contains('/') && !is_gits);
                let _ = folder.map(fs::remove_dir);
                Ok(())
            }
        }
    }

    fn drop_fresh(self) {
        if let Step::Replace { fresh, .. } = self {
            let _ = fs::remove_file(fresh);
        }
    }
}

/// Writes `text` beside `place`, with the permissions of the file it will replace.
fn fresh_file(place: &Path, text: &str) -> io::Result<PathBuf> {
    if let Some(folder) = place.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut name = OsString::from(".");
    name.push(place.file_name().unwrap_or_default());
    name.push(format!(".{}-{:08x}", std::process::id(), fastrand::u32(..)));
    let fresh = place.with_file_name(name);
    let written = fs::File::create_new(&fresh).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        match fs::metadata(place) {
            Ok(found) => file.set_permissions(found.permissions()),
            // A new script is there to be run.
            Err(_) if text.starts_with("#!") => make_program(&file),
            Err(_) => Ok(()),
        }
    });
    match written {
        Ok(()) => Ok(fresh),
        Err(err) => fs::remove_file(&fresh).and(Err(err)),
    }
}

#[cfg(unix)]
fn make_program(file: &fs::File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(fs::Permissions::from_mode(0o755))
}

/// Elsewhere git runs what its first line says.
#[cfg(not(unix))]
fn make_program(_: &fs::File) -> io::Result<()> {
    Ok(())
}

/// Tells whether git would run a file as a hook.
#[cfg(unix)]
pub fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata().is_ok_and(|found| found.permissions().mode() & 0o111 != 0)
}

/// Elsewhere git runs what its first line says.
#[cfg(not(unix))]
pub fn is_program(path: &Path) -> bool {
    path.exists()
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(err) if err.kind() != io::ErrorKind::NotFound => Err(err),
        _ => Ok(()),
    }
}

/// Follows symbolic links, also to a place where nothing is yet.
fn follow(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..MAX_LINKS {
        if let Ok(found) = path.canonicalize() {
            return Ok(found);
        }
        let parent = path.parent().unwrap_or(&path).to_owned();
        match fs::read_link(&path) {
            Ok(target) => path = parent.join(target),
            Err(_) => return missing(&path),
        }
    }
    Err(io::Error::other("too many symbolic links"))
}

/// Returns where a file that is not there would be: its nearest folder is real, the rest is new.
fn missing(path: &Path) -> io::Result<PathBuf> {
    let folder = path.ancestors().skip(1).find(|folder| folder.symlink_metadata().is_ok());
    let folder = folder.unwrap_or(Path::new("/"));
    let rest = path.strip_prefix(folder).unwrap_or(path);
    let is_plain = rest.components().all(|part| matches!(part, Component::Normal(_)));
    match is_plain {
        true => Ok(folder.canonicalize()?.join(rest)),
        false => Err(io::Error::other("the link leads through a folder that is not there")),
    }
}

fn io_error(doing: &'static str, path: &str, err: &io::Error) -> FilesError {
    FilesError::Io { doing, path: path.to_owned(), detail: err.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::command::Git;

    fn write(path: &str, before: Option<&str>, after: Option<&str>) -> FileWrite {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        FileWrite { path: path.to_owned(), before: owned(before), after: owned(after) }
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<String> = entries.map(|name| name.to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_that_changed_meanwhile_is_left_and_so_are_the_others() {
        let dir = tempfile::tempdir().unwrap();
        let git = Git { cwd: dir.path().to_owned(), limit: LOCAL_LIMIT };
        git.nowhere().args(["init", "--quiet"]).run().unwrap().success().unwrap();
        let repo = UserRepo::open(dir.path(), "origin").unwrap();
        let files = WorkTreeFiles::open(repo, None).unwrap();
        fs::write(dir.path().join("b"), "theirs").unwrap();
        let writes = [write("a", None, Some("new")), write("b", Some("mine"), Some("new"))];
        assert_eq!(files.write(&writes), Err(FilesError::Changed { path: "b".to_owned() }));
        assert_eq!(names(dir.path()), [".git", "b"]);
        let writes = [write("c/d", None, Some("new")), write("b", Some("theirs"), None)];
        assert_eq!(files.write(&writes), Ok(()));
        assert_eq!(names(dir.path()), [".git", "c"]);
        assert_eq!(files.write(&[write("c/d", Some("new"), None)]), Ok(()));
        assert_eq!(names(dir.path()), [".git"], "the folder was made for the file");
    }
}
