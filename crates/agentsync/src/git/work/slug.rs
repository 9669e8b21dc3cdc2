//! What a repository is called at its forge.

use crate::git::user_repo::UserRepo;

/// Returns `owner/name`, or the folder's name when the remote is no forge.
pub(super) fn slug(user: &UserRepo) -> String {
    let at_forge = user.rewritten_address.as_deref().and_then(parse_slug);
    at_forge.unwrap_or_else(|| {
        let dir = user.work_dir.as_ref().unwrap_or(&user.common_dir);
        let name = dir.file_name().unwrap_or(dir.as_os_str()).to_string_lossy();
        name.strip_suffix(".git").unwrap_or(&name).to_owned()
    })
}

/// Parses `https://host/owner/name.git`, `ssh://git@host:22/owner/name` or `git@host:owner/name`.
fn parse_slug(address: &str) -> Option<String> {
    let path = match address.split_once("://") {
        Some(("file", _)) => return None,
        Some((_, rest)) => rest.split_once('/')?.1,
        None => {
            let (host, path) = address.split_once(':')?;
            // A colon after a slash is part of a path; a single letter before it is a drive.
            let is_host = !host.contains('/') && 1 < host.len();
            is_host.then_some(path)?
        }
    };
    let path = path.split(['?', '#']).next()?.trim_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path);
    path.contains('/').then(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_slug(address: &str, want: Option<&str>) {
        assert_eq!(parse_slug(address).as_deref(), want, "{address}");
    }

    #[test]
    fn owner_and_name_stand_at_the_end_of_a_forge_address() {
        check_slug("https://bob:x@example.org/team/app.git", Some("team/app"));
        check_slug("ssh://git@example.org:22/team/app", Some("team/app"));
        check_slug("git@example.org:team/app.git", Some("team/app"));
        check_slug("https://example.org/group/part/app/", Some("group/part/app"));
    }

    #[test]
    fn a_folder_is_no_forge() {
        for address in ["file:///srv/team/app.git", "/srv/team/app.git", "../app.git", "C:/team/app"] {
            check_slug(address, None);
        }
    }
}
