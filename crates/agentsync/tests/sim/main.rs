//! Simulation: the program's own write loop over a simulated remote, in virtual time, with faults.
//!
//! A seed is a history: the same seed is always the same run. `scripts/simulate` plays many of them,
//! `scripts/simulate --seed S` one, with everything that happened in it.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::cast_precision_loss,
    reason = "test code: what does not fit must stop the test"
)]

mod agent;
mod faults;
mod hub;
mod machine;
#[path = "../it/store/nothing.rs"]
mod nothing;
mod queue;
mod run;
mod store;
mod world;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use agentsync_mcp::plant::Plant;

use faults::{Counts, Fault};
use run::{Verdict, play};

/// All that came of many seeds.
#[derive(Default)]
struct Sum {
    n_seeds: u64,
    time: u64,
    n_calls: usize,
    n_commits: usize,
    counts: Counts,
    answers: BTreeMap<&'static str, usize>,
    failures: Vec<Verdict>,
}

impl Sum {
    fn add(&mut self, verdict: Verdict) {
        self.n_seeds += 1;
        self.time += verdict.time;
        self.n_calls += verdict.n_calls;
        self.n_commits += verdict.n_commits;
        self.counts.add(&verdict.counts);
        for (kind, n_answers) in &verdict.answers {
            *self.answers.entry(kind).or_default() += n_answers;
        }
        if !verdict.violations.is_empty() {
            self.failures.push(verdict);
        }
    }

    fn print(&self, seconds: f64) {
        println!("seeds            {}", self.n_seeds);
        println!("simulated hours  {:.0}", self.time as f64 / 3.6e9);
        println!("calls            {}", self.n_calls);
        println!("commits          {}", self.n_commits);
        for (kind, n_answers) in &self.answers {
            println!("  {kind:<14} {n_answers}");
        }
        for fault in Fault::ALL {
            println!("  {:<16} struck {} times", format!("{fault:?}"), self.counts.of(fault));
        }
        println!("longest call     {:.1} s by its own clock", self.counts.longest_call.as_secs_f64());
        println!(
            "longest quiet    {:.1} s until a pending call had ended",
            self.counts.longest_quiet.as_secs_f64()
        );
        println!("seconds          {seconds:.1} ({:.0} calls/s)", self.n_calls as f64 / seconds);
        println!("violations       {}", self.failures.len());
        let mut failures: Vec<&Verdict> = self.failures.iter().collect();
        failures.sort_by_key(|verdict| verdict.seed);
        for verdict in failures.iter().take(20) {
            println!(
                "seed {} fails; play it again with: scripts/simulate --seed {}",
                verdict.seed, verdict.seed
            );
            for violation in verdict.violations.iter().take(3) {
                println!("  {}: {}", violation.promise, violation.what);
            }
        }
    }
}

/// Plays seeds on all processors, until `enough` says so.
fn play_many(seeds: std::ops::Range<u64>, bug: Option<Plant>, enough: impl Fn(&Sum) -> bool + Sync) -> Sum {
    let (next, sum) = (AtomicU64::new(seeds.start), Mutex::new(Sum::default()));
    let n_threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..n_threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds.end || enough(&sum.lock().unwrap()) {
                        return;
                    }
                    let verdict = play(seed, bug, false);
                    sum.lock().unwrap().add(verdict);
                }
            });
        }
    });
    sum.into_inner().unwrap()
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap())
}

#[test]
fn whatever_happens_the_promises_hold() {
    if let Some(seed) = number("AGENTSYNC_SIM_SEED") {
        let verdict = play(seed, None, true);
        println!("{}", verdict.trace.unwrap_or_default().join("\n"));
        for violation in &verdict.violations {
            println!("{}: {}", violation.promise, violation.what);
        }
        assert!(verdict.violations.is_empty(), "seed {seed} fails");
        return;
    }
    let first = number("AGENTSYNC_SIM_FIRST").unwrap_or(0);
    let n_seeds = number("AGENTSYNC_SIM_SEEDS").unwrap_or(100);
    let began = Instant::now();
    let sum = play_many(first..first + n_seeds, None, |_| false);
    sum.print(began.elapsed().as_secs_f64());
    assert!(sum.failures.is_empty(), "{} seeds fail", sum.failures.len());
}

#[test]
fn a_seed_is_a_history() {
    for seed in 0..5 {
        let (one, other) = (play(seed, None, true), play(seed, None, true));
        assert_eq!(one.trace, other.trace, "seed {seed}");
    }
}

/// How many seeds a planted bug may live through.
#[cfg(feature = "teeth")]
const MAX_SEEDS: u64 = 3_000;

#[cfg(feature = "teeth")]
#[test]
fn every_planted_bug_is_caught() {
    let mut missed = Vec::new();
    println!("| planted bug | seeds played | at seed | broken | for example |");
    println!("| --- | --- | --- | --- | --- |");
    for bug in Plant::ALL {
        let sum = play_many(0..MAX_SEEDS, Some(bug), |sum| !sum.failures.is_empty());
        match sum.failures.iter().min_by_key(|verdict| verdict.seed) {
            None => missed.push(bug),
            Some(verdict) => {
                let mut promises: Vec<&str> = verdict.violations.iter().map(|found| found.promise).collect();
                promises.sort_unstable();
                promises.dedup();
                let (n_seeds, example) = (sum.n_seeds, &verdict.violations[0].what);
                println!(
                    "| `{bug:?}` | {n_seeds} | {} | {} | {example} |",
                    verdict.seed,
                    promises.join(", ")
                );
            }
        }
    }
    println!("{} of {} planted bugs are caught", Plant::ALL.len() - missed.len(), Plant::ALL.len());
    assert!(missed.is_empty(), "{missed:?}");
}
