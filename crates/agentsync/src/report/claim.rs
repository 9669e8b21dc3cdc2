//! What `claim` answers.

use std::collections::BTreeMap;

use agentsync_core::{
    Blocked, ClaimKey, Conflict, Decision, Grant, Reason, ReasonKind, Replaced, Ticket, WaitsFor,
};
use schemars::JsonSchema;
use serde::Serialize;

use super::Exit;
use super::claim_view::{ClaimView, name, path, task};
use super::own::taken;
use super::relied;
use super::survey::local_note;
use crate::app::claim::Staked;
use crate::app::ports::Place;
use crate::app::relied::Relied;

/// How many paths of one reason are shown.
const MAX_FILES: usize = 40;
/// How many names a sentence of ours lists.
const MAX_NAMED: usize = 5;

/// Why two claims cannot both go on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ReasonView {
    /// `shared_files`, `depends_on_their_wip`, `waits_before_you`, `shared_agent_id` or `unreadable_entry`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The declared paths that meet, from both sides.
    pub files: Vec<String>,
    /// Paths that belong to both sides.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub both_match: Vec<String>,
    /// Since when, for an id that is held elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub held_since: Option<String>,
    /// From which worktree, for an id that is held elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub held_by: Option<String>,
}

impl ReasonView {
    /// Shows a reason.
    pub fn of(reason: &Reason) -> ReasonView {
        let shown = |texts: &[String]| texts.iter().take(MAX_FILES).map(|text| path(text)).collect();
        ReasonView {
            kind: reason.kind.as_str().to_owned(),
            files: shown(&reason.files),
            both_match: shown(&reason.witnesses),
            held_since: reason.held_since.map(|at| at.to_string()),
            held_by: reason.held_by.as_deref().map(name),
        }
    }
}

/// What is in the way on one peer's side. Its words are the peer's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ConflictView {
    /// The peer's task, in its words.
    #[schemars(with = "serde_json::Value")]
    pub their_task: Option<String>,
    /// The peer's branch.
    #[schemars(with = "serde_json::Value")]
    pub their_branch: Option<String>,
    /// Why.
    pub reasons: Vec<ReasonView>,
}

impl ConflictView {
    /// Shows a conflict.
    pub fn of(conflict: &Conflict) -> ConflictView {
        ConflictView {
            their_task: conflict.their_task.as_deref().map(task),
            their_branch: conflict.their_branch.as_deref().map(name),
            reasons: conflict.reasons.iter().map(ReasonView::of).collect(),
        }
    }
}

/// What an earlier claim of one's own held and the new one does not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ReplacedView {
    /// The earlier claim's task.
    pub task: String,
    /// What others may take now.
    pub freed: Vec<String>,
}

/// Whether a unit of work is staked.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ClaimReport {
    /// `claimed`, `blocked` or `waiting`.
    pub status: &'static str,
    /// The claim as it stands on the board.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "ClaimView")]
    pub claim: Option<ClaimView>,
    /// What to know about the grant: whom it was forced over, that no other clone sees it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub warning: Option<String>,
    /// The own claim that it took the place of.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "ReplacedView")]
    pub replaced: Option<ReplacedView>,
    /// Peers that rely on what it touches, with the paths.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub they_depend_on_yours: BTreeMap<String, Vec<String>>,
    /// Peers that are changing what its files use, with the symbols.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub you_depend_on_theirs: BTreeMap<String, Vec<String>>,
    /// Why it is blocked.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub message: Option<String>,
    /// Who is in the way, by agent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "BTreeMap<String, ConflictView>")]
    pub conflicts: Option<BTreeMap<String, ConflictView>>,
    /// Those of the touches that nobody holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Vec<String>")]
    pub free_slice: Option<Vec<String>>,
    /// For files that peers hold parts of: the symbols nobody holds, by path.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub free_regions: BTreeMap<String, Vec<String>>,
    /// Regions that were not found as they were named, with the nearest names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// The place in the line, while it waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "WaitingView")]
    pub waiting: Option<WaitingView>,
    /// The circle of agents that waiting would close, each waiting for the next.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub deadlock: Vec<WaitsForView>,
    /// The best next call.
    pub next: String,
}

/// A place in the line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct WaitingView {
    /// Since when, RFC 3339, by the waiting agent's clock.
    #[schemars(with = "serde_json::Value")]
    pub since: Option<String>,
    /// How many wait before it for files of its own.
    pub n_ahead: usize,
}

/// One agent that waits for another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct WaitsForView {
    /// Who waits.
    pub agent: String,
    /// For whom.
    pub waits_for: String,
    /// For what.
    pub files: Vec<String>,
}

impl ClaimReport {
    /// Reports the answer to a claim.
    pub fn of(staked: &Staked, place: &Place) -> ClaimReport {
        let report = match &staked.answer.decision {
            Decision::Granted(granted) => granted_report(&granted.grant, place),
            Decision::Unchanged(grant) => granted_report(grant, place),
            Decision::Blocked(blocked) => ClaimReport::blocked(blocked),
            Decision::Missing(_) => ClaimReport::blocked(&Blocked::default()),
        };
        let next = match staked.free_regions.iter().find(|(_, symbols)| !symbols.is_empty()) {
            // Whole files that are free come first.
            Some((path, symbols)) if report.free_slice.as_ref().is_some_and(Vec::is_empty) => {
                let touches: Vec<String> =
                    symbols.iter().take(2).map(|symbol| format!("{path}#{symbol}")).collect();
                format!("name the part you need, such as touches={}", serde_json::json!(touches))
            }
            _ => report.next.clone(),
        };
        let free_regions = staked.free_regions.clone();
        ClaimReport { notes: staked.notes.clone(), free_regions, next, ..report }.with(&staked.relied)
    }

    /// Adds who relies on whom without having said so.
    fn with(mut self, found: &Relied) -> ClaimReport {
        for reliance in &found.on_theirs {
            self.notes.push(relied::on_theirs(reliance));
            let known = self.you_depend_on_theirs.entry(name(reliance.peer.as_str())).or_default();
            known.extend(relied::symbols(reliance));
        }
        for reliance in &found.on_mine {
            self.notes.push(relied::on_mine(reliance));
            let known = self.they_depend_on_yours.entry(name(reliance.peer.as_str())).or_default();
            known.extend(relied::symbols(reliance));
            known.sort();
            known.dedup();
        }
        if found.n_left_out > 0 {
            self.notes.push(format!(
                "what you rely on may be more: {} files were not looked into, there being so many",
                found.n_left_out
            ));
        }
        self
    }

    /// Reports who is in the way.
    pub fn blocked(blocked: &Blocked) -> ClaimReport {
        let conflicts = views(&blocked.conflicts);
        ClaimReport {
            message: Some(explain(blocked)),
            next: advise(blocked),
            conflicts: Some(conflicts),
            free_slice: Some(blocked.free_slice.clone()),
            deadlock: blocked.deadlock.iter().map(waits_for).collect(),
            ..ClaimReport::empty("blocked")
        }
    }

    fn empty(status: &'static str) -> ClaimReport {
        ClaimReport {
            status,
            claim: None,
            warning: None,
            replaced: None,
            they_depend_on_yours: BTreeMap::new(),
            you_depend_on_theirs: BTreeMap::new(),
            message: None,
            conflicts: None,
            free_slice: None,
            free_regions: BTreeMap::new(),
            notes: Vec::new(),
            waiting: None,
            deadlock: Vec::new(),
            next: String::new(),
        }
    }

    /// Returns how the program ends.
    pub fn exit(&self) -> Exit {
        if self.claim.is_some() { Exit::Yes } else { Exit::No }
    }
}

fn views(conflicts: &BTreeMap<ClaimKey, Conflict>) -> BTreeMap<String, ConflictView> {
    conflicts.iter().map(|(key, conflict)| (name(key.as_str()), ConflictView::of(conflict))).collect()
}

fn waits_for(step: &WaitsFor) -> WaitsForView {
    WaitsForView {
        agent: name(&step.agent),
        waits_for: name(&step.holder),
        files: step.files.iter().take(MAX_FILES).map(|file| path(file)).collect(),
    }
}

fn waiting_report(ticket: &Ticket, blocked: &Blocked, n_ahead: usize) -> ClaimReport {
    ClaimReport {
        status: "waiting",
        message: Some(explain(blocked)),
        next: "claim the same again with wait_seconds to go on waiting: your place is kept; release() leaves the line"
            .to_owned(),
        waiting: Some(WaitingView { since: ticket.since.map(|at| at.to_string()), n_ahead }),
        ..ClaimReport::blocked(blocked)
    }
}

fn granted_report(grant: &Grant, place: &Place) -> ClaimReport {
    let (claim, replaced, forced, relied_on_by, lost) = match grant {
        Grant::Claimed { claim, replaced, forced, relied_on_by, lost, .. } => {
            (claim, replaced, forced, relied_on_by, lost)
        }
        Grant::Waiting { ticket, blocked, n_ahead } => return waiting_report(ticket, blocked, *n_ahead),
        _ => return ClaimReport::empty("claimed"),
    };
    let local = place.remote.is_none().then(|| local_note(place));
    let shown = |files: &[String]| files.iter().take(MAX_FILES).map(|file| path(file)).collect();
    let relied = relied_on_by.iter().map(|(key, files)| (name(key.as_str()), shown(files)));
    let freed =
        |replaced: &Replaced| ReplacedView { task: replaced.task.clone(), freed: replaced.freed.clone() };
    let forced_note = (!forced.is_empty()).then(|| forced_warning(forced));
    let lost = lost.as_ref().map(|record| format!("you had lost this claim: {}", taken(record)));
    let warnings: Vec<String> = forced_note.into_iter().chain(lost).chain(local).collect();
    ClaimReport {
        claim: Some(ClaimView::of(claim)),
        warning: (!warnings.is_empty()).then(|| warnings.join("; ")),
        replaced: replaced.as_ref().map(freed),
        they_depend_on_yours: relied.collect(),
        next: "edit only what you touch; check_conflicts() before you push".to_owned(),
        ..ClaimReport::empty("claimed")
    }
}

fn forced_warning(forced: &BTreeMap<ClaimKey, Conflict>) -> String {
    format!("forced over {}: both of you hold these files now, and the board says so", listed(forced.keys()))
}

/// Names the first few of many.
fn listed<'a>(keys: impl ExactSizeIterator<Item = &'a ClaimKey>) -> String {
    let n_more = keys.len().saturating_sub(MAX_NAMED);
    let names: Vec<String> = keys.take(MAX_NAMED).map(|key| name(key.as_str())).collect();
    match n_more {
        0 => names.join(", "),
        _ => format!("{} and {n_more} more", names.join(", ")),
    }
}

fn has(blocked: &Blocked, kind: ReasonKind) -> bool {
    blocked.conflicts.values().flat_map(|conflict| &conflict.reasons).any(|reason| reason.kind == kind)
}

/// Tells whether nothing that is touched is in the way, only what is relied on.
fn is_only_relied_on(blocked: &Blocked) -> bool {
    let mut reasons = blocked.conflicts.values().flat_map(|conflict| &conflict.reasons).peekable();
    reasons.peek().is_some() && reasons.all(|reason| reason.kind == ReasonKind::DependsOnTheirWip)
}

fn explain(blocked: &Blocked) -> String {
    if has(blocked, ReasonKind::SharedAgentId) {
        return "this agent id is held from another clone or worktree, and one id is one agent".to_owned();
    }
    if let Some(first) = blocked.deadlock.first() {
        let others = blocked.deadlock.iter().map(|step| name(&step.holder));
        let circle: Vec<String> = std::iter::once(name(&first.agent)).chain(others).collect();
        return format!("waiting would never end: {} wait for each other", circle.join(" → "));
    }
    let whom = listed(blocked.conflicts.keys());
    match has(blocked, ReasonKind::WaitsBeforeYou) {
        true => format!("in the way of {whom}, who hold these files or came first"),
        false => format!("in the way of an active claim of {whom}"),
    }
}

fn advise(blocked: &Blocked) -> String {
    if has(blocked, ReasonKind::SharedAgentId) {
        return "give this clone its own id (AGENTSYNC_AGENT_ID, or `git config agentsync.agent`); if the other \
                session is gone, claim again with force=true and a reason"
            .to_owned();
    }
    if !blocked.deadlock.is_empty() {
        return "release() or narrow what you hold and they wait for, or claim without the files they hold"
            .to_owned();
    }
    if is_only_relied_on(blocked) {
        return "wait until it is done (wait_seconds=60), ask its holder with mailbox(message, to), or claim \
                without relying on it"
            .to_owned();
    }
    match blocked.free_slice.is_empty() {
        false => format!("claim again with touches={}", serde_json::json!(blocked.free_slice)),
        true => "narrow `touches`, take other work, ask its holder with mailbox(message, to), or wait: wait_seconds=60"
            .to_owned(),
    }
}
