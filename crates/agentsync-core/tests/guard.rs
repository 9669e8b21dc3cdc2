//! Laws that hold of every judgement, over random boards, and the cases that people meet.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::collections::BTreeSet;

use agentsync_core::decide::decide;
use agentsync_core::guard::{
    Holding, How, Judgement, Me, Obstacle, Policy, Rules, Target, Verdict, guard, session_lane, subagent_lane,
};
use agentsync_core::{
    AgentId, Author, Board, Change, ClaimKey, ClaimRequest, Decision, Entry, Force, Grant, InstanceId,
    Intent, Lane, OpId, PathSpec, Status, StatusRequest, Timestamp, WidenRequest,
};
use proptest::prelude::*;

const AGENTS: [&str; 3] = ["alice", "bob", "carol"];
const SPECS: [&str; 9] = ["a", "a/b", "b", "b/*", "*.rs", "a/**/c", "{a,c}/x", ".", "c"];
const PATHS: [&str; 8] = ["a/b/c", "a/x", "b/main.rs", "b/deep/x.rs", "c", "d/e.md", "top.rs", "we[i]rd*.rs"];
const ALL: Rules = Rules { policy: Policy::Block, auto_claim: true };

fn author(agent: &str, instance: &str) -> Author {
    let instance = InstanceId(instance.to_owned());
    Author { agent: AgentId::parse(agent).unwrap(), instance, session: None }
}

fn change(n: usize, by: Author, lane: Option<&str>, intent: Intent) -> Change {
    Change { op: OpId(format!("op-{n}")), by, lane: lane.map(|lane| Lane::parse(lane).unwrap()), intent }
}

fn request(touches: &[&str]) -> ClaimRequest {
    ClaimRequest {
        task: "work".to_owned(),
        touches: touches.iter().map(|text| PathSpec::parse(text, &[]).unwrap()).collect(),
        requires: Vec::new(),
        branch: Some("work".to_owned()),
        force: None,
        lease: None,
        lapsed: Vec::new(),
    }
}

fn me(agent: &str) -> Me {
    let Author { agent, instance, .. } = author(agent, "here");
    Me { agent: Some(agent), instance: Some(instance), ..Me::default() }
}

fn targets(paths: &[&str]) -> Vec<Target> {
    paths.iter().map(|path| Target::parse(path, &[]).unwrap()).collect()
}

/// Puts changes on an empty board, one after the other; what is refused leaves it as it is.
fn board(changes: &[Change]) -> Board {
    changes.iter().enumerate().fold(Board::default(), |board, (n, change)| {
        match decide(&board, change, Timestamp(i64::try_from(n).unwrap() * 1_000_000)) {
            Decision::Granted(granted) => board.with(&granted.edits),
            _ => board,
        }
    })
}

fn claims(wishes: &[(&str, &[&str])]) -> Board {
    let changes = wishes.iter().enumerate();
    let changes: Vec<_> = changes
        .map(|(n, (agent, touches))| change(n, author(agent, "here"), None, Intent::Claim(request(touches))))
        .collect();
    board(&changes)
}

fn widen(paths: &[&str]) -> Intent {
    let touches = targets(paths).iter().map(|target| target.spec().clone()).collect();
    Intent::Widen(WidenRequest { task: "edits".to_owned(), touches, branch: None, lease: None })
}

fn judge(board: &Board, me: &Me, path: &str) -> Judgement {
    guard(board, me, &targets(&[path]), ALL, Timestamp(60_000_000))
}

fn wish() -> impl Strategy<Value = Change> {
    let touches = proptest::collection::vec(proptest::sample::select(&SPECS[..]), 1..3);
    let lane = proptest::sample::select(vec![None, None, Some("docs")]);
    let kind = 0..8_usize;
    (0..AGENTS.len(), proptest::bool::weighted(0.1), lane, touches, kind).prop_map(
        |(agent, elsewhere, lane, touches, kind)| {
            let by = author(AGENTS.get(agent).unwrap(), if elsewhere { "elsewhere" } else { "here" });
            let done = StatusRequest {
                status: Status::Done,
                note: None,
                changed_files: None,
                changed_files_repo: None,
                pr_url: None,
            };
            let intent = match kind {
                0 => Intent::Status(done),
                1 => Intent::Release { note: None },
                2 | 3 => Intent::Wait(request(&touches)),
                4 => Intent::Claim(ClaimRequest { force: Some(Force { reason: None }), ..request(&touches) }),
                _ => Intent::Claim(request(&touches)),
            };
            change(0, by, lane, intent)
        },
    )
}

fn day() -> impl Strategy<Value = Board> {
    let numbered = |wishes: Vec<Change>| {
        let changes = wishes.into_iter().enumerate();
        let changes: Vec<_> =
            changes.map(|(n, change)| Change { op: OpId(format!("op-{n}")), ..change }).collect();
        board(&changes)
    };
    proptest::collection::vec(wish(), 0..12).prop_map(numbered)
}

fn rules() -> impl Strategy<Value = Rules> {
    let policy = proptest::sample::select(vec![Policy::Off, Policy::Warn, Policy::Block]);
    (policy, any::<bool>()).prop_map(|(policy, auto_claim)| Rules { policy, auto_claim })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_path_gets_one_ruling_in_its_place(board in day(), rules in rules()) {
        let found = guard(&board, &me("alice"), &targets(&PATHS), rules, Timestamp(0));
        let paths: Vec<&str> = found.rulings.iter().map(|ruling| ruling.path.as_str()).collect();
        prop_assert_eq!(paths, PATHS);
        for ruling in &found.rulings {
            let verdict = match (&ruling.holding, rules.policy) {
                (Holding::Peers(held), _) if held.is_empty() => return Err(TestCaseError::fail("held by nobody")),
                (Holding::Peers(_), Policy::Block) => Verdict::Deny,
                (Holding::Free, Policy::Warn | Policy::Block) if rules.auto_claim && found.obstacle.is_none() => Verdict::Claim,
                _ => Verdict::Allow,
            };
            prop_assert_eq!(ruling.verdict, verdict, "{:?}", ruling);
        }
    }

    #[test]
    fn what_is_denied_is_what_a_claim_would_be_refused(board in day(), path in proptest::sample::select(&PATHS[..])) {
        let found = judge(&board, &me("alice"), path);
        let claim = change(99, author("alice", "here"), Some("probe"), Intent::Claim(ClaimRequest {
            touches: targets(&[path]).iter().map(|target| target.spec().clone()).collect(),
            ..request(&["x"])
        }));
        let is_refused = matches!(decide(&board, &claim, Timestamp(0)), Decision::Blocked(_));
        match (&found.rulings[0].holding, &found.obstacle) {
            (Holding::Peers(_), _) => prop_assert!(is_refused),
            (Holding::Free, None) => prop_assert!(!is_refused, "{found:?}"),
            (Holding::Free, Some(_)) => prop_assert!(is_refused),
            // A forced claim is mine although others hold the path as well.
            (Holding::Mine { .. }, _) => {}
        }
    }

    #[test]
    fn what_is_to_be_claimed_is_granted_and_then_mine(board in day(), agent in proptest::sample::select(&AGENTS[..])) {
        let found = guard(&board, &me(agent), &targets(&PATHS), ALL, Timestamp(0));
        let paths: Vec<&str> = found.with_verdict(Verdict::Claim).map(|ruling| ruling.path.as_str()).collect();
        if paths.is_empty() {
            return Ok(());
        }
        let Decision::Granted(granted) = decide(&board, &change(99, author(agent, "here"), None, widen(&paths)), Timestamp(0)) else {
            return Err(TestCaseError::fail("not granted"));
        };
        let after = board.with(&granted.edits);
        let again = guard(&after, &me(agent), &targets(&paths), ALL, Timestamp(0));
        for ruling in again.rulings {
            prop_assert!(matches!(ruling.holding, Holding::Mine { .. }), "{ruling:?}");
        }
        // Nothing that anybody had is lost by it.
        for (key, entry) in &board.claims {
            let next = after.claims.get(key).and_then(Entry::as_claim).unwrap();
            let had = &entry.as_claim().unwrap();
            prop_assert!(!had.is_active() || had.touches.iter().all(|touch| next.touches.contains(touch)));
        }
        let twice = decide(&after, &change(100, author(agent, "here"), None, widen(&paths)), Timestamp(0));
        prop_assert!(matches!(twice, Decision::Unchanged(_)), "{twice:?}");
    }

    #[test]
    fn asking_for_many_is_asking_for_each(board in day(), rules in rules()) {
        let together = guard(&board, &me("alice"), &targets(&PATHS), rules, Timestamp(0));
        // A ticket of one's own stands before others for what it names alone.
        prop_assume!(!board.waiting.iter().any(|ticket| ticket.key.agent() == "alice"));
        for (path, ruling) in PATHS.iter().zip(together.rulings) {
            let alone = guard(&board, &me("alice"), &targets(&[path]), rules, Timestamp(0));
            prop_assert_eq!(&alone.rulings[0], &ruling);
        }
    }

    #[test]
    fn only_the_policy_to_block_denies(board in day(), rules in rules()) {
        let found = guard(&board, &me("bob"), &targets(&PATHS), rules, Timestamp(0));
        prop_assert!(found.verdict() != Verdict::Deny || rules.policy == Policy::Block);
        prop_assert!(rules.policy != Policy::Off || found.verdict() == Verdict::Allow);
    }
}

#[test]
fn a_peers_path_is_denied_with_all_there_is_to_say() {
    let board = claims(&[("bob", &["src/auth"])]);
    let found = judge(&board, &me("alice"), "src/auth/login.rs");
    assert_eq!(found.verdict(), Verdict::Deny);
    let (path, held) = found.held().next().unwrap();
    assert_eq!((path, held.len()), ("src/auth/login.rs", 1));
    assert_eq!((held[0].key.as_str(), held[0].task.as_deref()), ("bob", Some("work")));
    assert_eq!((held[0].branch.as_deref(), held[0].seconds_ago), (Some("work"), Some(60)));
    assert_eq!(held[0].how, How::Claim);
}

#[test]
fn a_free_path_is_claimed_and_one_beside_a_peers_is_near() {
    let board = claims(&[("bob", &["src/auth/login.rs", "top.md"])]);
    let near = |path| judge(&board, &me("alice"), path).rulings[0].is_near;
    assert_eq!(judge(&board, &me("alice"), "docs/a.md").verdict(), Verdict::Claim);
    assert!(near("src/auth/logout.rs") && near("other.md"));
    assert!(!near("src/lib.rs") && !near("docs/a.md"));
}

#[test]
fn what_one_holds_in_any_lane_is_ones_own() {
    let lane = change(0, author("alice", "here"), Some("docs"), Intent::Claim(request(&["docs"])));
    let board = board(&[lane]);
    let found = judge(&board, &me("alice"), "docs/a.md");
    assert_eq!(found.rulings[0].holding, Holding::Mine { key: ClaimKey::read("alice/docs") });
}

#[test]
fn a_claim_that_is_done_holds_nothing() {
    let mut board = claims(&[("bob", &["src"])]);
    let done = change(
        1,
        author("bob", "here"),
        None,
        Intent::Status(StatusRequest {
            status: Status::Done,
            note: None,
            changed_files: None,
            changed_files_repo: None,
            pr_url: None,
        }),
    );
    let Decision::Granted(granted) = decide(&board, &done, Timestamp(0)) else { panic!("not done") };
    board = board.with(&granted.edits);
    assert_eq!(judge(&board, &me("alice"), "src/a.rs").verdict(), Verdict::Claim);
}

#[test]
fn the_own_id_from_another_worktree_is_a_peer_and_an_obstacle() {
    let board = board(&[change(0, author("alice", "there"), None, Intent::Claim(request(&["src"])))]);
    let found = judge(&board, &me("alice"), "src/a.rs");
    assert_eq!((found.verdict(), found.held().next().unwrap().1[0].how), (Verdict::Deny, How::Elsewhere));
    let free = judge(&board, &me("alice"), "docs/a.md");
    assert_eq!(free.verdict(), Verdict::Allow, "a claim of it would be refused");
    assert!(matches!(free.obstacle, Some(Obstacle::Elsewhere(_))));
    let anywhere = Me { instance: None, ..me("alice") };
    assert!(matches!(judge(&board, &anywhere, "src/a.rs").rulings[0].holding, Holding::Mine { .. }));
}

#[test]
fn an_entry_that_cannot_be_read_stops_claims_and_no_edit() {
    let mut board = claims(&[("bob", &["src"])]);
    board.claims.insert(ClaimKey::read("eve"), Entry::Unreadable { why: "odd".to_owned() });
    assert_eq!(judge(&board, &me("alice"), "docs/a.md").verdict(), Verdict::Allow);
    assert_eq!(judge(&board, &me("alice"), "src/a.rs").verdict(), Verdict::Deny);
    assert!(matches!(judge(&board, &me("alice"), "x").obstacle, Some(Obstacle::Unreadable { .. })));
}

#[test]
fn a_gate_knows_its_branch_and_nobodys_name() {
    let board = claims(&[("bob", &["src"])]);
    let gate = Me { branch: Some("work".to_owned()), ..Me::default() };
    assert!(matches!(judge(&board, &gate, "src/a.rs").rulings[0].holding, Holding::Mine { .. }));
    let other = Me { branch: Some("other".to_owned()), ..Me::default() };
    assert_eq!(judge(&board, &other, "src/a.rs").verdict(), Verdict::Deny);
    assert_eq!(judge(&board, &Me::default(), "src/a.rs").verdict(), Verdict::Deny);
}

#[test]
fn another_session_of_the_worktree_is_a_peer_with_a_lane_of_its_own() {
    let by = Author { session: Some("one".to_owned()), ..author("alice", "here") };
    let board = board(&[change(0, by, None, Intent::Claim(request(&["src"])))]);
    let two = Me { siblings: BTreeSet::from(["one".to_owned()]), ..me("alice") };
    let found = judge(&board, &two, "src/a.rs");
    assert_eq!(found.held().next().unwrap().1[0].how, How::Sibling);
    assert_eq!(session_lane(&board, &two, Some("t-wo")), Lane::parse("session-two").ok());
    assert_eq!(session_lane(&board, &me("alice"), Some("two")), None, "the other one is over");
    assert!(matches!(judge(&board, &me("alice"), "src/a.rs").rulings[0].holding, Holding::Mine { .. }));
    assert_eq!(subagent_lane("a1/b2").unwrap().as_str(), "sub-a1b2");
}

#[test]
fn an_edit_opens_a_claim_or_widens_the_only_one_that_was_named() {
    let key = |board: &Board, lane, path| {
        let decision = decide(board, &change(7, author("alice", "here"), lane, widen(&[path])), Timestamp(9));
        match decision.grant() {
            Some(Grant::Claimed { key, claim, .. }) => {
                let touches: Vec<_> = claim.touches.iter().map(|touch| touch.as_str().to_owned()).collect();
                (key.as_str().to_owned(), claim.task.clone(), touches.join(" "))
            }
            _ => panic!("{decision:?}"),
        }
    };
    let owned = |key: &str, task: &str, touches: &str| (key.to_owned(), task.to_owned(), touches.to_owned());
    assert_eq!(key(&Board::default(), None, "a.rs"), owned("alice", "edits", "a.rs"));
    let named = board(&[change(0, author("alice", "here"), Some("docs"), Intent::Claim(request(&["docs"])))]);
    assert_eq!(key(&named, None, "a.rs"), owned("alice/docs", "work", "a.rs docs"));
    assert_eq!(key(&named, Some("sub-1"), "a.rs"), owned("alice/sub-1", "edits", "a.rs"));
    let subagents = board(&[change(0, author("alice", "here"), Some("sub-1"), widen(&["docs"]))]);
    assert_eq!(key(&subagents, None, "a.rs"), owned("alice", "edits", "a.rs"));
}

#[test]
fn an_edit_takes_nothing_from_a_peer() {
    let board = claims(&[("bob", &["src"])]);
    let decision =
        decide(&board, &change(7, author("alice", "here"), None, widen(&["src/a.rs", "b.rs"])), Timestamp(9));
    let Decision::Blocked(blocked) = decision else { panic!("{decision:?}") };
    assert_eq!(blocked.free_slice, ["b.rs"]);
}
