//! What every verb is given: who asks, the ports, and the settings.

use std::time::Duration;

use agentsync_core::{Author, OpId};

use super::ports::queue::Queue;
use super::ports::recorder::Recorder;
use super::ports::{Boards, Caller, Checkout, Clock, Comparisons, Forge, Store, Work};
use super::relied::Derive;

/// What a verb needs, besides its arguments.
pub struct Ctx<'a> {
    /// Who asks.
    pub me: &'a Author,
    /// The shared board.
    pub store: &'a dyn Store,
    /// Where changes wait to be written together with those of other processes.
    pub queue: &'a dyn Queue,
    /// The working repository.
    pub work: &'a dyn Work,
    /// Compares commits.
    pub pairs: &'a dyn Comparisons,
    /// The forge.
    pub forge: &'a dyn Forge,
    /// The user's clone, for what may change it.
    pub checkout: &'a dyn Checkout,
    /// Opens the board anew.
    pub boards: &'a dyn Boards,
    /// The clock.
    pub clock: &'a dyn Clock,
    /// Makes random ids and jitter.
    pub dice: &'a dyn Dice,
    /// The settings.
    pub settings: &'a Settings,
    /// Whoever waits for the answer.
    pub caller: &'a dyn Caller,
    /// Keeps what was asked and answered.
    pub recorder: &'a dyn Recorder,
}

/// Makes what must not repeat or coincide.
pub trait Dice: Send + Sync {
    /// Returns a new id for a change: 128 random bits in hex.
    fn op(&self) -> OpId;
    /// Returns a time between nothing and `max`, evenly.
    fn jitter(&self, max: Duration) -> Duration;
}

/// What can be set, resolved.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The remote's name.
    pub remote: String,
    /// The coordination branch's name.
    pub branch: String,
    /// How the board's repository was found: `AGENTSYNC_BOARD_REPO`, `AGENTSYNC_REPO`, `git config` or `current folder`.
    pub board_source: String,
    /// Hours after which an active claim that shows no life is called stale.
    pub stale_hours: f64,
    /// How long one write may take in all.
    pub deadline: Duration,
    /// The lease of claims that ask for none, in seconds; `None` for ever.
    pub lease: Option<u64>,
    /// What is done with what a claim relies on without saying so.
    pub derive: Derive,
    /// People to invite when a repository is provisioned.
    pub partners: Vec<String>,
    /// Whether branches without a claim are looked up.
    pub lists_unclaimed: bool,
}
