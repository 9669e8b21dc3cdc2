//! Which paths of the repository a client means.

use std::path::{Path, PathBuf};

use agentsync_core::guard::Target;

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

/// Returns where a path really is; its last part may not exist yet.
fn real(path: &Path) -> Option<PathBuf> {
    let parent = path.ancestors().skip(1).find(|folder| folder.exists())?;
    let rest = path.strip_prefix(parent).ok()?;
    Some(parent.canonicalize().ok()?.join(rest))
}
