//! The calls that one side adds: those that the merged file has more often than the other side's.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use super::{Changed, Delta, Version};
use crate::facts::{Arity, Call, Facts, Receiver};

/// A call that B adds.
#[derive(Debug, Clone, Copy)]
pub struct AddedCall<'a> {
    /// The file.
    pub file: &'a Changed,
    /// The call, in the merged text.
    pub call: &'a Call,
    /// Its line in B's text.
    pub line: u32,
}

/// What makes two calls alike.
type Key<'a> = (&'a str, u32, &'a str, Arity, &'a [String]);

fn key(call: &Call) -> Key<'_> {
    let (kind, receiver) = match &call.receiver {
        Receiver::None => (0, ""),
        Receiver::Name(name) => (1, name.as_str()),
        Receiver::Value(value) => (4, value.as_str()),
        Receiver::New => (2, ""),
        Receiver::Other => (3, ""),
    };
    (&call.name, kind, receiver, call.arity, &call.names)
}

/// Which of a file's calls: those that are made, or members that are read.
pub type Pick = fn(&Facts) -> &[Call];

/// The calls of a file that are alike, in the order in which they stand there.
type Alike<'a> = BTreeMap<Key<'a>, Vec<&'a Call>>;

fn alike(facts: &Facts, pick: Pick) -> Alike<'_> {
    let mut groups = Alike::new();
    for call in pick(facts) {
        groups.entry(key(call)).or_default().push(call);
    }
    groups
}

/// Returns the calls that B adds to what A has, by name.
pub fn calls(delta: &Delta, a: Version, b: Version, pick: Pick) -> BTreeMap<&str, Vec<AddedCall<'_>>> {
    let mut found: BTreeMap<&str, Vec<AddedCall<'_>>> = BTreeMap::new();
    for file in delta.files.iter().filter(|file| file.is_changed_on(b)) {
        let Some(merged) = file.at(Version::Merged) else { continue };
        let before = file.at(a).map(|facts| alike(facts, pick));
        let on_b = OnceCell::new();
        for (key, calls) in alike(merged, pick) {
            let known = before.as_ref().and_then(|before| before.get(&key)).map_or(&[][..], Vec::as_slice);
            if calls.len() <= known.len() {
                continue;
            }
            let fuller = before.as_ref().map(|_| fuller(&calls, known));
            // A definition that has no more of them than A's did not begin to call; a new file did.
            let is_new = |call: &&&Call| fuller.as_ref().is_none_or(|all| all.contains(&*call.within));
            let Some(call) = calls.iter().find(is_new).copied() else { continue };
            let on_b = on_b.get_or_init(|| file.at(b).map(|facts| alike(facts, pick))).as_ref();
            let in_b = on_b.and_then(|on_b| on_b.get(&key)?.iter().find(is_new));
            let line = in_b.unwrap_or(&call).span.line;
            found.entry(&call.name).or_default().push(AddedCall { file, call, line });
        }
    }
    found
}

/// Returns the definitions in which more of some calls stand than of others.
fn fuller<'a>(calls: &[&'a Call], known: &[&'a Call]) -> BTreeSet<&'a str> {
    let mut surplus: BTreeMap<&str, i64> = BTreeMap::new();
    for (call, n) in calls.iter().map(|call| (call, 1)).chain(known.iter().map(|call| (call, -1))) {
        *surplus.entry(&call.within).or_default() += n;
    }
    surplus.into_iter().filter(|(_, n)| *n > 0).map(|(within, _)| within).collect()
}
