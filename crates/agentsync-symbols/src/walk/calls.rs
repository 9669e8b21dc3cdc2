//! The calls that are made, and the members that are read.

use agentsync_core::facts::{Arity, Call, Receiver};

use super::Walk;
use crate::digest::Digest;
use crate::lexicon::Field;
use crate::tape::Node;

impl Walk<'_, '_> {
    /// Takes down a call.
    pub fn call(&mut self, node: Node, name: &str, receiver: Receiver, args: Args) {
        if name.is_empty() {
            return;
        }
        self.facts.calls.push(Call {
            name: name.to_owned(),
            receiver,
            arity: args.arity(),
            names: args.names,
            span: self.tape.span(node),
            within: self.path.clone(),
        });
    }

    /// Takes down that a member is read or set, unless it is called: then that was said.
    pub fn read(&mut self, node: Node, name: &str, receiver: Receiver) {
        let is_called = matches!(self.tape.field(node), Field::Function | Field::Constructor);
        let (Receiver::Name(on) | Receiver::Value(on), false) = (&receiver, is_called) else { return };
        let mut digest = Digest::default();
        for part in [name, on, &self.path] {
            digest.text(part);
        }
        if self.seen_reads.insert(digest.finish()) {
            self.facts.reads.push(Call {
                name: name.to_owned(),
                receiver,
                arity: Arity::Unknown,
                names: Vec::new(),
                span: self.tape.span(node),
                within: self.path.clone(),
            });
        }
    }
}

/// The arguments of a call, gathered one by one.
#[derive(Debug, Default)]
pub struct Args {
    n_positional: u16,
    is_unknown: bool,
    names: Vec<String>,
}

impl Args {
    /// Adds a positional one.
    pub fn positional(&mut self) {
        self.n_positional = self.n_positional.saturating_add(1);
    }

    /// Adds one that is given by name.
    pub fn named(&mut self, name: &str) {
        self.names.push(name.to_owned());
    }

    /// Notes that it cannot be said how many there are.
    pub fn unknown(&mut self) {
        self.is_unknown = true;
    }

    /// Returns arguments of which nothing is known.
    pub fn hidden() -> Self {
        Self { is_unknown: true, ..Self::default() }
    }

    fn arity(&self) -> Arity {
        if self.is_unknown { Arity::Unknown } else { Arity::Exactly(self.n_positional) }
    }
}
