//! What `provision` and `add_collaborator` answer.

use agentsync_core::text::one_line;
use schemars::JsonSchema;
use serde::Serialize;

use super::Exit;
use crate::app::add_collaborator::Invited;
use crate::app::ports::Invitation;
use crate::app::provision::Provisioned;

/// How one invitation went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct InvitationView {
    /// Whom.
    pub collaborator: String,
    /// Whether GitHub took it.
    pub invited: bool,
    /// What to know.
    pub message: String,
}

impl InvitationView {
    fn of(invitation: &Invitation) -> InvitationView {
        InvitationView {
            collaborator: invitation.user.clone(),
            invited: invitation.is_invited,
            message: one_line(&invitation.message),
        }
    }
}

/// A project as it was set up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ProvisionReport {
    /// `provisioned`, or `partial` when something is left to do.
    pub status: &'static str,
    /// The repository, `owner/name`.
    pub repo: String,
    /// Where to clone it from.
    pub clone_url: String,
    /// The branch that was pushed; null while there is no commit.
    #[schemars(with = "serde_json::Value")]
    pub default_branch: Option<String>,
    /// The coordination branch.
    pub coordination_branch: String,
    /// What was done, in order.
    pub steps: Vec<String>,
    /// The invitations, one by one.
    pub partners_invited: Vec<InvitationView>,
    /// Whether somebody was invited.
    pub partner_invited: bool,
    /// The best next call.
    pub next: String,
}

impl ProvisionReport {
    /// Reports what was set up.
    pub fn of(done: &Provisioned, coordination_branch: &str) -> ProvisionReport {
        let partners: Vec<_> = done.partners.iter().map(InvitationView::of).collect();
        let missed = partners.iter().find(|partner| !partner.invited);
        let next = match (done.has_board, missed) {
            (false, _) => "commit something, then provision() again".to_owned(),
            (true, Some(partner)) => {
                format!("add_collaborator(…) for {}, once that is put right", partner.collaborator)
            }
            (true, None) => {
                format!(
                    "your partners run `git clone {}` and `agentsync init`; you claim(…) the first task",
                    done.clone_url
                )
            }
        };
        ProvisionReport {
            status: if done.has_board && missed.is_none() { "provisioned" } else { "partial" },
            repo: done.repo.clone(),
            clone_url: done.clone_url.clone(),
            default_branch: done.default_branch.as_ref().map(ToString::to_string),
            coordination_branch: coordination_branch.to_owned(),
            steps: done.steps.clone(),
            partner_invited: partners.iter().any(|partner| partner.invited),
            partners_invited: partners,
            next,
        }
    }

    /// Returns how the program ends.
    pub fn exit(&self) -> Exit {
        if self.status == "provisioned" { Exit::Yes } else { Exit::No }
    }
}

/// How inviting went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct InvitedReport {
    /// `invited`, or `failed` when somebody could not be.
    pub status: &'static str,
    /// The repository, `owner/name`.
    pub repo: String,
    /// What was given.
    pub permission: String,
    /// The invitations, one by one.
    pub results: Vec<InvitationView>,
    /// Where to clone it from.
    pub clone_url: String,
    /// The best next call.
    pub next: String,
}

impl InvitedReport {
    /// Reports how inviting went.
    pub fn of(invited: &Invited) -> InvitedReport {
        let results: Vec<_> = invited.results.iter().map(InvitationView::of).collect();
        let is_good = results.iter().all(|one| one.invited);
        let next = match is_good {
            true => format!(
                "they accept the invitation, then `git clone {}` and `agentsync init`",
                invited.clone_url
            ),
            false => "put right what GitHub said, then call it again for those".to_owned(),
        };
        InvitedReport {
            status: if is_good { "invited" } else { "failed" },
            repo: invited.repo.clone(),
            permission: invited.permission.clone(),
            results,
            clone_url: invited.clone_url.clone(),
            next,
        }
    }

    /// Returns how the program ends.
    pub fn exit(&self) -> Exit {
        if self.status == "invited" { Exit::Yes } else { Exit::No }
    }
}
