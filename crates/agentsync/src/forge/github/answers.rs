//! What `gh` prints, made into values.

use agentsync_core::BranchName;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::app::ports::ForgeError;

/// One pull request of `gh pr list`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Pull {
    url: String,
    state: String,
    head_ref_oid: String,
    is_cross_repository: bool,
}

/// What `gh repo view` tells of a repository.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct View {
    pub(super) url: String,
    is_empty: bool,
    default_branch_ref: Option<Branch>,
}

#[derive(Debug, Deserialize)]
struct Branch {
    name: String,
}

impl View {
    /// Returns the branch that work lands on; `None` while the repository is empty.
    pub(super) fn branch(&self) -> Option<BranchName> {
        let branch = self.default_branch_ref.as_ref().filter(|_| !self.is_empty)?;
        BranchName::parse(&branch.name).ok()
    }
}

/// Parses what `--json` answered.
pub(super) fn parse_json<T: DeserializeOwned>(doing: &'static str, stdout: &[u8]) -> Result<T, ForgeError> {
    serde_json::from_slice(stdout).map_err(|err| ForgeError::Refused { doing, detail: err.to_string() })
}

/// Chooses the pull request that is of the branch at `head_commit`.
///
/// An open one is. A merged one is when nothing came after it: else the branch has new work, which
/// needs a request of its own. One from a fork never is; `gh` lists it when its branch has the same name.
pub(super) fn choose_pull(pulls: &[Pull], head_commit: &str) -> Option<String> {
    let mut own = pulls.iter().filter(|pull| !pull.is_cross_repository);
    let open = own.clone().find(|pull| pull.state == "OPEN");
    let merged = || own.find(|pull| pull.state == "MERGED" && pull.head_ref_oid == head_commit);
    open.or_else(merged).map(|pull| pull.url.clone())
}

/// Parses the last line that is an address: `https://github.com/acme/shop/pull/7`.
pub(super) fn parse_url(text: &str) -> Option<String> {
    text.lines().rev().map(str::trim).find(|line| line.starts_with("https://")).map(str::to_owned)
}

/// Parses "a pull request for branch "alice/auth" into branch "main" already exists:", and on the next
/// line its address.
pub(super) fn parse_existing(said: &str) -> Option<String> {
    let (_, after) = said.split_once("already exists:")?;
    parse_url(after)
}

/// Parses "HTTP/2.0 204 No Content".
pub(super) fn parse_status(stdout: &[u8]) -> Option<u16> {
    String::from_utf8_lossy(stdout).lines().next()?.split(' ').nth(1)?.parse().ok()
}

/// Makes the address to clone from of the one to look at.
pub(super) fn clone_url(url: &str) -> String {
    match url.starts_with("https://") && !url.to_ascii_lowercase().ends_with(".git") {
        true => format!("{url}.git"),
        false => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_codes_are_read() {
        let said = "Warning: 1 uncommitted change\nhttps://github.com/acme/shop/pull/7\n";
        assert_eq!(parse_url(said).as_deref(), Some("https://github.com/acme/shop/pull/7"));
        assert_eq!(parse_status(b"HTTP/2.0 204 No Content\r\n\r\n"), Some(204));
        assert_eq!(clone_url("https://github.com/acme/shop"), "https://github.com/acme/shop.git");
        assert_eq!(clone_url("/srv/shop"), "/srv/shop");
    }

    #[test]
    fn a_request_that_exists_already_is_named() {
        let said = "a pull request for branch \"x\" into branch \"main\" already exists:\nhttps://github.com/acme/shop/pull/7";
        assert_eq!(parse_existing(said).as_deref(), Some("https://github.com/acme/shop/pull/7"));
        assert_eq!(parse_existing("No commits between main and x, see https://github.com/"), None);
    }

    #[test]
    fn an_empty_repository_has_no_branch_yet() {
        let view = |text: &str| serde_json::from_str::<View>(text).unwrap().branch();
        assert_eq!(view(r#"{"url":"u","isEmpty":true,"defaultBranchRef":{"name":""}}"#), None);
        assert_eq!(view(r#"{"url":"u","isEmpty":true,"defaultBranchRef":null}"#), None);
        let found = view(r#"{"url":"u","isEmpty":false,"defaultBranchRef":{"name":"trunk"}}"#);
        assert_eq!(found, BranchName::parse("trunk").ok());
    }

    #[track_caller]
    fn check_choose(pulls: &[(&str, &str, bool)], want: Option<usize>) {
        let pull = |(n, (state, oid, is_cross)): (usize, &(&str, &str, bool))| Pull {
            url: n.to_string(),
            state: (*state).to_owned(),
            head_ref_oid: (*oid).to_owned(),
            is_cross_repository: *is_cross,
        };
        let pulls: Vec<_> = pulls.iter().enumerate().map(pull).collect();
        assert_eq!(choose_pull(&pulls, "tip"), want.map(|n| n.to_string()));
    }

    #[test]
    fn a_request_is_of_the_branch_when_it_is_open_or_merged_as_it_stands() {
        check_choose(&[("OPEN", "behind", false)], Some(0));
        check_choose(&[("MERGED", "tip", false)], Some(0));
        check_choose(&[("MERGED", "tip", false), ("OPEN", "tip", false)], Some(1));
        check_choose(&[("MERGED", "before", false)], None);
        check_choose(&[("CLOSED", "tip", false)], None);
        check_choose(&[("OPEN", "tip", true)], None);
        check_choose(&[], None);
    }
}
