//! Path specs: what a claim says it will touch.
//!
//! A spec is a path, a folder, the whole repository or a glob. It stands for a set of paths, those
//! that exist and those that could; what it covers is decided from its text alone. A spec of one file
//! may be narrowed to a region of it (`src/auth.rs#login`).

mod canonical;
pub(crate) mod fold;
pub(crate) mod glob;
pub(crate) mod pattern;

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::overlap::{self, Witness};
use crate::region::Region;
use glob::Form;

/// The longest path without wildcards, in bytes.
const MAX_PATH_BYTES: usize = 4096;

/// Which program's rules a spec is read by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Dialect {
    /// Ours: `*`, `?` and `[…]` stay within one folder, `**` crosses folders, `{a,b}` alternates.
    Agentsync,
    /// The predecessor's: `*`, `?` and `[…]` cross folders, braces mean themselves.
    Predecessor,
}

/// Why a path or glob was refused. Every text quotes the input.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PathSpecError {
    /// Nothing was given.
    #[error("a path is empty; the whole repository is `.`")]
    Empty,
    /// It leads out of the repository.
    #[error("path `{}` leaves the repository", text.escape_debug())]
    Leaves {
        /// The input.
        text: String,
    },
    /// A character that nobody sees, or that steers a terminal.
    #[error("path `{}` holds the invisible character U+{:04X}", text.escape_debug(), u32::from(*found))]
    Hidden {
        /// The input.
        text: String,
        /// The character.
        found: char,
    },
    /// A name in it that git or a file system reads as something else.
    #[error("path `{}` {why}", text.escape_debug())]
    Name {
        /// The input.
        text: String,
        /// What is wrong with the name.
        why: &'static str,
    },
    /// A glob that cannot be read, or has too many parts.
    #[error("glob `{}` {why}", text.escape_debug())]
    Glob {
        /// The input.
        text: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A region of something that is not one file.
    #[error("path `{}` narrows what is not one file: name a file before the region", text.escape_debug())]
    Region {
        /// The input.
        text: String,
    },
    /// Longer than any path.
    #[error("path `{}…` has {n_bytes} bytes, more than the {MAX_PATH_BYTES} a path may have", text.escape_debug())]
    Long {
        /// How it begins.
        text: String,
        /// How long it is.
        n_bytes: usize,
    },
}

/// A path, a folder, the whole repository or a glob, in canonical form.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PathSpec {
    text: String,
    dialect: Dialect,
    /// The part of the file that is meant; `None` for all of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    region: Option<Box<Region>>,
}

impl PathSpec {
    /// Parses a spec of our own. Absolute paths below one of `roots` become relative.
    pub fn parse(text: &str, roots: &[&str]) -> Result<PathSpec, PathSpecError> {
        if let Some((path, region)) = Region::split(text) {
            let spec = PathSpec::parse_whole(path, roots)?;
            return match spec.is_whole_repository() || spec.is_glob() || path.ends_with(['/', '\\']) {
                true => Err(PathSpecError::Region { text: text.to_owned() }),
                false => Ok(spec.narrowed(region)),
            };
        }
        let spec = PathSpec::parse_whole(text, roots)?;
        // What only reads as a region once it is in its canonical form is neither.
        match Region::split(&spec.text) {
            Some(_) => Err(PathSpecError::Region { text: text.to_owned() }),
            None => Ok(spec),
        }
    }

    /// Parses a path or glob in which no sign narrows anything: `a#b` is the name of a file.
    pub(crate) fn parse_whole(text: &str, roots: &[&str]) -> Result<PathSpec, PathSpecError> {
        let canonical = canonical::parse(text, roots)?;
        glob::check(&canonical).map_err(|why| PathSpecError::Glob { text: text.to_owned(), why })?;
        if canonical.len() > MAX_PATH_BYTES {
            let start = text.chars().take(40).collect();
            return Err(PathSpecError::Long { text: start, n_bytes: canonical.len() });
        }
        Ok(PathSpec { text: canonical, dialect: Dialect::Agentsync, region: None })
    }

    /// Reads a spec as it stands on the board.
    ///
    /// Total: what another program wrote and we would refuse still counts, for more rather than less.
    pub fn read(text: &str, dialect: Dialect) -> PathSpec {
        PathSpec { text: text.to_owned(), dialect, region: None }
    }

    /// Returns the spec narrowed to a region of its file.
    #[must_use]
    pub fn narrowed(self, region: Region) -> PathSpec {
        PathSpec { region: Some(Box::new(region)), ..self }
    }

    /// Returns the path, folder or glob, without its region: what other programs read. `Display` shows
    /// the region too.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the part of the file that is meant; `None` for all of it.
    pub fn region(&self) -> Option<&Region> {
        self.region.as_deref()
    }

    /// Returns each spec once, in order; one that is there whole is not narrowed beside it.
    #[must_use]
    pub fn tidy(mut specs: Vec<PathSpec>) -> Vec<PathSpec> {
        specs.sort();
        specs.dedup();
        let whole: std::collections::BTreeSet<String> =
            specs.iter().filter(|spec| spec.region.is_none()).map(|spec| spec.text.clone()).collect();
        specs.retain(|spec| spec.region.is_none() || !whole.contains(&spec.text));
        specs
    }

    /// Tells whether the two say the same, however a narrowed file has changed meanwhile.
    pub fn is_same(&self, other: &PathSpec) -> bool {
        let same_region = match (&self.region, &other.region) {
            (Some(mine), Some(theirs)) => mine.is_same_place(theirs),
            (None, None) => true,
            _ => false,
        };
        same_region && self.text == other.text && self.dialect == other.dialect
    }

    /// Tells whether both are narrowed to regions of one file that are known to be apart.
    pub(crate) fn is_apart_within(&self, other: &PathSpec) -> bool {
        let (Some(mine), Some(theirs)) = (&self.region, &other.region) else {
            return false;
        };
        self.text == other.text && !mine.meets(theirs)
    }

    /// Tells whether the spec is the whole repository.
    pub fn is_whole_repository(&self) -> bool {
        self.text == "."
    }

    /// Tells whether the spec is a pattern rather than the name of one path.
    pub fn is_glob(&self) -> bool {
        glob::is_glob(&self.text, self.dialect)
    }

    /// Tells whether the spec covers `path`, which is relative to the repository's root.
    pub fn covers(&self, path: &str) -> bool {
        overlap::covers(&self.forms(), path)
    }

    /// Returns a path that both specs cover, if there could be one.
    pub fn overlap(&self, other: &PathSpec) -> Option<Witness> {
        if self.is_apart_within(other) {
            return None;
        }
        match self == other {
            // A spec meets itself, even one that no path can match.
            true => Some(overlap::first_of(&self.forms())),
            false => overlap::meet(&self.forms(), &other.forms()),
        }
    }

    /// Returns the names that every path of the spec begins with, where its text shows them at once.
    ///
    /// Most specs of a board are told apart from ours by them, without being taken to pieces.
    pub(crate) fn plain_head(&self) -> Option<impl Iterator<Item = &str>> {
        let is_plain = self.text.is_ascii()
            && !self.text.starts_with('/')
            && !self.text.contains(['\\', ':'])
            && !self.text.contains("..");
        let names = || self.text.split('/').filter(|name| !name.is_empty() && *name != ".");
        is_plain.then(|| names().take_while(|name| !name.contains(['*', '?', '[', '{'])))
    }

    /// Returns what the spec stands for: it covers what any of its forms covers.
    pub(crate) fn forms(&self) -> Vec<Form> {
        match self.dialect {
            Dialect::Agentsync => glob::forms(&canonical::read(&self.text)),
            Dialect::Predecessor => glob::predecessor_forms(&canonical::read(&self.text)),
        }
    }
}

impl fmt::Display for PathSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)?;
        self.region.as_ref().map_or(Ok(()), |region| region.fmt(f))
    }
}

#[cfg(test)]
mod tests;
