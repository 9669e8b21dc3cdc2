//! The simulated remote: commits, one branch, pushes under way, and what interferes with them.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash as _, Hasher as _};
use std::sync::Arc;

use agentsync_core::Trailer;
use agentsync_lab::witness::{Link, Violation};
use agentsync_mcp::app::ports::{Step, Tip};
use agentsync_mcp::ledger::document::Document;
use agentsync_mcp::plant::{Plant, is_planted};

use crate::faults::Fault;
use crate::world::{Event, SECOND, State, Strike};

pub(crate) type CommitIdx = usize;
pub(crate) type PushId = usize;

/// One commit.
#[derive(Debug)]
pub(crate) struct Commit {
    pub(crate) parent: Option<CommitIdx>,
    pub(crate) id: String,
    pub(crate) step: Option<Step>,
    pub(crate) text: Arc<str>,
    /// The document in the text, or why it cannot be read.
    pub(crate) document: Result<Arc<Document>, String>,
    /// When it came to stand on the branch: as a stamp, and in virtual time.
    landed: Option<u64>,
    pub(crate) landed_at: Option<u64>,
}

/// A push under way.
#[derive(Debug)]
pub(crate) struct Push {
    pub(crate) machine: usize,
    pub(crate) base: Option<CommitIdx>,
    pub(crate) tip: CommitIdx,
    pub(crate) steps: Vec<Step>,
    /// What the remote made of it, once it is there: whether the branch is now at its tip.
    pub(crate) outcome: Option<bool>,
    pub(crate) is_cancelled: bool,
}

/// The remote.
#[derive(Debug, Default)]
pub(crate) struct Hub {
    pub(crate) commits: Vec<Commit>,
    pub(crate) tip: Option<CommitIdx>,
    deleted: Option<CommitIdx>,
    pub(crate) is_stuck: bool,
    pub(crate) pushes: Vec<Push>,
    /// Every tip there was, latest last.
    pub(crate) tips: Vec<Option<CommitIdx>>,
    /// The last push of each machine that arrived.
    arrived: Vec<(usize, PushId)>,
}

impl Hub {
    /// Adds a commit, or finds the one there is: the same text on the same parent is the same commit.
    pub(crate) fn add(
        &mut self,
        parent: Option<CommitIdx>,
        step: Option<Step>,
        text: String,
        document: Result<Document, String>,
    ) -> CommitIdx {
        let mut hasher = DefaultHasher::new();
        let above = parent.map(|parent| self.commits[parent].id.clone());
        (above, step.as_ref().map(|step| (&step.op, step.at.0)), &text).hash(&mut hasher);
        let id = format!("{:016x}", hasher.finish());
        if let Some(found) = self.commits.iter().position(|commit| commit.id == id) {
            return found;
        }
        let document = document.map(Arc::new);
        self.commits.push(Commit {
            parent,
            id,
            step,
            text: text.into(),
            document,
            landed: None,
            landed_at: None,
        });
        self.commits.len() - 1
    }

    /// Adds a commit of nobody's.
    pub(crate) fn add_text(&mut self, parent: Option<CommitIdx>, text: String) -> CommitIdx {
        let document = Document::parse(text.as_bytes()).map_err(|err| err.to_string());
        self.add(parent, None, text, document)
    }

    /// Adds the commits of steps on top of `base`.
    pub(crate) fn prepare(&mut self, base: Option<CommitIdx>, steps: &[Step]) -> Result<CommitIdx, String> {
        let mut document = match base {
            Some(base) => (*self.commits[base].document.clone()?).clone(),
            None => Document::empty(),
        };
        let mut tip = base;
        for step in steps {
            document = document.with(&step.edits).map_err(|err| err.to_string())?;
            let text = document.as_str().to_owned();
            tip = Some(self.add(tip, Some(step.clone()), text, Ok(document.clone())));
        }
        tip.ok_or_else(|| "nothing to write".to_owned())
    }

    /// Returns a commit and all before it, latest first.
    pub(crate) fn ancestors(&self, tip: Option<CommitIdx>) -> impl Iterator<Item = CommitIdx> {
        std::iter::successors(tip, |commit| self.commits[*commit].parent)
    }

    pub(crate) fn descends(&self, tip: CommitIdx, ancestor: CommitIdx) -> bool {
        self.ancestors(Some(tip)).any(|commit| commit == ancestor)
    }

    pub(crate) fn tip_of(&self, commit: CommitIdx) -> Tip {
        Tip(self.commits[commit].id.clone())
    }

    pub(crate) fn find(&self, tip: Option<&Tip>) -> Option<CommitIdx> {
        let id = &tip?.0;
        self.commits.iter().position(|commit| commit.id == *id)
    }

    /// Returns the branch's commits, oldest first, and those that were on it and no longer are.
    pub(crate) fn links(&self) -> (Vec<Link>, Vec<Link>) {
        let mut on_branch: Vec<CommitIdx> = self.ancestors(self.tip).collect();
        on_branch.reverse();
        let is_cut = |idx: &CommitIdx| self.commits[*idx].landed.is_some() && !on_branch.contains(idx);
        let cut = (0..self.commits.len()).filter(is_cut).map(|idx| self.link(idx)).collect();
        (on_branch.iter().map(|idx| self.link(*idx)).collect(), cut)
    }

    fn link(&self, idx: CommitIdx) -> Link {
        let commit = &self.commits[idx];
        let key = |claim: &String| claim.split('@').next().unwrap().to_owned();
        let trailers = commit.step.iter().flat_map(|step| &step.trailers);
        let may_edit = trailers.clone().filter_map(|trailer| match trailer {
            Trailer::Supersedes(claim) | Trailer::Breaks(claim) | Trailer::Drops(claim) => Some(key(claim)),
            Trailer::Tidies(_) => None,
        });
        let n_tidied = trailers.clone().map(|trailer| match trailer {
            Trailer::Tidies(n_claims) => *n_claims,
            _ => 0,
        });
        let readable = self.ancestors(Some(idx)).find_map(|idx| self.commits[idx].document.as_ref().ok());
        Link {
            id: commit.id.clone(),
            op: commit.step.as_ref().map(|step| original(&step.op.0).to_owned()),
            agent: commit.step.as_ref().map(|step| step.agent.as_str().to_owned()),
            at: commit.step.as_ref().map(|step| step.at).filter(|_| commit.document.is_ok()),
            text: commit.text.to_string(),
            board: readable.map(|document| document.board().clone()).unwrap_or_default(),
            may_edit: may_edit.collect(),
            n_tidied: n_tidied.sum(),
            landed: commit.landed,
        }
    }
}

/// Returns the id of the change that a commit is, however often a planted bug has renamed it.
fn original(op: &str) -> &str {
    op.split('~').next().unwrap_or(op)
}

impl State {
    /// A push reaches the remote.
    pub(crate) fn deliver(&mut self, id: PushId) {
        let push = &self.hub.pushes[id];
        let (machine, base, tip, steps) = (push.machine, push.base, push.tip, push.steps.clone());
        if push.is_cancelled {
            return;
        }
        if self.machines[machine].is_cut_off {
            self.counts.hit(Fault::Partition);
            return;
        }
        if self.hub.arrived.iter().any(|(of, later)| *of == machine && *later > id) {
            self.counts.hit(Fault::Reorder);
        }
        self.hub.arrived.push((machine, id));
        let fits = self.hub.tip == base && !self.hub.is_stuck;
        if self.hub.is_stuck {
            self.counts.hit(Fault::StuckLock);
        }
        let landing = match fits {
            true => Some(tip),
            false if is_planted(Plant::PlainPush) => Some(tip),
            false if is_planted(Plant::NoCas) => self.hub.prepare(self.hub.tip, &steps).ok(),
            false => None,
        };
        if let Some(tip) = landing {
            self.move_to(Some(tip));
        }
        self.note(|| format!("push {id} of machine {machine} arrives: {landing:?} on {base:?}"));
        self.hub.pushes[id].outcome = Some(landing.is_some());
    }

    fn move_to(&mut self, tip: Option<CommitIdx>) {
        let news: Vec<CommitIdx> =
            self.hub.ancestors(tip).take_while(|commit| self.hub.commits[*commit].landed.is_none()).collect();
        for commit in news.into_iter().rev() {
            let stamp = self.tick();
            self.hub.commits[commit].landed = Some(stamp);
            self.hub.commits[commit].landed_at = Some(self.now);
        }
        self.hub.tip = tip;
        self.hub.tips.push(tip);
    }

    /// Puts a first document on the branch.
    pub(crate) fn found(&mut self, text: &str) {
        let tip = self.hub.add_text(None, text.to_owned());
        self.move_to(Some(tip));
    }

    fn push_text(&mut self, text: String) {
        let tip = self.hub.add_text(self.hub.tip, text);
        self.move_to(Some(tip));
    }

    /// Something interferes from outside.
    pub(crate) fn strike(&mut self, strike: Strike) {
        self.note(|| format!("{strike:?}"));
        let is_quiet = self.quiet_since.is_some();
        match strike {
            Strike::Partition(machine) if !is_quiet => self.machines[machine].is_cut_off = true,
            Strike::Rejoin(machine) => self.machines[machine].is_cut_off = false,
            Strike::Stick if !is_quiet => self.hub.is_stuck = true,
            Strike::Unstick => self.hub.is_stuck = false,
            Strike::Delete if !is_quiet && self.hub.tip.is_some() => {
                self.counts.hit(Fault::Delete);
                self.hub.deleted = self.hub.tip;
                self.drop_pushes_on(None);
                self.move_to(None);
            }
            Strike::Restore => self.restore(),
            Strike::Rollback(n_commits) if !is_quiet => self.roll_back(n_commits),
            Strike::Corrupt if !is_quiet && self.hub.tip.is_some() => {
                self.counts.hit(Fault::Corrupt);
                let junk =
                    ["", "{\"claims\": {\"bob\": {\"touches\": [", "{\"claims\":{\"a\":1,\"a\":2}}", "[]"];
                let pick = self.rng.usize(0..junk.len());
                self.push_text(junk[pick].to_owned());
            }
            Strike::Newer if !is_quiet && self.hub.tip.is_some() => {
                let text = self.last_good();
                self.counts.hit(Fault::Newer);
                self.push_text(text.replacen('{', "{\"schema\": 2,", 1));
            }
            Strike::Mend => self.mend(),
            Strike::Jump(machine) if !is_quiet => {
                self.counts.hit(Fault::ClockJump);
                let far = i64::try_from(100 * 3600 * SECOND).unwrap();
                self.machines[machine].offset += self.rng.i64(-far..=far);
            }
            Strike::Quiet => self.quieten(),
            _ => {}
        }
    }

    fn restore(&mut self) {
        if let (None, Some(deleted)) = (self.hub.tip, self.hub.deleted) {
            self.move_to(Some(deleted));
        }
    }

    /// Moves the branch back. A push that was sent on the commit it comes back to could then still
    /// land, whatever its sender was told since: nobody can exclude that, so it is not played. A deleted
    /// branch has come back to where there was none.
    fn roll_back(&mut self, n_commits: usize) {
        let back = self.hub.ancestors(self.hub.tip).nth(n_commits);
        if let Some(back) = back.filter(|back| Some(*back) != self.hub.tip) {
            self.counts.hit(Fault::Rollback);
            self.drop_pushes_on(Some(back));
            self.move_to(Some(back));
        }
    }

    fn drop_pushes_on(&mut self, base: Option<CommitIdx>) {
        for push in self.hub.pushes.iter_mut().filter(|push| push.base == base) {
            push.is_cancelled = true;
        }
    }

    fn last_good(&self) -> String {
        let mut readable = self.hub.ancestors(self.hub.tip).map(|idx| &self.hub.commits[idx]);
        let good =
            readable.find(|commit| commit.document.as_ref().is_ok_and(|document| document.schema() == 1));
        good.map_or_else(|| Document::empty().as_str().to_owned(), |commit| commit.text.to_string())
    }

    fn mend(&mut self) {
        let Some(tip) = self.hub.tip else { return };
        let is_good = self.hub.commits[tip].document.as_ref().is_ok_and(|document| document.schema() == 1);
        if !is_good {
            self.push_text(self.last_good());
        }
    }

    /// Ends all faults. People put right what needs people.
    fn quieten(&mut self) {
        for machine in &mut self.machines {
            machine.is_cut_off = false;
        }
        self.hub.is_stuck = false;
        self.restore();
        self.mend();
        for machine in 0..self.machines.len() {
            self.accept_rewrite(machine);
        }
        self.quiet_since = Some(self.now);
    }

    /// Lets a person accept for a machine what stands on the branch, where it does not follow from what
    /// the machine has seen.
    pub(crate) fn accept_rewrite(&mut self, machine: usize) {
        let follows = match (self.machines[machine].seen, self.hub.tip) {
            (Some(seen), Some(tip)) => self.hub.descends(tip, seen),
            (seen, _) => seen.is_none(),
        };
        if !follows {
            self.machines[machine].seen = self.hub.tip;
        }
    }

    /// Notes that a machine acts on a chain that does not follow from what it has seen.
    pub(crate) fn check_chain(&mut self, machine: usize, base: Option<CommitIdx>) {
        let seen = self.machines[machine].seen;
        let follows = match (seen, base) {
            // Another process of the clone may have seen the branch begin meanwhile.
            (None, _) | (_, None) => true,
            (Some(seen), Some(base)) => self.hub.descends(base, seen) || self.hub.descends(seen, base),
        };
        if !follows {
            let what = format!("machine {machine} writes on {base:?}, which does not follow from {seen:?}");
            self.violations.push(Violation { promise: "S9", what });
        }
    }

    /// Sends a push on its way.
    pub(crate) fn send(&mut self, push: Push, after: u64) -> PushId {
        self.hub.pushes.push(push);
        let id = self.hub.pushes.len() - 1;
        self.schedule(after, Event::Deliver(id));
        id
    }
}
