//! What can be wrong with a commit of the coordination branch.

use std::fmt;

/// What a commit does to an entry that is not its author's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    /// It makes one.
    Adds,
    /// It changes one.
    Changes,
    /// It takes one away.
    Removes,
}

/// One thing that is wrong with a commit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Finding {
    /// It edits the entry of somebody else, and no trailer says why it may.
    EditsOther {
        /// Whose.
        key: String,
        /// How.
        how: How,
    },
    /// The largest fencing number fell.
    GenerationFell {
        /// What it was.
        from: u64,
        /// What it is now.
        to: u64,
    },
    /// It grants a claim without a fencing number larger than all earlier ones.
    NotGrown {
        /// Whose.
        key: String,
        /// The number it has.
        generation: Option<u64>,
    },
    /// It gives a claim other paths without a new fencing number.
    Widens {
        /// Whose.
        key: String,
    },
    /// After it two active claims of two agents meet, and neither was forced.
    Overlaps {
        /// The one it writes.
        key: String,
        /// The other.
        other: String,
        /// A path that belongs to both, where one is known.
        path: Option<String>,
    },
    /// It is a change that is on the branch already.
    RepeatsOp {
        /// The change.
        op: String,
    },
    /// It writes an entry in the name of another change.
    WrongOp {
        /// Whose.
        key: String,
    },
    /// It is a merge.
    Parents {
        /// How many parents it has.
        n_parents: usize,
    },
    /// It changes a file that is not the document.
    OtherFiles,
    /// It changes members of the document that no change is about.
    OtherMembers {
        /// Their names.
        names: Vec<String>,
    },
    /// It leaves a document, or an entry of its own, that cannot be read.
    Unreadable {
        /// What is wrong with it.
        why: String,
    },
    /// It moves, changes or drops the place of somebody else in the line.
    Line {
        /// Whose.
        key: String,
    },
    /// It changes the mailbox other than by one note of its author's at the end.
    Mailbox,
    /// It takes a claim and does not tell its holder, or changes what others are told.
    Record {
        /// Whose.
        key: String,
    },
    /// It calls itself a repair, and restores something else than what stood there.
    Repair,
}

impl Finding {
    /// Returns a word for programs; it does not change between versions.
    pub fn word(&self) -> &'static str {
        match self {
            Finding::EditsOther { .. } => "edits_other",
            Finding::GenerationFell { .. } => "generation_fell",
            Finding::NotGrown { .. } => "generation_not_grown",
            Finding::Widens { .. } => "widens",
            Finding::Overlaps { .. } => "overlaps",
            Finding::RepeatsOp { .. } => "repeats_op",
            Finding::WrongOp { .. } => "wrong_op",
            Finding::Parents { .. } => "parents",
            Finding::OtherFiles => "other_files",
            Finding::OtherMembers { .. } => "other_members",
            Finding::Unreadable { .. } => "unreadable",
            Finding::Line { .. } => "line",
            Finding::Mailbox => "mailbox",
            Finding::Record { .. } => "record",
            Finding::Repair => "repair",
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Finding::EditsOther { key, how } => {
                let how = match how {
                    How::Adds => "writes an entry for",
                    How::Changes => "changes the entry of",
                    How::Removes => "removes the entry of",
                };
                write!(f, "{how} `{key}`, which is not its author's")
            }
            Finding::GenerationFell { from, to } => {
                write!(f, "sets the largest generation from {from} back to {to}")
            }
            Finding::NotGrown { key, generation: Some(number) } => {
                write!(f, "grants `{key}` generation {number}, which is not larger than all before")
            }
            Finding::NotGrown { key, generation: None } => write!(f, "grants `{key}` no generation"),
            Finding::Widens { key } => write!(f, "gives `{key}` other paths without a new generation"),
            Finding::Overlaps { key, other, path } => {
                let path = path.as_ref().map(|path| format!(" at {path}")).unwrap_or_default();
                write!(f, "makes the active claims of `{key}` and `{other}` meet{path}, unforced")
            }
            Finding::RepeatsOp { op } => write!(f, "repeats the change {op}"),
            Finding::WrongOp { key } => write!(f, "writes `{key}` in the name of another change"),
            Finding::Parents { n_parents } => write!(f, "has {n_parents} parents"),
            Finding::OtherFiles => f.write_str("changes other files than claims.json"),
            Finding::OtherMembers { names } => {
                write!(f, "changes members that no change is about: {}", names.join(", "))
            }
            Finding::Unreadable { why } => write!(f, "leaves what cannot be read: {why}"),
            Finding::Line { key } => write!(f, "changes the place of `{key}` in the line"),
            Finding::Mailbox => f.write_str("changes notes of others"),
            Finding::Record { key } => write!(f, "changes what `{key}` is told of a claim that was taken"),
            Finding::Repair => f.write_str("restores something else than what stood there"),
        }
    }
}
