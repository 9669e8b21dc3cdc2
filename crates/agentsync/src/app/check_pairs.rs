//! Judges pairs of commits: what their merge would hold that fits on neither side.

use agentsync_core::semantic::{Finding, Place, Tier, Version, judge};

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
#[derive(Debug, Clone)]
pub struct Judged {
    /// The commit where they parted.
    pub base: String,
    /// The paths whose text conflicts.
    pub conflicts: Vec<String>,
    /// What does not fit together, the surest first.
    pub findings: Vec<Shown>,
    /// How many files were parsed.
    pub n_parsed: u32,
    /// What was not looked at, by path; an empty path stands for the whole.
    pub left_out: Vec<(String, String)>,
}

/// A finding with its evidence.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The finding.
    pub finding: Finding,
    /// The line of the left.
    pub left: Evidence,
    /// The line of the right.
    pub right: Evidence,
}

/// A line of a commit.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// The commit that holds it.
    pub commit: Option<String>,
    /// Its text, without the white space around it.
    pub text: Option<String>,
}

/// Judges one pair.
pub fn check_pair(pairs: &dyn Pairs, asked: &Asked) -> Result<Judged, PairError> {
    let pair = pairs.compare(&asked.left, &asked.right)?;
    let findings = judge(pair.delta(), pair.trees());
    let rules = pair.silenced();
    let findings: Vec<Shown> = findings
        .into_iter()
        .filter(|finding| !rules.iter().any(|one| one.silences(finding)))
        .map(|finding| show(&*pair, finding))
        .collect();
    Ok(Judged {
        base: pair.commit(Version::Base).unwrap_or_default(),
        conflicts: pair.conflicts(),
        findings,
        n_parsed: pair.n_parsed(),
        left_out: pair.left_out(),
    })
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
    fn a_line_is_two_revisions() {
        let asked = |line| parse_pair(line).map(|parsed| parsed.map(|asked| (asked.left, asked.right)));
        assert_eq!(asked(" a  b \r"), Some(Ok(("a".to_owned(), "b".to_owned()))));
        assert_eq!(asked("# note"), None);
        assert_eq!(asked(""), None);
        assert!(asked("a").is_some_and(|parsed| parsed.is_err()));
        assert!(asked("a b c").is_some_and(|parsed| parsed.is_err()));
    }
}
