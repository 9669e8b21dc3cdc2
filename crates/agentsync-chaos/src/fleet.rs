//! The processes that are alive, for those who kill them.

use std::collections::BTreeMap;
use std::process::{Child, ExitStatus};
use std::sync::Mutex;
use std::time::Duration;

use rustix::process::Signal;

use crate::process::{self, Seen};

/// The processes that may be killed or stopped, by client.
#[derive(Debug, Default)]
pub(crate) struct Fleet {
    members: Mutex<BTreeMap<usize, Member>>,
    /// When which process was killed.
    deaths: Mutex<BTreeMap<u32, u64>>,
}

#[derive(Debug)]
struct Member {
    child: Child,
    /// Whether it has something to do.
    is_busy: bool,
    /// Since when it has, in nanoseconds.
    since: u64,
}

impl Fleet {
    /// Takes a process of a client in.
    pub(crate) fn enter(&self, client: usize, child: Child, is_busy: bool) {
        let member = Member { child, is_busy, since: process::now() };
        self.members.lock().unwrap().insert(client, member);
    }

    /// Notes whether a client's process has something to do.
    pub(crate) fn set_busy(&self, client: usize, is_busy: bool) {
        if let Some(member) = self.members.lock().unwrap().get_mut(&client) {
            (member.is_busy, member.since) = (is_busy, process::now());
        }
    }

    /// Tells whether a client has a process.
    pub(crate) fn has(&self, client: usize) -> bool {
        self.members.lock().unwrap().contains_key(&client)
    }

    /// Waits for the end of a client's process, and lets nobody signal it once it is gone.
    pub(crate) fn wait(&self, client: usize) -> Option<ExitStatus> {
        loop {
            let mut members = self.members.lock().unwrap();
            let member = members.get_mut(&client)?;
            if let Some(status) = member.child.try_wait().unwrap() {
                members.remove(&client);
                return Some(status);
            }
            // Somebody who looks for processes gets the lock meanwhile.
            drop(members);
            std::thread::sleep(Duration::from_millis(3));
        }
    }

    /// Lists the clients whose processes have something to do.
    pub(crate) fn busy(&self) -> Vec<usize> {
        let members = self.members.lock().unwrap();
        members.iter().filter(|(_, member)| member.is_busy).map(|(client, _)| *client).collect()
    }

    /// Returns when which process was killed.
    pub(crate) fn deaths(&self) -> BTreeMap<u32, u64> {
        self.deaths.lock().unwrap().clone()
    }

    /// Lists those that have had the same thing to do for longer than `limit`.
    pub(crate) fn overdue(&self, limit: Duration) -> Vec<usize> {
        let members = self.members.lock().unwrap();
        let is_late = |member: &Member| {
            member.is_busy && Duration::from_nanos(process::now().saturating_sub(member.since)) > limit
        };
        members.iter().filter(|(_, member)| is_late(member)).map(|(client, _)| *client).collect()
    }

    /// Does something to a client's process and what descends from it, unless it is gone.
    pub(crate) fn with_tree<T>(&self, client: usize, act: impl FnOnce(&[Seen]) -> T) -> Option<T> {
        let members = self.members.lock().unwrap();
        members.get(&client).map(|member| act(&process::tree(member.child.id())))
    }

    /// Kills a client's process, with what descends from it or alone; says whether it was pushing.
    pub(crate) fn kill(&self, client: usize, is_tree: bool) -> Option<bool> {
        let members = self.members.lock().unwrap();
        let member = members.get(&client)?;
        let tree = process::tree(member.child.id());
        match is_tree {
            true => process::signal_all(&tree, Signal::KILL),
            false => process::signal(member.child.id(), Signal::KILL),
        }
        self.deaths.lock().unwrap().insert(member.child.id(), process::now());
        Some(process::is_pushing(&tree))
    }
}
