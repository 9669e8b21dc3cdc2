//! The one door to the time.

use std::time::{Duration, Instant};

use agentsync_core::{OpId, Timestamp};

use crate::app::ctx::Dice;
use crate::app::ports::Clock;

/// The machine's clock.
#[derive(Debug)]
pub struct SystemClock {
    started: Instant,
}

impl SystemClock {
    /// Starts a clock.
    #[expect(clippy::disallowed_methods, reason = "this is the door to the time")]
    pub fn start() -> SystemClock {
        SystemClock { started: Instant::now() }
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the door to the time")]
    fn now(&self) -> Timestamp {
        Timestamp(jiff::Timestamp::now().as_microsecond())
    }

    fn monotonic(&self) -> Duration {
        self.started.elapsed()
    }

    #[expect(clippy::disallowed_methods, reason = "this is the door to the time")]
    fn sleep(&self, time: Duration) {
        std::thread::sleep(time);
    }

    fn since_boot(&self) -> Option<(String, Duration)> {
        let read = |path| std::fs::read_to_string(path).ok();
        let boot = read("/proc/sys/kernel/random/boot_id")?.trim().to_owned();
        let seconds: f64 = read("/proc/uptime")?.split(' ').next()?.parse().ok()?;
        Some((boot, Duration::try_from_secs_f64(seconds).ok()?))
    }
}

/// Returns the nanoseconds since the machine was started, on a clock that all its processes share and
/// nobody sets; where there is none, the wall clock's.
pub fn nanos_since_boot() -> u128 {
    #[cfg(unix)]
    {
        let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
        let time = Duration::try_from(now).unwrap_or_default();
        time.as_nanos()
    }
    #[cfg(not(unix))]
    {
        SystemClock::start().now().0.unsigned_abs() as u128 * 1000
    }
}

/// Chance from the operating system.
#[derive(Debug)]
pub struct SystemDice;

impl Dice for SystemDice {
    fn op(&self) -> OpId {
        OpId(random_hex::<16>())
    }

    fn jitter(&self, max: Duration) -> Duration {
        max.mul_f64(fastrand::f64())
    }
}

/// Returns `N` random bytes in hex.
pub fn random_hex<const N: usize>() -> String {
    let mut bytes = [0; N];
    // Where the system has no chance to give, a seed of time and address still differs per process.
    if getrandom::fill(&mut bytes).is_err() {
        fastrand::fill(&mut bytes);
    }
    bytes.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
}
