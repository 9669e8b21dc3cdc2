//! What is written as text is read back as what it was.

use agentsync_core::{AgentId, ClaimKey, Dialect, Lane, PathSpec, Status, SymbolPath, Timestamp};
use proptest::prelude::*;

fn name() -> impl Strategy<Value = String> {
    prop_oneof![3 => "[a-z][a-z0-9_]{0,6}", 1 => "[A-Z]\\PC{0,4}", 1 => "[\\u{e0}-\\u{ff}]{1,3}"]
}

/// A symbol in one of its spellings.
fn symbol() -> impl Strategy<Value = String> {
    let overload = prop_oneof![4 => Just(String::new()), 1 => "/[0-9]", 1 => "\\([A-Z](,[A-Z]){0,2}\\)"];
    let joint = proptest::sample::select(vec![".", "::"]);
    (proptest::collection::vec(name(), 1..4), joint, overload)
        .prop_map(|(names, joint, overload)| names.join(joint) + &overload)
}

/// A file, narrowed in one of the ways there are.
fn narrowed() -> impl Strategy<Value = String> {
    let file = || proptest::collection::vec(name(), 1..4).prop_map(|names| names.join("/"));
    let mode = proptest::sample::select(vec!["", ":sign", ":add", ":edit"]);
    let lines = (1..5000_u32, 0..500_u32).prop_map(|(from, more)| format!(":{from}-{}", from + more));
    prop_oneof![
        3 => (file(), symbol(), mode).prop_map(|(file, symbol, mode)| format!("{file}#{symbol}{mode}")),
        1 => (file(), lines).prop_map(|(file, lines)| file + &lines),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_time_is_read_as_itself_or_not_at_all(micros in any::<i64>(), around in 0..4_000_000_000_000_000_i64) {
        let read = |at: Timestamp| {
            let shown = at.to_string();
            Timestamp::parse(&shown)
        };
        prop_assert!(read(Timestamp(micros)).is_none_or(|again| again == Timestamp(micros)));
        // Every time at which somebody can be at work.
        prop_assert_eq!(read(Timestamp(around)), Some(Timestamp(around)));
    }

    #[test]
    fn a_symbol_is_read_as_itself(text in symbol()) {
        if let Some(symbol) = SymbolPath::parse(&text) {
            prop_assert_eq!(SymbolPath::parse(&symbol.to_string()), Some(symbol));
        }
    }

    #[test]
    fn a_part_of_a_file_is_read_as_itself(text in narrowed()) {
        if let Ok(spec) = PathSpec::parse(&text, &[]) {
            let shown = spec.to_string();
            let again = PathSpec::parse(&shown, &[]);
            prop_assert_eq!(again.as_ref(), Ok(&spec), "{}", shown);
            // Whoever knows no regions sees the whole file.
            let whole = PathSpec::read(spec.as_str(), Dialect::Agentsync);
            prop_assert!(whole.region().is_none() && whole.overlap(&spec).is_some(), "{}", shown);
        }
    }

    #[test]
    fn a_key_tells_the_agent_and_the_lane(agent in "[a-z0-9][a-z0-9._-]{0,8}", lane in "[a-z0-9][a-z0-9._-]{0,8}") {
        let (Ok(agent), Ok(lane)) = (AgentId::parse(&agent), Lane::parse(&lane)) else { return Ok(()) };
        for lane in [None, Some(&lane)] {
            let key = ClaimKey::new(&agent, lane);
            let again = ClaimKey::read(key.as_str());
            prop_assert_eq!(again.agent(), agent.as_str());
            prop_assert_eq!(again.lane(), lane.map(Lane::as_str));
            prop_assert_eq!(again, key);
        }
    }

    #[test]
    fn a_status_is_read_as_itself(text in "\\PC{0,12}") {
        let status = Status::read(&text);
        prop_assert_eq!(status.as_str(), &text);
        prop_assert_eq!(Status::read(status.as_str()), status);
    }
}

#[test]
fn the_parts_that_are_tried_are_parts() {
    // So that the laws above are about something.
    for text in ["a/b.rs#f", "a#S.g/2:sign", "a#S::g(T,U)", "a/b:3-9"] {
        assert!(PathSpec::parse(text, &[]).unwrap().region().is_some(), "{text}");
    }
}
