//! Many agents at the same moment: in one clone, where one process carries the others' changes, and
//! in several clones of one machine, which take turns.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, Instant};

use agentsync_lab::checkout::Checkout;
use agentsync_lab::http::head::RequestHead;
use agentsync_lab::http::{HostOptions, HttpHost};
use agentsync_lab::lab::Lab;
use agentsync_lab::mcp::{Era, McpClient};
use serde_json::{Value, json};

use crate::PROGRAM;

/// Runs in the hub before a push moves the branch: counts it, and waits until it is let go.
const HOOK: &str = "#!/bin/sh
echo reached >>reached
n=$(wc -l <reached)
waited=0
while [ -e hold-$n ] && [ $waited -lt 3000 ]; do sleep 0.01; waited=$((waited + 1)); done
exit 0
";

/// A hub whose pushes are counted and can be held up.
struct Gate<'a>(&'a Lab);

impl Gate<'_> {
    fn build(lab: &Lab) -> Gate<'_> {
        lab.hub_git(&["config", "core.logAllRefUpdates", "always"]);
        let hook = lab.hub_path().join("hooks").join("pre-receive");
        std::fs::create_dir_all(hook.parent().unwrap()).unwrap();
        std::fs::write(&hook, HOOK).unwrap();
        make_executable(&hook);
        Gate(lab)
    }

    fn file(&self, n: usize) -> PathBuf {
        self.0.hub_path().join(format!("hold-{n}"))
    }

    /// Holds the n-th push when it comes.
    fn hold(&self, n: usize) {
        std::fs::write(self.file(n), "").unwrap();
    }

    fn let_go(&self, n: usize) {
        std::fs::remove_file(self.file(n)).unwrap();
    }

    /// Waits until the n-th push has come.
    fn wait_for_push(&self, n: usize) {
        wait_until(|| self.n_reached() >= n);
    }

    fn n_reached(&self) -> usize {
        n_lines(&self.0.hub_path().join("reached"))
    }

    /// Counts the pushes that moved the board's branch.
    fn n_pushes(&self) -> usize {
        n_lines(&self.0.hub_path().join("logs/refs/heads/agentsync"))
    }
}

fn n_lines(path: &Path) -> usize {
    std::fs::read_to_string(path).unwrap_or_default().lines().count()
}

#[cfg(unix)]
fn make_executable(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

fn wait_until(is_so: impl Fn() -> bool) {
    let until = Instant::now() + Duration::from_secs(20);
    while !is_so() {
        assert!(Instant::now() < until, "it never came to that");
        thread::sleep(Duration::from_millis(5));
    }
}

fn servers(clones: &[Checkout], timeout: &str) -> Vec<McpClient> {
    let start = |clone: &Checkout| {
        let mut client = McpClient::start_with(clone, Era::Stateless, &[("AGENTSYNC_TIMEOUT", timeout)]);
        client.structured("survey", json!({}));
        client
    };
    clones.iter().map(start).collect()
}

fn agents_of(clone: &Checkout, n_agents: usize) -> Vec<Checkout> {
    (0..n_agents).map(|n| clone.as_agent(&format!("agent-{n}"))).collect()
}

fn claim_of(n: usize) -> Value {
    json!({ "task": format!("work {n}"), "touches": [format!("src/{n}.rs")] })
}

/// Lets each client claim a file of its own at the same moment.
fn claim_at_once(clients: Vec<McpClient>) -> Vec<(McpClient, Value)> {
    let start = Arc::new(Barrier::new(clients.len()));
    let claim = |(n, mut client): (usize, McpClient)| {
        let start = Arc::clone(&start);
        thread::spawn(move || {
            start.wait();
            let answer = client.structured("claim", claim_of(n));
            (client, answer)
        })
    };
    let threads: Vec<_> = clients.into_iter().enumerate().map(claim).collect();
    threads.into_iter().map(|thread| thread.join().unwrap()).collect()
}

#[track_caller]
fn check_all_claimed(lab: &Lab, answers: &[(McpClient, Value)]) {
    for (_, answer) in answers {
        assert_eq!(answer["status"], json!("claimed"), "{answer:#}");
    }
    let board: Value = serde_json::from_str(&lab.board_text().unwrap()).unwrap();
    assert_eq!(board["claims"].as_object().unwrap().len(), answers.len());
    assert_eq!(board["generation"], json!(answers.len()));
}

#[test]
fn what_sixteen_agents_of_one_clone_claim_while_a_push_is_under_way_rides_in_one() {
    let lab = Lab::new(PROGRAM);
    let gate = Gate::build(&lab);
    let clone = lab.clone("alice");
    let queue = clone.path().join(".git/agentsync/queue");
    let clients = servers(&agents_of(&clone, 16), "45");
    gate.hold(1);
    let answers = thread::scope(|scope| {
        let claims = scope.spawn(|| claim_at_once(clients));
        gate.wait_for_push(1);
        // The others are waiting in the queue before the first push may go on.
        wait_until(|| n_files(&queue, "waiting") + n_files(&queue, "taken") == 15);
        gate.let_go(1);
        claims.join().unwrap()
    });
    check_all_claimed(&lab, &answers);
    // Whoever came before the first push began rode with it; the others in the next.
    assert!(gate.n_pushes() <= 2, "{} pushes", gate.n_pushes());
    // One commit per change is kept.
    assert_eq!(lab.board_log().len(), 16);
}

#[test]
fn a_refused_change_rides_with_the_others_and_is_answered() {
    let lab = Lab::new(PROGRAM);
    let gate = Gate::build(&lab);
    let clone = lab.clone("alice");
    let mut clients = servers(&agents_of(&clone, 3), "45");
    gate.hold(1);
    let [mut one, mut two, mut three] = [clients.remove(0), clients.remove(0), clients.remove(0)];
    let first = one.send("tools/call", json!({ "name": "claim", "arguments": claim_of(0) }));
    gate.wait_for_push(1);
    let second = two.send("tools/call", json!({ "name": "claim", "arguments": claim_of(0) }));
    let third = three.send("tools/call", json!({ "name": "claim", "arguments": claim_of(2) }));
    wait_until(|| n_files(&clone.path().join(".git/agentsync/queue"), "waiting") == 2);
    gate.let_go(1);
    let status = |answer: Result<Value, Value>| answer.unwrap()["structuredContent"]["status"].clone();
    assert_eq!(status(one.wait(first)), json!("claimed"));
    assert_eq!(status(two.wait(second)), json!("blocked"));
    assert_eq!(status(three.wait(third)), json!("claimed"));
}

/// Brings it about that one process carries the changes of three, and is held at the gate.
fn three_in_one_boat(lab: &Lab) -> Boat<'_> {
    let gate = Gate::build(lab);
    let clone = lab.clone("alice");
    let queue = clone.path().join(".git/agentsync/queue");
    let mut clients = servers(&agents_of(&clone, 4), "30");
    gate.hold(1);
    gate.hold(2);
    let mut ids = Vec::new();
    for (n, client) in clients.iter_mut().enumerate() {
        ids.push(client.send("tools/call", json!({ "name": "claim", "arguments": claim_of(n) })));
        match n {
            0 => gate.wait_for_push(1),
            _ => wait_until(|| n_files(&queue, "waiting") == n),
        }
    }
    gate.let_go(1);
    gate.wait_for_push(2);
    assert_eq!(n_files(&queue, "taken"), 3);
    let lock = std::fs::read_dir(&queue).unwrap().next().unwrap().unwrap().path().join("lead.lock");
    let text = std::fs::read_to_string(&lock).unwrap();
    let leader: u32 =
        text.trim_end().parse().unwrap_or_else(|err| panic!("{}: {text:?}: {err}", lock.display()));
    Boat { gate, clients, ids, leader }
}

struct Boat<'a> {
    gate: Gate<'a>,
    clients: Vec<McpClient>,
    ids: Vec<u64>,
    leader: u32,
}

impl Boat<'_> {
    /// Returns the processes that ride with the leader.
    fn riders(&self) -> Vec<u32> {
        self.clients.iter().skip(1).map(McpClient::pid).filter(|pid| *pid != self.leader).collect()
    }

    /// Checks that everybody who lives is told that his claim stands, and that each stands once.
    #[track_caller]
    fn check_nothing_lost(self, lab: &Lab) {
        for (mut client, id) in self.clients.into_iter().zip(self.ids) {
            if client.pid() != self.leader {
                let answer = client.wait(id).unwrap();
                assert_eq!(answer["structuredContent"]["status"], json!("claimed"), "{answer:#}");
            }
        }
        let mut subjects = lab.board_log();
        subjects.sort();
        let want: Vec<String> = (0..4).map(|n| format!("agentsync: agent-{n} claims 'work {n}'")).collect();
        assert_eq!(subjects, want);
    }
}

#[test]
fn r_35_a_leader_killed_while_its_push_is_under_way_loses_nothing() {
    let lab = Lab::new(PROGRAM);
    let boat = three_in_one_boat(&lab);
    signal("KILL", boat.leader);
    // Another process takes the lead and pushes the same commits; the first push comes too late.
    wait_until(|| boat.gate.n_pushes() == 2);
    boat.gate.let_go(2);
    boat.check_nothing_lost(&lab);
}

#[test]
fn a_leader_killed_after_its_push_arrived_loses_nothing() {
    let lab = Lab::new(PROGRAM);
    let boat = three_in_one_boat(&lab);
    let riders = boat.riders();
    for pid in &riders {
        signal("STOP", *pid);
    }
    signal("KILL", boat.leader);
    boat.gate.let_go(2);
    wait_until(|| boat.gate.n_pushes() == 2);
    for pid in &riders {
        signal("CONT", *pid);
    }
    boat.check_nothing_lost(&lab);
}

#[test]
fn who_waits_for_a_leader_that_was_stopped_goes_on_alone() {
    let lab = Lab::new(PROGRAM);
    let gate = Gate::build(&lab);
    let clone = lab.clone("alice");
    let mut clients = servers(&agents_of(&clone, 2), "4");
    gate.hold(1);
    let (mut other, mut leader) = (clients.pop().unwrap(), clients.pop().unwrap());
    let first = leader.send("tools/call", json!({ "name": "claim", "arguments": claim_of(0) }));
    gate.wait_for_push(1);
    signal("STOP", leader.pid());
    let answer = other.structured("claim", claim_of(1));
    assert_eq!(answer["status"], json!("claimed"));
    signal("CONT", leader.pid());
    gate.let_go(1);
    let answer = leader.wait(first).unwrap();
    assert_eq!(answer["structuredContent"]["status"], json!("claimed"), "{answer:#}");
    assert_eq!(lab.board_log().len(), 2);
}

#[test]
fn eight_clones_of_one_machine_write_one_after_the_other_without_a_refusal() {
    let lab = Lab::new(PROGRAM);
    let gate = Gate::build(&lab);
    let clones: Vec<Checkout> = (0..8).map(|n| lab.clone(&format!("agent-{n}"))).collect();
    let answers = claim_at_once(servers(&clones, "45"));
    check_all_claimed(&lab, &answers);
    // Every push that reached the hub moved the branch.
    assert_eq!(gate.n_pushes(), gate.n_reached());
}

#[test]
fn who_comes_back_takes_what_the_others_pushed_from_them_and_asks_the_remote_for_nothing() {
    let lab = Lab::new(PROGRAM);
    let host = HttpHost::start(HostOptions::new(lab.path()));
    let clone = |name: &str| lab.clone_from(name, &host.url("hub.git"));
    let claim = |clone: &Checkout, task: &str| {
        clone.agentsync(&["claim", task, &format!("{}/{task}.rs", clone.agent())]).expect_code(0);
    };
    let alice = clone("alice");
    claim(&alice, "first");
    // None of these has more than what was pushed since its own first look.
    for name in ["bob", "carol", "dave"] {
        claim(&clone(name), "first");
    }
    let n_before = host.requests().len();
    claim(&alice, "second");
    let asked = host.requests().split_off(n_before);
    assert!(!asked.iter().any(RequestHead::is_fetch), "{asked:#?}");
    assert_eq!(lab.board_log().len(), 5);
    lab.hub_git(&["fsck", "--strict"]);
}

#[test]
fn r_36_eight_clones_that_take_no_turns_are_all_granted_too() {
    let lab = Lab::new(PROGRAM);
    let clones: Vec<Checkout> = (0..8).map(|n| lab.clone(&format!("agent-{n}"))).collect();
    for clone in &clones {
        clone.git(&["config", "agentsync.turns", "off"]);
    }
    check_all_claimed(&lab, &claim_at_once(servers(&clones, "45")));
}

/// Sends a signal to a process that the test has started.
fn signal(name: &str, pid: u32) {
    let sent = std::process::Command::new("kill").args([format!("-{name}"), pid.to_string()]).status();
    assert!(sent.unwrap().success());
}

/// Counts the files of a kind in the queues of a clone.
fn n_files(queue: &Path, kind: &str) -> usize {
    let queues = std::fs::read_dir(queue).into_iter().flatten().flatten();
    let files = queues.flat_map(|queue| std::fs::read_dir(queue.path()).into_iter().flatten().flatten());
    files.filter(|file| file.path().extension().is_some_and(|found| found == kind)).count()
}
