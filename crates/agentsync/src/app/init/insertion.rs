//! Text put into a file at certain places: all that `init` does to a file that is there.
//!
//! What is only ever added can be taken away again to the byte.

use serde::{Deserialize, Serialize};

/// Text to put into another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Insertion {
    /// Where, in bytes of the text as it was before.
    pub at: usize,
    /// What.
    pub text: String,
}

impl Insertion {
    /// Makes an insertion.
    pub fn new(at: usize, text: impl Into<String>) -> Insertion {
        Insertion { at, text: text.into() }
    }
}

/// Puts `insertions`, which are in the order of their places, into `text`.
pub fn apply(text: &str, insertions: &[Insertion]) -> String {
    let mut result = String::with_capacity(text.len() + 512);
    let mut from = 0;
    for insertion in insertions {
        result.push_str(text.get(from..insertion.at).unwrap_or_default());
        result.push_str(&insertion.text);
        from = insertion.at;
    }
    result.push_str(text.get(from..).unwrap_or_default());
    result
}

/// Takes `insertions` out again, or returns `None` when one of them is not where it was put.
pub fn take_back(text: &str, insertions: &[Insertion]) -> Option<String> {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    let mut at = 0;
    for insertion in insertions {
        let (kept, tail) = rest.split_at_checked(insertion.at.checked_sub(at)?)?;
        result.push_str(kept);
        rest = tail.strip_prefix(insertion.text.as_str())?;
        at = insertion.at;
    }
    result.push_str(rest);
    Some(result)
}

/// How a file ends its lines: as its first line does, and as git's own files do when there is none.
pub fn newline_of(text: &str) -> &'static str {
    match text.find('\n').and_then(|end| text.get(..end)) {
        Some(line) if line.ends_with('\r') => "\r\n",
        _ => "\n",
    }
}

/// Returns the number of the line that holds the byte at `at`, from 1.
pub fn line_at(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_in_comes_out_again() {
        let insertions = [Insertion::new(1, "XX"), Insertion::new(3, "Y")];
        let changed = apply("abcd", &insertions);
        assert_eq!(changed, "aXXbcYd");
        assert_eq!(take_back(&changed, &insertions).as_deref(), Some("abcd"));
    }

    #[test]
    fn what_somebody_changed_is_not_taken_out_blindly() {
        assert_eq!(take_back("aXZbcYd", &[Insertion::new(1, "XX")]), None);
        assert_eq!(take_back("a", &[Insertion::new(7, "XX")]), None);
        assert_eq!(take_back("äXX", &[Insertion::new(1, "XX")]), None);
    }
}
