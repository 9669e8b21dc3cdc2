//! Names: who holds, under which lane, from where, on which branch, and by which operation.

use serde::{Deserialize, Serialize};
use std::borrow::Borrow;
use std::fmt;

use thiserror::Error;

/// The longest agent id or lane, in bytes.
pub const MAX_NAME_BYTES: usize = 64;
/// The longest branch name we hand to git, in bytes.
pub const MAX_BRANCH_BYTES: usize = 200;

/// Why a name was refused. Every text quotes the input.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum IdError {
    /// Not `[A-Za-z0-9][A-Za-z0-9._-]*`, too long, or not fit to be part of a ref name.
    #[error(
        "{what} `{}` must be 1 to 64 letters, digits, `.`, `_` or `-`, begin with a letter or digit, and not end in `.` or `.lock`",
        text.escape_debug()
    )]
    Name {
        /// What was being named: `agent id` or `lane`.
        what: &'static str,
        /// The input.
        text: String,
    },
    /// Git would refuse the branch name, or read it as something else.
    #[error("branch `{}` is not a name git accepts: {why}", text.escape_debug())]
    Branch {
        /// The input.
        text: String,
        /// Which rule it breaks.
        why: &'static str,
    },
}

fn parse_name(what: &'static str, text: &str) -> Result<String, IdError> {
    let is_word = |c: char| c.is_ascii_alphanumeric();
    let fits = text.len() <= MAX_NAME_BYTES
        && text.starts_with(is_word)
        && text.chars().all(|c| is_word(c) || matches!(c, '.' | '_' | '-'))
        && !text.contains("..")
        && !text.ends_with('.')
        && !text.to_ascii_lowercase().ends_with(".lock");
    match fits {
        true => Ok(text.to_owned()),
        false => Err(IdError::Name { what, text: text.to_owned() }),
    }
}

/// An agent's name, unique on a board without regard to case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct AgentId(String);

impl AgentId {
    /// Parses an agent id.
    pub fn parse(text: &str) -> Result<AgentId, IdError> {
        parse_name("agent id", text).map(AgentId)
    }

    /// Returns an id that no entry of a board can have.
    pub(crate) fn nobody() -> AgentId {
        AgentId("\0".to_owned())
    }

    /// Returns the id as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Tells whether `name` is this agent's, without regard to case.
    pub fn is(&self, name: &str) -> bool {
        self.0.eq_ignore_ascii_case(name)
    }
}

impl fmt::Display for AgentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The name of one of an agent's further claims.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Lane(String);

impl Lane {
    /// Parses a lane.
    pub fn parse(text: &str) -> Result<Lane, IdError> {
        parse_name("lane", text).map(Lane)
    }

    /// Returns the lane as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The key of a claim on the board: `agent`, or `agent/lane`.
///
/// Total, since other programs may write any key; what stands before the first `/` is the agent.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ClaimKey(String);

impl ClaimKey {
    /// Returns the key of an agent's claim in `lane`, or of its first claim.
    pub fn new(agent: &AgentId, lane: Option<&Lane>) -> ClaimKey {
        match lane {
            Some(lane) => ClaimKey(format!("{agent}/{}", lane.as_str())),
            None => ClaimKey(agent.as_str().to_owned()),
        }
    }

    /// Reads a key as it stands on the board.
    pub fn read(text: &str) -> ClaimKey {
        ClaimKey(text.to_owned())
    }

    /// Returns the key as it stands on the board.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the agent's name: what stands before the first `/`.
    pub fn agent(&self) -> &str {
        self.0.split_once('/').map_or(&*self.0, |(agent, _)| agent)
    }

    /// Returns the lane, or `None` for an agent's first claim.
    pub fn lane(&self) -> Option<&str> {
        self.0.split_once('/').map(|(_, lane)| lane)
    }
}

impl fmt::Display for ClaimKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Borrow<str> for ClaimKey {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// The token of one worktree, which tells a restarted holder from a second one with its name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct InstanceId(pub String);

/// The random id of one change, by which it is recognised after a crash or a lost answer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct OpId(pub String);

/// A branch name that git accepts and cannot take for an option or an expression.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct BranchName(String);

impl BranchName {
    /// Parses a branch name, by the rules of `git check-ref-format` and some of our own.
    ///
    /// A leading `refs/heads/` is dropped. Names that begin with `-` are refused although git's
    /// plumbing takes them, because one forgotten `--end-of-options` would make them an option.
    pub fn parse(text: &str) -> Result<BranchName, IdError> {
        let name = text.strip_prefix("refs/heads/").unwrap_or(text);
        match branch_fault(name) {
            Some(why) => Err(IdError::Branch { text: text.to_owned(), why }),
            None => Ok(BranchName(name.to_owned())),
        }
    }

    /// Returns the short name, such as `alice/auth`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the full ref name, such as `refs/heads/alice/auth`.
    pub fn to_ref(&self) -> String {
        format!("refs/heads/{}", self.0)
    }
}

impl fmt::Display for BranchName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Returns which rule a branch name breaks, or `None`.
fn branch_fault(name: &str) -> Option<&'static str> {
    let forbidden = |c: char| c.is_control() || matches!(c, ' ' | '~' | '^' | ':' | '?' | '*' | '[' | '\\');
    let rules: [(bool, &'static str); 11] = [
        (name.is_empty(), "it is empty"),
        (name.len() > MAX_BRANCH_BYTES, "it is longer than 200 bytes"),
        (name.starts_with('-'), "it begins with `-`"),
        (name.starts_with("refs/"), "it begins with `refs/`"),
        (matches!(name, "HEAD" | "@"), "git reads it as the current commit"),
        (name.contains(forbidden), "it holds a space, a control character or one of ~ ^ : ? * [ \\"),
        (name.contains("..") || name.contains("@{"), "it holds `..` or `@{`"),
        (name.starts_with('/') || name.ends_with('/') || name.contains("//"), "it has an empty part"),
        (name.ends_with('.'), "it ends with `.`"),
        (name.split('/').any(|part| part.starts_with('.')), "a part begins with `.`"),
        (
            name.split('/').any(|part| part.to_ascii_lowercase().ends_with(".lock")),
            "a part ends with `.lock`",
        ),
    ];
    rules.into_iter().find_map(|(broken, why)| broken.then_some(why))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_agent(text: &str, fits: bool) {
        assert_eq!(AgentId::parse(text).is_ok(), fits, "{text:?}");
    }

    #[track_caller]
    fn check_branch(text: &str, want: Result<&str, &str>) {
        let got = BranchName::parse(text);
        match (&got, want) {
            (Ok(name), Ok(want)) => assert_eq!(name.as_str(), want),
            (Err(IdError::Branch { why, .. }), Err(want)) => assert_eq!(*why, want),
            _ => panic!("{text:?}: {got:?}"),
        }
    }

    #[test]
    fn r_26_an_agent_id_is_one_word_fit_for_a_ref() {
        check_agent("alice", true);
        check_agent("Alice-2.b_c", true);
        for bad in ["", "two words", "-x", ".x", "a/b", "a..b", "x.lock", "x.", "é", "a\n"] {
            check_agent(bad, false);
        }
        check_agent(&"a".repeat(65), false);
    }

    #[test]
    fn agents_are_the_same_without_regard_to_case() {
        assert!(AgentId::parse("Alice").unwrap().is("aLICE"));
    }

    #[test]
    fn a_key_falls_into_agent_and_lane() {
        let key = ClaimKey::read("alice/ui");
        assert_eq!((key.agent(), key.lane()), ("alice", Some("ui")));
        assert_eq!(ClaimKey::read("alice").lane(), None);
    }

    #[test]
    fn a_branch_is_what_git_accepts_and_cannot_misread() {
        check_branch("alice/auth", Ok("alice/auth"));
        check_branch("refs/heads/x", Ok("x"));
        check_branch("-x", Err("it begins with `-`"));
        check_branch("--upload-pack=x", Err("it begins with `-`"));
        check_branch("HEAD", Err("git reads it as the current commit"));
        check_branch("a..b", Err("it holds `..` or `@{`"));
        check_branch("a b", Err("it holds a space, a control character or one of ~ ^ : ? * [ \\"));
        check_branch("a/.b", Err("a part begins with `.`"));
        check_branch("a.lock/b", Err("a part ends with `.lock`"));
        check_branch("a//b", Err("it has an empty part"));
    }
}
