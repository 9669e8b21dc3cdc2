//! Our entry in a TOML file.

use toml_edit::{Array, DocumentMut, Item, Table, value};

const NAME: &str = "agentsync";

fn parse(text: &str) -> Result<DocumentMut, String> {
    text.parse::<DocumentMut>().map_err(|err| err.to_string().trim().replace('\n', " "))
}

/// Returns `text` with our entry under `key`; one that somebody has changed stays as it is.
pub(super) fn with_entry(text: &str, key: &str) -> Result<String, String> {
    let mut document = parse(text)?;
    let servers = document.entry(key).or_insert_with(|| {
        let mut table = Table::new();
        // Only the tables in it have headings.
        table.set_implicit(true);
        Item::Table(table)
    });
    let servers = servers.as_table_like_mut().ok_or_else(|| format!("`{key}` is not a table"))?;
    if servers.contains_key(NAME) {
        return Ok(text.to_owned());
    }
    let mut entry = Table::new();
    entry.insert("command", value("agentsync"));
    entry.insert("args", value(Array::from_iter(["mcp"])));
    if !text.trim().is_empty() {
        entry.decor_mut().set_prefix("\n");
    }
    servers.insert(NAME, Item::Table(entry));
    Ok(document.to_string())
}

/// Returns `text` without our entry; `None` when nothing else is in it.
pub(super) fn without_entry(text: &str, key: &str) -> Result<Option<String>, String> {
    let mut document = parse(text)?;
    let Some(servers) = document.get_mut(key).and_then(Item::as_table_like_mut) else {
        return Ok(Some(text.to_owned()));
    };
    if servers.remove(NAME).is_none() {
        return Ok(Some(text.to_owned()));
    }
    if servers.is_empty() {
        document.remove(key);
    }
    let rest = document.to_string();
    Ok((!rest.trim().is_empty()).then_some(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_added_and_taken_away() {
        let fresh = "[mcp_servers.agentsync]\ncommand = \"agentsync\"\nargs = [\"mcp\"]\n";
        assert_eq!(with_entry("", "mcp_servers").unwrap(), fresh);
        assert_eq!(without_entry(fresh, "mcp_servers").unwrap(), None);
        let text = "# mine\nmodel = \"x\"\n\n[mcp_servers.other]\ncommand = \"y\" # why\n";
        let with = with_entry(text, "mcp_servers").unwrap();
        assert_eq!(with, format!("{text}\n{fresh}"));
        assert_eq!(with_entry(&with, "mcp_servers").unwrap(), with);
        assert_eq!(without_entry(&with, "mcp_servers").unwrap().as_deref(), Some(text));
    }

    #[test]
    fn what_cannot_be_read_is_refused_with_its_place() {
        assert!(with_entry("a = ", "mcp_servers").unwrap_err().contains("line 1"));
        assert!(with_entry("mcp_servers = 3", "mcp_servers").is_err());
    }
}
