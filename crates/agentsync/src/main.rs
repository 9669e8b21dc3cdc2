//! The program: everything happens in the library's rooms.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(agentsync_mcp::cli::run::main())
}
