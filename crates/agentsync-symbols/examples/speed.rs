//! Times parsing and extraction: `cargo run --release -p agentsync-symbols --example speed -- FOLDER…`.
//!
//! Without a folder it reads the sources of the crates that cargo has fetched. For each language it prints
//! files, megabytes, and megabytes in a second on one core; on Linux seconds are those on the processor, so
//! that a busy machine does not matter much.
#![expect(clippy::print_stdout, clippy::disallowed_methods, reason = "it is a tool that measures")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use agentsync_core::facts::Language;
use agentsync_symbols::{Limits, extract, is_supported, language_of};

/// The most that is read of one language.
const MAX_BYTES: usize = 40_000_000;

/// The files of one language.
#[derive(Default)]
struct Sample {
    files: Vec<(PathBuf, Vec<u8>)>,
    n_bytes: usize,
}

fn main() {
    let mut folders: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    if folders.is_empty() {
        let home = std::env::var_os("CARGO_HOME").map_or_else(
            || PathBuf::from(std::env::var_os("HOME").unwrap_or_default()).join(".cargo"),
            PathBuf::from,
        );
        folders.push(home.join("registry/src"));
    }
    let mut samples: BTreeMap<Language, Sample> = BTreeMap::new();
    for folder in &folders {
        read(folder, &mut samples);
    }
    println!(
        "{:<11} {:>6} {:>7} {:>6} {:>8} {:>11} {:>8} {:>8} {:>8} {:>7}  slowest",
        "language", "files", "MB", "MB/s", "files/s", "definitions", "calls", "errors", "left out", "lossy"
    );
    for (language, sample) in &samples {
        measure(*language, sample);
    }
}

fn read(path: &Path, samples: &mut BTreeMap<Language, Sample>) {
    if let Ok(entries) = std::fs::read_dir(path) {
        let mut inner: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        inner.sort();
        inner.iter().filter(|path| !path.is_symlink()).for_each(|path| read(path, samples));
        return;
    }
    let Ok(bytes) = std::fs::read(path) else { return };
    let first = bytes.get(..512).unwrap_or(&bytes);
    let Some(language) = language_of(&path.to_string_lossy(), first).filter(|found| is_supported(*found))
    else {
        return;
    };
    let sample = samples.entry(language).or_default();
    if sample.n_bytes + bytes.len() <= MAX_BYTES {
        sample.n_bytes += bytes.len();
        sample.files.push((path.to_owned(), bytes));
    }
}

fn measure(language: Language, sample: &Sample) {
    let (mut n_errors, mut n_left_out, mut n_definitions, mut n_calls, mut n_lossy) = (0, 0, 0, 0, 0);
    let mut slowest = (Duration::ZERO, Path::new(""));
    let begin = on_processor();
    for (path, bytes) in &sample.files {
        let start = Instant::now();
        let facts = extract(language, bytes, &Limits::default());
        let took = start.elapsed();
        if slowest.0 < took {
            slowest = (took, path);
        }
        n_errors += usize::from(!facts.errors.is_empty());
        n_left_out += usize::from(facts.left_out.is_some());
        n_definitions += facts.definitions.len();
        n_calls += facts.calls.len();
        n_lossy += usize::from(std::str::from_utf8(bytes).is_err());
    }
    let seconds = on_processor().saturating_sub(begin).as_secs_f64().max(1e-9);
    let megabytes = float(sample.n_bytes) / 1e6;
    println!(
        "{:<11} {:>6} {megabytes:>7.2} {:>6.2} {:>8.0} {n_definitions:>11} {n_calls:>8} {n_errors:>8} {n_left_out:>8} {n_lossy:>7}  {:.0?} {}",
        format!("{language:?}"),
        sample.files.len(),
        megabytes / seconds,
        float(sample.files.len()) / seconds,
        slowest.0,
        slowest.1.file_name().unwrap_or_default().to_string_lossy(),
    );
}

/// Returns how long this thread has run; where the system does not tell, how long it has been.
fn on_processor() -> Duration {
    static BEGIN: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    let begin = *BEGIN.get_or_init(Instant::now);
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = told.and_then(|text| text.split_whitespace().next()?.parse().ok());
    nanoseconds.map_or_else(|| begin.elapsed(), Duration::from_nanos)
}

#[expect(clippy::cast_precision_loss, reason = "counts of files and bytes stay far below 2^52")]
fn float(count: usize) -> f64 {
    count as f64
}
