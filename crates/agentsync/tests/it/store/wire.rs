//! Laws of the document: what is printed is read back, and what nobody edits keeps its bytes.

use std::collections::BTreeMap;

use agentsync_core::decide::decide;
use agentsync_core::{
    AgentId, Author, Change, ChangedFile, Claim, ClaimKey, ClaimRequest, Decision, Edit, Entry, Force,
    InstanceId, Intent, Lane, NoteRequest, OpId, PathSpec, Status, StatusRequest, Timestamp,
};
use agentsync_mcp::ledger::document::Document;
use agentsync_mcp::ledger::entry;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::value::RawValue;

/// In an order in which the parts of one file stand together, as in every tidy list.
const SPECS: [&str; 11] = [
    ".",
    "*.rs",
    "a b/c.rs",
    "b.rs:3-9",
    "café.rs",
    "docs/**/x.md",
    "lib.rs#S.g:sign",
    "lib.rs#f",
    "src",
    "src/a.rs",
    "{a,b}/x",
];

/// Members that this version does not know, with values that a parser would spell in another way.
const UNKNOWN: [(&str, &str); 6] = [
    ("later", "1.50"),
    ("much later", "123456789012345678901234567890"),
    ("\\\"q\\\"", "{ \"a\" : [ 1e2 , -0.0 ] , \"b\":{}}"),
    ("é", "\"\\u00e9\\/\""),
    ("empty", "null"),
    ("x", "[ ]"),
];

/// What other programs, or later versions, have written. None of it blocks everybody.
const STRANGERS: [(&str, &str); 4] = [
    ("dave", "{ \"touches\": [\"z/1\"] , \"n\": 1e2, \"status\":\"done\"}"),
    ("erin", "{\"task\":\"\\u0065\",\"touches\":[\"z/*\"],\"updated_at\":\"yesterday\"}"),
    ("frank/docs", "{\"op\":\"ff\",\"touches\":[],\n  \"regions\": 7, \"generation\": 3}"),
    ("Grace", "{\"touches\":[\"z/2\"],\"note\":null,\"lease\":60,\"op\":\"0f\"}"),
];

/// An entry of a shape nobody knows, which counts as claiming everything.
const UNREADABLE: [&str; 4] = ["7", "[]", "{ }", "{\"touches\": \"src\"}"];

fn text() -> impl Strategy<Value = String> {
    prop_oneof![3 => "[a-z ]{0,8}", 1 => "\\PC{0,8}", 1 => Just("\"\\\u{2028}\n\t".to_owned())]
}

fn specs() -> impl Strategy<Value = Vec<PathSpec>> {
    subsequence(&SPECS[..], 0..5)
        .prop_map(|texts| texts.iter().map(|text| PathSpec::parse(text, &[]).unwrap()).collect())
}

fn time() -> impl Strategy<Value = Timestamp> {
    (0..4_000_000_000_000_000_i64).prop_map(Timestamp)
}

fn claim() -> impl Strategy<Value = Claim> {
    let status = prop_oneof![Just("planning"), Just("in-progress"), Just("done"), Just("paused")];
    let files = proptest::collection::vec((text(), text()), 0..3);
    let extra = subsequence(&UNKNOWN[..], 0..4);
    let ours = (
        text(),
        any::<u64>(),
        option::of(text()),
        subsequence(vec!["bob", "carol"], 0..3),
        option::of(text()),
    );
    let done = (option::of(files), option::of(text()), option::of(text()), option::of(any::<u64>()));
    let plain = (text(), specs(), specs(), option::of("[a-z/]{1,8}"), status, option::of(time()));
    (plain, option::of(text()), option::of(text()), ours, done, extra).prop_map(
        |(plain, instance, note, ours, done, extra)| {
            let file = |(status, path)| ChangedFile { status, path };
            Claim {
                task: plain.0,
                touches: plain.1,
                requires: plain.2,
                branch: plain.3,
                status: Status::read(plain.4),
                updated_at: plain.5,
                instance: instance.map(InstanceId),
                note,
                op: Some(OpId(ours.0)),
                generation: Some(ours.1),
                session: ours.2,
                forced_over: ours.3.iter().map(|agent| (*agent).to_owned()).collect(),
                reason: ours.4,
                changed_files: done.0.map(|files| files.into_iter().map(file).collect()),
                changed_files_repo: done.1,
                pr_url: done.2,
                lease: done.3,
                supersedes: ours.3.iter().map(|agent| format!("{agent}@1")).collect(),
                extra: extra.into_iter().map(|(key, raw)| (unescaped(key), raw.to_owned())).collect(),
            }
        },
    )
}

fn unescaped(key: &str) -> String {
    serde_json::from_str(&format!("\"{key}\"")).unwrap()
}

/// A document as somebody may find it: members and entries in any order, some of them unknown.
fn document() -> impl Strategy<Value = String> {
    let claims = (
        subsequence(&STRANGERS[..], 0..=STRANGERS.len()),
        option::of(claim().prop_map(|claim| Claim { generation: claim.generation.map(|n| n % 8), ..claim })),
        option::weighted(0.1, select(&UNREADABLE[..])),
    );
    let claims = claims.prop_map(|(strangers, zoe, unreadable)| {
        let mut entries: Vec<String> =
            strangers.iter().map(|(key, raw)| format!("\"{key}\":{raw}")).collect();
        entries.extend(zoe.map(|claim| format!("\"zoe\": {}", entry::render(&claim))));
        entries.extend(unreadable.map(|raw| format!("\"yves\" : {raw}")));
        format!("\"claims\": {{{}}}", entries.join(" ,\n "))
    });
    let unknown = subsequence(&UNKNOWN[..], 0..4)
        .prop_map(|members| members.iter().map(|(key, raw)| format!("\"{key}\" :{raw}")).collect::<Vec<_>>());
    let note = "\"notes\":[ {\"from\":\"dave\",\"message\":\"m\",\"mood\":1.0} ]";
    let ticket = "\"waiting\": [{\"agent\":\"dave\",\"touches\":[\"y\"],\"op\":\"d1\",\"rank\":0.10}]";
    let taken = "\"superseded\":[{\"agent\":\"dave\",\"by\":\"zoe\", \"later\":[1.0]}]";
    let ours = subsequence(vec![note, ticket, taken, "\"schema\":1"], 0..=4);
    (claims, unknown, ours)
        .prop_flat_map(|(claims, unknown, ours)| {
            // Whoever gives a claim a number writes the counter, too.
            let mut members = vec![claims, "\"generation\": 7".to_owned()];
            members.extend(unknown);
            members.extend(ours.into_iter().map(str::to_owned));
            Just(members).prop_shuffle()
        })
        .prop_map(|members| format!("{{\n {}\n}}", members.join(",\n ")))
}

fn request() -> impl Strategy<Value = ClaimRequest> {
    (text(), specs(), specs(), option::of("[a-z]{1,4}"), proptest::bool::weighted(0.3), option::of(1..9_u64))
        .prop_map(|(task, mut touches, requires, branch, forces, lease)| {
            touches.extend(touches.is_empty().then(|| PathSpec::parse("free", &[]).unwrap()));
            let force = forces.then_some(Force { reason: None });
            ClaimRequest { task, touches, requires, branch, force, lease, lapsed: Vec::new() }
        })
}

fn intent() -> impl Strategy<Value = Intent> {
    let status =
        (select(vec![Status::Planning, Status::Done]), option::of(text())).prop_map(|(status, note)| {
            let (changed_files, changed_files_repo, pr_url) = (None, None, None);
            Intent::Status(StatusRequest { status, note, changed_files, changed_files_repo, pr_url })
        });
    let wait = request().prop_map(|request| Intent::Wait(ClaimRequest { force: None, ..request }));
    prop_oneof![
        5 => request().prop_map(Intent::Claim),
        3 => wait,
        1 => Just(Intent::Leave),
        2 => Just(Intent::Release { note: None }),
        2 => status,
        1 => text().prop_map(|message| Intent::Note(NoteRequest { to: None, message })),
    ]
}

fn day() -> impl Strategy<Value = Vec<Change>> {
    let wish = (select(vec!["alice", "bob", "carol"]), proptest::bool::weighted(0.2), intent());
    proptest::collection::vec(wish, 1..12).prop_map(|wishes| {
        let change = |(n, (agent, in_lane, intent))| Change {
            op: OpId(format!("op-{n}")),
            by: Author {
                agent: AgentId::parse(agent).unwrap(),
                instance: InstanceId("here".to_owned()),
                session: None,
            },
            lane: if in_lane { Some(Lane::parse("docs").unwrap()) } else { None },
            intent,
        };
        wishes.into_iter().enumerate().map(change).collect()
    })
}

fn members(text: &str) -> BTreeMap<String, &RawValue> {
    serde_json::from_str(text).unwrap()
}

fn entries(text: &str) -> BTreeMap<String, &RawValue> {
    members(text).get("claims").map(|claims| members(claims.get())).unwrap_or_default()
}

/// The members of the document, or the keys of claims, that an edit names.
fn named(edit: &Edit) -> (&'static str, Option<&ClaimKey>) {
    match edit {
        Edit::Put { key, .. } | Edit::Remove { key } => ("claims", Some(key)),
        Edit::Post { .. } => ("notes", None),
        Edit::Queue { .. } | Edit::Unqueue { .. } => ("waiting", None),
        Edit::Supersede { .. } | Edit::Acknowledge { .. } => ("superseded", None),
        Edit::Raise { .. } => ("generation", None),
    }
}

/// Looks that `after` holds every byte of `before` that `edits` do not name.
fn check_kept(before: &str, after: &str, edits: &[Edit]) -> Result<(), TestCaseError> {
    let (old, new) = (members(before), members(after));
    for (name, value) in &old {
        if name != "claims" && !edits.iter().any(|edit| named(edit).0 == name) {
            prop_assert_eq!(new.get(name).map(|value| value.get()), Some(value.get()), "{}", name);
        }
    }
    let (old, new) = (entries(before), entries(after));
    for (key, value) in &old {
        if !edits.iter().any(|edit| named(edit).1.is_some_and(|named| named.as_str() == key)) {
            prop_assert_eq!(new.get(key).map(|value| value.get()), Some(value.get()), "{}", key);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_claim_that_is_printed_is_read_as_itself(claim in claim()) {
        let printed = entry::render(&claim);
        let read = entry::read(&printed);
        prop_assert_eq!(&read, &Entry::Claim(Box::new(claim)), "{}", printed);
        prop_assert_eq!(read.as_claim().map(entry::render), Some(printed));
    }

    #[test]
    fn a_document_gives_back_its_bytes_and_each_entry_is_printed_as_it_was_read(text in document()) {
        let document = Document::parse(text.as_bytes()).unwrap();
        prop_assert_eq!(document.as_str(), &text);
        let unedited = document.with(&[]).unwrap();
        prop_assert_eq!(unedited.as_str().trim_end(), &text);
        prop_assert_eq!(unedited.board(), document.board());
        let raw = entries(&text);
        prop_assert_eq!(raw.len(), document.board().claims.len());
        for (key, held) in &document.board().claims {
            prop_assert_eq!(held, &entry::read(raw[key.as_str()].get()), "{}", key.as_str());
            // What has no op is another program's, and is read by its rules: it is never printed by us.
            let Some(claim) = held.as_claim().filter(|claim| claim.op.is_some()) else { continue };
            prop_assert_eq!(&entry::read(&entry::render(claim)), held, "{}", key.as_str());
        }
    }

    #[test]
    fn whatever_happens_in_a_day_the_document_is_its_board_and_strangers_keep_their_bytes(
        text in document(),
        day in day(),
    ) {
        let mut document = Document::parse(text.as_bytes()).unwrap();
        for (n, change) in day.iter().enumerate() {
            let now = Timestamp(1_767_225_600_000_000 + i64::try_from(n).unwrap() * 600_000_000);
            let decision = decide(document.board(), change, now);
            // What a clone's queue writes down comes back as what it was.
            let journal = serde_json::to_vec(&(change, &decision)).unwrap();
            let noted: (Change, Decision) = serde_json::from_slice(&journal).unwrap();
            prop_assert_eq!((&noted.0, &noted.1), (change, &decision));
            let Decision::Granted(granted) = &decision else { continue };
            let next = document.with(&granted.edits).unwrap();
            prop_assert_eq!(&Document::parse(next.as_str().as_bytes()).unwrap(), &next);
            prop_assert_eq!(next.board(), &document.board().with(&granted.edits));
            check_kept(document.as_str(), next.as_str(), &granted.edits)?;
            document = next;
        }
    }
}
