//! The audit of the coordination branch: what is wrong with its commits, and who signed them.

use std::collections::BTreeMap;
use std::fmt::Debug;

use agentsync_core::ClaimKey;
use agentsync_core::audit::Standing;
use serde::{Deserialize, Serialize};

use super::{StoreError, Tip};

/// Which part of the branch to audit. Ids may be shortened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditRange {
    /// Begin after this commit; with the first one if there is none.
    pub after: Option<String>,
    /// End with this commit; with the tip if there is none.
    pub until: Option<String>,
    /// Whether `until` alone is meant.
    pub is_one: bool,
}

/// One thing that is wrong with a commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// A word for programs.
    pub word: String,
    /// What the commit does, for people.
    pub what: String,
}

/// A commit with which something is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BadCommit {
    /// Its id.
    pub commit: Tip,
    /// When it was made, by its author's clock.
    pub at: String,
    /// Its author's name in git.
    pub by: String,
    /// Its subject.
    pub subject: String,
    /// Whether another program wrote it, which is not held to our rules.
    pub is_unverified: bool,
    /// Whether only its signature is missing or wrong.
    pub is_about_signature: bool,
    /// What is wrong.
    pub faults: Vec<Fault>,
}

/// What is known of the commits that led to a board.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// Those with which something is wrong, the newest first; only some of them when there are many.
    pub bad: Vec<BadCommit>,
    /// How many there are.
    pub n_bad: u64,
    /// How far the author of each entry can be believed; absent where its commit is not here.
    pub standing: BTreeMap<ClaimKey, Standing>,
}

/// What an audit came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Audited {
    /// The last commit that was looked at; `None` when there is no branch.
    pub tip: Option<Tip>,
    /// How many commits were looked at.
    pub n_commits: u64,
    /// How many of them another program wrote.
    pub n_unverified: u64,
    /// How many carry a signature of their agent's.
    pub n_verified: u64,
    /// Whether there is a file of signers to check signatures by.
    pub has_signers: bool,
    /// Those with which something is wrong, the oldest first.
    pub bad: Vec<BadCommit>,
}

/// How signing is set up here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningFacts {
    /// The key that commits are signed with; `None` when they are not, else why it cannot be used.
    pub key: Option<Result<String, (String, String)>>,
    /// How many keys the file of signers has; `None` without a file, else why it cannot be trusted.
    pub signers: Option<Result<usize, String>>,
    /// Whether commits that are not signed freeze writes here.
    pub is_required: bool,
}

/// Audits the branch.
pub trait Auditor: Send + Sync {
    /// Audits a range, fetching all of the history.
    fn audit(&self, range: &AuditRange) -> Result<Audited, StoreError>;
    /// Takes what was found so far as looked at, in this clone; returns how many commits that were.
    fn accept_found(&self) -> Result<u64, StoreError>;
    /// Says how signing is set up.
    fn signing(&self) -> SigningFacts;
}

/// Where the file of signers comes from: never from the branch it vouches for.
pub trait SignersSource: Debug + Send + Sync {
    /// Returns the file as it stands on the default branch, or `None` when there is none.
    fn signers(&self) -> Result<Option<Vec<u8>>, String>;
}
