//! Reports in words.

mod all;
mod board;
mod check;
mod finding;
mod forge;
mod gate;
mod own;
mod plan;
mod reconcile;
mod setup;
mod verify;

pub use board::{claim, survey};
pub use check::check_conflicts;
pub use forge::{add_collaborator, finish, provision};
pub use gate::gate;
pub use own::{break_claim, failure, history, mailbox, release, repair, resolve, status};
pub use plan::plan;
pub use reconcile::reconcile;
pub use setup::{doctor, init, init_plan};
pub use verify::{accept, verify};

/// Renders hours as people say them.
fn age(hours: f64) -> String {
    match hours {
        _ if hours < 0.0 => "in the future, by your clock".to_owned(),
        _ if hours < 0.1 => "just now".to_owned(),
        _ if hours < 2.0 => format!("{:.0} min ago", hours * 60.0),
        _ if hours < 48.0 => format!("{hours:.0} h ago"),
        _ => format!("{:.0} days ago", hours / 24.0),
    }
}
