//! Why a verb has no answer, whichever part of it failed.

use agentsync_core::text::TextError;
use agentsync_core::{IdError, PathSpecError};
use thiserror::Error;

use super::ports::{Alarm, ForgeError, StoreError, WorkError};
use super::update::UpdateError;

/// What was wrong with what was asked.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum UsageError {
    /// A task, note or message.
    #[error(transparent)]
    Text(#[from] TextError),
    /// A path or glob.
    #[error(transparent)]
    Path(#[from] PathSpecError),
    /// An agent id, a lane or a branch.
    #[error(transparent)]
    Name(#[from] IdError),
    /// A claim that touches nothing.
    #[error("touches is empty: a claim names what it will change")]
    NoTouches,
    /// A status that is none.
    #[error("status `{}` is not one of planning, in-progress, done", text.escape_debug())]
    Status {
        /// The input.
        text: String,
    },
    /// A reason without a force.
    #[error("a reason is given but not force")]
    ReasonWithoutForce,
    /// A wait that is too long.
    #[error("wait_seconds is {seconds}: it must be at most 110")]
    Wait {
        /// The input.
        seconds: u64,
    },
    /// A lease that is too short.
    #[error("lease_seconds is {seconds}: it must be at least 60")]
    Lease {
        /// The input.
        seconds: u64,
    },
    /// What to do with derived requirements.
    #[error("derive_requires is `{}`: it must be off, info or block", text.escape_debug())]
    Derive {
        /// The input.
        text: String,
    },
    /// A symbolic link that leads out of the repository, or cannot be followed.
    #[error("{0}")]
    Link(String),
    /// Any other argument.
    #[error("{what}")]
    Other {
        /// What is wrong.
        what: String,
        /// What to do about it.
        fix: String,
    },
}

/// Why a verb has no answer.
#[derive(Debug, Error)]
pub enum Failure {
    /// What was asked is not possible.
    #[error(transparent)]
    Usage(#[from] UsageError),
    /// The board could not be read or written.
    #[error(transparent)]
    Update(#[from] UpdateError),
    /// The working repository could not answer.
    #[error(transparent)]
    Work(#[from] WorkError),
    /// The forge could not answer.
    #[error(transparent)]
    Forge(#[from] ForgeError),
    /// There is no claim to act on.
    #[error("{what}")]
    NoClaim {
        /// What is missing.
        what: String,
        /// What to do about it.
        fix: String,
    },
}

impl From<StoreError> for Failure {
    fn from(err: StoreError) -> Failure {
        Failure::Update(UpdateError::Store(err))
    }
}

impl From<Alarm> for Failure {
    fn from(alarm: Alarm) -> Failure {
        Failure::Update(UpdateError::Frozen(alarm))
    }
}
