//! The predecessor and agentsync on one branch.
