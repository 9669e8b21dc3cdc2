//! Completions for shells, and pages for `man`.

use std::io::{self, Write as _};
use std::path::Path;

use clap::CommandFactory as _;
use clap_complete::Shell;

use super::args::{ABOUT, Cli};
use crate::app::failure::{Failure, UsageError};
use crate::report::Exit;

/// Prints the completions for a shell.
pub fn completions(shell: Shell) -> Exit {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "agentsync", &mut text);
    print(&text)
}

/// Prints the main manual page, or writes all pages into `folder`.
pub fn man(folder: Option<&Path>) -> Result<Exit, Failure> {
    let Some(folder) = folder else {
        let mut text = Vec::new();
        let written = clap_mangen::Man::new(manual()).render(&mut text);
        return written.map(|()| print(&text)).map_err(|err| failed("the standard output", &err));
    };
    let written = std::fs::create_dir_all(folder).and_then(|()| clap_mangen::generate_to(manual(), folder));
    written.map(|()| Exit::Yes).map_err(|err| failed(&folder.display().to_string(), &err))
}

/// The head of a manual page is one line, which `man -k` looks through.
fn manual() -> clap::Command {
    let first = ABOUT.lines().next().unwrap_or(ABOUT);
    Cli::command().about(first).long_about(ABOUT)
}

/// A reader that has seen enough and closed the pipe is no failure.
fn print(text: &[u8]) -> Exit {
    let _ = io::stdout().write_all(text);
    Exit::Yes
}

fn failed(place: &str, err: &io::Error) -> Failure {
    Failure::Usage(UsageError::Other {
        what: format!("cannot write to {place}: {err}"),
        fix: "name a folder this user can write to with `--out`".to_owned(),
    })
}
