//! Bugs on purpose: each can be planted in a build with the feature `teeth`, to see what catches it.
//! Without the feature nothing of this is in the program.

pub mod steps;

/// A bug that can be planted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plant {
    /// A change gets a new id with every try, and nobody looks for the old one.
    NoOpId,
    /// Silence at the deadline is called a failure.
    FailedOnTimeout,
    /// After a rejection the old decision is written on the new board.
    NoRecheck,
    /// A push overwrites whatever is there.
    PlainPush,
    /// The whole document is rendered anew at each write.
    ReserialisePeers,
    /// Leases lapse by wall clocks.
    WallClock,
    /// Neither a lock here nor compare-and-swap there.
    NoCas,
    /// A branch that was deleted, rolled back or rewritten is taken as it is.
    NoChainCheck,
}

impl Plant {
    /// All of them.
    pub const ALL: [Plant; 8] = [
        Plant::NoOpId,
        Plant::FailedOnTimeout,
        Plant::NoRecheck,
        Plant::PlainPush,
        Plant::ReserialisePeers,
        Plant::WallClock,
        Plant::NoCas,
        Plant::NoChainCheck,
    ];
}

#[cfg(feature = "teeth")]
thread_local! {
    static PLANTED: std::cell::Cell<Option<Plant>> = const { std::cell::Cell::new(None) };
}

/// Plants a bug for this thread, or takes it out.
#[cfg(feature = "teeth")]
pub fn plant(bug: Option<Plant>) {
    PLANTED.set(bug);
}

/// Tells whether a bug is planted.
#[cfg(feature = "teeth")]
pub fn is_planted(bug: Plant) -> bool {
    PLANTED.get() == Some(bug)
}

/// Tells whether a bug is planted: never, in a build without the feature.
#[cfg(not(feature = "teeth"))]
pub const fn is_planted(_: Plant) -> bool {
    false
}
