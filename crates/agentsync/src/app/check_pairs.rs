//! Judges pairs of commits: what their merge would hold that fits on neither side.

use agentsync_core::semantic::{Finding, Place, Tier, Version, judge};
use serde::{Deserialize, Serialize};

use super::ports::{Pair, PairError, Pairs};

/// Two revisions to judge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The left one.
    pub left: String,
    /// The right one.
    pub right: String,
}

/// What came of one pair.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judged {
    /// The commit where they parted.
    pub base: String,
    /// The paths whose text conflicts.
    pub conflicts: Vec<String>,
    /// What does not fit together, the surest first.
    pub findings: Vec<Shown>,
    /// How many paths the left side changed, and the right.
    pub n_changed: (usize, usize),
    /// How many files were parsed.
    pub n_parsed: u32,
    /// What was not looked at, by path; an empty path stands for the whole.
    pub left_out: Vec<(String, String)>,
}

/// A finding with its evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// The finding.
    pub finding: Finding,
    /// The line of the left.
    pub left: Evidence,
    /// The line of the right.
    pub right: Evidence,
}

/// A line of a commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The commit that holds it.
    pub commit: Option<String>,
    /// Its text, without the white space around it.
    pub text: Option<String>,
}

impl Judged {
    /// Returns the same with the sides changed over.
    #[must_use]
    pub fn swapped(self) -> Judged {
        let (n_left, n_right) = self.n_changed;
        Judged {
            findings: self.findings.into_iter().map(Shown::swapped).collect(),
            n_changed: (n_right, n_left),
            ..self
        }
    }

    /// Returns how many findings are of a tier.
    pub fn n_of(&self, tier: Tier) -> usize {
        self.findings.iter().filter(|shown| shown.finding.tier == tier).count()
    }

    /// Tells whether something is wrong for sure: the text conflicts, or a finding is of the first tier.
    pub fn is_alarm(&self) -> bool {
        !self.conflicts.is_empty() || self.n_of(Tier::High) > 0
    }
}

impl Shown {
    fn swapped(self) -> Shown {
        let swap = |place: Place| {
            let version = match place.version {
                Version::Left => Version::Right,
                Version::Right => Version::Left,
                version => version,
            };
            Place { version, ..place }
        };
        let finding =
            Finding { left: swap(self.finding.right), right: swap(self.finding.left), ..self.finding };
        Shown { finding, left: self.right, right: self.left }
    }
}

/// Returns what was found for two commits before, or judges them now and remembers it; and whether it was known.
pub fn check_once(pairs: &dyn Pairs, left: &str, right: &str) -> Result<(Judged, bool), PairError> {
    if let Some(known) = pairs.remembered(left, right) {
        return Ok((known, true));
    }
    let pair = pairs.compare(left, right)?;
    let judged = conclude(&*pair);
    if pair.is_lasting() {
        pairs.remember(left, right, &judged);
    }
    Ok((judged, false))
}

/// Judges one pair.
pub fn check_pair(pairs: &dyn Pairs, asked: &Asked) -> Result<Judged, PairError> {
    let pair = pairs.compare(&asked.left, &asked.right)?;
    Ok(conclude(&*pair))
}

fn conclude(pair: &dyn Pair) -> Judged {
    let findings = judge(pair.delta(), pair.trees());
    let rules = pair.silenced();
    let findings: Vec<Shown> = findings
        .into_iter()
        .filter(|finding| !rules.iter().any(|one| one.silences(finding)))
        .map(|finding| show(pair, finding))
        .collect();
    Judged {
        base: pair.commit(Version::Base).unwrap_or_default(),
        conflicts: pair.conflicts(),
        findings,
        n_changed: pair.n_changed(),
        n_parsed: pair.n_parsed(),
        left_out: pair.left_out(),
    }
}

fn show(pair: &dyn Pair, finding: Finding) -> Shown {
    let evidence = |place: &Place| Evidence {
        commit: pair.commit(place.version),
        text: match finding.tier {
            Tier::Info => None,
            Tier::High | Tier::Medium => pair.line(place.version, &place.path, place.line),
        },
    };
    let (left, right) = (evidence(&finding.left), evidence(&finding.right));
    Shown { finding, left, right }
}

/// Reads lines `LEFT RIGHT`; empty lines and those that begin with `#` say nothing.
pub fn parse_pair(line: &str) -> Option<Result<Asked, String>> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return None;
    }
    let words: Vec<&str> = line.split_whitespace().collect();
    Some(match words.as_slice() {
        [left, right] => Ok(Asked { left: (*left).to_owned(), right: (*right).to_owned() }),
        _ => Err(format!("`{}` is not two revisions with a space between", line.escape_debug())),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sides_that_are_changed_over_twice_are_as_they_were() {
        use agentsync_core::semantic::Rule;
        let place = |version, path: &str| Place { version, path: path.to_owned(), line: 1 };
        let evidence = |commit: &str| Evidence { commit: Some(commit.to_owned()), text: None };
        let finding = Finding {
            rule: Rule::S1,
            tier: Tier::High,
            name: "f".to_owned(),
            left: place(Version::Left, "a.go"),
            right: place(Version::Base, "b.go"),
            message: String::new(),
        };
        let shown = Shown { finding, left: evidence("1"), right: evidence("0") };
        let judged = Judged {
            base: "0".to_owned(),
            conflicts: Vec::new(),
            findings: vec![shown],
            n_changed: (2, 1),
            n_parsed: 0,
            left_out: Vec::new(),
        };
        let swapped = judged.clone().swapped();
        assert_eq!(swapped.findings[0].finding.right, place(Version::Right, "a.go"));
        assert_eq!(swapped.findings[0].left.commit.as_deref(), Some("0"));
        assert_eq!(swapped.swapped(), judged);
    }

    #[test]
    fn a_line_is_two_revisions() {
        let asked = |line| parse_pair(line).map(|parsed| parsed.map(|asked| (asked.left, asked.right)));
        assert_eq!(asked(" a  b \r"), Some(Ok(("a".to_owned(), "b".to_owned()))));
        assert_eq!(asked("# note"), None);
        assert_eq!(asked(""), None);
        assert!(asked("a").is_some_and(|parsed| parsed.is_err()));
        assert!(asked("a b c").is_some_and(|parsed| parsed.is_err()));
    }
}
