//! How long ago the tip was confirmed, and how long ago somebody else was seen to write.
//!
//! A hint, shared by the processes of a clone in one small file: it decides only which of two
//! right ways is tried first. A wrong clock or a torn file costs one refused push.

use std::path::{Path, PathBuf};
use std::time::Duration;

use agentsync_core::Timestamp;
use serde::{Deserialize, Serialize};

use super::cache::write_hint;
use crate::lock::Lock;

/// A tip confirmed within this time counts as the present one.
const FRESH: Duration = Duration::from_millis(1500);
/// A board on which nobody else was seen to write for this long is quiet.
const QUIET: Duration = Duration::from_secs(30);
/// On a quiet board, a tip confirmed within this time is worth trying a push on.
const WORTH_A_TRY: Duration = Duration::from_secs(600);

/// The two times, by the wall clock in microseconds.
#[derive(Debug, Default, Clone, Copy, Serialize, Deserialize)]
pub struct Times {
    confirmed_at: i64,
    foreign_at: i64,
}

impl Times {
    /// Tells whether a swap may be tried on the last seen tip without asking first.
    pub fn is_worth_a_try(self, now: Timestamp) -> bool {
        self.is_worth_a_try_at(self.confirmed_at, now)
    }

    /// Notes that the tip was confirmed now, and whether somebody else had moved it.
    pub fn note(&mut self, now: Timestamp, was_foreign: bool) {
        self.confirmed_at = now.0;
        if was_foreign {
            self.foreign_at = now.0;
        }
    }

    fn is_worth_a_try_at(self, at: i64, now: Timestamp) -> bool {
        let is_quiet = !is_within(self.foreign_at, now, QUIET);
        is_within(at, now, FRESH) || (is_within(at, now, WORTH_A_TRY) && is_quiet)
    }
}

/// The task of asking, for as long as the value lives.
#[derive(Debug)]
pub struct Asking(#[expect(dead_code, reason = "the lock is its purpose")] Option<Lock>);

/// The file that keeps the two times.
#[derive(Debug)]
pub struct Recency {
    path: PathBuf,
}

impl Recency {
    /// Returns the hint kept in `dir`.
    pub fn in_dir(dir: &Path) -> Recency {
        Recency { path: dir.join("recency.json") }
    }

    /// Returns the file kept at `path`.
    pub fn at(path: PathBuf) -> Recency {
        Recency { path }
    }

    /// Returns where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns when anybody of this clone last confirmed the tip, in microseconds.
    pub fn confirmed_at(&self) -> i64 {
        self.load().confirmed_at
    }

    /// Tells whether a swap may be tried on the last seen tip without asking first.
    pub fn is_worth_a_try(&self, now: Timestamp) -> bool {
        self.load().is_worth_a_try(now)
    }

    /// Tells the same of a tip that another clone of this machine confirmed at `at`.
    pub fn is_worth_a_try_at(&self, at: i64, now: Timestamp) -> bool {
        self.load().is_worth_a_try_at(at, now)
    }

    /// Tells whether `at` is later than the last time we heard of the tip ourselves.
    pub fn is_newer(&self, at: i64) -> bool {
        at > self.load().confirmed_at
    }

    /// Tells whether anybody of this clone has confirmed the tip within `time`.
    pub fn is_confirmed_within(&self, time: Duration, now: Timestamp) -> bool {
        is_within(self.load().confirmed_at, now, time)
    }

    /// Takes it on oneself to ask the remote; `None` while another process of this clone is asking.
    pub fn begin_asking(&self) -> Option<Asking> {
        let path = self.path.with_file_name("asking.lock");
        match Lock::at(&path) {
            Ok(None) => None,
            Ok(Some(lock)) => Some(Asking(Some(lock))),
            // Where nothing can be locked, everybody asks.
            Err(_) => Some(Asking(None)),
        }
    }

    /// Notes the first look of this clone at a board on which something was last written at `newest`.
    pub fn note_first(&self, now: Timestamp, newest: Option<Timestamp>) {
        self.note(now, newest.is_some_and(|newest| is_within(newest.0, now, QUIET)));
    }

    /// Notes that the tip was confirmed now, and whether somebody else had moved it.
    pub fn note(&self, now: Timestamp, was_foreign: bool) {
        let mut times = self.load();
        times.note(now, was_foreign);
        // Without the hint the next write asks first, which is right too.
        let _ = serde_json::to_vec(&times).map(|text| write_hint(&self.path, &text));
    }

    fn load(&self) -> Times {
        std::fs::read(&self.path).ok().and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default()
    }
}

fn is_within(at: i64, now: Timestamp, span: Duration) -> bool {
    u128::try_from(now.0.saturating_sub(at)).is_ok_and(|age| age <= span.as_micros())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_first(newest: i64, after: i64, is_worth_a_try: bool) {
        let dir = tempfile::tempdir().unwrap();
        let recency = Recency::in_dir(dir.path());
        let at = |seconds: i64| Timestamp(seconds * 1_000_000);
        recency.note_first(at(1_000), Some(at(newest)));
        assert_eq!(recency.is_worth_a_try(at(1_000 + after)), is_worth_a_try, "{newest} {after}");
    }

    #[test]
    fn what_the_board_itself_says_counts_at_the_first_look() {
        check_first(995, 1, true);
        check_first(995, 5, false);
        check_first(995, 60, true);
        check_first(900, 5, true);
        check_first(900, 700, false);
    }
}
