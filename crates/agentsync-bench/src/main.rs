//! Times agentsync beside its predecessor and bare git, interleaved in one run, and prints a table.
//!
//! `bench AGENTSYNC PREDECESSOR [--rounds N]`: two programs, and how often everything is done.
//! `bench contention AGENTSYNC [--short]` and `bench growth AGENTSYNC [--short]` print tables of their own.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a benchmark that cannot go on must stop, and its output is its purpose"
)]

mod bare;
mod clients;
mod contention;
mod crowd;
mod figures;
mod ground;
mod growth;
mod single;
mod table;

use std::path::PathBuf;

use ground::{Ground, Transport};
use table::Table;

/// What the run was asked for.
struct Options {
    agentsync: PathBuf,
    predecessor: PathBuf,
    rounds: usize,
}

fn options() -> Options {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let rounds = args.iter().position(|arg| arg == "--rounds").map_or(20, |at| args[at + 1].parse().unwrap());
    Options { agentsync: PathBuf::from(&args[0]), predecessor: PathBuf::from(&args[1]), rounds }
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let is_short = args.iter().any(|arg| arg == "--short");
    match args.first().map(String::as_str) {
        Some("contention") => {
            let scale = if is_short { contention::Scale::SHORT } else { contention::Scale::FULL };
            let clones =
                args.iter().position(|arg| arg == "--clones").map(|at| args[at + 1].parse().unwrap());
            print!("{}", contention::run(&PathBuf::from(&args[1]), scale.only(clones)));
        }
        Some("growth") => {
            let scale = if is_short { growth::Scale::SHORT } else { growth::Scale::FULL };
            print!("{}", growth::run(&PathBuf::from(&args[1]), scale));
        }
        _ => beside_the_predecessor(),
    }
}

fn beside_the_predecessor() {
    let options = options();
    let mut table = Table::default();
    for transport in [Transport::Path, Transport::Http] {
        eprintln!("bench: {}", transport.name());
        let ground = Ground::new(&options.agentsync, &options.predecessor, transport, 0);
        single::start(&ground, options.rounds, &mut table);
        single::survey(&ground, options.rounds, &mut table);
        single::claim(&ground, options.rounds, &mut table);
        single::command_line(&ground, options.rounds, &mut table);
        single::memory(&ground, &mut table);
        crowd::sixteen(&options.agentsync, &options.predecessor, transport, &mut table);
        eprintln!("bench: {}, 10,000 references", transport.name());
        let crowded = Ground::new(&options.agentsync, &options.predecessor, transport, 10_000);
        single::survey(&crowded, options.rounds, &mut table);
        single::claim(&crowded, options.rounds, &mut table);
    }
    print!("{}", table.render());
}
