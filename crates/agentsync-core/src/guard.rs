//! Whether paths may be changed, as the board stands: the one decision behind every hook and gate.
//!
//! Pure and total, like the decisions on changes, and never at odds with them: what is denied here for
//! a peer's claim is what a claim of the same path would be refused for, and what is to be claimed
//! here is granted there.

mod find;
mod gate;
mod parts;
mod target;

pub use find::guard;
pub use gate::{Arrival, Finding, Gated, gate};
pub use parts::is_parted;
pub use target::Target;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::board::{Board, Entry};
use crate::id::{AgentId, ClaimKey, InstanceId, Lane};
use crate::spec::PathSpec;
use crate::time::Timestamp;

/// What a layer does about a change of what a peer holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Policy {
    /// It says nothing and stops nothing.
    Off,
    /// It says so.
    Warn,
    /// It refuses.
    Block,
}

impl Policy {
    /// Parses `off`, `warn` or `block`.
    pub fn parse(text: &str) -> Option<Policy> {
        match text {
            "off" => Some(Policy::Off),
            "warn" => Some(Policy::Warn),
            "block" => Some(Policy::Block),
            _ => None,
        }
    }

    /// Returns the word that is set.
    pub fn as_str(self) -> &'static str {
        match self {
            Policy::Off => "off",
            Policy::Warn => "warn",
            Policy::Block => "block",
        }
    }
}

/// What holds for one layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    /// What it does about a change of what a peer holds.
    pub policy: Policy,
    /// Whether a change of a free path claims it.
    pub auto_claim: bool,
}

/// For whom a layer asks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Me {
    /// The agent; `None` for somebody without a name on the board.
    pub agent: Option<AgentId>,
    /// The worktree; `None` takes what the agent holds from any of them for its own.
    pub instance: Option<InstanceId>,
    /// A branch whose claims count as one's own: a gate knows the branch of a push and nobody's name.
    pub branch: Option<String>,
    /// Other sessions that are at work in the same worktree: what one of them claimed is its own.
    pub siblings: BTreeSet<String>,
}

/// Who stands behind a path, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The key of the entry.
    pub key: ClaimKey,
    /// What it is for; `None` when nobody said.
    pub task: Option<String>,
    /// Where that work lives.
    pub branch: Option<String>,
    /// When its holder last wrote it, by the holder's clock.
    pub since: Option<Timestamp>,
    /// How many seconds ago that was, by the two clocks; none is negative.
    pub seconds_ago: Option<u64>,
    /// In which way it holds.
    pub how: How,
    /// The symbol of the file that it holds, where it is known that it does not hold all of what changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
}

/// In which way an entry stands behind a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum How {
    /// A peer's claim.
    Claim,
    /// A peer stands in line for it, and came first.
    Waits,
    /// The agent's own id, from another worktree.
    Elsewhere,
    /// Another session of the same worktree.
    Sibling,
}

/// Whose a path is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Holding {
    /// A claim of one's own covers it.
    Mine {
        /// Its key.
        key: ClaimKey,
    },
    /// Nobody holds it.
    Free,
    /// Others do; there is at least one.
    Peers(Vec<Held>),
}

/// What is to be done about a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Verdict {
    /// Let it be changed.
    Allow,
    /// Let it be changed, and claim it.
    Claim,
    /// Refuse.
    Deny,
}

/// What was found about one path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ruling {
    /// The path.
    pub path: String,
    /// Whose it is.
    pub holding: Holding,
    /// Whether a peer holds something in the same folder; only said of what is to be claimed.
    pub is_near: bool,
    /// What is to be done.
    pub verdict: Verdict,
    /// What is to be claimed: the file, or what of it changes and is free.
    #[serde(skip)]
    pub wanted: Vec<PathSpec>,
}

/// What keeps a claim from being made, whichever path it names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Obstacle {
    /// The agent's id is held from another worktree as well.
    Elsewhere(Held),
    /// An entry of the board cannot be read, so it may hold anything.
    Unreadable {
        /// Its key.
        key: ClaimKey,
        /// What is wrong with it.
        why: String,
    },
}

/// What was found about all paths, in the order they were asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judgement {
    /// One for each path.
    pub rulings: Vec<Ruling>,
    /// Why free paths cannot be claimed, if they cannot.
    pub obstacle: Option<Obstacle>,
}

impl Judgement {
    /// Returns the strictest verdict; nothing asked is nothing refused.
    pub fn verdict(&self) -> Verdict {
        self.rulings.iter().map(|ruling| ruling.verdict).max().unwrap_or(Verdict::Allow)
    }

    /// Returns the paths with a verdict.
    pub fn with_verdict(&self, verdict: Verdict) -> impl Iterator<Item = &Ruling> {
        self.rulings.iter().filter(move |ruling| ruling.verdict == verdict)
    }

    /// Returns the paths that others hold, whatever the policy, with who they are.
    pub fn held(&self) -> impl Iterator<Item = (&str, &[Held])> {
        self.rulings.iter().filter_map(|ruling| match &ruling.holding {
            Holding::Peers(held) => Some((ruling.path.as_str(), held.as_slice())),
            Holding::Mine { .. } | Holding::Free => None,
        })
    }
}

/// How the names of lanes begin that nobody chose: those of subagents.
const SUBAGENT_LANE: &str = "sub-";
/// How the names of lanes begin that nobody chose: those of a worktree's further sessions.
const SESSION_LANE: &str = "session-";

/// Returns the lane of a subagent: each has its own.
pub fn subagent_lane(id: &str) -> Option<Lane> {
    Lane::parse(&format!("{SUBAGENT_LANE}{}", word(id))).ok()
}

/// Returns the lane in which a session claims: none, unless the agent's first claim is a sibling's.
pub fn session_lane(board: &Board, me: &Me, session: Option<&str>) -> Option<Lane> {
    let agent = me.agent.as_ref()?;
    let first = board.claims.iter().find(|(key, _)| agent.is(key.as_str())).map(|(_, entry)| entry);
    let holder = first.filter(|entry| entry.is_active()).and_then(Entry::as_claim)?.session.as_deref()?;
    let is_siblings = me.siblings.contains(holder) && session != Some(holder);
    is_siblings.then(|| Lane::parse(&format!("{SESSION_LANE}{}", word(session?))).ok()).flatten()
}

/// Tells whether a lane was named by us, for a subagent or a further session.
pub fn is_automatic(lane: &str) -> bool {
    lane.starts_with(SUBAGENT_LANE) || lane.starts_with(SESSION_LANE)
}

/// Makes a short word of an id.
fn word(id: &str) -> String {
    id.chars().filter(char::is_ascii_alphanumeric).take(12).collect()
}
