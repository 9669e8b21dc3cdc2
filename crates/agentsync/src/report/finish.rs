//! What `finish` answers.

use agentsync_core::Decision;
use schemars::JsonSchema;
use serde::Serialize;

use super::Exit;
use super::claim_view::ClaimView;
use super::failure::FailureReport;
use super::own::StatusReport;
use crate::app::failure::Failure;
use crate::app::finish::Finish;
use crate::app::update::Answer;

/// Whether a unit of work is finished.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct FinishReport {
    /// `finished`, `pr_failed`, `pr_opened_status_failed` or `blocked`.
    pub status: &'static str,
    /// The pull request; null at a remote that has none.
    #[schemars(with = "serde_json::Value")]
    pub pr_url: Option<String>,
    /// The branch.
    #[schemars(with = "serde_json::Value")]
    pub branch: Option<String>,
    /// The claim as it stands now.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "ClaimView")]
    pub claim: Option<ClaimView>,
    /// What to know although it is finished.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub warning: Option<String>,
    /// What happened instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub detail: Option<String>,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub hint: Option<String>,
    /// The best next call.
    pub next: String,
}

impl FinishReport {
    /// Reports how finishing went. Having nothing to finish is a failure that says what to do.
    pub fn of(finish: &Finish) -> Result<FinishReport, Failure> {
        let empty = |status, next: &str| FinishReport {
            status,
            pr_url: None,
            branch: None,
            claim: None,
            warning: None,
            detail: None,
            hint: None,
            next: next.to_owned(),
        };
        let report = match finish {
            Finish::Finished { pr_url, branch, claim, warning } => FinishReport {
                pr_url: pr_url.clone(),
                branch: Some(branch.clone()),
                claim: Some(ClaimView::of(claim)),
                warning: warning.clone(),
                ..empty("finished", "survey() for what is free, then claim(…) the next task")
            },
            Finish::PrFailed { branch, detail, hint } => FinishReport {
                branch: branch.clone(),
                detail: Some(detail.clone()),
                hint: Some(hint.clone()),
                ..empty("pr_failed", hint)
            },
            Finish::NotMarked { pr_url, branch, failure } => {
                let hint = "the pull request is open: update_status(status=\"done\") marks the claim";
                FinishReport {
                    pr_url: Some(pr_url.clone()),
                    branch: Some(branch.clone()),
                    detail: Some(FailureReport::of(failure).error),
                    hint: Some(hint.to_owned()),
                    ..empty("pr_opened_status_failed", hint)
                }
            }
            Finish::Refused(decision) => return refused(decision, empty("blocked", "")),
        };
        Ok(report)
    }

    /// Returns how the program ends.
    pub fn exit(&self) -> Exit {
        if self.status == "finished" { Exit::Yes } else { Exit::No }
    }
}

/// Says the same as `update_status` where there is no claim to finish, or not ours.
fn refused(decision: &Decision, empty: FinishReport) -> Result<FinishReport, Failure> {
    let status = StatusReport::of(&Answer { decision: decision.clone(), tip: None })?;
    let hint = Some(status.next.clone());
    Ok(FinishReport { status: status.status, detail: status.message, hint, next: status.next, ..empty })
}
