//! The command line: arguments in, an answer and an exit code out.

pub mod args;
pub mod page;
pub mod render;
pub mod run;
