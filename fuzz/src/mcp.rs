//! Frames of MCP, through the real server in memory. It stands in a folder without a repository, so
//! that every call is parsed, and answered with what is wrong.

use std::sync::OnceLock;
use std::time::Duration;

use agentsync_mcp::config::Flags;
use agentsync_mcp::mcp::server::Server;
use rmcp::ServiceExt as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;

const HELLO: &str = concat!(
    r#"{"jsonrpc":"2.0","id":"hello","method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"#,
    r#""clientInfo":{"name":"fuzz","version":"0"}}}"#,
    "\n",
    r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#,
    "\n",
);

/// How long one session may take; what takes longer hangs.
const LIMIT: Duration = Duration::from_secs(10);

fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| Builder::new_current_thread().enable_all().build().expect("a runtime"))
}

/// A session: `!` at the start leaves the greeting out, everything else is what the client sends.
pub fn frames(data: &[u8]) {
    let (greets, frames) = match data.split_first() {
        Some((b'!', rest)) => (false, rest),
        _ => (true, data),
    };
    let answers = runtime().block_on(async {
        let (ours, theirs) = tokio::io::duplex(1 << 20);
        let flags = Flags { repo: Some("/nonexistent".into()), ..Flags::default() };
        let server = tokio::spawn(async move {
            if let Ok(running) = Server::new(flags).serve(theirs).await {
                let _ = running.waiting().await;
            }
        });
        let (mut reader, mut writer) = tokio::io::split(ours);
        let greeting = if greets { HELLO.as_bytes() } else { b"" };
        let talk = async {
            // A server that has gone away takes no more, which is its right.
            let _ = writer.write_all(greeting).await;
            let _ = writer.write_all(frames).await;
            let _ = writer.write_all(b"\n").await;
            let _ = writer.shutdown().await;
        };
        let mut answers = Vec::new();
        let hear = reader.read_to_end(&mut answers);
        let both = async { tokio::join!(talk, hear) };
        let ((), heard) = timeout(LIMIT, both).await.expect("a session ends when its client leaves");
        heard.expect("a pipe in memory does not break");
        timeout(LIMIT, server).await.expect("a server ends").expect("a server does not panic");
        answers
    });
    let text = String::from_utf8(answers).expect("answers are UTF-8");
    for line in text.lines() {
        let answer: serde_json::Value =
            serde_json::from_str(line).unwrap_or_else(|err| panic!("{err}: {line}"));
        assert_eq!(answer["jsonrpc"], "2.0", "{line}");
    }
    if greets {
        assert!(text.contains("\"hello\""), "a greeting is answered: {text}");
    }
}
