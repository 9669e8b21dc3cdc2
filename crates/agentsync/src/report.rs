//! What all faces answer: one serialisable type per verb, with the predecessor's keys where it has
//! the verb. The MCP face sends it, `--json` prints it, and `cli::render` puts it into words.

pub mod claim_view;
