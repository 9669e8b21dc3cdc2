//! A gate's findings as a code quality report of GitLab.

use serde_json::{Value, json};

use crate::report::gate::GateReport;

/// Returns the report: a list of findings, each at the first line of its file.
pub fn code_quality(report: &GateReport) -> Value {
    let severity = if report.refused { "major" } else { "minor" };
    let findings = report.findings.iter().map(|found| {
        json!({
            "description": found.what,
            "check_name": "agentsync-held",
            "fingerprint": found.fingerprint,
            "severity": severity,
            "location": { "path": found.path, "lines": { "begin": 1 } },
        })
    });
    Value::Array(findings.collect())
}
