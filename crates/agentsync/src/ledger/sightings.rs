//! Since when this machine has seen each claim that can lapse as it is.
//!
//! Kept in a file with the name of the machine's start: after another start all begins anew.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use agentsync_core::{BranchName, Lapsed};
use serde::{Deserialize, Serialize};

use super::cache::write_atomic;
use crate::app::ports::{Clock, Sighting};

/// How often a claim must have been seen as it is: one look proves nothing about the time before.
const MIN_LOOKS: u32 = 3;

/// What a machine has seen, and for how long.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Seen {
    boot: String,
    claims: BTreeMap<String, Look>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Look {
    op: String,
    pulse: Option<String>,
    /// Since when, in milliseconds since the machine's start.
    since: u64,
    n_looks: u32,
}

impl Seen {
    /// Notes what was seen now, and returns what has stood as it is for its lease.
    pub fn note(
        &mut self,
        seen: &[Sighting],
        pulse: &dyn Fn(&BranchName) -> Option<String>,
        clock: &dyn Clock,
    ) -> Vec<Lapsed> {
        // Where nobody knows how long the machine has run, nothing ever lapses.
        let Some((boot, now)) = clock.since_boot() else { return Vec::new() };
        let mut before = std::mem::take(&mut self.claims);
        if self.boot != boot {
            before.clear();
            self.boot = boot;
        }
        let mut lapsed = Vec::new();
        let now = u64::try_from(now.as_millis()).unwrap_or(u64::MAX);
        for sighting in seen {
            let name = format!("{} {}", sighting.key, sighting.op.0);
            let pulse = sighting.branch.as_ref().and_then(pulse);
            let fresh = Look { op: sighting.op.0.clone(), pulse: pulse.clone(), since: now, n_looks: 0 };
            let mut look = before.remove(&name).filter(|look| look.pulse == pulse).unwrap_or(fresh);
            look.n_looks = look.n_looks.saturating_add(1);
            let stood = Duration::from_millis(now.saturating_sub(look.since));
            if stood >= sighting.lease && look.n_looks >= MIN_LOOKS {
                lapsed.push(Lapsed { key: sighting.key.clone(), op: sighting.op.clone() });
            }
            self.claims.insert(name, look);
        }
        lapsed
    }
}

/// The file.
#[derive(Debug)]
pub struct Sightings {
    path: PathBuf,
}

impl Sightings {
    /// Returns the file in `dir`.
    pub fn in_dir(dir: &Path) -> Sightings {
        Sightings { path: dir.join("sightings.json") }
    }

    /// Notes what was seen now, and returns what has stood as it is for its lease.
    pub fn note(
        &self,
        seen: &[Sighting],
        pulse: &dyn Fn(&BranchName) -> Option<String>,
        clock: &dyn Clock,
    ) -> Vec<Lapsed> {
        let mut memory = self.load();
        let lapsed = memory.note(seen, pulse, clock);
        // What cannot be kept is seen for the first time again.
        let _ = serde_json::to_vec(&memory).map(|text| write_atomic(&self.path, &text));
        lapsed
    }

    fn load(&self) -> Seen {
        std::fs::read(&self.path).ok().and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use agentsync_core::{ClaimKey, OpId, Timestamp};

    use super::*;

    /// A machine whose time is set by hand.
    struct Machine(Mutex<(String, u64)>);

    impl Clock for Machine {
        fn now(&self) -> Timestamp {
            Timestamp(0)
        }

        fn monotonic(&self) -> Duration {
            Duration::ZERO
        }

        fn sleep(&self, _: Duration) {}

        fn since_boot(&self) -> Option<(String, Duration)> {
            let (boot, seconds) = self.0.lock().unwrap().clone();
            Some((boot, Duration::from_secs(seconds)))
        }
    }

    struct Watch {
        dir: tempfile::TempDir,
        machine: Machine,
        op: &'static str,
        tip: &'static str,
    }

    impl Watch {
        fn begin() -> Watch {
            let machine = Machine(Mutex::new(("first".to_owned(), 0)));
            Watch { dir: tempfile::tempdir().unwrap(), machine, op: "op", tip: "tip" }
        }

        /// Looks at the claim, whose lease is a hundred seconds, at a time; tells whether it has lapsed.
        fn look(&self, boot: &str, seconds: u64) -> bool {
            *self.machine.0.lock().unwrap() = (boot.to_owned(), seconds);
            let seen = Sighting {
                key: ClaimKey::read("alice"),
                op: OpId(self.op.to_owned()),
                lease: Duration::from_secs(100),
                branch: BranchName::parse("work").ok(),
            };
            let pulse = |_: &BranchName| Some(self.tip.to_owned());
            !Sightings::in_dir(self.dir.path()).note(&[seen], &pulse, &self.machine).is_empty()
        }
    }

    #[test]
    fn r_41_a_claim_lapses_when_it_was_seen_unchanged_for_its_lease() {
        let watch = Watch::begin();
        assert!(!watch.look("first", 10));
        assert!(!watch.look("first", 60));
        assert!(!watch.look("first", 109));
        assert!(watch.look("first", 110));
    }

    #[test]
    fn two_looks_are_not_enough() {
        let watch = Watch::begin();
        watch.look("first", 10);
        assert!(!watch.look("first", 500));
        assert!(watch.look("first", 501));
    }

    #[test]
    fn a_write_a_commit_and_a_restart_each_begin_anew() {
        let mut watch = Watch::begin();
        for seconds in [0, 50, 99] {
            watch.look("first", seconds);
        }
        watch.op = "later";
        assert!(!watch.look("first", 100));
        watch.look("first", 150);
        watch.tip = "later";
        assert!(!watch.look("first", 201));
        watch.look("first", 250);
        assert!(!watch.look("second", 302));
        watch.look("second", 350);
        assert!(watch.look("second", 402));
    }
}
