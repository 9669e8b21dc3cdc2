//! the document. What is read there is in `ledger/` and `store/repair.rs`; here are its limits.

use std::fmt::Write as _;

use agentsync_core::{ClaimKey, Edit};
use agentsync_mcp::ledger::document::Document;

use super::{examined, run, two};

#[track_caller]
fn check_too_much(text: &str, want: &str) {
    let got = Document::parse(text.as_bytes()).map_err(|err| err.to_string());
    assert!(got.as_ref().is_err_and(|err| err.contains(want)), "{want}: {:?}", got.err());
}

#[test]
fn r_23_what_is_too_large_or_too_deep_is_no_board() {
    let padding = " ".repeat(8 << 20);
    check_too_much(&format!("{{\"claims\": {{}}}}{padding}"), "more than the 8388608 a board may have");
    let deep = |n: usize| format!("{{\"later\": {}{}}}", "[".repeat(n), "]".repeat(n));
    assert!(Document::parse(deep(30).as_bytes()).is_ok());
    check_too_much(&deep(40), "nested more than 32 deep");
    check_too_much(&deep(100_000), "nested more than 32 deep");
    let entries = (0..=10_000).map(|n| format!("\"a{n}\": 1")).collect::<Vec<_>>().join(",");
    check_too_much(&format!("{{\"claims\": {{{entries}}}}}"), "more than the 10000 a board may have");
}

#[test]
fn r_23_a_claim_of_too_many_paths_counts_as_claiming_everything() {
    let (lab, alice, _bob) = two();
    let paths = (0..=10_000).map(|n| format!("\"p{n}\"")).collect::<Vec<_>>().join(",");
    lab.put_board_text(format!("{{\"claims\": {{\"zoe\": {{\"op\": \"1\", \"touches\": [{paths}]}}}}}}"));
    let report = run(&alice, &["claim", "a", "src/a.rs"], 1);
    assert_eq!(report["conflicts"]["zoe"]["reasons"][0]["type"], "unreadable_entry", "{report}");
}

#[test]
fn r_24_a_board_of_ten_thousand_agents_is_read_and_edited() {
    let mut text = "{\n  \"claims\": {".to_owned();
    for n in 0..10_000 {
        let touches = (0..10).map(|k| format!("\"src/{n}/{k}.rs\"")).collect::<Vec<_>>().join(", ");
        let comma = if n == 0 { "" } else { "," };
        let entry =
            format!("\"op\": \"{n}\", \"generation\": {n}, \"task\": \"work\", \"touches\": [{touches}]");
        write!(text, "{comma}\n    \"agent-{n}\": {{{entry}}}").unwrap();
    }
    text.push_str("\n  }\n}\n");
    let document = Document::parse(text.as_bytes()).unwrap();
    assert_eq!(document.board().claims.len(), 10_000);
    assert_eq!(document.board().generation, 9_999);
    let edited = document.with(&[Edit::Remove { key: ClaimKey::read("agent-5000") }]).unwrap();
    let gone = text.lines().find(|line| line.contains("\"agent-5000\"")).unwrap();
    assert_eq!(
        edited.as_str(),
        text.replacen(&format!("{gone}\n"), "", 1),
        "one line goes, and no other changes"
    );
}

#[test]
fn r_24_a_board_that_slows_every_change_down_is_named() {
    let (lab, alice, _bob) = two();
    let board = |n_claims: usize| {
        let path = "x".repeat(400);
        let entry = |n| format!("\"zoe/{n}\": {{\"op\": \"{n}\", \"touches\": [\"docs/{n}/{path}\"]}}");
        format!("{{\"claims\": {{{}}}}}", (0..n_claims).map(entry).collect::<Vec<_>>().join(","))
    };
    lab.put_board_text(board(10));
    let (verdict, said) = examined(&alice, "board");
    assert!(verdict == "ok" && !said.contains("KB"), "{said}");
    lab.put_board_text(board(1_300));
    run(&alice, &["survey"], 0);
    let (verdict, said) = examined(&alice, "board");
    assert!(verdict == "ok" && said.contains(" KB slow every change down"), "{said}");
    assert!(said.contains("one folder or glob may do"), "{said}");
}

#[test]
fn r_26_names_of_agents_differ_by_more_than_case_and_fit_a_ref() {
    let (lab, alice, _bob) = two();
    run(&alice, &["claim", "a", "src/a.rs"], 0);
    let before = lab.hub_tip("agentsync");
    for name in ["", "-x", ".x", "a b", "a/b", "a..b", "x.lock", "x.", "ö", "a\u{202e}b", &"x".repeat(65)] {
        let env = [("AGENTSYNC_AGENT_ID", "")];
        let flag = format!("--agent={name}");
        let report = alice.agentsync_with(&env, &["claim", "b", "src/b.rs", &flag, "--json"]);
        let report = report.expect_code(2).json();
        assert!(report["error"].as_str().unwrap().contains("agent id"), "{name:?}: {report}");
    }
    let twin = lab.clone("twin").as_agent("ALICE");
    let report = run(&twin, &["claim", "b", "src/b.rs"], 1);
    assert_eq!(report["conflicts"]["alice"]["reasons"][0]["type"], "shared_agent_id", "{report}");
    assert_eq!(lab.hub_tip("agentsync"), before);
}
