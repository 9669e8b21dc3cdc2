//! The command line: arguments in, an answer and an exit code out.

pub mod args;
mod check;
mod gate;
pub mod page;
pub mod pages;
mod pairs;
mod reconcile;
pub mod render;
pub mod run;
pub mod screen;
pub mod setup;
pub mod verbs;
