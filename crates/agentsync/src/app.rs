//! What agentsync does: one file per verb, and the one loop that writes.

pub mod add_collaborator;
pub mod args;
pub mod break_claim;
pub mod check_conflicts;
pub mod check_pairs;
pub mod claim;
pub mod ctx;
pub mod doctor;
pub mod done;
pub mod failure;
pub mod finish;
pub mod history;
pub mod init;
pub mod lease;
pub mod mailbox;
pub mod ports;
pub mod provision;
pub mod regions;
pub mod release;
pub mod repair;
pub mod resolve;
pub mod status;
pub mod survey;
pub mod update;
pub mod verify;
pub mod wait;
