//! What a run came to, in numbers.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use agentsync_lab::witness::{Ended, Link};

use crate::evidence::Call;
use crate::nemesis::Toll;

/// The numbers of one round, or of several together.
#[derive(Debug, Default, Clone)]
pub(crate) struct Figures {
    pub(crate) n_rounds: usize,
    pub(crate) n_calls: usize,
    pub(crate) acked: BTreeMap<String, usize>,
    pub(crate) n_refused: usize,
    pub(crate) n_failed: usize,
    /// What was said of those, without the names in it.
    pub(crate) errors: BTreeMap<String, usize>,
    pub(crate) n_unknown: usize,
    pub(crate) n_died: usize,
    /// Of the unknown and the dead: those that are on the branch.
    pub(crate) n_unknown_applied: usize,
    pub(crate) n_died_applied: usize,
    /// Of the dead: those seen to arrive after the kill.
    pub(crate) n_zombies: usize,
    pub(crate) n_lost: usize,
    pub(crate) n_doubled: usize,
    pub(crate) n_double_grants: usize,
    pub(crate) n_other_violations: usize,
    pub(crate) n_commits: usize,
    pub(crate) toll: Toll,
    pub(crate) tries: Vec<usize>,
    /// In nanoseconds.
    pub(crate) latencies: Vec<u64>,
    pub(crate) faults: BTreeMap<String, usize>,
    pub(crate) n_leftover_folders: usize,
    pub(crate) n_fsck_failures: usize,
    pub(crate) quiet_ms: u64,
    pub(crate) n_windows: usize,
    pub(crate) n_windows_open: usize,
    pub(crate) n_window_ops: usize,
    pub(crate) n_windows_refuted: usize,
    pub(crate) search_ms: u128,
    pub(crate) n_corrupted: usize,
    pub(crate) n_detected: usize,
}

impl Figures {
    /// Counts the dead whose change was seen to arrive after they were killed, by what was seen of the
    /// branch: when which tip stood there first.
    pub(crate) fn count_zombies(
        &mut self,
        calls: &[Call],
        chain: &[Link],
        deaths: &BTreeMap<u32, u64>,
        sightings: &[(u64, String)],
    ) {
        let mut landed: BTreeMap<&str, u64> = BTreeMap::new();
        let mut seen = sightings.iter().rev().peekable();
        let mut at = None;
        for link in chain.iter().rev() {
            if let Some((when, _)) = seen.next_if(|(_, tip)| *tip == link.id) {
                at = Some(*when);
            }
            landed.extend(link.op.as_deref().zip(at));
        }
        let is_late = |call: &&Call| {
            let death = deaths.get(&call.pid).filter(|death| call.record.invoked < **death);
            // Looks at the branch are some milliseconds apart.
            let late = death.zip(landed.get(call.record.op.as_str()));
            call.record.ended == Ended::Died
                && late.is_some_and(|(death, landed)| death + 10_000_000 < *landed)
        };
        self.n_zombies += calls.iter().filter(is_late).count();
    }

    /// Counts the calls of a round.
    pub(crate) fn count(&mut self, calls: &[Call], chain: &[Link]) {
        let there: BTreeSet<&str> = chain.iter().filter_map(|link| link.op.as_deref()).collect();
        self.n_rounds += 1;
        self.n_calls += calls.len();
        self.n_commits += chain.len();
        for call in calls {
            let is_there = there.contains(call.record.op.as_str());
            match &call.record.ended {
                Ended::Done | Ended::Unchanged => {
                    *self.acked.entry(call.kind.clone()).or_default() += 1;
                    self.tries.push(call.n_tries);
                }
                Ended::Saw { .. } => *self.acked.entry(call.kind.clone()).or_default() += 1,
                Ended::Refused { .. } | Ended::Missing => self.n_refused += 1,
                Ended::NotDone => {
                    self.n_failed += 1;
                    *self.errors.entry(outline(call.error.as_deref())).or_default() += 1;
                }
                Ended::Unknown => {
                    self.n_unknown += 1;
                    self.n_unknown_applied += usize::from(is_there);
                }
                Ended::Died => {
                    self.n_died += 1;
                    self.n_died_applied += usize::from(is_there);
                }
            }
            let took = call.record.returned.map(|returned| returned.saturating_sub(call.record.invoked));
            // A wait lasts as long as it was asked to.
            self.latencies.extend(took.filter(|_| call.kind != "wait"));
        }
    }

    /// Adds the numbers of another round.
    pub(crate) fn add(&mut self, other: Figures) {
        for (kind, n_acked) in other.acked {
            *self.acked.entry(kind).or_default() += n_acked;
        }
        for (fault, n_times) in other.faults {
            *self.faults.entry(fault).or_default() += n_times;
        }
        for (error, n_times) in other.errors {
            *self.errors.entry(error).or_default() += n_times;
        }
        self.tries.extend(other.tries);
        self.latencies.extend(other.latencies);
        self.quiet_ms = self.quiet_ms.max(other.quiet_ms);
        self.search_ms += other.search_ms;
        let (mine, theirs) = (&mut self.toll, &other.toll);
        let pairs = [
            (&mut self.n_rounds, other.n_rounds),
            (&mut self.n_calls, other.n_calls),
            (&mut self.n_refused, other.n_refused),
            (&mut self.n_failed, other.n_failed),
            (&mut self.n_unknown, other.n_unknown),
            (&mut self.n_died, other.n_died),
            (&mut self.n_unknown_applied, other.n_unknown_applied),
            (&mut self.n_died_applied, other.n_died_applied),
            (&mut self.n_zombies, other.n_zombies),
            (&mut self.n_lost, other.n_lost),
            (&mut self.n_doubled, other.n_doubled),
            (&mut self.n_double_grants, other.n_double_grants),
            (&mut self.n_other_violations, other.n_other_violations),
            (&mut self.n_commits, other.n_commits),
            (&mut self.n_leftover_folders, other.n_leftover_folders),
            (&mut self.n_fsck_failures, other.n_fsck_failures),
            (&mut self.n_windows, other.n_windows),
            (&mut self.n_windows_open, other.n_windows_open),
            (&mut self.n_window_ops, other.n_window_ops),
            (&mut self.n_windows_refuted, other.n_windows_refuted),
            (&mut self.n_corrupted, other.n_corrupted),
            (&mut self.n_detected, other.n_detected),
            (&mut mine.n_kills, theirs.n_kills),
            (&mut mine.n_tree_kills, theirs.n_tree_kills),
            (&mut mine.n_kills_in_push, theirs.n_kills_in_push),
            (&mut mine.n_stops, theirs.n_stops),
            (&mut mine.n_restarts, theirs.n_restarts),
            (&mut mine.n_stale_locks, theirs.n_stale_locks),
            (&mut mine.n_hung, theirs.n_hung),
        ];
        for (mine, theirs) in pairs {
            *mine += theirs;
        }
    }

    /// Tells whether enough was acknowledged and went wrong to prove anything.
    pub(crate) fn has_happened(&self) -> bool {
        self.acked.values().sum::<usize>() >= 30 && self.toll.n_kills >= 15
    }

    /// Returns what matters most in a line, so that a run that is stopped by hand has told it.
    pub(crate) fn so_far(&self) -> String {
        format!(
            "so far: {} rounds, {} claims acknowledged, {} kills, {}",
            self.n_rounds,
            self.acked.get("claim").copied().unwrap_or(0),
            self.toll.n_kills,
            self.verdict()
        )
    }

    fn verdict(&self) -> String {
        format!(
            "LOST {}  DOUBLED {}  GRANTED TWICE {}  other violations {}",
            self.n_lost, self.n_doubled, self.n_double_grants, self.n_other_violations
        )
    }

    /// Tells whether nothing was found that must not be.
    pub(crate) fn is_clean(&self) -> bool {
        let bad = [
            self.n_lost,
            self.n_doubled,
            self.n_double_grants,
            self.n_other_violations,
            self.n_fsck_failures,
            self.n_windows_refuted,
            self.n_corrupted - self.n_detected,
            self.toll.n_hung,
        ];
        bad.iter().all(|n_found| *n_found == 0)
    }
}

/// Returns an error without what differs each time: names, numbers, and more than the first words.
fn outline(error: Option<&str>) -> String {
    let text: String = error.unwrap_or_default().split('`').step_by(2).collect::<Vec<_>>().join("…");
    let words =
        text.split(' ').map(|word| if word.contains(|c: char| c.is_ascii_digit()) { "#" } else { word });
    words.take(14).collect::<Vec<_>>().join(" ")
}

/// Returns the value that `share` of the sorted values do not pass.
pub(crate) fn quantile<T: Copy + Default>(sorted: &[T], share: f64) -> T {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a position in a list"
    )]
    let at = ((sorted.len() as f64 - 1.0) * share).round().max(0.0) as usize;
    sorted.get(at).copied().unwrap_or_default()
}

fn list(counts: &BTreeMap<String, usize>) -> String {
    let parts: Vec<String> = counts.iter().map(|(name, n_times)| format!("{name} {n_times}")).collect();
    if parts.is_empty() { "none".to_owned() } else { parts.join(", ") }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut tries, mut latencies) = (self.tries.clone(), self.latencies.clone());
        tries.sort_unstable();
        latencies.sort_unstable();
        let seconds = |share| {
            let nanos: u64 = quantile(&latencies, share);
            std::time::Duration::from_nanos(nanos).as_secs_f64()
        };
        let toll = &self.toll;
        let n_acked: usize = self.acked.values().sum();
        writeln!(
            f,
            "calls             {} in {} rounds, {} commits",
            self.n_calls, self.n_rounds, self.n_commits
        )?;
        writeln!(f, "acknowledged      {n_acked}: {}", list(&self.acked))?;
        writeln!(f, "refused           {}", self.n_refused)?;
        writeln!(f, "failed            {} (nothing was written)", self.n_failed)?;
        writeln!(
            f,
            "unknown           {}, of which {} are on the branch",
            self.n_unknown, self.n_unknown_applied
        )?;
        writeln!(
            f,
            "died              {}, of which {} are on the branch; {} were seen to arrive after the kill",
            self.n_died, self.n_died_applied, self.n_zombies
        )?;
        writeln!(
            f,
            "kills             {} ({} with all descendants, {} during a push)",
            toll.n_kills, toll.n_tree_kills, toll.n_kills_in_push
        )?;
        writeln!(f, "stops             {}; remote restarts {}", toll.n_stops, toll.n_restarts)?;
        writeln!(f, "faults of the host  {}", list(&self.faults))?;
        writeln!(
            f,
            "left at the remote  {} stale locks, {} quarantine folders, {} fsck failures",
            toll.n_stale_locks, self.n_leftover_folders, self.n_fsck_failures
        )?;
        writeln!(
            f,
            "tries of an acknowledged change  p50 {} p99 {} max {}",
            quantile(&tries, 0.5),
            quantile(&tries, 0.99),
            tries.last().copied().unwrap_or_default()
        )?;
        writeln!(
            f,
            "time to an answer   p50 {:.2} s  p99 {:.2} s  max {:.2} s",
            seconds(0.5),
            seconds(0.99),
            seconds(1.0)
        )?;
        writeln!(
            f,
            "slowest call in the quiet  {:.2} s; calls without end {}",
            std::time::Duration::from_millis(self.quiet_ms).as_secs_f64(),
            toll.n_hung
        )?;
        writeln!(
            f,
            "search              {} windows with {} calls: {} refuted, {} given up; {} ms",
            self.n_windows, self.n_window_ops, self.n_windows_refuted, self.n_windows_open, self.search_ms
        )?;
        writeln!(f, "corrupted histories {}/{} detected", self.n_detected, self.n_corrupted)?;
        f.write_str(&self.verdict())
    }
}
