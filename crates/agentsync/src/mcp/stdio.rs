//! Serves MCP on the standard streams. Nothing else is ever written to the standard output.

use rmcp::ServiceExt as _;
use rmcp::service::ServerInitializeError;

use super::server::Server;
use crate::config::Flags;
use crate::report::Exit;

/// Serves until the client closes the stream.
pub fn serve(flags: Flags) -> Exit {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let Ok(runtime) = runtime else { return Exit::TryAgain };
    let exit = runtime.block_on(async {
        match Server::new(flags).serve(rmcp::transport::io::stdio_pipes()).await {
            Ok(running) => match running.waiting().await {
                Ok(_) => Exit::Yes,
                Err(_) => Exit::Bug,
            },
            // Clients look whether we start at all and close again: that is normal.
            Err(ServerInitializeError::ConnectionClosed(_)) => Exit::Yes,
            Err(err) => {
                eprint_line(&format!("agentsync mcp: {err}"));
                Exit::TryAgain
            }
        }
    });
    // A verb that still waits for a remote must not keep a closed server alive.
    runtime.shutdown_background();
    exit
}

fn eprint_line(text: &str) {
    use std::io::Write as _;
    let _ = writeln!(anstream::stderr(), "{}", agentsync_core::text::escape(text));
}
