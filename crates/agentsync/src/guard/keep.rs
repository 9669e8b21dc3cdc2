//! Keeps the copy of the board young, and writes what edits have claimed, while sessions are at work.

use crate::app::guard::keep::keep;
use crate::report::Exit;
use crate::wiring::App;

/// Runs the errands until no session is at work, or leaves them to the process that does.
pub fn run(app: &App) -> Exit {
    keep(&app.ctx(), &app.desk());
    Exit::Yes
}
