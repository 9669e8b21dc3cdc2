//! What the suite expects a server to have, as values: tools, resources, prompts.

use serde_json::{Value, json};

/// A PNG of one red pixel.
pub(crate) const PNG: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==";
/// A WAV without a sample.
pub(crate) const WAV: &str = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQAAAAA=";

/// Returns the tools.
pub(crate) fn tools() -> Value {
    let plain = |name: &str| json!({ "name": name, "description": "For the suite.", "inputSchema": { "type": "object" } });
    let asking = |name: &str, argument: &str| {
        json!({
            "name": name,
            "description": "For the suite.",
            "inputSchema": {
                "type": "object",
                "properties": { argument: { "type": "string" } },
                "required": [argument],
            },
        })
    };
    json!([
        plain("test_simple_text"),
        plain("test_image_content"),
        plain("test_audio_content"),
        plain("test_embedded_resource"),
        plain("test_multiple_content_types"),
        plain("test_tool_with_logging"),
        plain("test_tool_with_progress"),
        plain("test_error_handling"),
        asking("test_sampling", "prompt"),
        asking("test_elicitation", "message"),
        plain("test_elicitation_sep1034_defaults"),
        plain("test_elicitation_sep1330_enums"),
    ])
}

/// Returns the content of a tool that only answers; `None` for the others.
pub(crate) fn content(tool: &str) -> Option<Value> {
    let text = |text: &str| json!({ "type": "text", "text": text });
    let image = json!({ "type": "image", "data": PNG, "mimeType": "image/png" });
    let resource = |uri: &str, mime: &str, text: &str| json!({ "type": "resource", "resource": { "uri": uri, "mimeType": mime, "text": text } });
    match tool {
        "test_simple_text" => Some(json!([text("This is a simple text response for testing.")])),
        "test_image_content" => Some(json!([image])),
        "test_audio_content" => Some(json!([{ "type": "audio", "data": WAV, "mimeType": "audio/wav" }])),
        "test_embedded_resource" => Some(json!([resource(
            "test://embedded-resource",
            "text/plain",
            "This is an embedded resource content."
        )])),
        "test_multiple_content_types" => Some(json!([
            text("Multiple content types test:"),
            image,
            resource(
                "test://mixed-content-resource",
                "application/json",
                "{\"test\":\"data\",\"value\":123}"
            ),
        ])),
        "test_tool_with_logging" | "test_tool_with_progress" => Some(json!([text("done")])),
        _ => None,
    }
}

/// Returns the resources.
pub(crate) fn resources() -> Value {
    json!([
        { "uri": "test://static-text", "name": "Static text", "mimeType": "text/plain" },
        { "uri": "test://static-binary", "name": "Static binary", "mimeType": "image/png" },
        { "uri": "test://watched-resource", "name": "Watched", "mimeType": "text/plain" },
    ])
}

/// Returns a resource's content; `None` when there is none.
pub(crate) fn resource(uri: &str) -> Option<Value> {
    let text = |mime: &str, text: &str| json!({ "uri": uri, "mimeType": mime, "text": text });
    match uri {
        "test://static-text" => Some(text("text/plain", "This is the content of the static text resource.")),
        "test://watched-resource" => Some(text("text/plain", "Watched resource content")),
        "test://static-binary" => Some(json!({ "uri": uri, "mimeType": "image/png", "blob": PNG })),
        _ => {
            let id = uri.strip_prefix("test://template/")?.strip_suffix("/data")?;
            let data = json!({ "id": id, "templateTest": true, "data": format!("Data for ID: {id}") });
            Some(text("application/json", &data.to_string()))
        }
    }
}

/// Returns the templates of resources.
pub(crate) fn templates() -> Value {
    json!([{ "uriTemplate": "test://template/{id}/data", "name": "Template", "mimeType": "application/json" }])
}

/// Returns the prompts.
pub(crate) fn prompts() -> Value {
    let argument = |name: &str| json!({ "name": name, "description": "For the suite.", "required": true });
    json!([
        { "name": "test_simple_prompt", "description": "For the suite." },
        {
            "name": "test_prompt_with_arguments",
            "description": "For the suite.",
            "arguments": [argument("arg1"), argument("arg2")],
        },
        {
            "name": "test_prompt_with_embedded_resource",
            "description": "For the suite.",
            "arguments": [argument("resourceUri")],
        },
        { "name": "test_prompt_with_image", "description": "For the suite." },
    ])
}

/// Returns the messages of a prompt; `None` when there is none.
pub(crate) fn messages(name: &str, arguments: &Value) -> Option<Value> {
    let user = |content: Value| json!({ "role": "user", "content": content });
    let text = |text: String| json!({ "type": "text", "text": text });
    let argument = |name: &str| arguments.get(name).and_then(Value::as_str).unwrap_or_default();
    match name {
        "test_simple_prompt" => Some(json!([user(text("This is a simple prompt for testing.".to_owned()))])),
        "test_prompt_with_arguments" => {
            let (one, two) = (argument("arg1"), argument("arg2"));
            Some(json!([user(text(format!("Prompt with arguments: arg1='{one}', arg2='{two}'")))]))
        }
        "test_prompt_with_embedded_resource" => {
            let uri = argument("resourceUri");
            let text_of = "Embedded resource content for testing.";
            let resource = json!({ "uri": uri, "mimeType": "text/plain", "text": text_of });
            Some(json!([
                user(json!({ "type": "resource", "resource": resource })),
                user(text("Please process the embedded resource above.".to_owned())),
            ]))
        }
        "test_prompt_with_image" => Some(json!([
            user(json!({ "type": "image", "data": PNG, "mimeType": "image/png" })),
            user(text("Please analyze the image above.".to_owned())),
        ])),
        _ => None,
    }
}
