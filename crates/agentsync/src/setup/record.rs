//! What files were before they were set up, kept in the clone so that it can be undone to the byte.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{FileChange, SetupError};

#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Record {
    files: BTreeMap<String, Kept>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    before: Option<String>,
    after: Option<String>,
}

impl Record {
    /// Reads the record; without one there is nothing to restore.
    pub(super) fn read(path: &Path) -> Record {
        let text = std::fs::read(path).unwrap_or_default();
        serde_json::from_slice(&text).unwrap_or_default()
    }

    pub(super) fn write(&self, path: &Path) -> Result<(), SetupError> {
        let fault =
            |detail: String| SetupError::Io { doing: "write", path: path.display().to_string(), detail };
        let text = serde_json::to_vec_pretty(self).map_err(|err| fault(err.to_string()))?;
        std::fs::create_dir_all(path.parent().unwrap_or(path)).map_err(|err| fault(err.to_string()))?;
        std::fs::write(path, text).map_err(|err| fault(err.to_string()))
    }

    /// Notes a change; what a file was before the first one stays noted.
    pub(super) fn note(&mut self, file: &FileChange) {
        let earlier = self.files.remove(&file.path).filter(|kept| kept.after == file.before);
        let before = earlier.map_or_else(|| file.before.clone(), |kept| kept.before);
        self.files.insert(file.path.clone(), Kept { before, after: file.after.clone() });
    }

    /// Returns what a file was before, if it still is as we left it.
    pub(super) fn earlier(&self, path: &str, text: &str) -> Earlier {
        match self.files.get(path).filter(|kept| kept.after.as_deref() == Some(text)) {
            None => Earlier::Unknown,
            Some(Kept { before: None, .. }) => Earlier::Absent,
            Some(Kept { before: Some(before), .. }) => Earlier::Text(before.clone()),
        }
    }
}

/// What a file was before it was set up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Earlier {
    /// It was not there.
    Absent,
    /// It held this.
    Text(String),
    /// Somebody has changed it since, so nobody knows.
    Unknown,
}
