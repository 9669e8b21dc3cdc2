//! What agentsync does: one file per verb, and the one loop that writes.

pub mod args;
pub mod claim;
pub mod ctx;
pub mod doctor;
pub mod done;
pub mod failure;
pub mod history;
pub mod init;
pub mod mailbox;
pub mod ports;
pub mod release;
pub mod repair;
pub mod status;
pub mod survey;
pub mod update;
