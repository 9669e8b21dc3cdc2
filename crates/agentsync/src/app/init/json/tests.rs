//! Every file comes out with one entry more, and back to the byte.

use super::*;
use crate::app::init::insertion::{apply, take_back};

fn entry() -> Entry {
    let value = serde_json::json!({ "command": "agentsync", "args": ["mcp"] });
    Entry { key: "mcpServers", name: "agentsync", value }
}

#[track_caller]
fn check_add(text: &str, want: &str) {
    let Added::Insertions(insertions) = plan_add(text, &entry()).unwrap() else {
        panic!("nothing to add to {text}");
    };
    let changed = apply(text, &insertions);
    assert_eq!(changed, want);
    assert_eq!(plan_add(&changed, &entry()), Ok(Added::Already(Present::Ours)), "a second time");
    assert_eq!(take_back(&changed, &insertions).as_deref(), Some(text), "taken back");
}

#[track_caller]
fn check_remove(text: &str, want: &str) {
    assert_eq!(plan_remove(text, &entry()).unwrap().as_deref(), Some(want));
}

const OURS: &str = "\"agentsync\": {\n      \"command\": \"agentsync\",\n      \"args\": [\"mcp\"]\n    }";

#[test]
fn an_empty_file_becomes_a_whole_one() {
    assert_eq!(render_fresh(&entry()), format!("{{\n  \"mcpServers\": {{\n    {OURS}\n  }}\n}}\n"));
    check_add("", &render_fresh(&entry()));
}

#[test]
fn an_object_without_the_key_gets_it() {
    check_add("{}", render_fresh(&entry()).trim_end());
    check_add("{\n}\n", &render_fresh(&entry()));
    check_add(
        "{\n  \"a\": 1\n}\n",
        &format!("{{\n  \"a\": 1,\n  \"mcpServers\": {{\n    {OURS}\n  }}\n}}\n"),
    );
}

#[test]
fn comments_stay_where_they_are() {
    check_add(
        "{\n  // servers\n  \"mcpServers\": {\n    \"b\": {} // mine\n    // the end\n  }\n}\n",
        &format!(
            "{{\n  // servers\n  \"mcpServers\": {{\n    \"b\": {{}}, // mine\n    {OURS}\n    // the end\n  }}\n}}\n"
        ),
    );
    check_add(
        "{\n  \"mcpServers\": { /* none */ }\n}\n",
        &format!("{{\n  \"mcpServers\": {{ /* none */\n    {OURS}\n   }}\n}}\n"),
    );
}

#[test]
fn a_trailing_comma_is_kept_up() {
    check_add(
        "{\n  \"mcpServers\": {\n    \"b\": {}, // mine\n  },\n}\n",
        &format!("{{\n  \"mcpServers\": {{\n    \"b\": {{}}, // mine\n    {OURS},\n  }},\n}}\n"),
    );
}

#[test]
fn indentation_and_line_ends_follow_the_file() {
    check_add(
        "{\r\n\t\"mcpServers\": {\r\n\t\t\"b\": {}\r\n\t}\r\n}\r\n",
        "{\r\n\t\"mcpServers\": {\r\n\t\t\"b\": {},\r\n\t\t\"agentsync\": {\r\n\t\t\t\"command\": \"agentsync\",\r\n\t\t\t\"args\": [\"mcp\"]\r\n\t\t}\r\n\t}\r\n}\r\n",
    );
    check_add(
        "{\"mcpServers\":{\"b\":{}}}",
        "{\"mcpServers\":{\"b\":{}, \"agentsync\": { \"command\": \"agentsync\", \"args\": [\"mcp\"] }}}",
    );
}

#[test]
fn a_byte_order_mark_is_kept() {
    check_add("\u{feff}{}", &format!("\u{feff}{}", render_fresh(&entry()).trim_end()));
}

#[test]
fn what_is_not_understood_is_named_with_its_line() {
    let why = |text: &str| plan_add(text, &entry()).unwrap_err().to_string();
    assert_eq!(why("{\n  \"mcpServers\": []\n}"), "line 2: `mcpServers` is not an object");
    assert_eq!(why("[]"), "line 1: the file is not an object");
    assert_eq!(
        why("{\n  \"a\": 1,\n  \"b\" 2\n}"),
        "line 3: Expected colon after the string or word in object property"
    );
    assert!(why("{ a: 1 }").starts_with("line 1: "));
}

#[test]
fn somebody_elses_entry_of_our_name_is_left() {
    let text = r#"{"mcpServers":{"agentsync":{"command":"uvx","args":["agentsync-mcp"]}}}"#;
    let starts = "uvx".to_owned();
    assert_eq!(plan_add(text, &entry()), Ok(Added::Already(Present::Foreign { starts })));
    assert_eq!(plan_remove(text, &entry()), Ok(None));
}

#[test]
fn an_entry_is_taken_out_of_a_file_that_changed_around_it() {
    let after = format!("{{\n  \"mcpServers\": {{\n    {OURS},\n    \"b\": {{}}\n  }}\n}}\n");
    check_remove(&after, "{\n  \"mcpServers\": {\n    \"b\": {}\n  }\n}\n");
    let last = format!("{{\n  \"mcpServers\": {{\n    \"b\": {{}}, // mine\n    {OURS}\n  }}\n}}\n");
    check_remove(&last, "{\n  \"mcpServers\": {\n    \"b\": {} // mine\n  }\n}\n");
    let alone = format!("{{\n  \"a\": 1,\n  \"mcpServers\": {{\n    {OURS}\n  }}\n}}\n");
    check_remove(&alone, "{\n  \"a\": 1,\n  \"mcpServers\": {}\n}\n");
    let trailing = format!("{{\n  \"mcpServers\": {{\n    \"b\": {{}},\n    {OURS},\n  }}\n}}\n");
    check_remove(&trailing, "{\n  \"mcpServers\": {\n    \"b\": {},\n  }\n}\n");
}

#[test]
fn a_file_without_an_entry_has_none_to_take_out() {
    assert_eq!(plan_remove("{}", &entry()), Ok(None));
    assert_eq!(plan_remove("", &entry()), Ok(None));
    assert_eq!(plan_remove("{\"mcpServers\":{\"b\":{}}}", &entry()), Ok(None));
}
