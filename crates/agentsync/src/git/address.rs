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

/// Tells whether an address leads to another machine: to a host, and not to a folder or this machine itself.
pub fn is_elsewhere(address: &str) -> bool {
    let host = match address.split_once("://") {
        Some(("file", _)) => return false,
        Some((_, rest)) => rest.split(['/', '?', '#']).next(),
        None => {
            address.split_once(':').map(|(host, _)| host).filter(|host| !host.contains('/') && 1 < host.len())
        }
    };
    let Some(host) = host.and_then(|host| host.rsplit('@').next()) else { return false };
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next(),
        None => host.split(':').next(),
    };
    let name = name.unwrap_or_default().to_ascii_lowercase();
    let is_here = name == "localhost" || name.ends_with(".localhost") || name == "::1";
    !is_here && !is_loopback(&name) && !name.is_empty()
}

/// Tells whether a name is one of `127.0.0.0/8`.
fn is_loopback(name: &str) -> bool {
    name.parse::<std::net::Ipv4Addr>().is_ok_and(|address| address.is_loopback())
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

    #[test]
    fn this_machine_is_not_elsewhere() {
        for address in ["https://example.org/a/b", "git@example.org:a/b", "ssh://git@[2001:db8::1]:22/a"] {
            assert!(is_elsewhere(address), "{address}");
        }
        let here = ["http://127.0.0.1:8080/hub.git", "http://bob:x@LOCALHOST/a", "ssh://git@[::1]:22/a"];
        let folders = ["/srv/a.git", "../a.git", "file:///srv/a", "C:/team/app", "./a:b"];
        for address in here.into_iter().chain(folders).chain(["git@localhost:a/b"]) {
            assert!(!is_elsewhere(address), "{address}");
        }
    }
}
