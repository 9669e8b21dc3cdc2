//! Many specs of one side, arranged so that a spec of the other side is compared with few.

use std::collections::{BTreeMap, BTreeSet};

use super::{Compiled, Witness, meet_compiled};
use crate::spec::PathSpec;

/// Specs by the names they begin with.
#[derive(Debug)]
pub struct SpecIndex {
    specs: Vec<(PathSpec, Vec<Compiled>)>,
    root: Node,
}

/// What begins with the names that lead here.
#[derive(Debug, Default)]
struct Node {
    /// Specs of which a form spells out these names and no more.
    here: Vec<usize>,
    below: BTreeMap<String, Node>,
}

impl SpecIndex {
    /// Arranges specs; positions in answers are positions in `specs`.
    pub fn new(specs: &[PathSpec]) -> SpecIndex {
        let mut root = Node::default();
        let mut arranged = Vec::with_capacity(specs.len());
        for (idx, spec) in specs.iter().enumerate() {
            let forms = spec.forms();
            for form in &forms {
                let node = form
                    .head
                    .iter()
                    .fold(&mut root, |node, name| node.below.entry(name.clone()).or_default());
                node.here.push(idx);
            }
            arranged.push((spec.clone(), forms.into_iter().map(Compiled::new).collect()));
        }
        SpecIndex { specs: arranged, root }
    }

    /// Returns which of the specs meet `theirs`, with a witness each, in order.
    pub fn meets(&self, theirs: &PathSpec) -> Vec<(usize, Witness)> {
        if self.specs.is_empty() {
            return Vec::new();
        }
        if let Some(head) = theirs.plain_head()
            && self.root.along(head).is_empty()
        {
            return Vec::new();
        }
        let forms = theirs.forms();
        let heads = forms.iter().map(|form| form.head.iter().map(String::as_str));
        let candidates: BTreeSet<usize> = heads.flat_map(|head| self.root.along(head)).collect();
        if candidates.is_empty() {
            return Vec::new();
        }
        let compiled: Vec<_> = forms.into_iter().map(Compiled::new).collect();
        let meets = |idx: usize| {
            let (spec, ours) = self.specs.get(idx)?;
            if spec.is_apart_within(theirs) {
                return None;
            }
            let witness = match spec == theirs {
                true => spec.overlap(theirs),
                false => meet_compiled(ours, &compiled),
            };
            Some((idx, witness?))
        };
        candidates.into_iter().filter_map(meets).collect()
    }
}

impl Node {
    /// Returns the specs that could meet a form with this head: those whose own head is a part of it,
    /// and those that go on from it.
    fn along<'a>(&self, head: impl Iterator<Item = &'a str>) -> Vec<usize> {
        let mut found = Vec::new();
        let mut node = self;
        for name in head {
            found.extend(&node.here);
            let next = match name.contains(|c: char| c.is_ascii_uppercase()) {
                true => node.below.get(&name.to_ascii_lowercase()),
                false => node.below.get(name),
            };
            match next {
                Some(next) => node = next,
                None => return found,
            }
        }
        node.gather(&mut found);
        found
    }

    fn gather(&self, found: &mut Vec<usize>) {
        found.extend(&self.here);
        self.below.values().for_each(|node| node.gather(found));
    }
}
