//! One board, those who write to it, and what must hold of it.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime};

use agentsync_lab::answer::Answer;
use agentsync_lab::checkout::Checkout;
use agentsync_lab::lab::{HubKind, Lab, LabOptions};
use agentsync_mcp::ledger::document::Document;
use serde_json::Value;

use crate::PROGRAM;

/// Nobody is kept from a claim for longer by what a dead process left.
pub(crate) const MAX_BLOCKED: Duration = Duration::from_secs(10);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Remote,
    Local,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Claim,
    Release,
    Status,
    Note,
    Wait,
    Leave,
}

pub(crate) struct Stage {
    pub(crate) lab: Lab,
    pub(crate) place: Place,
    pub(crate) alice: Checkout,
    pub(crate) bob: Checkout,
    n_cells: AtomicUsize,
}

/// The steps that a process passed, and how often each.
pub(crate) type Passed = BTreeMap<String, usize>;

impl Stage {
    pub(crate) fn set(place: Place) -> Stage {
        let options = LabOptions::new(PROGRAM);
        let (lab, alice, bob) = match place {
            Place::Remote => {
                let lab = Lab::with(options);
                let (alice, bob) = (lab.clone("alice"), lab.clone("bob"));
                (lab, alice, bob)
            }
            Place::Local => {
                let lab = Lab::with(LabOptions { hub: HubKind::Absent, ..options });
                let alice = lab.lone("alice");
                let bob = lab.worktree(&alice, "bob", "bobs");
                (lab, alice, bob)
            }
        };
        let stage = Stage { lab, place, alice, bob, n_cells: AtomicUsize::new(0) };
        for agent in [&stage.alice, &stage.bob] {
            run(agent, &["claim", "home", &format!("home/{}", agent.agent()), "--lane", "home"], 0);
        }
        stage
    }

    /// Returns a number that no other cell of this stage has.
    pub(crate) fn next(&self) -> usize {
        self.n_cells.fetch_add(1, Ordering::Relaxed)
    }

    /// Returns a new file in the lab.
    pub(crate) fn file(&self, name: &str, n: usize) -> PathBuf {
        self.lab.path().join(format!("{name}-{n}"))
    }

    fn git(&self, args: &[&str]) -> Answer {
        match self.place {
            Place::Remote => self.lab.hub_git(args),
            Place::Local => self.alice.git(args),
        }
    }

    /// Returns the board, which must be a document that can be trusted.
    pub(crate) fn board(&self) -> Value {
        let bytes = self.git(&["cat-file", "blob", "agentsync:claims.json"]).raw;
        Document::parse(&bytes).unwrap_or_else(|err| panic!("the board cannot be read: {err}"));
        serde_json::from_slice(&bytes).unwrap()
    }

    /// Returns the ids of the changes on the branch; none may be there twice.
    pub(crate) fn ops(&self) -> Vec<String> {
        let format = "--format=%(trailers:key=Agentsync-Op,valueonly,separator=%x2C)";
        let mut ops = self.git(&["log", format, "agentsync"]).lines();
        ops.retain(|op| !op.is_empty());
        ops.sort();
        let n_ops = ops.len();
        ops.dedup();
        assert_eq!(ops.len(), n_ops, "a change was applied twice");
        ops
    }

    /// Returns the folders in which something private of ours lies.
    fn private(&self) -> Vec<PathBuf> {
        let clones = fs::read_dir(self.lab.path().join("clones")).unwrap().map(|entry| entry.unwrap().path());
        let mut all: Vec<PathBuf> = clones.map(|clone| clone.join(".git/agentsync")).collect();
        all.push(self.lab.path().join("tmp"));
        all.retain(|path| path.is_dir());
        all
    }

    /// Checks that nothing waits in any queue that nobody waits for.
    pub(crate) fn check_drained(&self) {
        for path in self.private().iter().flat_map(|dir| files(dir)) {
            let kind = path.extension().and_then(|kind| kind.to_str()).unwrap_or_default();
            let is_left =
                matches!(kind, "waiting" | "taken" | "batch" | "boat" | "ticket" | "answered" | "spare");
            assert!(!is_left, "{} is left", path.display());
        }
    }

    /// Checks that what lay beside its place is cleared away once it is old.
    pub(crate) fn check_swept(&self) -> usize {
        let left = || {
            let all: Vec<PathBuf> = self.private().iter().flat_map(|dir| files(dir)).collect();
            let is_fresh =
                |path: &PathBuf| path.components().any(|part| is_beside(&part.as_os_str().to_string_lossy()));
            all.into_iter().filter(is_fresh).collect::<Vec<_>>()
        };
        let n_before = left().len();
        for path in left() {
            age(&path);
            age(path.parent().unwrap());
        }
        let clones = fs::read_dir(self.lab.path().join("clones")).unwrap().map(|entry| entry.unwrap().path());
        for clone in clones {
            run(&self.alice, &["survey", "--repo", &clone.display().to_string()], 0);
        }
        // What lies in the folders of objects goes with its edition. What a process in the background is just
        // writing is in its place in a moment.
        let stays = |path: &PathBuf| !path.to_string_lossy().contains("/objects/");
        wait_until("everything old is cleared away", || !left().iter().any(stays));
        n_before
    }
}

/// Tells whether a name is one of those that lie beside their place: `name.PID-01234567`.
fn is_beside(name: &str) -> bool {
    let Some((pid, random)) = name.rsplit('.').next().and_then(|end| end.split_once('-')) else {
        return false;
    };
    name.contains('.')
        && pid.bytes().all(|byte| byte.is_ascii_digit())
        && random.len() == 8
        && random.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn age(path: &Path) {
    if let Ok(file) = File::open(path) {
        file.set_modified(SystemTime::now() - Duration::from_secs(7200)).unwrap();
    }
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// Runs the program, whose answer must end with `code`.
#[track_caller]
pub(crate) fn run(agent: &Checkout, args: &[&str], code: i32) -> Value {
    agent.agentsync(&[args, &["--json"]].concat()).expect_code(code).json()
}

/// Starts the program with `env`, and does not wait for it.
pub(crate) fn start(agent: &Checkout, env: &[(&str, String)], args: &[String]) -> std::process::Child {
    let mut command: Command = agent.agentsync_command();
    command.envs(env.iter().map(|(key, value)| (key, value))).args(args).arg("--json");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

pub(crate) fn signal(name: &str, pid: u32) {
    let sent = Command::new("kill").args([format!("-{name}"), pid.to_string()]).status();
    assert!(sent.unwrap().success());
}

pub(crate) fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let until = Instant::now() + Duration::from_secs(20);
    while !is_so() {
        assert!(Instant::now() < until, "it never came to that: {what}");
        std::thread::sleep(Duration::from_millis(3));
    }
}

/// Reads which steps were passed.
pub(crate) fn passed(log: &Path) -> Passed {
    let mut passed = Passed::new();
    for step in fs::read_to_string(log).unwrap_or_default().lines() {
        *passed.entry(step.to_owned()).or_default() += 1;
    }
    passed
}

/// Reads the ids of the changes of `kind` that were asked for, the last one last.
pub(crate) fn asked(history: &Path, kind: Kind) -> Option<String> {
    let text = fs::read_to_string(history).unwrap_or_default();
    let lines = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let kind = format!("{kind:?}").to_ascii_lowercase();
    lines
        .filter(|line| line["event"] == "invoke" && line["kind"] == kind.as_str())
        .filter_map(|line| line["op"].as_str().map(str::to_owned))
        .next_back()
}

/// Tells whether a process that we have started has ended, waited for or not.
pub(crate) fn is_dead(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit(") ").next().is_none_or(|rest| rest.is_empty() || rest.starts_with(['Z', 'X']))
}
