//! Lays a tree out in a folder of its own.

use std::path::{Path, PathBuf};

use super::{GitScratch, io_fault};
use crate::app::ports::WorkError;
use crate::git::branches_repo::failed_to;
use crate::git::command::Output;
use crate::lock::Lock;

/// A folder with a tree in it. The next tree is laid out over it, so that what a build keeps beside its
/// sources is there again; a second command at the same time gets a folder of its own, which goes.
pub(super) struct Layout {
    /// Where the tree is.
    pub(super) dir: PathBuf,
    keeps: Keeps,
}

enum Keeps {
    /// The folder stays, and is ours while the lock is.
    Locked { _lock: Lock },
    /// The folder goes.
    Nothing,
}

impl Drop for Layout {
    fn drop(&mut self) {
        if matches!(self.keeps, Keeps::Nothing) {
            let _ = std::fs::remove_dir_all(&self.dir);
        }
    }
}

/// Returns a name for a clone that no other clone of this machine has.
pub(super) fn name_of(common_dir: &Path) -> String {
    let bytes = common_dir.as_os_str().as_encoded_bytes();
    let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}

/// Lays `tree` out.
pub(super) fn lay_out(scratch: &GitScratch, tree: &str) -> Result<Layout, WorkError> {
    let fault = io_fault("make a folder for the merged tree");
    std::fs::create_dir_all(&scratch.places).map_err(fault)?;
    let (dir, index, keeps) = if let Ok(Some(lock)) = Lock::at(&scratch.places.join("tree.lock")) {
        let index = scratch.places.join("tree.index");
        (scratch.places.join("tree"), index, Keeps::Locked { _lock: lock })
    } else {
        let name = format!("tree-{}-{:08x}", std::process::id(), fastrand::u32(..));
        (scratch.places.join(&name), scratch.places.join(format!("{name}.index")), Keeps::Nothing)
    };
    std::fs::create_dir_all(&dir).map_err(fault)?;
    let layout = Layout { dir, keeps };
    let first = read_tree(scratch, &layout.dir, &index, tree);
    if first.is_err() {
        // What an earlier run left there may be in the way.
        let _ = std::fs::remove_file(&index);
        std::fs::remove_dir_all(&layout.dir).map_err(fault)?;
        std::fs::create_dir_all(&layout.dir).map_err(fault)?;
        read_tree(scratch, &layout.dir, &index, tree)?;
    }
    if matches!(layout.keeps, Keeps::Nothing) {
        let _ = std::fs::remove_file(&index);
    }
    Ok(layout)
}

/// Brings the folder to the tree: tracked files that changed are written, those that went go.
fn read_tree(scratch: &GitScratch, dir: &Path, index: &Path, tree: &str) -> Result<(), WorkError> {
    let call = scratch.repo.call().work_tree(dir).env("GIT_INDEX_FILE", index.as_os_str());
    let call = call.config("core.bare=false").args(["read-tree", "--reset", "-u", "--end-of-options", tree]);
    call.run().and_then(Output::success).map(drop).map_err(failed_to("lay out the merged tree"))
}
