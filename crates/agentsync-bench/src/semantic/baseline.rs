//! What else could be said of a merge: that both sides touched one file, and what weave's check says.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::cases::{Case, git};

/// Tells whether both sides touched one file.
pub(crate) fn is_same_file(case: &Case, base: &str) -> bool {
    let touched = |side: &str| -> BTreeSet<String> {
        let output = git(&case.git_dir).args(["diff", "--name-only", base, side]).output().unwrap();
        String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
    };
    !base.is_empty() && !touched(&case.left).is_disjoint(&touched(&case.right))
}

/// Asks weave's cross-file check in a shared clone of its own; `None` where it gives no verdict.
pub(crate) fn weave(weave: &Path, case: &Case, base: &str) -> Option<bool> {
    let dir = std::env::temp_dir().join(format!("bench-weave-{}", case.repository.replace('/', "+")));
    if !dir.exists() {
        let made = Command::new("git")
            .args(["clone", "--quiet", "--shared", "--no-checkout"])
            .arg(&case.git_dir)
            .arg(&dir)
            .status()
            .unwrap();
        made.success().then_some(())?;
    }
    let output = Command::new(weave)
        .current_dir(&dir)
        .args(["check", "--base", base, "--ours", &case.left, "--theirs", &case.right, "--json"])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    match output.status.code() {
        Some(0) => Some(false),
        Some(1) => Some(true),
        _ => None,
    }
}
