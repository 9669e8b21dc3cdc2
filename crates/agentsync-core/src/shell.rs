//! What a shell command writes, as far as its text tells.
//!
//! A command can hide anything from a reader: variables, programs, scripts. What is decidable is found
//! here, so that a plain write is stopped before it happens; the rest is seen afterwards, when the work
//! tree is compared with the claims. What cannot be decided is left out, never guessed.

mod commands;
mod words;

use commands::Move;
use words::{Script, Step};

/// Something that a command writes, moves or removes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Write {
    /// The path, relative to where the command runs.
    pub path: String,
    /// Whether it is a pattern that the shell replaces by the paths it matches.
    pub is_pattern: bool,
    /// Names that it gets below it, if it is a folder: what is moved or copied there.
    pub into: Vec<String>,
}

impl Write {
    fn file(path: impl Into<String>) -> Write {
        Write { path: path.into(), is_pattern: false, into: Vec::new() }
    }
}

/// How deep a script may call another in its own text.
const MAX_DEPTH: usize = 4;

/// Returns what a command writes, each once.
pub fn writes(command: &str) -> Vec<Write> {
    let mut found = read(command, MAX_DEPTH);
    found.sort();
    found.dedup();
    found
}

/// Spells words so that a shell reads them as they are.
pub fn join(words: &[&str]) -> String {
    let quoted = words.iter().map(|word| format!("'{}'", word.replace('\'', "'\\''")));
    quoted.collect::<Vec<_>>().join(" ")
}

fn read(command: &str, depth: usize) -> Vec<Write> {
    let Script { steps } = words::parse(command);
    // Where commands run: `None` when a `cd` went somewhere that cannot be told.
    let mut folder = Some(String::new());
    let mut outer = Vec::new();
    let mut found = Vec::new();
    for step in steps {
        match step {
            Step::Open => outer.push(folder.clone()),
            Step::Close => folder = outer.pop().unwrap_or(folder),
            Step::Command(command) => {
                for write in commands::writes(&command, depth) {
                    found.extend(placed(write, folder.as_deref()));
                }
                match commands::enters(&command) {
                    Move::Stay => {}
                    Move::To(to) => folder = under(folder.as_deref(), &to),
                    Move::Away => folder = None,
                }
            }
        }
    }
    found
}

/// Puts a path where the command runs; `None` when that cannot be told.
fn placed(write: Write, folder: Option<&str>) -> Option<Write> {
    let path = under(folder, &write.path)?;
    Some(Write { path, ..write })
}

fn under(folder: Option<&str>, path: &str) -> Option<String> {
    match folder {
        _ if path.starts_with('/') => Some(path.to_owned()),
        None => None,
        Some("") => Some(path.to_owned()),
        Some(folder) => Some(format!("{}/{path}", folder.trim_end_matches('/'))),
    }
}

#[cfg(test)]
mod tests;
