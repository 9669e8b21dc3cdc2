//! Why a file cannot be added to.

use thiserror::Error;

/// Something in a file that `init` does not understand, and therefore does not touch.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("line {line}: {why}")]
pub struct Malformed {
    /// Where, from 1.
    pub line: usize,
    /// What is wrong.
    pub why: String,
}

impl Malformed {
    /// Describes what is wrong at `line`.
    pub fn at(line: usize, why: impl Into<String>) -> Malformed {
        Malformed { line, why: why.into() }
    }
}

/// What is already in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Present {
    /// What we would add, or an earlier version of it that a person may have tuned.
    Ours,
    /// Something else under our name; `starts` says what it starts.
    Foreign {
        /// The command.
        starts: String,
    },
}
