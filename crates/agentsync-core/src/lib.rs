//! The pure core of agentsync: values in, values out.
//!
//! It knows no clock, no file, no process and no network. Whoever calls it brings the board, the
//! change and the time; it answers with a decision and the edits that would make it true.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test that cannot go on must stop"))]

pub mod audit;
pub mod board;
pub mod budget;
pub mod change;
pub mod claim;
pub mod decide;
pub mod event;
pub mod facts;
pub mod guard;
pub mod id;
pub mod outline;
pub mod overlap;
pub mod patch;
pub mod pause;
pub mod plan;
pub mod redact;
pub mod region;
pub mod relied;
pub mod semantic;
pub mod shell;
pub mod spec;
pub mod text;
pub mod time;

pub use board::{Board, Entry, Note, Superseded, Ticket};
pub use budget::{Bucket, Budget};
pub use change::{
    Author, BreakRequest, Change, ClaimRequest, Force, Intent, Lapsed, NoteRequest, StatusRequest,
    WidenRequest,
};
pub use claim::{ChangedFile, Claim, Status};
pub use decide::{
    Blocked, Conflict, Decision, Edit, Grant, Granted, Missing, Reason, ReasonKind, Replaced, Trailer,
    WaitsFor,
};
pub use id::{AgentId, BranchName, ClaimKey, IdError, InstanceId, Lane, OpId};
pub use region::{Anchor, Mode, Place, Region, SymbolPath};
pub use spec::{Dialect, PathSpec, PathSpecError};
pub use time::Timestamp;
