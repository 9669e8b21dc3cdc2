//! What a commit says of itself in its trailers.

use agentsync_core::audit::{Told, Writer};
use agentsync_core::{OpId, Trailer};

use super::objects::CommitInfo;

/// Reads the trailers of a commit.
///
/// They stand in the last paragraph, where no text of an agent can get to: subjects are one line.
pub fn read(commit: &CommitInfo) -> Writer {
    let last = commit.message.trim_end().rsplit("\n\n").next().unwrap_or_default();
    let of = |name: &str| {
        let lines = last.lines().filter_map(move |line| line.split_once(": "));
        let name = name.to_owned();
        lines.filter(move |(found, _)| *found == name).map(|(_, value)| value.to_owned())
    };
    let Some(op) = commit.op() else {
        return if of("Agentsync-Repair").next().is_some() { Writer::Repair } else { Writer::Other };
    };
    let tidies = of("Agentsync-Tidies").filter_map(|value| value.parse().ok()).map(Trailer::Tidies);
    let trailers = of("Agentsync-Supersedes").map(Trailer::Supersedes);
    let trailers = trailers.chain(of("Agentsync-Breaks").map(Trailer::Breaks));
    let trailers = trailers.chain(of("Agentsync-Drops").map(Trailer::Drops)).chain(tidies).collect();
    let generation = of("Agentsync-Generation").find_map(|value| value.parse().ok());
    Writer::Ours(Told { op: OpId(op.to_owned()), generation, trailers })
}
