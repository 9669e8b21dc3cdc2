//! Laws that hold of every decision, over random days of several agents on one board.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use agentsync_core::decide::decide;
use agentsync_core::{
    AgentId, Author, Board, Change, Claim, ClaimRequest, Decision, Edit, Force, InstanceId, Intent, Lane,
    OpId, PathSpec, Status, StatusRequest, Ticket, Timestamp,
};
use proptest::prelude::*;

const AGENTS: [&str; 3] = ["alice", "bob", "carol"];
const SPECS: [&str; 9] = ["a", "a/b", "b", "b/*", "*.rs", "a/**/c", "{a,c}/x", ".", "c"];

/// A change before it has an id.
#[derive(Debug, Clone)]
struct Wish {
    agent: usize,
    elsewhere: bool,
    lane: Option<&'static str>,
    intent: Intent,
}

fn specs() -> impl Strategy<Value = Vec<PathSpec>> {
    proptest::collection::vec(proptest::sample::select(&SPECS[..]), 1..3)
        .prop_map(|texts| texts.iter().map(|text| PathSpec::parse(text, &[]).unwrap()).collect())
}

fn intent() -> impl Strategy<Value = Intent> {
    let claim = (specs(), proptest::option::of(specs()), proptest::bool::weighted(0.1)).prop_map(
        |(touches, requires, forces)| {
            Intent::Claim(ClaimRequest {
                task: "work".to_owned(),
                touches,
                requires: requires.unwrap_or_default(),
                branch: None,
                force: forces.then_some(Force { reason: None }),
                lease: None,
                lapsed: Vec::new(),
            })
        },
    );
    let wait = (specs(), specs()).prop_map(|(touches, requires)| {
        Intent::Wait(ClaimRequest {
            task: "work".to_owned(),
            touches,
            requires,
            branch: None,
            force: None,
            lease: None,
            lapsed: Vec::new(),
        })
    });
    let status = proptest::sample::select(vec![Status::Planning, Status::InProgress, Status::Done]).prop_map(
        |status| {
            Intent::Status(StatusRequest {
                status,
                note: None,
                changed_files: None,
                changed_files_repo: None,
                pr_url: None,
            })
        },
    );
    prop_oneof![
        6 => claim,
        3 => wait,
        1 => Just(Intent::Leave),
        2 => Just(Intent::Release { note: None }),
        2 => status
    ]
}

fn wish() -> impl Strategy<Value = Wish> {
    let lane = proptest::sample::select(vec![None, None, None, Some("docs")]);
    (0..AGENTS.len(), proptest::bool::weighted(0.1), lane, intent())
        .prop_map(|(agent, elsewhere, lane, intent)| Wish { agent, elsewhere, lane, intent })
}

fn change(wish: &Wish, n: usize) -> Change {
    let instance = if wish.elsewhere { "elsewhere" } else { "here" };
    Change {
        op: OpId(format!("op-{n}")),
        by: Author {
            agent: AgentId::parse(AGENTS.get(wish.agent).unwrap()).unwrap(),
            instance: InstanceId(instance.to_owned()),
            session: None,
        },
        lane: wish.lane.map(|lane| Lane::parse(lane).unwrap()),
        intent: wish.intent.clone(),
    }
}

fn at(n: usize) -> Timestamp {
    // Minutes apart, so that nothing is taken for a repetition.
    Timestamp(i64::try_from(n).unwrap() * 600_000_000)
}

fn edits(decision: &Decision) -> &[Edit] {
    match decision {
        Decision::Granted(granted) => &granted.edits,
        Decision::Unchanged(_) | Decision::Blocked(_) | Decision::Missing(_) => &[],
    }
}

/// Plays a day and hands every step to `check`: the board before, the change, the decision, the board after.
fn play(
    wishes: &[Wish],
    mut check: impl FnMut(&Board, &Change, &Decision, &Board) -> Result<(), TestCaseError>,
) -> Result<(), TestCaseError> {
    let mut board = Board::default();
    for (n, wish) in wishes.iter().enumerate() {
        let change = change(wish, n);
        let decision = decide(&board, &change, at(n));
        let next = board.with(edits(&decision));
        check(&board, &change, &decision, &next)?;
        board = next;
    }
    Ok(())
}

fn meet(one: &Claim, other: &Claim) -> bool {
    let any = |mine: &[PathSpec], theirs: &[PathSpec]| {
        mine.iter().any(|mine| theirs.iter().any(|theirs| mine.overlap(theirs).is_some()))
    };
    any(&one.touches, &other.touches)
}

fn is_forced(change: &Change) -> bool {
    matches!(&change.intent, Intent::Claim(ClaimRequest { force: Some(_), .. }))
}

/// Tells whether `agent` waits for somebody who waits, over any number of others, for `agent`.
fn waits_in_a_circle(board: &Board, agent: &str) -> bool {
    let meets = |ones: &[PathSpec], others: &[PathSpec]| {
        ones.iter().any(|one| others.iter().any(|other| one.overlap(other).is_some()))
    };
    let waits_for = |one: &str, other: &str| {
        board.waiting.iter().filter(|ticket| ticket.key.agent() == one).any(|ticket| {
            board.claims.iter().filter(|(key, entry)| key.agent() == other && entry.is_active()).any(
                |(_, entry)| {
                    let claim = entry.as_claim().unwrap();
                    meets(&ticket.touches, &claim.touches) || meets(&ticket.requires, &claim.touches)
                },
            )
        })
    };
    let mut reached = vec![agent];
    let mut next = 0;
    while let Some(from) = reached.get(next).copied() {
        for to in AGENTS.iter().filter(|to| **to != from && waits_for(from, to)) {
            if *to == agent {
                return true;
            }
            if !reached.contains(to) {
                reached.push(to);
            }
        }
        next += 1;
    }
    false
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_grant_makes_active_claims_of_two_agents_meet(day in proptest::collection::vec(wish(), 1..25)) {
        play(&day, |before, change, decision, after| {
            let Decision::Granted(granted) = decision else { return Ok(()) };
            if is_forced(change) {
                return Ok(());
            }
            let is_claim = matches!(change.intent, Intent::Claim(_) | Intent::Wait(_));
            for edit in &granted.edits {
                let Edit::Put { key, claim } = edit else { continue };
                let was_active = before.claims.get(key).is_some_and(agentsync_core::Entry::is_active);
                if !claim.is_active() || (was_active && !is_claim) {
                    continue;
                }
                for (peer, theirs) in before.peers_of(&change.by.agent).filter(|(_, entry)| entry.is_active()) {
                    prop_assert!(!meet(claim, theirs.as_claim().unwrap()), "{} meets {}", key.as_str(), peer.as_str());
                }
            }
            prop_assert!(!is_claim || after.claims.len() >= before.claims.len());
            Ok(())
        })?;
    }

    #[test]
    fn nobody_elses_entry_changes(day in proptest::collection::vec(wish(), 1..25)) {
        play(&day, |before, change, _, after| {
            let peers = |board: &Board| -> Vec<_> {
                board.peers_of(&change.by.agent).map(|(key, entry)| (key.clone(), entry.clone())).collect()
            };
            prop_assert_eq!(peers(before), peers(after));
            Ok(())
        })?;
    }

    #[test]
    fn what_was_granted_stands_until_its_holder_changes_it(day in proptest::collection::vec(wish(), 1..25)) {
        play(&day, |before, change, decision, after| {
            for (key, entry) in &before.claims {
                let is_own = change.by.agent.is(key.agent());
                let named = edits(decision).iter().any(|edit| match edit {
                    Edit::Put { key: put, .. } | Edit::Remove { key: put } => put == key,
                    _ => false,
                });
                prop_assert!(is_own || !named);
                prop_assert!(named || after.claims.get(key) == Some(entry));
            }
            Ok(())
        })?;
    }

    #[test]
    fn the_same_change_twice_is_one_change(day in proptest::collection::vec(wish(), 1..25)) {
        play(&day, |_, change, decision, after| {
            if !matches!(decision, Decision::Granted(_)) {
                return Ok(());
            }
            let again = decide(after, change, at(30));
            match &change.intent {
                // An agent that holds one more claim may have meant that one.
                Intent::Release { .. } | Intent::Leave | Intent::Break(_) => {
                    let is_peers = |edit: &Edit| matches!(edit, Edit::Remove { key } if !change.by.agent.is(key.agent()));
                    prop_assert!(!edits(&again).iter().any(is_peers));
                }
                Intent::Claim(_) | Intent::Widen(_) | Intent::Wait(_) | Intent::Status(_) | Intent::Note(_) => {
                    prop_assert!(matches!(again, Decision::Unchanged(_)), "{again:?}");
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn nobody_waits_for_himself_over_any_number_of_others(day in proptest::collection::vec(wish(), 1..25)) {
        play(&day, |_, change, decision, after| {
            if let (Intent::Wait(_), Decision::Granted(_)) = (&change.intent, decision) {
                prop_assert!(!waits_in_a_circle(after, change.by.agent.as_str()));
            }
            Ok(())
        })?;
    }

    #[test]
    fn who_came_first_is_not_overtaken(day in proptest::collection::vec(wish(), 1..25)) {
        play(&day, |before, change, decision, _| {
            let Decision::Granted(granted) = decision else { return Ok(()) };
            let claimed = granted.edits.iter().find_map(|edit| match edit {
                Edit::Put { key, claim } => Some((key, claim)),
                _ => None,
            });
            let (Intent::Claim(asked) | Intent::Wait(asked)) = &change.intent else { return Ok(()) };
            let Some((key, claim)) = claimed.filter(|_| !is_forced(change)) else { return Ok(()) };
            // Nobody is overtaken by keeping what one has.
            let own = before.claims_of(&change.by.agent).filter(|(_, claim)| claim.is_active());
            let had: Vec<_> = own.flat_map(|(_, claim)| claim.touches.clone()).collect();
            // A place in line is the agent's, whichever lane it was taken in.
            let within = |asked: &[PathSpec], had: &[PathSpec]| asked.iter().all(|spec| had.contains(spec));
            let is_place = |ticket: &Ticket| {
                let is_as_much = within(&asked.touches, &ticket.touches) && within(&asked.requires, &ticket.requires);
                is_as_much && change.by.agent.is(ticket.key.agent())
            };
            let ahead = before.waiting.iter().take_while(|ticket| !is_place(ticket));
            for ticket in ahead.filter(|ticket| !change.by.agent.is(ticket.key.agent())) {
                let fresh = claim.touches.iter().filter(|mine| !had.contains(mine));
                let meets = fresh.into_iter().any(|mine| ticket.touches.iter().any(|theirs| mine.overlap(theirs).is_some()));
                prop_assert!(!meets, "{key} overtakes {}", ticket.key);
            }
            Ok(())
        })?;
    }

    #[test]
    fn generations_only_rise(day in proptest::collection::vec(wish(), 1..25)) {
        let mut granted = Vec::new();
        play(&day, |before, change, decision, after| {
            prop_assert!(before.generation <= after.generation);
            if let (Intent::Claim(_), Decision::Granted(grant)) = (&change.intent, decision) {
                let generation = grant.generation.unwrap();
                prop_assert!(granted.iter().all(|earlier| *earlier < generation));
                granted.push(generation);
            }
            Ok(())
        })?;
    }

    #[test]
    fn an_id_held_from_elsewhere_is_refused_unless_forced(day in proptest::collection::vec(wish(), 1..25)) {
        play(&day, |before, change, decision, _| {
            let held = before.claims_of(&change.by.agent).any(|(_, claim)| {
                claim.is_active() && claim.instance.as_ref() != Some(&change.by.instance)
            });
            if held && matches!(change.intent, Intent::Claim(_)) && !is_forced(change) {
                prop_assert!(matches!(decision, Decision::Blocked(_)), "{decision:?}");
            }
            Ok(())
        })?;
    }

    #[test]
    fn the_free_slice_of_a_refusal_is_granted(day in proptest::collection::vec(wish(), 1..25)) {
        play(&day, |before, change, decision, _| {
            let (Intent::Claim(request), Decision::Blocked(blocked)) = (&change.intent, decision) else {
                return Ok(());
            };
            let reasons = blocked.conflicts.values().flat_map(|conflict| &conflict.reasons);
            let only_touches = reasons.clone().all(|reason| reason.kind == agentsync_core::ReasonKind::SharedFiles);
            if blocked.free_slice.is_empty() || !only_touches {
                return Ok(());
            }
            let touches = blocked.free_slice.iter().map(|text| PathSpec::parse(text, &[]).unwrap()).collect();
            let intent = Intent::Claim(ClaimRequest { touches, requires: Vec::new(), ..request.clone() });
            let again = decide(before, &Change { intent, ..change.clone() }, at(0));
            prop_assert!(matches!(again, Decision::Granted(_)), "{again:?}");
            Ok(())
        })?;
    }
}
