//! The labelled merges: which repository, which two commits, and what is known of them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// One labelled merge.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    /// Where its git directory is.
    pub(crate) git_dir: PathBuf,
    /// `owner/name`.
    pub(crate) repository: String,
    /// The two parents and the merge.
    pub(crate) left: String,
    pub(crate) right: String,
    pub(crate) merge: String,
    /// What is known of it: `broken`, `sound`, `clean`, or the kinds of its faults.
    pub(crate) label: String,
}

/// Reads every `*.csv` of a folder; a merge whose repository is not here is told and left out.
pub(crate) fn read(data: &Path, repos: &Path) -> BTreeMap<String, Vec<Case>> {
    let mut sets = BTreeMap::new();
    for entry in std::fs::read_dir(data).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|ending| ending != "csv") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let mut lines = text.lines();
        let heads: Vec<&str> = lines.next().unwrap().split(',').collect();
        let cases = lines.filter_map(|line| case(&heads, line, repos)).collect();
        sets.insert(path.file_stem().unwrap().to_string_lossy().into_owned(), cases);
    }
    sets
}

fn case(heads: &[&str], line: &str, repos: &Path) -> Option<Case> {
    let values: Vec<&str> = line.split(',').collect();
    let value = |name: &str| heads.iter().position(|head| *head == name).map(|at| values[at].to_owned());
    let repository = value("repository")?;
    let Some(git_dir) = git_dir(repos, &repository) else {
        eprintln!("bench-semantic: {repository} is not in {}", repos.display());
        return None;
    };
    let merge = value("merge")?;
    let parent = |n: u32| {
        let revision = format!("{merge}^{n}");
        let output = git(&git_dir).args(["rev-parse", "--verify", "--quiet", &revision]).output().unwrap();
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    };
    let left = value("left").unwrap_or_else(|| parent(1));
    let right = value("right").unwrap_or_else(|| parent(2));
    let label = value("label").or_else(|| value("kinds"))?;
    Some(Case { git_dir, repository, left, right, merge, label })
}

/// Finds a repository below a folder: `owner+name` or `owner/name`, bare or not.
pub(crate) fn git_dir(repos: &Path, repository: &str) -> Option<PathBuf> {
    let flat = repository.replace('/', "+");
    let roots = [
        repos.join(&flat).join("repo"),
        repos.join(&flat),
        repos.join(repository),
        repos.join(format!("{flat}.git")),
    ];
    let dirs = roots.into_iter().flat_map(|root| [root.join(".git"), root]);
    dirs.into_iter().find(|dir| dir.join("HEAD").is_file())
}

/// Returns a call of git on a repository, which writes nothing there.
pub(crate) fn git(git_dir: &Path) -> Command {
    let mut command = Command::new("git");
    command.arg("--git-dir").arg(git_dir).env("GIT_OPTIONAL_LOCKS", "0");
    command
}
