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

impl Rule {
    /// All rules.
    pub const ALL: [Rule; 15] = [
        Rule::S1,
        Rule::S2,
        Rule::S3,
        Rule::S4,
        Rule::S5,
        Rule::S6,
        Rule::S7,
        Rule::S8,
        Rule::S9,
        Rule::S10,
        Rule::S11,
        Rule::S12,
        Rule::S13,
        Rule::S14,
        Rule::S15,
    ];

    /// Returns the rule of that name.
    pub fn parse(text: &str) -> Option<Rule> {
        Rule::ALL.into_iter().find(|rule| rule.to_string() == text)
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

/// A line of one version.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// The version: a side, or where they parted if the line is gone since.
    pub version: Version,
    /// The path.
    pub path: String,
    /// The line.
    pub line: u32,
}

/// One thing that does not fit together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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

/// What a project does not want to hear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Silence {
    /// A path, or a folder that ends with `/**`; `None` for all.
    pub path: Option<String>,
    /// A name; `None` for all.
    pub name: Option<String>,
    /// The rules; none for all.
    pub rules: Vec<Rule>,
}

impl Silence {
    /// Tells whether a finding is not to be heard: it is of such a rule, and one of its places is there.
    pub fn silences(&self, finding: &Finding) -> bool {
        let is_path = |path: &str| match self.path.as_deref() {
            None => true,
            Some(own) => match own.strip_suffix("/**") {
                Some(folder) => path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')),
                None => own == path,
            },
        };
        let is_name = self.name.as_ref().is_none_or(|name| super::names::last(name) == finding.name);
        let is_rule = self.rules.is_empty() || self.rules.contains(&finding.rule);
        is_rule && is_name && (is_path(&finding.left.path) || is_path(&finding.right.path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding() -> Finding {
        let place = |path: &str| Place { version: Version::Left, path: path.to_owned(), line: 1 };
        Finding {
            rule: Rule::S1,
            tier: Tier::High,
            name: "login".to_owned(),
            left: place("src/api.rs"),
            right: place("src/web/page.rs"),
            message: String::new(),
        }
    }

    #[test]
    fn a_silence_covers_a_place_a_name_and_rules() {
        let silence = |path: Option<&str>, name: Option<&str>, rules: &[Rule]| {
            let (path, name) = (path.map(str::to_owned), name.map(str::to_owned));
            Silence { path, name, rules: rules.to_vec() }.silences(&finding())
        };
        assert!(silence(Some("src/api.rs"), Some("login"), &[]));
        assert!(silence(Some("src/web/**"), None, &[Rule::S1]));
        assert!(silence(None, Some("Session.login"), &[]));
        assert!(!silence(Some("src/we/**"), None, &[]));
        assert!(!silence(None, Some("logout"), &[]));
        assert!(!silence(None, None, &[Rule::S2]));
    }

    #[test]
    fn every_rule_is_read_as_it_is_written() {
        assert!(Rule::ALL.into_iter().all(|rule| Rule::parse(&rule.to_string()) == Some(rule)));
        assert_eq!(Rule::parse("S16"), None);
    }
}
