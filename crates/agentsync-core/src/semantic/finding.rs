//! What a rule says, and how sure it is.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Version;

/// How sure a finding is, and what it may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Tier {
    /// It may block.
    #[serde(rename = "hi")]
    High,
    /// It warns.
    #[serde(rename = "med")]
    Medium,
    /// It is listed on request.
    #[serde(rename = "info")]
    Info,
}

impl Tier {
    /// Returns the next lower tier.
    #[must_use]
    pub fn lowered(self) -> Tier {
        match self {
            Tier::High => Tier::Medium,
            Tier::Medium | Tier::Info => Tier::Info,
        }
    }
}

/// Which rule a finding is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Rule {
    /// A name is gone, and the other side begins to use it.
    S1,
    /// A function takes other arguments, and the other side begins to call it as it was.
    S2,
    /// A member of a known type is gone or takes other arguments, while its name lives elsewhere.
    S3,
    /// What is imported has left its place.
    S4,
    /// An import is dropped, and the other side begins to use its name in the same file.
    S5,
    /// Both sides define the same.
    S6,
    /// A member is required, or gone, and the other side's type does not know.
    S7,
    /// The merged file is broken, though neither side's is.
    S8,
    /// A type left its package, where the other side begins to use it without an import.
    S9,
    /// A definition may be used in another way than before.
    S10,
    /// A definition's type is another.
    S11,
    /// A closed set has another case.
    S12,
    /// Something that is not code: a dependency, an identifier of a migration.
    S13,
    /// Both sides changed one definition.
    S14,
    /// One side changes how a function is called, the other what it does.
    S15,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

/// A line of one version.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The version: a side, or where they parted if the line is gone since.
    pub version: Version,
    /// The path.
    pub path: String,
    /// The line.
    pub line: u32,
}

/// One thing that does not fit together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: Rule,
    /// How sure it is.
    pub tier: Tier,
    /// The name it is about.
    pub name: String,
    /// What the left side did.
    pub left: Place,
    /// What the right side did.
    pub right: Place,
    /// What is wrong and what to edit, in one sentence.
    pub message: String,
}
