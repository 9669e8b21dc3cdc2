//! Points in time: numbers to reckon with, RFC 3339 on the wire. The core has no clock.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Microseconds since 1970-01-01T00:00:00Z.
///
/// What a claim says about time is shown, and used for the stale flag alone; nothing is granted or
/// refused by it, since clocks differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Parses RFC 3339, or returns `None`: other programs write what they like.
    pub fn parse(text: &str) -> Option<Timestamp> {
        text.parse::<jiff::Timestamp>().ok().map(|at| Timestamp(at.as_microsecond()))
    }

    /// Returns the hours from `self` to `later`, negative when `later` is earlier.
    #[expect(clippy::cast_precision_loss, reason = "hours are shown with one digit")]
    pub fn hours_until(self, later: Timestamp) -> f64 {
        later.0.saturating_sub(self.0) as f64 / 3_600e6
    }
}

/// Writes RFC 3339 in UTC with microseconds, spelled `+00:00`: the predecessor's parser knows no `Z`.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(at) => write!(f, "{}", at.strftime("%Y-%m-%dT%H:%M:%S%.6f+00:00")),
            // Beyond the year 9999 there is nothing to write; the number still tells.
            Err(_) => write!(f, "{}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let text = "2026-11-23T20:15:00.123456+00:00";
        assert_eq!(Timestamp::parse(text).map(|at| at.to_string()).as_deref(), Some(text));
        assert_eq!(Timestamp::parse("2026-11-23T21:15:00+01:00"), Timestamp::parse("2026-11-23T20:15:00Z"));
        assert_eq!(Timestamp::parse("yesterday"), None);
    }
}
