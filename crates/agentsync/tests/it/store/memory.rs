//! A board in memory: the fake that races are played on.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use agentsync_core::{BranchName, Lapsed, OpId};
use agentsync_mcp::app::ports::{
    Diagnosis, Freshness, HistoryQuery, Leave, LogEntry, NoTurn, Place, Sighting, Snapshot, Step, Store,
    StoreError, Swap, Tip, Turn,
};
use agentsync_mcp::ledger::document::Document;

/// One commit.
#[derive(Debug, Clone)]
struct Commit {
    op: Option<OpId>,
    subject: String,
    text: String,
}

/// What every store of one lab shares.
#[derive(Debug, Default)]
pub(super) struct Hub {
    commits: Vec<Commit>,
    /// Pushes under way that may arrive yet: base and commits.
    late: Vec<(usize, Vec<Commit>)>,
}

impl Hub {
    fn push(&mut self, base: usize, commits: Vec<Commit>) -> bool {
        let fits = base == self.commits.len();
        if fits {
            self.commits.extend(commits);
        }
        fits
    }

    /// Lets every late push arrive, in order.
    pub(super) fn deliver(&mut self) {
        for (base, commits) in std::mem::take(&mut self.late) {
            self.push(base, commits);
        }
    }

    /// Returns the ids of all changes on the branch, in order.
    pub(super) fn ops(&self) -> Vec<OpId> {
        self.commits.iter().filter_map(|commit| commit.op.clone()).collect()
    }

    /// Returns the board's text.
    pub(super) fn text(&self) -> String {
        self.commits
            .last()
            .map_or_else(|| Document::empty().as_str().to_owned(), |commit| commit.text.clone())
    }
}

/// What becomes of a swap.
#[derive(Debug, Clone)]
pub(super) enum Fate {
    /// It goes as it should.
    Fair,
    /// Peers write first.
    PeersFirst(Vec<Step>),
    /// It arrives, and the answer is lost.
    AnswerLost,
    /// It does not arrive.
    Lost,
    /// It arrives later, when the hub delivers it.
    Late,
    /// It is refused, as by a lock that is left behind, and the network delivers it once more later.
    RefusedAndRepeated,
    /// There is no room here to write it down.
    NoRoom,
    /// It arrives, a peer writes on top, and the answer is lost.
    AnswerLostAndBuriedBy(Vec<Step>),
}

/// A store on a hub.
pub(super) struct MemoryStore {
    pub(super) hub: Arc<Mutex<Hub>>,
    fates: Mutex<VecDeque<Fate>>,
    /// How long there is no leave to push, each time it is asked for; then there is.
    leaves: Mutex<VecDeque<Duration>>,
    seen: Mutex<Option<usize>>,
}

impl MemoryStore {
    pub(super) fn at(hub: &Arc<Mutex<Hub>>) -> MemoryStore {
        MemoryStore {
            hub: Arc::clone(hub),
            fates: Mutex::default(),
            leaves: Mutex::default(),
            seen: Mutex::default(),
        }
    }

    pub(super) fn with_fates(hub: &Arc<Mutex<Hub>>, fates: Vec<Fate>) -> MemoryStore {
        MemoryStore { fates: Mutex::new(fates.into()), ..MemoryStore::at(hub) }
    }

    pub(super) fn with_leaves(self, seconds: &[u64]) -> MemoryStore {
        let leaves = seconds.iter().map(|seconds| Duration::from_secs(*seconds)).collect();
        MemoryStore { leaves: Mutex::new(leaves), ..self }
    }

    fn snapshot(hub: &Hub, n_commits: usize, is_confirmed: bool) -> Snapshot {
        let text = match n_commits.checked_sub(1) {
            Some(last) => hub.commits[last].text.clone(),
            None => Document::empty().as_str().to_owned(),
        };
        let document = Document::parse(text.as_bytes()).unwrap();
        let tip = (n_commits > 0).then(|| Tip(n_commits.to_string()));
        Snapshot { tip, board: document.board().clone(), is_confirmed, alarm: None }
    }
}

fn number(tip: Option<&Tip>) -> usize {
    tip.map_or(0, |tip| tip.0.parse().unwrap())
}

/// Makes the commits of steps on top of a text.
fn commits(mut text: String, steps: &[Step]) -> Vec<Commit> {
    let mut commits = Vec::new();
    for step in steps {
        let document = Document::parse(text.as_bytes()).unwrap().with(&step.edits).unwrap();
        document.as_str().clone_into(&mut text);
        commits.push(Commit { op: Some(step.op.clone()), subject: step.subject.clone(), text: text.clone() });
    }
    commits
}

impl Store for MemoryStore {
    fn read(&self, want: Freshness) -> Result<Snapshot, StoreError> {
        let hub = self.hub.lock().unwrap();
        let mut seen = self.seen.lock().unwrap();
        match (want, *seen) {
            (Freshness::Recent, Some(seen)) => Ok(MemoryStore::snapshot(&hub, seen, false)),
            (Freshness::Recent, None) | (Freshness::Now | Freshness::Within(_), _) => {
                *seen = Some(hub.commits.len());
                Ok(MemoryStore::snapshot(&hub, hub.commits.len(), true))
            }
        }
    }

    fn sight(&self, _: &[Sighting], _: &dyn Fn(&BranchName) -> Option<String>) -> Vec<Lapsed> {
        Vec::new()
    }

    fn at(&self, tip: Option<&Tip>) -> Result<Snapshot, StoreError> {
        Ok(MemoryStore::snapshot(&self.hub.lock().unwrap(), number(tip), false))
    }

    fn take_turn(&self, _: Duration) -> Box<dyn Turn + '_> {
        Box::new(NoTurn)
    }

    fn ask_leave(&self) -> Leave {
        let next = self.leaves.lock().unwrap().pop_front();
        next.filter(|time| !time.is_zero())
            .map_or(Leave::Granted, |time| Leave::In { time, why: "six a minute".to_owned() })
    }

    fn swap(&self, base: &Snapshot, steps: &[Step]) -> Result<Swap, StoreError> {
        let mut hub = self.hub.lock().unwrap();
        let base_number = number(base.tip.as_ref());
        let text = match base_number.checked_sub(1) {
            Some(last) => hub.commits[last].text.clone(),
            None => Document::empty().as_str().to_owned(),
        };
        let ours = commits(text, steps);
        let unknown = Ok(Swap::Unknown { why: "the line went dead".to_owned() });
        match self.fates.lock().unwrap().pop_front().unwrap_or(Fate::Fair) {
            Fate::Fair => {}
            Fate::PeersFirst(theirs) => {
                let (n_commits, text) = (hub.commits.len(), hub.text());
                hub.push(n_commits, commits(text, &theirs));
            }
            Fate::AnswerLost => {
                hub.push(base_number, ours);
                return unknown;
            }
            Fate::AnswerLostAndBuriedBy(theirs) => {
                hub.push(base_number, ours);
                let (n_commits, text) = (hub.commits.len(), hub.text());
                hub.push(n_commits, commits(text, &theirs));
                return unknown;
            }
            Fate::Lost => return unknown,
            Fate::Late => {
                hub.late.push((base_number, ours));
                return unknown;
            }
            Fate::RefusedAndRepeated => {
                hub.late.push((base_number, ours));
                return Ok(Swap::Refused);
            }
            Fate::NoRoom => {
                let (doing, path) = ("write".into(), PathBuf::from("memory"));
                return Err(StoreError::Cache { doing, path, detail: "no space left on device".to_owned() });
            }
        }
        match hub.push(base_number, ours) {
            true => {
                let n_commits = hub.commits.len();
                *self.seen.lock().unwrap() = Some(n_commits);
                Ok(Swap::Swapped(Tip(n_commits.to_string())))
            }
            false => Ok(Swap::Moved),
        }
    }

    fn contains(&self, op: &OpId, base: Option<&Tip>) -> Result<bool, StoreError> {
        let hub = self.hub.lock().unwrap();
        let seen = self.seen.lock().unwrap().unwrap_or(0);
        Ok(hub.commits[number(base)..seen].iter().any(|commit| commit.op.as_ref() == Some(op)))
    }

    fn history(&self, query: &HistoryQuery) -> Result<Vec<LogEntry>, StoreError> {
        let hub = self.hub.lock().unwrap();
        let of_agent = |commit: &&Commit| {
            let key = commit.subject.split(' ').nth(1).unwrap_or_default();
            query.agent.as_ref().is_none_or(|agent| agent.is(key.split('/').next().unwrap()))
        };
        let events = hub.commits.iter().rev().filter(|commit| commit.op.is_some()).filter(of_agent);
        let entry = |commit: &Commit| LogEntry {
            commit: String::new(),
            at: String::new(),
            by: String::new(),
            subject: commit.subject.clone(),
            touches: Vec::new(),
        };
        Ok(events.take(query.limit).map(entry).collect())
    }

    fn place(&self) -> Place {
        Place {
            repo: PathBuf::from("memory"),
            remote: Some("memory".to_owned()),
            branch: "agentsync".to_owned(),
        }
    }

    fn seed(&self) -> Result<(), StoreError> {
        let mut hub = self.hub.lock().unwrap();
        if hub.commits.is_empty() {
            let text = Document::empty().as_str().to_owned();
            hub.push(0, vec![Commit { op: None, subject: "agentsync: initialize claims".to_owned(), text }]);
        }
        Ok(())
    }

    fn try_push(&self) -> Result<(), StoreError> {
        Ok(())
    }

    fn diagnose(&self) -> Result<Diagnosis, StoreError> {
        let hub = self.hub.lock().unwrap();
        let tip = (!hub.commits.is_empty()).then(|| Tip(hub.commits.len().to_string()));
        Ok(Diagnosis::Sound { tip })
    }

    fn mend(&self, _: &Diagnosis) -> Result<Swap, StoreError> {
        Ok(Swap::Moved)
    }
}
