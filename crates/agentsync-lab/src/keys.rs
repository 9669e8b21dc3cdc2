//! SSH keys, for tests of signatures.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::checkout::Checkout;
use crate::lab::Lab;

/// Makes a key for `name` and returns its file.
#[track_caller]
pub fn key(lab: &Lab, name: &str) -> PathBuf {
    let path = lab.path().join(format!("key-{name}"));
    let mut command = Command::new("ssh-keygen");
    command.args(["-q", "-t", "ed25519", "-N", "", "-C", name, "-f"]).arg(&path);
    let made = command.status();
    assert!(
        made.is_ok_and(|status| status.success()),
        "these tests need `ssh-keygen` on PATH: install openssh-client"
    );
    path
}

/// Has an agent sign what it writes on the board.
pub fn sign_with(agent: &Checkout, key: &Path) {
    agent.git(&["config", "agentsync.sign", "ssh"]);
    agent.git(&["config", "user.signingkey", &key.display().to_string()]);
}
