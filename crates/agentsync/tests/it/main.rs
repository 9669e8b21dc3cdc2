//! The whole program on real repositories, and its ports' contracts.

mod bad_input;
mod board;
mod checks;
mod forge;
mod mixed_fleet;
mod setup;
mod shape;
mod store;

/// The program under test.
const PROGRAM: &str = env!("CARGO_BIN_EXE_agentsync");
