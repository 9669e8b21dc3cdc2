//! The gate in the forge's pipeline: a file of our own for GitHub, lines to add for GitLab.
//!
//! The texts are those of `integrations/`, kept here as well because a published crate holds its own folder alone.

use super::malformed::Malformed;
use super::plan::{FileChange, FilePlan, created};
use super::record::Record;
use super::undo;
use crate::app::failure::Failure;
use crate::app::ports::clone::CloneFiles;

/// The workflow's place.
pub const WORKFLOW: &str = ".github/workflows/agentsync.yml";
/// The workflow.
pub const GITHUB: &str = include_str!("ci/github.yml");
/// The job for GitLab.
pub const GITLAB: &str = include_str!("ci/gitlab.yml");

/// Plans the workflow where the project is at GitHub, and shows the job for GitLab elsewhere.
pub fn plan_add(files: &dyn CloneFiles, plan: &mut FilePlan) -> Result<(), Failure> {
    let host = files.remote_host().unwrap_or_default();
    let is_gitlab = host.contains("gitlab") || files.has(".gitlab-ci.yml");
    if !host.contains("github") && !files.has(".github") {
        plan.notes.push(match is_gitlab {
            true => format!("ci: add this to .gitlab-ci.yml:\n{GITLAB}"),
            false => format!(
                "ci: the project is at neither GitHub nor GitLab, as far as the remote's address shows: have the pipeline run `agentsync gate --range <target>..<work>`. For GitLab it is:\n{GITLAB}"
            ),
        });
        return Ok(());
    }
    match files.read(WORKFLOW)? {
        None => plan.changes.push(created(WORKFLOW, GITHUB.to_owned())),
        Some(found) if found.text == GITHUB => {}
        // It may be tuned; whoever did so sees the difference and agrees, or not.
        Some(found) => {
            let (path, after) = (WORKFLOW.to_owned(), Some(GITHUB.to_owned()));
            plan.changes.push(FileChange { path, before: Some(found.text), after, insertions: Vec::new() });
        }
    }
    plan.notes
        .push(format!("ci: make the job in {WORKFLOW} a required check of the branch that work lands on"));
    Ok(())
}

/// Plans to take the workflow away. One that was tuned since is somebody's own and stays.
pub fn plan_remove(files: &dyn CloneFiles, record: &Record, plan: &mut FilePlan) -> Result<(), Failure> {
    let stays = |_: &str| -> Result<Option<String>, Malformed> { Ok(None) };
    undo::plan_file(files, WORKFLOW, record, &|text| text == GITHUB, &stays, plan)
}
