//! Times parsing and extraction: `cargo run --release -p agentsync-symbols --example speed -- FOLDER…`.
//!
//! Without a folder it reads the sources of the crates that cargo has fetched. For each language it prints
//! files, megabytes, and megabytes in a second on one core.
#![expect(clippy::print_stdout, clippy::disallowed_methods, reason = "it is a tool that measures")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use agentsync_core::facts::{Facts, Language};
use agentsync_symbols::{Limits, extract, is_supported, language_of};

/// What was read of one language.
#[derive(Default)]
struct Tally {
    n_files: usize,
    n_bytes: usize,
    n_left_out: usize,
    n_errors: usize,
    n_definitions: usize,
    n_calls: usize,
    took: Duration,
    slowest: (Duration, PathBuf),
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
    let mut tallies: BTreeMap<Language, Tally> = BTreeMap::new();
    folders.iter().for_each(|folder| read(folder, &mut tallies));
    println!(
        "{:<12} {:>6} {:>8} {:>8} {:>9} {:>8} {:>7} {:>9}",
        "language", "files", "MB", "MB/s", "files/s", "left out", "errors", "slowest"
    );
    for (language, tally) in &tallies {
        let seconds = tally.took.as_secs_f64().max(1e-9);
        let megabytes = lossy(tally.n_bytes) / 1e6;
        println!(
            "{:<12} {:>6} {megabytes:>8.2} {:>8.2} {:>9.0} {:>8} {:>7} {:>7.0?} {} ({} definitions, {} calls)",
            format!("{language:?}"),
            tally.n_files,
            megabytes / seconds,
            lossy(tally.n_files) / seconds,
            tally.n_left_out,
            tally.n_errors,
            tally.slowest.0,
            tally.slowest.1.file_name().unwrap_or_default().to_string_lossy(),
            tally.n_definitions,
            tally.n_calls,
        );
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of files and bytes stay far below 2^52")]
fn lossy(count: usize) -> f64 {
    count as f64
}

fn read(path: &Path, tallies: &mut BTreeMap<Language, Tally>) {
    let Ok(entries) = std::fs::read_dir(path) else { return measure(path, tallies) };
    let mut inner: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    inner.sort();
    inner.iter().filter(|path| !path.is_symlink()).for_each(|path| read(path, tallies));
}

fn measure(path: &Path, tallies: &mut BTreeMap<Language, Tally>) {
    let Ok(bytes) = std::fs::read(path) else { return };
    let first = bytes.get(..512).unwrap_or(&bytes);
    let Some(language) = language_of(&path.to_string_lossy(), first).filter(|found| is_supported(*found))
    else {
        return;
    };
    let start = Instant::now();
    let facts: Facts = extract(language, &bytes, &Limits::default());
    let took = start.elapsed();
    let tally = tallies.entry(language).or_default();
    tally.n_files += 1;
    tally.n_bytes += bytes.len();
    tally.took += took;
    tally.n_left_out += usize::from(facts.left_out.is_some());
    tally.n_errors += usize::from(!facts.errors.is_empty());
    tally.n_definitions += facts.definitions.len();
    tally.n_calls += facts.calls.len();
    if tally.slowest.0 < took {
        tally.slowest = (took, path.to_owned());
    }
}
