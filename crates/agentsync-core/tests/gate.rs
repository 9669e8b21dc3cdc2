//! What a gate finds, case by case: whose a path is when only a branch is known.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on must stop")]

use std::collections::{BTreeMap, BTreeSet};

use agentsync_core::decide::decide;
use agentsync_core::guard::{Arrival, Gated, Me, Policy, Target, gate};
use agentsync_core::{
    AgentId, Author, Board, Change, ClaimKey, ClaimRequest, Decision, Entry, InstanceId, Intent, OpId,
    PathSpec, Status, StatusRequest, Timestamp,
};

fn write(board: &Board, agent: &str, intent: Intent) -> Board {
    let agent = AgentId::parse(agent).unwrap();
    let by = Author { agent, instance: InstanceId("here".to_owned()), session: None };
    let change = Change { op: OpId(format!("op-{}", board.generation)), by, lane: None, intent };
    let Decision::Granted(granted) = decide(board, &change, Timestamp(1)) else { panic!("{change:?}") };
    board.with(&granted.edits)
}

fn claim(board: &Board, agent: &str, branch: Option<&str>, touches: &[&str]) -> Board {
    let touches = touches.iter().map(|text| PathSpec::parse(text, &[]).unwrap()).collect();
    let request = ClaimRequest {
        task: "work".to_owned(),
        touches,
        requires: Vec::new(),
        branch: branch.map(str::to_owned),
        force: None,
        lease: None,
        lapsed: Vec::new(),
    };
    write(board, agent, Intent::Claim(request))
}

fn done(board: &Board, agent: &str) -> Board {
    let request = StatusRequest {
        status: Status::Done,
        note: None,
        changed_files: None,
        changed_files_repo: None,
        pr_url: None,
    };
    write(board, agent, Intent::Status(request))
}

fn on(branch: &str) -> Me {
    Me { branch: Some(branch.to_owned()), ..Me::default() }
}

fn look(board: &Board, me: &Me, paths: &[&str], arrival: &Arrival) -> Gated {
    let targets: Vec<Target> = paths.iter().map(|path| Target::parse(path, &[]).unwrap()).collect();
    gate(board, me, &targets, arrival, Timestamp(5_000_001))
}

/// Returns the findings as `path holder`, those that are not certain with a question mark.
fn shown(gated: &Gated) -> Vec<String> {
    let mark = |is_certain| if is_certain { "" } else { "?" };
    let line = |finding: &agentsync_core::guard::Finding| {
        format!("{} {}{}", finding.path, finding.held.key, mark(finding.is_certain))
    };
    gated.findings.iter().map(line).collect()
}

fn landing() -> Arrival {
    Arrival::Lands { on: "main".to_owned() }
}

#[test]
fn the_claim_of_the_branch_is_its_own_and_a_peers_is_not() {
    let board = claim(&Board::default(), "bob", Some("bob/login"), &["src/auth"]);
    let board = claim(&board, "alice", Some("alice/docs"), &["docs"]);
    let paths = ["docs/a.md", "src/auth/login.rs", "src/lib.rs"];
    let gated = look(&board, &on("alice/docs"), &paths, &Arrival::Requested);
    assert_eq!(shown(&gated), ["src/auth/login.rs bob"]);
    assert_eq!((gated.n_paths, gated.n_own), (3, 1));
    assert!(gated.is_refused(Policy::Block) && !gated.is_refused(Policy::Warn));
    assert_eq!(gated.findings.first().unwrap().held.seconds_ago, Some(5));
    let gated = look(&board, &on("bob/login"), &paths, &Arrival::Requested);
    assert_eq!(shown(&gated), ["docs/a.md alice"]);
    // Nobody in particular: everything that is held is somebody else's.
    let gated = look(&board, &Me::default(), &paths, &Arrival::Stays);
    assert_eq!(shown(&gated), ["docs/a.md alice", "src/auth/login.rs bob"]);
}

#[test]
fn finished_work_may_land_on_what_was_claimed_since() {
    let board = done(&claim(&Board::default(), "alice", Some("alice/auth"), &["src"]), "alice");
    let board = claim(&board, "bob", Some("bob/auth"), &["src/auth.rs"]);
    let paths = ["src/auth.rs"];
    assert_eq!(shown(&look(&board, &on("alice/auth"), &paths, &Arrival::Requested)), [""; 0]);
    // But it does not go on: that needs a claim.
    assert_eq!(shown(&look(&board, &on("alice/auth"), &paths, &Arrival::Stays)), ["src/auth.rs bob"]);
    assert_eq!(shown(&look(&board, &on("carol/x"), &paths, &Arrival::Requested)), ["src/auth.rs bob"]);
    // When it lands by a push, whether it came from its branch is to be found out.
    let mut gated = look(&board, &Me::default(), &paths, &landing());
    assert_eq!(gated.ways(), BTreeSet::from(["alice/auth", "bob/auth"]));
    gated.settle(&BTreeMap::from([("alice/auth".to_owned(), BTreeSet::new())]));
    assert_eq!(shown(&gated), [""; 0]);
}

#[test]
fn what_a_branch_brings_by_itself_is_its_own_and_nothing_else_is() {
    let board = claim(&Board::default(), "bob", Some("bob/auth"), &["src"]);
    let mut gated = look(&board, &Me::default(), &["src/a.rs", "src/b.rs"], &landing());
    assert_eq!(gated.findings.len(), 2);
    let besides = BTreeMap::from([
        ("bob/auth".to_owned(), BTreeSet::from(["src/b.rs".to_owned()])),
        ("carol/x".to_owned(), BTreeSet::new()),
    ]);
    gated.settle(&besides);
    assert_eq!(shown(&gated), ["src/b.rs bob"]);
}

#[test]
fn where_work_lands_a_claim_without_a_branch_may_be_the_pushers_own() {
    for branch in [None, Some("main")] {
        let board = claim(&Board::default(), "bob", branch, &["src"]);
        let gated = look(&board, &Me::default(), &["src/a.rs"], &landing());
        assert_eq!(shown(&gated), ["src/a.rs bob?"]);
        assert!(!gated.is_refused(Policy::Block));
        // Unless it is known who pushes.
        let me = |name: &str| Me { agent: AgentId::parse(name).ok(), ..Me::default() };
        assert_eq!(shown(&look(&board, &me("bob"), &["src/a.rs"], &landing())), [""; 0]);
        assert!(look(&board, &me("carol"), &["src/a.rs"], &landing()).is_refused(Policy::Block));
        // On a branch of its own, work is somebody's who could have said so.
        assert!(look(&board, &on("x"), &["src/a.rs"], &Arrival::Stays).is_refused(Policy::Block));
    }
}

#[test]
fn whoever_stands_in_line_holds_nothing_and_what_cannot_be_read_is_named() {
    let board = claim(&Board::default(), "bob", Some("b"), &["src"]);
    let mut board = done(&board, "bob");
    let key = ClaimKey::read("mallory");
    board.claims.insert(key.clone(), Entry::Unreadable { why: "touches is no list".to_owned() });
    let gated = look(&board, &on("x"), &["src/a.rs"], &Arrival::Stays);
    assert_eq!(gated.findings, []);
    assert_eq!(gated.unreadable, [(key, "touches is no list".to_owned())]);
}
