//! A client whose agent knows nothing of agentsync: it fires its hooks, as the real ones do.

use std::process::Stdio;

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;

use super::DemoError;
use super::script::Event;
use super::stage::Stage;

/// The id of the client's session.
const SESSION: &str = "0b5e-demo";

/// Fires one event at the hook that `agentsync install claude-code` registers, and returns the answer.
pub(super) async fn fire(stage: &Stage, event: &Event) -> Result<Value, DemoError> {
    let mut payload = json!({
        "session_id": SESSION,
        "cwd": stage.clone_of(event.agent),
        "hook_event_name": event.name,
    });
    if let (Value::Object(all), Value::Object(more)) = (&mut payload, &event.more) {
        all.extend(more.clone());
    }
    let text = run(stage, event.agent, &["hook", "claude-code"], &payload.to_string()).await?;
    let unclear = |err: serde_json::Error| failed(event.agent, "answered what is not JSON", &err);
    serde_json::from_str(&text).map_err(unclear)
}

/// Ends the session, so that what runs in the background ends too.
pub(super) async fn leave(stage: &Stage, agent: &'static str) -> Result<(), DemoError> {
    fire(stage, &Event::quiet(agent, "SessionEnd")).await.map(drop)
}

/// Registers the hooks in a clone.
pub(super) async fn install(stage: &Stage, agent: &'static str) -> Result<(), DemoError> {
    run(stage, agent, &["install", "claude-code", "--yes"], "").await.map(drop)
}

/// Runs the program in an agent's clone, and returns what it printed.
async fn run(stage: &Stage, agent: &'static str, args: &[&str], input: &str) -> Result<String, DemoError> {
    let mut command = stage.program().map_err(|err| failed(agent, "could not be started", &err))?;
    command.args(args).current_dir(stage.clone_of(agent));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let talk = async {
        let mut child = command.spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(input.as_bytes()).await?;
        }
        child.wait_with_output().await
    };
    let output = talk.await.map_err(|err| failed(agent, "could not be asked", &err))?;
    if !output.status.success() {
        return Err(failed(agent, "failed", &String::from_utf8_lossy(&output.stderr).trim()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn failed(agent: &'static str, what: &'static str, why: &dyn std::fmt::Display) -> DemoError {
    DemoError::Hook { agent, what, detail: why.to_string() }
}
