//! What one file uses of another, as far as names and imports tell.
//!
//! It is for a claim, before anything is written: who changes what my files use, and who uses what I may
//! change. Types are read, not inferred, so it may say too much or too little, and no finding rests on it.

mod link;

use std::collections::BTreeSet;

use crate::facts::{DefKind, Definition, Facts, Language};
use crate::id::ClaimKey;
use crate::outline::symbol_path;
use crate::region::SymbolPath;
use crate::semantic::names::is_ubiquitous;
use link::Link;

/// One file, and what it says.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// Its path.
    pub path: &'a str,
    /// Its language.
    pub language: Language,
    /// What it says.
    pub facts: &'a Facts,
}

/// A use of a symbol of one file in another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Use {
    /// The file that defines it.
    pub path: String,
    /// The symbol.
    pub symbol: SymbolPath,
    /// The file that uses it.
    pub user: String,
    /// The first line on which it does, from 1.
    pub line: u32,
    /// Whether an import, a common package or the file itself leads from the one to the other; else only
    /// the name does.
    pub is_linked: bool,
}

/// What one's own files use of what a peer is changing, or a peer's of what one may change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reliance {
    /// The peer's claim.
    pub peer: ClaimKey,
    /// The uses.
    pub uses: Vec<Use>,
}

/// Finds what `user`, or the lines `part` of it, uses of what `of` defines.
///
/// Where both are one file, its own definitions count, except those that stand in `part`.
pub fn uses(user: Source<'_>, part: Option<(u32, u32)>, of: Source<'_>) -> Vec<Use> {
    let Some(link) = Link::between(user, of).filter(|link| !link.is_same_file() || part.is_some()) else {
        return Vec::new();
    };
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for def in of.facts.definitions.iter().filter(|def| can_be_used(def, &link)) {
        let is_linked = link.reaches(def);
        if !is_linked && !says_enough(user, def) {
            continue;
        }
        let Some(line) = line_of(user.facts, def, part, &link) else { continue };
        if let Some(symbol) = symbol_path(def).filter(|symbol| seen.insert(symbol.clone())) {
            let (path, user) = (of.path.to_owned(), user.path.to_owned());
            found.push(Use { path, symbol, user, line, is_linked });
        }
    }
    found
}

/// Tells from the path of a file alone whether it is likely that `user` uses what it defines.
pub fn is_likely(user: Source<'_>, path: &str) -> bool {
    user.path == path || link::may_lead(user, path)
}

/// Tells whether another file, or another part of this one, can name a definition at all.
fn can_be_used(def: &Definition, link: &Link) -> bool {
    let is_thing = match def.kind {
        DefKind::Implementation | DefKind::Key | DefKind::Module | DefKind::Constructor => false,
        // What a trait asks for is called for the trait's sake.
        _ if def.of_trait.is_some() => false,
        DefKind::Alias => def.container.is_empty(),
        _ => true,
    };
    let is_seen = link.is_same_file() || !def.modifiers.is_private;
    is_thing && is_seen && !def.modifiers.is_local
}

/// Tells whether a member is meant although nothing leads to its type: in languages whose values need
/// no type that is written, by a name that says something.
fn says_enough(user: Source<'_>, def: &Definition) -> bool {
    let needs_no_type = matches!(
        user.language,
        Language::Python
            | Language::JavaScript
            | Language::TypeScript
            | Language::Tsx
            | Language::Ruby
            | Language::Php
    );
    let is_called = || user.facts.calls.iter().any(|call| call.name == def.name);
    let is_member = matches!(def.kind, DefKind::Method) && !def.container.is_empty();
    needs_no_type && is_member && !is_ubiquitous(&def.name) && is_called()
}

/// Returns the first line on which `facts` use the name of `def`, within `part` if that is given.
fn line_of(facts: &Facts, def: &Definition, part: Option<(u32, u32)>, link: &Link) -> Option<u32> {
    let is_member = !def.container.is_empty();
    let is_vague = is_member && is_ubiquitous(&def.name);
    let is_own = |own: &Definition| own.name == def.name && !own.modifiers.is_local;
    if !link.is_same_file() && (is_vague || facts.definitions.iter().any(is_own)) {
        return None;
    }
    if facts.declared.iter().any(|declared| !is_member && declared.name == def.name) {
        return None;
    }
    let is_import = |line: u32| {
        facts.imports.iter().any(|import| import.span.line <= line && line <= import.span.end_line)
    };
    let is_itself = |line: u32| link.is_same_file() && def.span.line <= line && line <= def.span.end_line;
    let is_in = |line: u32| part.is_none_or(|(from, to)| from <= line && line <= to) && !is_itself(line);
    let called = facts.calls.iter().filter(|call| call.name == def.name).map(|call| call.span.line);
    let mentioned = facts.lines_of(&def.name).iter().copied();
    let lines: BTreeSet<u32> = called.chain(mentioned).filter(|line| is_in(*line)).collect();
    // The import says that it is used; where is more to the point.
    lines.iter().copied().find(|line| !is_import(*line)).or_else(|| lines.first().copied())
}

#[cfg(test)]
mod tests;
