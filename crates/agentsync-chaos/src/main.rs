//! Runs many real agentsync processes against a real remote while things go wrong, and checks afterwards
//! that everybody was told the truth.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a check that cannot go on must stop, and its output is its purpose"
)]

mod client;
mod dying;
mod elder;
mod evidence;
mod figures;
mod fleet;
mod nemesis;
mod plan;
mod process;
mod remote;
mod round;
mod search;
mod stuck;
mod teeth;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use figures::Figures;
use plan::Options;

/// How many rounds a short run has.
const SHORT: u64 = 3;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let options = match Options::parse(&args) {
        Ok(options) => options,
        Err(err) => {
            eprintln!("{err}");
            return ExitCode::from(2);
        }
    };
    if options.predecessor.is_some() {
        elder::compare(&options);
        return ExitCode::SUCCESS;
    }
    let scenes = [dying::check(&options), stuck::check(&options)].concat();
    let word = if scenes.is_empty() { "as it should be" } else { "WRONG" };
    println!("== a host that dies after a push, a lock left behind in files and in a reftable: {word}");
    for what in &scenes {
        println!("WRONG {what}");
    }
    let total = run(&options);
    println!("\n== together\n{total}");
    let is_enough = total.has_happened();
    if !is_enough {
        println!("too little happened to prove anything");
    }
    match total.is_clean() && scenes.is_empty() && is_enough {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

/// Plays rounds until the time is over, and returns what they came to together.
fn run(options: &Options) -> Figures {
    let (begin, time) = (Instant::now(), Duration::from_secs_f64(options.minutes * 60.0));
    let mut total = Figures::default();
    for n in 0.. {
        if if options.is_short { n == SHORT } else { begin.elapsed() >= time } {
            break;
        }
        let round = options.round(n);
        let outcome = round::play(options, &round);
        println!("== {}\n{}", round.label(), outcome.figures);
        for what in outcome.wrong.iter().take(20) {
            println!("WRONG {what}");
        }
        if outcome.wrong.len() > 20 {
            println!("WRONG and {} more, in {}", outcome.wrong.len() - 20, options.keep.display());
        }
        total.add(outcome.figures);
        println!("{}", total.so_far());
    }
    total
}
