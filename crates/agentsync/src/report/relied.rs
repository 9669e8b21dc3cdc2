//! Who relies on whom, in words.

use agentsync_core::relied::{Reliance, Use};

use super::claim_view::{name, path};

/// How many uses of one peer's symbols, or of one's own by one peer, are named.
const MAX_NAMED: usize = 3;
/// How many are listed.
const MAX_LISTED: usize = 20;

/// Says what of a peer's is used.
pub fn on_theirs(reliance: &Reliance) -> String {
    format!("you rely on {}, which {} is changing", named(reliance), name(reliance.peer.as_str()))
}

/// Says what of one's own a peer uses.
pub fn on_mine(reliance: &Reliance) -> String {
    format!("{} relies on {}, whose signature you may change", name(reliance.peer.as_str()), named(reliance))
}

/// Returns the symbols, as they would be claimed.
pub fn symbols(reliance: &Reliance) -> impl Iterator<Item = String> {
    reliance.uses.iter().take(MAX_LISTED).map(|one| path(&format!("{}#{}", one.path, one.symbol)))
}

fn named(reliance: &Reliance) -> String {
    let word = |one: &Use| format!("`{}` ({}:{})", name(&one.symbol.to_string()), path(&one.user), one.line);
    let words: Vec<String> = reliance.uses.iter().take(MAX_NAMED).map(word).collect();
    match reliance.uses.len().saturating_sub(MAX_NAMED) {
        0 => words.join(", "),
        n_more => format!("{} and {n_more} more", words.join(", ")),
    }
}
