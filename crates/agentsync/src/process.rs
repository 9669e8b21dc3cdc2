//! How a child process is run: no input, both streams read at once, one time limit that ends its whole group.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use agentsync_core::redact::redact;
use agentsync_core::text::escape;
use process_wrap::std::{ChildWrapper, CommandWrap, ProcessGroup, ProcessSession};

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

/// Starts our own program in a session of its own, so that it outlives us.
#[expect(clippy::disallowed_methods, reason = "starts our own program, for what need not be waited for")]
pub fn leave_behind(program: &Path, args: &[OsString], folder: &Path) -> io::Result<()> {
    let mut command = Command::new(program);
    command.args(args).current_dir(folder);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    CommandWrap::from(command).wrap(ProcessSession).spawn().map(drop)
}

/// Runs a command line as a client runs a hook: through the shell, with `input` to read.
#[expect(clippy::disallowed_methods, reason = "a registered hook is a line for the shell")]
pub fn run_line(line: &str, folder: &Path, input: &Path, limit: Duration) -> Result<Ended, ProcessError> {
    let (shell, flag) = if cfg!(windows) { ("cmd", "/C") } else { ("sh", "-c") };
    let mut command = Command::new(shell);
    command.arg(flag).arg(line).current_dir(folder);
    run_fed(command, Stdio::from(File::open(input).map_err(ProcessError::Io)?), limit)
}

/// Runs a program to its end, without input.
pub fn run(command: Command, limit: Duration) -> Result<Ended, ProcessError> {
    run_fed(command, Stdio::null(), limit)
}

/// Runs a program to its end, with `input`: nothing, or a file.
pub fn run_fed(command: Command, input: Stdio, limit: Duration) -> Result<Ended, ProcessError> {
    run_wrapped(CommandWrap::from(command).wrap(ProcessSession), input, limit)
}

/// Runs a program that asks nothing to its end: apart from our group, but not from our terminal, which lets the
/// system start it without a copy of all our pages.
pub fn run_silent(command: Command, input: Stdio, limit: Duration) -> Result<Ended, ProcessError> {
    run_wrapped(CommandWrap::from(command).wrap(ProcessGroup::leader()), input, limit)
}

fn run_wrapped(command: &mut CommandWrap, input: Stdio, limit: Duration) -> Result<Ended, ProcessError> {
    command.command_mut().stdin(input).stdout(Stdio::piped()).stderr(Stdio::piped());
    let started = command.spawn();
    let mut child = started.map_err(|err| match err.kind() {
        io::ErrorKind::NotFound => ProcessError::Missing,
        _ => ProcessError::Io(err),
    })?;
    let said = listen(child.stdout().take(), child.stderr().take());
    let ended = said.recv_timeout(limit).ok().map(|said| (said, wait(&mut *child)));
    let Some(((stdout, stderr), Some(status))) = ended else {
        end(&mut *child);
        return Err(ProcessError::TimedOut);
    };
    let status = status.map_err(ProcessError::Io)?;
    Ok(Ended { code: status.code().unwrap_or(-1), stdout, stderr })
}

/// Reads both streams to their ends, each on a thread of its own, so that neither can block the other.
fn listen<O, E>(stdout: Option<O>, stderr: Option<E>) -> Receiver<(Vec<u8>, Vec<u8>)>
where
    O: Read + Send + 'static,
    E: Read + Send + 'static,
{
    let (sender, receiver) = mpsc::channel();
    let stderr = std::thread::spawn(move || drain(stderr));
    std::thread::spawn(move || {
        let stdout = drain(stdout);
        let _ = sender.send((stdout, stderr.join().unwrap_or_default()));
    });
    receiver
}

fn drain<R: Read>(stream: Option<R>) -> Vec<u8> {
    let mut kept = Vec::new();
    if let Some(mut stream) = stream {
        let mut limited = (&mut stream).take(MAX_OUTPUT_BYTES as u64);
        // A stream that breaks off ends like one that ends: the exit code tells which it was.
        let _ = limited.read_to_end(&mut kept);
        let _ = io::copy(&mut stream, &mut io::sink());
    }
    kept
}

/// Waits for a child that has closed both streams: it is ending, or it has itself become a daemon.
///
/// `None` when it does not end.
fn wait(child: &mut dyn ChildWrapper) -> Option<io::Result<ExitStatus>> {
    let (_sender, receiver) = mpsc::channel::<()>();
    for n_try in 0..100 {
        match child.try_wait() {
            Ok(None) => {
                let _ = receiver.recv_timeout(Duration::from_millis(n_try));
            }
            ended => return ended.transpose(),
        }
    }
    None
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

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(30);

    #[expect(clippy::disallowed_methods, reason = "a child to watch")]
    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn both_streams_and_the_code_come_back() {
        // More than a pipe holds, on the stream that is not read first.
        let script = "head -c 300000 /dev/zero >&2; echo out; cat; exit 3";
        let ended = run(shell(script), LONG).unwrap();
        assert_eq!((ended.code, ended.stdout.as_slice()), (3, b"out\n".as_slice()));
        assert_eq!(ended.stderr.len(), 300_000);
    }

    #[test]
    fn r_46_what_it_said_holds_no_secrets_and_steers_no_terminal() {
        let ended = run(shell("printf 'https://a:b@h/ \\033[2J' >&2"), LONG).unwrap();
        assert_eq!(ended.said(), "https://***@h/ \\u{1b}[2J");
    }

    #[test]
    fn a_program_that_is_not_there_is_missing() {
        #[expect(clippy::disallowed_methods, reason = "a child that is not there")]
        let command = Command::new("agentsync-no-such-program");
        assert!(matches!(run(command, LONG), Err(ProcessError::Missing)));
    }

    #[test]
    fn at_the_limit_the_whole_group_ends() {
        let dir = tempfile::tempdir().unwrap();
        let pid = dir.path().join("pid");
        let script = format!("sleep 600 & echo $! >'{}'; wait", pid.display());
        assert!(matches!(run(shell(&script), Duration::from_millis(500)), Err(ProcessError::TimedOut)));
        let pid = std::fs::read_to_string(pid).unwrap();
        // Its parent is gone, so whoever adopts it may not have buried it yet.
        let is_gone = format!(
            "for n in $(seq 100); do kill -0 {0} 2>&- || exit 0; case $(cut -d' ' -f3 /proc/{0}/stat) in Z) exit 0;; esac; sleep 0.05; done; exit 1",
            pid.trim()
        );
        assert_eq!(run(shell(&is_gone), LONG).unwrap().code, 0, "{pid}");
    }

    #[test]
    fn one_that_closes_its_streams_and_stays_is_ended() {
        assert!(matches!(run(shell("exec >&- 2>&-; exec sleep 600"), LONG), Err(ProcessError::TimedOut)));
    }
}
