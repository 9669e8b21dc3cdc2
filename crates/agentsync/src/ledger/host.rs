//! What the processes of one user on one machine share about one remote board: a folder.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use agentsync_core::Timestamp;
use gix::ObjectId;

use super::handover::{self, Handover};
use super::turn;
use crate::app::ports::{Clock, NoTurn, Turn};
use crate::git::address::parse_hosted;

/// A folder of a board that nobody has written to for this long is removed.
const FORGOTTEN: Duration = Duration::from_secs(7 * 24 * 3600);

/// The shared folder of one remote board; without a place for it, nothing is shared.
#[derive(Debug)]
pub struct Host {
    dir: Option<PathBuf>,
}

impl Host {
    /// Finds or makes the folder for the board at `address` and `branch` below `root`.
    pub fn open(root: Option<&Path>, address: &str, branch: &str) -> Host {
        let dir = root.and_then(|root| make(root, &format!("{address} {branch}")).ok());
        Host { dir }
    }

    /// Shares nothing.
    pub fn alone() -> Host {
        Host { dir: None }
    }

    /// Waits for one's turn.
    pub fn take_turn(&self, clock: &Arc<dyn Clock>, patience: Duration) -> Box<dyn Turn> {
        let taken = self.dir.as_ref().and_then(|dir| turn::take(dir, clock, patience).ok());
        taken.map_or_else(|| Box::new(NoTurn) as Box<dyn Turn>, |ticket| Box::new(ticket))
    }

    /// Leaves the tip that was just pushed, and where its objects are.
    pub fn hand_over(&self, tip: ObjectId, cache: &Path, at: Timestamp) {
        if let Some(dir) = &self.dir {
            handover::leave(dir, tip, cache, at);
        }
    }

    /// Returns the tip that was last pushed from this machine.
    pub fn handed_over(&self) -> Option<(ObjectId, Handover)> {
        handover::look(self.dir.as_ref()?)
    }
}

/// Finds or makes the folder for all boards at one remote, by whichever of its addresses it is reached.
pub(super) fn folder_of_remote(root: Option<&Path>, address: &str) -> Option<PathBuf> {
    let what = match parse_hosted(address) {
        Some(hosted) => format!("remote {}/{}", hosted.host, hosted.slug),
        None => format!("remote {address}"),
    };
    make(root?, &what).ok()
}

fn make(root: &Path, what: &str) -> io::Result<PathBuf> {
    fs::create_dir_all(root)?;
    check_private(root)?;
    let name = gix::objs::compute_hash(gix::hash::Kind::Sha1, gix::objs::Kind::Blob, what.as_bytes());
    let dir = root.join(name.map_err(io::Error::other)?.to_string());
    if !dir.is_dir() {
        sweep(root);
        fs::create_dir_all(&dir)?;
    }
    super::sweep::sweep(&dir);
    Ok(dir)
}

/// Makes sure that nobody else can put anything into the folder.
#[cfg(unix)]
fn check_private(root: &Path) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    if !fs::symlink_metadata(root)?.is_dir() {
        return Err(io::Error::other("it is not a folder"));
    }
    // Only its owner can do this.
    fs::set_permissions(root, fs::Permissions::from_mode(0o700))?;
    match fs::symlink_metadata(root)?.mode() % 0o100 == 0 {
        true => Ok(()),
        false => Err(io::Error::other("the folder is not private")),
    }
}

#[cfg(not(unix))]
fn check_private(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Removes the folders of boards that nobody uses any more.
fn sweep(root: &Path) {
    for entry in fs::read_dir(root).into_iter().flatten().flatten() {
        let age = entry.metadata().and_then(|meta| meta.modified()).ok().and_then(|at| at.elapsed().ok());
        if age.is_some_and(|age| age > FORGOTTEN) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}
