//! agentsync: coding agents and people share one git repository without stepping on each other.
//!
//! The rooms and the arrows between them are drawn in ARCHITECTURE.md.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test that cannot go on must stop"))]

pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
pub mod demo;
pub mod forge;
pub mod git;
pub mod guard;
pub mod ledger;
pub mod lock;
pub mod mcp;
pub mod pairs;
pub mod plant;
pub mod process;
pub mod record;
pub mod report;
pub mod scratch;
pub mod sessions;
pub mod setup;
pub mod wiring;
