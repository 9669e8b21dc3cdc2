//! Adds hooks to a JSON file and takes them out again, leaving every other byte as it is.

use jsonc_parser::ast::{Array, Object, Value as Node};
use jsonc_parser::common::Ranged as _;
use serde_json::{Value, json};

use super::insertion::{Insertion, line_at, newline_of};
use super::json::{
    Added, Style, cut, end_of_comment, end_of_ink, indent_at, line_indent, parse, piece, skip_trivia,
    starts_with_at, unit,
};
use super::malformed::{Malformed, Present};

/// The member that holds the lists of hooks.
const HOOKS: &str = "hooks";

/// Plans to give the file a member, unless it has it.
pub fn plan_member(text: &str, key: &str, value: &Value) -> Result<Added, Malformed> {
    let Some(root) = parse(text)? else {
        return Ok(fresh(text, &json!({ key: value })));
    };
    let style = style(text, &root);
    Ok(match root.get(key) {
        Some(_) => Added::Already(Present::Ours),
        None => Added::Insertions(style.insert(text, &root, key, value)),
    })
}

/// Plans to put `element` at the end of an event's list, unless one of ours is there.
pub fn plan_element(text: &str, event: &str, element: &Value) -> Result<Added, Malformed> {
    let Some(root) = parse(text)? else {
        return Ok(fresh(text, &json!({ HOOKS: { event: [element] } })));
    };
    let style = style(text, &root);
    let not = |at: usize, what: &str| Malformed::at(line_at(text, at), format!("{what} is of another kind"));
    let Some(prop) = root.get(HOOKS) else {
        return Ok(Added::Insertions(style.insert(text, &root, HOOKS, &json!({ event: [element] }))));
    };
    let Node::Object(lists) = &prop.value else { return Err(not(prop.range.start, "`hooks`")) };
    let Some(prop) = lists.get(event) else {
        return Ok(Added::Insertions(style.insert(text, lists, event, &json!([element]))));
    };
    let Node::Array(list) = &prop.value else {
        return Err(not(prop.range.start, &format!("`hooks.{event}`")));
    };
    if list.elements.iter().any(|there| is_ours(text, there)) {
        return Ok(Added::Already(Present::Ours));
    }
    Ok(Added::Insertions(append(&style, text, list, element)))
}

/// Plans to take all hooks of ours out of `text`, with the lists that hold nothing else; `None` when
/// there is none.
pub fn plan_remove(text: &str) -> Result<Option<String>, Malformed> {
    let mut result = None;
    let mut rest = text.to_owned();
    while let Some(next) = remove_one(&rest)? {
        rest.clone_from(&next);
        result = Some(next);
    }
    Ok(result)
}

/// Tells whether nothing is left in a file but what every file of its kind has.
pub fn is_bare(text: &str) -> bool {
    parse(text)
        .ok()
        .flatten()
        .is_none_or(|root| root.properties.iter().all(|prop| prop.name.as_str() == "version"))
}

fn remove_one(text: &str) -> Result<Option<String>, Malformed> {
    let Some(root) = parse(text)? else { return Ok(None) };
    let Some(lists) = root.get_object(HOOKS) else { return Ok(None) };
    for (event_idx, prop) in lists.properties.iter().enumerate() {
        let Node::Array(list) = &prop.value else { continue };
        let Some(idx) = list.elements.iter().position(|there| is_ours(text, there)) else { continue };
        let ranges = |props: &Object<'_>| -> Vec<_> {
            props.properties.iter().map(|prop| (prop.range.start, prop.range.end)).collect()
        };
        return Ok(Some(match (list.elements.len(), lists.properties.len()) {
            (1, 1) => {
                let hooks_idx =
                    root.properties.iter().position(|prop| prop.name.as_str() == HOOKS).unwrap_or(0);
                cut(text, &ranges(&root), hooks_idx)
            }
            (1, _) => cut(text, &ranges(lists), event_idx),
            _ => {
                let elements: Vec<_> =
                    list.elements.iter().map(|one| (one.range().start, one.range().end)).collect();
                cut(text, &elements, idx)
            }
        }));
    }
    Ok(None)
}

/// Tells whether an element calls us.
fn is_ours(text: &str, element: &Node<'_>) -> bool {
    let range = element.range();
    piece(text, range.start, range.end).contains("agentsync hook ")
}

fn style(text: &str, root: &Object<'_>) -> Style {
    Style { newline: newline_of(text), unit: unit(text, root) }
}

fn fresh(text: &str, value: &Value) -> Added {
    let style = Style { newline: newline_of(text), unit: "  ".to_owned() };
    Added::Insertions(vec![Insertion::new(
        text.len(),
        format!("{}{}", style.render(value, ""), style.newline),
    )])
}

fn append(style: &Style, text: &str, list: &Array<'_>, element: &Value) -> Vec<Insertion> {
    let Some(last) = list.elements.last() else {
        let close = list.range.end.saturating_sub(1);
        let at = end_of_ink(text, close);
        let outer = line_indent(text, list.range.start);
        let inner = format!("{outer}{}", style.unit);
        let line = format!("{}{inner}{}", style.newline, style.render(element, &inner));
        return match piece(text, at, close).contains('\n') {
            true => vec![Insertion::new(at, line)],
            false => vec![Insertion::new(at, format!("{line}{}{outer}", style.newline))],
        };
    };
    let end = last.range().end;
    let next = skip_trivia(text, end);
    let has_comma = starts_with_at(text, next, ',');
    let first = list.elements.first().map_or(end, |first| first.range().start);
    let indent = indent_at(text, first);
    let line = match indent {
        Some(indent) => format!("{}{indent}{}", style.newline, style.render(element, indent)),
        None => format!(" {}", style.render(element, line_indent(text, list.range.start))),
    };
    if has_comma {
        return vec![Insertion::new(end_of_comment(text, next + 1), format!("{line},"))];
    }
    match end_of_comment(text, end) {
        at if at == end || indent.is_none() => vec![Insertion::new(end, format!(",{line}"))],
        // A comment beside the last element stays beside it.
        at => vec![Insertion::new(end, ","), Insertion::new(at, line)],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::init::insertion::apply;

    fn element() -> Value {
        json!({ "hooks": [{ "type": "command", "command": "agentsync hook codex" }] })
    }

    #[track_caller]
    fn check(text: &str, want: &str) {
        let Added::Insertions(insertions) = plan_element(text, "Stop", &element()).unwrap() else {
            panic!("nothing to add to {text}");
        };
        let changed = apply(text, &insertions);
        assert_eq!(changed, want);
        assert_eq!(plan_element(&changed, "Stop", &element()), Ok(Added::Already(Present::Ours)));
        let back = plan_remove(&changed).unwrap().unwrap();
        assert!(!back.contains("agentsync"), "{back}");
        parse(&back).unwrap();
    }

    #[test]
    fn a_hook_joins_what_is_there() {
        let fresh = "{\n  \"hooks\": {\n    \"Stop\": [\n      {\n        \"hooks\": [\n          {\n            \"type\": \"command\",\n            \"command\": \"agentsync hook codex\"\n          }\n        ]\n      }\n    ]\n  }\n}\n";
        check("", fresh);
        check(
            "{\n  // mine\n  \"hooks\": {\n    \"Stop\": [\n      { \"hooks\": [] } // keep\n    ]\n  }\n}\n",
            "{\n  // mine\n  \"hooks\": {\n    \"Stop\": [\n      { \"hooks\": [] }, // keep\n      {\n        \"hooks\": [\n          {\n            \"type\": \"command\",\n            \"command\": \"agentsync hook codex\"\n          }\n        ]\n      }\n    ]\n  }\n}\n",
        );
        check(
            "{\"hooks\":{\"Stop\":[]}}",
            "{\"hooks\":{\"Stop\":[\n  {\n    \"hooks\": [\n      {\n        \"type\": \"command\",\n        \"command\": \"agentsync hook codex\"\n      }\n    ]\n  }\n]}}",
        );
    }

    #[test]
    fn hooks_are_taken_out_with_the_lists_that_hold_nothing_else() {
        let Added::Insertions(insertions) = plan_element("{\n  \"a\": 1\n}\n", "Stop", &element()).unwrap()
        else {
            panic!()
        };
        let changed = apply("{\n  \"a\": 1\n}\n", &insertions);
        assert_eq!(plan_remove(&changed).unwrap().as_deref(), Some("{\n  \"a\": 1\n}\n"));
        assert_eq!(plan_remove("{\"hooks\": {\"Stop\": [{\"command\": \"other\"}]}}"), Ok(None));
        assert!(is_bare("{\n  \"version\": 1\n}\n"));
    }

    #[test]
    fn what_is_of_another_kind_is_named_and_left() {
        assert_eq!(plan_element("{\n\"hooks\": 3}", "Stop", &element()).unwrap_err().line, 2);
        assert!(plan_element("{\"hooks\": {\"Stop\": {}}}", "Stop", &element()).is_err());
    }
}
