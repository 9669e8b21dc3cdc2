//! Claims of parts of one file.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use agentsync_core::decide::decide;
use agentsync_core::{
    AgentId, Author, Board, Change, ClaimRequest, Decision, InstanceId, Intent, OpId, PathSpec, Timestamp,
};

/// Lets each of `claims`, an agent and what it touches, claim in turn, and returns who was granted.
fn granted(claims: &[(&str, &[&str])]) -> Vec<bool> {
    let mut board = Board::default();
    let mut answers = Vec::new();
    for (n, (agent, touches)) in claims.iter().enumerate() {
        let by = Author {
            agent: AgentId::parse(agent).unwrap(),
            instance: InstanceId("here".to_owned()),
            session: None,
        };
        let touches = touches.iter().map(|text| PathSpec::parse(text, &[]).unwrap()).collect();
        let request = ClaimRequest {
            task: "work".to_owned(),
            touches,
            requires: Vec::new(),
            branch: None,
            force: None,
            lease: None,
            lapsed: Vec::new(),
        };
        let change = Change { op: OpId(format!("op-{n}")), by, lane: None, intent: Intent::Claim(request) };
        let decision = decide(&board, &change, Timestamp(0));
        if let Decision::Granted(granted) = &decision {
            board = board.with(&granted.edits);
        }
        answers.push(decision.grant().is_some());
    }
    answers
}

#[track_caller]
fn check_second(first: &[&str], second: &[&str], want: bool) {
    assert_eq!(granted(&[("alice", first), ("bob", second)]), [true, want], "{first:?} then {second:?}");
}

#[test]
fn two_agents_in_one_file_go_on_where_their_symbols_are_apart() {
    check_second(&["a.rs#login"], &["a.rs#logout"], true);
    check_second(&["a.rs#login", "a.rs#S.new"], &["a.rs#logout", "a.rs#S.drop"], true);
    check_second(&["a.rs#login"], &["a.rs#login"], false);
    check_second(&["a.rs#login", "a.rs#logout"], &["a.rs#logout"], false);
    check_second(&["a.rs#S"], &["a.rs#S.new"], false);
}

#[test]
fn whole_files_folders_and_globs_meet_every_region_in_them() {
    for other in ["a/b.rs", "a", "a/*.rs", "."] {
        check_second(&["a/b.rs#login"], &[other], false);
        check_second(&[other], &["a/b.rs#login"], false);
    }
    check_second(&["a/b.rs#login"], &["a/c.rs#login"], true);
    check_second(&["A/b.rs#login"], &["a/b.rs#login"], false);
}

#[test]
fn a_region_beside_its_whole_file_narrows_nothing() {
    let specs = ["a.rs#login", "a.rs", "b.rs#f"].map(|text| PathSpec::parse(text, &[]).unwrap());
    let tidy: Vec<String> = PathSpec::tidy(specs.to_vec()).iter().map(PathSpec::to_string).collect();
    assert_eq!(tidy, ["a.rs", "b.rs#f"]);
}

#[test]
fn only_one_file_can_be_narrowed() {
    for text in ["src/*.rs#f", "src/#f", r"src/\#f", ".#f", "**#f"] {
        assert!(PathSpec::parse(text, &[]).is_err(), "{text}");
    }
    assert_eq!(PathSpec::parse("src/*.rs#f", &[]).unwrap_err().to_string().lines().count(), 1);
}
