//! The verbs on a real remote, over the command line and over MCP.

mod budget;
mod claims;
mod mcp;
mod places;
mod relied;
mod waiting;
mod words;
