//! What the environment of a CI job says: at which forge it runs, and whose branch it looks at.

use std::path::Path;

use super::env;

/// A forge whose jobs are known by their environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CiForge {
    /// GitHub Actions, and what behaves like it.
    GitHub,
    /// GitLab CI.
    GitLab,
}

/// A CI job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ci {
    /// Where it runs.
    pub forge: CiForge,
    /// The branch of the work; `None` when it is not known, or one of a fork: a branch of the same name
    /// here is another one.
    pub branch: Option<String>,
}

/// Returns the job that this runs in, if it is one.
pub fn ci() -> Option<Ci> {
    let is_set = |name: &str| env(name).is_some_and(|value| value == "true");
    if is_set("GITHUB_ACTIONS") {
        return Some(Ci { forge: CiForge::GitHub, branch: github_branch() });
    }
    is_set("GITLAB_CI").then(|| Ci { forge: CiForge::GitLab, branch: gitlab_branch() })
}

fn github_branch() -> Option<String> {
    let Some(head) = env("GITHUB_HEAD_REF") else {
        let is_branch = env("GITHUB_REF_TYPE").is_some_and(|kind| kind == "branch");
        return env("GITHUB_REF_NAME").filter(|_| is_branch);
    };
    let event = env("GITHUB_EVENT_PATH").and_then(|path| std::fs::read(Path::new(&path)).ok());
    let event: serde_json::Value = serde_json::from_slice(&event?).ok()?;
    let from = event.pointer("/pull_request/head/repo/full_name")?.as_str()?;
    let is_ours = env("GITHUB_REPOSITORY").is_some_and(|here| here.eq_ignore_ascii_case(from));
    is_ours.then_some(head)
}

fn gitlab_branch() -> Option<String> {
    let Some(source) = env("CI_MERGE_REQUEST_SOURCE_BRANCH_NAME") else { return env("CI_COMMIT_BRANCH") };
    let (from, to) = (env("CI_MERGE_REQUEST_SOURCE_PROJECT_ID"), env("CI_MERGE_REQUEST_PROJECT_ID"));
    (from.is_some() && from == to).then_some(source)
}
