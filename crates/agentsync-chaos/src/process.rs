//! Signals to processes that this program started, and to what those started.

use std::collections::BTreeMap;
use std::fs;

use rustix::process::{Pid, Signal, kill_process};
use rustix::time::{ClockId, clock_gettime};

/// A process, as the system lists it.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) pid: u32,
    /// Its command line, the words apart by spaces.
    pub(crate) words: String,
}

/// Returns the nanoseconds of the clock that histories are written by.
pub(crate) fn now() -> u64 {
    let now = clock_gettime(ClockId::Monotonic);
    u64::try_from(now.tv_sec).unwrap() * 1_000_000_000 + u64::try_from(now.tv_nsec).unwrap()
}

/// Lists `pid` and all that descends from it, parents first.
///
/// Git's processes are in sessions of their own, so a process group would not name them.
pub(crate) fn tree(pid: u32) -> Vec<Seen> {
    let mut children: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let Some(child) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        if let Some(parent) = parent_of(child) {
            children.entry(parent).or_default().push(child);
        }
    }
    let mut found = vec![pid];
    let mut next = 0;
    while let Some(parent) = found.get(next).copied() {
        found.extend(children.get(&parent).into_iter().flatten());
        next += 1;
    }
    found.into_iter().map(|pid| Seen { pid, words: words_of(pid) }).collect()
}

fn parent_of(pid: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // `1234 (name with ) in it) S 1 …`
    stat.rsplit(") ").next()?.split(' ').nth(1)?.parse().ok()
}

fn words_of(pid: u32) -> String {
    let bytes = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    String::from_utf8_lossy(&bytes).replace('\0', " ")
}

/// Tells whether a push is under way among these processes.
pub(crate) fn is_pushing(tree: &[Seen]) -> bool {
    tree.iter().any(|seen| seen.words.contains(" push --porcelain") || seen.words.contains("send-pack"))
}

/// Sends a signal. A process that is gone by now needs none.
pub(crate) fn signal(pid: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        let _ = kill_process(pid, signal);
    }
}

/// Sends a signal to all of a tree.
pub(crate) fn signal_all(tree: &[Seen], what: Signal) {
    for seen in tree {
        signal(seen.pid, what);
    }
}

/// Tells whether the command line of any process has one of `places` and one of `words` in it.
pub(crate) fn anybody_says(places: &[&str], words: &[&str]) -> bool {
    let entries = fs::read_dir("/proc").unwrap().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    pids.map(words_of).any(|line| {
        places.iter().any(|place| line.contains(place)) && words.iter().any(|word| line.contains(word))
    })
}
