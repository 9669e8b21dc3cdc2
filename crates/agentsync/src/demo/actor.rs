//! One agent: a real `agentsync mcp` process in its own clone, and a client that calls it.

use std::process::Stdio;

use rmcp::ServiceExt as _;
use rmcp::model::CallToolRequestParams;
use rmcp::service::{RoleClient, RunningService};
use serde_json::Value;
use tokio::process::Child;

use super::DemoError;
use super::stage::Stage;

/// An agent with its server.
pub(super) struct Actor {
    /// Its id.
    pub(super) agent: &'static str,
    client: RunningService<RoleClient, ()>,
    /// Ends with its client; killed when it does not.
    server: Child,
}

impl Actor {
    /// Starts the server and greets it.
    pub(super) async fn enter(agent: &'static str, stage: &Stage) -> Result<Actor, DemoError> {
        let failed = |detail: String| DemoError::Server { agent, what: "could not be started", detail };
        let mut command = stage.program().map_err(|err| failed(err.to_string()))?;
        command.arg("mcp").arg("--repo").arg(stage.clone_of(agent)).args(["--agent", agent]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        let mut server = command.spawn().map_err(|err| failed(err.to_string()))?;
        let (Some(stdout), Some(stdin)) = (server.stdout.take(), server.stdin.take()) else {
            return Err(failed("it has no standard streams".to_owned()));
        };
        let client = ().serve((stdout, stdin)).await.map_err(|err| failed(err.to_string()))?;
        Ok(Actor { agent, client, server })
    }

    /// Calls a tool and returns the structured content of its answer.
    pub(super) async fn call(&self, tool: &'static str, arguments: &Value) -> Result<Value, DemoError> {
        let mut params = CallToolRequestParams::new(tool);
        params.arguments = arguments.as_object().cloned();
        let failed = |detail| DemoError::Server { agent: self.agent, what: "did not answer", detail };
        let result = self.client.call_tool(params).await.map_err(|err| failed(err.to_string()))?;
        // A failure stands in the content, as JSON.
        let failure = || serde_json::from_str(result.content.first()?.as_text()?.text.as_str()).ok();
        Ok(result.structured_content.clone().or_else(failure).unwrap_or_default())
    }

    /// Closes the connection and waits for the server to end.
    pub(super) async fn leave(mut self) {
        let _ = self.client.cancel().await;
        let _ = self.server.wait().await;
    }
}
