//! What a gate must know of the work that arrives.

use std::collections::BTreeSet;

use agentsync_core::region::SymbolPath;
use agentsync_core::{AgentId, Board};

use super::{Tip, WorkError};

/// What a branch changes, compared with where it is to land.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Range {
    /// The commit at whose branch it is to land.
    pub base: String,
    /// The last commit of the work.
    pub head: String,
    /// Where the two parted.
    pub parted: String,
    /// The paths that differ between there and the last commit; both names of what moved.
    pub paths: Vec<String>,
}

/// Compares commits of the repository.
pub trait Changes: Send + Sync {
    /// Returns what `head` changed since it left `base`.
    fn range(&self, base: &str, head: &str) -> Result<Range, WorkError>;
    /// Returns the innermost symbols of a file that change in a range; `None` when that cannot be told.
    fn changed_symbols(&self, range: &Range, path: &str) -> Option<Vec<SymbolPath>>;
}

/// One reference that a push moves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefUpdate {
    /// Where it stands; `None` when it is made.
    pub old: Option<String>,
    /// Where it is to stand; `None` when it is deleted.
    pub new: Option<String>,
    /// Its full name.
    pub name: String,
}

impl RefUpdate {
    /// Parses `<old> <new> <ref>`, where an id of zeros stands for nothing.
    pub fn parse(line: &str) -> Option<RefUpdate> {
        let mut words = line.splitn(3, ' ');
        let mut id = || {
            let word = words.next().filter(|word| !word.is_empty())?;
            let is_id = word.chars().all(|c| c.is_ascii_hexdigit());
            is_id.then(|| Some(word.to_owned()).filter(|word| word.contains(|c| c != '0')))
        };
        let (old, new) = (id()?, id()?);
        Some(RefUpdate { old, new, name: words.next().filter(|name| !name.is_empty())?.to_owned() })
    }

    /// Returns the branch's name; `None` for a tag or anything else.
    pub fn branch(&self) -> Option<&str> {
        self.name.strip_prefix("refs/heads/")
    }
}

/// The board at the server, before the push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BoardThere {
    /// There is none.
    Absent,
    /// It is this one.
    At(Tip, Box<Board>),
    /// It cannot be read.
    Unreadable(String),
}

/// What the gate of a server does with commits on the board that another program wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Others {
    /// They pass, whatever they do, as long as the document can be read.
    Allow,
    /// They are held to the same rules, as far as those can be told without our trailers.
    Audit,
    /// They are refused.
    Refuse,
}

/// What is wrong with a push of the board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadPush {
    /// What it does.
    pub what: String,
    /// What to do instead.
    pub fix: String,
}

/// A push as the server's repository sees it, before anything has moved.
pub trait Incoming: Send + Sync {
    /// Returns the board as it stands.
    fn board(&self) -> BoardThere;
    /// Audits a push of the board; returns what is wrong with it.
    fn audit(&self, old: Option<&str>, new: &str, others: Others) -> Result<Vec<BadPush>, String>;
    /// Returns the branch that work lands on.
    fn landing(&self) -> Option<String>;
    /// Returns where a branch stands.
    fn tip(&self, branch: &str) -> Option<String>;
    /// Returns the paths that the commits up to `new` change, without those that `besides` leads to; for
    /// `None`, without those that any branch here leads to. Of merges, what neither side had.
    fn paths(
        &self,
        new: &str,
        besides: Option<&str>,
        and_besides: Option<&str>,
    ) -> Result<BTreeSet<String>, String>;
    /// Returns who pushes, where the push is signed.
    fn pusher(&self) -> Option<AgentId>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_a_push_is_two_ids_and_a_name() {
        let update = RefUpdate::parse("63c2 0000 refs/heads/a b").unwrap();
        assert_eq!((update.old.as_deref(), update.new.as_deref()), (Some("63c2"), None));
        assert_eq!(update.branch(), Some("a b"));
        assert_eq!(RefUpdate::parse("0000 63c2 refs/tags/v1").unwrap().branch(), None);
        for bad in ["", "63c2", "63c2 63c2", "x 63c2 refs/heads/a", "63c2 63c2 "] {
            assert_eq!(RefUpdate::parse(bad), None, "{bad}");
        }
    }
}
