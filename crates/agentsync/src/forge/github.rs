//! GitHub, as its program `gh` shows it.

use serde::Deserialize;

use super::gh::Gh;
use crate::app::ports::{Forge, ForgeError, Invitation, NewRepository, PullRequest};
use crate::git::address::HostedRepo;

/// GitHub for one clone.
#[derive(Debug, Clone)]
pub struct GitHub {
    /// The door.
    pub gh: Gh,
    /// Which repository the clone's remote is; `None` for a folder.
    pub repo: Option<HostedRepo>,
    /// The name of the remote.
    pub remote: String,
}

#[derive(Deserialize)]
struct Pull {
    url: String,
    state: String,
}

#[derive(Deserialize)]
struct Repository {
    url: String,
}

impl GitHub {
    /// Returns `--repo=…` for the clone's repository.
    fn repo_flag(&self) -> Result<String, ForgeError> {
        match &self.repo {
            None => Err(ForgeError::Nowhere),
            Some(HostedRepo { host, slug }) if host == "github.com" => Ok(format!("--repo={slug}")),
            Some(HostedRepo { host, slug }) => Ok(format!("--repo={host}/{slug}")),
        }
    }

    /// Returns the open or merged pull request of a branch. A closed one is no longer in the way.
    fn find_pull_request(&self, repo: &str, request: &PullRequest) -> Result<Option<String>, ForgeError> {
        let (head, base) = (format!("--head={}", request.head), format!("--base={}", request.base));
        let args = ["pr", "list", repo, &head, &base, "--state=all", "--json=url,state"];
        let doing = "list the pull requests";
        let ended = self.gh.ask(doing, &args)?;
        let pulls: Vec<Pull> = serde_json::from_slice(&ended.stdout)
            .map_err(|err| ForgeError::Refused { doing, detail: err.to_string() })?;
        Ok(pulls.into_iter().find(|pull| pull.state != "CLOSED").map(|pull| pull.url))
    }
}

impl Forge for GitHub {
    fn open_pull_request(&self, request: &PullRequest) -> Result<String, ForgeError> {
        let repo = self.repo_flag()?;
        if let Some(url) = self.find_pull_request(&repo, request)? {
            return Ok(url);
        }
        let (head, base) = (format!("--head={}", request.head), format!("--base={}", request.base));
        let (title, body) = (format!("--title={}", request.title), format!("--body={}", request.body));
        let mut args = vec!["pr", "create", &repo, &head, &base, &title, &body];
        args.extend(request.is_draft.then_some("--draft"));
        let doing = "open the pull request";
        let ended = self.gh.ask(doing, &args)?;
        parse_url(&ended.stdout).ok_or_else(|| {
            let detail = "gh named no address in its answer".to_owned();
            ForgeError::Refused { doing, detail }
        })
    }

    fn login(&self) -> Result<String, ForgeError> {
        let ended = self.gh.ask("say who is logged in", &["api", "user", "--jq=.login"])?;
        Ok(String::from_utf8_lossy(&ended.stdout).trim().to_owned())
    }

    fn find_repository(&self, slug: &str) -> Result<Option<String>, ForgeError> {
        let doing = "look up the repository";
        match self.gh.ask(doing, &["repo", "view", slug, "--json=url"]) {
            Ok(ended) => {
                let found: Repository = serde_json::from_slice(&ended.stdout)
                    .map_err(|err| ForgeError::Refused { doing, detail: err.to_string() })?;
                Ok(Some(clone_url(&found.url)))
            }
            // "GraphQL: Could not resolve to a Repository with the name 'acme/none'. (repository)"
            Err(ForgeError::Refused { detail, .. })
                if detail.contains("Could not resolve to a Repository") =>
            {
                Ok(None)
            }
            Err(err) => Err(err),
        }
    }

    fn create_repository(&self, new: &NewRepository) -> Result<(), ForgeError> {
        let visibility = if new.is_private { "--private" } else { "--public" };
        let remote = format!("--remote={}", self.remote);
        let description = new.description.as_ref().map(|text| format!("--description={text}"));
        let mut args = vec!["repo", "create", &new.slug, visibility, "--source=.", &remote];
        args.extend(description.as_deref());
        self.gh.ask("create the repository", &args).map(|_| ())
    }

    fn invite(&self, slug: &str, user: &str, permission: &str) -> Result<Invitation, ForgeError> {
        let path = format!("repos/{slug}/collaborators/{user}");
        let permission = format!("permission={permission}");
        let args = ["api", "--method=PUT", "--include", &path, "--raw-field", &permission];
        let answer = |is_invited: bool, message: &str| Invitation {
            user: user.to_owned(),
            is_invited,
            message: message.to_owned(),
        };
        match self.gh.ask("invite", &args) {
            // "HTTP/2.0 204 No Content": there is nothing left to do.
            Ok(ended) if parse_status(&ended.stdout) == Some(204) => Ok(answer(true, "has access already")),
            Ok(_) => Ok(answer(true, "invited; the invitation waits for an answer")),
            // "gh: Not Found (HTTP 404)"
            Err(ForgeError::Refused { detail, .. }) if detail.contains("HTTP 404") => {
                Ok(answer(false, "GitHub knows no such user, or you may not invite to this repository"))
            }
            Err(ForgeError::Refused { detail, .. }) => Ok(answer(false, &detail)),
            Err(err) => Err(err),
        }
    }
}

/// Parses the last line that is an address: `https://github.com/acme/shop/pull/7`.
fn parse_url(stdout: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(stdout);
    text.lines().rev().map(str::trim).find(|line| line.starts_with("https://")).map(str::to_owned)
}

/// Parses "HTTP/2.0 204 No Content".
fn parse_status(stdout: &[u8]) -> Option<u16> {
    String::from_utf8_lossy(stdout).lines().next()?.split(' ').nth(1)?.parse().ok()
}

/// Makes the address to clone from of the one to look at.
fn clone_url(url: &str) -> String {
    match url.starts_with("https://") && !url.to_ascii_lowercase().ends_with(".git") {
        true => format!("{url}.git"),
        false => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_gh_prints_is_read() {
        let said = b"Warning: 1 uncommitted change\nhttps://github.com/acme/shop/pull/7\n";
        assert_eq!(parse_url(said).as_deref(), Some("https://github.com/acme/shop/pull/7"));
        assert_eq!(parse_status(b"HTTP/2.0 204 No Content\r\n\r\n"), Some(204));
        assert_eq!(clone_url("https://github.com/acme/shop"), "https://github.com/acme/shop.git");
        assert_eq!(clone_url("/srv/shop"), "/srv/shop");
    }
}
