//! Standing in line, and taking over from those who are gone.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on must stop")]

use agentsync_core::decide::decide;
use agentsync_core::{
    AgentId, Author, Blocked, Board, BreakRequest, Change, ClaimKey, ClaimRequest, Decision, Force, Grant,
    InstanceId, Intent, Lane, Lapsed, OpId, PathSpec, Status, StatusRequest, Timestamp, Trailer,
};

const HOUR: i64 = 3_600_000_000;

/// A board that is changed step by step.
#[derive(Default)]
struct Day {
    board: Board,
    n_changes: usize,
    now: i64,
}

impl Day {
    /// Asks for `who`: an agent, or an agent's lane as `agent/lane`.
    fn ask(&mut self, who: &str, intent: Intent) -> Decision {
        self.n_changes += 1;
        let (agent, lane) = who.split_once('/').map_or((who, None), |(agent, lane)| (agent, Some(lane)));
        let lane = lane.map(|lane| Lane::parse(lane).unwrap());
        let by = Author {
            agent: AgentId::parse(agent).unwrap(),
            instance: InstanceId("here".to_owned()),
            session: None,
        };
        let change = Change { op: OpId(format!("op-{}", self.n_changes)), by, lane, intent };
        let decision = decide(&self.board, &change, Timestamp(self.now));
        if let Decision::Granted(granted) = &decision {
            self.board = self.board.with(&granted.edits);
        }
        decision
    }

    fn claim(&mut self, agent: &str, touches: &[&str]) -> Decision {
        self.ask(agent, Intent::Claim(request(touches, &[])))
    }

    fn wait(&mut self, agent: &str, touches: &[&str]) -> Decision {
        self.ask(agent, Intent::Wait(request(touches, &[])))
    }

    fn release(&mut self, agent: &str) -> Decision {
        self.ask(agent, Intent::Release { note: None })
    }

    fn line(&self) -> Vec<&str> {
        self.board.waiting.iter().map(|ticket| ticket.key.as_str()).collect()
    }

    fn holders(&self) -> Vec<&str> {
        self.board.claims.keys().map(ClaimKey::as_str).collect()
    }

    fn op_of(&self, agent: &str) -> OpId {
        self.board.claims.get(agent).and_then(|entry| entry.as_claim()?.op.clone()).unwrap()
    }
}

fn specs(texts: &[&str]) -> Vec<PathSpec> {
    texts.iter().map(|text| PathSpec::parse(text, &[]).unwrap()).collect()
}

fn request(touches: &[&str], requires: &[&str]) -> ClaimRequest {
    ClaimRequest {
        task: "work".to_owned(),
        touches: specs(touches),
        requires: specs(requires),
        branch: None,
        force: None,
        lease: None,
        lapsed: Vec::new(),
    }
}

#[track_caller]
fn blocked(decision: Decision) -> Blocked {
    match decision {
        Decision::Blocked(blocked) => blocked,
        other => panic!("not blocked: {other:?}"),
    }
}

#[track_caller]
fn check_claimed(decision: &Decision) {
    assert!(matches!(decision.grant(), Some(Grant::Claimed { .. })), "{decision:?}");
}

#[track_caller]
fn check_waits(decision: &Decision, want_ahead: usize) {
    match decision.grant() {
        Some(Grant::Waiting { n_ahead, .. }) => assert_eq!(*n_ahead, want_ahead),
        _ => panic!("does not wait: {decision:?}"),
    }
}

#[test]
fn whoever_waits_for_nobody_claims_at_once() {
    let mut day = Day::default();
    check_claimed(&day.wait("alice", &["a"]));
    assert!(day.line().is_empty());
}

#[test]
fn first_come_first_served() {
    let mut day = Day::default();
    day.claim("alice", &["src"]);
    check_waits(&day.wait("bob", &["src/a"]), 0);
    check_waits(&day.wait("carol", &["src/a", "src/b"]), 1);
    day.release("alice");
    // Carol would overtake bob, and dave both of them.
    let carol = blocked(day.claim("carol", &["src/a", "src/b"]));
    assert_eq!(carol.free_slice, ["src/b"]);
    assert_eq!(carol.conflicts.keys().map(ClaimKey::as_str).collect::<Vec<_>>(), ["bob"]);
    let dave = blocked(day.claim("dave", &["src"]));
    assert_eq!(dave.conflicts.len(), 2);
    assert!(dave.conflicts.values().all(|conflict| {
        conflict.reasons.iter().all(|reason| reason.kind.as_str() == "waits_before_you")
    }));
    check_claimed(&day.wait("bob", &["src/a"]));
    assert_eq!(day.line(), ["carol"]);
    check_claimed(&day.claim("dave", &["src/c"]));
}

#[test]
fn who_came_first_keeps_what_it_relies_on() {
    let mut day = Day::default();
    day.claim("alice", &["a"]);
    day.ask("bob", Intent::Wait(request(&["a"], &["lib"])));
    assert_eq!(blocked(day.claim("carol", &["lib"])).conflicts.len(), 1);
}

#[test]
fn asking_again_keeps_the_place_and_asking_for_more_does_not() {
    let mut day = Day::default();
    day.claim("alice", &["a"]);
    day.wait("bob", &["a"]);
    day.wait("carol", &["a"]);
    check_waits(&day.wait("bob", &["a"]), 0);
    assert_eq!(day.line(), ["bob", "carol"]);
    check_waits(&day.wait("bob", &["a", "b"]), 1);
    assert_eq!(day.line(), ["carol", "bob"]);
}

#[test]
fn a_place_taken_in_one_lane_is_a_place_for_each() {
    let mut day = Day::default();
    day.claim("alice", &["a"]);
    check_waits(&day.wait("bob", &["a"]), 0);
    check_waits(&day.wait("carol", &["a", "b"]), 1);
    day.release("alice");
    check_claimed(&day.claim("bob/docs", &["a"]));
    assert_eq!(blocked(day.claim("bob/docs", &["b"])).conflicts.len(), 1);
}

#[test]
fn the_place_of_another_lane_is_not_taken_along_to_the_front() {
    let mut day = Day::default();
    day.claim("alice", &["a", "x"]);
    check_waits(&day.wait("bob", &["x"]), 0);
    check_waits(&day.wait("carol", &["a"]), 0);
    check_waits(&day.wait("bob/docs", &["a"]), 1);
    // What the first lane waits for now, it waits for behind carol.
    check_waits(&day.wait("bob", &["a"]), 1);
    assert_eq!(day.line(), ["carol", "bob/docs", "bob"]);
}

#[test]
fn releasing_nothing_leaves_the_line() {
    let mut day = Day::default();
    day.claim("alice", &["a"]);
    day.wait("bob", &["a"]);
    assert!(matches!(day.release("bob").grant(), Some(Grant::Left { .. })));
    assert!(day.line().is_empty());
    assert!(matches!(day.ask("bob", Intent::Leave), Decision::Missing(_)));
}

#[test]
fn two_that_would_wait_for_each_other_are_told_the_circle() {
    let mut day = Day::default();
    day.claim("alice", &["a"]);
    day.claim("bob", &["b"]);
    check_waits(&day.wait("alice", &["a", "b"]), 0);
    let circle = blocked(day.wait("bob", &["a", "b"])).deadlock;
    let steps: Vec<_> = circle.iter().map(|step| (step.agent.as_str(), step.holder.as_str())).collect();
    assert_eq!(steps, [("bob", "alice"), ("alice", "bob")]);
    assert_eq!(day.line(), ["alice"]);
}

#[test]
fn a_circle_over_three_and_what_they_rely_on_is_found() {
    let mut day = Day::default();
    for (agent, path) in [("alice", "a"), ("bob", "b"), ("carol", "c")] {
        day.claim(agent, &[path]);
    }
    day.ask("alice", Intent::Wait(request(&["a"], &["b"])));
    day.wait("bob", &["b", "c"]);
    let circle = blocked(day.wait("carol", &["c", "a"])).deadlock;
    let who: Vec<_> = circle.iter().map(|step| step.agent.as_str()).collect();
    assert_eq!(who, ["carol", "alice", "bob"]);
}

#[test]
fn nobody_waits_for_an_id_that_is_held_elsewhere() {
    let mut day = Day::default();
    day.claim("alice", &["a"]);
    if let Some(agentsync_core::Entry::Claim(claim)) = day.board.claims.get_mut("alice") {
        claim.instance = Some(InstanceId("elsewhere".to_owned()));
    }
    blocked(day.wait("alice", &["a"]));
    assert!(day.line().is_empty());
}

#[test]
fn a_lapsed_lease_is_taken_over_and_its_holder_is_told_once() {
    let mut day = Day::default();
    day.ask("alice", Intent::Claim(ClaimRequest { lease: Some(600), ..request(&["a"], &[]) }));
    let lapsed = vec![Lapsed { key: ClaimKey::read("alice"), op: day.op_of("alice") }];
    let bob = ClaimRequest { lapsed: lapsed.clone(), ..request(&["a/x"], &[]) };
    let taken = day.ask("bob", Intent::Claim(bob.clone()));
    let Decision::Granted(granted) = &taken else { panic!("{taken:?}") };
    assert_eq!(granted.trailers, [Trailer::Supersedes("alice@1".to_owned())]);
    assert_eq!((day.holders(), granted.generation), (vec!["bob"], Some(2)));
    let told = day.ask("alice", Intent::Status(done()));
    assert_eq!(told.superseded().map(|record| record.by.as_str()), Some("bob"));
    assert!(matches!(day.ask("alice", Intent::Status(done())), Decision::Missing(_)));
}

#[test]
fn any_write_of_its_holder_renews_a_lease() {
    let mut day = Day::default();
    day.ask("alice", Intent::Claim(ClaimRequest { lease: Some(600), ..request(&["a"], &[]) }));
    let lapsed = vec![Lapsed { key: ClaimKey::read("alice"), op: day.op_of("alice") }];
    day.now += HOUR;
    day.ask("alice", Intent::Status(StatusRequest { status: Status::Planning, ..done() }));
    blocked(day.ask("bob", Intent::Claim(ClaimRequest { lapsed, ..request(&["a"], &[]) })));
}

#[test]
fn a_claim_that_was_done_is_taken_up_again_only_where_nobody_else_is() {
    let mut day = Day::default();
    day.claim("alice", &["a"]);
    day.ask("alice", Intent::Status(done()));
    day.claim("bob", &["a"]);
    let again = Intent::Status(StatusRequest { status: Status::InProgress, ..done() });
    let Decision::Blocked(blocked) = day.ask("alice", again.clone()) else { panic!("{:?}", day.board) };
    assert_eq!(blocked.conflicts.keys().map(ClaimKey::as_str).collect::<Vec<_>>(), ["bob"]);
    day.release("bob");
    // Bob was granted the files meanwhile, so the old number would not fence him off.
    let Decision::Granted(granted) = day.ask("alice", again) else { panic!("{:?}", day.board) };
    assert_eq!((granted.generation, day.board.generation), (Some(3), 3));
}

#[test]
fn a_claim_without_a_lease_never_lapses() {
    let mut day = Day::default();
    day.claim("alice", &["a"]);
    let lapsed = vec![Lapsed { key: ClaimKey::read("alice"), op: day.op_of("alice") }];
    blocked(day.ask("bob", Intent::Claim(ClaimRequest { lapsed, ..request(&["a"], &[]) })));
}

#[test]
fn a_ticket_whose_owner_was_not_seen_is_passed() {
    let mut day = Day::default();
    day.claim("alice", &["a"]);
    day.wait("bob", &["a"]);
    day.release("alice");
    let lapsed = vec![Lapsed { key: ClaimKey::read("bob"), op: OpId("op-2".to_owned()) }];
    check_claimed(&day.ask("carol", Intent::Claim(ClaimRequest { lapsed, ..request(&["a"], &[]) })));
    assert!(day.line().is_empty());
}

#[test]
fn a_broken_claim_is_free_and_its_holder_is_told() {
    let mut day = Day::default();
    day.claim("alice", &["a"]);
    let request = BreakRequest { key: ClaimKey::read("alice"), reason: "she has left".to_owned() };
    let broken = day.ask("bob", Intent::Break(request.clone()));
    let Decision::Granted(granted) = &broken else { panic!("{broken:?}") };
    assert_eq!(granted.trailers, [Trailer::Breaks("alice@1".to_owned())]);
    assert!(day.holders().is_empty());
    let told = day.release("alice");
    assert_eq!(told.superseded().map(|record| record.reason.as_str()), Some("she has left"));
    assert!(matches!(day.ask("bob", Intent::Break(request)), Decision::Missing(_)));
}

#[test]
fn a_new_claim_of_one_whose_claim_was_taken_says_so() {
    let mut day = Day::default();
    day.claim("alice", &["a"]);
    let request = BreakRequest { key: ClaimKey::read("alice"), reason: "gone".to_owned() };
    day.ask("bob", Intent::Break(request));
    let again = day.claim("alice", &["b"]);
    assert!(matches!(again.grant(), Some(Grant::Claimed { lost: Some(_), .. })), "{again:?}");
    assert!(day.board.superseded.is_empty());
}

#[test]
fn force_goes_past_those_who_wait() {
    let mut day = Day::default();
    day.claim("alice", &["a"]);
    day.wait("bob", &["a"]);
    day.release("alice");
    let force = Some(Force { reason: None });
    check_claimed(&day.ask("carol", Intent::Claim(ClaimRequest { force, ..request(&["a"], &[]) })));
}

#[test]
fn what_was_done_a_day_ago_leaves_the_board_with_the_next_change() {
    let mut day = Day::default();
    day.claim("alice", &["a"]);
    day.ask("alice", Intent::Status(done()));
    day.now += 23 * HOUR;
    day.claim("bob", &["b"]);
    assert_eq!(day.holders(), ["alice", "bob"]);
    day.now += 2 * HOUR;
    let later = day.claim("carol", &["c"]);
    let Decision::Granted(granted) = &later else { panic!("{later:?}") };
    assert_eq!(granted.trailers, [Trailer::Tidies(1)]);
    assert_eq!(day.holders(), ["bob", "carol"]);
}

fn done() -> StatusRequest {
    StatusRequest {
        status: Status::Done,
        note: None,
        changed_files: None,
        changed_files_repo: None,
        pr_url: None,
    }
}
