//! Which paths were changed in a worktree, and for which claim: a file that only grows.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::app::ports::desk::TouchedPath;

/// A longer file is written anew without what it says twice.
const MAX_BYTES: u64 = 1 << 20;

fn file(git_dir: &Path) -> PathBuf {
    git_dir.join("agentsync").join("touched.jsonl")
}

/// Notes paths. A line is written in one step, so two processes may do it at once.
pub fn note(git_dir: &Path, touched: &[TouchedPath]) -> io::Result<()> {
    let mut lines = String::new();
    for path in touched {
        lines.push_str(&serde_json::to_string(path)?);
        lines.push('\n');
    }
    let path = file(git_dir);
    fs::create_dir_all(path.parent().unwrap_or(git_dir))?;
    File::options().create(true).append(true).open(&path)?.write_all(lines.as_bytes())?;
    if path.metadata()?.len() > MAX_BYTES {
        let kept: Vec<String> =
            read(git_dir).iter().filter_map(|path| serde_json::to_string(path).ok()).collect();
        replace(&path, &(kept.join("\n") + "\n"))?;
    }
    Ok(())
}

/// Returns all that was noted, each path once for each claim. What was ever undeclared stays so.
pub fn read(git_dir: &Path) -> Vec<TouchedPath> {
    let text = fs::read_to_string(file(git_dir)).unwrap_or_default();
    let mut found: Vec<TouchedPath> = Vec::new();
    let mut seen = std::collections::HashMap::new();
    for touched in text.lines().filter_map(|line| serde_json::from_str::<TouchedPath>(line).ok()) {
        let name = (touched.key.clone(), touched.path.clone());
        if let Some(there) = seen.get(&name).copied().and_then(|at: usize| found.get_mut(at)) {
            there.is_undeclared |= touched.is_undeclared;
        } else {
            seen.insert(name, found.len());
            found.push(touched);
        }
    }
    found
}

/// Forgets what was noted for a claim.
pub fn forget(git_dir: &Path, key: &str) -> io::Result<()> {
    if !file(git_dir).exists() {
        return Ok(());
    }
    let kept: Vec<String> = read(git_dir)
        .iter()
        .filter(|touched| touched.key != key)
        .filter_map(|path| serde_json::to_string(path).ok())
        .collect();
    let end = if kept.is_empty() { "" } else { "\n" };
    replace(&file(git_dir), &(kept.join("\n") + end))
}

fn replace(path: &Path, text: &str) -> io::Result<()> {
    let fresh = path.with_extension(format!("{}-{:08x}", std::process::id(), fastrand::u32(..)));
    fs::write(&fresh, text)?;
    fs::rename(fresh, path)
}
