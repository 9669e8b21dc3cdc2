//! What is answered for one pair of commits, on one line.

use agentsync_core::semantic::{Place, Tier};
use serde::Serialize;

use super::claim_view::{name, path};
use crate::app::check_pairs::{Asked, Evidence, Judged, Shown};
use crate::app::ports::PairError;

/// What is answered for one pair.
#[derive(Debug, Serialize)]
pub struct PairReport {
    /// The left revision, as asked.
    pub left: String,
    /// The right revision, as asked.
    pub right: String,
    /// The commit where they parted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
    /// What the merge of the text says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub textual: Option<TextualReport>,
    /// What the merge of the text cannot see, the surest first.
    pub findings: Vec<FindingReport>,
    /// How long it took, in milliseconds.
    pub ms: f64,
    /// How many files were parsed.
    pub parsed: u32,
    /// What was not looked at, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOutReport>,
    /// Why there is no answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// What the merge of the text says.
#[derive(Debug, Serialize)]
pub struct TextualReport {
    /// Whether it conflicts.
    pub conflict: bool,
    /// Where.
    pub files: Vec<String>,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FindingReport {
    /// The rule.
    pub rule: String,
    /// `hi`, `med` or `info`.
    pub tier: Tier,
    /// The name it is about.
    pub name: String,
    /// The left side's line.
    pub left: PlaceReport,
    /// The right side's line.
    pub right: PlaceReport,
    /// What is wrong and what to edit.
    pub message: String,
}

/// One line of one side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlaceReport {
    /// The path.
    pub path: String,
    /// The line.
    pub line: u32,
    /// The commit that holds the line: the side's, or the one where they parted if the line is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// The line's text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// Something that was not looked at.
#[derive(Debug, Serialize)]
pub struct LeftOutReport {
    /// The path; absent when it is about the whole pair.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Why.
    pub why: String,
}

impl PairReport {
    /// Returns the answer for a pair.
    pub fn of(asked: &Asked, judged: &Result<Judged, PairError>, ms: f64) -> PairReport {
        let mut report = PairReport::none(&asked.left, &asked.right, ms);
        match judged {
            Err(err) => report.error = Some(err.to_string()),
            Ok(judged) => {
                report.base = Some(judged.base.clone());
                let files = judged.conflicts.clone();
                report.textual = Some(TextualReport { conflict: !files.is_empty(), files });
                report.findings = judged.findings.iter().map(FindingReport::of).collect();
                report.parsed = judged.n_parsed;
                report.left_out = judged.left_out.iter().map(LeftOutReport::of).collect();
            }
        }
        report
    }

    /// Returns the answer for a line that names no pair.
    pub fn unreadable(line: &str, why: String) -> PairReport {
        let mut words = line.split_whitespace();
        let left = words.next().unwrap_or_default();
        PairReport { error: Some(why), ..PairReport::none(left, words.next().unwrap_or_default(), 0.0) }
    }

    /// Tells whether something is wrong for sure: the text conflicts, or a finding is of the first tier.
    pub fn is_alarm(&self) -> bool {
        let is_high = |one: &FindingReport| one.tier == Tier::High;
        self.textual.as_ref().is_some_and(|text| text.conflict) || self.findings.iter().any(is_high)
    }

    fn none(left: &str, right: &str, ms: f64) -> PairReport {
        PairReport {
            left: left.to_owned(),
            right: right.to_owned(),
            base: None,
            textual: None,
            findings: Vec::new(),
            ms: (ms * 1000.0).round() / 1000.0,
            parsed: 0,
            left_out: Vec::new(),
            error: None,
        }
    }
}

impl FindingReport {
    /// Returns the answer for a finding.
    pub fn of(shown: &Shown) -> FindingReport {
        let finding = &shown.finding;
        FindingReport {
            rule: finding.rule.to_string(),
            tier: finding.tier,
            name: finding.name.clone(),
            left: place(&finding.left, &shown.left),
            right: place(&finding.right, &shown.right),
            message: finding.message.clone(),
        }
    }

    /// Returns the answer for a finding among others' words: each of them one line, bounded.
    pub fn shown(shown: &Shown) -> FindingReport {
        let place = |place: PlaceReport| PlaceReport {
            path: path(&place.path),
            text: place.text.map(|text| name(&text)),
            ..place
        };
        let finding = FindingReport::of(shown);
        FindingReport {
            name: name(&finding.name),
            left: place(finding.left),
            right: place(finding.right),
            message: path(&finding.message),
            ..finding
        }
    }
}

fn place(place: &Place, evidence: &Evidence) -> PlaceReport {
    PlaceReport {
        path: place.path.clone(),
        line: place.line,
        commit: evidence.commit.clone(),
        text: evidence.text.clone(),
    }
}

impl LeftOutReport {
    fn of((path, why): &(String, String)) -> LeftOutReport {
        LeftOutReport { path: Some(path.clone()).filter(|path| !path.is_empty()), why: why.clone() }
    }
}
