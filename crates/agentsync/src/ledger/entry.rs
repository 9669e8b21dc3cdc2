//! One claim on the wire, in both directions.

use std::collections::BTreeSet;

use agentsync_core::{ChangedFile, Claim, Dialect, Entry, InstanceId, OpId, PathSpec, Status, Timestamp};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::regions::{self, Regions};
use super::splice::Members;

/// How many path specs one claim may hold.
const MAX_SPECS: usize = 10_000;

/// Reads an entry. One of unknown shape is kept as unreadable, which counts as claiming everything.
pub fn read(text: &str) -> Entry {
    match read_claim(text) {
        Ok(claim) => Entry::Claim(Box::new(claim)),
        Err(why) => Entry::Unreadable { why },
    }
}

fn read_claim(text: &str) -> Result<Claim, String> {
    let members = Members::read(text).map_err(|_| "it is not an object".to_owned())?;
    let op: Option<String> = optional(&members, "op")?;
    let dialect = if op.is_some() { Dialect::Agentsync } else { Dialect::Predecessor };
    let touches: Vec<String> = optional(&members, "touches")?.ok_or("`touches` is missing")?;
    let requires: Vec<String> = optional(&members, "requires")?.unwrap_or_default();
    if touches.len().max(requires.len()) > MAX_SPECS {
        return Err(format!("it names more than {MAX_SPECS} paths"));
    }
    // Without an op it is another program's, which knows no regions.
    let regions = op.as_ref().and_then(|_| members.find("regions")).map(Regions::read).unwrap_or_default();
    let spec = |text: &str| PathSpec::read(text, dialect);
    let status: Option<String> = optional(&members, "status")?;
    let updated_at: Option<String> = optional(&members, "updated_at")?;
    let changed: Option<Vec<WireFile>> = optional(&members, "changed_files")?;
    Ok(Claim {
        task: optional(&members, "task")?.unwrap_or_default(),
        touches: regions.touches(&touches, spec),
        requires: regions.requires(&requires, spec),
        branch: optional(&members, "branch")?.filter(|branch: &String| !branch.is_empty()),
        status: Status::read(status.as_deref().unwrap_or("in-progress")),
        updated_at: updated_at.as_deref().and_then(Timestamp::parse),
        instance: optional(&members, "instance")?.map(InstanceId),
        note: optional(&members, "note")?,
        op: op.map(OpId),
        generation: optional(&members, "generation")?,
        session: optional(&members, "session")?,
        forced_over: optional(&members, "forced_over")?.unwrap_or_default(),
        reason: optional(&members, "reason")?,
        changed_files: changed.map(|files| files.into_iter().map(WireFile::into_file).collect()),
        changed_files_repo: optional(&members, "changed_files_repo")?,
        pr_url: optional(&members, "pr_url")?,
        lease: optional(&members, "lease")?,
        supersedes: optional(&members, "supersedes")?.unwrap_or_default(),
        extra: extra(&members),
    })
}

#[derive(Deserialize)]
struct WireFile {
    #[serde(default)]
    status: String,
    path: String,
}

impl WireFile {
    fn into_file(self) -> ChangedFile {
        ChangedFile { status: self.status, path: self.path }
    }
}

/// Reads a member that may be absent or null, and must otherwise have the right type.
fn optional<T: for<'de> Deserialize<'de>>(members: &Members<'_>, key: &str) -> Result<Option<T>, String> {
    let text = members.find(key).unwrap_or("null");
    serde_json::from_str(text).map_err(|_| format!("`{key}` has the wrong type"))
}

const KNOWN: [&str; 19] = [
    "task",
    "touches",
    "requires",
    "regions",
    "branch",
    "status",
    "updated_at",
    "instance",
    "note",
    "op",
    "generation",
    "session",
    "forced_over",
    "reason",
    "changed_files",
    "changed_files_repo",
    "pr_url",
    "lease",
    "supersedes",
];

fn extra(members: &Members<'_>) -> Vec<(String, String)> {
    let unknown = members.0.iter().filter(|(key, _)| !KNOWN.contains(&key.as_str()));
    unknown.map(|(key, value): &(String, &RawValue)| (key.clone(), value.get().to_owned())).collect()
}

/// Renders a claim as an entry that stands two levels deep: the predecessor's eight keys always,
/// ours where they are set, what we do not know as it was.
pub fn render(claim: &Claim) -> String {
    let file = |file: &ChangedFile| json!({"status": file.status, "path": file.path});
    let files = claim.changed_files.as_ref().map(|files| files.iter().map(file).collect::<Vec<_>>());
    let forced = Some(&claim.forced_over).filter(|agents| !agents.is_empty());
    let mut members = vec![
        ("task", json!(claim.task)),
        ("touches", json!(spec_texts(&claim.touches))),
        ("requires", json!(spec_texts(&claim.requires))),
        // The predecessor compares branches as text and has no null there.
        ("branch", json!(claim.branch.as_deref().unwrap_or(""))),
        ("status", json!(claim.status.as_str())),
        ("updated_at", json!(claim.updated_at.map(|at| at.to_string()))),
        ("instance", json!(claim.instance.as_ref().map(|instance| &instance.0))),
        ("note", json!(claim.note)),
    ];
    let optional = [
        ("op", json!(claim.op.as_ref().map(|op| &op.0))),
        ("generation", json!(claim.generation)),
        ("regions", regions::render(&claim.touches, &claim.requires)),
        ("session", json!(claim.session)),
        ("forced_over", json!(forced)),
        ("reason", json!(claim.reason)),
        ("changed_files", json!(files)),
        ("changed_files_repo", json!(claim.changed_files_repo)),
        ("pr_url", json!(claim.pr_url)),
        ("lease", json!(claim.lease)),
        ("supersedes", json!(Some(&claim.supersedes).filter(|claims| !claims.is_empty()))),
    ];
    members.extend(optional.into_iter().filter(|(_, value)| !value.is_null()));
    let known = members.iter().map(|(key, value)| format!("      \"{key}\": {}", pretty(value, 3)));
    let unknown = claim.extra.iter().map(|(key, raw)| format!("      {}: {raw}", Value::from(key.as_str())));
    format!("{{\n{}\n    }}", known.chain(unknown).collect::<Vec<_>>().join(",\n"))
}

/// Returns the texts of path specs, narrowed files once and whole.
pub fn spec_texts(specs: &[PathSpec]) -> Vec<&str> {
    let mut seen = BTreeSet::new();
    specs
        .iter()
        .filter(|spec| spec.region().is_none() || seen.insert(spec.as_str()))
        .map(PathSpec::as_str)
        .collect()
}

/// Renders a value with two-space indentation, as it stands `depth` levels deep.
pub fn pretty(value: &Value, depth: usize) -> String {
    format!("{value:#}").replace('\n', &format!("\n{}", "  ".repeat(depth)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_unreadable(text: &str, want: &str) {
        assert_eq!(read(text), Entry::Unreadable { why: want.to_owned() });
    }

    #[test]
    fn r_22_an_entry_of_unknown_shape_is_unreadable() {
        check_unreadable("[]", "it is not an object");
        check_unreadable("{}", "`touches` is missing");
        check_unreadable(r#"{"touches":null}"#, "`touches` is missing");
        check_unreadable(r#"{"touches":"src"}"#, "`touches` has the wrong type");
        check_unreadable(r#"{"touches":[1]}"#, "`touches` has the wrong type");
        check_unreadable(r#"{"touches":[],"status":3}"#, "`status` has the wrong type");
    }

    #[test]
    fn an_entry_is_rendered_as_it_was_read() {
        let text = r#"{
      "task": "x \"y\"",
      "touches": [
        "src/a.rs"
      ],
      "requires": [],
      "branch": "b",
      "status": "paused",
      "updated_at": "2026-11-23T20:15:00.000001+00:00",
      "instance": "9f",
      "note": null,
      "op": "01",
      "generation": 7,
      "later": 123456789012345678901234567890
    }"#;
        let entry = read(text);
        assert_eq!(entry.as_claim().map(render).as_deref(), Some(text));
        assert!(entry.is_active());
    }
}
