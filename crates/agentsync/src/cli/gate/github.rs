//! A gate's findings as annotations of GitHub Actions: lines of its log that begin with `::`.

use agentsync_core::text::one_line;

use crate::report::gate::GateReport;

/// Returns the lines. Of what stands in them nothing can end the line or begin another command.
pub fn annotations(report: &GateReport) -> Vec<String> {
    let level = if report.refused { "error" } else { "warning" };
    let title = property("agentsync: held by somebody else");
    let findings = report.findings.iter().map(|found| {
        format!("::{level} file={},title={title}::{}", property(&found.path), data(&found.what))
    });
    let unsure = if report.refused && report.findings.is_empty() { "error" } else { "warning" };
    let warnings = report.warnings.iter().map(|warning| {
        format!("::{unsure} title={}::{}", property("agentsync: not everything was checked"), data(warning))
    });
    findings.chain(warnings).collect()
}

/// Escapes a message.
fn data(text: &str) -> String {
    // The older commands, `##[…]`, are looked for anywhere in a line.
    one_line(text).replace('%', "%25").replace("##[", "# #[")
}

/// Escapes the value of a property; a path keeps all its characters.
fn property(text: &str) -> String {
    let text = text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    text.replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_peer_wrote_is_a_command() {
        assert_eq!(data("x\n::error::y 100% \r##[add-path]/tmp"), "x ::error::y 100%25 # #[add-path]/tmp");
        assert_eq!(property("a,b:c\n::set-env%"), "a%2Cb%3Ac%0A%3A%3Aset-env%25");
    }
}
