//! How long pushes to a remote take, as the processes of a clone have seen it.
//!
//! A hint in a small file, as in [`super::recency`]: it decides only how long a pause may be. A torn file or
//! two who write at once cost a pause that is a little too long or too short.

use std::path::{Path, PathBuf};
use std::time::Duration;

use agentsync_core::pause;
use serde::{Deserialize, Serialize};

use super::cache::write_hint;

#[derive(Serialize, Deserialize)]
struct Kept {
    micros: u64,
}

/// The file that keeps it.
#[derive(Debug)]
pub struct Pace {
    path: PathBuf,
}

impl Pace {
    /// Returns the hint kept in `dir`, which belongs to one board at one remote.
    pub fn in_dir(dir: &Path) -> Pace {
        Pace { path: dir.join("pace.json") }
    }

    /// Returns how long a push takes that goes through, where that is known.
    pub fn look(&self) -> Option<Duration> {
        self.load().map(Duration::from_micros)
    }

    /// Notes how long a push took that went through.
    pub fn note(&self, took: Duration) {
        let took = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let kept = Kept { micros: pause::observed(self.load(), took) };
        let _ = serde_json::to_vec(&kept).map(|text| write_hint(&self.path, &text));
    }

    fn load(&self) -> Option<u64> {
        let kept: Kept = serde_json::from_slice(&std::fs::read(&self.path).ok()?).ok()?;
        Some(kept.micros)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_who_look_there_share_it_and_a_torn_file_is_none() {
        let dir = tempfile::tempdir().unwrap();
        let pace = || Pace::in_dir(dir.path());
        assert_eq!(pace().look(), None);
        pace().note(Duration::from_millis(100));
        pace().note(Duration::from_millis(500));
        assert_eq!(pace().look(), Some(Duration::from_millis(200)));
        std::fs::write(dir.path().join("pace.json"), "{\"mic").unwrap();
        assert_eq!(pace().look(), None);
        pace().note(Duration::from_millis(7));
        assert_eq!(pace().look(), Some(Duration::from_millis(7)));
    }
}
