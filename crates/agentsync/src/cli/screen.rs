//! Where answers go: the standard output, and for failures a person reads the standard error.

use std::io::{IsTerminal as _, Write as _};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;

use super::page::Page;
use super::render;
use crate::app::ports::Caller;
use crate::report::Exit;
use crate::report::failure::FailureReport;

/// Where answers go.
pub struct Screen {
    /// Answer in JSON.
    pub is_json: bool,
}

impl Screen {
    /// Shows a report as JSON or in words.
    pub fn show<R: Serialize>(&self, report: &R, render: impl FnOnce(&R, &mut Page), exit: Exit) -> Exit {
        match self.is_json {
            true => self.line(&serde_json::to_string_pretty(report).unwrap_or_default()),
            false => self.page(|page| render(report, page)),
        }
        exit
    }

    /// Writes a page to the standard output.
    pub fn page(&self, write: impl FnOnce(&mut Page)) {
        let mut page = Page::new(textwrap::termwidth());
        write(&mut page);
        self.text(&page.into_text());
    }

    /// Writes a page to the standard error, beside what a program reads.
    pub fn aside(&self, write: impl FnOnce(&mut Page)) {
        let mut page = Page::new(textwrap::termwidth());
        write(&mut page);
        let _ = anstream::stderr().write_all(page.into_text().as_bytes());
    }

    /// Writes text with escapes for colour to the standard output.
    pub fn text(&self, text: &str) {
        let mut stdout = anstream::stdout();
        let _ = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
    }

    /// Writes a page, unless a program reads along.
    pub fn page_unless_json(&self, write: impl FnOnce(&mut Page)) {
        if !self.is_json {
            self.page(write);
        }
    }

    /// Writes bytes as they are to the standard output.
    pub fn bytes(&self, bytes: &[u8]) -> Exit {
        let mut stdout = std::io::stdout().lock();
        // Whoever reads may have seen enough.
        let _ = stdout.write_all(bytes).and_then(|()| stdout.flush());
        Exit::Yes
    }

    /// Writes one line to the standard output.
    pub fn line(&self, text: &str) {
        let _ = writeln!(anstream::stdout(), "{text}");
    }

    /// Shows a failure: on the standard output for programs, on the standard error for people.
    pub fn fail(&self, report: &FailureReport) -> Exit {
        if self.is_json {
            self.line(&serde_json::to_string_pretty(report).unwrap_or_default());
        } else {
            let mut page = Page::new(textwrap::termwidth());
            render::failure(report, &mut page);
            let _ = anstream::stderr().write_all(page.into_text().as_bytes());
        }
        report.exit
    }

    /// Tells whether somebody sits at a terminal who can be asked.
    pub fn can_ask(&self) -> bool {
        !self.is_json && std::io::stdin().is_terminal()
    }

    /// Asks a yes-or-no question. Where nobody sits at a terminal the answer is no.
    pub fn asks(&self, question: &str) -> bool {
        if !std::io::stdin().is_terminal() {
            return false;
        }
        let _ = write!(anstream::stdout(), "{question} [y/N] ");
        let _ = anstream::stdout().flush();
        let mut answer = String::new();
        std::io::stdin().read_line(&mut answer).is_ok() && matches!(answer.trim(), "y" | "Y" | "yes")
    }
}

/// The person at the terminal, who is told what a long call waits for.
pub struct Terminal<'a> {
    screen: &'a Screen,
    told: Mutex<Option<String>>,
}

impl Terminal<'_> {
    /// Returns the person who reads `screen`.
    pub fn new(screen: &Screen) -> Terminal<'_> {
        Terminal { screen, told: Mutex::default() }
    }
}

impl Caller for Terminal<'_> {
    fn is_gone(&self) -> bool {
        false
    }

    fn hear(&self, _: Duration, total: Duration, what: &str) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if self.screen.is_json || told.as_deref() == Some(what) {
            return;
        }
        *told = Some(what.to_owned());
        let _ = writeln!(anstream::stderr(), "{what}, at most {} s (your place is kept)", total.as_secs());
    }

    fn advance(&self, n_done: usize, n_all: usize, what: &str) {
        let mut stderr = std::io::stderr();
        if self.screen.is_json || !stderr.is_terminal() {
            return;
        }
        // One line that is written over, and is gone when all is done.
        let _ = match n_done < n_all {
            true => write!(stderr, "\r{n_done} of {n_all} {what}"),
            false => write!(stderr, "\r{:78}\r", ""),
        };
        let _ = stderr.flush();
    }
}
