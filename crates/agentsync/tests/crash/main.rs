//! The crash matrix: real processes die at every step of a write, and others go on.
//!
//! A cell is a step, a kind of change and a place of the board. The process ends there as if by a signal
//! (`plant::steps`); then another clone, another process of the same clone and a second try of the same change
//! must find a board that can be read, the change on it once or not at all, what is said of it true, nothing
//! in their way and nothing left behind. `scripts/crash-matrix` runs it.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "test code: what does not fit must stop the test"
)]

mod boat;
mod solo;
mod stage;
mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use solo::{Deed, env_of};
use stage::{Kind, Passed, Place, Stage, run};
use table::STEPS;

/// The program under test.
const PROGRAM: &str = env!("CARGO_BIN_EXE_agentsync");

/// A part of the matrix, played on its own.
type Row = Box<dyn Fn(&Matrix) + Sync>;

/// What came of all cells.
#[derive(Default)]
struct Sum {
    /// By step: in which cells a process died there, and the slowest of those who went on.
    died: BTreeMap<String, (BTreeSet<String>, Duration)>,
    n_died: usize,
    n_failed: usize,
    n_swept: usize,
    broken: Vec<String>,
}

struct Matrix {
    sum: Mutex<Sum>,
}

impl Matrix {
    fn change(&self, act: impl FnOnce(&mut Sum)) {
        act(&mut self.sum.lock().unwrap());
    }

    /// Plays a cell; what breaks in it does not stop the others.
    fn cell(&self, of: &str, step: &str, play: impl FnOnce() -> Duration) {
        match catch_unwind(AssertUnwindSafe(play)) {
            Ok(took) => self.change(|sum| {
                let name = step.rsplit('>').next().unwrap().split(':').next().unwrap();
                let (cells, slowest) = sum.died.entry(name.to_owned()).or_default();
                cells.insert(of.to_owned());
                *slowest = (*slowest).max(took);
                sum.n_died += 1;
            }),
            Err(err) => self.broken(of, step, &*err),
        }
    }

    fn broken(&self, of: &str, step: &str, err: &(dyn std::any::Any + Send)) {
        let words = err.downcast_ref::<String>().cloned();
        let words = words.or_else(|| err.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        let line = format!("{of}, `{step}`: {}", words.unwrap_or_default());
        self.change(|sum| sum.broken.push(line));
    }

    /// Has a step fail instead.
    fn failure(&self, of: &str, step: &str, play: impl FnOnce()) {
        match catch_unwind(AssertUnwindSafe(play)) {
            Ok(()) => self.change(|sum| sum.n_failed += 1),
            Err(err) => self.broken(of, &format!("{step} fails"), &*err),
        }
    }

    /// Ends a stage: all that was written on it is audited, and what lay about is cleared away.
    fn end(&self, of: &str, stage: &Stage) {
        let ended = catch_unwind(AssertUnwindSafe(|| {
            run(&stage.bob, &["verify"], 0);
            stage.check_swept()
        }));
        match ended {
            Ok(n_swept) => self.change(|sum| sum.n_swept += n_swept),
            Err(err) => self.broken(of, "the end", &*err),
        }
    }

    /// One process, at all that it passes; where it passes a step twice, at the second time, too.
    fn solo(&self, kind: Kind, place: Place) {
        let of = format!("{kind:?}, {place:?}");
        let stage = Stage::set(place);
        let env = env_of(place);
        let passed = Deed::prepare(&stage, &stage.alice, kind).rehearse(&env);
        for (step, n_times) in of_interest(kind, &passed) {
            self.cell(&of, &step, || Deed::dead(&stage, &stage.alice, kind, &env, &step).heal());
            if n_times > 1 && kind == Kind::Claim {
                let step = format!("{step}:2");
                self.cell(&of, &step, || {
                    let deed = Deed::prepare(&stage, &stage.alice, kind);
                    deed.die(&env, &step);
                    deed.heal()
                });
            }
        }
        self.end(&of, &stage);
    }

    /// A process that carries another's change.
    fn boat(&self, kind: Kind, place: Place) {
        let of = format!("a leader with another's {kind:?}, {place:?}");
        let stage = Stage::set(place);
        for (step, n_times) in boat::rehearse(&stage, kind) {
            self.cell(&of, &step, || boat::play(&stage, kind, &step, true));
            // With two aboard, once for each.
            if n_times > 1 && kind == Kind::Note {
                let step = format!("{step}:2");
                self.cell(&of, &step, || boat::play(&stage, kind, &step, true));
            }
        }
        for step in ["boat made", "beside batch", "beside answer", "before push", "blob written"] {
            self.failure(&of, step, || {
                boat::play(&stage, kind, step, false);
            });
        }
        self.end(&of, &stage);
    }

    /// A process that waits for another to carry its change, and leaders without leave to push.
    fn riders(&self, place: Place) {
        let of = format!("who waits for a leader, {place:?}");
        let stage = Stage::set(place);
        let passed = boat::passed_by_rider(&stage);
        for step in ["ride written", "ride waits", "answer read"] {
            assert!(passed.contains_key(step), "no rider comes to `{step}`");
            self.cell(&of, step, || boat::play_rider(&stage, step));
        }
        if place == Place::Remote {
            for step in ["before it is put back", "beside hold", "replaced hold"] {
                self.cell("a leader without leave, Remote", step, || boat::play_budget(&stage, step));
            }
        }
        self.end(&of, &stage);
    }

    /// The first call in a clone.
    fn first(&self) {
        let of = "the first claim in a clone, Remote";
        let stage = Stage::set(Place::Remote);
        let newcomer = || stage.lab.clone(&format!("new-{}", stage.next()));
        let env = env_of(Place::Remote);
        let mut passed = Deed::prepare(&stage, &newcomer(), Kind::Claim).rehearse(&env);
        let of_a_first = ["cache", "edition", "fetch", "audit", "seen", "push", "object", "chain"];
        passed.retain(|step, _| of_a_first.iter().any(|word| step.contains(word)));
        for step in passed.into_keys() {
            self.cell(of, &step, || Deed::dead(&stage, &newcomer(), Kind::Claim, &env, &step).heal());
        }
        self.end(of, &stage);
    }

    /// The private repository begins anew.
    fn renewal(&self) {
        let of = "a renewal, Remote";
        let stage = Stage::set(Place::Remote);
        for step in [
            "renewal begun",
            "cache made",
            "edition half copied",
            "edition copied",
            "edition switched",
            "edition carried over",
        ] {
            self.cell(of, step, || {
                fatten(&stage.alice.path().join(".git/agentsync"));
                let died = stage.alice.agentsync_with(&[("AGENTSYNC_CRASH", step)], &["renew-cache"]);
                assert_eq!(died.code, -1, "nobody came to `{step}`: {died:?}");
                let deed = Deed::prepare(&stage, &stage.alice, Kind::Claim);
                run(&stage.alice, &deed.args().iter().map(String::as_str).collect::<Vec<_>>(), 0);
                let took = deed.heal();
                // The next one goes through.
                stage.alice.agentsync(&["renew-cache"]).expect_code(0);
                let n_editions = editions(&stage.alice.path().join(".git/agentsync")).len();
                assert_eq!(n_editions, 1, "an edition is left");
                took
            });
        }
        self.end(of, &stage);
    }

    /// Input and output fail at a step, and the process lives.
    fn failures(&self, place: Place) {
        let of = format!("Claim, {place:?}");
        let stage = Stage::set(place);
        let env = env_of(place);
        let passed = Deed::prepare(&stage, &stage.alice, Kind::Claim).rehearse(&env);
        let can_fail = |step: &&String| {
            step.starts_with("beside ")
                || ["blob written", "before push", "ticket drawn", "lead had"].contains(&step.as_str())
        };
        for step in passed.keys().filter(can_fail) {
            self.failure(&of, step, || {
                let deed = Deed::prepare(&stage, &stage.alice, Kind::Claim);
                deed.fail(&env, step);
                deed.heal();
            });
        }
        self.end(&of, &stage);
    }
}

/// Returns at which of the steps that were passed a process is to die.
fn of_interest(kind: Kind, passed: &Passed) -> Vec<(String, usize)> {
    let all = passed.iter().map(|(step, n_times)| (step.clone(), *n_times));
    match kind {
        // Only what comes after the caller has gone.
        Kind::Leave => {
            let after = [
                "leave had",
                "chain written",
                "before push",
                "after push",
                "replaced seen",
                "replaced board",
            ];
            let after = after.iter().filter(|step| passed.contains_key(**step));
            let after = after.map(|step| (format!("before leaving>{step}"), 1));
            std::iter::once(("before leaving".to_owned(), 1)).chain(after).collect()
        }
        Kind::Claim | Kind::Note => all.collect(),
        // Hints, turns and the budget do not know what kind of change it is.
        Kind::Release | Kind::Status | Kind::Wait => {
            let blind = [
                "recency",
                "latest",
                "pace",
                "budget",
                "ticket in",
                "ticket drawn",
                "turn",
                "edition",
                "object",
            ];
            all.filter(|(step, _)| !blind.iter().any(|word| step.contains(word))).collect()
        }
    }
}

fn editions(dir: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let is_edition = |path: &std::path::PathBuf| {
        path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("board"))
            && path.extension().is_some_and(|kind| kind == "git")
    };
    let mut all: Vec<_> = entries.filter(is_edition).collect();
    all.sort();
    all
}

/// Puts so many files into the private repository that it must be renewed.
fn fatten(dir: &Path) {
    for edition in editions(dir) {
        for n in 0..1_600 {
            let folder = edition.join(format!("objects/{:02x}", n % 256));
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join(format!("{n:038x}")), "").unwrap();
        }
    }
}

/// Returns the steps that the source names.
fn steps_in(dir: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(steps_in(&path));
        } else {
            let text = fs::read_to_string(&path).unwrap_or_default();
            for call in ["steps::pass(\"", "steps::try_pass(\""] {
                let named = text.split(call).skip(1).filter_map(|rest| rest.split('"').next());
                found.extend(named.map(str::to_owned));
            }
        }
    }
    found
}

#[test]
fn whoever_dies_wherever_it_is_blocks_nobody_and_loses_nothing() {
    use Kind::{Claim, Leave, Note, Release, Status, Wait};
    use Place::{Local, Remote};
    let matrix = Matrix { sum: Mutex::default() };
    let began = Instant::now();
    let mut rows: Vec<Row> = Vec::new();
    for place in [Remote, Local] {
        for kind in [Claim, Release, Status, Note, Wait, Leave] {
            rows.push(Box::new(move |matrix| matrix.solo(kind, place)));
        }
        rows.push(Box::new(move |matrix| matrix.riders(place)));
        rows.push(Box::new(move |matrix| matrix.failures(place)));
    }
    for (kind, place) in [(Claim, Remote), (Note, Remote), (Release, Remote), (Wait, Remote), (Note, Local)] {
        rows.push(Box::new(move |matrix| matrix.boat(kind, place)));
    }
    rows.push(Box::new(Matrix::first));
    rows.push(Box::new(Matrix::renewal));
    let next = AtomicUsize::new(0);
    // A third of the time is spent waiting.
    let n_threads = std::thread::available_parallelism().map_or(2, usize::from) * 3 / 2;
    std::thread::scope(|scope| {
        for _ in 0..n_threads {
            scope.spawn(|| {
                while let Some(row) = rows.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Err(err) = catch_unwind(AssertUnwindSafe(|| row(&matrix))) {
                        matrix.broken("a row", "its beginning", &*err);
                    }
                }
            });
        }
    });
    let sum = matrix.sum.into_inner().unwrap();
    print(&sum, began.elapsed());
    check_table(&sum);
    assert!(sum.broken.is_empty(), "{:#?}", sum.broken);
}

fn print(sum: &Sum, took: Duration) {
    println!("| step | what is left behind | cells | slowest to go on |");
    println!("| --- | --- | --- | --- |");
    for (step, left) in STEPS {
        let (cells, slowest) = sum.died.get(step).cloned().unwrap_or_default();
        println!("| {step} | {left} | {} | {:.1} s |", cells.len(), slowest.as_secs_f64());
    }
    let n_broken = sum.broken.len();
    println!("deaths           {} at {} steps", sum.n_died, sum.died.len());
    println!("failed steps     {}", sum.n_failed);
    println!("files swept      {}", sum.n_swept);
    println!("seconds          {:.0}", took.as_secs_f64());
    println!("broken           {n_broken}");
}

/// Checks that the table has every step there is, and that somebody died at each.
fn check_table(sum: &Sum) {
    let known: BTreeSet<String> = STEPS.iter().map(|(step, _)| (*step).to_owned()).collect();
    let source = steps_in(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    let unknown: Vec<_> =
        source.iter().chain(sum.died.keys()).filter(|step| !known.contains(*step)).collect();
    assert!(unknown.is_empty(), "steps that the table does not have: {unknown:?}");
    let unreached: Vec<_> = known.iter().filter(|step| !sum.died.contains_key(*step)).collect();
    assert!(unreached.is_empty(), "nobody died at: {unreached:?}; broken: {:#?}", sum.broken);
}
