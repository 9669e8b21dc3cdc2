//! Medians of times.

use std::time::{Duration, Instant};

/// Times of one thing done several times.
#[derive(Debug, Default, Clone)]
pub(crate) struct Figures(Vec<Duration>);

impl Figures {
    /// Does something and keeps how long it took.
    pub(crate) fn time<T>(&mut self, act: impl FnOnce() -> T) -> T {
        let started = Instant::now();
        let answer = act();
        self.0.push(started.elapsed());
        answer
    }

    /// Keeps a time taken elsewhere.
    pub(crate) fn keep(&mut self, time: Duration) {
        self.0.push(time);
    }

    /// Returns the median, in milliseconds.
    pub(crate) fn median(&self) -> f64 {
        self.at(0.5)
    }

    /// Returns the longest, in milliseconds.
    pub(crate) fn longest(&self) -> f64 {
        self.at(1.0)
    }

    /// Takes over all times of another.
    pub(crate) fn extend(&mut self, more: &Figures) {
        self.0.extend(&more.0);
    }

    /// Returns the time at this part of all, in milliseconds: 0.99 is the one that a hundredth is above.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a position among a few thousand"
    )]
    pub(crate) fn at(&self, part: f64) -> f64 {
        let mut times = self.0.clone();
        times.sort();
        let last = times.len().saturating_sub(1);
        times.get((last as f64 * part).round() as usize).map_or(f64::NAN, |time| time.as_secs_f64() * 1e3)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        let figures = Figures([5, 1, 100].map(Duration::from_millis).to_vec());
        assert!((figures.median() - 5.0).abs() < 1e-9);
        assert!((figures.longest() - 100.0).abs() < 1e-9);
    }
}
