//! Init, doctor, completions and manual pages.

mod doctor;
mod init;
mod init_undo;
mod pages;

use agentsync_lab::lab::Lab;

fn lab() -> Lab {
    Lab::new(env!("CARGO_BIN_EXE_agentsync"))
}
