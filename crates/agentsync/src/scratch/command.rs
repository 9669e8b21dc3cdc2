//! The one door that runs a command of the user's on merged work, and remembers how it went.
//!
//! The command comes from the user alone: an argument, the environment, or git's configuration, which
//! no commit brings along. Neither a peer nor the repository can set it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{GitScratch, io_fault, layout};
use crate::app::ports::{Ran, Tried, WorkError};
use crate::process::{self, ProcessError};

/// How many outcomes are remembered.
const MAX_KEPT: usize = 50;
/// How many lines of the output are shown.
const TAIL_LINES: usize = 12;
/// How much of the end of the output is looked at for them.
const TAIL_BYTES: usize = 8_192;

/// How a command went on a tree.
#[derive(Debug, Serialize, Deserialize)]
struct Outcome {
    code: i32,
    seconds: f64,
}

pub(super) fn try_command(
    scratch: &GitScratch,
    tree: &str,
    command: &str,
    limit: Duration,
) -> Result<Tried, WorkError> {
    let fault = io_fault("keep the output of the command");
    let dir = scratch.outcomes();
    std::fs::create_dir_all(&dir).map_err(fault)?;
    let stem = format!("{tree}-{}", layout::name_of(Path::new(command)));
    let (log, kept) = (dir.join(format!("{stem}.log")), dir.join(format!("{stem}.json")));
    if let Some(outcome) = remembered(&kept).filter(|_| log.is_file()) {
        return Ok(tried(ran(outcome.code), outcome.seconds, log, true));
    }
    let layout = layout::lay_out(scratch, tree)?;
    let began = scratch.clock.monotonic();
    let ended = run(&layout.dir, command, &log, limit);
    let seconds = scratch.clock.monotonic().saturating_sub(began).as_secs_f64();
    match ended {
        Ok(code) => {
            let outcome = serde_json::to_vec(&Outcome { code, seconds }).unwrap_or_default();
            std::fs::write(&kept, outcome).map_err(fault)?;
            prune(&dir);
            Ok(tried(ran(code), seconds, log, false))
        }
        Err(ProcessError::TimedOut) => Ok(tried(Ran::TimedOut, seconds, log, false)),
        Err(ProcessError::Missing) => {
            Err(WorkError::Git { doing: "run the command", detail: "there is no `sh` on PATH".to_owned() })
        }
        Err(ProcessError::Io(err)) => Err(io_fault("run the command")(err)),
    }
}

fn remembered(kept: &Path) -> Option<Outcome> {
    serde_json::from_slice(&std::fs::read(kept).ok()?).ok()
}

fn ran(code: i32) -> Ran {
    if code == 0 { Ran::Passed } else { Ran::Failed(code) }
}

fn tried(ran: Ran, seconds: f64, log: PathBuf, is_remembered: bool) -> Tried {
    let bytes = std::fs::read(&log).unwrap_or_default();
    let end = bytes.get(bytes.len().saturating_sub(TAIL_BYTES)..).unwrap_or_default();
    let text = String::from_utf8_lossy(end).into_owned();
    let lines: Vec<&str> = text.lines().collect();
    let tail = lines.get(lines.len().saturating_sub(TAIL_LINES)..).unwrap_or_default();
    let tail = tail.iter().map(|line| agentsync_core::text::one_line(line)).collect();
    Tried { ran, seconds, log, tail, is_remembered }
}

#[expect(clippy::disallowed_methods, reason = "this is the door: the user's own command is run here")]
fn run(dir: &Path, command: &str, log: &Path, limit: Duration) -> Result<i32, ProcessError> {
    let mut shell = Command::new("sh");
    shell.current_dir(dir);
    shell.args(["-c", "exec >\"$1\" 2>&1; shift; exec sh -c \"$1\"", "sh"]).arg(log).arg(command);
    // The tree is no repository; a git that the command starts must not find ours, or the user's.
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY"] {
        shell.env_remove(name);
    }
    shell.env("GIT_CEILING_DIRECTORIES", dir.parent().unwrap_or(dir));
    Ok(process::run(shell, limit)?.code)
}

/// Forgets the oldest outcomes.
fn prune(dir: &Path) {
    let Ok(entries) = std::fs::read_dir(dir) else { return };
    let mut outcomes: Vec<_> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
        .filter_map(|path| Some((path.metadata().ok()?.modified().ok()?, path)))
        .collect();
    outcomes.sort();
    let n_surplus = outcomes.len().saturating_sub(MAX_KEPT);
    for (_, path) in outcomes.into_iter().take(n_surplus) {
        let _ = std::fs::remove_file(path.with_extension("log"));
        let _ = std::fs::remove_file(path);
    }
}
