//! What `release` and `update_status` answer.

use agentsync_core::text::{MAX_NOTE_CHARS, cut, one_line};
use agentsync_core::{Blocked, Conflict, Decision, Grant, Missing, ReasonKind, Status, Superseded};
use schemars::JsonSchema;
use serde::Serialize;

use super::Exit;
use super::claim::ConflictView;
use super::claim_view::ClaimView;
use crate::app::failure::Failure;
use crate::app::update::Answer;

/// Whether a claim was dropped.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ReleaseReport {
    /// `released`, `noop`, `superseded` or `blocked`.
    pub status: &'static str,
    /// The claim as it stood.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "ClaimView")]
    pub released: Option<ClaimView>,
    /// Why nothing was dropped.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub message: Option<String>,
    /// Who holds it instead.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub held_elsewhere: Vec<ConflictView>,
    /// The best next call.
    pub next: String,
}

impl ReleaseReport {
    /// Reports the answer to a release.
    pub fn of(answer: &Answer) -> ReleaseReport {
        let report = |status, released, message, next: &str| ReleaseReport {
            status,
            released,
            message,
            held_elsewhere: Vec::new(),
            next: next.to_owned(),
        };
        match &answer.decision {
            Decision::Granted(granted) => match &granted.grant {
                Grant::Released { claim, .. } => {
                    report("released", Some(ClaimView::of(claim)), None, "survey() to see what is free")
                }
                Grant::Left { .. } => {
                    report("released", None, Some("You wait no longer.".to_owned()), "survey()")
                }
                Grant::Superseded { record } => report("superseded", None, Some(taken(record)), AFTER_TAKEN),
                _ => noop(&Missing::default()),
            },
            Decision::Unchanged(_) => noop(&Missing::default()),
            Decision::Missing(missing) => noop(missing),
            Decision::Blocked(blocked) => ReleaseReport {
                held_elsewhere: blocked.conflicts.values().map(ConflictView::of).collect(),
                ..report("blocked", None, Some(ELSEWHERE.to_owned()), TAKE_OVER)
            },
        }
    }

    /// Returns how the program ends: having nothing to release is no failure.
    pub fn exit(&self) -> Exit {
        if self.held_elsewhere.is_empty() && self.status != "superseded" { Exit::Yes } else { Exit::No }
    }
}

/// Says who took a claim away, when and why. The reason is in the taker's words.
pub fn taken(record: &Superseded) -> String {
    let when = record.at.map(|at| format!(" at {at}")).unwrap_or_default();
    let (key, by) = (one_line(record.key.as_str()), one_line(&record.by));
    format!(
        "the claim of {key} was taken over by {by}{when}: {}",
        cut(&one_line(&record.reason), MAX_NOTE_CHARS)
    )
}

/// The best next call for one whose files went to others while its claim was done.
const WHILE_DONE: &str = "claim(task, touches, wait_seconds) to stand in line, or take another piece of work";
/// What a holder does next whose claim was taken.
pub const AFTER_TAKEN: &str = "stop editing those files; survey(), then claim again what is free";

const ELSEWHERE: &str = "the claim under this agent id is held from another clone or worktree";
const TAKE_OVER: &str =
    "do it there; if that session is gone, take the claim over: claim(…, force=true, reason)";

fn noop(missing: &Missing) -> ReleaseReport {
    let (message, next) = if missing.lanes.is_empty() {
        ("You have no active claim to release.".to_owned(), "survey()".to_owned())
    } else {
        let lanes = missing.lanes.join(", ");
        (format!("You hold several claims: {lanes}."), format!("release(lane=…), one of {lanes}"))
    };
    ReleaseReport { status: "noop", released: None, message: Some(message), held_elsewhere: Vec::new(), next }
}

/// Whether somebody's claim was freed.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct BreakReport {
    /// `broken` or `noop`.
    pub status: &'static str,
    /// The claim as it stood.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "ClaimView")]
    pub broken: Option<ClaimView>,
    /// What happened.
    pub message: String,
    /// The best next call.
    pub next: String,
}

impl BreakReport {
    /// Reports the answer to a break.
    pub fn of(answer: &Answer, key: &str) -> BreakReport {
        match answer.decision.grant() {
            Some(Grant::Broken { record, claim }) => BreakReport {
                status: "broken",
                broken: claim.as_ref().map(|claim| ClaimView::of(claim)),
                message: taken(record),
                next: "its files are free; if it still lives, it learns at its next call".to_owned(),
            },
            _ => BreakReport {
                status: "noop",
                broken: None,
                message: format!("`{}` neither holds a claim nor waits for one", one_line(key)),
                next: "survey() shows the names".to_owned(),
            },
        }
    }

    /// Returns how the program ends.
    pub fn exit(&self) -> Exit {
        if self.status == "broken" { Exit::Yes } else { Exit::No }
    }
}

/// Whether a claim has a new status.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct StatusReport {
    /// `updated`, `superseded` or `blocked`.
    pub status: &'static str,
    /// The claim as it stands now.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "ClaimView")]
    pub claim: Option<ClaimView>,
    /// Why nothing was changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub message: Option<String>,
    /// The best next call.
    pub next: String,
}

impl StatusReport {
    /// Reports the answer to a change of status; having no claim is a failure, as it always was.
    pub fn of(answer: &Answer) -> Result<StatusReport, Failure> {
        let no = |status, message: String, next: &str| {
            Ok(StatusReport { status, claim: None, message: Some(message), next: next.to_owned() })
        };
        let claim = match (&answer.decision, answer.decision.grant()) {
            (Decision::Missing(missing), _) => return Err(no_claim(missing)),
            (Decision::Blocked(blocked), _) => match taken_meanwhile(blocked) {
                Some(message) => return no("blocked", message, WHILE_DONE),
                None => return no("blocked", ELSEWHERE.to_owned(), TAKE_OVER),
            },
            (_, Some(Grant::Superseded { record })) => return no("superseded", taken(record), AFTER_TAKEN),
            (_, Some(Grant::Updated { claim, .. })) => Some(claim),
            _ => None,
        };
        let is_done = claim.is_some_and(|claim| claim.status == Status::Done);
        let next = if is_done {
            "claim(task, touches) for the next piece of work"
        } else {
            "go on; finish() when you are done"
        };
        let claim = claim.map(|claim| ClaimView::of(claim));
        Ok(StatusReport { status: "updated", claim, message: None, next: next.to_owned() })
    }

    /// Returns how the program ends.
    pub fn exit(&self) -> Exit {
        if self.claim.is_some() { Exit::Yes } else { Exit::No }
    }
}

/// Says who has what a claim held before it was done; `None` when only its own name stands in the way.
fn taken_meanwhile(blocked: &Blocked) -> Option<String> {
    let is_peers =
        |conflict: &Conflict| conflict.reasons.iter().any(|reason| reason.kind != ReasonKind::SharedAgentId);
    let peers = blocked.conflicts.iter().filter(|(_, conflict)| is_peers(conflict));
    let names: Vec<String> = peers.map(|(key, _)| format!("`{}`", one_line(key.as_str()))).collect();
    let whom = (!names.is_empty()).then(|| cut(&names.join(", "), 200));
    whom.map(|whom| format!("the claim was done, and its files are taken by now: {whom}"))
}

/// Says that there is no claim to act on, or that it must be said which.
pub fn no_claim(missing: &Missing) -> Failure {
    match missing.lanes.is_empty() {
        true => Failure::NoClaim {
            what: "you hold no claim".to_owned(),
            fix: "claim(task, touches) first".to_owned(),
        },
        false => Failure::NoClaim {
            what: format!("you hold several claims: {}", missing.lanes.join(", ")),
            fix: "say which with `lane`".to_owned(),
        },
    }
}
