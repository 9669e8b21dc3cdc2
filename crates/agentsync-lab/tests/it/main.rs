//! The lab's own tests: what it promises to the tests of agentsync.

mod gh;
mod host;
mod lab;
mod mcp;

/// Stands where the tests of the program put `env!("CARGO_BIN_EXE_agentsync")`.
const PROGRAM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/fake-agentsync.sh");
