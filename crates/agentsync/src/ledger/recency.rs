//! How long ago the tip was confirmed, and how long ago somebody else was seen to write.
//!
//! A hint, shared by the processes of a clone in one small file: it decides only which of two
//! right ways is tried first. A wrong clock or a torn file costs one refused push.

use std::path::{Path, PathBuf};
use std::time::Duration;

use agentsync_core::Timestamp;
use serde::{Deserialize, Serialize};

use super::cache::write_atomic;

/// A tip confirmed within this time counts as the present one.
const FRESH: Duration = Duration::from_millis(1500);
/// A board on which nobody else was seen to write for this long is quiet.
const QUIET: Duration = Duration::from_secs(30);
/// On a quiet board, a tip confirmed within this time is worth trying a push on.
const WORTH_A_TRY: Duration = Duration::from_secs(600);

#[derive(Debug, Default, Clone, Copy, Serialize, Deserialize)]
struct Times {
    confirmed_at: i64,
    foreign_at: i64,
}

impl Times {
    fn is_worth_a_try_at(self, at: i64, now: Timestamp) -> bool {
        let is_quiet = !is_within(self.foreign_at, now, QUIET);
        is_within(at, now, FRESH) || (is_within(at, now, WORTH_A_TRY) && is_quiet)
    }
}

/// The file that keeps the two times.
#[derive(Debug)]
pub struct Recency {
    path: PathBuf,
}

impl Recency {
    /// Returns the hint kept beside the cache repository.
    pub fn beside(cache_dir: &Path) -> Recency {
        Recency { path: cache_dir.with_file_name("recency.json") }
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
        let times = self.load();
        times.is_worth_a_try_at(times.confirmed_at, now)
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

    /// Notes that the tip was confirmed now, and whether somebody else had moved it.
    pub fn note(&self, now: Timestamp, was_foreign: bool) {
        let mut times = self.load();
        times.confirmed_at = now.0;
        if was_foreign {
            times.foreign_at = now.0;
        }
        // Without the hint the next write asks first, which is right too.
        let _ = serde_json::to_vec(&times).map(|text| write_atomic(&self.path, &text));
    }

    fn load(&self) -> Times {
        std::fs::read(&self.path).ok().and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default()
    }
}

fn is_within(at: i64, now: Timestamp, span: Duration) -> bool {
    u128::try_from(now.0.saturating_sub(at)).is_ok_and(|age| age <= span.as_micros())
}
