//! Every chain that is made by deciding audits clean, and each planted violation is named.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use agentsync_core::audit::{Before, CommitFacts, Finding, How, Told, Writer, audit};
use agentsync_core::decide::decide;
use agentsync_core::event::Event;
use agentsync_core::{
    AgentId, Author, Board, BreakRequest, Change, Claim, ClaimKey, ClaimRequest, Decision, Entry, Force,
    Granted, InstanceId, Intent, Lane, Lapsed, Note, NoteRequest, OpId, PathSpec, Status, StatusRequest,
    Timestamp, Trailer,
};
use proptest::prelude::*;

const AGENTS: [&str; 3] = ["alice", "bob", "carol"];
const SPECS: [&str; 9] = ["a", "a/b", "b", "b/*", "*.rs", "a/**/c", "{a,c}/x", ".", "c"];
const HOUR: i64 = 3_600_000_000;

/// What somebody wants, and how long after the last wish.
#[derive(Debug, Clone)]
struct Wish {
    agent: &'static str,
    lane: Option<&'static str>,
    hours: i64,
    intent: Intent,
}

fn specs() -> impl Strategy<Value = Vec<PathSpec>> {
    proptest::collection::vec(proptest::sample::select(&SPECS[..]), 1..3)
        .prop_map(|texts| texts.iter().map(|text| PathSpec::parse(text, &[]).unwrap()).collect())
}

fn request() -> impl Strategy<Value = ClaimRequest> {
    let lease = proptest::option::of(Just(60));
    (specs(), proptest::option::of(specs()), proptest::bool::weighted(0.1), lease).prop_map(
        |(touches, requires, forces, lease)| ClaimRequest {
            task: "work".to_owned(),
            touches,
            requires: requires.unwrap_or_default(),
            branch: None,
            force: forces.then_some(Force { reason: None }),
            lease,
            lapsed: Vec::new(),
        },
    )
}

fn intent() -> impl Strategy<Value = Intent> {
    let status = proptest::sample::select(vec![Status::Planning, Status::InProgress, Status::Done]);
    let status = status.prop_map(|status| {
        let (note, changed_files, changed_files_repo, pr_url) = (None, None, None, None);
        Intent::Status(StatusRequest { status, note, changed_files, changed_files_repo, pr_url })
    });
    let key = proptest::sample::select(vec!["alice", "bob", "carol", "bob/docs"]);
    let frees = key.prop_map(|key| {
        Intent::Break(BreakRequest { key: ClaimKey::read(key), reason: "it is gone".to_owned() })
    });
    prop_oneof![
        6 => request().prop_map(Intent::Claim),
        3 => request().prop_map(Intent::Wait),
        1 => Just(Intent::Leave),
        1 => frees,
        1 => Just(Intent::Note(NoteRequest { to: None, message: "hello".to_owned() })),
        2 => Just(Intent::Release { note: None }),
        3 => status
    ]
}

fn wish() -> impl Strategy<Value = Wish> {
    let agent = proptest::sample::select(&AGENTS[..]);
    let lane = proptest::sample::select(vec![None, None, None, Some("docs")]);
    let hours = proptest::sample::select(vec![0, 1, 30]);
    (agent, lane, hours, intent()).prop_map(|(agent, lane, hours, intent)| Wish {
        agent,
        lane,
        hours,
        intent,
    })
}

/// Lets a claim take over everything that can lapse.
fn impatient(board: &Board, intent: Intent) -> Intent {
    let claims = board.claims.iter().filter_map(|(key, entry)| Some((key, entry.as_claim()?.op.clone()?)));
    let tickets = board.waiting.iter().map(|ticket| (&ticket.key, ticket.op.clone()));
    let lapsed = claims.chain(tickets).map(|(key, op)| Lapsed { key: key.clone(), op }).collect();
    match intent {
        Intent::Claim(request) => Intent::Claim(ClaimRequest { lapsed, ..request }),
        other => other,
    }
}

fn facts(change: &Change, granted: &Granted, at: Timestamp) -> CommitFacts {
    CommitFacts {
        writer: Writer::Ours(Told {
            op: change.op.clone(),
            generation: granted.generation,
            trailers: granted.trailers.clone(),
        }),
        agent: Event::author(&granted.event.subject).map(str::to_owned),
        // Commits know whole seconds.
        at: Timestamp(at.0.div_euclid(1_000_000) * 1_000_000),
        n_parents: 1,
        has_other_files: false,
        other_members: Vec::new(),
        is_repeated: false,
    }
}

/// One version of the board with what led to it.
struct Version {
    before: Board,
    after: Board,
    facts: CommitFacts,
}

fn play(wishes: &[Wish], takes_over: bool) -> Vec<Version> {
    let (mut board, mut versions, mut now) = (Board::default(), Vec::new(), 1_234_567);
    for (n, wish) in wishes.iter().enumerate() {
        now += wish.hours * HOUR + 61_000_000;
        let intent = if takes_over { impatient(&board, wish.intent.clone()) } else { wish.intent.clone() };
        let change = Change {
            op: OpId(format!("op-{n}")),
            by: Author {
                agent: AgentId::parse(wish.agent).unwrap(),
                instance: InstanceId("here".to_owned()),
                session: None,
            },
            lane: wish.lane.map(|lane| Lane::parse(lane).unwrap()),
            intent,
        };
        if let Decision::Granted(granted) = decide(&board, &change, Timestamp(now)) {
            let after = board.with(&granted.edits);
            versions.push(Version {
                before: board,
                after: after.clone(),
                facts: facts(&change, &granted, Timestamp(now)),
            });
            board = after;
        }
    }
    versions
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_deciding_makes_audits_clean(day in proptest::collection::vec(wish(), 1..25), takes_over: bool) {
        for version in play(&day, takes_over) {
            let found = audit(Before::Board(&version.before), Ok(&version.after), &version.facts);
            prop_assert!(found.is_empty(), "{found:?} in {:?}", version.facts);
        }
    }

    #[test]
    fn an_edit_of_anybody_elses_entry_is_named(day in proptest::collection::vec(wish(), 1..25), at: prop::sample::Index) {
        let mut versions = play(&day, false);
        if versions.is_empty() {
            return Ok(());
        }
        let n_versions = versions.len();
        let version = versions.get_mut(at.index(n_versions)).unwrap();
        let is_kept = |key: &&ClaimKey| {
            version.before.claims.get(*key) == version.after.claims.get(*key)
                && Some(key.agent()) != version.facts.agent.as_deref()
        };
        let Some(victim) = version.after.claims.keys().find(is_kept).cloned() else { return Ok(()) };
        version.after.claims.remove(&victim);
        let found = audit(Before::Board(&version.before), Ok(&version.after), &version.facts);
        let named = Finding::EditsOther { key: victim.as_str().to_owned(), how: How::Removes };
        // What has been done for a day may go, if the commit says that it tidies that many.
        prop_assert!(found.contains(&named), "{found:?}");
    }
}

fn specs_of(texts: &[&str]) -> Vec<PathSpec> {
    texts.iter().map(|text| PathSpec::parse(text, &[]).unwrap()).collect()
}

fn wants(agent: &'static str, touches: &[&str]) -> Wish {
    let request = ClaimRequest {
        task: "work".to_owned(),
        touches: specs_of(touches),
        requires: Vec::new(),
        branch: None,
        force: None,
        lease: None,
        lapsed: Vec::new(),
    };
    Wish { agent, lane: None, hours: 0, intent: Intent::Claim(request) }
}

/// Alice and bob each hold a claim; the last version is bob's.
fn two_claims() -> Version {
    play(&[wants("alice", &["a"]), wants("bob", &["b"])], false).pop().unwrap()
}

/// Spoils bob's commit and checks what is found.
#[track_caller]
fn check_named(spoil: impl FnOnce(&mut Version), want: &[Finding]) {
    let mut version = two_claims();
    spoil(&mut version);
    assert_eq!(audit(Before::Board(&version.before), Ok(&version.after), &version.facts), want);
}

fn claim_of<'a>(version: &'a mut Version, key: &str) -> &'a mut Claim {
    match version.after.claims.get_mut(key) {
        Some(Entry::Claim(claim)) => claim,
        other => unreachable!("{other:?}"),
    }
}

fn told(version: &mut Version) -> &mut Told {
    match &mut version.facts.writer {
        Writer::Ours(told) => told,
        other => unreachable!("{other:?}"),
    }
}

fn edits(key: &str, how: How) -> Finding {
    Finding::EditsOther { key: key.to_owned(), how }
}

#[test]
fn each_way_to_touch_somebody_elses_entry_is_named() {
    check_named(|_| {}, &[]);
    check_named(
        |version| claim_of(version, "alice").task = "mine".to_owned(),
        &[edits("alice", How::Changes)],
    );
    check_named(
        |version| {
            let claim = version.before.claims.get("alice").cloned().unwrap();
            version.after.claims.insert(ClaimKey::read("carol"), claim);
        },
        &[
            edits("carol", How::Adds),
            Finding::Overlaps {
                key: "carol".to_owned(),
                other: "alice".to_owned(),
                path: Some("a".to_owned()),
            },
        ],
    );
    // Whoever says that it is alice edits bob's entry.
    let is_alice = |version: &mut Version| version.facts.agent = Some("alice".to_owned());
    check_named(is_alice, &[edits("bob", How::Adds)]);
}

#[test]
fn a_recorded_takeover_needs_a_lease_and_a_record() {
    let takes = |version: &mut Version| {
        version.after.claims.remove("alice");
        told(version).trailers.push(Trailer::Supersedes("alice@1".to_owned()));
    };
    check_named(takes, &[edits("alice", How::Removes), Finding::Record { key: "alice@1".to_owned() }]);
    let breaks = |version: &mut Version| {
        version.after.claims.remove("alice");
        told(version).trailers.push(Trailer::Breaks("alice@1".to_owned()));
    };
    check_named(breaks, &[Finding::Record { key: "alice@1".to_owned() }]);
    let breaks_another = |version: &mut Version| {
        version.after.claims.remove("alice");
        told(version).trailers.push(Trailer::Breaks("alice@7".to_owned()));
    };
    check_named(
        breaks_another,
        &[edits("alice", How::Removes), Finding::Record { key: "alice@7".to_owned() }],
    );
}

#[test]
fn tidying_removes_only_what_was_done_for_a_day() {
    let tidies = |version: &mut Version| {
        version.after.claims.remove("alice");
        told(version).trailers.push(Trailer::Tidies(1));
    };
    check_named(tidies, &[edits("alice", How::Removes)]);
}

#[test]
fn generations_that_do_not_grow_are_named() {
    let not_grown = |generation| Finding::NotGrown { key: "bob".to_owned(), generation };
    check_named(
        |version| {
            claim_of(version, "bob").generation = Some(1);
            told(version).generation = Some(1);
        },
        &[not_grown(Some(1))],
    );
    check_named(|version| claim_of(version, "bob").generation = None, &[not_grown(None)]);
    check_named(|version| told(version).generation = Some(9), &[not_grown(Some(2))]);
    check_named(|version| version.after.generation = 0, &[Finding::GenerationFell { from: 1, to: 0 }]);
}

#[test]
fn claims_that_meet_are_named_unless_they_were_forced() {
    check_named(
        |version| claim_of(version, "bob").touches = specs_of(&["a/x"]),
        &[Finding::Overlaps {
            key: "bob".to_owned(),
            other: "alice".to_owned(),
            path: Some("a/x".to_owned()),
        }],
    );
    check_named(
        |version| {
            claim_of(version, "bob").touches = specs_of(&["a/x"]);
            claim_of(version, "bob").forced_over = vec!["alice".to_owned()];
        },
        &[],
    );
}

#[test]
fn the_shape_of_the_commit_is_checked() {
    check_named(|version| version.facts.n_parents = 2, &[Finding::Parents { n_parents: 2 }]);
    check_named(|version| version.facts.has_other_files = true, &[Finding::OtherFiles]);
    check_named(|version| version.facts.is_repeated = true, &[Finding::RepeatsOp { op: "op-1".to_owned() }]);
    check_named(
        |version| told(version).op = OpId("other".to_owned()),
        &[Finding::WrongOp { key: "bob".to_owned() }],
    );
    let members = vec!["colour".to_owned()];
    check_named(
        |version| version.facts.other_members.clone_from(&members),
        &[Finding::OtherMembers { names: members.clone() }],
    );
}

#[test]
fn notes_of_others_stay() {
    let note = |from: &str| Note {
        from: from.to_owned(),
        to: None,
        message: "hello".to_owned(),
        at: None,
        op: None,
    };
    check_named(|version| version.after.notes.push(note("bob")), &[]);
    check_named(|version| version.after.notes.push(note("alice")), &[Finding::Mailbox]);
    check_named(|version| version.before.notes.push(note("carol")), &[Finding::Mailbox]);
}

#[test]
fn nobody_is_overtaken_in_the_line() {
    let mut waits = wants("carol", &["a"]);
    let Intent::Claim(request) = waits.intent.clone() else { unreachable!() };
    waits.intent = Intent::Wait(request);
    let mut version = play(&[wants("alice", &["a"]), waits, wants("bob", &["b"])], false).pop().unwrap();
    version.after.waiting.clear();
    let line = [Finding::Line { key: "carol".to_owned() }];
    assert_eq!(audit(Before::Board(&version.before), Ok(&version.after), &version.facts), line);
    told(&mut version).trailers.push(Trailer::Drops("carol".to_owned()));
    assert_eq!(audit(Before::Board(&version.before), Ok(&version.after), &version.facts), []);
}

#[test]
fn a_repair_puts_back_what_stood_there() {
    let Version { before, after, facts } = two_claims();
    let facts = CommitFacts { writer: Writer::Repair, agent: None, ..facts };
    assert_eq!(audit(Before::Unreadable(Some(&before)), Ok(&before), &facts), []);
    assert_eq!(audit(Before::Unreadable(Some(&before)), Ok(&after), &facts), [Finding::Repair]);
    assert_eq!(audit(Before::Board(&before), Ok(&after), &facts), [Finding::Repair]);
}

#[test]
fn another_programs_commit_is_held_to_own_entries_alone() {
    let Version { mut before, mut after, facts } = two_claims();
    let facts = CommitFacts { writer: Writer::Other, agent: Some("bob".to_owned()), ..facts };
    before.claims.insert(ClaimKey::read("bob"), after.claims.get("bob").cloned().unwrap());
    after.claims.remove("bob");
    assert_eq!(audit(Before::Board(&before), Ok(&after), &facts), []);
    after.claims.remove("alice");
    assert_eq!(audit(Before::Board(&before), Ok(&after), &facts), [edits("alice", How::Removes)]);
}

#[test]
fn what_was_done_is_free_and_going_on_with_it_is_a_new_grant() {
    let status = |agent, status| Wish {
        agent,
        lane: None,
        hours: 0,
        intent: Intent::Status(StatusRequest {
            status,
            note: None,
            changed_files: None,
            changed_files_repo: None,
            pr_url: None,
        }),
    };
    let day = [
        wants("alice", &["a"]),
        status("alice", Status::Done),
        wants("bob", &["a"]),
        status("alice", Status::InProgress),
    ];
    assert_eq!(play(&day, false).len(), 3, "bob holds it now");
    let day = [wants("alice", &["a"]), status("alice", Status::Done), status("alice", Status::InProgress)];
    let mut last = play(&day, false).pop().unwrap();
    assert_eq!(claim_of(&mut last, "alice").generation, Some(2));
}
