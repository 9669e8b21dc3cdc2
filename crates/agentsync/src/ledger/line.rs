//! The line of those who wait, and the claims that were taken, on the wire: arrays at the top.

use agentsync_core::{ClaimKey, Dialect, InstanceId, OpId, PathSpec, Superseded, Ticket, Timestamp};
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;

use super::document::DocumentError;
use super::entry::{pretty, spec_texts};
use super::regions::{self, Regions};
use super::splice::{self, Members};

#[derive(Deserialize)]
struct WireTicket {
    agent: String,
    #[serde(default)]
    task: String,
    touches: Vec<String>,
    #[serde(default)]
    requires: Vec<String>,
    regions: Option<Box<RawValue>>,
    branch: Option<String>,
    since: Option<String>,
    instance: Option<String>,
    op: String,
}

#[derive(Deserialize)]
struct WireSuperseded {
    agent: String,
    generation: Option<u64>,
    #[serde(default)]
    by: String,
    at: Option<String>,
    #[serde(default)]
    reason: String,
}

/// Reads who waits. A ticket that cannot be read makes the line unreadable: it could be anybody's turn.
pub fn read_tickets(root: &Members<'_>) -> Result<Vec<Ticket>, DocumentError> {
    let text = root.find("waiting").unwrap_or("[]");
    let tickets: Vec<WireTicket> = serde_json::from_str(text).map_err(|_| DocumentError::Type("waiting"))?;
    let spec = |text: &str| PathSpec::read(text, Dialect::Agentsync);
    let regions =
        |raw: &Option<Box<RawValue>>| raw.as_ref().map(|raw| Regions::read(raw.get())).unwrap_or_default();
    let read = |ticket: WireTicket| Ticket {
        key: ClaimKey::read(&ticket.agent),
        task: ticket.task,
        touches: regions(&ticket.regions).touches(&ticket.touches, spec),
        requires: regions(&ticket.regions).requires(&ticket.requires, spec),
        branch: ticket.branch,
        since: ticket.since.as_deref().and_then(Timestamp::parse),
        instance: ticket.instance.map(InstanceId),
        op: OpId(ticket.op),
    };
    Ok(tickets.into_iter().map(read).collect())
}

/// Reads which claims were taken from holders who do not know it yet.
pub fn read_superseded(root: &Members<'_>) -> Result<Vec<Superseded>, DocumentError> {
    let text = root.find("superseded").unwrap_or("[]");
    let records: Vec<WireSuperseded> =
        serde_json::from_str(text).map_err(|_| DocumentError::Type("superseded"))?;
    let read = |record: WireSuperseded| Superseded {
        key: ClaimKey::read(&record.agent),
        generation: record.generation,
        by: record.by,
        at: record.at.as_deref().and_then(Timestamp::parse),
        reason: record.reason,
    };
    Ok(records.into_iter().map(read).collect())
}

/// Renders a ticket as an element of an array at the top.
pub fn render_ticket(ticket: &Ticket) -> String {
    let mut value = json!({
        "agent": ticket.key.as_str(),
        "task": ticket.task,
        "touches": spec_texts(&ticket.touches),
        "requires": spec_texts(&ticket.requires),
        "branch": ticket.branch,
        "since": ticket.since.map(|at| at.to_string()),
        "instance": ticket.instance.as_ref().map(|instance| &instance.0),
        "op": ticket.op.0,
    });
    let regions = regions::render(&ticket.touches, &ticket.requires);
    if let (Some(members), false) = (value.as_object_mut(), regions.is_null()) {
        members.insert("regions".to_owned(), regions);
    }
    pretty(&value, 2)
}

/// Renders what is noted of a claim that was taken.
pub fn render_superseded(record: &Superseded) -> String {
    let value = json!({
        "agent": record.key.as_str(),
        "generation": record.generation,
        "by": record.by,
        "at": record.at.map(|at| at.to_string()),
        "reason": record.reason,
    });
    pretty(&value, 2)
}

fn elements(array: &str) -> Result<Vec<Box<RawValue>>, serde_json::Error> {
    serde_json::from_str(array)
}

/// Tells whether an element's member `key` is `value`.
fn is_of(element: &RawValue, key: &str, value: &str) -> bool {
    let found = Members::read(element.get()).ok().and_then(|members| members.find(key).map(str::to_owned));
    found.and_then(|text| serde_json::from_str::<String>(&text).ok()).is_some_and(|found| found == value)
}

fn join(elements: &[String]) -> String {
    match elements.is_empty() {
        true => "[]".to_owned(),
        false => format!("[\n    {}\n  ]", elements.join(",\n    ")),
    }
}

/// Puts `element` where the one with the same `key` stands, or at the end; the others stay as they are.
pub fn put(array: &str, key: &str, element: &str, max: usize) -> Result<String, serde_json::Error> {
    let fresh: Box<RawValue> = serde_json::from_str(element)?;
    let name = Members::read(element)?.find(key).and_then(|text| serde_json::from_str::<String>(text).ok());
    let name = name.unwrap_or_default();
    let mut all = elements(array)?;
    match all.iter_mut().find(|there| is_of(there, key, &name)) {
        None => splice::push(array, fresh.get(), 1, max),
        Some(there) => {
            *there = fresh;
            Ok(join(&all.iter().map(|there| there.get().to_owned()).collect::<Vec<_>>()))
        }
    }
}

/// Takes the elements whose `key` is `value` out; the others stay as they are.
pub fn take(array: &str, key: &str, value: &str) -> Result<String, serde_json::Error> {
    let kept = elements(array)?.into_iter().filter(|there| !is_of(there, key, value));
    Ok(join(&kept.map(|there| there.get().to_owned()).collect::<Vec<_>>()))
}
