//! Audits the coordination branch: whether each of its commits did only what its author may.

use super::failure::{Failure, UsageError};
use super::ports::audit::{AuditRange, Audited, Auditor};

/// The fewest digits that name a commit.
const MIN_DIGITS: usize = 4;

/// Parses `A..B`, `A..`, `..B`, or one commit; nothing for the whole branch.
pub fn parse_range(text: Option<&str>) -> Result<AuditRange, UsageError> {
    let Some(text) = text else { return Ok(AuditRange::default()) };
    match text.split_once("..") {
        None => Ok(AuditRange { until: Some(parse_id(text)?), is_one: true, after: None }),
        Some((after, until)) => {
            let end = |text: &str| if text.is_empty() { Ok(None) } else { parse_id(text).map(Some) };
            Ok(AuditRange { after: end(after)?, until: end(until)?, is_one: false })
        }
    }
}

fn parse_id(text: &str) -> Result<String, UsageError> {
    let is_id = text.len() >= MIN_DIGITS && text.chars().all(|c| c.is_ascii_hexdigit());
    match is_id {
        true => Ok(text.to_ascii_lowercase()),
        false => Err(UsageError::Other {
            what: format!("`{}` is no commit id", text.escape_debug()),
            fix: "name commits of the coordination branch, as `agentsync history` lists them".to_owned(),
        }),
    }
}

/// Audits a range.
pub fn verify(auditor: &dyn Auditor, range: &AuditRange) -> Result<Audited, Failure> {
    Ok(auditor.audit(range)?)
}

/// Takes what was found so far as looked at, in this clone.
pub fn accept(auditor: &dyn Auditor) -> Result<u64, Failure> {
    Ok(auditor.accept_found()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, after: Option<&str>, until: Option<&str>, is_one: bool) {
        let range = parse_range(Some(text)).unwrap();
        assert_eq!((range.after.as_deref(), range.until.as_deref(), range.is_one), (after, until, is_one));
    }

    #[test]
    fn a_range_is_two_commits_or_one() {
        check("63C2..7d1f", Some("63c2"), Some("7d1f"), false);
        check("63c2..", Some("63c2"), None, false);
        check("..7d1f", None, Some("7d1f"), false);
        check("63c2", None, Some("63c2"), true);
        for bad in ["", "main", "63c", "63c2..main", "--all"] {
            assert!(parse_range(Some(bad)).is_err(), "{bad}");
        }
    }
}
