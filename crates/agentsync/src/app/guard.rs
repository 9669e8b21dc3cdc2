//! What the hooks of clients do: judge an edit before it happens, tell what changed after it, remind at
//! the end. Everything here is decided from the local copy of the board; what needs the remote is said
//! to whoever calls.

pub mod brief;
pub mod commit_words;
pub mod commits;
pub mod edits;
pub mod keep;
pub mod news;
pub mod settings;
pub mod trailer;
pub mod widen;
pub mod words;

use std::collections::BTreeSet;

use agentsync_core::decide::decide;
use agentsync_core::guard::{
    Holding, Judgement, Me, Policy, Rules, Target, Verdict, guard, is_parted, session_lane, subagent_lane,
};
use agentsync_core::region::SymbolPath;
use agentsync_core::{
    Author, Board, Change, Claim, ClaimKey, Decision, Intent, Lane, OpId, PathSpec, Timestamp, WidenRequest,
};

use self::settings::{AutoClaim, GuardSettings, Unsure};
use super::ctx::Dice;
use super::ports::desk::{BoardCopy, Desk, Memory, TouchedPath};

/// A copy that was confirmed within this time, in microseconds, is not spoken of as old.
pub const YOUNG: i64 = 30_000_000;
/// A warning that was given is not repeated within this time, in microseconds.
const WARNED_FOR: i64 = 60_000_000;

/// Everything a hook knows before it looks at the board.
pub struct Scene<'a> {
    /// What was left in the clone.
    pub desk: &'a dyn Desk,
    /// Who works, and in which session.
    pub who: &'a Author,
    /// The subagent that works in the session's place.
    pub subagent: Option<&'a str>,
    /// The client, for the name of a claim that nobody named.
    pub client: &'a str,
    /// The other sessions at work in the same worktree.
    pub siblings: BTreeSet<String>,
    /// The branch that is checked out, if work may live on it.
    pub branch: Option<&'a str>,
    /// What is to be done.
    pub guard: GuardSettings,
    /// The lease of claims that ask for none.
    pub lease: Option<u64>,
    /// The time.
    pub now: Timestamp,
    /// Makes ids.
    pub dice: &'a dyn Dice,
}

/// What becomes of an edit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Plan {
    /// It goes on; the lines are for the agent.
    Pass(Vec<String>),
    /// It is refused, for this reason.
    Deny(String),
    /// The copy is missing, or too old to refuse from: the board must be asked first.
    Ask,
    /// These claims must stand first.
    Claim(Vec<Change>),
}

/// How an edit is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// A tool that names its files.
    Tool,
    /// The text of a shell command: what it names may be meant otherwise, so nothing is claimed by it.
    Shell,
}

/// The board as a hook takes it to be, and how old it is.
pub struct View {
    /// The board, with what waits in this clone to be written.
    pub board: Board,
    /// How old the copy is, in microseconds.
    pub age: i64,
}

impl Scene<'_> {
    /// Looks at the copy, with what waits to be written as if it were.
    pub fn view(&self) -> Option<View> {
        let BoardCopy { board, seen_at } = self.desk.copy()?;
        let board =
            self.desk.pending().iter().fold(board, |board, change| match decide(&board, change, self.now) {
                Decision::Granted(granted) => board.with(&granted.edits),
                Decision::Unchanged(_) | Decision::Blocked(_) | Decision::Missing(_) => board,
            });
        Some(View { board, age: self.now.0.saturating_sub(seen_at.0).max(0) })
    }

    /// Returns for whom is asked.
    pub fn me(&self) -> Me {
        Me {
            agent: Some(self.who.agent.clone()),
            instance: Some(self.who.instance.clone()),
            branch: None,
            siblings: self.siblings.clone(),
        }
    }

    /// Returns the lane in which this session, or its subagent, claims.
    pub fn lane(&self, board: &Board) -> Option<Lane> {
        let sub = self.subagent.and_then(subagent_lane);
        sub.or_else(|| session_lane(board, &self.me(), self.who.session.as_deref()))
    }

    /// Returns the active claims that are this agent's, from this worktree.
    pub fn own<'b>(&'b self, board: &'b Board) -> impl Iterator<Item = (&'b ClaimKey, &'b Claim)> {
        board.claims_of(&self.who.agent).filter(|(_, claim)| {
            claim.is_active() && claim.instance.as_ref().is_none_or(|held| *held == self.who.instance)
        })
    }

    /// Judges paths as the board stands.
    pub fn judge(&self, board: &Board, targets: &[Target], rules: Rules) -> Judgement {
        guard(board, &self.me(), targets, rules, self.now)
    }

    /// Returns the change that claims a path.
    fn widening(&self, lane: Option<Lane>, spec: &PathSpec) -> Change {
        let session = self.who.session.as_deref().map(short).unwrap_or_default();
        let task = format!("{} session {session}", self.client);
        let request = WidenRequest {
            task: task.trim_end().to_owned(),
            touches: vec![spec.clone()],
            branch: self.branch.map(str::to_owned),
            lease: self.lease,
        };
        Change { op: OpId(self.dice.op().0), by: self.who.clone(), lane, intent: Intent::Widen(request) }
    }
}

fn short(session: &str) -> String {
    session.chars().filter(char::is_ascii_alphanumeric).take(8).collect()
}

/// Finds out which symbols of a file change; `None` when that cannot be told.
pub type Parts<'a> = dyn Fn(&Target) -> Option<Vec<SymbolPath>> + 'a;

/// Finds out more about those targets of which somebody holds a part only.
pub fn narrow(board: &Board, targets: &[Target], parts: &Parts<'_>) -> Vec<Target> {
    let narrow = |target: &Target| match is_parted(board, target.as_str()).then(|| parts(target)).flatten() {
        Some(parts) => target.clone().narrowed(parts),
        None => target.clone(),
    };
    targets.iter().map(narrow).collect()
}

/// Decides about an edit of `targets`. `is_asked` says that the board was asked a moment ago, or cannot be.
pub fn before(
    scene: &Scene<'_>,
    memory: &mut Memory,
    targets: &[Target],
    source: Source,
    is_asked: bool,
    parts: &Parts<'_>,
) -> Plan {
    if targets.is_empty() || scene.guard.policy == Policy::Off {
        return Plan::Pass(Vec::new());
    }
    let Some(view) = scene.view() else {
        return if is_asked { unsure(scene, memory, None) } else { Plan::Ask };
    };
    let auto_claim = scene.guard.rules().auto_claim && source == Source::Tool;
    let targets = narrow(&view.board, targets, parts);
    let judged = scene.judge(&view.board, &targets, Rules { auto_claim, ..scene.guard.rules() });
    if judged.verdict() == Verdict::Deny {
        return match view.age > YOUNG && !is_asked {
            true => Plan::Ask,
            false => Plan::Deny(words::refusal(&judged, view.age)),
        };
    }
    let mut says: Vec<String> = judged.held().map(|(path, held)| words::held(path, held)).collect();
    says.extend(obstacle(memory, &judged));
    if view.age > YOUNG {
        match unsure(scene, memory, Some(view.age)) {
            Plan::Pass(lines) => says.extend(lines),
            _ if !is_asked => return Plan::Ask,
            refused => return refused,
        }
    }
    if let Some(changes) = claims(scene, &view.board, &judged) {
        let waits =
            scene.guard.auto_claim == AutoClaim::Strict || judged.rulings.iter().any(|ruling| ruling.is_near);
        if waits {
            return Plan::Claim(changes);
        }
        says.extend(leave(scene, &changes));
    }
    if source == Source::Tool {
        says.extend(note_touched(scene, &view.board, &judged));
    }
    Plan::Pass(says)
}

/// Leaves claims for the keeper, and says so when that fails.
pub fn leave(scene: &Scene<'_>, changes: &[Change]) -> Option<String> {
    let failed = changes.iter().find_map(|change| scene.desk.leave(change).err());
    failed.map(|err| format!("agentsync: this edit could not be claimed: {err}"))
}

/// Returns the changes that claim what is to be claimed; `None` when nothing is.
fn claims(scene: &Scene<'_>, board: &Board, judged: &Judgement) -> Option<Vec<Change>> {
    let lane = scene.lane(board);
    let wanted = judged.with_verdict(Verdict::Claim).flat_map(|ruling| &ruling.wanted);
    let changes: Vec<Change> = wanted.map(|spec| scene.widening(lane.clone(), spec)).collect();
    (!changes.is_empty()).then_some(changes)
}

/// Notes what the edit touches, under the claim that it belongs to.
pub fn note_touched(scene: &Scene<'_>, board: &Board, judged: &Judgement) -> Option<String> {
    let lane = scene.lane(board);
    let touched = judged.rulings.iter().filter_map(|ruling| {
        let (key, is_undeclared) = match &ruling.holding {
            Holding::Mine { key } => (key.as_str().to_owned(), false),
            Holding::Free if ruling.verdict == Verdict::Claim => {
                (ClaimKey::new(&scene.who.agent, lane.as_ref()).as_str().to_owned(), true)
            }
            Holding::Free | Holding::Peers(_) => return None,
        };
        Some(TouchedPath { key, path: ruling.path.clone(), is_undeclared })
    });
    let failed = scene.desk.note_touched(&touched.collect::<Vec<_>>()).err();
    failed.map(|err| format!("agentsync: this edit could not be noted: {err}"))
}

/// Says, once in a session, why nothing is claimed by edits.
fn obstacle(memory: &mut Memory, judged: &Judgement) -> Option<String> {
    let said = words::obstacle(judged.obstacle.as_ref()?);
    memory.told.insert(said.clone()).then_some(said)
}

/// Decides about an edit that the board could not be asked about: never silent, unless it was said a
/// moment ago.
pub fn unsure(scene: &Scene<'_>, memory: &mut Memory, age: Option<i64>) -> Plan {
    let said = words::unsure(age, scene.desk.last_failure().as_deref());
    match scene.guard.unsure {
        Unsure::Block => Plan::Deny(said),
        Unsure::Allow if scene.now.0.saturating_sub(memory.warned_at) < WARNED_FOR => Plan::Pass(Vec::new()),
        Unsure::Allow => {
            memory.warned_at = scene.now.0;
            Plan::Pass(vec![said])
        }
    }
}

/// Notes that paths were claimed by an edit: nobody had declared them.
pub fn note_undeclared(scene: &Scene<'_>, judged: &Judgement) -> Option<String> {
    let touched = judged.rulings.iter().filter_map(|ruling| match &ruling.holding {
        Holding::Mine { key } => {
            Some(TouchedPath { key: key.as_str().to_owned(), path: ruling.path.clone(), is_undeclared: true })
        }
        Holding::Free | Holding::Peers(_) => None,
    });
    let failed = scene.desk.note_touched(&touched.collect::<Vec<_>>()).err();
    failed.map(|err| format!("agentsync: this edit could not be noted: {err}"))
}

/// Says what a command has changed that others hold, and claims what was free.
pub fn after_command(scene: &Scene<'_>, board: &Board, judged: &Judgement) -> Vec<String> {
    let held: Vec<String> = judged.held().map(|(path, held)| words::held(path, held)).collect();
    let mut lines = Vec::new();
    if !held.is_empty() {
        lines.push("agentsync: the command changed files that others have claimed:".to_owned());
        lines.extend(held);
        lines.push("Put them back as they were, or ask their holders first.".to_owned());
    }
    if let Some(changes) = claims(scene, board, judged) {
        lines.extend(leave(scene, &changes));
    }
    lines.extend(note_touched(scene, board, judged));
    lines
}
