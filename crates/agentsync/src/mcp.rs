//! The MCP server: the same verbs, for agents.

pub mod caller;
pub mod params;
pub mod playbook;
pub mod portable;
pub mod resources;
pub mod server;
pub mod stdio;
pub mod tools_board;
pub mod tools_check;
pub mod tools_forge;
pub mod watch;
