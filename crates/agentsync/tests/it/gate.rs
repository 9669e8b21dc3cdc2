//! The gates, where work arrives: a pull request in CI, and a push at a server.

mod board;
mod ci;
mod forges;
mod push;
mod signed;

use std::fs;

use agentsync_lab::answer::Answer;
use agentsync_lab::checkout::Checkout;
use agentsync_lab::lab::{Lab, LabOptions};

use crate::PROGRAM;

/// A hub with three clones, where bob has claimed `src/auth.rs` for his branch.
struct Shop {
    lab: Lab,
    alice: Checkout,
    bob: Checkout,
    carol: Checkout,
}

/// What bob is doing; his words are hostile to whatever repeats them.
const TASK: &str = "harden the login ::error::100% ##[add-path]/tmp";

impl Shop {
    fn new() -> Shop {
        Shop::with(LabOptions::new(PROGRAM))
    }

    fn with(options: LabOptions) -> Shop {
        let lab = Lab::with(options);
        let (alice, bob, carol) = (lab.clone("alice"), lab.clone("bob"), lab.clone("carol"));
        bob.git(&["switch", "--quiet", "--create", "bob/login"]);
        bob.agentsync(&["claim", TASK, "src/auth.rs"]).expect_code(0);
        Shop { lab, alice, bob, carol }
    }

    /// The same, with the gate on the hub.
    fn guarded() -> Shop {
        let shop = Shop::new();
        install(&shop.lab);
        shop
    }

    fn set(&self, key: &str, value: &str) {
        self.lab.hub_git(&["config", key, value]);
    }
}

/// Installs the two lines of `integrations/server/pre-receive`, with the program under test.
pub fn install(lab: &Lab) {
    let hook = lab.hub_path().join("hooks/pre-receive");
    let text = include_str!("../../../../integrations/server/pre-receive");
    let text = text.replace("exec agentsync", &format!("exec '{PROGRAM}'"));
    assert!(text.contains(PROGRAM), "{text}");
    fs::create_dir_all(hook.parent().unwrap()).unwrap();
    fs::write(&hook, text).unwrap();
    make_executable(&hook);
}

#[cfg(unix)]
fn make_executable(path: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

#[cfg(not(unix))]
fn make_executable(_: &std::path::Path) {}

/// Changes files on a branch that begins where the remote's default branch stands.
fn work(agent: &Checkout, branch: &str, files: &[&str]) -> String {
    agent.git(&["fetch", "--quiet", "origin"]);
    let is_there =
        agent.git_any(&["rev-parse", "--verify", "--quiet", &format!("refs/heads/{branch}")]).code == 0;
    match (is_there, branch) {
        (true, _) => agent.git(&["switch", "--quiet", branch]),
        (false, _) => agent.git(&["switch", "--quiet", "--no-track", "--create", branch, "origin/main"]),
    };
    if branch == "main" {
        agent.git(&["merge", "--quiet", "--ff-only", "origin/main"]);
    }
    for file in files {
        agent.write(file, format!("// by {}\n", agent.agent()));
    }
    agent.commit(&format!("work on {}", files.join(", ")))
}

fn push(agent: &Checkout, refs: &[&str]) -> Answer {
    agent.git_any(&[&["push", "origin"], refs].concat())
}

/// What the server said, as its lines.
fn remote_lines(answer: &Answer) -> Vec<String> {
    let lines = answer.stderr.lines().filter_map(|line| line.strip_prefix("remote: "));
    lines.map(|line| line.trim_end().to_owned()).collect()
}

/// The same as one line of words.
fn remote_words(answer: &Answer) -> String {
    remote_lines(answer).join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
}
