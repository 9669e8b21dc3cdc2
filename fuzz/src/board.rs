//! The document and its entries: whatever stands there, others' bytes survive what we write.

use std::collections::BTreeMap;

use agentsync_core::{ClaimKey, Edit, Entry, Note, PathSpec};
use agentsync_mcp::ledger::document::Document;
use agentsync_mcp::ledger::entry as wire;
use serde_json::value::RawValue;

type Raw<'a> = BTreeMap<String, &'a RawValue>;

/// A claim to write, read as it would stand on the wire.
const OURS: &str = r#"{"task": "t \"q\" é", "touches": ["src/a.rs"], "requires": [], "branch": "", "status": "planning",
    "updated_at": "2026-01-01T00:00:00+00:00", "instance": "1", "note": null, "op": "ab", "generation": 7}"#;

fn raw(text: &str) -> Raw<'_> {
    serde_json::from_str(text).expect("an object")
}

fn claims<'a>(root: &Raw<'a>) -> Raw<'a> {
    root.get("claims").map(|claims| raw(claims.get())).unwrap_or_default()
}

fn edits() -> Vec<Edit> {
    let Entry::Claim(claim) = wire::read(OURS) else { panic!("our own entry can be read") };
    let key = || ClaimKey::read("alice");
    let note = Note {
        from: "alice".to_owned(),
        to: None,
        message: "m \"\\ \u{2028}".to_owned(),
        at: None,
        op: None,
    };
    vec![
        // A claim is never written without the counter.
        Edit::Raise { generation: u64::MAX },
        Edit::Put { key: key(), claim },
        Edit::Post { note },
        Edit::Unqueue { key: key() },
        Edit::Acknowledge { key: key() },
        Edit::Remove { key: key() },
    ]
}

/// Parses a document, edits it in every way, and looks at what is left.
pub fn document(data: &[u8]) {
    let Ok(mut document) = Document::parse(data) else { return };
    let before = std::str::from_utf8(data).expect("what was parsed is text");
    let touched = ["claims", "notes", "generation", "waiting", "superseded"];
    for edit in edits() {
        let edited =
            document.with(std::slice::from_ref(&edit)).expect("a document that was read can be edited");
        let again =
            Document::parse(edited.as_str().as_bytes()).unwrap_or_else(|err| panic!("{err} after {edit:?}"));
        assert_eq!(again.board(), edited.board(), "what is written is what was meant: {edit:?}");
        document = edited;
    }
    let (old, new) = (raw(before), raw(document.as_str()));
    for (key, value) in old.iter().filter(|(key, _)| !touched.contains(&key.as_str())) {
        assert_eq!(new.get(key).map(|value| value.get()), Some(value.get()), "{key}");
    }
    let kept = claims(&new);
    for (key, value) in claims(&old).iter().filter(|(key, _)| *key != "alice") {
        assert_eq!(kept.get(key).map(|value| value.get()), Some(value.get()), "{key}");
    }
    assert!(!kept.contains_key("alice"), "a removed entry is gone");
}

/// Reads an entry, renders it and reads it again.
pub fn entry(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Entry::Claim(claim) = wire::read(text) else { return };
    // What the document refuses before an entry is read: a key that stands twice.
    let Ok(_) = Document::parse(format!("{{\"claims\": {{\"zoe\": {text}}}}}").as_bytes()) else { return };
    let rendered = wire::render(&claim);
    let Entry::Claim(again) = wire::read(&rendered) else { panic!("cannot be read again: {rendered}") };
    let texts = |specs: &[PathSpec]| specs.iter().map(|spec| spec.as_str().to_owned()).collect::<Vec<_>>();
    assert_eq!(texts(&again.touches), texts(&claim.touches));
    assert_eq!((&again.task, &again.note, &again.op), (&claim.task, &claim.note, &claim.op));
    assert_eq!((again.updated_at, again.generation), (claim.updated_at, claim.generation));
    assert_eq!(again.extra, claim.extra, "what we do not know stays as it was");
    assert_eq!(wire::render(&again), rendered, "rendering is stable");
}
