//! The real server, with the fixtures beside it: whatever is no fixture goes to the real one.

#![expect(deprecated, reason = "the suite of 2025-11-25 asks for what the later revision has dropped")]

use agentsync_mcp::config::Flags;
use agentsync_mcp::mcp::server::Server;
use rmcp::ErrorData;
use rmcp::handler::server::ServerHandler;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CompleteRequestParams, CompleteResult, CompletionInfo,
    GetPromptRequestParams, GetPromptResponse, ListPromptsResult, ListResourceTemplatesResult,
    ListResourcesResult, ListToolsResult, PaginatedRequestParams, ReadResourceRequestParams,
    ReadResourceResponse, ServerConfig, SetLevelRequestParams, SubscribeRequestParams, SubscriptionFilter,
    Tool, UnsubscribeRequestParams,
};
use rmcp::service::{RequestContext, RoleServer, SubscriptionContext};
use serde_json::json;

use crate::calls::{self, of};
use crate::fixtures;

/// The real server with the fixtures.
#[derive(Clone)]
pub(crate) struct Beside {
    real: Server,
}

impl Beside {
    pub(crate) fn new(flags: Flags) -> Beside {
        Beside { real: Server::new(flags) }
    }
}

fn is_fixture(name: &str) -> bool {
    name.starts_with("test")
}

impl ServerHandler for Beside {
    fn get_info(&self) -> ServerConfig {
        let mut info = self.real.get_info();
        info.capabilities.completions = Some(serde_json::Map::new());
        info.capabilities.logging = Some(serde_json::Map::new());
        info
    }

    async fn list_tools(
        &self,
        request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let mut list = self.real.list_tools(request, context).await?;
        list.tools.extend(of::<Vec<Tool>>(fixtures::tools())?);
        Ok(list)
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        match is_fixture(&request.name) {
            true => calls::call(&request, &context).await.map(CallToolResponse::Complete),
            false => self.real.call_tool(request, context).await,
        }
    }

    async fn list_resources(
        &self,
        request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        let mut list = self.real.list_resources(request, context).await?;
        list.resources.extend(of::<Vec<_>>(fixtures::resources())?);
        Ok(list)
    }

    async fn list_resource_templates(
        &self,
        request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        let mut list = self.real.list_resource_templates(request, context).await?;
        list.resource_templates.extend(of::<Vec<_>>(fixtures::templates())?);
        Ok(list)
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        match fixtures::resource(&request.uri) {
            Some(content) => Ok(ReadResourceResponse::Complete(of(
                json!({ "resultType": "complete", "contents": [content] }),
            )?)),
            None => self.real.read_resource(request, context).await,
        }
    }

    async fn subscribe(
        &self,
        request: SubscribeRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        match is_fixture(&request.uri) {
            true => Ok(()),
            false => self.real.subscribe(request, context).await,
        }
    }

    async fn unsubscribe(
        &self,
        request: UnsubscribeRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        match is_fixture(&request.uri) {
            true => Ok(()),
            false => self.real.unsubscribe(request, context).await,
        }
    }

    fn accepted_subscription_filter(&self, wanted: &SubscriptionFilter) -> Option<SubscriptionFilter> {
        self.real.accepted_subscription_filter(wanted)
    }

    async fn listen(&self, context: SubscriptionContext) -> Result<(), ErrorData> {
        self.real.listen(context).await
    }

    async fn list_prompts(
        &self,
        request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        let mut list = self.real.list_prompts(request, context).await?;
        list.prompts.extend(of::<Vec<_>>(fixtures::prompts())?);
        Ok(list)
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        let arguments = json!(request.arguments);
        match fixtures::messages(&request.name, &arguments) {
            Some(messages) => Ok(GetPromptResponse::Complete(of(
                json!({ "resultType": "complete", "messages": messages }),
            )?)),
            None => self.real.get_prompt(request, context).await,
        }
    }

    async fn complete(
        &self,
        _: CompleteRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<CompleteResult, ErrorData> {
        let values = vec!["test-value-1".to_owned(), "test-value-2".to_owned()];
        let info =
            CompletionInfo::with_all_values(values).map_err(|err| ErrorData::internal_error(err, None))?;
        Ok(CompleteResult::new(info))
    }

    async fn set_level(
        &self,
        _: SetLevelRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        Ok(())
    }
}
