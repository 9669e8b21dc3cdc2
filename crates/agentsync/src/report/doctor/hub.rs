//! Conclusions about the disk that the board is on, where it is one of this machine.

use super::Check;
use crate::app::doctor::CloneFacts;
use crate::app::ports::clone::HubFiles;

/// What broken-off pushes leave behind in a repository.
const QUARANTINE: &str = "objects/tmp_objdir-incoming-*";

/// Concludes what the remote's own files tell.
pub(super) fn checks(facts: &CloneFacts) -> Vec<Check> {
    let unseen = "not to be seen from here: the remote is on another machine";
    match &facts.hub {
        Some(hub) => vec![check_leftovers(hub), check_fsync(hub)],
        None => vec![
            Check::skipped("leftovers", unseen),
            Check::skipped("fsync", "unknown: ask whoever runs the remote about power losses"),
        ],
    }
}

/// A lock that its owner left refuses every push, for ever; a folder that one left only takes room.
fn check_leftovers(hub: &HubFiles) -> Check {
    if let Some(lock) = hub.stale_locks.first() {
        let said = format!("`{}` was left behind: no push is taken while it is there", lock.display());
        let fix = format!("see that nobody is pushing, then `rm {}`", lock.display());
        return Check::bad("leftovers", said, fix);
    }
    match hub.n_quarantines {
        0 => Check::ok("leftovers", "no lock and no broken push is left behind"),
        n_folders => {
            let folders = if n_folders == 1 { "folder" } else { "folders" };
            let said =
                format!("{n_folders} {folders} of pushes that were broken off: harmless, but they grow");
            let path = hub.path.join(QUARANTINE);
            Check::skipped("leftovers", said)
                .with_fix(format!("when nobody is pushing, `rm -r {}`", path.display()))
        }
    }
}

fn check_fsync(hub: &HubFiles) -> Check {
    if hub.is_hardened {
        return Check::ok("fsync", "yes: what is pushed survives a power loss of the remote (core.fsync)");
    }
    let said = "no: a power loss of the remote may take back the last pushes";
    Check::skipped("fsync", said).with_fix("there: git config core.fsync committed")
}
