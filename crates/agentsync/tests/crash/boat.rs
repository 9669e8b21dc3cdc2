//! Two processes of a clone: one carries the other's change, and either dies on the way.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::Child;
use std::time::{Duration, Instant};

use agentsync_lab::answer::Answer;

use crate::solo::{Deed, check_truth, env_of};
use crate::stage::{Kind, MAX_BLOCKED, Passed, Stage, passed, run, signal, start, wait_until};

/// A change that waits for whoever leads; its process is stopped.
pub(crate) struct Ride<'a> {
    pub(crate) deed: Deed<'a>,
    child: Child,
}

/// Returns the queue of the clone, which there is one of.
fn queue(stage: &Stage) -> PathBuf {
    let all = stage.alice.path().join(".git/agentsync/queue");
    let mut queues = fs::read_dir(all).unwrap().map(|entry| entry.unwrap().path());
    queues.next().unwrap()
}

fn n_of(stage: &Stage, kind: &str) -> usize {
    let files = fs::read_dir(queue(stage)).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.extension().is_some_and(|found| found == kind)).count()
}

/// Has the lead, so that whoever comes must wait.
fn have_lead(stage: &Stage) -> File {
    let file = File::options().create(true).append(true).open(queue(stage).join("lead.lock")).unwrap();
    file.lock().unwrap();
    file
}

impl<'a> Ride<'a> {
    /// Starts a process whose change waits, and stops it there.
    pub(crate) fn begin(stage: &'a Stage, kind: Kind, env: &[(&str, String)]) -> Ride<'a> {
        let deed = Deed::prepare(stage, &stage.alice, kind);
        let lead = have_lead(stage);
        let mut env = env.to_vec();
        env.push(("AGENTSYNC_HISTORY", deed.history().display().to_string()));
        let child = start(&deed.agent, &env, &deed.args());
        wait_until("a change waits", || n_of(stage, "waiting") == 1);
        signal("STOP", child.id());
        drop(lead);
        Ride { deed, child }
    }

    /// Lets the process go on to its end.
    pub(crate) fn go_on(self) -> (Deed<'a>, Answer, Duration) {
        let began = Instant::now();
        signal("CONT", self.child.id());
        let output = self.child.wait_with_output().unwrap();
        let answer = Answer {
            asked: format!("{:?}", self.deed.args()),
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            raw: output.stdout,
        };
        (self.deed, answer, began.elapsed())
    }
}

/// Steps that a leader passes on account of others.
fn is_for_others(kind: Kind, step: &str) -> bool {
    let all = ["batch", "answer", "boat", "aboard", "push", "chain", "lead", "replaced seen", "leave had"];
    let some = ["batch", "answer", "after push"];
    let words = if matches!(kind, Kind::Claim | Kind::Note) { &all[..] } else { &some[..] };
    words.iter().any(|word| step.contains(word))
}

/// Lets a leader carry a change of `kind` unharmed, and returns what it passes.
pub(crate) fn rehearse(stage: &Stage, kind: Kind) -> Passed {
    let ride = Ride::begin(stage, kind, &[]);
    let leader = Deed::prepare(stage, &stage.alice.as_agent("dave"), Kind::Claim);
    let mut passed = leader.rehearse(&env_of(stage.place));
    passed.retain(|step, _| is_for_others(kind, step));
    let (deed, answer, _) = ride.go_on();
    assert!(deed.check_fate() && answer.code == i32::from(kind == Kind::Wait), "{answer:?}");
    passed
}

/// Lets a leader die that carries a change of `kind`, or has a step fail.
pub(crate) fn play(stage: &Stage, kind: Kind, step: &str, is_crash: bool) -> Duration {
    // Who is left without an answer by a disk that is full says *unknown* at its deadline, which is true.
    let timeout = [("AGENTSYNC_TIMEOUT", if is_crash { "45" } else { "5" }.to_owned())];
    let ride = Ride::begin(stage, kind, &timeout);
    let leader = Deed::prepare(stage, &stage.alice.as_agent("dave"), Kind::Claim);
    match is_crash {
        true => assert!(leader.die(&env_of(stage.place), step), "the leader never came to `{step}`"),
        false => leader.fail(&env_of(stage.place), step),
    }
    let (deed, answer, took) = ride.go_on();
    assert!(took < MAX_BLOCKED, "who waited for the dead one was answered after {took:?}");
    match (is_crash, kind) {
        // Its own patience is over; the place in the line is kept.
        (true, Kind::Wait) => assert!(answer.code == 1 && deed.check_fate(), "{answer:?}"),
        (true, _) => {
            answer.clone().expect_code(0);
            check_truth(stage, &answer, deed.op().as_deref());
        }
        (false, _) => check_truth(stage, &answer, deed.op().as_deref()),
    }
    took.max(leader.heal()).max(deed.heal())
}

/// Lets the one who waits die.
pub(crate) fn play_rider(stage: &Stage, step: &str) -> Duration {
    let crash = [("AGENTSYNC_CRASH", step.to_owned())];
    let deed = if step == "answer read" {
        let ride = Ride::begin(stage, Kind::Note, &crash);
        run(&stage.alice.as_agent("dave"), &["mailbox", "hello"], 0);
        let (deed, answer, _) = ride.go_on();
        assert_eq!(answer.code, -1, "{answer:?}");
        deed
    } else {
        let deed = Deed::prepare(stage, &stage.alice, Kind::Note);
        let lead = have_lead(stage);
        assert!(deed.die(&[], step), "nobody came to `{step}`");
        drop(lead);
        deed
    };
    deed.heal()
}

/// Lets a leader die that has no leave to push: before it tells those who wait, or gives them back.
pub(crate) fn play_budget(stage: &Stage, step: &str) -> Duration {
    // With no leave before the deadline it gives up at once; with leave in ten seconds it waits.
    let (rate, timeout) = if step == "before it is put back" { ("1/1", "1") } else { ("6/1", "20") };
    let budget = |timeout: &str| {
        vec![("AGENTSYNC_PUSH_BUDGET", rate.to_owned()), ("AGENTSYNC_TIMEOUT", timeout.to_owned())]
    };
    // The one push there is goes to somebody else.
    let before = Deed::prepare(stage, &stage.alice.as_agent("erin"), Kind::Note);
    before.rehearse(&budget("20"));
    let ride = Ride::begin(stage, Kind::Note, &[]);
    let leader = Deed::prepare(stage, &stage.alice.as_agent("dave"), Kind::Claim);
    assert!(leader.die(&budget(timeout), step), "the leader never came to `{step}`");
    let (deed, answer, took) = ride.go_on();
    answer.expect_code(0);
    assert!(took < MAX_BLOCKED, "who waited was answered after {took:?}");
    took.max(leader.heal()).max(deed.heal())
}

/// Returns what a process passes whose change waits and is answered.
pub(crate) fn passed_by_rider(stage: &Stage) -> Passed {
    let log = stage.file("steps-of-rider", stage.next());
    let ride = Ride::begin(stage, Kind::Note, &[("AGENTSYNC_STEPS", log.display().to_string())]);
    run(&stage.alice.as_agent("dave"), &["mailbox", "hello"], 0);
    ride.go_on().1.expect_code(0);
    passed(&log)
}
