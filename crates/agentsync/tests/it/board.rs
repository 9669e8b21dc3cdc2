//! The verbs on a real remote, over the command line and over MCP.
