//! Sets a project up at GitHub: the repository, the coordination branch, the people.

use agentsync_core::BranchName;

use super::add_collaborator::{invite_all, parse_users};
use super::ctx::Ctx;
use super::failure::{Failure, UsageError};
use super::ports::{Freshness, Invitation, NewRepository};

/// What to set up.
#[derive(Debug, Clone)]
pub struct ProvisionRequest {
    /// `owner/name` or `name`; the folder's name when none is given.
    pub repo: Option<String>,
    /// Whom to invite; the configured partners when none is given.
    pub partners: Option<String>,
    /// Whether only invited people see it.
    pub is_private: bool,
    /// One line about it.
    pub description: Option<String>,
}

/// What was set up.
#[derive(Debug, Clone)]
pub struct Provisioned {
    /// The repository, `owner/name`.
    pub repo: String,
    /// Where to clone it from.
    pub clone_url: String,
    /// The branch that was pushed; `None` while the repository has no commit.
    pub default_branch: Option<BranchName>,
    /// Whether the coordination branch is there.
    pub has_board: bool,
    /// What was done, in order.
    pub steps: Vec<String>,
    /// The invitations.
    pub partners: Vec<Invitation>,
}

/// Sets the project up. What is there already stays as it is, so it can be called again.
pub fn provision(ctx: &Ctx<'_>, request: &ProvisionRequest) -> Result<Provisioned, Failure> {
    let partners = partners(ctx, request)?;
    let slug = slug(ctx, request)?;
    let mut steps = Vec::new();
    let clone_url = connect(ctx, request, &slug, &mut steps)?;
    let default_branch = ctx.checkout.committed_branch()?;
    let has_board = default_branch.is_some();
    match &default_branch {
        Some(branch) => {
            ctx.checkout.publish(branch)?;
            steps.push(format!("pushed `{branch}`"));
            seed(ctx, &mut steps)?;
        }
        // The first branch a repository gets becomes its default: it must not be the board's.
        None => steps.push("nothing pushed: the repository has no commit yet".to_owned()),
    }
    let partners = invite_all(ctx, &slug, &partners, "push")?;
    steps.extend(partners.iter().map(|partner| format!("{}: {}", partner.user, partner.message)));
    Ok(Provisioned { repo: slug, clone_url, default_branch, has_board, steps, partners })
}

fn partners(ctx: &Ctx<'_>, request: &ProvisionRequest) -> Result<Vec<String>, Failure> {
    match &request.partners {
        Some(text) => Ok(parse_users(text)?),
        None if ctx.settings.partners.is_empty() => Ok(Vec::new()),
        None => Ok(parse_users(&ctx.settings.partners.join(","))?),
    }
}

/// Returns `owner/name`: as given, of the remote there is, or the folder's name under one's own login.
fn slug(ctx: &Ctx<'_>, request: &ProvisionRequest) -> Result<String, Failure> {
    let named = request.repo.clone().unwrap_or_else(|| match ctx.checkout.address() {
        Some(_) => ctx.work.slug(),
        None => ctx.checkout.folder_name(),
    });
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
    let is_name = named.chars().all(fits)
        && named.matches('/').count() <= 1
        && !named.starts_with(['-', '/', '.'])
        && !named.ends_with('/');
    if !is_name {
        return Err(UsageError::Other {
            what: format!("`{}` is no repository name", named.escape_debug()),
            fix: "name it `owner/name`, in letters, digits, `-`, `_` and `.`".to_owned(),
        }
        .into());
    }
    match named.contains('/') {
        true => Ok(named),
        false => Ok(format!("{}/{named}", ctx.forge.login()?)),
    }
}

/// Sees to it that the repository is there and is the clone's remote; returns where to clone it from.
fn connect(
    ctx: &Ctx<'_>,
    request: &ProvisionRequest,
    slug: &str,
    steps: &mut Vec<String>,
) -> Result<String, Failure> {
    match (ctx.forge.find_repository(slug)?, ctx.checkout.address()) {
        (Some(url), Some(address)) if leads_to(&address, &url, slug) => {
            steps.push(format!("`{slug}` is there, and is the remote `{}`", ctx.settings.remote));
            Ok(url)
        }
        (None, Some(address)) if leads_to(&address, "", slug) => Err(UsageError::Other {
            what: format!("GitHub knows no repository `{slug}`, or does not show it to you"),
            fix: "check `git remote -v` and `gh auth status`".to_owned(),
        }
        .into()),
        (_, Some(address)) => Err(UsageError::Other {
            what: format!(
                "the remote `{}` is `{}`, not `{slug}`",
                ctx.settings.remote,
                agentsync_core::redact::redact(&address)
            ),
            fix: format!("name that repository, or `git remote rename {0} other` first", ctx.settings.remote),
        }
        .into()),
        (Some(url), None) => {
            ctx.checkout.add_remote(&url)?;
            steps.push(format!("`{slug}` is there; added it as the remote `{}`", ctx.settings.remote));
            Ok(url)
        }
        (None, None) => {
            let (is_private, description) = (request.is_private, request.description.clone());
            ctx.forge.create_repository(&NewRepository { slug: slug.to_owned(), is_private, description })?;
            let kind = if request.is_private { "private" } else { "public" };
            steps.push(format!(
                "created the {kind} repository `{slug}`, the remote `{}`",
                ctx.settings.remote
            ));
            Ok(ctx.forge.find_repository(slug)?.unwrap_or_else(|| format!("https://github.com/{slug}.git")))
        }
    }
}

/// Tells whether an address is that of a repository, however it is spelled.
fn leads_to(address: &str, url: &str, slug: &str) -> bool {
    let plain = |text: &str| text.trim_end_matches('/').trim_end_matches(".git").to_ascii_lowercase();
    let (address, slug) = (plain(address), slug.to_ascii_lowercase());
    address == plain(url) || address.ends_with(&format!("/{slug}")) || address.ends_with(&format!(":{slug}"))
}

fn seed(ctx: &Ctx<'_>, steps: &mut Vec<String>) -> Result<(), Failure> {
    let board = ctx.boards.reopen()?;
    let is_there = board.read(Freshness::Now)?.tip.is_some();
    board.seed()?;
    let made = if is_there { "is there" } else { "was made" };
    steps.push(format!("the coordination branch `{}` {made}", ctx.settings.branch));
    Ok(())
}
