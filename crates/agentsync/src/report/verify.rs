//! What `verify` answers.

use agentsync_core::text::one_line;
use schemars::JsonSchema;
use serde::Serialize;

use super::Exit;
use crate::app::ports::audit::{Audited, BadCommit};

/// A commit with which something is wrong. Its subject is its author's words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct BadCommitView {
    /// The commit.
    pub commit: String,
    /// When, RFC 3339, by its author's clock.
    pub at: String,
    /// Its author's name in git.
    pub by: String,
    /// Its subject.
    pub subject: String,
    /// Whether another program wrote it, which knows nothing of our rules.
    pub unverified: bool,
    /// What is wrong, each with a word for programs.
    pub faults: Vec<FaultView>,
}

/// One thing that is wrong with a commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FaultView {
    /// A word for programs; it does not change between versions.
    pub fault: String,
    /// What the commit does.
    pub what: String,
}

/// How many faults of one commit a survey shows.
const BRIEF_FAULTS: usize = 3;

impl BadCommitView {
    /// Shows a commit with its first faults.
    pub fn brief(bad: &BadCommit) -> BadCommitView {
        let mut view = BadCommitView::of(bad);
        view.faults.truncate(BRIEF_FAULTS);
        view
    }

    /// Shows a commit.
    pub fn of(bad: &BadCommit) -> BadCommitView {
        let fault = |fault: &crate::app::ports::audit::Fault| FaultView {
            fault: fault.word.clone(),
            what: one_line(&fault.what),
        };
        BadCommitView {
            commit: bad.commit.0.clone(),
            at: bad.at.clone(),
            by: bad.by.clone(),
            subject: bad.subject.clone(),
            unverified: bad.is_unverified,
            faults: bad.faults.iter().map(fault).collect(),
        }
    }
}

/// Whether the branch is as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct VerifyReport {
    /// `sound` or `bad`.
    pub status: &'static str,
    /// The coordination branch.
    pub branch: String,
    /// The last commit that was looked at; null when there is no branch.
    #[schemars(with = "serde_json::Value")]
    pub tip: Option<String>,
    /// How many commits were looked at.
    pub commits: u64,
    /// How many of them another program wrote.
    pub unverified: u64,
    /// How many were signed by their agent; null without a file of signers.
    #[schemars(with = "serde_json::Value")]
    pub signed: Option<u64>,
    /// The commits with which something is wrong, the oldest first.
    pub bad: Vec<BadCommitView>,
    /// The best next call.
    pub next: String,
}

impl VerifyReport {
    /// Reports an audit.
    pub fn of(audited: &Audited, branch: &str) -> VerifyReport {
        let is_sound = audited.bad.is_empty();
        let next = match is_sound {
            true => "agentsync survey",
            false => {
                "ask their authors; when all is settled, `agentsync verify --accept` stops the warnings in this clone"
            }
        };
        VerifyReport {
            status: if is_sound { "sound" } else { "bad" },
            branch: branch.to_owned(),
            tip: audited.tip.as_ref().map(|tip| tip.0.clone()),
            commits: audited.n_commits,
            unverified: audited.n_unverified,
            signed: audited.has_signers.then_some(audited.n_verified),
            bad: audited.bad.iter().map(BadCommitView::of).collect(),
            next: next.to_owned(),
        }
    }

    /// Returns how the program ends.
    pub fn exit(&self) -> Exit {
        if self.bad.is_empty() { Exit::Yes } else { Exit::No }
    }
}

/// What was taken as looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AcceptReport {
    /// Always `accepted`.
    pub status: &'static str,
    /// How many commits that were.
    pub commits: u64,
    /// The best next call.
    pub next: String,
}

impl AcceptReport {
    /// Reports how many commits were accepted.
    pub fn of(n_commits: u64) -> AcceptReport {
        AcceptReport { status: "accepted", commits: n_commits, next: "agentsync survey".to_owned() }
    }
}
