//! The board at a branch of a remote, or at a ref of the shared clone.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use agentsync_core::{Board, BranchName, Budget, Lapsed, OpId, Timestamp};
use gix::ObjectId;

use super::budget::KeptBudget;
use super::chain::{Prepared, is_left_behind};
use super::copy;
use super::document::{Document, SCHEMA};
use super::editions::{Editions, Held};
use super::handover;
use super::host::{self, Host};
use super::objects::{self, Found, Signature};
use super::pace::Pace;
use super::recency::Recency;
use super::refs;
use super::remote::{self, Depth, Pushed};
use super::renewal::{self, Upkeep};
use super::sightings::Sightings;
use super::site::Site;
use super::sweep;
use super::walk::{self, Order};
use crate::app::ports::audit::Known;
use crate::app::ports::{
    Alarm, Clock, Diagnosis, Freshness, HistoryQuery, Leave, LogEntry, Place, PushBudget, Sighting, Snapshot,
    Step, Store, StoreError, Swap, Tip, Turn,
};
use crate::git::command::Git;
use crate::plant::steps;

/// The subject of the commit that makes an empty board: the predecessor's.
const GENESIS: &str = "agentsync: initialize claims\n";

/// From so many commits on, a pack with one whole document is smaller and made sooner than one in which each is
/// a difference from the document that is there; measured with 45 commits of a board of 30 kB.
const MANY_COMMITS: usize = 16;

/// A board in git.
pub struct GitStore {
    pub(super) site: Site,
    pub(super) git: Git,
    pub(super) clock: Arc<dyn Clock>,
    objects: Objects,
    recency: Recency,
    pace: Pace,
    host: Host,
    upkeep: Upkeep,
    /// Where there is no remote, there is nobody to spare.
    budget: Option<KeptBudget>,
    memo: Mutex<Memo>,
}

/// Where the commits are.
enum Objects {
    /// In a private repository.
    Private(Editions),
    /// In the user's own, when the board is a local ref.
    Shared(gix::ThreadSafeRepository),
}

/// What need not be read or written twice.
#[derive(Default)]
pub(super) struct Memo {
    pub(super) document: Option<(ObjectId, Document)>,
    pub(super) prepared: Option<Prepared>,
}

impl GitStore {
    /// Opens the board of a site. Nothing is asked of the remote yet.
    pub fn open(site: Site, git: Git, clock: Arc<dyn Clock>) -> Result<GitStore, StoreError> {
        // Hooks leave things there; where it cannot be made, they ask the remote.
        let _ = std::fs::create_dir_all(site.desk_dir());
        for dir in [site.private_dir(), site.desk_dir(), site.queue_dir()] {
            sweep::sweep(&dir);
        }
        let objects = if site.remote.is_some() {
            let made = std::fs::create_dir_all(site.private_dir());
            made.map_err(|err| site.cache_fault("create", &err.to_string()))?;
            let editions = Editions::in_dir(site.private_dir(), site.object_format.clone());
            // What cannot be made or read is said at once.
            editions.hold()?;
            Objects::Private(editions)
        } else {
            let opened = gix::ThreadSafeRepository::open_opts(&site.common_dir, super::cache::lasting());
            Objects::Shared(opened.map_err(|err| site.cache_fault("read", &err.to_string()))?)
        };
        let recency = Recency::in_dir(&site.private_dir());
        let host = match &site.remote {
            Some(remote) => Host::open(site.host_dir.as_deref(), &remote.push_url, site.branch.as_str()),
            None => Host::alone(),
        };
        let pace = Pace::in_dir(&site.desk_dir());
        Ok(GitStore {
            site,
            git,
            clock,
            objects,
            recency,
            pace,
            host,
            upkeep: Upkeep::Off,
            budget: None,
            memo: Mutex::default(),
        })
    }

    /// Has the private repository renewed by `upkeep` when it has grown.
    #[must_use]
    pub fn with_upkeep(self, upkeep: Upkeep) -> GitStore {
        GitStore { upkeep, ..self }
    }

    /// Keeps to `budget`, together with all who push to this remote from this machine.
    #[must_use]
    pub fn with_budget(self, budget: Option<Budget>) -> GitStore {
        let dir = self.site.remote.as_ref().map(|remote| {
            let shared = host::folder_of_remote(self.site.host_dir.as_deref(), &remote.push_url);
            shared.unwrap_or_else(|| self.site.private_dir())
        });
        GitStore { budget: dir.map(|dir| KeptBudget::in_dir(&dir, budget)), ..self }
    }

    /// Notes that the remote asked for a pause.
    pub(super) fn leave_alone(&self, pause: Duration) -> Swap {
        if let Some(budget) = &self.budget {
            budget.close(&*self.clock, pause);
        }
        Swap::Later
    }

    /// Renews the private repository, if that is due.
    pub fn renew(&self) -> Result<(), StoreError> {
        match &self.objects {
            Objects::Private(_) => renewal::renew(&self.site, &self.git),
            Objects::Shared(_) => Ok(()),
        }
    }

    /// Says that something was added to the private repository.
    fn has_grown(&self, repo: &gix::Repository) {
        if let Objects::Private(_) = &self.objects {
            renewal::consider(&self.upkeep, &self.site, &self.git, repo.path());
        }
    }

    /// Returns the folder in which the changes of this clone's processes wait.
    pub fn queue_dir(&self) -> std::path::PathBuf {
        self.site.queue_dir()
    }

    /// Returns where the commits are. One call works on one of these to its end.
    pub(super) fn repo(&self) -> Result<Held, StoreError> {
        match &self.objects {
            Objects::Private(editions) => editions.hold(),
            Objects::Shared(shared) => Ok(Held::lasting(shared.to_thread_local())),
        }
    }

    pub(super) fn fault(&self, doing: &'static str, detail: &str) -> StoreError {
        self.site.cache_fault(doing, detail)
    }

    fn snapshot(
        &self,
        repo: &gix::Repository,
        tip: ObjectId,
        is_confirmed: bool,
        alarm: Option<Alarm>,
    ) -> Result<Snapshot, StoreError> {
        let document = self.document(repo, tip)?;
        let newer = (document.schema() > SCHEMA).then(|| Alarm::NewerSchema { schema: document.schema() });
        Ok(Snapshot {
            tip: Some(Tip(tip.to_string())),
            board: document.board().clone(),
            is_confirmed,
            alarm: alarm.or(newer),
        })
    }

    pub(super) fn document(&self, repo: &gix::Repository, tip: ObjectId) -> Result<Document, StoreError> {
        let remembered = self.with_memo(|memo| memo.document.clone().filter(|(id, _)| *id == tip));
        if let Some((_, document)) = remembered {
            return Ok(document);
        }
        match objects::read_document(repo, tip).map_err(|err| self.fault("read", &err))? {
            Found::Unreadable(why) => {
                Err(StoreError::Unreadable { tip: Tip(tip.to_string()), why: why.to_string() })
            }
            Found::Document(document) => {
                self.with_memo(|memo| memo.document = Some((tip, (*document).clone())));
                Ok(*document)
            }
        }
    }

    pub(super) fn with_memo<T>(&self, act: impl FnOnce(&mut Memo) -> T) -> T {
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
        let is_here = handover::import(repo, &left, tip, seen.is_none()).unwrap_or(false);
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
        let order = walk::order(repo, tip, ancestor).map_err(|err| self.fault("read", &err))?;
        Ok(matches!(order, Order::Same | Order::After))
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

    /// Moves the branch from `base` to `tip`, if it is still at `base`; in between are `n_commits`.
    pub(super) fn move_branch(
        &self,
        repo: &gix::Repository,
        base: Option<ObjectId>,
        tip: ObjectId,
        n_commits: usize,
    ) -> Result<Pushed, StoreError> {
        let base = base.map(|base| base.to_string());
        let (base, tip) = (base.as_deref(), tip.to_string());
        steps::try_pass("before push").map_err(|err| self.fault("write", &err.to_string()))?;
        let pushed = match &self.site.remote {
            None => refs::swap_local(&self.git, &self.site, base, &tip),
            Some(remote) => {
                let flags: &[&str] = if n_commits < MANY_COMMITS { &[] } else { &["--no-thin"] };
                remote::push(&self.git, repo.path(), &self.site, remote, &tip, base, flags)
            }
        };
        steps::pass("after push");
        pushed
    }

    /// Leaves the board for hooks, which read nothing else.
    fn leave_copy(&self, tip: ObjectId, board: &Board) {
        copy::leave(&self.site.copy_path(), Some(&tip.to_string()), board, self.clock.now());
    }

    /// Returns the folder of what hooks leave for each other, and the file that says when a tip was confirmed.
    pub fn desk_places(&self) -> (std::path::PathBuf, std::path::PathBuf) {
        (self.site.desk_dir(), self.recency.path().to_owned())
    }

    /// Notes how long a push took that went through. A ref of the clone itself needs no such memory.
    fn note_pace(&self, began: Duration) {
        if self.site.remote.is_some() {
            self.pace.note(self.clock.monotonic().saturating_sub(began));
        }
    }

    /// Notes an accepted move from `base`, and says so.
    pub(super) fn moved_to(&self, repo: &gix::Repository, base: Option<ObjectId>, tip: ObjectId) -> Swap {
        let noted = match self.seen(repo) {
            Ok(seen) if seen == base => self.accept(repo, tip),
            _ => self.advance(repo, tip),
        };
        // The move is true, whether or not it can be noted here; the next read notes it.
        if noted.is_ok() {
            self.recency.note(self.clock.now(), false);
        }
        self.host.hand_over(tip, repo.path(), self.clock.now());
        self.has_grown(repo);
        Swap::Swapped(Tip(tip.to_string()))
    }
}

impl Store for GitStore {
    fn read(&self, want: Freshness) -> Result<Snapshot, StoreError> {
        let repo = self.repo()?;
        let seen = self.seen(&repo)?;
        let is_remote = self.site.remote.is_some();
        if let (Freshness::Recent, true) = (want, is_remote)
            && let Some(tip) = self.likely_tip(&repo, seen)
        {
            let alarm = self.guard_if_required(&repo, tip)?;
            return self.snapshot(&repo, tip, false, alarm);
        }
        // Of those who wait in this clone, one asks, and the others see what it has found.
        let mut asking = None;
        if let (Freshness::Within(time), Some(seen), true) = (want, seen, is_remote) {
            asking = self.recency.begin_asking();
            if asking.is_none() || self.recency.is_confirmed_within(time, self.clock.now()) {
                return self.snapshot(&repo, seen, false, None);
            }
        }
        let depth = if seen.is_none() { Depth::Tip } else { Depth::New };
        let found = self.ask(&repo, depth)?;
        let seen = match (seen, self.seen(&repo)?, found) {
            // Another process of the clone was the first to look: what we found must follow from that.
            (None, Some(first), Some(found)) if first != found => {
                drop(asking);
                return self.read(want);
            }
            // What another has seen meanwhile is neither before nor after what we found: perhaps it is not even
            // in this edition. The next look begins with it.
            (Some(before), Some(now), Some(found))
                if now != before
                    && !self.descends(&repo, now, found)?
                    && !self.descends(&repo, found, now)? =>
            {
                drop(asking);
                return self.read(want);
            }
            (before, _, _) => before,
        };
        let snapshot = match (seen, found) {
            (None, None) => {
                let alarm = super::audit::guard_signers(self)?;
                copy::leave(&self.site.copy_path(), None, &Board::default(), self.clock.now());
                Ok(Snapshot { tip: None, board: Board::default(), is_confirmed: true, alarm })
            }
            (Some(seen), None) => {
                let alarm = Alarm::Deleted { seen: Tip(seen.to_string()) };
                self.snapshot(&repo, seen, true, Some(alarm))
            }
            (Some(seen), Some(found)) if !self.descends(&repo, found, seen)? => {
                let alarm = Alarm::Rewritten { seen: Tip(seen.to_string()), found: Tip(found.to_string()) };
                self.snapshot(&repo, found, true, Some(alarm))
            }
            (seen, Some(found)) => {
                let mut snapshot = self.snapshot(&repo, found, true, None)?;
                snapshot.alarm = snapshot.alarm.or(super::audit::guard(self, &repo, found)?);
                if seen != Some(found) {
                    self.advance(&repo, found)?;
                    self.has_grown(&repo);
                }
                self.leave_copy(found, &snapshot.board);
                let now = self.clock.now();
                match seen {
                    Some(seen) => self.recency.note(now, seen != found),
                    None => self.recency.note_first(now, snapshot.board.newest()),
                }
                Ok(snapshot)
            }
        };
        drop(asking);
        snapshot
    }

    fn at(&self, tip: Option<&Tip>) -> Result<Snapshot, StoreError> {
        match parse_tip(tip) {
            Some(tip) => {
                let repo = self.repo()?;
                super::history::reach(self, &repo, tip)?;
                self.snapshot(&repo, tip, false, None)
            }
            None => Ok(Snapshot { tip: None, board: Board::default(), is_confirmed: false, alarm: None }),
        }
    }

    fn take_turn(&self, patience: Duration) -> Box<dyn Turn + '_> {
        self.host.take_turn(&self.clock, patience)
    }

    fn ask_leave(&self) -> Leave {
        self.budget.as_ref().map_or(Leave::Granted, |budget| budget.take(&*self.clock))
    }

    fn push_time(&self) -> Option<Duration> {
        self.pace.look()
    }

    fn push_budget(&self) -> Option<PushBudget> {
        self.budget.as_ref()?.look(&*self.clock)
    }

    fn prepare(&self, base: &Snapshot, steps: &[Step]) -> Result<(), StoreError> {
        let repo = self.repo()?;
        let base = parse_tip(base.tip.as_ref());
        if !is_left_behind(&repo, base) {
            self.write_steps(&repo, base, steps)?;
        }
        Ok(())
    }

    fn swap(&self, base: &Snapshot, steps: &[Step]) -> Result<Swap, StoreError> {
        let repo = self.repo()?;
        let base = parse_tip(base.tip.as_ref());
        if is_left_behind(&repo, base) {
            return Ok(Swap::Moved);
        }
        let prepared = self.write_steps(&repo, base, steps)?;
        if let Some(late) = self.is_late(&repo, base, prepared.tip)? {
            return Ok(late);
        }
        let began = self.clock.monotonic();
        match self.move_branch(&repo, base, prepared.tip, steps.len())? {
            Pushed::Done => {
                self.note_pace(began);
                self.leave_copy(prepared.tip, prepared.document.board());
                self.with_memo(|memo| {
                    memo.prepared = None;
                    memo.document = Some((prepared.tip, prepared.document));
                });
                Ok(self.moved_to(&repo, base, prepared.tip))
            }
            moved @ (Pushed::Stale | Pushed::Refused) => {
                self.recency.note(self.clock.now(), true);
                Ok(if moved == Pushed::Stale { Swap::Moved } else { Swap::Refused })
            }
            Pushed::Later(pause) => Ok(self.leave_alone(pause)),
            Pushed::Unclear(why, pause) => {
                if let Some(pause) = pause {
                    self.leave_alone(pause);
                }
                Ok(Swap::Unknown { why })
            }
        }
    }

    fn contains(&self, op: &OpId, base: Option<&Tip>) -> Result<bool, StoreError> {
        let repo = self.repo()?;
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
        self.ask_leave();
        let repo = self.repo()?;
        let written = objects::write_commit(&repo, None, &Document::empty(), GENESIS, &signature);
        let tip = written.map_err(|err| self.fault("write", &err))?;
        match self.move_branch(&repo, None, tip, 1)? {
            Pushed::Done => {
                self.moved_to(&repo, None, tip);
                Ok(())
            }
            // Somebody else was first, or it may be there by now: the next read tells.
            Pushed::Stale | Pushed::Refused | Pushed::Later(_) | Pushed::Unclear(..) => {
                self.read(Freshness::Now).map(|_| ())
            }
        }
    }

    fn try_push(&self) -> Result<(), StoreError> {
        let Some(remote) = &self.site.remote else { return Ok(()) };
        let repo = self.repo()?;
        let base = self.ask(&repo, Depth::New)?.map(|tip| tip.to_string());
        let signature = self.signature();
        let written = objects::write_commit(&repo, None, &Document::empty(), GENESIS, &signature);
        let probe = written.map_err(|err| self.fault("write", &err))?;
        let (probe, base) = (probe.to_string(), base.as_deref());
        match remote::push(&self.git, repo.path(), &self.site, remote, &probe, base, &["--dry-run"])? {
            // Somebody writes at this moment: so may we.
            Pushed::Done | Pushed::Stale | Pushed::Refused => Ok(()),
            Pushed::Later(pause) => {
                let detail = format!("it asks to be left alone for {} s", pause.as_secs());
                Err(StoreError::Git { doing: "try a push".into(), detail })
            }
            Pushed::Unclear(detail, _) => Err(StoreError::Git { doing: "try a push".into(), detail }),
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
