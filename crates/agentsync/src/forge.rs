//! The forge: pull requests, repositories and invitations at GitHub, through its own program.

pub mod gh;
pub mod github;
