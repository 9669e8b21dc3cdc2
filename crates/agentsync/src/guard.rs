//! The face that clients' hooks call: an event on the standard input, a refusal or nothing on the output.

pub mod answer;
pub mod client;
pub mod hook;
pub mod keep;
pub mod payload;
pub mod receive;
pub mod resolve;
