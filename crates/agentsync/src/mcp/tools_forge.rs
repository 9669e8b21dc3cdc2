//! The tools that reach GitHub.

use rmcp::handler::server::wrapper::Parameters;
use rmcp::model::CallToolResult;
use rmcp::service::{RequestContext, RoleServer};
use rmcp::{Json, tool, tool_router};

use super::params::{Checked, CollaboratorParams, FinishParams, ProvisionParams};
use super::server::Server;
use crate::app::add_collaborator::add_collaborator;
use crate::app::args::parse_finish;
use crate::app::finish::finish;
use crate::app::provision::{ProvisionRequest, provision};
use crate::report::finish::FinishReport;
use crate::report::provision::{InvitedReport, ProvisionReport};

#[tool_router(router = forge_router, vis = "pub(super)")]
impl Server {
    /// End your claim when its branch is pushed: opens the pull request (or finds the one there is) and marks the
    /// claim done with what the branch changed. Safe to repeat. Needs GitHub's `gh`.
    #[tool(
        title = "Finish a claim",
        annotations(
            read_only_hint = false,
            destructive_hint = false,
            idempotent_hint = true,
            open_world_hint = true
        )
    )]
    async fn finish(
        &self,
        Parameters(params): Parameters<Checked<FinishParams>>,
        context: RequestContext<RoleServer>,
    ) -> Result<Json<FinishReport>, CallToolResult> {
        let answer = self.run(params, &context, |ctx, params| {
            let (note, title) = (Some(params.note.as_str()), Some(params.title.as_str()));
            let request = parse_finish(note, title, params.draft, Some(&params.lane))?;
            FinishReport::of(&finish(ctx, &request)?)
        });
        self.watch.after(answer).await
    }

    /// Set this project up at GitHub, once, when a person asks for it: creates the repository or takes the one there
    /// is, pushes, makes the coordination branch, invites partners. Safe to repeat. Needs GitHub's `gh`.
    #[tool(
        title = "Set the project up",
        annotations(
            read_only_hint = false,
            destructive_hint = false,
            idempotent_hint = true,
            open_world_hint = true
        )
    )]
    async fn provision(
        &self,
        Parameters(params): Parameters<Checked<ProvisionParams>>,
        context: RequestContext<RoleServer>,
    ) -> Result<Json<ProvisionReport>, CallToolResult> {
        let given = |text: String| Some(text).filter(|text| !text.trim().is_empty());
        let answer = self.run(params, &context, move |ctx, params| {
            let request = ProvisionRequest {
                repo: given(params.repo),
                partners: given(params.partner_github),
                is_private: params.private,
                description: given(params.description),
            };
            Ok(ProvisionReport::of(&provision(ctx, &request)?, &ctx.settings.branch))
        });
        let answer = self.watch.after(answer).await;
        // The clone may have got a remote: the next call looks again.
        self.forget();
        answer
    }

    /// Invite people to this repository at GitHub, when a person asks for it. Each invitation is answered for
    /// itself.
    #[tool(
        title = "Invite people",
        annotations(
            read_only_hint = false,
            destructive_hint = false,
            idempotent_hint = true,
            open_world_hint = true
        )
    )]
    async fn add_collaborator(
        &self,
        Parameters(params): Parameters<Checked<CollaboratorParams>>,
        context: RequestContext<RoleServer>,
    ) -> Result<Json<InvitedReport>, CallToolResult> {
        self.run(params, &context, |ctx, params| {
            Ok(InvitedReport::of(&add_collaborator(ctx, &params.github_username, Some(&params.permission))?))
        })
        .await
    }
}
