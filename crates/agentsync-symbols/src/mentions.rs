//! How often each identifier stands in a file.

use std::collections::HashMap;

use agentsync_core::facts::{Facts, Mention, Quoted};

/// The most lines that are kept for one identifier.
const MAX_LINES: usize = 4;
/// Words in strings that are shorter name nothing in particular.
const MIN_QUOTED: usize = 3;

/// Counts in the making.
#[derive(Debug, Default)]
pub struct Mentions<'s> {
    names: HashMap<&'s str, Named>,
    quoted: HashMap<&'s str, Quoted>,
}

/// What is known of one identifier.
#[derive(Debug, Default)]
struct Named {
    n: u32,
    /// How many of them stand behind another name.
    n_behind: u32,
    lines: Vec<u32>,
}

impl<'s> Mentions<'s> {
    /// Counts an identifier, which may stand behind another name.
    pub fn name(&mut self, name: &'s str, is_behind: bool, line: impl FnOnce() -> u32) {
        let named = self.names.entry(name).or_default();
        named.n = named.n.saturating_add(1);
        named.n_behind = named.n_behind.saturating_add(u32::from(is_behind));
        if named.lines.len() < MAX_LINES {
            let line = line();
            if named.lines.last() != Some(&line) {
                named.lines.push(line);
            }
        }
    }

    /// Counts the identifiers in a string literal, unless it is prose.
    pub fn quoted(&mut self, text: &'s str, line: impl Fn() -> u32) {
        if text.chars().any(char::is_whitespace) {
            return;
        }
        for word in words(text).filter(|word| MIN_QUOTED <= word.len()) {
            let quoted = self.quoted.entry(word).or_insert_with(|| Quoted { n: 0, line: line() });
            quoted.n = quoted.n.saturating_add(1);
        }
    }

    /// Counts every word of a text that was not parsed.
    pub fn plain(&mut self, text: &'s str) {
        for (idx, line) in text.lines().enumerate() {
            let number = u32::try_from(idx + 1).unwrap_or(u32::MAX);
            for word in words(line) {
                self.name(word, false, || number);
            }
        }
    }

    /// Puts the counts among a file's facts.
    pub fn put_into(self, facts: &mut Facts) {
        for (name, named) in self.names {
            let is_qualified = named.n == named.n_behind;
            facts.mentions.insert(name.to_owned(), Mention { n: named.n, lines: named.lines, is_qualified });
        }
        for (word, quoted) in self.quoted {
            facts.quoted.insert(word.to_owned(), quoted);
        }
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
