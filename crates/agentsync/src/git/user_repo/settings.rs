//! What of a repository's configuration holds for our private repositories as well.

use gix::bstr::{BStr, ByteSlice};
use gix::config::file::SectionRef;
use gix::config::{File, Source};

use super::Identity;

/// Returns the address of a remote as it is configured.
pub(super) fn address(config: &File, remote: &str) -> Option<String> {
    // Git fetches from the first one when there are several.
    let urls = config.strings_by("remote", Some(remote.as_bytes().as_bstr()), "url")?;
    urls.first().filter(|url| !url.is_empty()).map(ToString::to_string)
}

/// Returns the address of a remote with `url.*.insteadOf` applied.
pub(super) fn rewritten_address(repo: &gix::Repository, remote: &str) -> Option<String> {
    let found = repo.try_find_remote(remote)?.ok()?;
    found.name()?;
    found.url(gix::remote::Direction::Fetch).map(|url| url.to_bstring().to_string())
}

/// Returns who commits here, from the configuration alone.
pub(super) fn identity(config: &File) -> Option<Identity> {
    let first = |keys: [&str; 2]| keys.into_iter().find_map(|key| config.string(key));
    let name = first(["author.name", "user.name"])?.to_string();
    let email = first(["author.email", "user.email"])?.to_string();
    Some(Identity { name, email })
}

/// Returns the repository's own settings that our private repositories follow, in their order.
///
/// What the user or the system configured need not be listed: git reads it everywhere.
pub(super) fn allowed(config: &File, remote: &str) -> Vec<(String, String)> {
    let mut settings = Vec::new();
    for section in config.sections() {
        let is_own = matches!(section.meta().source, Source::Local | Source::Worktree);
        if !is_own || section.meta().trust != gix::sec::Trust::Full {
            continue;
        }
        let header = section.header();
        let (name, subsection) =
            (header.name().to_str_lossy().to_ascii_lowercase(), header.subsection_name());
        let mut seen = Vec::new();
        for key in section.body().value_names() {
            let key = key.to_ascii_lowercase();
            if seen.contains(&key) || !is_allowed(&name, subsection, &key, remote) {
                continue;
            }
            let full = match subsection {
                Some(subsection) => format!("{name}.{subsection}.{key}"),
                None => format!("{name}.{key}"),
            };
            settings.extend(values(&section, &key).into_iter().map(|value| (full.clone(), value)));
            seen.push(key);
        }
    }
    settings
}

/// Returns the values of a key; one without `=` means *true*.
fn values(section: &SectionRef<'_>, key: &str) -> Vec<String> {
    let body = section.body();
    match body.value_implicit(key) {
        Some(None) => vec!["true".to_owned()],
        _ => body.values(key).iter().map(ToString::to_string).collect(),
    }
}

/// Tells whether a setting is about credentials, transport or identity.
///
/// A remote's `uploadpack`, `receivepack` and `vcs`, hooks, monitors and filters are programs that
/// the project could have slipped in; none of them is on the list.
fn is_allowed(section: &str, subsection: Option<&BStr>, key: &str, remote: &str) -> bool {
    match section {
        "credential" | "http" | "url" | "ssh" | "user" => true,
        "core" => subsection.is_none() && matches!(key, "sshcommand" | "askpass"),
        "remote" => subsection.is_some_and(|name| name == remote) && key == "proxy",
        _ => false,
    }
}
