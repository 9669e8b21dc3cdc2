//! The face that hooks call, those of clients and git's own: an event in, a refusal or nothing out.

pub mod answer;
pub mod client;
pub mod git_hook;
pub mod hook;
pub mod keep;
pub mod payload;
pub mod receive;
pub mod resolve;
