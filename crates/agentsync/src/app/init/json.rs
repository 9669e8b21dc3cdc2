//! Adds a server to a JSON file and takes it out again, leaving every other byte as it is.

use jsonc_parser::ast::{Object, ObjectProp, Value as Node};
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use serde_json::Value;

use super::insertion::{Insertion, line_at, newline_of};
use super::malformed::{Malformed, Present};

/// A server under its key, as one client wants it.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The key that holds the servers.
    pub key: &'static str,
    /// The server's name.
    pub name: &'static str,
    /// What stands under the name.
    pub value: Value,
}

/// What adding comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Added {
    /// Text to put in.
    Insertions(Vec<Insertion>),
    /// It is there.
    Already(Present),
}

/// Returns the file that holds the entry alone.
pub fn render_fresh(entry: &Entry) -> String {
    let style = Style { newline: "\n", unit: "  ".to_owned() };
    format!("{}\n", style.render(&root_value(entry), ""))
}

fn root_value(entry: &Entry) -> Value {
    serde_json::json!({ entry.key: { entry.name: entry.value } })
}

/// The mark that some editors put before the text. The parser does not know it.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Plans to add `entry` to `text`.
pub fn plan_add(text: &str, entry: &Entry) -> Result<Added, Malformed> {
    let Some(rest) = text.strip_prefix(BYTE_ORDER_MARK) else {
        return plan_add_unmarked(text, entry);
    };
    let mut added = plan_add_unmarked(rest, entry)?;
    if let Added::Insertions(insertions) = &mut added {
        for insertion in insertions {
            insertion.at += BYTE_ORDER_MARK.len();
        }
    }
    Ok(added)
}

fn plan_add_unmarked(text: &str, entry: &Entry) -> Result<Added, Malformed> {
    let Some(root) = parse(text)? else {
        let fresh = render_fresh(entry).replace('\n', newline_of(text));
        return Ok(Added::Insertions(vec![Insertion::new(text.len(), fresh)]));
    };
    let style = Style { newline: newline_of(text), unit: unit(text, &root) };
    let Some(prop) = root.get(entry.key) else {
        let held = serde_json::json!({ entry.name: entry.value });
        return Ok(Added::Insertions(style.insert(text, &root, entry.key, &held)));
    };
    let Node::Object(servers) = &prop.value else {
        return Err(Malformed::at(
            line_at(text, prop.range.start),
            format!("`{}` is not an object", entry.key),
        ));
    };
    Ok(match servers.get(entry.name) {
        Some(found) => Added::Already(present(found, &entry.value)),
        None => Added::Insertions(style.insert(text, servers, entry.name, &entry.value)),
    })
}

/// Plans to take the entry out of `text`; `None` when there is none of ours.
pub fn plan_remove(text: &str, entry: &Entry) -> Result<Option<String>, Malformed> {
    match text.strip_prefix(BYTE_ORDER_MARK) {
        Some(rest) => {
            let result = plan_remove_unmarked(rest, entry)?;
            Ok(result.map(|result| format!("{BYTE_ORDER_MARK}{result}")))
        }
        None => plan_remove_unmarked(text, entry),
    }
}

fn plan_remove_unmarked(text: &str, entry: &Entry) -> Result<Option<String>, Malformed> {
    let Some(root) = parse(text)? else { return Ok(None) };
    let Some(servers) = root.get_object(entry.key) else { return Ok(None) };
    let Some(at) = servers.properties.iter().position(|prop| prop.name.as_str() == entry.name) else {
        return Ok(None);
    };
    if servers.properties.get(at).map(|prop| present(prop, &entry.value)) != Some(Present::Ours) {
        return Ok(None);
    }
    let ranges: Vec<_> = servers.properties.iter().map(|prop| (prop.range.start, prop.range.end)).collect();
    Ok(Some(cut(text, &ranges, at)))
}

/// Takes one of the members of an object or list out, which stand at `ranges`, with its comma.
pub(super) fn cut(text: &str, ranges: &[(usize, usize)], idx: usize) -> String {
    let Some((begin, finish)) = ranges.get(idx).copied() else { return text.to_owned() };
    let start = end_of_ink(text, begin);
    let next = skip_trivia(text, finish);
    let has_comma = starts_with_at(text, next, ',');
    let end = if has_comma { next + 1 } else { finish };
    let before = idx.checked_sub(1).and_then(|idx| ranges.get(idx)).filter(|_| !has_comma);
    let comma_before = before.map(|(_, finish)| skip_trivia(text, *finish));
    let mut result = String::with_capacity(text.len());
    match comma_before.filter(|at| starts_with_at(text, *at, ',')) {
        Some(comma) => {
            result.push_str(piece(text, 0, comma));
            result.push_str(piece(text, comma + 1, start.max(comma + 1)));
        }
        None => result.push_str(piece(text, 0, start)),
    }
    let is_alone = ranges.len() == 1;
    let tail = piece(text, end, text.len());
    let tail = if is_alone && result.ends_with(['{', '[']) { tail.trim_start() } else { tail };
    result.push_str(tail);
    result
}

pub(super) fn parse(text: &str) -> Result<Option<Object<'_>>, Malformed> {
    let options = ParseOptions {
        allow_comments: true,
        allow_trailing_commas: true,
        allow_loose_object_property_names: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    let parsed = parse_to_ast(text, &CollectOptions::default(), &options)
        .map_err(|err| Malformed::at(err.line_display(), err.kind().to_string()))?;
    match parsed.value {
        None => Ok(None),
        Some(Node::Object(root)) => Ok(Some(root)),
        Some(_) => Err(Malformed::at(1, "the file is not an object")),
    }
}

/// Whose an entry is: ours when it starts what we start, whatever else a person added to it.
fn present(prop: &ObjectProp<'_>, ours: &Value) -> Present {
    let object = prop.value.as_object();
    let text = |key: &str| object.and_then(|object| object.get_string(key)).map(|lit| lit.value.to_string());
    let first = object.and_then(|object| object.get_array("command")).and_then(|list| list.elements.first());
    let first = first.and_then(Node::as_string_lit).map(|lit| lit.value.to_string());
    let command = text("command").or(first).or_else(|| text("url")).unwrap_or_default();
    let starts = ours.get("command").and_then(|starts| starts.as_str().or_else(|| starts.get(0)?.as_str()));
    match starts == Some(command.as_str()) {
        true => Present::Ours,
        false => Present::Foreign { starts: command },
    }
}

/// How a file is laid out.
pub(super) struct Style {
    pub(super) newline: &'static str,
    pub(super) unit: String,
}

impl Style {
    /// Writes a value over several lines; lists of plain values stay on one.
    pub(super) fn render(&self, value: &Value, indent: &str) -> String {
        let inner = format!("{indent}{}", self.unit);
        if let Value::Array(list) = value
            && list.iter().any(Value::is_object)
        {
            let lines = list.iter().map(|value| format!("{inner}{}", self.render(value, &inner)));
            let lines = lines.collect::<Vec<_>>().join(&format!(",{}", self.newline));
            return format!("[{nl}{lines}{nl}{indent}]", nl = self.newline);
        }
        let Value::Object(map) = value else { return render_line(value) };
        let lines = map.iter().map(|(key, value)| {
            format!("{inner}{}: {}", Value::from(key.as_str()), self.render(value, &inner))
        });
        let lines = lines.collect::<Vec<_>>().join(&format!(",{}", self.newline));
        format!("{{{nl}{lines}{nl}{indent}}}", nl = self.newline)
    }

    /// Plans to put a property into an object, as its last one.
    pub(super) fn insert(&self, text: &str, object: &Object<'_>, key: &str, value: &Value) -> Vec<Insertion> {
        let key = Value::from(key);
        let Some(last) = object.properties.last() else {
            return vec![self.insert_first(text, object, &key, value)];
        };
        let next = skip_trivia(text, last.range.end);
        let has_comma = starts_with_at(text, next, ',');
        let first = object.properties.first().unwrap_or(last);
        let Some(indent) = indent_at(text, first.range.start) else {
            let at = if has_comma { next + 1 } else { last.range.end };
            let (before, after) = if has_comma { (" ", ",") } else { (", ", "") };
            return vec![Insertion::new(at, format!("{before}{key}: {}{after}", render_line(value)))];
        };
        let line = format!("{}{indent}{key}: {}", self.newline, self.render(value, indent));
        if has_comma {
            return vec![Insertion::new(end_of_comment(text, next + 1), format!("{line},"))];
        }
        match end_of_comment(text, last.range.end) {
            at if at == last.range.end => vec![Insertion::new(at, format!(",{line}"))],
            // A comment beside the last entry stays beside it.
            at => vec![Insertion::new(last.range.end, ","), Insertion::new(at, line)],
        }
    }

    fn insert_first(&self, text: &str, object: &Object<'_>, key: &Value, value: &Value) -> Insertion {
        let close = object.range.end.saturating_sub(1);
        let at = end_of_ink(text, close);
        let outer = line_indent(text, object.range.start);
        let inner = format!("{outer}{}", self.unit);
        let line = format!("{}{inner}{key}: {}", self.newline, self.render(value, &inner));
        match piece(text, at, close).contains('\n') {
            true => Insertion::new(at, line),
            false => Insertion::new(at, format!("{line}{}{outer}", self.newline)),
        }
    }
}

/// Writes a value on one line, with the spaces people put there.
fn render_line(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let props = map
                .iter()
                .map(|(key, value)| format!("{}: {}", Value::from(key.as_str()), render_line(value)));
            format!("{{ {} }}", props.collect::<Vec<_>>().join(", "))
        }
        Value::Array(list) => format!("[{}]", list.iter().map(render_line).collect::<Vec<_>>().join(", ")),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.to_string(),
    }
}

/// Returns one step of indentation, as the file's own first property has it.
pub(super) fn unit(text: &str, root: &Object<'_>) -> String {
    let first = root.properties.first().and_then(|prop| indent_at(text, prop.range.start));
    first.filter(|indent| !indent.is_empty()).unwrap_or("  ").to_owned()
}

/// Returns the white space before `at` on its line, or `None` when something else stands there too.
pub(super) fn indent_at(text: &str, at: usize) -> Option<&str> {
    let head = text.get(..at)?;
    let line = head.rfind('\n').map(|end| end + 1)?;
    let indent = head.get(line..)?;
    indent.bytes().all(|byte| matches!(byte, b' ' | b'\t')).then_some(indent)
}

/// Returns the white space that the line around `at` begins with.
pub(super) fn line_indent(text: &str, at: usize) -> &str {
    let head = piece(text, 0, at);
    let line = head.rfind('\n').map_or(0, |end| end + 1);
    let line = piece(text, line, text.len());
    let width = line.bytes().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    piece(line, 0, width)
}

/// Returns the end of what is not white space before `at`.
pub(super) fn end_of_ink(text: &str, at: usize) -> usize {
    piece(text, 0, at).trim_end().len()
}

/// Returns the place of the first character after `at` that is neither white space nor comment.
pub(super) fn skip_trivia(text: &str, at: usize) -> usize {
    let mut rest = piece(text, at, text.len());
    loop {
        rest = rest.trim_start();
        rest = match (rest.strip_prefix("//"), rest.strip_prefix("/*")) {
            (Some(comment), _) => comment.split_once('\n').map_or("", |(_, rest)| rest),
            (_, Some(comment)) => comment.split_once("*/").map_or("", |(_, rest)| rest),
            (None, None) => return text.len() - rest.len(),
        };
    }
}

/// Returns the end of the comment that follows `at` on the same line, or `at` when there is none.
pub(super) fn end_of_comment(text: &str, at: usize) -> usize {
    let rest = piece(text, at, text.len());
    let line = rest.split_once('\n').map_or(rest, |(line, _)| line).trim_end();
    let comment = line.trim_start();
    let is_comment = comment.starts_with("//") || (comment.starts_with("/*") && comment.ends_with("*/"));
    if is_comment { at + line.len() } else { at }
}

pub(super) fn starts_with_at(text: &str, at: usize, c: char) -> bool {
    text.get(at..).is_some_and(|rest| rest.starts_with(c))
}

pub(super) fn piece(text: &str, from: usize, to: usize) -> &str {
    text.get(from..to).unwrap_or_default()
}

#[cfg(test)]
mod tests;
