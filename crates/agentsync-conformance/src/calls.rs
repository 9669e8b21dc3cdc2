//! The fixtures that talk to the client while they run.

use std::time::Duration;

use rmcp::ErrorData;
use rmcp::model::{CallToolRequestParams, CallToolResult};
use rmcp::service::{RequestContext, RoleServer};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::fixtures;

/// Makes a protocol type of a value of ours.
pub(crate) fn of<T: DeserializeOwned>(value: Value) -> Result<T, ErrorData> {
    serde_json::from_value(value).map_err(|err| ErrorData::internal_error(err.to_string(), None))
}

fn failed(err: impl std::fmt::Display) -> ErrorData {
    ErrorData::internal_error(err.to_string(), None)
}

/// Answers a call of a fixture.
pub(crate) async fn call(
    request: &CallToolRequestParams,
    context: &RequestContext<RoleServer>,
) -> Result<CallToolResult, ErrorData> {
    match &*request.name {
        "test_tool_with_logging" => log(context).await?,
        "test_tool_with_progress" => progress(context).await?,
        "test_sampling" => return sample(request, context).await,
        "test_elicitation" => {
            let schema = json!({
                "type": "object",
                "properties": { "username": { "type": "string" }, "email": { "type": "string" } },
                "required": ["username", "email"],
            });
            return elicit(context, argument(request, "message"), schema).await;
        }
        "test_elicitation_sep1034_defaults" => {
            return elicit(context, "Please confirm the defaults", defaults()).await;
        }
        "test_elicitation_sep1330_enums" => return elicit(context, "Please choose", enums()).await,
        "test_error_handling" => {
            let text = "This tool intentionally returns an error for testing";
            return of(
                json!({ "resultType": "complete", "content": [{ "type": "text", "text": text }], "isError": true }),
            );
        }
        _ => {}
    }
    match fixtures::content(&request.name) {
        Some(content) => of(json!({ "resultType": "complete", "content": content })),
        None => Err(ErrorData::invalid_params(format!("there is no tool `{}`", request.name), None)),
    }
}

fn argument<'a>(request: &'a CallToolRequestParams, name: &str) -> &'a str {
    let arguments = request.arguments.as_ref();
    arguments.and_then(|arguments| arguments.get(name)).and_then(Value::as_str).unwrap_or_default()
}

#[expect(
    deprecated,
    reason = "the suite of 2025-11-25 asks for logging, which the later revision has dropped"
)]
async fn log(context: &RequestContext<RoleServer>) -> Result<(), ErrorData> {
    for data in ["Tool execution started", "Tool processing data", "Tool execution completed"] {
        context
            .peer
            .notify_logging_message(of(json!({ "level": "info", "data": data }))?)
            .await
            .map_err(failed)?;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

async fn progress(context: &RequestContext<RoleServer>) -> Result<(), ErrorData> {
    let Some(token) = context.meta.get_progress_token() else { return Ok(()) };
    let token = serde_json::to_value(token).map_err(failed)?;
    for done in [0, 50, 100] {
        let params = of(json!({ "progressToken": token, "progress": done, "total": 100 }))?;
        context.peer.notify_progress(params).await.map_err(failed)?;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

#[expect(
    deprecated,
    reason = "the suite of 2025-11-25 asks for sampling, which the later revision has dropped"
)]
async fn sample(
    request: &CallToolRequestParams,
    context: &RequestContext<RoleServer>,
) -> Result<CallToolResult, ErrorData> {
    let message =
        json!({ "role": "user", "content": { "type": "text", "text": argument(request, "prompt") } });
    let params = of(json!({ "messages": [message], "maxTokens": 100 }))?;
    let answer = context.peer.create_message(params).await.map_err(failed)?;
    let answer = serde_json::to_value(answer).map_err(failed)?;
    let text = answer.pointer("/content/text").or(answer.pointer("/content/0/text")).and_then(Value::as_str);
    let text = format!("LLM response: {}", text.unwrap_or_default());
    of(json!({ "resultType": "complete", "content": [{ "type": "text", "text": text }] }))
}

async fn elicit(
    context: &RequestContext<RoleServer>,
    message: &str,
    schema: Value,
) -> Result<CallToolResult, ErrorData> {
    let params = of(json!({ "mode": "form", "message": message, "requestedSchema": schema }))?;
    let answer = context.peer.create_elicitation(params).await.map_err(failed)?;
    let answer = serde_json::to_value(answer).map_err(failed)?;
    let part = |name: &str| answer.get(name).cloned().unwrap_or_default();
    let text = format!("User response: action={}, content={}", part("action"), part("content"));
    of(json!({ "resultType": "complete", "content": [{ "type": "text", "text": text }] }))
}

fn defaults() -> Value {
    json!({
        "type": "object",
        "properties": {
            "name": { "type": "string", "default": "John Doe" },
            "age": { "type": "integer", "default": 30 },
            "score": { "type": "number", "default": 95.5 },
            "status": { "type": "string", "enum": ["active", "inactive", "pending"], "default": "active" },
            "verified": { "type": "boolean", "default": true },
        },
        "required": [],
    })
}

fn enums() -> Value {
    let titled = json!([
        { "const": "value1", "title": "First Option" },
        { "const": "value2", "title": "Second Option" },
        { "const": "value3", "title": "Third Option" },
    ]);
    let plain = json!(["option1", "option2", "option3"]);
    json!({
        "type": "object",
        "properties": {
            "untitledSingle": { "type": "string", "enum": plain },
            "titledSingle": { "type": "string", "oneOf": titled },
            "legacyEnum": { "type": "string", "enum": ["opt1", "opt2", "opt3"], "enumNames": ["One", "Two", "Three"] },
            "untitledMulti": { "type": "array", "items": { "type": "string", "enum": plain } },
            "titledMulti": { "type": "array", "items": { "anyOf": titled } },
        },
        "required": [],
    })
}
