//! Our entry in a JSON file with comments.

use jsonc_parser::ParseOptions;
use jsonc_parser::cst::{CstInputValue, CstObject, CstRootNode};
use jsonc_parser::json;

const NAME: &str = "agentsync";

fn parse(text: &str) -> Result<CstRootNode, String> {
    let options = ParseOptions {
        allow_loose_object_property_names: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        ..ParseOptions::default()
    };
    CstRootNode::parse(text, &options).map_err(|err| err.to_string())
}

fn entry() -> CstInputValue {
    json!({ "type": "stdio", "command": "agentsync", "args": ["mcp"] })
}

/// Returns `text` with our entry under `key`; one that somebody has changed stays as it is.
pub(super) fn with_entry(text: &str, key: &str) -> Result<String, String> {
    if text.trim().is_empty() {
        let fresh = CstRootNode::parse("{}\n", &ParseOptions::default()).map_err(|err| err.to_string())?;
        fresh.object_value_or_set().append(key, json!({}));
        return with_entry(&fresh.to_string(), key);
    }
    let root = parse(text)?;
    let servers = servers(&root, key)?;
    if servers.get(NAME).is_none() {
        servers.append(NAME, entry());
    }
    Ok(root.to_string())
}

fn servers(root: &CstRootNode, key: &str) -> Result<CstObject, String> {
    let object = root.object_value().ok_or("it holds no object")?;
    object.object_value_or_create(key).ok_or_else(|| format!("`{key}` is not an object"))
}

/// Returns `text` without our entry; `None` when nothing else is in it.
pub(super) fn without_entry(text: &str, key: &str) -> Result<Option<String>, String> {
    let root = parse(text)?;
    let Some(object) = root.object_value() else { return Ok(Some(text.to_owned())) };
    let Some(servers) = object.object_value(key) else { return Ok(Some(text.to_owned())) };
    let Some(ours) = servers.get(NAME) else { return Ok(Some(text.to_owned())) };
    ours.remove();
    if servers.properties().is_empty()
        && let Some(property) = object.get(key)
    {
        property.remove();
    }
    let rest = root.to_string();
    let has_rest = !object.properties().is_empty() || rest.contains("//") || rest.contains("/*");
    Ok(has_rest.then_some(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRESH: &str = r#"{
  "mcpServers": {
    "agentsync": {
      "type": "stdio",
      "command": "agentsync",
      "args": ["mcp"]
    }
  }
}
"#;

    #[test]
    fn a_new_file_holds_our_entry_alone() {
        assert_eq!(with_entry("", "mcpServers").unwrap(), FRESH);
        assert_eq!(with_entry(FRESH, "mcpServers").unwrap(), FRESH);
        assert_eq!(without_entry(FRESH, "mcpServers").unwrap(), None);
    }

    #[test]
    fn comments_and_other_servers_stay() {
        let text =
            "{\n\t// mine\n\t\"mcpServers\": {\n\t\t\"other\": { \"command\": \"x\" } // why\n\t}\n}\n";
        let with = with_entry(text, "mcpServers").unwrap();
        assert!(
            with.contains("// mine") && with.contains("// why") && with.contains("\"agentsync\""),
            "{with}"
        );
        assert_eq!(
            without_entry(&with, "mcpServers").unwrap().unwrap().replace(['\n', '\t', ' ', ','], ""),
            text.replace(['\n', '\t', ' ', ','], "")
        );
    }

    #[test]
    fn what_is_no_object_is_refused() {
        assert!(with_entry("[]", "mcpServers").is_err());
        assert!(with_entry("{\"mcpServers\": 3}", "mcpServers").is_err());
        assert!(with_entry("{", "mcpServers").unwrap_err().contains("line 1"));
    }
}
