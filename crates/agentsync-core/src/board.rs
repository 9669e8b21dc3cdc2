//! The whole document, as the core sees it.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use crate::claim::Claim;
use crate::id::{AgentId, ClaimKey, InstanceId, OpId};
use crate::spec::PathSpec;
use crate::time::Timestamp;

/// What stands under one key of the board.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Entry {
    /// A claim we can read.
    Claim(Box<Claim>),
    /// Something we cannot read; it counts as claiming everything.
    Unreadable {
        /// What is wrong with it.
        why: String,
    },
}

impl Entry {
    /// Returns the claim, or `None` for an entry we cannot read.
    pub fn as_claim(&self) -> Option<&Claim> {
        match self {
            Entry::Claim(claim) => Some(claim),
            Entry::Unreadable { .. } => None,
        }
    }

    /// Tells whether the entry blocks others. What cannot be read does.
    pub fn is_active(&self) -> bool {
        self.as_claim().is_none_or(Claim::is_active)
    }
}

/// One message in the mailbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// Who wrote it.
    pub from: String,
    /// Whom it is for; `None` for everybody.
    pub to: Option<String>,
    /// The message, as its author wrote it.
    pub message: String,
    /// When, by the author's clock.
    pub at: Option<Timestamp>,
    /// The change that posted it.
    pub op: Option<OpId>,
}

impl Note {
    /// Tells whether `agent` should read the note: it is for everybody, for it, or by it.
    pub fn concerns(&self, agent: &AgentId) -> bool {
        agent.is(&self.from) || self.to.as_deref().is_none_or(|to| agent.is(to))
    }
}

/// A place in the line for files that others hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// Whose, and for which of its claims.
    pub key: ClaimKey,
    /// What will be built.
    pub task: String,
    /// What it will change.
    pub touches: Vec<PathSpec>,
    /// What it relies on.
    pub requires: Vec<PathSpec>,
    /// The branch the work will live on.
    pub branch: Option<String>,
    /// Since when, by its owner's clock.
    pub since: Option<Timestamp>,
    /// The worktree that waits.
    pub instance: Option<InstanceId>,
    /// The change that wrote it.
    pub op: OpId,
}

/// A claim that somebody else took away from its holder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Superseded {
    /// Whose claim it was.
    pub key: ClaimKey,
    /// Its fencing number.
    pub generation: Option<u64>,
    /// Who took it.
    pub by: String,
    /// When, by the taker's clock.
    pub at: Option<Timestamp>,
    /// Why: that its lease had lapsed, or what the person said who broke it.
    pub reason: String,
}

/// Every claim and note at one tip of the coordination branch.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Board {
    /// The claims, by key.
    pub claims: BTreeMap<ClaimKey, Entry>,
    /// The mailbox, oldest first.
    pub notes: Vec<Note>,
    /// Who waits, in order of arrival.
    pub waiting: Vec<Ticket>,
    /// Claims that were taken from holders who do not know it yet, oldest first.
    pub superseded: Vec<Superseded>,
    /// The largest fencing number ever granted here.
    pub generation: u64,
}

impl Board {
    /// Returns the claims of `agent`, done ones too, its first claim before its lanes.
    pub fn claims_of<'a>(&'a self, agent: &'a AgentId) -> impl Iterator<Item = (&'a ClaimKey, &'a Claim)> {
        self.claims
            .iter()
            .filter(|(key, _)| agent.is(key.agent()))
            .filter_map(|(key, entry)| Some((key, entry.as_claim()?)))
    }

    /// Returns the entries of everybody but `agent`.
    pub fn peers_of<'a>(&'a self, agent: &'a AgentId) -> impl Iterator<Item = (&'a ClaimKey, &'a Entry)> {
        self.claims.iter().filter(|(key, _)| !agent.is(key.agent()))
    }

    /// Returns when a claim was last written, by its holder's clock.
    pub fn newest(&self) -> Option<Timestamp> {
        self.claims.values().filter_map(|entry| entry.as_claim()?.updated_at).max()
    }
}
