//! What the audit has found so far in this clone: one small file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use agentsync_core::audit::Signature;
use serde::{Deserialize, Serialize};

use crate::app::ports::audit::BadCommit;
use crate::ledger::cache::write_atomic;

/// The shape of the file; one of another shape is begun anew.
const SHAPE: u32 = 1;
/// How many changes are remembered, to recognise one that comes again.
const MAX_OPS: usize = 512;
/// How many bad commits are kept with what is wrong with them.
const MAX_BAD: usize = 20;

/// What was found up to a tip.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    shape: u32,
    /// Up to which commit.
    pub tip: String,
    /// The last changes on the branch, the newest last.
    pub ops: Vec<String>,
    /// The newest bad commits, the newest last.
    pub bad: Vec<BadCommit>,
    /// How many there were.
    pub n_bad: u64,
    /// Which commit wrote each entry last; empty where that is not known.
    pub writers: BTreeMap<String, String>,
    /// Whether any commit carried a signature.
    pub has_signed: bool,
    /// The file of signers that the verdicts are from.
    pub root: String,
    /// Who signed the commits that are named above.
    pub verdicts: BTreeMap<String, Signature>,
}

impl State {
    /// Loads the state kept in `dir`; an empty one when there is none.
    pub fn load(dir: &Path) -> State {
        let text = std::fs::read(file(dir)).ok();
        let state: Option<State> = text.and_then(|text| serde_json::from_slice(&text).ok());
        state.filter(|state| state.shape == SHAPE).unwrap_or_default()
    }

    /// Keeps the state in `dir`. Without it the audit begins anew at the next tip.
    pub fn store(&mut self, dir: &Path) {
        self.shape = SHAPE;
        self.ops.drain(..self.ops.len().saturating_sub(MAX_OPS));
        self.bad.drain(..self.bad.len().saturating_sub(MAX_BAD));
        let bad = self.bad.iter().map(|bad| &bad.commit.0);
        let named: BTreeSet<&String> = self.writers.values().chain(bad).collect();
        self.verdicts.retain(|commit, _| named.contains(commit));
        let written = std::fs::create_dir_all(dir)
            .and_then(|()| serde_json::to_vec(self).map_err(std::io::Error::from))
            .and_then(|text| write_atomic(&file(dir), &text));
        let _ = written;
    }

    /// Begins anew at a place that does not follow from what was seen; what was bad stays known.
    #[must_use]
    pub fn anew(self) -> State {
        State { bad: self.bad, n_bad: self.n_bad, has_signed: self.has_signed, ..State::default() }
    }

    /// Notes a bad commit.
    pub fn note_bad(&mut self, bad: BadCommit) {
        self.n_bad = self.n_bad.saturating_add(1);
        self.bad.push(bad);
    }
}

fn file(dir: &Path) -> PathBuf {
    dir.join("audit.json")
}
