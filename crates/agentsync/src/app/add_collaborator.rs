//! Invites people to the repository.

use super::ctx::Ctx;
use super::failure::{Failure, UsageError};
use super::ports::{ForgeError, Invitation};

/// What GitHub lets one give.
const PERMISSIONS: [&str; 5] = ["pull", "triage", "push", "maintain", "admin"];

/// How inviting went.
#[derive(Debug, Clone)]
pub struct Invited {
    /// The repository, `owner/name`.
    pub repo: String,
    /// What was given.
    pub permission: String,
    /// One answer for each.
    pub results: Vec<Invitation>,
    /// Where to clone it from.
    pub clone_url: String,
}

/// Invites `users` to the clone's repository, one by one.
pub fn add_collaborator(ctx: &Ctx<'_>, users: &str, permission: Option<&str>) -> Result<Invited, Failure> {
    let users = parse_users(users)?;
    let permission = parse_permission(permission)?;
    let Some(address) = ctx.checkout.address() else {
        return Err(ForgeError::Nowhere.into());
    };
    let repo = ctx.work.slug();
    let clone_url = agentsync_core::redact::redact(&address);
    let results = invite_all(ctx, &repo, &users, &permission)?;
    Ok(Invited { repo, permission, results, clone_url })
}

/// Invites one after the other; one that fails stops nobody else, unless none could be asked at all.
pub(super) fn invite_all(
    ctx: &Ctx<'_>,
    repo: &str,
    users: &[String],
    permission: &str,
) -> Result<Vec<Invitation>, Failure> {
    Ok(users.iter().map(|user| ctx.forge.invite(repo, user, permission)).collect::<Result<_, _>>()?)
}

/// Parses user names, separated by commas or spaces.
pub(super) fn parse_users(text: &str) -> Result<Vec<String>, UsageError> {
    let users: Vec<String> = text
        .split([',', ' '])
        .map(|user| user.trim().trim_start_matches('@').to_owned())
        .filter(|user| !user.is_empty())
        .collect();
    // GitHub: letters, digits and single hyphens between them, 39 at most; `_` joins a company's suffix.
    let is_name = |user: &&String| {
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        user.len() <= 39 && user.chars().all(fits) && !user.starts_with('-') && !user.ends_with('-')
    };
    match users.iter().find(|user| !is_name(user)) {
        Some(user) => Err(UsageError::Other {
            what: format!("`{}` is no GitHub user name", user.escape_debug()),
            fix: "name the account, such as `octocat`; several are separated by commas".to_owned(),
        }),
        None if users.is_empty() => Err(UsageError::Other {
            what: "no user is named".to_owned(),
            fix: "name the GitHub account to invite".to_owned(),
        }),
        None => Ok(users),
    }
}

fn parse_permission(text: Option<&str>) -> Result<String, UsageError> {
    let wanted = text.map(str::trim).filter(|text| !text.is_empty()).unwrap_or("push");
    match PERMISSIONS.contains(&wanted) {
        true => Ok(wanted.to_owned()),
        false => Err(UsageError::Other {
            what: format!("permission `{}` is not one of {}", wanted.escape_debug(), PERMISSIONS.join(", ")),
            fix: "leave it out for `push`".to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_separated_by_commas_or_spaces() {
        assert_eq!(parse_users("@bob, carol dave").unwrap(), ["bob", "carol", "dave"]);
        for text in ["", "bob/../x", "-x", "--method=DELETE"] {
            assert!(parse_users(text).is_err(), "{text}");
        }
    }
}
