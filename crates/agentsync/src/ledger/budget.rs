//! The push budget of a remote: what is left of it, kept where all who push to it from this machine look.
//!
//! A courtesy to the host, and nothing else depends on it: where it cannot be kept, everybody pushes.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use agentsync_core::{Bucket, Budget};
use serde::{Deserialize, Serialize};

use super::cache::write_atomic;
use crate::app::ports::{Clock, Leave, PushBudget};
use crate::lock::Lock;
use crate::plant::steps;

/// How often, and how long apart, the file's lock is tried. Whoever has it needs it for a moment.
const PATIENCE: (u32, Duration) = (50, Duration::from_millis(2));

/// What is kept: the bucket, and the start of the machine whose clock it counts by.
#[derive(Serialize, Deserialize)]
struct Kept {
    boot: String,
    bucket: Bucket,
}

/// The file that keeps the bucket.
#[derive(Debug)]
pub struct KeptBudget {
    budget: Option<Budget>,
    path: PathBuf,
}

impl KeptBudget {
    /// Returns what is kept in `dir`. Without a budget only pauses that the remote asks for are.
    pub fn in_dir(dir: &Path, budget: Option<Budget>) -> KeptBudget {
        KeptBudget { budget, path: dir.join("budget.json") }
    }

    /// Takes one push, or says how long there is none.
    pub fn take(&self, clock: &dyn Clock) -> Leave {
        if self.budget.is_none() && !self.path.exists() {
            return Leave::Granted;
        }
        let mut leave = Leave::Granted;
        self.change(clock, |bucket, now| {
            let (next, taken) = bucket.take(self.budget, now);
            if let Err(wait) = taken {
                leave = Leave::In { time: micros(wait), why: self.why() };
            }
            next
        });
        leave
    }

    /// Notes that the remote asked to be left alone for `time`.
    pub fn close(&self, clock: &dyn Clock, time: Duration) {
        let pause = i64::try_from(time.as_micros()).unwrap_or(i64::MAX);
        self.change(clock, |bucket, now| bucket.closed(self.budget, now, pause));
    }

    /// Says what is left, without taking any of it; `None` when there is no limit and no pause.
    pub fn look(&self, clock: &dyn Clock) -> Option<PushBudget> {
        let (boot, now) = time(clock);
        let bucket = self.load(&boot, now);
        let free_in = micros(bucket.free_in(self.budget, now));
        match self.budget {
            None if free_in.is_zero() => None,
            _ => Some(PushBudget {
                rate: self.budget.map(|budget| (budget.per_minute(), budget.burst())),
                n_left: bucket.n_left(self.budget, now),
                free_in,
            }),
        }
    }

    fn why(&self) -> String {
        match self.budget {
            Some(budget) => format!("{} pushes a minute, `agentsync.pushBudget`", budget.per_minute()),
            None => "the remote asked for a pause".to_owned(),
        }
    }

    fn change(&self, clock: &dyn Clock, act: impl FnOnce(Bucket, i64) -> Bucket) {
        let Some(_lock) = self.lock(clock) else { return };
        steps::pass("budget locked");
        let (boot, now) = time(clock);
        let bucket = act(self.load(&boot, now), now);
        let _ = serde_json::to_vec(&Kept { boot, bucket }).map(|text| write_atomic(&self.path, &text));
    }

    fn lock(&self, clock: &dyn Clock) -> Option<Lock> {
        let path = self.path.with_extension("lock");
        for _ in 0..PATIENCE.0 {
            match Lock::at(&path) {
                Ok(Some(lock)) => return Some(lock),
                Ok(None) => clock.sleep(PATIENCE.1),
                Err(_) => return None,
            }
        }
        None
    }

    fn load(&self, boot: &str, now: i64) -> Bucket {
        let kept = fs::read(&self.path).ok().and_then(|text| serde_json::from_slice::<Kept>(&text).ok());
        match kept {
            Some(kept) if kept.boot == boot => kept.bucket,
            Some(_) | None => Bucket::full(self.budget, now),
        }
    }
}

/// Returns the time since the machine's start, which nobody sets, or where that is not known the
/// clock on the wall.
fn time(clock: &dyn Clock) -> (String, i64) {
    match clock.since_boot() {
        Some((boot, time)) => (boot, i64::try_from(time.as_micros()).unwrap_or(i64::MAX)),
        None => (String::new(), clock.now().0),
    }
}

fn micros(number: i64) -> Duration {
    Duration::from_micros(u64::try_from(number).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use agentsync_core::Timestamp;

    use super::*;

    /// A machine whose clock on the wall is wrong as often as the test likes.
    struct Machine {
        boot: Option<&'static str>,
        seconds: Mutex<u64>,
        wall: i64,
    }

    impl Clock for Machine {
        fn now(&self) -> Timestamp {
            Timestamp(self.wall)
        }

        fn monotonic(&self) -> Duration {
            Duration::ZERO
        }

        fn sleep(&self, time: Duration) {
            // A process that another test is just starting holds our locks until it runs.
            std::thread::park_timeout(time);
        }

        fn since_boot(&self) -> Option<(String, Duration)> {
            let time = Duration::from_secs(*self.seconds.lock().unwrap());
            self.boot.map(|boot| (boot.to_owned(), time))
        }
    }

    fn machine(boot: Option<&'static str>, seconds: u64, wall: i64) -> Machine {
        Machine { boot, seconds: Mutex::new(seconds), wall }
    }

    fn kept(dir: &Path) -> KeptBudget {
        KeptBudget::in_dir(dir, Budget::parse("6/2"))
    }

    #[test]
    fn all_who_look_there_share_it() {
        let dir = tempfile::tempdir().unwrap();
        let clock = machine(Some("one"), 100, 0);
        assert_eq!(kept(dir.path()).take(&clock), Leave::Granted);
        assert_eq!(kept(dir.path()).take(&clock), Leave::Granted);
        let Leave::In { time, why } = kept(dir.path()).take(&clock) else { panic!("a third one") };
        assert_eq!((time.as_secs(), why.as_str()), (10, "6 pushes a minute, `agentsync.pushBudget`"));
        *clock.seconds.lock().unwrap() = 110;
        assert_eq!(kept(dir.path()).look(&clock).unwrap().n_left, 1);
    }

    #[test]
    fn the_clock_on_the_wall_may_be_set_and_the_machine_restarted() {
        let dir = tempfile::tempdir().unwrap();
        for _ in 0..2 {
            kept(dir.path()).take(&machine(Some("one"), 100, 0));
        }
        for wall in [i64::MAX, i64::MIN, 0] {
            assert!(matches!(kept(dir.path()).take(&machine(Some("one"), 100, wall)), Leave::In { .. }));
        }
        assert_eq!(kept(dir.path()).take(&machine(Some("two"), 3, 0)), Leave::Granted);
        // Where only the wall's clock is known, a step back is no time and no debt.
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(kept(dir.path()).take(&machine(None, 0, 1_000_000_000)), Leave::Granted);
        assert_eq!(kept(dir.path()).take(&machine(None, 0, 0)), Leave::Granted);
        assert!(matches!(kept(dir.path()).take(&machine(None, 0, 0)), Leave::In { .. }));
        assert_eq!(kept(dir.path()).take(&machine(None, 0, 10_000_000)), Leave::Granted);
    }

    #[test]
    fn what_cannot_be_read_or_kept_stops_nobody() {
        let dir = tempfile::tempdir().unwrap();
        let clock = machine(Some("one"), 100, 0);
        fs::write(dir.path().join("budget.json"), "half a").unwrap();
        assert_eq!(kept(dir.path()).take(&clock), Leave::Granted);
        let nowhere = kept(&dir.path().join("gone"));
        for _ in 0..5 {
            assert_eq!(nowhere.take(&clock), Leave::Granted);
        }
    }

    #[test]
    fn without_a_budget_a_pause_is_kept_all_the_same() {
        let dir = tempfile::tempdir().unwrap();
        let clock = machine(Some("one"), 100, 0);
        let free = KeptBudget::in_dir(dir.path(), None);
        assert_eq!((free.take(&clock), free.look(&clock)), (Leave::Granted, None));
        free.close(&clock, Duration::from_secs(30));
        let why = "the remote asked for a pause".to_owned();
        assert_eq!(free.take(&clock), Leave::In { time: Duration::from_secs(30), why });
        *clock.seconds.lock().unwrap() = 131;
        assert_eq!((free.take(&clock), free.look(&clock)), (Leave::Granted, None));
    }
}
