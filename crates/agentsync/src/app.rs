//! What agentsync does: one file per verb, and the one loop that writes.

pub mod ctx;
pub mod ports;
pub mod update;
