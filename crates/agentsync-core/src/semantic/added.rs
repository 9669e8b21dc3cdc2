//! The calls that one side adds: those that the merged file has more often than the other side's.

use std::collections::BTreeMap;

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

fn counted(facts: Option<&Facts>) -> BTreeMap<Key<'_>, u32> {
    let mut counts = BTreeMap::new();
    for call in facts.into_iter().flat_map(|facts| &facts.calls) {
        *counts.entry(key(call)).or_default() += 1;
    }
    counts
}

/// Returns the calls that B adds to what A has, by name.
pub fn calls(delta: &Delta, a: Version, b: Version) -> BTreeMap<&str, Vec<AddedCall<'_>>> {
    let mut found: BTreeMap<&str, Vec<AddedCall<'_>>> = BTreeMap::new();
    for file in delta.files.iter().filter(|file| file.is_changed_on(b)) {
        let Some(merged) = file.at(Version::Merged) else { continue };
        let before = counted(file.at(a));
        for (key_of_call, n) in counted(Some(merged)) {
            if n <= before.get(&key_of_call).copied().unwrap_or(0) {
                continue;
            }
            let is_it = |call: &&Call| key(call) == key_of_call;
            let Some(call) = merged.calls.iter().filter(is_it).find(|call| is_new(file, a, call)) else {
                continue;
            };
            let in_b = file
                .at(b)
                .and_then(|facts| facts.calls.iter().filter(is_it).find(|call| is_new(file, a, call)));
            let line = in_b.unwrap_or(call).span.line;
            found.entry(&call.name).or_default().push(AddedCall { file, call, line });
        }
    }
    found
}

/// Tells whether A has no such call in the same definition, or everything is alike and any will do.
fn is_new(file: &Changed, a: Version, call: &Call) -> bool {
    let Some(before) = file.at(a) else { return true };
    let n_in = |facts: &Facts| {
        facts.calls.iter().filter(|one| key(one) == key(call) && one.within == call.within).count()
    };
    file.at(Version::Merged).is_none_or(|merged| n_in(merged) > n_in(before))
}
