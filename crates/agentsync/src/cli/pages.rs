//! Completions and man pages, made from the definition of the command line.

use std::io;
use std::path::Path;

use clap::CommandFactory as _;
use clap_complete::Shell;

use super::args::{ABOUT, Cli};

/// Returns the completion script for a shell.
pub fn completions(shell: Shell) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "agentsync", &mut script);
    script
}

/// Returns the main man page.
pub fn man_page() -> io::Result<Vec<u8>> {
    let mut page = Vec::new();
    clap_mangen::Man::new(manual()).render(&mut page)?;
    Ok(page)
}

/// Writes all man pages into a folder.
pub fn write_man_pages(folder: &Path) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    clap_mangen::generate_to(manual(), folder)
}

/// The head of a manual page is one line, which `man -k` looks through.
fn manual() -> clap::Command {
    let first = ABOUT.lines().next().unwrap_or(ABOUT);
    Cli::command().about(first).long_about(ABOUT)
}
