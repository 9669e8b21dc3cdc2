//! The whole program on real repositories, and its ports' contracts.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "test code: what does not fit must stop the test"
)]

mod bad_input;
mod board;
mod checks;
mod crowd;
mod forge;
mod gate;
mod guard;
mod mixed_fleet;
mod reconcile;
mod recorded;
mod rows;
mod semantic;
mod setup;
mod shape;
mod store;
mod verify;

/// Returns the failure that a tool answered.
fn failure(result: &serde_json::Value) -> serde_json::Value {
    assert_eq!(result.get("structuredContent"), None, "a failure is no answer by the output schema");
    serde_json::from_str(result["content"][0]["text"].as_str().unwrap()).unwrap()
}

/// The program under test.
const PROGRAM: &str = env!("CARGO_BIN_EXE_agentsync");
