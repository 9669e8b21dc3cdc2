//! `check --pairs`: pairs of commits in, one line of JSON for each out, as it goes.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use super::screen::Screen;
use crate::app::check_pairs::{check_pair, parse_pair};
use crate::app::failure::{Failure, UsageError};
use crate::config::Flags;
use crate::report::Exit;
use crate::report::check_pairs::PairReport;
use crate::wiring::Comparer;

/// Judges every pair that `source` names, or the standard input for `-`.
pub fn run(flags: &Flags, source: &Path, screen: &Screen) -> Result<Exit, Failure> {
    let lines: Box<dyn BufRead> = match source.as_os_str() == "-" {
        true => Box::new(std::io::stdin().lock()),
        false => Box::new(BufReader::new(File::open(source).map_err(|err| unreadable(source, &err))?)),
    };
    let comparer = Comparer::open(flags)?;
    let mut exit = Exit::Yes;
    for line in lines.split(b'\n') {
        let line = line.map_err(|err| unreadable(source, &err))?;
        let line = String::from_utf8_lossy(&line);
        let report = match parse_pair(&line) {
            None => continue,
            Some(Err(why)) => PairReport::unreadable(&line, why),
            Some(Ok(asked)) => {
                let started = comparer.clock().monotonic();
                let judged = check_pair(comparer.pairs(), &asked);
                let took = comparer.clock().monotonic().saturating_sub(started);
                PairReport::of(&asked, &judged, took.as_secs_f64() * 1000.0)
            }
        };
        if report.is_alarm() {
            exit = Exit::No;
        }
        screen.line(&serde_json::to_string(&report).unwrap_or_default());
    }
    comparer.pairs().keep();
    Ok(exit)
}

fn unreadable(source: &Path, err: &std::io::Error) -> Failure {
    UsageError::Other {
        what: format!("the pairs in `{}` cannot be read: {err}", source.display()),
        fix: "name a file with one pair of revisions a line, or - for the standard input".to_owned(),
    }
    .into()
}
