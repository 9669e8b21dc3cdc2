//! Words that people and agents write: one line, bounded, and never able to move a cursor.

use thiserror::Error;

/// The longest task, in characters.
pub const MAX_TASK_CHARS: usize = 200;
/// The longest note or message, in characters.
pub const MAX_NOTE_CHARS: usize = 500;

/// Why a text was refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TextError {
    /// Nothing but white space.
    #[error("{what} is empty")]
    Empty {
        /// What the text was to be.
        what: &'static str,
    },
    /// More characters than the board takes.
    #[error("{what} has {n_chars} characters, more than the {max} the board takes")]
    Long {
        /// What the text was to be.
        what: &'static str,
        /// Its length in characters, once white space is folded.
        n_chars: usize,
        /// The limit in characters.
        max: usize,
    },
}

/// Parses a task: not empty, one line, at most [`MAX_TASK_CHARS`] characters.
pub fn parse_task(text: &str) -> Result<String, TextError> {
    parse_line("task", text, MAX_TASK_CHARS)
}

/// Parses a note, message or reason: not empty, one line, at most [`MAX_NOTE_CHARS`] characters.
pub fn parse_note(what: &'static str, text: &str) -> Result<String, TextError> {
    parse_line(what, text, MAX_NOTE_CHARS)
}

fn parse_line(what: &'static str, text: &str, max: usize) -> Result<String, TextError> {
    let line = one_line(text);
    let n_chars = line.chars().count();
    match n_chars {
        0 => Err(TextError::Empty { what }),
        _ if n_chars > max => Err(TextError::Long { what, n_chars, max }),
        _ => Ok(line),
    }
}

/// Folds white space and drops what could hide or move text; the result is one line.
pub fn one_line(text: &str) -> String {
    let visible: String = text.chars().map(|c| if is_hidden(c) { ' ' } else { c }).collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Cuts a text to `max` characters, with an ellipsis where something is missing.
pub fn cut(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    let mut kept: String = text.chars().take(max.saturating_sub(1)).collect();
    kept.push('…');
    kept
}

/// Escapes what could move a cursor, hide text or turn its direction, and folds nothing else.
///
/// For text from outside that must stay recognisable, such as what a remote said.
pub fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\t' => safe.push(c),
            _ if is_hidden(c) => safe.extend(c.escape_unicode()),
            _ => safe.push(c),
        }
    }
    safe
}

/// Tells whether a character is invisible or steers a terminal.
///
/// Control characters, zero width, direction marks, variation selectors and the tag block
/// U+E0000 to U+E007F, which language models read and people do not see.
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
            | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}'
            | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E0FFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_is_one_visible_line() {
        assert_eq!(parse_task(" fix\n\tthe \u{1b}[31mlogin\u{202e} ").unwrap(), "fix the [31mlogin");
        assert_eq!(parse_task(" \u{200b}"), Err(TextError::Empty { what: "task" }));
        assert!(matches!(parse_task(&"x".repeat(201)), Err(TextError::Long { n_chars: 201, .. })));
    }

    #[test]
    fn r_45_escaping_keeps_the_words_and_shows_the_rest() {
        assert_eq!(escape("a\u{1b}[2Jb\n"), "a\\u{1b}[2Jb\n");
    }

    #[test]
    fn cutting_marks_the_cut() {
        assert_eq!(cut("abcdef", 4), "abc…");
        assert_eq!(cut("abcd", 4), "abcd");
    }
}
