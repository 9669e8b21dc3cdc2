//! The tools that compare work with work.

use rmcp::handler::server::wrapper::Parameters;
use rmcp::model::CallToolResult;
use rmcp::service::{RequestContext, RoleServer};
use rmcp::{Json, tool, tool_router};

use super::params::{CheckParams, Checked};
use super::server::Server;
use super::tools_board::parse_detail;
use crate::app::args::{parse_branch, parse_lane};
use crate::app::check_all::Scope;
use crate::app::check_conflicts::{CheckRequest, check_conflicts};
use crate::app::ports::Uncommitted;
use crate::report::check_conflicts::CheckReport;

#[tool_router(router = check_router, vis = "pub(super)")]
impl Server {
    /// Before you push: try to merge what you really have (your uncommitted changes too) with every branch your
    /// peers claimed, compare the claims, and find what merges and does not fit together: names that are gone,
    /// other arguments. Names the files in conflict and the commits compared. What is not known is said, never
    /// shown as clear. Changes nothing.
    #[tool(
        title = "Check for conflicts",
        annotations(
            read_only_hint = true,
            destructive_hint = false,
            idempotent_hint = true,
            open_world_hint = false
        )
    )]
    async fn check_conflicts(
        &self,
        Parameters(params): Parameters<Checked<CheckParams>>,
        context: RequestContext<RoleServer>,
    ) -> Result<Json<CheckReport>, CallToolResult> {
        self.run(params, &context, |ctx, params| {
            let request = CheckRequest {
                against: parse_branch(Some(&params.against_branch))?,
                lane: parse_lane(Some(&params.lane))?,
                uncommitted: if params.committed_only { Uncommitted::Left } else { Uncommitted::Included },
                scope: if params.all { Scope::All } else { Scope::Mine },
            };
            let detail = parse_detail(&params.detail)?;
            Ok(CheckReport::of(&check_conflicts(ctx, &request)?, detail))
        })
        .await
    }
}
