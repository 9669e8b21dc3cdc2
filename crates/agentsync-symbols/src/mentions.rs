//! How often each identifier stands in a file.

use std::collections::HashMap;

use agentsync_core::facts::Facts;

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

    /// Puts the counts among a file's facts.
    pub fn put_into(self, facts: &mut Facts) {
        for (name, (count, lines)) in self.names {
            facts.mentions.insert(name.to_owned(), count);
            facts.mention_lines.insert(name.to_owned(), lines);
        }
        facts.quoted = self.quoted.into_iter().map(|(word, count)| (word.to_owned(), count)).collect();
    }
}

/// Returns the words of a text that could be identifiers.
pub fn words(text: &str) -> impl Iterator<Item = &str> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    text.split(move |c| !is_part(c)).filter(|word| {
        let first = word.chars().next();
        first.is_some_and(|c| c.is_alphabetic() || c == '_')
    })
}
