//! What a textual merge cannot see: two branches that merge cleanly and do not fit together.
//!
//! Pure: the facts of the changed files on all four versions come in, with a way to ask about the
//! whole trees; findings come out. Every rule is a delta rule: it speaks only of what is in the
//! merged tree and on neither side.

pub mod finding;
pub mod judge;
pub mod names;

mod added;
mod arity;
mod closed;
mod crates;
mod dropped;
mod duplicate;
mod given;
mod implement;
mod import;
mod infer;
mod literal;
mod manifest;
mod member;
mod modifiers;
mod moved;
mod numbered;
mod overridden;
mod receiver;
mod removed;
mod repeated;
mod resolve;
mod results;
mod retired;
mod touched;
mod types;
mod view;
mod written;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::facts::{Facts, Language};

pub use finding::{Finding, Place, Rule, Silence, Tier};
pub use judge::judge;

/// Changes whenever the same pair may give other findings; a part of every key that findings are kept by.
pub const RULES_VERSION: u32 = 5;

/// A version of the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Version {
    /// Where the sides parted.
    Base,
    /// The left side.
    Left,
    /// The right side.
    Right,
    /// What a merge gives.
    Merged,
}

/// Languages that can use each other's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// Java, Kotlin, Scala.
    Jvm,
    /// JavaScript and TypeScript.
    Script,
    /// C and C++.
    Native,
    /// Keys of data files.
    Data,
    /// A language of its own.
    One(Language),
}

/// Returns the family of a language.
pub fn family(language: Language) -> Family {
    match language {
        Language::Java | Language::Kotlin | Language::Scala => Family::Jvm,
        Language::JavaScript | Language::TypeScript | Language::Tsx => Family::Script,
        Language::C | Language::Cpp => Family::Native,
        Language::Json | Language::Toml | Language::Yaml => Family::Data,
        other => Family::One(other),
    }
}

/// One file that a side changed, on all versions.
#[derive(Debug, Clone)]
pub struct Changed {
    /// Its path.
    pub path: String,
    /// Its language.
    pub language: Language,
    /// Where the sides parted; `None` where it is not there.
    pub base: Option<Arc<Facts>>,
    /// On the left.
    pub left: Option<Arc<Facts>>,
    /// On the right.
    pub right: Option<Arc<Facts>>,
    /// In the merged tree.
    pub merged: Option<Arc<Facts>>,
    /// Whether the left side changed it.
    pub left_changed: bool,
    /// Whether the right side changed it.
    pub right_changed: bool,
    /// Whether its text conflicts; then nothing is said of its merged version.
    pub is_conflicted: bool,
}

impl Changed {
    /// Returns what it says on a version.
    pub fn at(&self, version: Version) -> Option<&Facts> {
        match version {
            Version::Base => self.base.as_deref(),
            Version::Left => self.left.as_deref(),
            Version::Right => self.right.as_deref(),
            Version::Merged => self.merged.as_deref(),
        }
    }

    /// Tells whether a side changed it.
    pub fn is_changed_on(&self, side: Version) -> bool {
        match side {
            Version::Left => self.left_changed,
            Version::Right => self.right_changed,
            Version::Base | Version::Merged => false,
        }
    }

    /// Returns its family.
    pub fn family(&self) -> Family {
        family(self.language)
    }
}

/// All files that a side changed.
#[derive(Debug, Clone, Default)]
pub struct Delta {
    /// The files, by path.
    pub files: Vec<Changed>,
    /// The paths that one side added, of files that nobody here can read among them.
    pub added: Vec<Added>,
}

/// A path that one side added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Added {
    /// The path.
    pub path: String,
    /// The side.
    pub side: Version,
}

/// A file in which a name stands.
#[derive(Debug, Clone)]
pub struct Found {
    /// Its path.
    pub path: String,
    /// Its language.
    pub language: Language,
    /// Its family.
    pub family: Family,
    /// What it says.
    pub facts: Arc<Facts>,
}

/// Where a name stands in a tree.
#[derive(Debug, Clone, Default)]
pub struct Naming {
    /// Files in which it stands, in code or in a string.
    pub files: Vec<Found>,
    /// Files of code that nobody here can parse and that hold it as a word.
    pub unread: Vec<String>,
    /// Whether there are more files than were looked at.
    pub is_cut: bool,
}

/// Answers about the whole trees.
pub trait Trees {
    /// Returns where a name stands.
    fn naming(&self, version: Version, name: &str) -> Arc<Naming>;
    /// Returns the files that define a type of that name.
    fn types(&self, version: Version, name: &str) -> Arc<Naming>;
    /// Tells whether there is a file or a folder at a path.
    fn has_path(&self, version: Version, path: &str) -> bool;
    /// Returns what the file at a path says; `None` where there is none that can be parsed.
    fn facts(&self, version: Version, path: &str) -> Option<Arc<Facts>>;
}
