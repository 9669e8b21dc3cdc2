//! Turns: the clones of one machine write to one place one after the other, in order of arrival.
//!
//! A ticket is a file whose owner keeps it locked; the lock dies with its process. Refusals cost
//! more than waiting does, so this makes writing faster and fairer; nothing depends on it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::cache::beside;
use crate::app::ports::{Clock, Turn};
use crate::lock::{Lock, is_abandoned};
use crate::plant::steps;

/// The shortest and the longest time between two looks at the tickets.
const POLL: (Duration, Duration) = (Duration::from_millis(1), Duration::from_millis(10));

/// The file whose lock is the turn.
const TURN: &str = "turn.lock";

/// A turn that is had, or that its owner goes on without.
#[derive(Debug)]
pub struct Ticket {
    path: PathBuf,
    _alive: Lock,
    /// The turn itself: two that draw at the same moment may both see nobody ahead.
    turn: Option<Lock>,
}

impl Turn for Ticket {}

impl Drop for Ticket {
    fn drop(&mut self) {
        // The next in line finds the turn free when the ticket is gone.
        drop(self.turn.take());
        let _ = fs::remove_file(&self.path);
    }
}

/// Waits for the tickets in `dir` that were drawn before, but for no owner longer than `patience`.
pub fn take(dir: &Path, clock: &Arc<dyn Clock>, patience: Duration) -> io::Result<Ticket> {
    let mut ticket = draw(dir, clock)?;
    let mut ahead: Option<(PathBuf, Duration)> = None;
    loop {
        let now = clock.monotonic();
        let (first, n_ahead) = match first_ahead(dir, &ticket.path)? {
            Some(ahead) => ahead,
            None => match Lock::at(&dir.join(TURN))? {
                Some(turn) => {
                    ticket.turn = Some(turn);
                    steps::pass("turn taken");
                    return Ok(ticket);
                }
                None => (dir.join(TURN), 1),
            },
        };
        let since = match ahead {
            Some((path, since)) if path == first => since,
            _ => now,
        };
        if now.saturating_sub(since) >= patience {
            return Ok(ticket);
        }
        ahead = Some((first, since));
        clock.sleep((POLL.0 * n_ahead).min(POLL.1));
    }
}

fn draw(dir: &Path, clock: &Arc<dyn Clock>) -> io::Result<Ticket> {
    let name = format!("{:020}-{}-{:08x}.ticket", clock.now().0, std::process::id(), fastrand::u32(..));
    let path = dir.join(name);
    let fresh = beside(&path);
    let alive = Lock::on_new(&fresh)?;
    steps::try_pass("ticket drawn")?;
    fs::rename(&fresh, &path)?;
    steps::pass("ticket in line");
    Ok(Ticket { path, _alive: alive, turn: None })
}

/// Returns the first ticket drawn before `mine` whose owner lives, and how many were drawn before.
fn first_ahead(dir: &Path, mine: &Path) -> io::Result<Option<(PathBuf, u32)>> {
    let paths = fs::read_dir(dir)?.flatten().map(|entry| entry.path());
    let is_ahead = |path: &PathBuf| path.extension().is_some_and(|kind| kind == "ticket") && **path < *mine;
    let mut ahead: Vec<PathBuf> = paths.filter(is_ahead).collect();
    ahead.sort();
    let n_ahead = u32::try_from(ahead.len()).unwrap_or(u32::MAX);
    for path in ahead {
        match is_abandoned(&path) {
            true => fs::remove_file(&path).or_else(ignore_missing)?,
            false if path.exists() => return Ok(Some((path, n_ahead))),
            false => {}
        }
    }
    Ok(None)
}

fn ignore_missing(err: io::Error) -> io::Result<()> {
    match err.kind() {
        io::ErrorKind::NotFound => Ok(()),
        _ => Err(err),
    }
}
