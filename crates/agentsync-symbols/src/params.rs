//! The parameters of something that can be called, gathered one by one.

use agentsync_core::facts::Params;

use crate::digest::Digest;

/// Parameters in the making.
#[derive(Debug, Default)]
pub struct ParamList {
    n_required: u16,
    n_positional: u16,
    is_unbounded: bool,
    names: Vec<String>,
    required_names: Vec<String>,
    takes_any_name: bool,
    types: Digest,
}

impl ParamList {
    /// Adds one that must be given.
    pub fn required(&mut self, type_hash: u64) {
        self.n_required = self.n_required.saturating_add(1);
        self.optional(type_hash);
    }

    /// Adds one that may be left out.
    pub fn optional(&mut self, type_hash: u64) {
        self.n_positional = self.n_positional.saturating_add(1);
        self.types.hash(type_hash);
    }

    /// Adds one that takes all that is left.
    pub fn variadic(&mut self, type_hash: u64) {
        self.is_unbounded = true;
        self.types.text("...");
        self.types.hash(type_hash);
    }

    /// Adds a name by which an argument may be given.
    pub fn name(&mut self, name: &str) {
        self.names.push(name.to_owned());
    }

    /// Adds a name by which an argument must be given.
    pub fn required_name(&mut self, name: &str) {
        self.required_names.push(name.to_owned());
        self.name(name);
    }

    /// Notes that any other name is taken too.
    pub fn any_name(&mut self) {
        self.takes_any_name = true;
    }

    /// Returns how many positional ones there are so far.
    pub fn n_positional(&self) -> u16 {
        self.n_positional
    }

    /// Returns them.
    pub fn finish(self) -> Params {
        Params {
            min: self.n_required,
            max: (!self.is_unbounded).then_some(self.n_positional),
            names: self.names,
            required_names: self.required_names,
            takes_any_name: self.takes_any_name,
            types_hash: self.types.finish(),
        }
    }
}
