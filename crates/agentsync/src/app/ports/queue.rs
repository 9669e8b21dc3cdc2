//! Where the changes of all processes of a clone wait, until one of them carries them to the board.
//!
//! Correctness never depends on it: a queue that loses everything makes writing slower, and nothing else.
//! It may even let two lead at once, as long as no change is aboard of both, and none is taken for left
//! behind whose leader lives: a change that two push in different company could be told of the wrong one.

use std::time::Duration;

use agentsync_core::{Change, OpId, Timestamp};

use super::board::{StoreError, Tip};
use crate::app::update::{Answer, UpdateError};

/// How a change ended: what its author is told.
pub type Outcome = Result<Answer, UpdateError>;

/// The queue of one board in one clone.
pub trait Queue: Send + Sync {
    /// Takes the lead, unless another process has it. Never waits.
    fn try_lead(&self) -> Option<Box<dyn Lead + '_>>;
    /// Puts a change where whoever leads finds it.
    fn submit(&self, change: &Change) -> Result<Box<dyn Ride + '_>, StoreError>;
    /// Remembers on what board changes were pushed whose fate is not known, for whoever asks later.
    fn leave_open(&self, _: &Batch) {}
    /// Returns the board that a change of unknown fate was pushed on last, if that is remembered.
    fn left_open(&self, _: &OpId) -> Option<Pushed> {
        None
    }
}

/// The board that a change was pushed on.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Pushed {
    /// Its tip; `None` while there was no branch.
    pub on: Option<Tip>,
}

/// A change that waits for whoever leads.
pub trait Ride {
    /// Returns the answer, once there is one.
    fn outcome(&self) -> Option<Outcome>;
    /// Says for how long whoever leads has no leave to push, and why.
    fn held(&self) -> Option<(Duration, String)> {
        None
    }
    /// Takes the change back; `false` when a leader has taken it and may be writing it.
    fn withdraw(&self) -> bool;
}

/// The right to carry the queue's changes. It ends with the value, or with its process.
pub trait Lead {
    /// Returns what a leader that was killed was about to write, or may have written.
    fn left_behind(&mut self) -> Option<Batch>;
    /// Takes the changes that wait, in order of arrival. Those of processes that are gone are dropped.
    fn board(&mut self) -> Vec<Change>;
    /// Notes what is about to be pushed, so that it is recognised if this process is killed.
    fn depart(&mut self, batch: &Batch) -> Result<(), StoreError>;
    /// Notes that nothing is under way any more: it was applied, or can never be.
    fn arrive(&mut self);
    /// Leaves what is aboard, and what is noted of it, to the next leader: it may be on the board, now or later.
    fn leave_adrift(&mut self) {}
    /// Tells the author of a change how it ended.
    fn answer(&mut self, op: &OpId, outcome: &Outcome);
    /// Lets those who wait know that for so long there is no leave to push: they need not go alone.
    fn hold(&mut self, _time: Duration, _why: &str) {}
    /// Puts a change back, for the next leader.
    fn put_back(&mut self, op: &OpId);
}

/// Changes that were decided together on one board: deciding them again gives the same commits.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Batch {
    /// The tip they were decided on; `None` while there was no branch.
    pub base: Option<Tip>,
    /// When.
    pub at: Timestamp,
    /// The changes, in order.
    pub changes: Vec<Change>,
}

/// A queue for one: every process carries its own changes.
#[derive(Debug)]
pub struct NoQueue;

impl Queue for NoQueue {
    fn try_lead(&self) -> Option<Box<dyn Lead + '_>> {
        Some(Box::new(NoQueue))
    }

    fn submit(&self, _: &Change) -> Result<Box<dyn Ride + '_>, StoreError> {
        Ok(Box::new(NoQueue))
    }
}

impl Ride for NoQueue {
    fn outcome(&self) -> Option<Outcome> {
        None
    }

    fn withdraw(&self) -> bool {
        true
    }
}

impl Lead for NoQueue {
    fn left_behind(&mut self) -> Option<Batch> {
        None
    }

    fn board(&mut self) -> Vec<Change> {
        Vec::new()
    }

    fn depart(&mut self, _: &Batch) -> Result<(), StoreError> {
        Ok(())
    }

    fn arrive(&mut self) {}

    fn answer(&mut self, _: &OpId, _: &Outcome) {}

    fn put_back(&mut self, _: &OpId) {}
}
