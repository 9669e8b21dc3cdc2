//! What type a value has, as far as declarations say it: step by step along what is named, read and called.

use std::collections::BTreeSet;

use super::added::AddedCall;
use super::names::last;
use super::resolve::{bindings, for_each_type, is_foreign, supertypes};
use super::view::View;
use super::written::{held_in, is_holder, plain_type};
use super::{Family, Version};
use crate::facts::{Declared, DefKind, Definition, Facts, Import, Language};

/// So many variables, each of which holds what another gives, are looked through.
const MAX_DEPTH: u8 = 4;
/// How deep supertypes are followed.
const DEEP: u8 = 8;

/// Methods that take out what an option or a result holds.
const TAKE_OUT: [&str; 8] =
    ["expect", "get", "orElse", "orElseThrow", "unwrap", "unwrap_or", "unwrap_or_default", "unwrap_or_else"];
/// Methods that leave it in, as far as it matters.
const LEAVE_IN: [&str; 7] =
    ["as_mut", "as_ref", "cloned", "context", "map_err", "ok_or_else", "with_context"];
/// Methods of Rust's own that give the same type again.
const SAME: [&str; 6] = ["as_mut", "as_ref", "borrow", "borrow_mut", "clone", "to_owned"];

/// What is known of a part of an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Known {
    /// A value of a type, as that is written.
    Value(String),
    /// A type itself.
    Type(String),
    /// A package, a module or a file.
    Module(String),
}

/// Returns the name of the type that a value has where a call stands; `None` where nothing says so, or where the tree
/// has no type of that name, or several.
pub fn type_of(view: &View<'_>, added: &AddedCall<'_>, value: &str) -> Option<String> {
    let facts = added.file.at(Version::Merged)?;
    let of = Reading { view, added, facts, family: added.file.family() }.value(value, 0)?;
    let name = plain_type(&of)?;
    is_only(view, name, added.file.family()).then(|| name.to_owned())
}

/// Returns the type of what a name is bound to where a call stands, if it states none.
pub fn type_of_bound(view: &View<'_>, added: &AddedCall<'_>, name: &str) -> Option<String> {
    let facts = added.file.at(Version::Merged)?;
    let value = bound(facts, added.call.span.start, name)?.value.as_deref()?;
    type_of(view, added, value)
}

/// Returns what binds a name in the innermost scope that does, if nothing else there does.
pub fn bound<'f>(facts: &'f Facts, at: u32, name: &str) -> Option<&'f Declared> {
    match bindings(facts, at, name).as_slice() {
        [only] => Some(only),
        _ => None,
    }
}

/// Tells whether exactly one type of the tree has that name, and is not another name for something else.
fn is_only(view: &View<'_>, name: &str, family: Family) -> bool {
    let (mut n_types, mut is_alias) = (0, false);
    for_each_type(view, Version::Merged, name, family, &mut |_, one| {
        n_types += 1;
        is_alias |= one.kind == DefKind::Alias;
    });
    n_types == 1 && !is_alias
}

/// An expression's surroundings.
struct Reading<'a, 'v> {
    view: &'a View<'v>,
    added: &'a AddedCall<'v>,
    facts: &'a Facts,
    family: Family,
}

impl Reading<'_, '_> {
    /// Returns the type of a value, as it is written.
    fn value(&self, value: &str, depth: u8) -> Option<String> {
        let mut parts = value.split('.');
        let mut known = self.head(parts.next()?, depth)?;
        for part in parts {
            known = self.step(known, part)?;
        }
        match known {
            Known::Value(of) => Some(of),
            Known::Type(_) | Known::Module(_) => None,
        }
    }

    fn head(&self, part: &str, depth: u8) -> Option<Known> {
        if let Some(made) = part.strip_prefix("new ") {
            let (made, n_out) = taken_out(made);
            return if n_out == 0 { Some(Known::Value(made.to_owned())) } else { None };
        }
        let (part, n_out) = taken_out(part);
        let known = match part.strip_suffix("()") {
            Some(name) => Known::Value(self.called(name)?),
            None => self.named(part, depth)?,
        };
        take_out(known, n_out, self.family)
    }

    /// Returns what a call of a plain name gives.
    fn called(&self, name: &str) -> Option<String> {
        if self.is_made_by_calling() && self.is_type(name) {
            return Some(name.to_owned());
        }
        let own = self.owner().filter(|_| self.family == Family::Jvm);
        own.and_then(|own| self.member(own, name, true)).or_else(|| self.function(name, None))
    }

    /// Returns what a plain name stands for.
    fn named(&self, name: &str, depth: u8) -> Option<Known> {
        if matches!(name, "this" | "Self") {
            let own = self.owner()?.to_owned();
            return Some(if name == "this" { Known::Value(own) } else { Known::Type(own) });
        }
        match bindings(self.facts, self.added.call.span.start, name).as_slice() {
            [] => {}
            [only] => {
                let shown = || self.value(only.value.as_deref().filter(|_| depth < MAX_DEPTH)?, depth + 1);
                return only.type_name.clone().or_else(shown).map(Known::Value);
            }
            _ => return None,
        }
        let own = self.owner().filter(|_| self.family == Family::Jvm);
        if let Some(field) = own.and_then(|own| self.member(own, name, false)) {
            return Some(Known::Value(field));
        }
        Some(if self.is_type(name) { Known::Type(name.to_owned()) } else { Known::Module(name.to_owned()) })
    }

    /// Tells whether a plain name is that of the only type so called.
    fn is_type(&self, name: &str) -> bool {
        is_only(self.view, name, self.family) && !is_foreign(self.view, self.added, self.facts, name)
    }

    /// Tells whether a value is made by calling its type's name.
    fn is_made_by_calling(&self) -> bool {
        matches!(self.added.file.language, Language::Python | Language::Kotlin | Language::Rust)
    }

    /// Returns the type around the function in which the call stands.
    fn owner(&self) -> Option<&str> {
        self.added.call.within.rsplit('.').nth(1)
    }

    fn step(&self, known: Known, part: &str) -> Option<Known> {
        let (part, n_out) = taken_out(part);
        let (name, is_call) = part.strip_suffix("()").map_or((part, false), |name| (name, true));
        let next = match known {
            Known::Value(of) => Known::Value(self.of_value(&of, name, is_call)?),
            Known::Type(of) => match self.member(&of, name, is_call) {
                Some(given) => Known::Value(given),
                None if !is_call && is_only(self.view, name, self.family) => Known::Type(name.to_owned()),
                None => return None,
            },
            Known::Module(of) => self.of_module(&of, name, is_call)?,
        };
        take_out(next, n_out, self.family)
    }

    fn of_value(&self, of: &str, name: &str, is_call: bool) -> Option<String> {
        let plain = plain_type(of)?;
        if is_only(self.view, plain, self.family) {
            let found = self.member(plain, name, is_call);
            let is_same = is_call && self.family == Family::One(Language::Rust) && SAME.contains(&name);
            return found.or_else(|| is_same.then(|| plain.to_owned()));
        }
        match is_call && is_holder(plain) {
            true if TAKE_OUT.contains(&name) => held_in(of, self.family),
            true if LEAVE_IN.contains(&name) => Some(of.to_owned()),
            true | false => None,
        }
    }

    fn of_module(&self, of: &str, name: &str, is_call: bool) -> Option<Known> {
        if is_only(self.view, name, self.family) {
            return match is_call {
                true if self.is_made_by_calling() => Some(Known::Value(name.to_owned())),
                true => None,
                false => Some(Known::Type(name.to_owned())),
            };
        }
        match is_call {
            true => self.function(name, Some(of)).map(Known::Value),
            false => Some(Known::Module(name.to_owned())),
        }
    }

    /// Returns the type of a type's member: its own, or that of the nearest type above that has one.
    fn member(&self, of: &str, name: &str, is_call: bool) -> Option<String> {
        let is_it = |one: &Definition| {
            let fits = match one.kind {
                DefKind::Method | DefKind::Function => {
                    is_call || self.added.file.language == Language::Python
                }
                DefKind::Field | DefKind::Constant => !is_call,
                _ => false,
            };
            fits && one.name == name
        };
        let naming = self.view.naming(Version::Merged, name);
        if naming.is_cut {
            return None;
        }
        let mut around = BTreeSet::from([of.to_owned()]);
        for _ in 0..DEEP {
            let of_family = naming.files.iter().filter(|found| found.family == self.family);
            let members: Vec<&Definition> = of_family
                .flat_map(|found| &found.facts.definitions)
                .filter(|one| is_it(one) && around.contains(last(&one.container)))
                .collect();
            if let Some(result) = only_result(&members) {
                // What a type above gives as `Self` is of the type that was asked.
                return Some(if matches!(result, "Self" | "&Self" | "&mut Self" | "this") {
                    of.to_owned()
                } else {
                    result.to_owned()
                });
            }
            if !members.is_empty() {
                return None;
            }
            around = around.iter().flat_map(|of| supertypes(self.view, of, self.family)).collect();
            if around.is_empty() {
                break;
            }
        }
        None
    }

    /// Returns what a function outside of types gives: the file's own, or one of a module that has the name.
    fn function(&self, name: &str, module: Option<&str>) -> Option<String> {
        let is_it =
            |one: &&Definition| one.kind == DefKind::Function && one.name == name && !one.modifiers.is_local;
        if module.is_none() {
            let own: Vec<&Definition> = self.facts.definitions.iter().filter(is_it).collect();
            if !own.is_empty() {
                return only_result(&own).map(str::to_owned);
            }
        }
        let naming = self.view.naming(Version::Merged, name);
        if naming.is_cut {
            return None;
        }
        let brings =
            |import: &Import| import.bound.as_deref() == Some(name) || import.name.as_deref() == Some("*");
        let is_imported = self.facts.imports.iter().any(brings);
        let is_meant = |path: &str, package: Option<&str>| match module {
            Some(module) => {
                package.map(last) == Some(module) || path.split(['/', '.']).any(|part| part == module)
            }
            None => is_imported || (package.is_some() && package == self.facts.package.as_deref()),
        };
        let files = naming.files.iter().filter(|found| found.family == self.family);
        let meant: Vec<&Definition> = files
            .filter(|found| is_meant(&found.path, found.facts.package.as_deref()))
            .flat_map(|found| &found.facts.definitions)
            .filter(is_it)
            .collect();
        only_result(&meant).map(str::to_owned)
    }
}

/// Returns what all of several definitions give, as it is written.
fn only_result<'d>(found: &[&'d Definition]) -> Option<&'d str> {
    let first = found.first()?.result.as_deref()?;
    found.iter().all(|one| one.result.as_deref() == Some(first)).then_some(first)
}

/// Splits off how often something is taken out.
fn taken_out(part: &str) -> (&str, usize) {
    let bare = part.trim_end_matches('?');
    (bare, part.len() - bare.len())
}

fn take_out(known: Known, n_out: usize, family: Family) -> Option<Known> {
    (0..n_out).try_fold(known, |known, _| match known {
        Known::Value(of) => held_in(&of, family).map(Known::Value),
        Known::Type(_) | Known::Module(_) => None,
    })
}
