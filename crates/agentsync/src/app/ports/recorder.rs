//! Keeps what was asked and what was answered, for those who check it afterwards.

use agentsync_core::{AgentId, Change, OpId};

use super::board::{Snapshot, StoreError};
use super::queue::{Batch, Outcome};

/// Keeps what was asked and what was answered. Nothing depends on it.
pub trait Recorder: Send + Sync {
    /// A change is about to be written.
    fn asked(&self, change: &Change);
    /// These changes, perhaps of several processes, are about to be swapped in.
    fn swapping(&self, batch: &Batch);
    /// This is how the change ended.
    fn answered(&self, op: &OpId, outcome: &Outcome);
    /// The board is about to be shown to `agent`; returns the number of this look.
    fn looked(&self, agent: &AgentId) -> u64;
    /// This is the board that was shown.
    fn saw(&self, look: u64, seen: Result<&Snapshot, &StoreError>);
}

/// Keeps nothing.
#[derive(Debug)]
pub struct Unrecorded;

impl Recorder for Unrecorded {
    fn asked(&self, _: &Change) {}

    fn swapping(&self, _: &Batch) {}

    fn answered(&self, _: &OpId, _: &Outcome) {}

    fn looked(&self, _: &AgentId) -> u64 {
        0
    }

    fn saw(&self, _: u64, _: Result<&Snapshot, &StoreError>) {}
}
