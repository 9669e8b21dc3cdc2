//! How often a remote may be pushed to: a token bucket, as values. The core has no clock.

use serde::{Deserialize, Serialize};

/// One push, in the unit in which a bucket counts.
const PUSH: i64 = 1_000_000;
/// The microseconds of a minute.
const MINUTE: i64 = 60_000_000;
/// A pause that a remote asks for is not believed beyond this.
const MAX_PAUSE: i64 = 60 * MINUTE;
/// Nobody needs more than this, and nothing overflows below it.
const MAX_RATE: u32 = 60_000;

/// How often a remote may be pushed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    per_minute: u32,
    burst: u32,
}

impl Budget {
    /// What a hosted forge recommends at most for one repository: 6 pushes a minute in the long run.
    ///
    /// Two minutes' worth may be spent at once: a few agents that begin together, each with a claim and
    /// a word on its status, wait for nothing, and in any ten minutes it is at most 72.
    pub const HOSTED: Budget = Budget { per_minute: 6, burst: 12 };

    /// Parses `6`, or `6/12` with what may be spent at once, which is otherwise two minutes' worth.
    pub fn parse(text: &str) -> Option<Budget> {
        let number = |text: &str| text.trim().parse::<u32>().ok();
        let (per_minute, burst) = match text.split_once('/') {
            Some((per_minute, burst)) => (number(per_minute)?, number(burst)?),
            None => (number(text)?, number(text)?.saturating_mul(2)),
        };
        let is_sound = |number: u32| 0 < number && number <= MAX_RATE * 2;
        (is_sound(per_minute) && is_sound(burst) && per_minute <= MAX_RATE)
            .then_some(Budget { per_minute, burst })
    }

    /// Returns the pushes a minute in the long run.
    pub fn per_minute(self) -> u32 {
        self.per_minute
    }

    /// Returns the most pushes at once.
    pub fn burst(self) -> u32 {
        self.burst
    }

    fn full(self) -> i64 {
        i64::from(self.burst).saturating_mul(PUSH)
    }
}

/// What is left of a budget, at a time in microseconds on one clock of the caller's.
///
/// A clock that goes back brings nothing and costs nothing; one that leaps ahead fills the bucket and
/// no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bucket {
    left: i64,
    at: i64,
    /// Until when the remote asked to be left alone.
    closed_until: i64,
}

impl Bucket {
    /// Returns a full bucket.
    pub fn full(budget: Option<Budget>, now: i64) -> Bucket {
        Bucket { left: budget.map_or(0, Budget::full), at: now, closed_until: i64::MIN }
    }

    /// Takes one push, or says in how many microseconds there is one. Without a budget only a pause
    /// that the remote asked for stands in the way.
    pub fn take(self, budget: Option<Budget>, now: i64) -> (Bucket, Result<(), i64>) {
        let bucket = self.refilled(budget, now);
        match bucket.free_in(budget, now) {
            0 if budget.is_some() => (Bucket { left: bucket.left.saturating_sub(PUSH), ..bucket }, Ok(())),
            0 => (bucket, Ok(())),
            wait => (bucket, Err(wait)),
        }
    }

    /// Lets nobody push for so many microseconds, as the remote asked.
    #[must_use]
    pub fn closed(self, budget: Option<Budget>, now: i64, pause: i64) -> Bucket {
        let until = now.saturating_add(pause.clamp(0, MAX_PAUSE));
        let bucket = self.refilled(budget, now);
        Bucket { closed_until: bucket.closed_until.max(until), ..bucket }
    }

    /// Returns the whole pushes that are left.
    pub fn n_left(self, budget: Option<Budget>, now: i64) -> u32 {
        u32::try_from(self.refilled(budget, now).left / PUSH).unwrap_or(0)
    }

    /// Returns in how many microseconds one may push.
    pub fn free_in(self, budget: Option<Budget>, now: i64) -> i64 {
        let bucket = self.refilled(budget, now);
        let pause = bucket.closed_until.saturating_sub(now).max(0);
        let missing = PUSH.saturating_sub(bucket.left).max(0);
        let refill = budget.map_or(0, |budget| {
            let per_minute = i64::from(budget.per_minute);
            missing.saturating_mul(MINUTE / PUSH).saturating_add(per_minute - 1) / per_minute
        });
        pause.max(refill)
    }

    fn refilled(self, budget: Option<Budget>, now: i64) -> Bucket {
        // A clock that was set back would else keep it closed for as long.
        let closed_until = self.closed_until.min(now.saturating_add(MAX_PAUSE));
        let Some(budget) = budget else { return Bucket { left: 0, at: now, closed_until } };
        let passed = now.saturating_sub(self.at).max(0);
        let more = passed.saturating_mul(i64::from(budget.per_minute)) / (MINUTE / PUSH);
        Bucket { left: self.left.max(0).saturating_add(more).min(budget.full()), at: now, closed_until }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECOND: i64 = 1_000_000;

    #[test]
    fn a_budget_is_a_rate_and_perhaps_a_burst() {
        assert_eq!(Budget::parse("6"), Some(Budget::HOSTED));
        assert_eq!(Budget::parse("30/5"), Some(Budget { per_minute: 30, burst: 5 }));
        for text in ["", "0", "6/0", "-1", "six", "6/", "6/12/3", "99999999"] {
            assert_eq!(Budget::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_burst_is_free_and_then_one_comes_every_ten_seconds() {
        let budget = Some(Budget::HOSTED);
        let mut bucket = Bucket::full(budget, 0);
        for _ in 0..12 {
            let (next, taken) = bucket.take(budget, 0);
            assert_eq!(taken, Ok(()));
            bucket = next;
        }
        assert_eq!(bucket.take(budget, 0).1, Err(10 * SECOND));
        assert_eq!(bucket.take(budget, 4 * SECOND).1, Err(6 * SECOND));
        let (bucket, taken) = bucket.take(budget, 10 * SECOND);
        assert_eq!((taken, bucket.n_left(budget, 10 * SECOND)), (Ok(()), 0));
        assert_eq!(bucket.n_left(budget, 3_600 * SECOND), 12);
    }

    #[test]
    fn a_clock_that_leaps_costs_a_burst_at_most() {
        let budget = Some(Budget::HOSTED);
        let (bucket, _) = Bucket::full(budget, 0).take(budget, 0);
        assert_eq!(bucket.n_left(budget, -3_600 * SECOND), 11);
        assert_eq!(bucket.n_left(budget, i64::MAX), 12);
        assert_eq!(bucket.n_left(budget, i64::MIN), 11);
        // After it was set back, time passes as before.
        let (bucket, _) = bucket.take(budget, -3_600 * SECOND);
        assert_eq!(bucket.n_left(budget, -3_590 * SECOND), 11);
    }

    #[test]
    fn a_remote_that_asks_for_a_pause_gets_it_with_and_without_a_budget() {
        for budget in [None, Some(Budget::HOSTED)] {
            let bucket = Bucket::full(budget, 0).closed(budget, 0, 30 * SECOND);
            assert_eq!(bucket.take(budget, 10 * SECOND).1, Err(20 * SECOND));
            assert_eq!(bucket.take(budget, 30 * SECOND).1, Ok(()));
            // Not for days, and not because a clock was set back.
            let bucket = bucket.closed(budget, 0, i64::MAX);
            assert_eq!(bucket.free_in(budget, 0), MAX_PAUSE);
            assert_eq!(bucket.free_in(budget, -24 * MAX_PAUSE), MAX_PAUSE);
        }
    }

    proptest! {
        #[test]
        fn no_stretch_of_time_sees_more_than_its_share_and_the_burst(
            steps in proptest::collection::vec(0..20 * SECOND, 1..200),
            per_minute in 1_u32..100,
            burst in 1_u32..50,
        ) {
            let budget = Some(Budget { per_minute, burst });
            let (mut bucket, mut now, mut taken) = (Bucket::full(budget, 0), 0, 0);
            for step in steps {
                now += step;
                let (next, result) = bucket.take(budget, now);
                if let Err(wait) = result {
                    // What it promises, it keeps, and not a moment later than it must.
                    prop_assert_eq!(next.take(budget, now + wait).1, Ok(()));
                    prop_assert!(next.take(budget, now + wait - 1).1.is_err());
                }
                taken += i64::from(result.is_ok());
                bucket = next;
            }
            prop_assert!(taken <= i64::from(burst) + now * i64::from(per_minute) / MINUTE);
        }

        #[test]
        fn whatever_was_kept_and_whatever_the_time_it_is_open_within_an_hour(
            left in any::<i64>(), at in any::<i64>(), closed_until in any::<i64>(), now in any::<i64>(),
        ) {
            let budget = Some(Budget::HOSTED);
            let bucket = Bucket { left, at, closed_until };
            let _ = bucket.closed(budget, now, left).take(budget, now);
            prop_assert!(bucket.free_in(budget, now) <= MAX_PAUSE);
        }
    }
}
