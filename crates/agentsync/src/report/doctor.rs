//! What `doctor` answers.

use agentsync_core::text::one_line;
use schemars::JsonSchema;
use serde::Serialize;

use super::Exit;
use crate::app::doctor::{Check, Verdict};

/// What was examined.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DoctorReport {
    /// Whether nothing is wrong.
    pub ok: bool,
    /// The checks.
    pub checks: Vec<CheckView>,
    /// The best next step.
    pub next: String,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CheckView {
    /// What was looked at.
    pub name: &'static str,
    /// `good`, `bad` or `note`.
    pub verdict: &'static str,
    /// What was found.
    pub detail: String,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub fix: Option<String>,
}

impl DoctorReport {
    /// Reports the checks.
    pub fn of(checks: &[Check]) -> DoctorReport {
        let view = |check: &Check| CheckView {
            name: check.name,
            verdict: match check.verdict {
                Verdict::Good => "good",
                Verdict::Bad => "bad",
                Verdict::Note => "note",
            },
            detail: one_line(&check.detail),
            fix: check.fix.clone(),
        };
        let first_bad = checks.iter().find(|check| check.verdict == Verdict::Bad);
        let next = first_bad.and_then(|check| check.fix.clone());
        DoctorReport {
            ok: first_bad.is_none(),
            checks: checks.iter().map(view).collect(),
            next: next.unwrap_or_else(|| "all is well: survey, then claim".to_owned()),
        }
    }

    /// Returns how the program ends.
    pub fn exit(&self) -> Exit {
        if self.ok { Exit::Yes } else { Exit::No }
    }
}
