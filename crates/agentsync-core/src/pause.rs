//! How long to pause before a refused write is tried again, as values. The core has no clock and no dice.

/// A refused write goes again at once so often, as long as what came in does not touch it.
///
/// Oftener would keep those who compete in step: each finds the board that the other has just moved.
const AT_ONCE: u32 = 2;
/// The longest pause, and the shortest: a try that fails at once must not spin. In microseconds.
const MAX: u64 = 1_600_000;
const MIN: u64 = 20_000;
/// From so many refusals on, the pause grows no further.
const MAX_STEPS: u64 = 16;

/// What is known when a write was refused, or got no answer. Times are in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused {
    /// How many tries have ended so.
    pub n_times: u32,
    /// Whether there was no plain answer, so that the push may still arrive.
    pub is_silent: bool,
    /// Whether what peers wrote leaves the decision as it was.
    pub is_untouched: bool,
    /// How long the last try took.
    pub took: u64,
    /// How long pushes take that go through, where that was observed.
    pub push: Option<u64>,
}

impl Refused {
    /// Returns the longest pause; the real one is a random part of it. Nothing means: at once.
    ///
    /// The first refusal only says that our board was old, and a peer's change that does not touch ours is
    /// no reason to hold back either. After that, those who compete must fall out of step, over about the
    /// time in which they can be in each other's way: that of a whole try. A refused one is over sooner
    /// than one that goes through, so what is known of the latter counts too. A try that takes longer
    /// because many compete makes the pauses longer by itself; waiting much longer leaves the branch idle.
    pub fn longest_pause(&self) -> u64 {
        let is_at_once = self.n_times <= 1 || (self.is_untouched && self.n_times <= AT_ONCE);
        if is_at_once && !self.is_silent {
            return 0;
        }
        let one = self.took.max(self.push.unwrap_or(0)).min(MAX);
        (one + one / 8 * u64::from(self.n_times).min(MAX_STEPS)).clamp(MIN, MAX)
    }
}

/// Returns what pushes are taken to cost, once one more has been observed: the newest counts a quarter.
pub fn observed(before: Option<u64>, took: u64) -> u64 {
    // A machine that slept in the middle says nothing about the remote.
    let took = took.min(MAX * 20);
    match before {
        None => took,
        Some(before) => before.min(MAX * 20).saturating_mul(3).saturating_add(took) / 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(n_times: u32) -> Refused {
        Refused { n_times, is_silent: false, is_untouched: true, took: 40_000, push: None }
    }

    #[test]
    fn what_is_not_touched_goes_again_at_once_twice() {
        let pauses = [1, 2, 3].map(|n_times| refused(n_times).longest_pause());
        assert_eq!(pauses, [0, 0, 55_000]);
    }

    #[test]
    fn what_is_touched_and_what_got_no_answer_pauses() {
        assert_eq!(Refused { is_untouched: false, ..refused(2) }.longest_pause(), 50_000);
        assert_eq!(Refused { is_silent: true, ..refused(1) }.longest_pause(), 45_000);
    }

    #[test]
    fn the_longer_of_a_refused_and_an_accepted_push_counts() {
        let pause = |push| Refused { push, ..refused(8) }.longest_pause();
        assert_eq!([pause(None), pause(Some(10_000)), pause(Some(200_000))], [80_000, 80_000, 400_000]);
    }

    #[test]
    fn no_pause_is_endless_and_none_spins() {
        for took in [0, 1, u64::MAX] {
            for n_times in [3, u32::MAX] {
                let pause = Refused { took, push: Some(u64::MAX), ..refused(n_times) }.longest_pause();
                assert!((MIN..=MAX).contains(&pause));
                assert!(Refused { took, ..refused(n_times) }.longest_pause() >= MIN);
            }
        }
    }

    #[test]
    fn what_was_observed_follows_slowly() {
        assert_eq!(observed(None, 100), 100);
        assert_eq!(observed(Some(100), 500), 200);
        assert!(observed(Some(u64::MAX), u64::MAX) <= MAX * 20);
    }
}
