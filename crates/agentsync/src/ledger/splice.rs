//! Edits JSON text in place: a member is set or removed, and every other byte stays.

use std::fmt;
use std::ops::Range;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// The members of an object in their order, each with the text of its value.
#[derive(Debug, Default)]
pub struct Members<'a>(pub Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

impl<'a> Members<'a> {
    /// Reads the members of the object that `text` is.
    pub fn read(text: &'a str) -> Result<Members<'a>, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// Returns the text of a member's value.
    pub fn find(&self, key: &str) -> Option<&'a str> {
        self.0.iter().find(|(name, _)| name == key).map(|(_, value)| value.get())
    }

    /// Returns the object with members set to JSON texts; `text` is what these members were read from.
    ///
    /// New members go to the end. `depth` is how deep the object stands in its document, for the
    /// indentation of what is new.
    pub fn with<K: AsRef<str>, V: AsRef<str>>(&self, text: &str, members: &[(K, V)], depth: usize) -> String {
        let (mut next, mut fresh) = (text.to_owned(), Vec::new());
        let mut places: Vec<(Range<usize>, &str)> = Vec::new();
        for (key, value) in members {
            match self.find(key.as_ref()) {
                Some(old) => places.push((range_in(text, old), value.as_ref())),
                None => fresh.push(format!("{}: {}", serde_json::Value::from(key.as_ref()), value.as_ref())),
            }
        }
        let inner = "  ".repeat(depth + 1);
        let fresh = fresh.join(&format!(",\n{inner}"));
        if !fresh.is_empty() {
            let last = self.0.last().map(|(_, value)| range_in(text, value.get()).end);
            next = appended(text, last, &fresh, depth, ['{', '}']);
        }
        // From the end, so that the places before stay where they are.
        places.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
        for (range, value) in places {
            next.replace_range(range, value);
        }
        next
    }
}

/// Where `part`, a slice of `whole`, lies in it.
fn range_in(whole: &str, part: &str) -> Range<usize> {
    let start = (part.as_ptr() as usize).saturating_sub(whole.as_ptr() as usize);
    start..start.saturating_add(part.len())
}

/// Returns the object `text` with `key` set to the JSON text `value`, as [`Members::with`] does.
pub fn set(text: &str, key: &str, value: &str, depth: usize) -> Result<String, serde_json::Error> {
    Ok(Members::read(text)?.with(text, &[(key, value)], depth))
}

/// Returns the object `text` without `key`.
pub fn remove(text: &str, key: &str) -> Result<String, serde_json::Error> {
    let members = Members::read(text)?;
    let values: Vec<&str> = members.0.iter().map(|(_, value)| value.get()).collect();
    Ok(match members.0.iter().position(|(name, _)| name == key) {
        Some(at) => without(text, &values, at..at + 1, ['{', '}']),
        None => text.to_owned(),
    })
}

/// Returns the array `text` with the JSON text `value` appended and the first elements dropped, so
/// that at most `max` remain.
pub fn push(text: &str, value: &str, depth: usize, max: usize) -> Result<String, serde_json::Error> {
    let values: Vec<&RawValue> = serde_json::from_str(text)?;
    let last = values.last().map(|value| range_in(text, value.get()).end);
    let longer = appended(text, last, value, depth, ['[', ']']);
    let values: Vec<&RawValue> = serde_json::from_str(&longer)?;
    let values: Vec<&str> = values.iter().map(|value| value.get()).collect();
    let surplus = values.len().saturating_sub(max);
    Ok(without(&longer, &values, 0..surplus, ['[', ']']))
}

fn replaced(text: &str, range: Range<usize>, with: &str) -> String {
    let mut next = text.to_owned();
    next.replace_range(range, with);
    next
}

fn appended(text: &str, last: Option<usize>, member: &str, depth: usize, [open, close]: [char; 2]) -> String {
    let inner = "  ".repeat(depth + 1);
    match last {
        Some(end) => replaced(text, end..end, &format!(",\n{inner}{member}")),
        None => format!("{open}\n{inner}{member}\n{}{close}", "  ".repeat(depth)),
    }
}

/// Returns an object or array without the members in `gone`, given the texts of all its values.
///
/// What goes is cut from the end of the value before to the end of the last one gone, or, at the
/// front, from the opening bracket to the comma behind.
fn without(text: &str, values: &[&str], gone: Range<usize>, [open, close]: [char; 2]) -> String {
    let end_of = |at: usize| values.get(at).map(|value| range_in(text, value).end);
    let Some(end) = gone.clone().next_back().and_then(end_of) else { return text.to_owned() };
    let is_all = gone.len() == values.len();
    match gone.start.checked_sub(1).and_then(end_of) {
        _ if is_all => format!("{open}{close}"),
        Some(start) => replaced(text, start..end, ""),
        None => {
            let comma = text.get(end..).and_then(|rest| rest.find(',')).map_or(end, |at| end + at + 1);
            replaced(text, 1..comma, "")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOARD: &str = "{\n    \"\\u00e9\": {\"n\": 1.0e3},\n\t\"b\" :[ 1 ] ,\n  \"c\": null\n}";

    #[test]
    fn setting_a_member_leaves_every_other_byte() {
        assert_eq!(
            set(BOARD, "b", "2", 0).unwrap(),
            "{\n    \"\\u00e9\": {\"n\": 1.0e3},\n\t\"b\" :2 ,\n  \"c\": null\n}"
        );
        assert_eq!(
            set(BOARD, "d", "2", 0).unwrap(),
            "{\n    \"\\u00e9\": {\"n\": 1.0e3},\n\t\"b\" :[ 1 ] ,\n  \"c\": null,\n  \"d\": 2\n}"
        );
        assert_eq!(set("{ }", "a", "1", 1).unwrap(), "{\n    \"a\": 1\n  }");
    }

    #[test]
    fn members_are_set_together_as_one_after_the_other() {
        let check = |text: &str, members: &[(&str, &str)]| {
            let one_by_one =
                members.iter().fold(text.to_owned(), |text, (key, value)| set(&text, key, value, 0).unwrap());
            assert_eq!(Members::read(text).unwrap().with(text, members, 0), one_by_one);
        };
        check(BOARD, &[("c", "[1]"), ("x", "1"), ("é", "{}"), ("y", "2")]);
        check("{}", &[("a", "1"), ("b", "2")]);
        check(BOARD, &[]);
    }

    #[test]
    fn removing_a_member_takes_one_comma_with_it() {
        assert_eq!(remove(BOARD, "é").unwrap(), "{\n\t\"b\" :[ 1 ] ,\n  \"c\": null\n}");
        assert_eq!(remove(BOARD, "b").unwrap(), "{\n    \"\\u00e9\": {\"n\": 1.0e3} ,\n  \"c\": null\n}");
        assert_eq!(remove(BOARD, "c").unwrap(), "{\n    \"\\u00e9\": {\"n\": 1.0e3},\n\t\"b\" :[ 1 ]\n}");
        assert_eq!(remove("{\"a\": 1}", "a").unwrap(), "{}");
        assert_eq!(remove(BOARD, "x").unwrap(), BOARD);
    }

    #[test]
    fn pushing_drops_the_oldest_beyond_the_limit() {
        assert_eq!(push("[]", "1", 1, 2).unwrap(), "[\n    1\n  ]");
        assert_eq!(push("[1, 2]", "3", 0, 2).unwrap(), "[ 2,\n  3]");
        assert_eq!(push("[1, 2]", "3", 0, 1).unwrap(), "[\n  3]");
    }
}
