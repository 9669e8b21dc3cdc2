//! Appends what was asked and answered to a file, one line of JSON for each: `AGENTSYNC_HISTORY`.
//!
//! A line is one write, so that the processes that share a file do not tear each other's. Who reads
//! it must still bear a last line that ends early: its process was killed.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use agentsync_core::{AgentId, Change, Decision, Intent, OpId};
use serde_json::{Map, Value, json};

use crate::app::ports::queue::{Batch, Outcome};
use crate::app::ports::recorder::Recorder;
use crate::app::ports::{Snapshot, StoreError};
use crate::app::update::UpdateError;
use crate::clock;

/// A history in a file.
#[derive(Debug)]
pub struct FileRecorder {
    file: File,
    n_looks: AtomicU64,
}

impl FileRecorder {
    /// Opens the history at `path`, which grows and is never cut.
    pub fn open(path: &Path) -> io::Result<FileRecorder> {
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        Ok(FileRecorder { file, n_looks: AtomicU64::new(0) })
    }

    fn write(&self, event: &str, op: &str, rest: Value) {
        let mut line = Map::new();
        line.insert("event".to_owned(), json!(event));
        line.insert("op".to_owned(), json!(op));
        line.insert("pid".to_owned(), json!(std::process::id()));
        line.insert("ns".to_owned(), json!(clock::nanos_since_boot()));
        if let Value::Object(rest) = rest {
            line.extend(rest);
        }
        // A history with holes is for its reader to notice; the answer must not wait for it.
        let _ = (&self.file).write_all(format!("{}\n", Value::Object(line)).as_bytes());
    }
}

impl Recorder for FileRecorder {
    fn asked(&self, change: &Change) {
        let agent = change.by.agent.as_str();
        let rest = json!({"kind": kind(&change.intent), "agent": agent, "args": change});
        self.write("invoke", &change.op.0, rest);
    }

    fn swapping(&self, batch: &Batch) {
        let ops: Vec<&str> = batch.changes.iter().map(|change| change.op.0.as_str()).collect();
        let first = ops.first().copied().unwrap_or_default();
        self.write("swap", first, json!({"ops": ops, "base": batch.base}));
    }

    fn answered(&self, op: &OpId, outcome: &Outcome) {
        let rest = match outcome {
            Ok(answer) => json!({
                "answer": match &answer.decision {
                    Decision::Granted(_) | Decision::Unchanged(_) => "done",
                    Decision::Blocked(_) | Decision::Missing(_) => "refused",
                },
                "decision": answer.decision,
                "tip": answer.tip,
            }),
            Err(err @ UpdateError::Unknown { .. }) => json!({"answer": "unknown", "error": err.to_string()}),
            Err(err) => json!({"answer": "failed", "error": err.to_string()}),
        };
        self.write("return", &op.0, rest);
    }

    fn looked(&self, agent: &AgentId) -> u64 {
        let look = self.n_looks.fetch_add(1, Ordering::Relaxed);
        self.write("invoke", &look_id(look), json!({"kind": "survey", "agent": agent.as_str()}));
        look
    }

    fn saw(&self, look: u64, seen: Result<&Snapshot, &StoreError>) {
        let rest = match seen {
            Ok(snapshot) => json!({
                "answer": "seen",
                "tip": snapshot.tip,
                "alarm": snapshot.alarm.as_ref().map(ToString::to_string),
                "claims": claims(snapshot),
            }),
            Err(err) => json!({"answer": "failed", "error": err.to_string()}),
        };
        self.write("return", &look_id(look), rest);
    }
}

/// Returns a name for a look that no other process of this machine gives.
fn look_id(look: u64) -> String {
    format!("survey-{}-{look}", std::process::id())
}

/// Returns which change wrote each entry last, and whether it is active.
fn claims(snapshot: &Snapshot) -> Value {
    let shown = snapshot.board.claims.iter().map(|(key, entry)| {
        let op = entry.as_claim().and_then(|claim| claim.op.as_ref()).map(|op| op.0.as_str());
        (key.as_str().to_owned(), json!({"op": op, "active": entry.is_active()}))
    });
    Value::Object(shown.collect())
}

fn kind(intent: &Intent) -> &'static str {
    match intent {
        Intent::Claim(_) => "claim",
        Intent::Release { .. } => "release",
        Intent::Status(_) => "status",
        Intent::Note(_) => "note",
        Intent::Wait(_) => "wait",
        Intent::Leave => "leave",
        Intent::Break(_) => "break",
        Intent::Widen(_) => "widen",
    }
}
