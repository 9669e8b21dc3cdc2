//! What goes wrong: processes killed and stopped, the remote killed and started again, locks left behind.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use fastrand::Rng;
use rustix::process::Signal;

use crate::fleet::Fleet;
use crate::plan::Round;
use crate::process::{self, Seen};
use crate::remote::Remote;

/// The longest time a process is stopped for.
const LONGEST_STOP: Duration = Duration::from_secs(5);
/// How old a lock must be before it is taken for one that was left behind: older than any stop.
const LEFT_BEHIND: Duration = Duration::from_secs(8);
/// A call that lasts so long will never end.
const HUNG: Duration = Duration::from_secs(100);

/// How often what went wrong.
#[derive(Debug, Default, Clone)]
#[expect(clippy::struct_field_names, reason = "counts are called `n_…`")]
pub(crate) struct Toll {
    pub(crate) n_kills: usize,
    pub(crate) n_tree_kills: usize,
    pub(crate) n_kills_in_push: usize,
    pub(crate) n_stops: usize,
    pub(crate) n_restarts: usize,
    pub(crate) n_stale_locks: usize,
    pub(crate) n_hung: usize,
}

/// Lets things go wrong.
pub(crate) struct Nemesis<'a> {
    pub(crate) fleet: &'a Fleet,
    pub(crate) hub: &'a Path,
    pub(crate) dice: Rng,
    pub(crate) toll: Toll,
    /// Processes that are stopped, and until when.
    pub(crate) stopped: Vec<(Instant, Vec<Seen>)>,
}

impl Nemesis<'_> {
    /// Goes on for as long as the round says; then nothing is stopped and the remote is up.
    pub(crate) fn rage(&mut self, round: &Round, remote: &mut Remote, is_over: &AtomicBool) {
        let end = Instant::now() + round.time;
        let mut next_restart = Instant::now() + Duration::from_secs(4);
        while Instant::now() < end {
            let pause = round.kill_every.mul_f64(self.dice.f64() * 2.0);
            thread::sleep(pause);
            self.wake(Instant::now());
            match self.dice.u32(..10) {
                0..4 => self.kill_any(),
                4..8 => self.kill_a_pusher(),
                _ => self.stop_one(),
            }
            self.sweep();
            self.toll.n_restarts += usize::from(remote.revive());
            if remote.is_served() && next_restart < Instant::now() {
                self.restart(remote);
                next_restart = Instant::now() + Duration::from_secs(self.dice.u64(4..12));
            }
        }
        is_over.store(true, Ordering::Relaxed);
        self.wake(end + LONGEST_STOP * 2);
    }

    /// Kills calls that never end, and counts them: that is for the watch after the rage.
    pub(crate) fn end_hung(&mut self) {
        for client in self.fleet.overdue(HUNG) {
            self.toll.n_hung += 1;
            let _ = self.fleet.kill(client, true);
        }
    }

    fn kill_any(&mut self) {
        let busy = self.fleet.busy();
        if let Some(client) = self.dice.choice(busy) {
            self.kill(client);
        }
    }

    /// Waits for somebody to push, and kills it a moment later.
    fn kill_a_pusher(&mut self) {
        let patience = Instant::now() + Duration::from_millis(250);
        while Instant::now() < patience {
            for client in self.fleet.busy() {
                if self.fleet.with_tree(client, process::is_pushing) == Some(true) {
                    thread::sleep(Duration::from_millis(self.dice.u64(..25)));
                    self.kill(client);
                    return;
                }
            }
            thread::sleep(Duration::from_millis(2));
        }
        self.kill_any();
    }

    fn kill(&mut self, client: usize) {
        let is_tree = self.dice.bool();
        if let Some(was_pushing) = self.fleet.kill(client, is_tree) {
            self.toll.n_kills += 1;
            self.toll.n_tree_kills += usize::from(is_tree);
            self.toll.n_kills_in_push += usize::from(was_pushing);
        }
    }

    fn stop_one(&mut self) {
        let Some(client) = self.dice.choice(self.fleet.busy()) else { return };
        let is_tree = self.dice.bool();
        let stopped = self.fleet.with_tree(client, |tree| {
            let tree = if is_tree { tree.to_vec() } else { tree[..1].to_vec() };
            process::signal_all(&tree, Signal::STOP);
            tree
        });
        if let Some(tree) = stopped {
            self.toll.n_stops += 1;
            let time = Duration::from_millis(self.dice.u64(500..5000));
            self.stopped.push((Instant::now() + time.min(LONGEST_STOP), tree));
        }
    }

    /// Lets those go on whose time is over.
    pub(crate) fn wake(&mut self, now: Instant) {
        for (_, tree) in self.stopped.extract_if(.., |(until, _)| *until <= now) {
            process::signal_all(&tree, Signal::CONT);
        }
    }

    fn restart(&mut self, remote: &mut Remote) {
        remote.kill(self.dice.bool());
        thread::sleep(Duration::from_millis(self.dice.u64(100..1500)));
        remote.start_again();
        self.toll.n_restarts += 1;
    }

    /// Does what an administrator does: removes locks that their owners left behind.
    pub(crate) fn sweep(&mut self) {
        for path in locks(self.hub) {
            let modified = fs::metadata(&path).and_then(|meta| meta.modified());
            let age = modified.ok().and_then(|at| SystemTime::now().duration_since(at).ok());
            if age.is_some_and(|age| age > LEFT_BEHIND) && fs::remove_file(&path).is_ok() {
                self.toll.n_stale_locks += 1;
            }
        }
    }
}

/// Notes when which tip stood on the branch first, where references are files.
pub(crate) fn watch(hub: &Path, is_over: &AtomicBool) -> Vec<(u64, String)> {
    let path = hub.join("refs/heads/agentsync");
    let mut seen: Vec<(u64, String)> = Vec::new();
    while !is_over.load(Ordering::Relaxed) {
        let tip = fs::read_to_string(&path).unwrap_or_default();
        if !tip.is_empty() && seen.last().is_none_or(|(_, last)| last != tip.trim()) {
            seen.push((process::now(), tip.trim().to_owned()));
        }
        thread::sleep(Duration::from_millis(3));
    }
    seen
}

/// Lists the locks of a hub's references.
pub(crate) fn locks(hub: &Path) -> Vec<PathBuf> {
    let folders = [hub.join("refs/heads"), hub.join("reftable"), hub.to_owned()];
    let files = folders.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten().flatten();
    files
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|kind| kind == "lock"))
        .collect()
}
