//! What `init` did in this worktree, so that `--undo` can take exactly that away.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::insertion::Insertion;

/// The name it is kept under.
pub const KEPT_AS: &str = "init.json";

/// What was done.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The files, by path.
    #[serde(default)]
    pub files: BTreeMap<String, FileRecord>,
    /// The settings, by key.
    #[serde(default)]
    pub settings: BTreeMap<String, ValueRecord>,
    /// The agent's id; absent when it was left alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<ValueRecord>,
}

/// What was done to one value.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ValueRecord {
    /// What it was before we first touched it.
    pub before: Option<String>,
    /// What we last made it.
    pub after: Option<String>,
}

/// What was done to one file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRecord {
    /// Whether there was no such file before.
    pub is_created: bool,
    /// What was put in.
    pub insertions: Vec<Insertion>,
}

impl Record {
    /// Reads a record; one that cannot be read is as good as none, since `--undo` can do without.
    pub fn parse(text: Option<&str>) -> Record {
        text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
    }

    /// Writes the record; `None` when nothing is left to remember.
    pub fn render(&self) -> Option<String> {
        let is_empty = *self == Record::default();
        (!is_empty).then(|| serde_json::to_string_pretty(self).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_read_as_it_was_written() {
        let file = FileRecord { is_created: true, insertions: vec![Insertion::new(0, "{}\r\n")] };
        let record = Record {
            files: BTreeMap::from([(".mcp.json".to_owned(), file)]),
            settings: BTreeMap::from([("agentsync.branch".to_owned(), ValueRecord::default())]),
            agent: Some(ValueRecord { before: None, after: Some("alice".to_owned()) }),
        };
        assert_eq!(Record::parse(record.render().as_deref()), record);
        let untouched = Record { agent: None, ..record };
        assert_eq!(Record::parse(untouched.render().as_deref()), untouched);
    }

    #[test]
    fn nothing_done_leaves_no_record() {
        assert_eq!(Record::default().render(), None);
        assert_eq!(Record::parse(Some("not json")), Record::default());
    }
}
