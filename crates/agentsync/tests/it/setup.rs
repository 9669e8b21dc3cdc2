//! Init, doctor, completions and manual pages.

mod demo;
#[cfg(unix)]
mod doctor;
mod init;
mod init_undo;
mod pages;

use agentsync_lab::answer::Answer;
use agentsync_lab::lab::Lab;

use crate::PROGRAM;

fn lab() -> Lab {
    Lab::new(PROGRAM)
}

/// Returns all that was said, on one line.
fn words(answer: &Answer) -> String {
    format!("{} {}", answer.stdout, answer.stderr).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Lets the hub refuse every push, as a protected one does.
fn refuse_pushes(lab: &Lab) {
    let hook = lab.hub_path().join("hooks/pre-receive");
    std::fs::create_dir_all(hook.parent().unwrap()).unwrap();
    std::fs::write(&hook, "#!/bin/sh\necho protected >&2\nexit 1\n").unwrap();
    #[cfg(unix)]
    std::fs::set_permissions(&hook, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
}
