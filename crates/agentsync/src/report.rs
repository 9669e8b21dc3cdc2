//! What all faces answer: one serialisable type per verb, with the predecessor's keys where it has
//! the verb. The MCP face sends it, `--json` prints it, and `cli::render` puts it into words.

pub mod between;
pub mod check_all;
pub mod check_conflicts;
pub mod check_pairs;
pub mod claim;
pub mod claim_view;
pub mod doctor;
pub mod failure;
pub mod finish;
pub mod gate;
pub mod history;
pub mod init;
pub mod mailbox;
pub mod own;
pub mod plan;
pub mod provision;
pub mod reconcile;
pub mod relied;
pub mod resolve;
pub mod survey;
pub mod verify;

/// What a program that called us learns from the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Yes.
    Yes,
    /// No: blocked, conflicts found, nothing to do.
    No,
    /// What was asked, or how it is set up, is wrong.
    Usage,
    /// Not finished; trying again may help.
    TryAgain,
    /// A bug of ours.
    Bug,
}

impl Exit {
    /// Returns the number.
    pub fn code(self) -> u8 {
        match self {
            Exit::Yes => 0,
            Exit::No => 1,
            Exit::Usage => 2,
            Exit::TryAgain => 3,
            Exit::Bug => 70,
        }
    }
}
