//! What earlier comparisons found, by pair of commits, shared by all processes of a machine.
//!
//! A commit's id fixes its tree and its whole history, so a pair of ids fixes where the two parted, what they
//! changed and what a merge gives: the verdict cannot age. That does not hold where the history is cut off or
//! an object is missing; such verdicts are not kept. Two trees alone would not do, since the same two
//! trees may have parted at different places.

use std::path::Path;

use agentsync_core::semantic::RULES_VERSION;
use agentsync_symbols::EXTRACTOR_VERSION;
use gix::ObjectId;

use super::store::Kept;
use crate::app::check_pairs::Judged;

/// Beyond this size what is kept begins anew: a survey reads where everything stands.
const LARGE: u64 = 16 << 20;
/// Under which ending the files stand.
const ENDING: &str = "pairs";
/// Another form of what is kept gets another number.
const FORM: u8 = 1;

/// What earlier comparisons found.
#[derive(Debug)]
pub struct Verdicts(Kept);

impl Verdicts {
    /// Opens what is kept in `dir`; without one, nothing is.
    pub fn open(dir: Option<&Path>) -> Verdicts {
        Verdicts(Kept::open_bounded(dir, ENDING, LARGE))
    }

    /// Tells whether anything is kept in `dir`.
    pub fn are_in(dir: &Path) -> bool {
        let ours = |path: &Path| path.extension().is_some_and(|ending| ending == ENDING);
        std::fs::read_dir(dir).is_ok_and(|entries| entries.flatten().any(|entry| ours(&entry.path())))
    }

    /// Returns what was found for two commits, by their ids in hex.
    pub fn of(&mut self, left: &str, right: &str) -> Option<Judged> {
        let id = |commit: &str| ObjectId::from_hex(commit.as_bytes()).ok();
        self.get(id(left)?, id(right)?)
    }

    /// Returns what was found for two commits, in whichever order they were asked for.
    pub fn get(&mut self, left: ObjectId, right: ObjectId) -> Option<Judged> {
        let kept = |kept: &mut Kept, one, other| {
            let judged: Judged = postcard::from_bytes(&kept.get(&key(one, other))?).ok()?;
            Some(Judged { n_parsed: 0, ..judged })
        };
        kept(&mut self.0, left, right).or_else(|| Some(kept(&mut self.0, right, left)?.swapped()))
    }

    /// Learns what was found.
    pub fn put(&mut self, left: ObjectId, right: ObjectId, judged: &Judged) {
        if let Ok(bytes) = postcard::to_stdvec(judged) {
            self.0.put(key(left, right), bytes);
        }
    }

    /// Writes what was learnt.
    pub fn flush(&mut self) {
        self.0.flush();
    }
}

fn key(left: ObjectId, right: ObjectId) -> Vec<u8> {
    let mut key = left.as_slice().to_vec();
    key.extend(right.as_slice());
    key.push(FORM);
    key.extend(RULES_VERSION.to_le_bytes());
    key.extend(EXTRACTOR_VERSION.to_le_bytes());
    key
}

#[cfg(test)]
mod tests {
    use agentsync_core::semantic::{Finding, Place, Rule, Tier, Version};

    use super::*;
    use crate::app::check_pairs::{Evidence, Shown};

    fn judged() -> Judged {
        let place = |version, path: &str| Place { version, path: path.to_owned(), line: 1 };
        let evidence = || Evidence { commit: None, text: Some("line".to_owned()) };
        let finding = Finding {
            rule: Rule::S2,
            tier: Tier::High,
            name: "f".to_owned(),
            left: place(Version::Left, "a.go"),
            right: place(Version::Right, "b.go"),
            message: "words".to_owned(),
        };
        Judged {
            base: "0".repeat(40),
            conflicts: vec!["c.go".to_owned()],
            findings: vec![Shown { finding, left: evidence(), right: evidence() }],
            n_changed: (1, 2),
            n_parsed: 0,
            left_out: vec![(String::new(), "huge".to_owned())],
        }
    }

    #[test]
    fn another_process_finds_it_in_either_order() {
        let dir = tempfile::tempdir().unwrap();
        let id = |digit: &str| ObjectId::from_hex(digit.repeat(40).as_bytes()).unwrap();
        assert!(!Verdicts::are_in(dir.path()));
        let mut first = Verdicts::open(Some(dir.path()));
        first.put(id("1"), id("2"), &judged());
        first.flush();
        assert!(Verdicts::are_in(dir.path()));
        let mut second = Verdicts::open(Some(dir.path()));
        assert_eq!(second.get(id("1"), id("2")), Some(judged()));
        assert_eq!(second.get(id("2"), id("1")), Some(judged().swapped()));
        assert_eq!(second.of(&"1".repeat(40), &"3".repeat(40)), None);
        assert_eq!(Verdicts::open(None).get(id("1"), id("2")), None);
    }
}
