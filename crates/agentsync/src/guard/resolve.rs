//! Which paths of the repository a client means.

use std::path::{Path, PathBuf};

use agentsync_core::guard::Target;
use agentsync_core::shell::Write;

/// Makes targets of paths as a client or a command spells them, relative to `folder`.
///
/// A path that leads through a symbolic link is two: as it is spelled, and where it leads. What is
/// outside the repository, or in git's own folder, is nobody's to claim and left out.
pub fn targets(paths: &[String], folder: &Path, roots: &[String]) -> Vec<Target> {
    let roots: Vec<&str> = roots.iter().map(String::as_str).collect();
    let mut targets = Vec::new();
    for path in paths {
        let spelled = folder.join(path);
        let spellings = [Some(spelled.clone()), real(&spelled)];
        for spelling in spellings.into_iter().flatten() {
            targets.extend(Target::parse(&spelling.to_string_lossy(), &roots).ok());
        }
    }
    targets.sort();
    targets.dedup();
    // The repository itself is what a command names that works on "all of it": no file in particular.
    targets.retain(|target| !target.as_str().is_empty());
    targets
}

/// Makes targets of what a command writes: a pattern stays one, and what goes into a folder is named there.
pub fn written(writes: &[Write], folder: &Path, roots: &[String]) -> Vec<Target> {
    let mut paths = Vec::new();
    let mut found = Vec::new();
    for write in writes {
        match (write.is_pattern, folder.join(&write.path).is_dir()) {
            (true, _) => {
                let roots: Vec<&str> = roots.iter().map(String::as_str).collect();
                let spelled = folder.join(&write.path);
                found.extend(Target::pattern(&spelled.to_string_lossy(), &roots).ok());
            }
            (false, true) if !write.into.is_empty() => {
                paths.extend(write.into.iter().map(|name| format!("{}/{name}", write.path)));
            }
            (false, _) => paths.push(write.path.clone()),
        }
    }
    found.extend(targets(&paths, folder, roots));
    found
}

/// Returns where a path really is; its last part may not exist yet.
fn real(path: &Path) -> Option<PathBuf> {
    let parent = path.ancestors().skip(1).find(|folder| folder.exists())?;
    let rest = path.strip_prefix(parent).ok()?;
    Some(parent.canonicalize().ok()?.join(rest))
}
