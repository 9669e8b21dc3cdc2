//! The board at a branch of a remote, or at a ref of the shared clone.

use std::cell::RefCell;
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use agentsync_core::{AgentId, Board, BranchName, Lapsed, OpId, Timestamp};
use gix::ObjectId;

use super::cache;
use super::copy;
use super::document::{Document, SCHEMA};
use super::handover;
use super::host::Host;
use super::objects::{self, Found, Signature};
use super::recency::Recency;
use super::refs;
use super::remote::{self, Depth, Fetched, Pushed};
use super::sightings::Sightings;
use super::site::{Remote, Site};
use crate::app::ports::audit::Known;
use crate::app::ports::{
    Alarm, Clock, Diagnosis, Freshness, HistoryQuery, LogEntry, Place, Sighting, Snapshot, Step, Store,
    StoreError, Swap, Tip, Turn,
};
use crate::git::command::Git;

/// The subject of the commit that makes an empty board: the predecessor's.
const GENESIS: &str = "agentsync: initialize claims\n";

/// How often a fetch that finds the private repository locked is tried.
const MAX_LOCKED: u32 = 20;
/// How much longer each pause between those is than the last.
const LOCK_PAUSE: Duration = Duration::from_millis(10);

/// A board in git.
pub struct GitStore {
    pub(super) site: Site,
    pub(super) git: Git,
    pub(super) clock: Arc<dyn Clock>,
    /// Holds the commits: the private cache, or the user's repository when the board is a local ref.
    objects: gix::ThreadSafeRepository,
    recency: Recency,
    host: Host,
    memo: Mutex<Memo>,
}

/// What need not be read or written twice.
#[derive(Default)]
struct Memo {
    document: Option<(ObjectId, Document)>,
    prepared: Option<Prepared>,
}

/// A chain that was written and not yet swapped in. Pushing it again is the same push.
#[derive(Clone)]
struct Prepared {
    base: Option<ObjectId>,
    steps: Vec<Step>,
    tip: ObjectId,
    document: Document,
}

impl GitStore {
    /// Opens the board of a site. Nothing is asked of the remote yet.
    pub fn open(site: Site, git: Git, clock: Arc<dyn Clock>) -> Result<GitStore, StoreError> {
        let cache_dir = site.cache_dir();
        // Hooks leave things there; where it cannot be made, they ask the remote.
        let _ = std::fs::create_dir_all(site.desk_dir());
        let objects = if site.remote.is_some() {
            let made = std::fs::create_dir_all(site.private_dir());
            made.map_err(|err| site.cache_fault("create", &err.to_string()))?;
            cache::open(&cache_dir, &site.object_format)?
        } else {
            let options = gix::open::Options::isolated().open_path_as_is(true);
            let opened = gix::ThreadSafeRepository::open_opts(&site.common_dir, options);
            opened.map_err(|err| site.cache_fault("read", &err.to_string()))?
        };
        let recency = Recency::beside(&cache_dir);
        let host = match &site.remote {
            Some(remote) => Host::open(site.host_dir.as_deref(), &remote.push_url, site.branch.as_str()),
            None => Host::alone(),
        };
        Ok(GitStore { site, git, clock, objects, recency, host, memo: Mutex::default() })
    }

    /// Returns the folder in which the changes of this clone's processes wait.
    pub fn queue_dir(&self) -> std::path::PathBuf {
        self.site.queue_dir()
    }

    pub(super) fn repo(&self) -> gix::Repository {
        self.objects.to_thread_local()
    }

    pub(super) fn fault(&self, doing: &'static str, detail: &str) -> StoreError {
        self.site.cache_fault(doing, detail)
    }

    /// Fetches the branch, or reads the local ref, and returns what stands there now.
    pub(super) fn ask(&self, repo: &gix::Repository, depth: Depth) -> Result<Option<ObjectId>, StoreError> {
        match &self.site.remote {
            None => refs::local_tip(&self.git, &self.site, repo),
            Some(remote) => self.fetch(repo, remote, depth),
        }
    }

    /// Fetches into a ref that all processes of the clone share: what is there already is not checked
    /// again. Where two of them meet, the second fetches into one of its own.
    fn fetch(
        &self,
        repo: &gix::Repository,
        remote: &Remote,
        depth: Depth,
    ) -> Result<Option<ObjectId>, StoreError> {
        let fetch_into = |name: &str| remote::fetch(&self.git, &self.site, remote, name, depth);
        let read = |name: &str| {
            let found = refs::read(repo, name).map_err(|err| self.fault("read", &err))?;
            found.ok_or_else(|| self.fault("read", "the fetched tip is missing")).map(Some)
        };
        match fetch_into(refs::TIP_REF)? {
            Fetched::Absent => return Ok(None),
            Fetched::Here => return read(refs::TIP_REF),
            Fetched::Locked => {}
        }
        let mine = format!("refs/agentsync/fetch/{}-{:08x}", std::process::id(), fastrand::u32(..));
        for n_tries in 1..=MAX_LOCKED {
            match fetch_into(&mine)? {
                Fetched::Absent => return Ok(None),
                // A first, shallow fetch also takes a lock that no other ref avoids.
                Fetched::Locked => self.clock.sleep(LOCK_PAUSE * n_tries),
                Fetched::Here => {
                    let found = read(&mine)?;
                    refs::delete(repo, &mine).map_err(|err| self.fault("write", &err))?;
                    return Ok(found);
                }
            }
        }
        Err(self.fault("write", "another process keeps it locked; if none runs, delete the folder"))
    }

    fn snapshot(
        &self,
        tip: ObjectId,
        is_confirmed: bool,
        alarm: Option<Alarm>,
    ) -> Result<Snapshot, StoreError> {
        let document = self.document(tip)?;
        let newer = (document.schema() > SCHEMA).then(|| Alarm::NewerSchema { schema: document.schema() });
        Ok(Snapshot {
            tip: Some(Tip(tip.to_string())),
            board: document.board().clone(),
            is_confirmed,
            alarm: alarm.or(newer),
        })
    }

    fn document(&self, tip: ObjectId) -> Result<Document, StoreError> {
        let remembered = self.with_memo(|memo| memo.document.clone().filter(|(id, _)| *id == tip));
        if let Some((_, document)) = remembered {
            return Ok(document);
        }
        match objects::read_document(&self.repo(), tip).map_err(|err| self.fault("read", &err))? {
            Found::Unreadable(why) => {
                Err(StoreError::Unreadable { tip: Tip(tip.to_string()), why: why.to_string() })
            }
            Found::Document(document) => {
                self.with_memo(|memo| memo.document = Some((tip, (*document).clone())));
                Ok(*document)
            }
        }
    }

    fn with_memo<T>(&self, act: impl FnOnce(&mut Memo) -> T) -> T {
        // What a thread that died left here is whole: each field is set in one step.
        act(&mut self.memo.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns the tip that a swap may be tried on without asking first: the one another clone of this
    /// machine has just pushed, or the last seen.
    fn likely_tip(&self, repo: &gix::Repository, seen: Option<ObjectId>) -> Option<ObjectId> {
        let now = self.clock.now();
        let handed = self.host.handed_over().filter(|(tip, left)| {
            Some(*tip) != seen
                && self.recency.is_newer(left.at)
                && self.recency.is_worth_a_try_at(left.at, now)
        });
        let Some((tip, left)) = handed else {
            return seen.filter(|_| self.recency.is_worth_a_try(now));
        };
        let is_here = handover::import(repo, &left.cache, tip, seen.is_none()).unwrap_or(false);
        let follows = |seen| self.descends(repo, tip, seen).unwrap_or(false);
        (is_here && seen.is_none_or(follows)).then_some(tip)
    }

    /// Audits a tip that a swap is only tried on, where anything would follow from it.
    fn guard_if_required(&self, repo: &gix::Repository, tip: ObjectId) -> Result<Option<Alarm>, StoreError> {
        let trust = &self.site.trust;
        match trust.is_required || trust.pinned.is_some() {
            true => super::audit::guard(self, repo, tip),
            false => Ok(None),
        }
    }

    /// Returns the last verified tip.
    pub(super) fn seen(&self, repo: &gix::Repository) -> Result<Option<ObjectId>, StoreError> {
        refs::seen(&self.site, repo).map_err(|err| self.fault("read", &err))
    }

    /// Remembers `tip` as verified, unless another process has seen a later one meanwhile.
    pub(super) fn advance(&self, repo: &gix::Repository, tip: ObjectId) -> Result<(), StoreError> {
        match self.seen(repo)? {
            Some(seen) if self.descends(repo, seen, tip)? => Ok(()),
            _ => self.accept(repo, tip),
        }
    }

    /// Remembers `tip` as verified, whatever was seen before.
    pub(super) fn accept(&self, repo: &gix::Repository, tip: ObjectId) -> Result<(), StoreError> {
        refs::set_seen(&self.site, repo, tip).map_err(|err| self.fault("write", &err))
    }

    /// Tells whether `tip` is `ancestor` or comes after it, as far as the history here reaches.
    pub(super) fn descends(
        &self,
        repo: &gix::Repository,
        tip: ObjectId,
        ancestor: ObjectId,
    ) -> Result<bool, StoreError> {
        let mut seen = HashSet::new();
        let mut open = vec![tip];
        while let Some(id) = open.pop() {
            if id == ancestor {
                return Ok(true);
            }
            if seen.insert(id) {
                let commit = objects::read_commit(repo, id).map_err(|err| self.fault("read", &err))?;
                open.extend(commit.map(|commit| commit.parents).unwrap_or_default());
            }
        }
        Ok(false)
    }

    /// Writes the commits of `steps`, or returns those written before for the same steps.
    ///
    /// A key that never signs the same way twice makes other commits of the same steps in another
    /// process; whichever of the two arrives, its changes are recognised by their ids.
    fn prepare(&self, base: Option<ObjectId>, steps: &[Step]) -> Result<Prepared, StoreError> {
        let same = |prepared: &Prepared| prepared.base == base && prepared.steps == steps;
        if let Some(prepared) = self.with_memo(|memo| memo.prepared.clone()).filter(same) {
            return Ok(prepared);
        }
        let document = base.map_or_else(|| Ok(Document::empty()), |base| self.document(base))?;
        let identity_for = |agent: &_| self.site.identity_for(agent);
        let unsigned = RefCell::new(None);
        let seal = |agent: &AgentId, payload: &[u8], at| {
            let sealed = self.site.trust.seal(agent, payload, at, &self.site.private_dir());
            sealed.map_err(|err| {
                let why = err.to_string();
                *unsigned.borrow_mut() = Some(err);
                why
            })
        };
        let written = objects::write_chain(&self.repo(), base, &document, steps, identity_for, seal);
        let failed = |err: String| unsigned.take().unwrap_or_else(|| self.fault("write", &err));
        let (tip, document) = written.map_err(failed)?;
        let prepared = Prepared { base, steps: steps.to_vec(), tip, document };
        self.with_memo(|memo| memo.prepared = Some(prepared.clone()));
        Ok(prepared)
    }

    /// Returns in whose name the board itself is made or mended.
    pub(super) fn signature(&self) -> Signature<'static> {
        Signature { identity: self.site.identity_for(&self.site.agent), at: self.clock.now(), seal: None }
    }

    /// Signs the bytes of a commit that this clone's own agent makes.
    pub(super) fn seal_own(&self, payload: &[u8], at: Timestamp) -> Result<Option<String>, String> {
        let (trust, dir) = (&self.site.trust, self.site.private_dir());
        let sealed = trust.seal(&self.site.agent, payload, at.0.div_euclid(1_000_000), &dir);
        sealed.map_err(|err| err.to_string())
    }

    /// Moves the branch from `base` to `tip`, if it is still at `base`.
    pub(super) fn move_branch(&self, base: Option<ObjectId>, tip: ObjectId) -> Result<Pushed, StoreError> {
        let base = base.map(|base| base.to_string());
        let (base, tip) = (base.as_deref(), tip.to_string());
        match &self.site.remote {
            None => refs::swap_local(&self.git, &self.site, base, &tip),
            Some(remote) => remote::push(&self.git, &self.site, remote, &tip, base),
        }
    }

    /// Leaves the board for hooks, which read nothing else.
    fn leave_copy(&self, tip: ObjectId, board: &Board) {
        copy::leave(&self.site.copy_path(), Some(&tip.to_string()), board, self.clock.now());
    }

    /// Returns the folder of what hooks leave for each other, and the file that says when a tip was confirmed.
    pub fn desk_places(&self) -> (std::path::PathBuf, std::path::PathBuf) {
        (self.site.desk_dir(), self.recency.path().to_owned())
    }

    /// Notes an accepted move, and says so.
    pub(super) fn moved_to(&self, tip: ObjectId) -> Swap {
        // The move is true, whether or not it can be noted here; the next read notes it.
        if self.advance(&self.repo(), tip).is_ok() {
            self.recency.note(self.clock.now(), false);
        }
        self.host.hand_over(tip, &self.site.cache_dir(), self.clock.now());
        Swap::Swapped(Tip(tip.to_string()))
    }
}

impl Store for GitStore {
    fn read(&self, want: Freshness) -> Result<Snapshot, StoreError> {
        let repo = self.repo();
        let seen = self.seen(&repo)?;
        let is_remote = self.site.remote.is_some();
        if let (Freshness::Recent, true) = (want, is_remote)
            && let Some(tip) = self.likely_tip(&repo, seen)
        {
            return self.snapshot(tip, false, self.guard_if_required(&repo, tip)?);
        }
        if let (Freshness::Within(time), Some(seen), true) = (want, seen, is_remote)
            && self.recency.is_confirmed_within(time, self.clock.now())
        {
            return self.snapshot(seen, false, None);
        }
        let depth = if seen.is_none() { Depth::Tip } else { Depth::New };
        match (seen, self.ask(&repo, depth)?) {
            (None, None) => {
                let alarm = super::audit::guard_signers(self)?;
                copy::leave(&self.site.copy_path(), None, &Board::default(), self.clock.now());
                Ok(Snapshot { tip: None, board: Board::default(), is_confirmed: true, alarm })
            }
            (Some(seen), None) => {
                let alarm = Alarm::Deleted { seen: Tip(seen.to_string()) };
                self.snapshot(seen, true, Some(alarm))
            }
            (Some(seen), Some(found)) if !self.descends(&repo, found, seen)? => {
                let alarm = Alarm::Rewritten { seen: Tip(seen.to_string()), found: Tip(found.to_string()) };
                self.snapshot(found, true, Some(alarm))
            }
            (seen, Some(found)) => {
                let mut snapshot = self.snapshot(found, true, None)?;
                snapshot.alarm = snapshot.alarm.or(super::audit::guard(self, &repo, found)?);
                if seen != Some(found) {
                    self.advance(&repo, found)?;
                }
                self.leave_copy(found, &snapshot.board);
                self.recency.note(self.clock.now(), seen.is_some_and(|seen| seen != found));
                Ok(snapshot)
            }
        }
    }

    fn at(&self, tip: Option<&Tip>) -> Result<Snapshot, StoreError> {
        match parse_tip(tip) {
            Some(tip) => self.snapshot(tip, false, None),
            None => Ok(Snapshot { tip: None, board: Board::default(), is_confirmed: false, alarm: None }),
        }
    }

    fn take_turn(&self, patience: Duration) -> Box<dyn Turn + '_> {
        self.host.take_turn(&self.clock, patience)
    }

    fn swap(&self, base: &Snapshot, steps: &[Step]) -> Result<Swap, StoreError> {
        let base = parse_tip(base.tip.as_ref());
        let prepared = self.prepare(base, steps)?;
        match self.move_branch(base, prepared.tip)? {
            Pushed::Done => {
                self.leave_copy(prepared.tip, prepared.document.board());
                self.with_memo(|memo| {
                    memo.prepared = None;
                    memo.document = Some((prepared.tip, prepared.document));
                });
                Ok(self.moved_to(prepared.tip))
            }
            Pushed::Stale => {
                self.recency.note(self.clock.now(), true);
                Ok(Swap::Moved)
            }
            Pushed::Unclear(why) => Ok(Swap::Unknown { why }),
        }
    }

    fn contains(&self, op: &OpId, base: Option<&Tip>) -> Result<bool, StoreError> {
        let repo = self.repo();
        let stop = parse_tip(base);
        let mut next = self.seen(&repo)?;
        while let Some(id) = next.filter(|id| Some(*id) != stop) {
            let Some(commit) = super::history::reach(self, &repo, id)? else { break };
            if commit.is_op(op) {
                return Ok(true);
            }
            next = commit.parents.first().copied();
        }
        Ok(false)
    }

    fn sight(&self, seen: &[Sighting], pulse: &dyn Fn(&BranchName) -> Option<String>) -> Vec<Lapsed> {
        Sightings::in_dir(&self.site.private_dir()).note(seen, pulse, &*self.clock)
    }

    fn known(&self, snapshot: &Snapshot) -> Result<Known, StoreError> {
        super::audit::known(self, snapshot)
    }

    fn history(&self, query: &HistoryQuery) -> Result<Vec<LogEntry>, StoreError> {
        super::history::list(self, query)
    }

    fn place(&self) -> Place {
        Place {
            repo: self.site.repo.clone(),
            remote: self.site.remote.as_ref().map(|remote| remote.shown.clone()),
            branch: self.site.branch.as_str().to_owned(),
        }
    }

    fn seed(&self) -> Result<(), StoreError> {
        if self.read(Freshness::Now)?.tip.is_some() {
            return Ok(());
        }
        let signature = self.signature();
        let written = objects::write_commit(&self.repo(), None, &Document::empty(), GENESIS, &signature);
        let tip = written.map_err(|err| self.fault("write", &err))?;
        match self.move_branch(None, tip)? {
            Pushed::Done => {
                self.moved_to(tip);
                Ok(())
            }
            // Somebody else was first, or it may be there by now: the next read tells.
            Pushed::Stale | Pushed::Unclear(_) => self.read(Freshness::Now).map(|_| ()),
        }
    }

    fn try_push(&self) -> Result<(), StoreError> {
        let Some(remote) = &self.site.remote else { return Ok(()) };
        let repo = self.repo();
        let base = self.ask(&repo, Depth::New)?.map(|tip| tip.to_string());
        let signature = self.signature();
        let written = objects::write_commit(&repo, None, &Document::empty(), GENESIS, &signature);
        let probe = written.map_err(|err| self.fault("write", &err))?;
        match remote::try_push(&self.git, &self.site, remote, &probe.to_string(), base.as_deref())? {
            // Somebody writes at this moment: so may we.
            Pushed::Done | Pushed::Stale => Ok(()),
            Pushed::Unclear(detail) => Err(StoreError::Git { doing: "try a push".into(), detail }),
        }
    }

    fn diagnose(&self) -> Result<Diagnosis, StoreError> {
        super::repair::diagnose(self)
    }

    fn mend(&self, diagnosis: &Diagnosis) -> Result<Swap, StoreError> {
        super::repair::mend(self, diagnosis)
    }
}

pub(super) fn parse_tip(tip: Option<&Tip>) -> Option<ObjectId> {
    tip.and_then(|tip| ObjectId::from_hex(tip.0.as_bytes()).ok())
}
