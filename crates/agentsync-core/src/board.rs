//! The whole document, as the core sees it.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use crate::claim::Claim;
use crate::id::{AgentId, ClaimKey, OpId};
use crate::time::Timestamp;

/// What stands under one key of the board.
#[derive(Debug, Clone, PartialEq, Eq)]
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

/// Every claim and note at one tip of the coordination branch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Board {
    /// The claims, by key.
    pub claims: BTreeMap<ClaimKey, Entry>,
    /// The mailbox, oldest first.
    pub notes: Vec<Note>,
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
}
