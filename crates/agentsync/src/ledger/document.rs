//! `claims.json`: read strictly, edited in place.

use agentsync_core::decide::{MAX_NOTES, MAX_SUPERSEDED};
use agentsync_core::{Board, ClaimKey, Edit, Note, OpId, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};
use thiserror::Error;

use super::entry;
use super::line;
use super::splice::{self, Members};
use super::strict;
use crate::plant::{Plant, is_planted};

/// The schema this program writes. A document without one is schema 1, the predecessor's.
pub const SCHEMA: u64 = 1;
/// The largest document that is read, in bytes.
pub const MAX_BYTES: usize = 8 << 20;
/// How many entries a document may have.
const MAX_ENTRIES: usize = 10_000;

/// Why a document cannot be trusted.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DocumentError {
    /// More bytes or entries than a board has.
    #[error("it has {what}, more than the {max} a board may have")]
    Large {
        /// What there is too much of, with the count.
        what: String,
        /// The limit.
        max: usize,
    },
    /// Not UTF-8, not JSON, a key twice, or nested too deep.
    #[error("{0}")]
    Syntax(String),
    /// A part has a type it must not have.
    #[error("`{0}` has the wrong type")]
    Type(&'static str),
}

/// A document, with the board it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    text: String,
    board: Board,
    schema: u64,
}

impl Document {
    /// Returns the document of a board on which nothing has happened.
    pub fn empty() -> Document {
        Document { text: "{\n  \"claims\": {}\n}\n".to_owned(), board: Board::default(), schema: SCHEMA }
    }

    /// Reads a document, or says why it cannot be trusted.
    pub fn parse(bytes: &[u8]) -> Result<Document, DocumentError> {
        if bytes.len() > MAX_BYTES {
            return Err(DocumentError::Large { what: format!("{} bytes", bytes.len()), max: MAX_BYTES });
        }
        let text =
            std::str::from_utf8(bytes).map_err(|_| DocumentError::Syntax("it is not UTF-8".to_owned()))?;
        strict::check(text).map_err(|err| syntax(text, &err))?;
        let (board, schema) = read_board(text)?;
        Ok(Document { text: text.to_owned(), board, schema })
    }

    /// Returns the document's text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the board it holds.
    pub fn board(&self) -> &Board {
        &self.board
    }

    /// Returns the document's schema.
    pub fn schema(&self) -> u64 {
        self.schema
    }

    /// Returns the document as `edits` leave it. What they do not name stays, byte for byte.
    pub fn with(&self, edits: &[Edit]) -> Result<Document, DocumentError> {
        let mut next = self.clone();
        next.edit(edits)?;
        Ok(next)
    }

    /// Makes the document what [`Document::with`] returns; an error leaves it as it is.
    pub fn edit(&mut self, edits: &[Edit]) -> Result<(), DocumentError> {
        let mut text = apply(self.text.trim_end(), edits).map_err(|err| syntax(&self.text, &err))?;
        if is_planted(Plant::ReserialisePeers) {
            let all: Value = serde_json::from_str(&text).map_err(|err| syntax(&text, &err))?;
            text = format!("{all:#}");
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
        if text.len() > MAX_BYTES {
            return Err(DocumentError::Large { what: format!("{} bytes", text.len()), max: MAX_BYTES });
        }
        self.text = text;
        self.board.edit(edits);
        Ok(())
    }
}

fn syntax(text: &str, err: &serde_json::Error) -> DocumentError {
    let what = match text.trim().is_empty() {
        true => "it is empty".to_owned(),
        false => agentsync_core::text::escape(&err.to_string()),
    };
    DocumentError::Syntax(what)
}

fn read_board(text: &str) -> Result<(Board, u64), DocumentError> {
    let root = Members::read(text).map_err(|_| DocumentError::Syntax("it is not an object".to_owned()))?;
    let claims =
        Members::read(root.find("claims").unwrap_or("{}")).map_err(|_| DocumentError::Type("claims"))?;
    if claims.0.len() > MAX_ENTRIES {
        return Err(DocumentError::Large { what: format!("{} entries", claims.0.len()), max: MAX_ENTRIES });
    }
    let claims: std::collections::BTreeMap<_, _> =
        claims.0.iter().map(|(key, value)| (ClaimKey::read(key), entry::read(value.get()))).collect();
    let counter: Option<u64> = number(&root, "generation")?;
    let schema: Option<u64> = number(&root, "schema")?;
    let highest = claims.values().filter_map(|entry| entry.as_claim()?.generation).max();
    let generation = counter.max(highest).unwrap_or(0);
    let board = Board {
        claims,
        notes: read_notes(&root)?,
        waiting: line::read_tickets(&root)?,
        superseded: line::read_superseded(&root)?,
        generation,
    };
    Ok((board, schema.unwrap_or(SCHEMA)))
}

fn number(root: &Members<'_>, key: &'static str) -> Result<Option<u64>, DocumentError> {
    serde_json::from_str(root.find(key).unwrap_or("null")).map_err(|_| DocumentError::Type(key))
}

fn read_notes(root: &Members<'_>) -> Result<Vec<Note>, DocumentError> {
    #[derive(Deserialize)]
    struct WireNote {
        #[serde(default)]
        from: String,
        to: Option<String>,
        #[serde(default)]
        message: String,
        at: Option<String>,
        op: Option<String>,
    }
    let text = root.find("notes").unwrap_or("[]");
    let notes: Vec<WireNote> = serde_json::from_str(text).map_err(|_| DocumentError::Type("notes"))?;
    let read = |note: WireNote| Note {
        from: note.from,
        to: note.to,
        message: note.message,
        at: note.at.as_deref().and_then(Timestamp::parse),
        op: note.op.map(OpId),
    };
    Ok(notes.into_iter().map(read).collect())
}

fn apply(text: &str, edits: &[Edit]) -> Result<String, serde_json::Error> {
    let root = Members::read(text)?;
    // The members of the document that the edits have changed so far.
    let mut changed: Vec<(&str, String)> = Vec::new();
    for edit in edits {
        let find = |key| match changed.iter().find(|(name, _)| *name == key) {
            Some((_, value)) => Some(value.as_str()),
            None => root.find(key),
        };
        let (key, value) = changed_by(edit, find)?;
        match changed.iter_mut().find(|(name, _)| *name == key) {
            Some((_, before)) => *before = value,
            None => changed.push((key, value)),
        }
    }
    Ok(root.with(text, &changed, 0))
}

/// Returns which member of the document an edit changes, and what it is then.
fn changed_by<'a>(
    edit: &Edit,
    find: impl Fn(&'static str) -> Option<&'a str>,
) -> Result<(&'static str, String), serde_json::Error> {
    let claims = find("claims").unwrap_or("{}");
    let list = |key| find(key).unwrap_or("[]");
    Ok(match edit {
        Edit::Put { key, claim } => ("claims", splice::set(claims, key.as_str(), &entry::render(claim), 1)?),
        Edit::Remove { key } => ("claims", splice::remove(claims, key.as_str())?),
        Edit::Post { note } => ("notes", splice::push(list("notes"), &render_note(note), 1, MAX_NOTES)?),
        Edit::Queue { ticket } => {
            ("waiting", line::put(list("waiting"), "agent", &line::render_ticket(ticket), usize::MAX)?)
        }
        Edit::Unqueue { key } => ("waiting", line::take(list("waiting"), "agent", key.as_str())?),
        Edit::Supersede { record } => {
            let record = line::render_superseded(record);
            ("superseded", splice::push(list("superseded"), &record, 1, MAX_SUPERSEDED)?)
        }
        Edit::Acknowledge { key } => ("superseded", line::take(list("superseded"), "agent", key.as_str())?),
        Edit::Raise { generation } => ("generation", generation.to_string()),
    })
}

fn render_note(note: &Note) -> String {
    let mut members = json!({
        "from": note.from,
        "to": note.to,
        "message": note.message,
        "at": note.at.map(|at| at.to_string()),
    });
    if let (Value::Object(members), Some(op)) = (&mut members, &note.op) {
        members.insert("op".to_owned(), json!(op.0));
    }
    entry::pretty(&members, 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_refused(text: &str, want: &str) {
        let got = Document::parse(text.as_bytes()).map_err(|err| err.to_string());
        assert!(got.as_ref().is_err_and(|err| err.contains(want)), "{text:?}: {got:?}");
    }

    #[test]
    fn what_cannot_be_trusted_is_refused() {
        check_refused("", "it is empty");
        check_refused(" \n", "it is empty");
        check_refused("\u{feff}{\"claims\":{}}", "expected value");
        check_refused("[]", "it is not an object");
        check_refused(r#"{"claims":[]}"#, "`claims` has the wrong type");
        check_refused(r#"{"claims":{"a":1,"a":2}}"#, "the key `a` stands there twice");
        check_refused(r#"{"claims":{"a":{"touches":["x"]"#, "EOF");
        check_refused(r#"{"notes":{}}"#, "`notes` has the wrong type");
        assert!(Document::parse(b"\xff{}").is_err());
    }

    #[test]
    fn a_document_without_claims_is_an_empty_board() {
        assert_eq!(Document::parse(b"{}").unwrap().board(), &Board::default());
    }

    #[test]
    fn edits_leave_every_other_byte() {
        let text = "{\n \"x\": 1.50,\n \"claims\": {\"bob\": { \"touches\": [] , \"n\": 1e2}}\n}";
        let document = Document::parse(text.as_bytes()).unwrap();
        let key = ClaimKey::read("bob");
        let next = document.with(&[Edit::Raise { generation: 4 }]).unwrap();
        assert_eq!(
            next.as_str(),
            "{\n \"x\": 1.50,\n \"claims\": {\"bob\": { \"touches\": [] , \"n\": 1e2}},\n  \"generation\": 4\n}\n"
        );
        let next = next.with(&[Edit::Remove { key }]).unwrap();
        assert_eq!(next.as_str(), "{\n \"x\": 1.50,\n \"claims\": {},\n  \"generation\": 4\n}\n");
    }

    #[test]
    fn what_is_written_is_the_board_that_was_meant() {
        let note = Note {
            from: "alice".to_owned(),
            to: None,
            message: "API is frozen".to_owned(),
            at: Timestamp::parse("2026-11-23T20:16:00Z"),
            op: Some(OpId("01".to_owned())),
        };
        let next = Document::empty().with(&[Edit::Post { note }, Edit::Raise { generation: 2 }]).unwrap();
        let again = Document::parse(next.as_str().as_bytes()).unwrap();
        assert_eq!(again.board(), next.board());
        assert_eq!(again, next);
    }
}
