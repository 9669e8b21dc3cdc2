//! What a session is told when it begins and when it stops: the board in a few lines.

use agentsync_core::{Board, Claim, ClaimKey, Entry, PathSpec};

use super::words::{ago, list, quote};
use super::{Scene, View};
use crate::app::ports::desk::Memory;
use agentsync_core::text::one_line;

/// How many peers are named.
const MAX_PEERS: usize = 10;

/// Tells a session that begins who it is, what others hold, and what happens to its edits.
pub fn start(scene: &Scene<'_>, view: &View) -> Vec<String> {
    let board = &view.board;
    let seen = ago(u64::try_from(view.age / 1_000_000).unwrap_or(0));
    let peers: Vec<(&ClaimKey, &Entry)> =
        board.peers_of(&scene.who.agent).filter(|(_, entry)| entry.is_active()).collect();
    let mut lines = vec![format!(
        "agentsync: several agents share this repository; here you are {}. An edit of a file that another agent has claimed is refused with who and why; an edit of a free file claims it for you. (Board seen {seen}.)",
        scene.who.agent
    )];
    lines.extend(peers.iter().take(MAX_PEERS).map(|(key, entry)| peer(scene, key, entry)));
    match peers.len() {
        0 => lines.push("Nobody else holds anything.".to_owned()),
        n_peers if n_peers > MAX_PEERS => {
            lines.push(format!("{} more claims: survey() shows all.", n_peers - MAX_PEERS));
        }
        _ => {}
    }
    lines.extend(scene.own(board).map(|(key, claim)| format!("You hold {}.", own(key, claim))));
    let n_notes =
        board.notes.iter().filter(|note| note.to.as_deref().is_some_and(|to| scene.who.agent.is(to))).count();
    if n_notes > 0 {
        lines.push(format!("Notes for you: {n_notes}; mailbox() reads them."));
    }
    lines
}

/// Reminds a session that stops of what it holds, once for each state of its claims.
pub fn stop(scene: &Scene<'_>, memory: &mut Memory, board: &Board) -> Option<String> {
    let held: Vec<String> = scene.own(board).map(|(key, claim)| own(key, claim)).collect();
    if held.is_empty() || !memory.told.insert(format!("held {}", held.join(" "))) {
        return None;
    }
    Some(format!(
        "agentsync: still claimed for you: {}. When the work is pushed, finish() marks it done; release() frees what is no longer needed.",
        held.join("; ")
    ))
}

fn peer(scene: &Scene<'_>, key: &ClaimKey, entry: &Entry) -> String {
    let Entry::Claim(claim) = entry else {
        return format!("- {}: an entry that cannot be read", one_line(key.as_str()));
    };
    let since = claim.updated_at.map(|at| scene.now.0.saturating_sub(at.0) / 1_000_000);
    let since = since.map(|seconds| format!(", {}", ago(u64::try_from(seconds).unwrap_or(0))));
    format!("- {}{}", own(key, claim), since.unwrap_or_default())
}

/// Names a claim: whose, what, and for what.
fn own(key: &ClaimKey, claim: &Claim) -> String {
    let touches: Vec<&str> = claim.touches.iter().map(PathSpec::as_str).collect();
    format!("{}: {} ({})", one_line(key.as_str()), list(&touches), quote(&claim.task))
}
