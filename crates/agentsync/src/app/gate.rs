//! Compares what a branch changes with what others have claimed: the gate of a pull request.

use agentsync_core::Timestamp;
use agentsync_core::guard::{Arrival, Gated, Me, Policy, Target, gate as judge};
use agentsync_core::text::one_line;

use super::failure::{Failure, UsageError};
use super::guard::narrow;
use super::guard::settings::Unsure;
use super::ports::gate::{Changes, Range};
use super::ports::{Freshness, Snapshot, Store, StoreError, Tip};

/// How often more of the board's history is fetched for the commit that was named.
const MAX_LOOKS: u32 = 10;

/// What is asked of a gate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GateRequest {
    /// Where the work is to land.
    pub base: String,
    /// The work.
    pub head: String,
    /// The board to compare with; the one that stands there now if none is named.
    pub board: Option<Tip>,
    /// The branch of the work, whose claims are its own.
    pub branch: Option<String>,
    /// What follows from a finding.
    pub policy: Policy,
    /// What follows when the board cannot be asked.
    pub unsure: Unsure,
}

/// What a gate came to.
#[derive(Debug)]
pub struct Gate {
    /// What was asked.
    pub request: GateRequest,
    /// What changes.
    pub range: Range,
    /// The commit of the board that it was compared with, if there was one.
    pub board: Option<Tip>,
    /// What was found.
    pub gated: Gated,
    /// What could not be found out.
    pub warnings: Vec<String>,
}

impl Gate {
    /// Tells whether the work is refused.
    pub fn is_refused(&self) -> bool {
        let is_unsure = !self.warnings.is_empty() && self.request.unsure == Unsure::Block;
        match self.request.policy {
            Policy::Off | Policy::Warn => false,
            Policy::Block => self.gated.is_refused(Policy::Block) || is_unsure,
        }
    }
}

/// Parses `A..B`; `A...B` is the same.
pub fn parse_range(text: &str) -> Result<(String, String), UsageError> {
    let parts = text.split_once("...").or_else(|| text.split_once(".."));
    let is_name = |name: &str| !name.is_empty() && !name.starts_with('-') && !name.contains("..");
    match parts {
        Some((base, head)) if is_name(base) && (is_name(head) || head.is_empty()) => {
            Ok((base.to_owned(), if head.is_empty() { "HEAD" } else { head }.to_owned()))
        }
        _ => Err(UsageError::Other {
            what: format!("`{}` is no range of commits", text.escape_debug()),
            fix: "name where the work is to land and the work itself: --range origin/main..HEAD".to_owned(),
        }),
    }
}

/// Parses the commit of a board.
pub fn parse_board(text: &str) -> Result<Tip, UsageError> {
    let is_id = matches!(text.len(), 40 | 64) && text.chars().all(|c| c.is_ascii_hexdigit());
    match is_id {
        true => Ok(Tip(text.to_ascii_lowercase())),
        false => Err(UsageError::Other {
            what: format!("`{}` is no full commit id", text.escape_debug()),
            fix: "give all digits of a commit of the coordination branch, as the gate printed them"
                .to_owned(),
        }),
    }
}

/// Compares what a branch changes with the board.
pub fn gate(
    store: &dyn Store,
    changes: &dyn Changes,
    request: GateRequest,
    now: Timestamp,
) -> Result<Gate, Failure> {
    let range = changes.range(&request.base, &request.head)?;
    let mut gate = Gate { request, range, board: None, gated: Gated::default(), warnings: Vec::new() };
    gate.gated.n_paths = gate.range.paths.len();
    if gate.request.policy == Policy::Off {
        return Ok(gate);
    }
    match read(store, gate.request.board.as_ref()) {
        Err(err) => gate.warnings.push(format!("the board cannot be asked: {}", one_line(&err.to_string()))),
        Ok(snapshot) => compare(&mut gate, changes, &snapshot, now),
    }
    Ok(gate)
}

fn compare(gate: &mut Gate, changes: &dyn Changes, snapshot: &Snapshot, now: Timestamp) {
    if snapshot.tip.is_none() {
        gate.warnings.push("there is no board at the remote: nothing is claimed".to_owned());
    }
    let alarm = snapshot.alarm.as_ref();
    gate.warnings
        .extend(alarm.map(|alarm| format!("the board may be wrong: {}", one_line(&alarm.to_string()))));
    let (targets, strange): (Vec<_>, Vec<_>) = gate
        .range
        .paths
        .iter()
        .map(|path| (path, Target::parse(path, &[])))
        .partition(|(_, read)| read.is_ok());
    let targets: Vec<Target> = targets.into_iter().filter_map(|(_, target)| target.ok()).collect();
    let strange = strange.iter().map(|(path, _)| format!("{} cannot be compared", one_line(path)));
    gate.warnings.extend(strange);
    let targets =
        narrow(&snapshot.board, &targets, &|target| changes.changed_symbols(&gate.range, target.as_str()));
    let me = Me { branch: gate.request.branch.clone(), ..Me::default() };
    let n_paths = gate.gated.n_paths;
    gate.gated = Gated { n_paths, ..judge(&snapshot.board, &me, &targets, &Arrival::Requested, now) };
    gate.board.clone_from(&snapshot.tip);
    gate.warnings.extend(unreadable(&gate.gated));
}

/// Says which entries may hold anything.
pub(super) fn unreadable(gated: &Gated) -> impl Iterator<Item = String> {
    gated.unreadable.iter().map(|(key, why)| {
        format!("the entry of {} cannot be read ({})", one_line(key.as_str()), one_line(why))
    })
}

/// Reads the board, as it stands now or as it stood at a commit.
fn read(store: &dyn Store, at: Option<&Tip>) -> Result<Snapshot, StoreError> {
    let now = store.read(Freshness::Now);
    let Some(tip) = at else { return now };
    // What stands there now need not be readable; what stood there then must.
    if let Err(err) = now
        && !matches!(err, StoreError::Unreadable { .. })
    {
        return Err(err);
    }
    let mut found = store.at(Some(tip));
    for _ in 1..MAX_LOOKS {
        // Each look fetches a piece more of the history.
        if matches!(found, Ok(_) | Err(StoreError::Unreadable { .. })) {
            return found;
        }
        found = store.at(Some(tip));
    }
    found.map_err(|err| match err {
        StoreError::Cache { .. } => StoreError::NoSuchCommit { id: tip.0.clone(), is_ambiguous: false },
        other => other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_names_where_to_land_and_the_work() {
        let names = |text: &str| parse_range(text).map(|(base, head)| format!("{base} {head}"));
        assert_eq!(names("origin/main..HEAD").unwrap(), "origin/main HEAD");
        assert_eq!(names("main...a/b").unwrap(), "main a/b");
        assert_eq!(names("main..").unwrap(), "main HEAD");
        for bad in ["", "main", "..HEAD", "-x..y", "a..-b", "a..b..c"] {
            assert!(parse_range(bad).is_err(), "{bad}");
        }
        assert!(parse_board(&"a".repeat(40)).is_ok() && parse_board("abc").is_err());
    }
}
