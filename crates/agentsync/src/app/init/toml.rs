//! Adds a server to a TOML file and takes it out again, leaving every other byte as it is.

use toml_edit::{DocumentMut, Item, TomlError};

use super::insertion::{Insertion, line_at, newline_of};
use super::json::Added;
use super::malformed::{Malformed, Present};

/// The table that holds the servers.
const SERVERS: &str = "mcp_servers";
/// The server's name.
const NAME: &str = "agentsync";
/// What is added.
const BLOCK: &str = "[mcp_servers.agentsync]\ncommand = \"agentsync\"\nargs = [\"mcp\"]\n";

/// Returns the file that holds the entry alone.
pub fn render_fresh() -> String {
    BLOCK.to_owned()
}

/// Plans to add the entry at the end of `text`.
pub fn plan_add(text: &str) -> Result<Added, Malformed> {
    let document = parse(text)?;
    if let Some(found) = document.get(SERVERS).and_then(|servers| servers.get(NAME)) {
        return Ok(Added::Already(present(found)));
    }
    let newline = newline_of(text);
    let gap = match text {
        "" => "",
        _ if text.ends_with("\n\n") || text.ends_with("\n\r\n") => "",
        _ if text.ends_with('\n') => newline,
        _ => &newline.repeat(2),
    };
    let insertion = Insertion::new(text.len(), format!("{gap}{}", BLOCK.replace('\n', newline)));
    // A table that is written in one line cannot be added to from outside.
    match parse(&format!("{text}{}", insertion.text)) {
        Ok(_) => Ok(Added::Insertions(vec![insertion])),
        Err(_) => Err(Malformed::at(
            text.find(SERVERS).map_or(1, |at| line_at(text, at)),
            format!("`{SERVERS}` is not written as tables such as `[{SERVERS}.name]`"),
        )),
    }
}

/// Plans to take the entry out of `text`; `None` when there is none of ours.
pub fn plan_remove(text: &str) -> Result<Option<String>, Malformed> {
    let mut document = parse(text)?;
    let Some(servers) = document.get_mut(SERVERS).and_then(Item::as_table_like_mut) else {
        return Ok(None);
    };
    if servers.get(NAME).map(present) != Some(Present::Ours) {
        return Ok(None);
    }
    servers.remove(NAME);
    let result = document.to_string();
    // Lines are written out with a plain line feed, whatever they ended with.
    Ok(Some(match newline_of(text) {
        "\n" => result,
        newline => result.replace("\r\n", "\n").replace('\n', newline),
    }))
}

fn parse(text: &str) -> Result<DocumentMut, Malformed> {
    let line = |err: &TomlError| err.span().map_or(1, |span| line_at(text, span.start));
    text.parse().map_err(|err: TomlError| Malformed::at(line(&err), err.message().trim().replace('\n', ", ")))
}

fn present(found: &Item) -> Present {
    let text = |key: &str| found.get(key).and_then(Item::as_str);
    match text("command") {
        Some(NAME) => Present::Ours,
        command => {
            Present::Foreign { starts: command.or_else(|| text("url")).unwrap_or_default().to_owned() }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::init::insertion::{apply, take_back};

    #[track_caller]
    fn check_add(text: &str, gap: &str) {
        let Added::Insertions(insertions) = plan_add(text).unwrap() else {
            panic!("nothing to add to {text}");
        };
        let changed = apply(text, &insertions);
        assert_eq!(changed, format!("{text}{gap}{}", BLOCK.replace('\n', newline_of(text))));
        assert_eq!(plan_add(&changed), Ok(Added::Already(Present::Ours)), "a second time");
        assert_eq!(take_back(&changed, &insertions).as_deref(), Some(text), "taken back");
    }

    #[test]
    fn the_entry_follows_what_is_there() {
        check_add("", "");
        check_add("# mine\nmodel = \"x\" # best\n", "\n");
        check_add("model = 'x'", "\n\n");
        check_add("\u{feff}model = 'x'\n", "\n");
        check_add("[mcp_servers.b]\ncommand = \"b\"\n\n", "");
        check_add("[mcp_servers.b]\r\ncommand = \"b\"\r\n", "\r\n");
    }

    #[test]
    fn the_entry_is_taken_out_of_a_file_that_changed_around_it() {
        let text = format!("a = 1 # one\n\n{BLOCK}\n# mine\n[mcp_servers.b]\ncommand = 'b'\n");
        let want = "a = 1 # one\n\n# mine\n[mcp_servers.b]\ncommand = 'b'\n";
        assert_eq!(plan_remove(&text).unwrap().as_deref(), Some(want));
        let windows = text.replace('\n', "\r\n");
        assert_eq!(plan_remove(&windows).unwrap(), Some(want.replace('\n', "\r\n")));
        assert_eq!(plan_remove("a = 1\n"), Ok(None));
    }

    #[test]
    fn what_is_not_understood_is_named_with_its_line() {
        let line = |text: &str| plan_add(text).unwrap_err().line;
        assert_eq!(line("a = 1\nb = \n"), 2);
        assert_eq!(line("a = 1\n\nmcp_servers = { b = { command = 'b' } }\n"), 3);
        assert_eq!(line("mcp_servers = 3\n"), 1);
    }

    #[test]
    fn somebody_elses_entry_of_our_name_is_left() {
        let text = "[mcp_servers.agentsync]\ncommand = \"uvx\"\n";
        let starts = "uvx".to_owned();
        assert_eq!(plan_add(text), Ok(Added::Already(Present::Foreign { starts })));
        assert_eq!(plan_remove(text), Ok(None));
    }
}
