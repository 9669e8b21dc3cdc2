//! Where a remote's address leads: which host, which repository there.

/// A repository at a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostedRepo {
    /// The host, without user and port.
    pub host: String,
    /// `owner/name`; some hosts have more parts.
    pub slug: String,
}

/// Parses `https://host/owner/name.git`, `ssh://git@host:22/owner/name` or `git@host:owner/name`;
/// `None` for a folder.
pub fn parse_hosted(address: &str) -> Option<HostedRepo> {
    let (host, path) = match address.split_once("://") {
        Some(("file", _)) => return None,
        Some((_, rest)) => rest.split_once('/')?,
        None => {
            let (host, path) = address.split_once(':')?;
            // A colon after a slash is part of a path; a single letter before it is a drive.
            let is_host = !host.contains('/') && 1 < host.len();
            is_host.then_some((host, path))?
        }
    };
    let host = host.rsplit('@').next()?.split(':').next()?;
    let path = path.split(['?', '#']).next()?.trim_matches('/');
    let slug = path.strip_suffix(".git").unwrap_or(path);
    let hosted = HostedRepo { host: host.to_ascii_lowercase(), slug: slug.to_owned() };
    (slug.contains('/') && !host.is_empty()).then_some(hosted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(address: &str, want: Option<&str>) {
        let got = parse_hosted(address).map(|found| format!("{} {}", found.host, found.slug));
        assert_eq!(got.as_deref(), want, "{address}");
    }

    #[test]
    fn owner_and_name_stand_at_the_end_of_a_forge_address() {
        check("https://bob:x@example.org/team/app.git", Some("example.org team/app"));
        check("ssh://git@example.org:22/team/app", Some("example.org team/app"));
        check("git@Example.org:team/app.git", Some("example.org team/app"));
        check("https://example.org/group/part/app/", Some("example.org group/part/app"));
    }

    #[test]
    fn a_folder_is_no_forge() {
        for address in ["file:///srv/team/app.git", "/srv/team/app.git", "../app.git", "C:/team/app"] {
            check(address, None);
        }
    }
}
