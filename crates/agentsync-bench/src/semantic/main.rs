//! Measures how well semantic conflicts are found: on labelled merges, and on commits that are split in two.
//!
//! `bench-semantic AGENTSYNC --repos DIR --data DIR [--sets a,b] [--weave PROGRAM] [--out DIR]` judges the
//! labelled merges; `bench-semantic AGENTSYNC --repos DIR --split OWNER/NAME,… [--max N]` the split commits.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a benchmark that cannot go on must stop, and its output is its purpose"
)]

mod baseline;
mod cases;
mod check;
mod share;
mod split;
mod table;

use std::path::PathBuf;

/// What the run was asked for.
struct Options {
    agentsync: PathBuf,
    repos: PathBuf,
    data: Option<PathBuf>,
    sets: Vec<String>,
    weave: Option<PathBuf>,
    out: Option<PathBuf>,
    split: Vec<String>,
    max: usize,
}

fn options() -> Options {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let value = |name: &str| args.iter().position(|arg| arg == name).map(|at| args[at + 1].clone());
    let list =
        |name: &str| value(name).map_or(Vec::new(), |text| text.split(',').map(str::to_owned).collect());
    Options {
        agentsync: PathBuf::from(&args[0]),
        repos: value("--repos").map(PathBuf::from).unwrap(),
        data: value("--data").map(PathBuf::from),
        sets: list("--sets"),
        weave: value("--weave").map(PathBuf::from),
        out: value("--out").map(PathBuf::from),
        split: list("--split"),
        max: value("--max").map_or(150, |text| text.parse().unwrap()),
    }
}

fn main() {
    let options = options();
    for name in &options.split {
        print!("{}", split::run(&options, name));
    }
    let Some(data) = &options.data else { return };
    let mut table = table::Table::default();
    for (set, cases) in cases::read(data, &options.repos) {
        if options.sets.is_empty() || options.sets.iter().any(|wanted| set.contains(wanted.as_str())) {
            table.add(&set, &check::run(&options, &set, &cases));
        }
    }
    print!("{}", table.render());
}
