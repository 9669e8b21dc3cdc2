//! One round: clients at work while things go wrong, then quiet, then the check.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::RwLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use agentsync_lab::lab::{Lab, LabOptions};
use agentsync_lab::witness::{self, Evidence, Link, Record, Violation};
use fastrand::Rng;

use crate::client::{Client, Wish};
use crate::evidence::{self, Call};
use crate::figures::Figures;
use crate::fleet::Fleet;
use crate::nemesis::{Nemesis, Toll, locks, watch};
use crate::plan::{Options, Round};
use crate::process;
use crate::remote::Remote;
use crate::search::{self, Pause, Verdict};
use crate::teeth;

/// How many agents the search can follow.
const MAX_SEARCHED: usize = 8;
/// The time between two pauses, for the search.
const WINDOW: Duration = Duration::from_secs(10);

/// What a round came to.
pub(crate) struct Outcome {
    pub(crate) figures: Figures,
    /// What must not be, in words.
    pub(crate) wrong: Vec<String>,
}

/// Plays a round and checks it.
pub(crate) fn play(options: &Options, round: &Round) -> Outcome {
    let mut lab_options = LabOptions::new(&options.agentsync);
    (lab_options.object_format, lab_options.ref_format) = (round.hash, round.refs);
    let lab = Lab::with(lab_options);
    let histories = lab.path().join("histories");
    fs::create_dir(&histories).unwrap();
    let mut remote = Remote::new(&lab, round, options.http_host.clone());
    let fleet = Fleet::default();
    let files: Vec<String> = (0..round.n_files).map(|n| format!("src/f{n}.rs")).collect();
    let mut clients = hire(&lab, round, &remote, &histories, &files, &fleet);
    let is_judged = AtomicBool::new(false);
    let (storm, calm, sightings) = thread::scope(|scope| {
        let watcher = scope.spawn(|| watch(lab.hub_path(), &is_judged));
        let storm = storm(&lab, round, &mut remote, &fleet, &mut clients);
        let calm = calm(&lab, &mut remote, &mut clients);
        is_judged.store(true, Ordering::Relaxed);
        (storm, calm, watcher.join().unwrap())
    });
    let (mut toll, pauses, mut complaints) = storm;
    complaints.extend(calm.wrong);
    toll.n_stale_locks += calm.n_swept;
    let calls = evidence::read_calls(&histories);
    let chain = evidence::read_chain(lab.hub_path(), &calls);
    let mut outcome = judge(&lab, round, &calls, &chain, &pauses, &files);
    outcome.figures.count_zombies(&calls, &chain, &fleet.deaths(), &sightings);
    outcome.figures.toll = toll;
    outcome.figures.quiet_ms = u64::try_from(calm.worst.as_millis()).unwrap();
    outcome.figures.n_other_violations += complaints.len();
    outcome.wrong.extend(complaints);
    for name in fs::read_to_string(remote.fault_log()).unwrap_or_default().lines() {
        *outcome.figures.faults.entry(name.to_owned()).or_default() += 1;
    }
    if !outcome.figures.is_clean() {
        keep(&options.keep, round, &lab, &outcome.wrong);
    }
    outcome
}

/// Gives each client its clone: several to a clone, every other clone on a machine of its own.
fn hire<'a>(
    lab: &Lab,
    round: &Round,
    remote: &Remote,
    histories: &Path,
    files: &'a [String],
    fleet: &'a Fleet,
) -> Vec<Client<'a>> {
    let n_clones = round.n_clients.div_ceil(4).max(2).min(round.n_clients);
    let clones: Vec<_> = (0..n_clones)
        .map(|n| {
            let clone = lab.clone(&format!("clone-{n}"));
            clone.git(&["remote", "set-url", "origin", &remote.url()]);
            clone
        })
        .collect();
    let client = |number: usize| Client {
        number,
        checkout: clones[number % n_clones].as_agent(&format!("agent-{number:02}")),
        is_server: number / n_clones % 2 == 1,
        takes_turns: (number % n_clones).is_multiple_of(2),
        history: histories.join(format!("agent-{number:02}.jsonl")),
        files,
        fleet,
        dice: Rng::with_seed(round.seed * 100 + number as u64),
        server: None,
    };
    (0..round.n_clients).map(client).collect()
}

/// Lets the clients work while things go wrong; returns what did, and when there were pauses.
fn storm(
    lab: &Lab,
    round: &Round,
    remote: &mut Remote,
    fleet: &Fleet,
    clients: &mut [Client<'_>],
) -> (Toll, Vec<Pause>, Vec<String>) {
    let (gate, is_over) = (RwLock::new(()), AtomicBool::new(false));
    let mut nemesis = Nemesis {
        fleet,
        hub: lab.hub_path(),
        dice: Rng::with_seed(round.seed),
        toll: Toll::default(),
        stopped: Vec::new(),
    };
    let mut pauses = vec![pause(lab)];
    thread::scope(|scope| {
        let workers: Vec<_> =
            clients.iter_mut().map(|client| scope.spawn(|| client.live(&gate, &is_over))).collect();
        let surveyor =
            (round.n_clients <= MAX_SEARCHED).then(|| scope.spawn(|| take_pauses(lab, &gate, &is_over)));
        nemesis.rage(round, remote, &is_over);
        remote.start_quiet();
        while workers.iter().any(|worker| !worker.is_finished()) {
            thread::sleep(Duration::from_millis(50));
            nemesis.wake(Instant::now());
            nemesis.sweep();
            nemesis.end_hung();
        }
        pauses.extend(surveyor.into_iter().flat_map(|surveyor| surveyor.join().unwrap()));
    });
    pauses.push(pause(lab));
    let hung = nemesis.toll.n_hung;
    let wrong = (hung > 0).then(|| format!("L2: {hung} calls did not end"));
    (nemesis.toll, pauses, wrong.into_iter().collect())
}

fn pause(lab: &Lab) -> Pause {
    let tip = lab.hub_tip("agentsync");
    Pause { at: process::now(), tip }
}

/// Now and then lets all calls end before new ones begin.
fn take_pauses(lab: &Lab, gate: &RwLock<()>, is_over: &AtomicBool) -> Vec<Pause> {
    let mut pauses = Vec::new();
    let mut last = Instant::now();
    while !is_over.load(Ordering::Relaxed) {
        thread::sleep(Duration::from_millis(100));
        if last.elapsed() >= WINDOW {
            let _closed = gate.write().unwrap();
            pauses.push(pause(lab));
            last = Instant::now();
        }
    }
    pauses
}

/// How the quiet went.
struct Calm {
    /// The longest call.
    worst: Duration,
    /// What was not so.
    wrong: Vec<String>,
    /// How many locks of the dead were removed.
    n_swept: usize,
}

/// Nothing goes wrong any more: everybody must be answered, and let go of what it holds.
fn calm(lab: &Lab, remote: &mut Remote, clients: &mut [Client<'_>]) -> Calm {
    for client in clients.iter_mut() {
        let server = client.server.take();
        client.bury_server(server);
    }
    // What the dead have left under way at the host arrives now, or never.
    remote.start_quiet();
    let is_still = wait_for_stray_pushes(lab);
    // Nobody is at work, so a lock was left by somebody dead, too late in the storm to have been swept.
    let n_swept = if is_still { sweep(lab.hub_path()) } else { 0 };
    let mut worst = Duration::ZERO;
    let mut wrong = Vec::new();
    for client in clients {
        for wish in [Wish::Survey, Wish::Release, Wish::Release] {
            let begin = Instant::now();
            let code = client.run(&wish);
            worst = worst.max(begin.elapsed());
            // A second release finds nothing, which is a no.
            if !matches!(code, Some(0 | 1)) {
                let what =
                    format!("L3: agent-{:02} was answered {code:?} to {wish:?} in the quiet", client.number);
                wrong.push(what);
            }
        }
    }
    Calm { worst, wrong, n_swept }
}

/// Waits until no process of git works in the lab any more; tells whether it came to that.
fn wait_for_stray_pushes(lab: &Lab) -> bool {
    let end = Instant::now() + Duration::from_secs(20);
    let place = lab.path().display().to_string();
    let is_work = || process::anybody_says(&[&place], &["push --porcelain", "receive-pack"]);
    while is_work() {
        if end < Instant::now() {
            return false;
        }
        thread::sleep(Duration::from_millis(100));
    }
    true
}

/// Removes the locks of a hub on which nobody works; returns how many there were.
fn sweep(hub: &Path) -> usize {
    locks(hub).iter().filter(|lock| fs::remove_file(lock).is_ok()).count()
}

/// Holds what was answered against what stands on the branch.
fn judge(
    lab: &Lab,
    round: &Round,
    calls: &[Call],
    chain: &[Link],
    pauses: &[Pause],
    files: &[String],
) -> Outcome {
    let records: Vec<Record> = calls.iter().map(|call| call.record.clone()).collect();
    let mut figures = Figures::default();
    figures.count(calls, chain);
    let violations = witness::check(&Evidence { chain, cut: &[], records: &records });
    let mut wrong = sort(&violations, &mut figures);
    wrong.extend(loose_ends(lab, calls, chain, &mut figures));
    for copy in teeth::corrupt(chain, &records, &mut Rng::with_seed(round.seed)) {
        figures.n_corrupted += 1;
        let found = witness::check(&Evidence { chain: &copy.chain, cut: &[], records: &copy.records });
        match found.is_empty() {
            true => wrong.push(format!("the check does not see that {}", copy.what)),
            false => figures.n_detected += 1,
        }
    }
    if round.n_clients <= MAX_SEARCHED {
        wrong.extend(search_windows(calls, chain, pauses, files, &mut figures));
    }
    Outcome { figures, wrong }
}

/// Counts what the witness found, each under its kind.
fn sort(violations: &[Violation], figures: &mut Figures) -> Vec<String> {
    for violation in violations {
        match violation.promise {
            "S1" => figures.n_double_grants += 1,
            "S2" => figures.n_lost += 1,
            "S3" => figures.n_doubled += 1,
            _ => figures.n_other_violations += 1,
        }
    }
    violations.iter().map(|violation| format!("{}: {}", violation.promise, violation.what)).collect()
}

/// Looks for what the witness cannot know: strangers' commits, claims that stay, a damaged hub, queues
/// that never emptied.
fn loose_ends(lab: &Lab, calls: &[Call], chain: &[Link], figures: &mut Figures) -> Vec<String> {
    let mut wrong = Vec::new();
    let is_known = |op: &str| calls.iter().any(|call| call.record.op == op);
    let strangers = chain.iter().filter(|link| link.op.as_deref().is_some_and(|op| !is_known(op)));
    wrong.extend(strangers.map(|link| format!("nobody asked for {}", link.id)));
    let active = evidence::active_keys(chain);
    if !active.is_empty() {
        wrong.push(format!("L3: {active:?} are held although all have released"));
    }
    if evidence::git(lab.hub_path(), &["fsck", "--full", "--strict"]).is_none() {
        figures.n_fsck_failures += 1;
        wrong.push("git fsck finds the hub damaged".to_owned());
    }
    for left in leftovers(&lab.path().join("clones")) {
        wrong.push(format!("L3: {} was left in a queue", left.display()));
    }
    wrong.extend(locks(lab.hub_path()).iter().map(|lock| format!("{} was left behind", lock.display())));
    let objects = fs::read_dir(lab.hub_path().join("objects")).unwrap().flatten();
    let names = objects.map(|entry| entry.file_name().to_string_lossy().into_owned());
    figures.n_leftover_folders += names.filter(|name| name.contains("incoming")).count();
    figures.n_other_violations += wrong.len();
    wrong
}

/// Lists what still stands in the queues of the clones below a folder.
fn leftovers(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        let kind = path.extension().and_then(|kind| kind.to_str()).unwrap_or_default();
        if path.is_dir() && !path.is_symlink() {
            found.extend(leftovers(&path));
        } else if matches!(kind, "waiting" | "taken" | "batch") {
            found.push(path);
        }
    }
    found
}

fn search_windows(
    calls: &[Call],
    chain: &[Link],
    pauses: &[Pause],
    files: &[String],
    figures: &mut Figures,
) -> Vec<String> {
    let begin = Instant::now();
    let mut wrong = Vec::new();
    let windows = search::cut(calls, chain, pauses, files);
    for (n, window) in windows.iter().enumerate() {
        figures.n_windows += 1;
        figures.n_window_ops += window.items.len();
        match search::search(window) {
            Verdict::Explained => {}
            Verdict::Open => figures.n_windows_open += 1,
            Verdict::Refuted => {
                figures.n_windows_refuted += 1;
                wrong.push(format!("no order explains window {n}"));
            }
        }
    }
    figures.search_ms += begin.elapsed().as_millis();
    // A few are enough; each is a search that must fail, which takes longest.
    for copy in windows.iter().flat_map(|window| search::corrupt(window).into_iter().take(3)).take(12) {
        match search::search(&copy) {
            Verdict::Open => {}
            verdict => {
                figures.n_corrupted += 1;
                figures.n_detected += usize::from(verdict == Verdict::Refuted);
                if verdict == Verdict::Explained {
                    wrong.push("the search explains a window that was made untrue".to_owned());
                }
            }
        }
    }
    wrong
}

/// Keeps the hub and the histories of a round in which something was wrong.
fn keep(dir: &Path, round: &Round, lab: &Lab, wrong: &[String]) {
    let dir = dir.join(format!("seed-{}", round.seed));
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir_all(&dir).unwrap();
    fs::write(dir.join("wrong.txt"), format!("{}\n{}\n", round.label(), wrong.join("\n"))).unwrap();
    for name in ["hub.git", "histories", "clones"] {
        let mut command = std::process::Command::new("cp");
        command.arg("-r").arg(lab.path().join(name)).arg(&dir);
        let _ = command.status();
    }
}
