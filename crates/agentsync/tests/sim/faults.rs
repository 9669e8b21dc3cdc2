//! Which faults there are, how likely each is in a seed, and how often each struck.

use std::time::Duration;

/// The faults that strike at a call of a port. Those from outside are strikes of the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fault {
    /// The remote rejects a push although nobody moved the branch.
    Reject,
    /// A push never arrives, and no answer comes.
    LostRequest,
    /// A push arrives, and the answer is lost.
    LostAck,
    /// A push arrives after its sender gave up.
    LateApply,
    /// A push arrives twice, the second time later.
    Duplicate,
    /// A push arrives twice, and the second one's refusal is the answer.
    DuplicateAnswer,
    /// A push arrives after one that was sent later.
    Reorder,
    /// A call meets a machine that is cut off.
    Partition,
    /// A call takes much longer than others.
    Slow,
    /// A read is served from an old state.
    StaleRead,
    /// A read is served another branch's tip.
    WrongTip,
    /// A connection is refused before anything is sent.
    NoConnection,
    /// The branch was deleted.
    Delete,
    /// The branch was moved back.
    Rollback,
    /// A document that cannot be read was pushed.
    Corrupt,
    /// A document of a newer schema was pushed.
    Newer,
    /// A push meets a lock that was left behind.
    StuckLock,
    /// The budget of pushes is used up.
    NoLeave,
    /// The remote asks to be left alone for a while.
    Later,
    /// The remote has no space.
    RemoteFull,
    /// The local disk has no space.
    LocalFull,
    /// A process is killed.
    Crash,
    /// Its push arrives although it was killed.
    Zombie,
    /// A process is stopped for up to a minute.
    Stopped,
    /// The leader of a clone is killed.
    LeaderKilled,
    /// A clone's queue cannot be locked: everybody writes on his own.
    NoLock,
    /// An answer in a clone's queue is lost.
    AnswerLost,
    /// A wall clock jumps.
    ClockJump,
    /// A machine's clock is off by hours or years.
    ClockSkew,
    /// A machine's clock runs at another rate.
    ClockRate,
}

impl Fault {
    pub(crate) const ALL: [Fault; 30] = [
        Fault::Reject,
        Fault::LostRequest,
        Fault::LostAck,
        Fault::LateApply,
        Fault::Duplicate,
        Fault::DuplicateAnswer,
        Fault::Reorder,
        Fault::Partition,
        Fault::Slow,
        Fault::StaleRead,
        Fault::WrongTip,
        Fault::NoConnection,
        Fault::Delete,
        Fault::Rollback,
        Fault::Corrupt,
        Fault::Newer,
        Fault::StuckLock,
        Fault::NoLeave,
        Fault::Later,
        Fault::RemoteFull,
        Fault::LocalFull,
        Fault::Crash,
        Fault::Zombie,
        Fault::Stopped,
        Fault::LeaderKilled,
        Fault::NoLock,
        Fault::AnswerLost,
        Fault::ClockJump,
        Fault::ClockSkew,
        Fault::ClockRate,
    ];

    /// How likely the fault is at most, in thousandths of the calls it can strike.
    fn most_likely(self) -> u32 {
        match self {
            Fault::Reject | Fault::LostAck | Fault::LateApply | Fault::LostRequest => 150,
            Fault::Duplicate | Fault::DuplicateAnswer | Fault::Slow => 100,
            Fault::StaleRead | Fault::NoConnection | Fault::RemoteFull | Fault::NoLeave | Fault::Later => 50,
            Fault::WrongTip | Fault::LocalFull | Fault::AnswerLost => 20,
            Fault::NoLock => 200,
            Fault::Crash => 15,
            Fault::Stopped => 4,
            _ => 0,
        }
    }
}

/// How likely each fault is in one seed: each is off in half of the seeds, so that it is also seen
/// alone.
#[derive(Debug, Clone)]
pub(crate) struct Weather {
    per_mille: [u32; Fault::ALL.len()],
    /// Whether anything strikes from outside.
    pub(crate) has_strikes: bool,
}

impl Weather {
    pub(crate) fn roll(rng: &mut fastrand::Rng) -> Weather {
        let mut per_mille = [0; Fault::ALL.len()];
        for (slot, fault) in per_mille.iter_mut().zip(Fault::ALL) {
            if rng.bool() {
                *slot = rng.u32(0..=fault.most_likely());
            }
        }
        Weather { per_mille, has_strikes: rng.u8(0..4) > 0 }
    }

    pub(crate) fn per_mille(&self, fault: Fault) -> u32 {
        self.per_mille[fault as usize]
    }
}

/// How often each fault struck.
#[derive(Debug, Clone, Default)]
pub(crate) struct Counts {
    hits: [u64; Fault::ALL.len()],
    /// The longest call, by its caller's own clock.
    pub(crate) longest_call: Duration,
    /// The longest time a call took after the faults had ended.
    pub(crate) longest_quiet: Duration,
}

impl Counts {
    pub(crate) fn hit(&mut self, fault: Fault) {
        self.hits[fault as usize] += 1;
    }

    pub(crate) fn of(&self, fault: Fault) -> u64 {
        self.hits[fault as usize]
    }

    pub(crate) fn add(&mut self, other: &Counts) {
        for (mine, theirs) in self.hits.iter_mut().zip(other.hits) {
            *mine += theirs;
        }
        self.longest_call = self.longest_call.max(other.longest_call);
        self.longest_quiet = self.longest_quiet.max(other.longest_quiet);
    }
}
