//! The symbols of one file of the work tree, as it stands now.

use agentsync_core::outline::Outline;
use agentsync_symbols::{Limits, extract, language_of};

use crate::git::user_repo::{ObjectFormat, UserRepo};

/// Files longer than this are not looked into.
const MAX_BYTES: u64 = 2_000_000;

/// Returns the symbols of the file at `path`; `None` when there is no such file, it leads elsewhere, or
/// its language is not known.
pub(super) fn outline(user: &UserRepo, path: &str) -> Option<Outline> {
    let file = user.work_dir.as_ref()?.join(path);
    let found = std::fs::symlink_metadata(&file).ok()?;
    if !found.is_file() || MAX_BYTES < found.len() {
        return None;
    }
    let bytes = std::fs::read(&file).ok()?;
    let language = language_of(path, &bytes)?;
    let facts = extract(language, &bytes, &Limits::default());
    let hash = match user.object_format {
        ObjectFormat::Sha1 => gix::hash::Kind::Sha1,
        ObjectFormat::Sha256 => gix::hash::Kind::Sha256,
    };
    let blob = gix::objs::compute_hash(hash, gix::objs::Kind::Blob, &bytes).ok()?;
    Some(Outline::of(blob.to_string(), &facts))
}
