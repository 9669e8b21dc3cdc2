//! Serves the real MCP server over HTTP on the loopback, with the suite's fixtures beside it.
//!
//! Prints its address and serves until it is ended.

mod calls;
mod fixtures;
mod server;

use std::io::{self, Write as _};

use agentsync_mcp::config::Flags;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use server::Beside;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> io::Result<()> {
    let beside = Beside::new(Flags::default());
    let service = StreamableHttpService::new(
        move || Ok(beside.clone()),
        LocalSessionManager::default().into(),
        StreamableHttpServerConfig::default(),
    );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    writeln!(io::stdout(), "http://{}/mcp", listener.local_addr()?)?;
    axum::serve(listener, axum::Router::new().nest_service("/mcp", service)).await
}
