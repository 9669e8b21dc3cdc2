//! A gate's findings as SARIF 2.1.0.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::report::gate::GateReport;

/// Returns the log of one run.
pub fn log(report: &GateReport) -> Value {
    let level = if report.refused { "error" } else { "warning" };
    let results = report.findings.iter().map(|found| {
        let place = json!({ "artifactLocation": { "uri": uri(&found.path) }, "region": { "startLine": 1 } });
        json!({
            "ruleId": "held",
            "ruleIndex": 0,
            "level": level,
            "message": { "text": found.what },
            "locations": [{ "physicalLocation": place }],
            "partialFingerprints": { "agentsync/v1": found.fingerprint },
        })
    });
    let notes =
        report.warnings.iter().map(|warning| json!({ "level": "warning", "message": { "text": warning } }));
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "agentsync",
                "version": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": [{
                    "id": "held",
                    "name": "HeldBySomebodyElse",
                    "shortDescription": { "text": "A file changes that somebody else has claimed" },
                    "defaultConfiguration": { "level": "error" },
                }],
            } },
            "invocations": [{
                "executionSuccessful": report.warnings.is_empty(),
                "toolExecutionNotifications": notes.collect::<Vec<_>>(),
            }],
            "results": results.collect::<Vec<_>>(),
            "properties": { "board": report.tip, "base": report.range.base, "head": report.range.head },
        }],
    })
}

/// Writes a path as a relative URI.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'.' | b'_' | b'~' => {
                uri.push(byte.into());
            }
            _ => {
                let _ = write!(uri, "%{byte:02X}");
            }
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_uri() {
        assert_eq!(uri("src/a b:#?%ü.rs"), "src/a%20b%3A%23%3F%25%C3%BC.rs");
    }
}
