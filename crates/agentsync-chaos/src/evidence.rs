//! Reads what a round left behind: what everybody asked and was told, and what stands on the branch.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use agentsync_core::{Board, ClaimKey, Entry, Timestamp};
use agentsync_lab::witness::{Ended, Link, Record};
use agentsync_mcp::ledger::document::Document;
use serde_json::Value;

/// One call, with what the figures need besides.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) record: Record,
    pub(crate) kind: String,
    /// The process that was asked.
    pub(crate) pid: u32,
    /// What was granted, by its name in the core: `Claimed`, `Waiting`, …
    pub(crate) grant: Option<String>,
    /// How often a push with it was tried.
    pub(crate) n_tries: usize,
    /// What a survey showed: the change that wrote each entry last.
    pub(crate) shown: BTreeMap<String, (Option<String>, bool)>,
    /// What was said in place of an answer.
    pub(crate) error: Option<String>,
}

/// Reads the histories in a folder, by time of the call.
pub(crate) fn read_calls(dir: &Path) -> Vec<Call> {
    let mut calls: BTreeMap<String, Call> = BTreeMap::new();
    let mut tries: BTreeMap<String, usize> = BTreeMap::new();
    let mut lines = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        // A process that is killed may leave half a line, and the next one writes behind it.
        lines.extend(text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()));
    }
    lines.sort_by_key(|line| line["ns"].as_u64());
    for line in &lines {
        let op = line["op"].as_str().unwrap_or_default().to_owned();
        match line["event"].as_str().unwrap_or_default() {
            "invoke" => {
                calls.insert(op.clone(), invoked(&op, line));
            }
            "return" => {
                if let Some(call) = calls.get_mut(&op) {
                    returned(call, line);
                }
            }
            _ => {
                for op in line["ops"].as_array().into_iter().flatten().filter_map(Value::as_str) {
                    *tries.entry(op.to_owned()).or_default() += 1;
                }
            }
        }
    }
    for (op, call) in &mut calls {
        call.n_tries = tries.get(op).copied().unwrap_or(0);
    }
    let mut calls: Vec<Call> = calls.into_values().collect();
    calls.sort_by_key(|call| call.record.invoked);
    calls
}

fn invoked(op: &str, line: &Value) -> Call {
    Call {
        record: Record {
            op: op.to_owned(),
            agent: line["agent"].as_str().unwrap().to_owned(),
            change: serde_json::from_value(line["args"].clone()).ok(),
            invoked: line["ns"].as_u64().unwrap(),
            returned: None,
            ended: Ended::Died,
            was_misled: false,
        },
        pid: line["pid"].as_u64().and_then(|pid| u32::try_from(pid).ok()).unwrap(),
        kind: line["kind"].as_str().unwrap().to_owned(),
        grant: None,
        n_tries: 0,
        shown: BTreeMap::new(),
        error: None,
    }
}

fn returned(call: &mut Call, line: &Value) {
    let decision = &line["decision"];
    call.record.returned = line["ns"].as_u64();
    call.record.ended = match line["answer"].as_str().unwrap() {
        "done" if decision.get("Unchanged").is_some() => Ended::Unchanged,
        "done" => Ended::Done,
        "refused" if decision.get("Missing").is_some() => Ended::Missing,
        "refused" => {
            let conflicts = decision["Blocked"]["conflicts"].as_object();
            Ended::Refused { by: conflicts.into_iter().flatten().map(|(key, _)| key.clone()).collect() }
        }
        "seen" => {
            Ended::Saw { tip: line["tip"].as_str().map(str::to_owned), is_labelled: !line["alarm"].is_null() }
        }
        "unknown" => Ended::Unknown,
        _ => Ended::NotDone,
    };
    for (key, entry) in line["claims"].as_object().into_iter().flatten() {
        let op = entry["op"].as_str().map(str::to_owned);
        call.shown.insert(key.clone(), (op, entry["active"] == true));
    }
    let grant = decision.get("Granted").map_or(&decision["Unchanged"], |granted| &granted["grant"]);
    call.grant = grant.as_object().and_then(|grant| grant.keys().next().cloned());
    call.error = line["error"].as_str().map(str::to_owned);
}

/// Reads the coordination branch of a hub, oldest first.
pub(crate) fn read_chain(hub: &Path, calls: &[Call]) -> Vec<Link> {
    let agents: BTreeMap<&str, &str> =
        calls.iter().map(|call| (call.record.op.as_str(), call.record.agent.as_str())).collect();
    let format = "--format=%H%x1f%P%x1f%at%x1f%B%x1e";
    let log = git(hub, &["log", "--first-parent", "--reverse", format, "refs/heads/agentsync"]);
    let Some(log) = log else { return Vec::new() };
    let commits: Vec<Vec<&str>> = log
        .split('\u{1e}')
        .map(|commit| commit.trim_start().split('\u{1f}').collect::<Vec<_>>())
        .filter(|parts| parts.len() == 4)
        .collect();
    let ids: Vec<&str> = commits.iter().map(|parts| parts[0]).collect();
    let texts = read_documents(hub, &ids);
    let mut chain = Vec::new();
    for (parts, text) in commits.into_iter().zip(texts) {
        let trailer = |name: &str| -> Vec<String> {
            let lines = parts[3].lines();
            lines.filter_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).map(str::to_owned).collect()
        };
        let op = trailer("Agentsync-Op").pop();
        let document = Document::parse(text.as_bytes()).unwrap();
        let board = document.board().clone();
        let named = ["Agentsync-Supersedes", "Agentsync-Breaks", "Agentsync-Drops"].map(trailer).concat();
        chain.push(Link {
            id: parts[0].to_owned(),
            agent: op.as_deref().and_then(|op| agents.get(op)).map(|agent| (*agent).to_owned()),
            at: decided_at(&board, op.as_deref())
                .or_else(|| Some(Timestamp(parts[2].parse::<i64>().ok()? * 1_000_000))),
            op,
            text,
            board,
            may_edit: named.iter().map(|name| name.split('@').next().unwrap().to_owned()).collect(),
            n_tidied: trailer("Agentsync-Tidies").iter().filter_map(|n| n.parse::<usize>().ok()).sum(),
            landed: None,
        });
    }
    chain
}

/// Returns the exact time of a decision, which a commit knows to the second only.
fn decided_at(board: &Board, op: Option<&str>) -> Option<Timestamp> {
    let op = op?;
    let mut claims = board.claims.values().filter_map(Entry::as_claim);
    let claim = claims.rfind(|claim| claim.op.as_ref().is_some_and(|found| found.0 == op));
    let note = || board.notes.iter().find(|note| note.op.as_ref().is_some_and(|found| found.0 == op));
    let ticket = || board.waiting.iter().find(|ticket| ticket.op.0 == op);
    claim.and_then(|claim| claim.updated_at).or_else(|| note()?.at).or_else(|| ticket()?.since)
}

/// Returns the keys of the claims that are active at the tip.
pub(crate) fn active_keys(chain: &[Link]) -> Vec<&ClaimKey> {
    let claims = chain.last().into_iter().flat_map(|link| &link.board.claims);
    claims.filter(|(_, entry)| entry.is_active()).map(|(key, _)| key).collect()
}

/// Runs git in a hub; `None` when it fails.
pub(crate) fn git(hub: &Path, args: &[&str]) -> Option<String> {
    let mut command = Command::new("git");
    command.arg("--git-dir").arg(hub).args(["-c", "safe.directory=*"]).args(args).stderr(Stdio::null());
    let output = command.output().unwrap();
    output.status.success().then(|| String::from_utf8(output.stdout).unwrap())
}

fn read_documents(hub: &Path, ids: &[&str]) -> Vec<String> {
    let mut command = Command::new("git");
    command.arg("--git-dir").arg(hub).args(["-c", "safe.directory=*", "cat-file", "--batch"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let asked = ids.iter().fold(String::new(), |asked, id| asked + id + ":claims.json\n");
    let writer = std::thread::spawn(move || input.write_all(asked.as_bytes()));
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut texts = Vec::new();
    for id in ids {
        let mut head = String::new();
        output.read_line(&mut head).unwrap();
        let size = head.trim_end().rsplit(' ').next().unwrap().parse::<usize>();
        let mut bytes = vec![0; size.unwrap_or_else(|_| panic!("claims.json of {id}: {head}")) + 1];
        output.read_exact(&mut bytes).unwrap();
        bytes.pop();
        texts.push(String::from_utf8(bytes).unwrap());
    }
    writer.join().unwrap().unwrap();
    child.wait().unwrap();
    texts
}
