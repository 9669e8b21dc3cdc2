//! GitHub, as its program `gh` shows it.

mod answers;

use std::path::PathBuf;
use std::time::Duration;

use self::answers::{
    Pull, View, choose_pull, clone_url, parse_existing, parse_json, parse_status, parse_url,
};
use super::gh::Gh;
use crate::app::ports::{Forge, ForgeError, Home, Invitation, NewRepository, PullRequest, Repository};
use crate::git::address::HostedRepo;

/// GitHub for one clone.
#[derive(Debug, Clone)]
pub struct GitHub {
    gh: Gh,
    /// Which repository the clone's remote is; `None` for a folder.
    repo: Option<HostedRepo>,
    /// The name of the remote.
    remote: String,
}

impl GitHub {
    /// Makes the forge of a clone whose `remote` is `repo`; `gh` runs in `cwd`, `limit` bounds each call.
    pub fn of(repo: Option<HostedRepo>, remote: String, cwd: PathBuf, limit: Duration) -> GitHub {
        let repo = repo.map(|repo| HostedRepo { host: plain_host(&repo.host), ..repo });
        let host = repo.as_ref().map(|repo| repo.host.clone());
        GitHub { gh: Gh { cwd, limit, host }, repo, remote }
    }

    /// Returns the pull request there is for a branch, if one counts as its own.
    fn find_pull_request(&self, repo: &str, request: &PullRequest) -> Result<Option<String>, ForgeError> {
        let (head, base) = (format!("--head={}", request.head), format!("--base={}", request.base));
        let fields = "--json=url,state,headRefOid,isCrossRepository";
        let doing = "list the pull requests";
        let ended = self.gh.ask(doing, &["pr", "list", repo, &head, &base, "--state=all", fields])?;
        let pulls: Vec<Pull> = parse_json(doing, &ended.stdout)?;
        Ok(choose_pull(&pulls, &request.head_commit))
    }
}

impl Forge for GitHub {
    fn home(&self) -> Result<Home, ForgeError> {
        let HostedRepo { host, slug } = self.repo.as_ref().ok_or(ForgeError::Nowhere)?;
        if !is_slug(slug) {
            let detail = format!("`{}` at `{host}` is no repository of GitHub's", slug.escape_debug());
            return Err(ForgeError::Refused { doing: "find the repository", detail });
        }
        Ok(Home { slug: slug.clone(), clone_url: format!("https://{host}/{slug}.git") })
    }

    fn open_pull_request(&self, request: &PullRequest) -> Result<String, ForgeError> {
        let repo = format!("--repo={}", self.home()?.slug);
        if let Some(url) = self.find_pull_request(&repo, request)? {
            return Ok(url);
        }
        let (head, base) = (format!("--head={}", request.head), format!("--base={}", request.base));
        let (title, body) = (format!("--title={}", request.title), format!("--body={}", request.body));
        let mut args = vec!["pr", "create", &repo, &head, &base, &title, &body];
        args.extend(request.is_draft.then_some("--draft"));
        let doing = "open the pull request";
        match self.gh.ask(doing, &args) {
            Ok(ended) => parse_url(&String::from_utf8_lossy(&ended.stdout)).ok_or_else(|| {
                ForgeError::Refused { doing, detail: "gh named no address in its answer".to_owned() }
            }),
            // Somebody opened it since we looked.
            Err(ForgeError::Refused { detail, .. }) => {
                parse_existing(&detail).ok_or(ForgeError::Refused { doing, detail })
            }
            Err(err) => Err(err),
        }
    }

    fn login(&self) -> Result<String, ForgeError> {
        let ended = self.gh.ask("say who is logged in", &["api", "user", "--jq=.login"])?;
        Ok(String::from_utf8_lossy(&ended.stdout).trim().to_owned())
    }

    fn find_repository(&self, slug: &str) -> Result<Option<Repository>, ForgeError> {
        let doing = "look up the repository";
        match self.gh.ask(doing, &["repo", "view", slug, "--json=url,isEmpty,defaultBranchRef"]) {
            Ok(ended) => {
                let view: View = parse_json(doing, &ended.stdout)?;
                Ok(Some(Repository { clone_url: clone_url(&view.url), default_branch: view.branch() }))
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

/// Returns the host `gh` knows: GitHub has other names for itself, such as that of ssh over port 443.
fn plain_host(host: &str) -> String {
    match host {
        "ssh.github.com" | "www.github.com" => "github.com".to_owned(),
        _ => host.to_owned(),
    }
}

/// Tells whether a remote's path is `owner/name`. With a third part `gh` would take the first for a host.
fn is_slug(slug: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let is_part = |part: &str| !matches!(part, "" | "." | "..") && part.chars().all(fits);
    slug.split_once('/')
        .is_some_and(|(owner, name)| is_part(owner) && is_part(name) && !owner.starts_with('-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_owner_and_name_make_a_repository() {
        for slug in ["acme/shop", "acme/.github", "a-1/b_c.d"] {
            assert!(is_slug(slug), "{slug}");
        }
        for slug in ["shop", "group/part/shop", "../shop", "acme/..", "-x/shop", "acme/a b", "acme/"] {
            assert!(!is_slug(slug), "{slug}");
        }
    }
}
