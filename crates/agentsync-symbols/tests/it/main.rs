//! The extractors on cases written by hand, and on what no hand would write.

#![expect(clippy::unwrap_used, reason = "test code: what does not fit must stop the test")]

mod cases;
mod hashes;
mod hostile;
mod render;
