//! Judgements of files in which symbols are held: laws over random boards, and the cases that people meet.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use agentsync_core::decide::decide;
use agentsync_core::guard::{Holding, Me, Policy, Rules, Target, Verdict, guard, is_parted};
use agentsync_core::region::SymbolPath;
use agentsync_core::{
    AgentId, Author, Board, Change, ClaimRequest, Decision, InstanceId, Intent, OpId, PathSpec, Timestamp,
    WidenRequest,
};
use proptest::prelude::*;

const AGENTS: [&str; 3] = ["alice", "bob", "carol"];
const TOUCHES: [&str; 8] =
    ["a.rs#f", "a.rs#S", "a.rs#S.f", "a.rs#S.g", "a.rs#f:sign", "a.rs#n:add", "a.rs", "b.rs#f"];
const SYMBOLS: [&str; 5] = ["f", "S", "S.f", "S.g", "n"];
const ALL: Rules = Rules { policy: Policy::Block, auto_claim: true };

fn author(agent: &str) -> Author {
    let instance = InstanceId("here".to_owned());
    Author { agent: AgentId::parse(agent).unwrap(), instance, session: None }
}

fn me(agent: &str) -> Me {
    let Author { agent, instance, .. } = author(agent);
    Me { agent: Some(agent), instance: Some(instance), ..Me::default() }
}

fn change(agent: &str, n: usize, intent: Intent) -> Change {
    Change { op: OpId(format!("op-{n}")), by: author(agent), lane: None, intent }
}

fn board(wishes: &[(&str, Vec<&str>)]) -> Board {
    wishes.iter().enumerate().fold(Board::default(), |board, (n, (agent, touches))| {
        let request = ClaimRequest {
            task: "work".to_owned(),
            touches: touches.iter().map(|text| PathSpec::parse(text, &[]).unwrap()).collect(),
            requires: Vec::new(),
            branch: None,
            force: None,
            lease: None,
            lapsed: Vec::new(),
        };
        match decide(&board, &change(agent, n, Intent::Claim(request)), Timestamp(0)) {
            Decision::Granted(granted) => board.with(&granted.edits),
            _ => board,
        }
    })
}

fn target(symbols: &[&str]) -> Target {
    let parts = symbols.iter().map(|text| SymbolPath::parse(text).unwrap()).collect();
    Target::parse("a.rs", &[]).unwrap().narrowed(parts)
}

/// Judges an edit of symbols; says whose they are, and what is to be claimed.
#[track_caller]
fn check(board: &Board, agent: &str, symbols: &[&str], want: &str) {
    let judged = guard(board, &me(agent), &[target(symbols)], ALL, Timestamp(0));
    let ruling = judged.rulings.first().unwrap();
    let wanted: Vec<String> = ruling.wanted.iter().map(PathSpec::to_string).collect();
    let said = match &ruling.holding {
        Holding::Mine { .. } => "mine".to_owned(),
        Holding::Free => format!("free {}", wanted.join(" ")),
        Holding::Peers(held) => {
            let names =
                held.iter().map(|held| format!("{}:{}", held.key, held.part.as_deref().unwrap_or("all")));
            names.collect::<Vec<_>>().join(" ")
        }
    };
    assert_eq!(said.trim_end(), want, "{symbols:?}");
}

#[test]
fn each_symbol_is_its_holders() {
    let board = board(&[("alice", vec!["a.rs#S.f"]), ("bob", vec!["a.rs#S.g", "a.rs#h"])]);
    check(&board, "alice", &["S.f"], "mine");
    check(&board, "alice", &[], "mine");
    check(&board, "alice", &["S.f", "S.g"], "bob:S.g");
    check(&board, "alice", &["n"], "free a.rs#n");
    check(&board, "alice", &["S"], "free");
    check(&board, "carol", &["n", "S"], "free a.rs#n");
    check(&board, "carol", &["h", "n"], "bob:h");
    check(&board, "carol", &["S.f", "h"], "alice:S.f bob:h");
    check(&board, "carol", &[], "free");
}

#[test]
fn who_holds_the_file_or_what_is_around_a_symbol_holds_the_symbol() {
    let around = board(&[("bob", vec!["a.rs#S"])]);
    check(&around, "alice", &["S.f"], "bob:S.f");
    check(&around, "bob", &["S.f", "S"], "mine");
    let whole = board(&[("bob", vec!["a.rs"])]);
    check(&whole, "alice", &["S.f"], "bob:all");
    check(&whole, "alice", &[], "bob:all");
    let folder = board(&[("bob", vec!["*.rs"])]);
    check(&folder, "alice", &["f"], "bob:all");
    let lines = board(&[("bob", vec!["a.rs:1-3"])]);
    check(&lines, "alice", &["f"], "bob:all");
    check(&lines, "alice", &[], "bob:all");
    check(&lines, "bob", &["f"], "mine");
}

#[test]
fn only_a_file_of_which_parts_are_held_is_worth_a_look() {
    let board = board(&[("bob", vec!["a.rs#S", "b.rs"])]);
    assert!(is_parted(&board, "a.rs"));
    assert!(!is_parted(&board, "b.rs"));
    assert!(!is_parted(&Board::default(), "a.rs"));
}

fn wish() -> impl Strategy<Value = (&'static str, Vec<&'static str>)> {
    (prop::sample::select(&AGENTS[..]), prop::collection::vec(prop::sample::select(&TOUCHES[..]), 1..4))
}

proptest! {
    #[test]
    fn what_is_to_be_claimed_is_granted(
        wishes in prop::collection::vec(wish(), 0..5),
        symbols in prop::sample::subsequence(&SYMBOLS[..], 0..4),
        agent in prop::sample::select(&AGENTS[..]),
    ) {
        let board = board(&wishes);
        let judged = guard(&board, &me(agent), &[target(&symbols)], ALL, Timestamp(0));
        let ruling = judged.rulings.first().unwrap();
        prop_assert_eq!(ruling.wanted.is_empty(), ruling.verdict != Verdict::Claim);
        if ruling.verdict == Verdict::Claim {
            let request = WidenRequest { task: "edits".to_owned(), touches: ruling.wanted.clone(), branch: None, lease: None };
            let decided = decide(&board, &change(agent, 99, Intent::Widen(request)), Timestamp(0));
            prop_assert!(matches!(decided, Decision::Granted(_)), "{:?} {:?}", ruling, decided);
        }
        // Who is kept from a symbol would be kept from all of them.
        let parts: Vec<Verdict> = symbols
            .iter()
            .map(|symbol| guard(&board, &me(agent), &[target(&[symbol])], ALL, Timestamp(0)).verdict())
            .collect();
        let is_denied = ruling.verdict == Verdict::Deny;
        prop_assert!(is_denied || !parts.contains(&Verdict::Deny), "{:?} {:?}", ruling, parts);
    }
}
