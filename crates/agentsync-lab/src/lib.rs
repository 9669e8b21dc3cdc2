//! A hermetic laboratory: hubs, clones, hosts and stand-ins for the tests and benches of agentsync.
//!
//! Nothing of the machine leaks in: every process starts with an empty environment, a home of its
//! own and one configuration file. Nothing leaks out: all files lie in one temporary folder, all
//! connections on the loopback.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::disallowed_methods,
    reason = "the lab is test code: a broken lab must stop the test"
)]
#![expect(clippy::return_self_not_must_use, reason = "a check returns what it checked, for those who care")]

pub mod answer;
pub mod checkout;
pub mod gh;
mod ground;
pub mod http;
mod hub;
pub mod keys;
pub mod lab;
pub mod mcp;
pub mod witness;
