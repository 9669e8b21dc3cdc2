//! The board as resources.

use agentsync_core::AgentId;
use rmcp::ErrorData;
use rmcp::model::{
    ListResourceTemplatesResult, ListResourcesResult, ReadResourceResponse, ReadResourceResult, Resource,
    ResourceContents, ResourceTemplate,
};
use serde_json::json;

use super::server::Server;
use crate::app::failure::Failure;
use crate::app::ports::HistoryQuery;
use crate::app::{history, survey};
use crate::report::failure::FailureReport;
use crate::report::history::HistoryReport;
use crate::report::survey::{Detail, SurveyReport};

/// The whole board.
pub const BOARD: &str = "agentsync://board";
/// What happened on it.
pub const HISTORY: &str = "agentsync://history";
/// One agent's claims.
const CLAIMS: &str = "agentsync://claims/";

/// Lists the resources there always are.
pub fn list() -> ListResourcesResult {
    let resource = |uri: &str, name: &str, about: &str| {
        Resource::new(uri, name).with_description(about).with_mime_type("application/json")
    };
    ListResourcesResult::with_all_items(vec![
        resource(BOARD, "board", "Everybody's claims and notes, as `survey` shows them"),
        resource(HISTORY, "history", "The last 50 events on the board, newest first"),
    ])
    .with_ttl_ms(0)
}

/// Lists the resources that have a name in them.
pub fn templates() -> ListResourceTemplatesResult {
    let template = ResourceTemplate::new("agentsync://claims/{agent}", "claims")
        .with_description("One agent's claims")
        .with_mime_type("application/json");
    ListResourceTemplatesResult::with_all_items(vec![template])
}

/// Refuses an address that is none of ours.
pub fn check_uri(uri: &str) -> Result<(), ErrorData> {
    let agent = uri.strip_prefix(CLAIMS).map(AgentId::parse);
    match (uri, agent) {
        (BOARD | HISTORY, _) | (_, Some(Ok(_))) => Ok(()),
        _ => Err(ErrorData::invalid_params(
            format!("no resource `{}`; there are {BOARD}, {HISTORY} and {CLAIMS}<agent>", uri.escape_debug()),
            Some(json!({ "uri": uri })),
        )),
    }
}

/// Reads a resource.
pub async fn read(server: Server, uri: String) -> Result<ReadResourceResponse, ErrorData> {
    check_uri(&uri)?;
    let wanted = uri.clone();
    let text = tokio::task::spawn_blocking(move || render(&server, &wanted)).await;
    let text = text.map_err(|err| ErrorData::internal_error(err.to_string(), None))?;
    let text = text.map_err(|failure| {
        let report = FailureReport::of(&failure);
        ErrorData::internal_error(format!("{}. {}", report.error, report.fix), None)
    })?;
    let contents = ResourceContents::text(text, uri).with_mime_type("application/json");
    Ok(ReadResourceResult::new(vec![contents]).with_ttl_ms(0).into())
}

fn render(server: &Server, uri: &str) -> Result<String, Failure> {
    let app = server.app()?;
    let me = app.author(None);
    let ctx = &app.ctx_for(&me);
    let value = match uri.strip_prefix(CLAIMS) {
        Some(agent) => claims_of(&survey::survey(ctx, &[])?, agent),
        None if uri == HISTORY => {
            let entries = history::history(ctx, &HistoryQuery { limit: 50, ..HistoryQuery::default() })?;
            serde_json::to_value(HistoryReport::of(&entries, &ctx.settings.branch))
        }
        None => {
            let seen = survey::survey(ctx, &[])?;
            serde_json::to_value(SurveyReport::of(&seen, &me.agent, &ctx.settings.board_source, Detail::Full))
        }
    };
    Ok(value.unwrap_or_default().to_string())
}

fn claims_of(seen: &survey::Survey, agent: &str) -> Result<serde_json::Value, serde_json::Error> {
    use crate::report::claim_view::ClaimView;
    let is_theirs = |key: &agentsync_core::ClaimKey| key.agent().eq_ignore_ascii_case(agent);
    let mine = seen.mine.iter().map(|(key, claim)| (key, ClaimView::of(claim)));
    let peers = seen
        .peers
        .iter()
        .map(|(key, peer)| (key, peer.entry.as_claim().map_or_else(ClaimView::unreadable, ClaimView::of)));
    let claims: std::collections::BTreeMap<_, _> = mine
        .chain(peers)
        .filter(|(key, _)| is_theirs(key))
        .map(|(key, view)| (key.to_string(), view))
        .collect();
    serde_json::to_value(serde_json::json!({ "agent": agent, "claims": claims }))
}
