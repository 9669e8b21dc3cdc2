//! Schemas that every client takes.

use serde_json::{Map, Value};

/// Takes the formats of numbers out, which are Rust's own words (`uint64`): some validators complain of
/// every one they do not know; and the name of the dialect, which the protocol gives anyway; and that an
/// object may have more members, which goes without saying.
pub fn plain(schema: &mut Map<String, Value>) {
    let is_numeric =
        |format: &Value| format.as_str().is_some_and(|word| word.contains("int") || word == "double");
    if schema.get("format").is_some_and(is_numeric) {
        schema.remove("format");
    }
    schema.remove("$schema");
    if schema.get("additionalProperties") == Some(&Value::Bool(true)) {
        schema.remove("additionalProperties");
    }
    for value in schema.values_mut() {
        match value {
            Value::Object(inner) => plain(inner),
            Value::Array(items) => items.iter_mut().filter_map(Value::as_object_mut).for_each(plain),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn formats_of_numbers_go_and_others_stay() {
        let mut schema = json!({ "$schema": "https://json-schema.org/draft/2020-12/schema", "properties": { "n": { "format": "uint64" }, "at": { "format": "date-time" }, "all": { "type": "object", "additionalProperties": true } } });
        plain(schema.as_object_mut().unwrap());
        let all = json!({ "n": {}, "at": { "format": "date-time" }, "all": { "type": "object" } });
        assert_eq!(schema, json!({ "properties": all }));
    }
}
