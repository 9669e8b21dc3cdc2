//! Points in time, as numbers: the core has no clock and no calendar.

/// Microseconds since 1970-01-01T00:00:00Z.
///
/// What a claim says about time is shown, and used for the stale flag alone; nothing is granted or
/// refused by it, since clocks differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Returns the hours from `self` to `later`, negative when `later` is earlier.
    #[expect(clippy::cast_precision_loss, reason = "hours are shown with one digit")]
    pub fn hours_until(self, later: Timestamp) -> f64 {
        later.0.saturating_sub(self.0) as f64 / 3_600e6
    }
}
