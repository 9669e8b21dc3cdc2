//! agentsync: coding agents and people share one git repository without stepping on each other.
//!
//! The rooms and the arrows between them are drawn in ARCHITECTURE.md.

pub mod app;
pub mod git;
pub mod report;
