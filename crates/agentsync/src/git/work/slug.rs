//! What a repository is called at its forge.

use crate::git::address::HostedRepo;
use crate::git::user_repo::UserRepo;

/// Returns `owner/name`, or the folder's name when the remote is no forge.
pub(super) fn slug(user: &UserRepo) -> String {
    user.hosted().map_or_else(|| folder_name(user), |HostedRepo { slug, .. }| slug)
}

fn folder_name(user: &UserRepo) -> String {
    let dir = user.work_dir.as_ref().unwrap_or(&user.common_dir);
    let name = dir.file_name().unwrap_or(dir.as_os_str()).to_string_lossy();
    name.strip_suffix(".git").unwrap_or(&name).to_owned()
}
