//! Reads and writes the files, one step each.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::SetupError;

/// The root of a work tree.
#[derive(Debug, Clone)]
pub struct Folder {
    root: PathBuf,
}

impl Folder {
    /// Names the root of a work tree; links in its own path are resolved.
    pub fn at(root: &Path) -> Folder {
        Folder { root: root.canonicalize().unwrap_or_else(|_| root.to_owned()) }
    }

    /// Tells whether there is something of this name.
    pub fn has(&self, path: &str) -> bool {
        self.root.join(path).symlink_metadata().is_ok()
    }

    /// Returns a file's text; `None` when there is no such file.
    pub fn read(&self, path: &str) -> Result<Option<String>, SetupError> {
        let fault = |detail: String| SetupError::Io { doing: "read", path: path.to_owned(), detail };
        let place = self.place(path).map_err(fault)?;
        match fs::read(&place) {
            Ok(bytes) => String::from_utf8(bytes).map(Some).map_err(|_| fault("it is not UTF-8".to_owned())),
            Err(err) if err.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(err) => Err(fault(err.to_string())),
        }
    }

    /// Replaces a file's text, or deletes the file, and its folder when that is left empty.
    pub fn write(&self, path: &str, text: Option<&str>) -> Result<(), SetupError> {
        let fault = |detail: String| SetupError::Io { doing: "write", path: path.to_owned(), detail };
        let place = self.place(path).map_err(fault)?;
        let folder = place.parent().unwrap_or(&self.root);
        let Some(text) = text else {
            fs::remove_file(&place).map_err(|err| fault(err.to_string()))?;
            if folder != self.root {
                // A folder that holds something else stays.
                let _ = fs::remove_dir(folder);
            }
            return Ok(());
        };
        fs::create_dir_all(folder).map_err(|err| fault(err.to_string()))?;
        replace(&place, folder, text).map_err(|err| fault(err.to_string()))
    }

    /// Returns where a file really is. A link that leads out of the repository is not followed.
    fn place(&self, path: &str) -> Result<PathBuf, String> {
        let place = self.root.join(path);
        let folder = place.parent().unwrap_or(&self.root);
        let nearest = folder.ancestors().find(|folder| folder.exists()).unwrap_or(&self.root);
        let real = |path: &Path| path.canonicalize().map_err(|err| err.to_string());
        let stays = |real: &Path| real.starts_with(&self.root);
        if !stays(&real(nearest)?) {
            return Err("a link leads out of the repository".to_owned());
        }
        match place.symlink_metadata() {
            Ok(found) if found.is_symlink() => {
                let target = real(&place)?;
                if stays(&target) { Ok(target) } else { Err("it is a link out of the repository".to_owned()) }
            }
            Ok(_) | Err(_) => Ok(place),
        }
    }
}

/// Writes beside the file and moves it there, so that it is never half written; permissions stay.
fn replace(place: &Path, folder: &Path, text: &str) -> io::Result<()> {
    let mut fresh = tempfile::Builder::new().prefix(".agentsync-").tempfile_in(folder)?;
    fresh.write_all(text.as_bytes())?;
    let permissions = fs::metadata(place).map(|found| found.permissions());
    match permissions {
        Ok(permissions) => fresh.as_file().set_permissions(permissions)?,
        Err(_) => make_readable(fresh.as_file())?,
    }
    fresh.persist(place).map_err(|err| err.error).map(|_| ())
}

/// A temporary file is its owner's alone; a project's file is not.
#[cfg(unix)]
fn make_readable(file: &fs::File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn make_readable(_: &fs::File) -> io::Result<()> {
    Ok(())
}
