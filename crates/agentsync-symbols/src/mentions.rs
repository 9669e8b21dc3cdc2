//! How often each identifier stands in a file.

use std::collections::{BTreeMap, HashMap};

/// The most lines that are kept for one identifier.
const MAX_LINES: usize = 4;
/// Words in strings that are shorter name nothing in particular.
const MIN_QUOTED: usize = 3;

/// Counts in the making.
#[derive(Debug, Default)]
pub struct Mentions<'s> {
    names: HashMap<&'s str, (u32, Vec<u32>)>,
    quoted: HashMap<&'s str, u32>,
}

impl<'s> Mentions<'s> {
    /// Counts an identifier.
    pub fn name(&mut self, name: &'s str, line: impl FnOnce() -> u32) {
        let (count, lines) = self.names.entry(name).or_default();
        *count = count.saturating_add(1);
        if lines.len() < MAX_LINES {
            let line = line();
            if lines.last() != Some(&line) {
                lines.push(line);
            }
        }
    }

    /// Counts the identifiers in a string literal, unless it is prose.
    pub fn quoted(&mut self, text: &'s str) {
        if text.chars().any(char::is_whitespace) {
            return;
        }
        for word in words(text).filter(|word| MIN_QUOTED <= word.len()) {
            let count = self.quoted.entry(word).or_default();
            *count = count.saturating_add(1);
        }
    }

    /// Counts every word of a text that was not parsed.
    pub fn plain(&mut self, text: &'s str) {
        for (idx, line) in text.lines().enumerate() {
            let number = u32::try_from(idx + 1).unwrap_or(u32::MAX);
            for word in words(line) {
                self.name(word, || number);
            }
        }
    }

    /// Returns the counts, the first lines of each name, and the counts of quoted words.
    pub fn finish(self) -> (BTreeMap<String, u32>, BTreeMap<String, Vec<u32>>, BTreeMap<String, u32>) {
        let mut counts = BTreeMap::new();
        let mut first_lines = BTreeMap::new();
        for (name, (count, lines)) in self.names {
            counts.insert(name.to_owned(), count);
            first_lines.insert(name.to_owned(), lines);
        }
        let quoted = self.quoted.into_iter().map(|(word, count)| (word.to_owned(), count)).collect();
        (counts, first_lines, quoted)
    }
}

/// Returns the words of a text that could be identifiers.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    text.split(move |c| !is_part(c)).filter(|word| {
        let first = word.chars().next();
        first.is_some_and(|c| c.is_alphabetic() || c == '_')
    })
}
