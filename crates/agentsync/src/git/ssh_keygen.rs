//! The one door that starts `ssh-keygen`: no terminal, no questions, a time limit.
//!
//! Signatures are those git makes with `gpg.format=ssh`. To check them, nothing of git's configuration
//! is asked: program, file of signers and name space are named here, since a repository's own
//! `gpg.ssh.allowedSignersFile` would decide whom to trust.

use std::ffi::OsString;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use thiserror::Error;

use crate::process::{self, Ended, ProcessError};

/// The purpose for which git has signatures made.
const NAMESPACE: &str = "git";

/// Why nothing could be signed or checked.
#[derive(Debug, Error)]
pub enum SshError {
    /// There is no such program.
    #[error("`{0}` is not installed or not on PATH")]
    Missing(String),
    /// It did not do what it was asked.
    #[error("{0}")]
    Refused(String),
}

/// A key to sign with, as git is configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningKey {
    /// `gpg.ssh.program`, or `ssh-keygen`.
    pub program: OsString,
    /// What `user.signingkey` says.
    pub key: KeyKind,
    /// The folder relative paths are relative to.
    pub cwd: PathBuf,
}

/// The two kinds of `user.signingkey`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyKind {
    /// A file with a private key, or with a public one whose private half an agent holds.
    File(PathBuf),
    /// A public key itself, whose private half an agent holds.
    Literal(String),
}

impl KeyKind {
    /// Reads `user.signingkey` as git does.
    pub fn read(text: &str, home: Option<&Path>) -> KeyKind {
        let literal = text.strip_prefix("key::").or_else(|| text.starts_with("ssh-").then_some(text));
        match (literal, text.strip_prefix("~/"), home) {
            (Some(key), ..) => KeyKind::Literal(key.to_owned()),
            (None, Some(rest), Some(home)) => KeyKind::File(home.join(rest)),
            (None, ..) => KeyKind::File(PathBuf::from(text)),
        }
    }

    /// Returns the key's name for people; a literal key is public.
    pub fn shown(&self) -> String {
        match self {
            KeyKind::File(path) => path.display().to_string(),
            KeyKind::Literal(key) => key.clone(),
        }
    }
}

/// How `ssh-keygen` is run here.
#[derive(Debug, Clone, Copy)]
pub struct SshKeygen {
    /// The time limit of one call.
    pub limit: Duration,
}

impl SshKeygen {
    /// Signs `payload` and returns the signature as text.
    pub fn sign(&self, key: &SigningKey, payload: &[u8]) -> Result<String, SshError> {
        let scratch = tempfile::tempdir().map_err(refused)?;
        let buffer = scratch.path().join("commit");
        fs::write(&buffer, payload).map_err(refused)?;
        let mut command = start(&key.program);
        command.current_dir(&key.cwd).args(["-Y", "sign", "-n", NAMESPACE, "-f"]);
        match &key.key {
            KeyKind::File(path) => command.arg(path),
            KeyKind::Literal(text) => {
                let file = scratch.path().join("key.pub");
                fs::write(&file, text).map_err(refused)?;
                command.arg(file).arg("-U")
            }
        };
        command.arg(&buffer);
        let ended = self.run(command, &key.program, Stdio::null())?;
        let signature = fs::read_to_string(buffer.with_extension("sig"));
        match (ended.code, signature) {
            (0, Ok(signature)) => Ok(signature),
            _ => Err(SshError::Refused(ended.said())),
        }
    }

    /// Tells whether `signature` was made over `payload` with a key of `principal`.
    ///
    /// Only the exit code counts: a signature of nobody known is called `Good "git" signature` as well.
    pub fn is_by(&self, signed: &Signed<'_>, principal: &str) -> Result<bool, SshError> {
        let scratch = tempfile::tempdir().map_err(refused)?;
        let mut command = signed.call("verify", scratch.path())?;
        command.arg("-I").arg(principal).args(["-n", NAMESPACE]);
        let mut input = tempfile::tempfile().map_err(refused)?;
        input.write_all(signed.payload).map_err(refused)?;
        std::io::Seek::rewind(&mut input).map_err(refused)?;
        Ok(self.run(command, "ssh-keygen".as_ref(), Stdio::from(input))?.code == 0)
    }

    /// Returns whose key made a signature, whatever it was made over; `None` when nobody vouches for it.
    pub fn find_principal(&self, signed: &Signed<'_>) -> Result<Option<String>, SshError> {
        let scratch = tempfile::tempdir().map_err(refused)?;
        let command = signed.call("find-principals", scratch.path())?;
        let ended = self.run(command, "ssh-keygen".as_ref(), Stdio::null())?;
        let said = String::from_utf8_lossy(&ended.stdout).into_owned();
        let first = said.lines().next().and_then(|line| line.split(',').next()).map(str::trim);
        Ok(first.filter(|name| ended.code == 0 && !name.is_empty()).map(str::to_owned))
    }

    fn run(&self, command: Command, program: &std::ffi::OsStr, input: Stdio) -> Result<Ended, SshError> {
        let name = || program.to_string_lossy().into_owned();
        process::run_fed(command, input, self.limit).map_err(|err| match err {
            ProcessError::Missing => SshError::Missing(name()),
            ProcessError::TimedOut => {
                SshError::Refused(format!("{} did not answer within {} s", name(), self.limit.as_secs()))
            }
            ProcessError::Io(err) => refused(err),
        })
    }
}

/// A signature and what it is checked against.
#[derive(Debug, Clone, Copy)]
pub struct Signed<'a> {
    /// What was signed.
    pub payload: &'a [u8],
    /// The signature.
    pub signature: &'a [u8],
    /// The file of signers.
    pub signers: &'a Path,
    /// When it was made, in seconds: keys may have a time in which they are valid.
    pub at: i64,
}

impl Signed<'_> {
    fn call(&self, what: &str, scratch: &Path) -> Result<Command, SshError> {
        let file = scratch.join("signature");
        fs::write(&file, self.signature).map_err(refused)?;
        let at = jiff::Timestamp::from_second(self.at).map_err(refused)?;
        let mut command = start("ssh-keygen".as_ref());
        command.args(["-Y", what, "-f"]).arg(self.signers).arg("-s").arg(file);
        command.arg(format!("-Overify-time={}", at.strftime("%Y%m%d%H%M%S")));
        Ok(command)
    }
}

fn refused(err: impl std::fmt::Display) -> SshError {
    SshError::Refused(err.to_string())
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the door: ssh-keygen is started here and nowhere else"
)]
fn start(program: &std::ffi::OsStr) -> Command {
    let mut command = Command::new(program);
    // A time without a zone is read in the zone of the machine.
    command.env("TZ", "UTC").env("LC_ALL", "C").env("SSH_ASKPASS_REQUIRE", "never").env_remove("SSH_ASKPASS");
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signing_key_is_read_as_git_reads_it() {
        let home = Path::new("/home/alice");
        let file = |path: &str| KeyKind::File(PathBuf::from(path));
        assert_eq!(KeyKind::read("~/.ssh/id", Some(home)), file("/home/alice/.ssh/id"));
        assert_eq!(KeyKind::read("/k", Some(home)), file("/k"));
        assert_eq!(KeyKind::read("key::ecdsa x", Some(home)), KeyKind::Literal("ecdsa x".to_owned()));
        assert_eq!(KeyKind::read("ssh-ed25519 x", None), KeyKind::Literal("ssh-ed25519 x".to_owned()));
    }
}
