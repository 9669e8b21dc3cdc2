//! Sets a project up at GitHub: the repository, the coordination branch, the people.

use agentsync_core::BranchName;
use agentsync_core::text::{cut, one_line};

use super::add_collaborator::{invite_all, parse_users};
use super::ctx::Ctx;
use super::failure::{Failure, UsageError};
use super::ports::{Freshness, Invitation, NewRepository, Repository, WorkError};

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
    let joined = connect(ctx, request, &slug, &mut steps)?;
    let default_branch = publish(ctx, &joined, &mut steps)?;
    let has_board = default_branch.is_some();
    // The first branch a repository gets becomes its default: it must not be the board's.
    if has_board {
        seed(ctx, &mut steps)?;
    }
    let partners = invite_all(ctx, &slug, &partners, "push")?;
    steps.extend(partners.iter().map(|partner| format!("{}: {}", partner.user, partner.message)));
    let clone_url = joined.repository.clone_url;
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
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let is_part = |part: &str| !matches!(part, "" | "." | "..") && part.chars().all(fits);
    let is_name = named.split('/').all(is_part) && named.matches('/').count() <= 1 && !named.starts_with('-');
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

/// The repository, and how the clone came to it.
struct Joined {
    repository: Repository,
    /// Whether its remote was added just now.
    is_new_remote: bool,
}

/// Sees to it that the repository is there and is the clone's remote.
fn connect(
    ctx: &Ctx<'_>,
    request: &ProvisionRequest,
    slug: &str,
    steps: &mut Vec<String>,
) -> Result<Joined, Failure> {
    let remote = &ctx.settings.remote;
    match (ctx.checkout.address(), ctx.forge.find_repository(slug)?) {
        (Some(address), Some(repository)) if address == repository.clone_url || is_home(ctx, slug) => {
            steps.push(format!("`{slug}` is there, and is the remote `{remote}`"));
            Ok(Joined { repository, is_new_remote: false })
        }
        (Some(_), None) if is_home(ctx, slug) => Err(UsageError::Other {
            what: format!("GitHub knows no repository `{slug}`, or does not show it to you"),
            fix: "check `git remote -v` and `gh auth status`".to_owned(),
        }
        .into()),
        (Some(address), _) => Err(UsageError::Other {
            what: format!(
                "the remote `{remote}` is `{}`, not `{slug}`",
                agentsync_core::redact::redact(&address)
            ),
            fix: format!("name that repository, or `git remote rename {remote} other` first"),
        }
        .into()),
        (None, Some(repository)) => {
            ctx.checkout.add_remote(&repository.clone_url)?;
            steps.push(format!("`{slug}` is there; added it as the remote `{remote}`"));
            Ok(Joined { repository, is_new_remote: true })
        }
        (None, None) => {
            let repository = create(ctx, request, slug)?;
            let kind = if request.is_private { "private" } else { "public" };
            steps.push(format!("created the {kind} repository `{slug}`, the remote `{remote}`"));
            Ok(Joined { repository, is_new_remote: true })
        }
    }
}

/// Tells whether the clone's remote is the repository `slug`. Its host was asked, so the name decides.
fn is_home(ctx: &Ctx<'_>, slug: &str) -> bool {
    ctx.forge.home().is_ok_and(|home| home.slug.eq_ignore_ascii_case(slug))
}

fn create(ctx: &Ctx<'_>, request: &ProvisionRequest, slug: &str) -> Result<Repository, Failure> {
    let description = request.description.as_deref().map(one_line);
    let (slug, is_private) = (slug.to_owned(), request.is_private);
    let new = NewRepository { slug, is_private, description };
    ctx.forge.create_repository(&new)?;
    let made = ctx.forge.find_repository(&new.slug)?;
    let clone_url = format!("https://github.com/{}.git", new.slug);
    Ok(made.unwrap_or(Repository { clone_url, default_branch: None }))
}

/// Pushes the default branch where it is needed, and returns it; `None` when there is no commit yet.
///
/// What the repository has stays, and from a clone that had its remote nothing goes there unasked.
fn publish(ctx: &Ctx<'_>, joined: &Joined, steps: &mut Vec<String>) -> Result<Option<BranchName>, Failure> {
    match (&joined.repository.default_branch, ctx.checkout.committed_branch()?) {
        (None, None) => {
            steps.push("nothing pushed: the repository has no commit yet".to_owned());
            Ok(None)
        }
        (None, Some(first)) => {
            ctx.checkout.publish(&first).map_err(|err| unpublished(ctx, &first, &err))?;
            steps.push(format!("pushed `{first}`"));
            Ok(Some(first))
        }
        (Some(branch), _) => {
            let is_worth_a_push = joined.is_new_remote && ctx.checkout.has_branch(branch)?;
            steps.push(match is_worth_a_push.then(|| ctx.checkout.publish(branch)) {
                None => format!("`{branch}` is there"),
                Some(Ok(())) => format!("pushed `{branch}`"),
                Some(Err(err)) => {
                    format!("`{branch}` stays as it is there: {}", cut(&one_line(&err.to_string()), 300))
                }
            });
            Ok(Some(branch.clone()))
        }
    }
}

fn unpublished(ctx: &Ctx<'_>, branch: &BranchName, err: &WorkError) -> WorkError {
    let remote = &ctx.settings.remote;
    WorkError::Repository {
        what: format!("`{branch}` could not be pushed: {err}"),
        fix: format!(
            "see that `git push -u {remote} {branch}` works (`gh auth setup-git` lends git the login of \
             `gh`), then provision() again"
        ),
    }
}

fn seed(ctx: &Ctx<'_>, steps: &mut Vec<String>) -> Result<(), Failure> {
    let board = ctx.boards.reopen()?;
    let is_there = board.read(Freshness::Now)?.tip.is_some();
    board.seed()?;
    let made = if is_there { "is there" } else { "was made" };
    steps.push(format!("the coordination branch `{}` {made}", ctx.settings.branch));
    Ok(())
}
