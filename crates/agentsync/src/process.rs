//! How a child process is run: no input, both streams read at once, a time limit that ends its whole group.

use std::io::{self, Read};
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use agentsync_core::redact::redact;
use agentsync_core::text::escape;
use process_wrap::std::{ChildWrapper, CommandWrap, ProcessSession};

/// The most output that is kept of one stream; the rest is read and dropped.
const MAX_OUTPUT_BYTES: usize = 64 << 20;
/// How long a group that was asked to end may take before it is killed.
const GRACE: Duration = Duration::from_secs(1);
/// The end of a program by request, on every Unix.
const SIGTERM: i32 = 15;

/// What a process left.
#[derive(Debug)]
pub struct Ended {
    /// The exit code, or -1 when a signal ended it.
    pub code: i32,
    /// Its standard output.
    pub stdout: Vec<u8>,
    /// Its standard error.
    stderr: Vec<u8>,
}

impl Ended {
    /// Returns what it said on its standard error, without secrets and control characters.
    pub fn said(&self) -> String {
        escape(&redact(String::from_utf8_lossy(&self.stderr).trim_end()))
    }
}

/// Why a process gave no answer.
#[derive(Debug)]
pub enum ProcessError {
    /// There is no such program.
    Missing,
    /// It took too long, and its process group was ended.
    TimedOut,
    /// It could not be started or waited for.
    Io(io::Error),
}

/// Runs a program to its end.
pub fn run(mut command: Command, limit: Duration) -> Result<Ended, ProcessError> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let started = CommandWrap::from(command).wrap(ProcessSession).spawn();
    let mut child = started.map_err(|err| match err.kind() {
        io::ErrorKind::NotFound => ProcessError::Missing,
        _ => ProcessError::Io(err),
    })?;
    let stdout = drain(child.stdout().take());
    let stderr = drain(child.stderr().take());
    let said = stdout.recv_timeout(limit).and_then(|out| Ok((out, stderr.recv_timeout(limit)?)));
    let Ok((stdout, stderr)) = said else {
        end(&mut *child);
        return Err(ProcessError::TimedOut);
    };
    let status = child.wait().map_err(ProcessError::Io)?;
    Ok(Ended { code: status.code().unwrap_or(-1), stdout, stderr })
}

/// Reads a stream to its end on a thread of its own, so that neither stream can block the other.
fn drain<R: Read + Send + 'static>(stream: Option<R>) -> Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut kept = Vec::new();
        if let Some(mut stream) = stream {
            let mut limited = (&mut stream).take(MAX_OUTPUT_BYTES as u64);
            // A stream that breaks off ends like one that ends: the exit code tells which it was.
            let _ = limited.read_to_end(&mut kept);
            let _ = io::copy(&mut stream, &mut io::sink());
        }
        let _ = sender.send(kept);
    });
    receiver
}

/// Ends a process group: first by request, then by force. Only our own child's group is meant.
fn end(child: &mut dyn ChildWrapper) {
    let _ = child.signal(SIGTERM);
    let (sender, receiver) = mpsc::channel::<()>();
    let _ = receiver.recv_timeout(GRACE / 10);
    for _ in 0..10 {
        if matches!(child.try_wait(), Ok(Some(_))) {
            break;
        }
        let _ = receiver.recv_timeout(GRACE / 10);
    }
    drop(sender);
    let _ = child.start_kill();
    let _ = child.wait();
}
