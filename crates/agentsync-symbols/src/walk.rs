//! One pass over a tape: what all languages have in common.

mod calls;

use std::collections::{BTreeSet, HashSet};

use agentsync_core::facts::{
    Anonymous, Choice, Declared, DefKind, Definition, Facts, Import, Modifiers, Params, Receiver, Repeated,
    Span,
};

use crate::digest::Digest;
use crate::lexicon::{Role, Vocabulary};
use crate::mentions::{Mentions, words};
use crate::tape::{Node, Tape};
use crate::value::{self, Style};

pub use calls::Args;

/// What is particular to one language.
pub trait Grammar: Sync {
    /// Returns its grammar.
    fn language(&self) -> tree_sitter::Language;

    /// Returns the kinds of nodes that matter.
    fn vocabulary(&self) -> Vocabulary;

    /// Takes down what one node says. It is called once for each, parents first.
    fn visit(&self, walk: &mut Walk<'_, '_>, node: Node);

    /// Tells whether what the parser takes for an error is how the language was written before.
    fn is_older(&self, _tape: &Tape<'_>, _node: Node) -> bool {
        false
    }
}

/// What a scope is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScopeKind {
    /// A type or a module: what stands in it can be named from outside.
    Open,
    /// A function's body or a type without a name: what stands in it cannot.
    Closed,
}

/// What is open around the node at hand.
#[derive(Debug)]
pub struct Scope {
    until: u32,
    /// How much of the path was there before it.
    path_len: usize,
    /// How much of the path is its own name's, all before it included.
    path_end: usize,
    kind: ScopeKind,
    span: Span,
    /// Whether it, or one around it, is closed.
    is_local: bool,
    /// The position of the innermost open scope, itself included.
    open_idx: Option<usize>,
    /// The position of the innermost scope that names the value its method is called on.
    self_idx: Option<usize>,
    /// The members that code in it has set so far.
    members: BTreeSet<String>,
    /// The name it was opened with.
    pub name: String,
    /// What holds in it.
    pub inside: Inside,
}

/// What a language needs to know inside a scope.
#[derive(Debug, Clone, Default)]
pub struct Inside {
    /// What the type around is.
    pub kind: Option<DefKind>,
    /// What the type extends.
    pub parent_type: Option<String>,
    /// The trait that an implementation is of.
    pub of_trait: Option<String>,
    /// The name that a method gives the value it is called on, where it can choose.
    pub self_name: Option<String>,
    /// Whether all in it is there only under some condition.
    pub is_conditional: bool,
}

/// The names of deeper scopes are left out of containers, so that these cannot grow without bound.
const MAX_PATH: usize = 512;
/// The most errors that are listed.
const MAX_ERRORS: usize = 200;

/// A definition as a language's file sees it.
#[derive(Debug, Default)]
pub struct Parts {
    /// Its modifiers.
    pub modifiers: Modifiers,
    /// What it takes.
    pub params: Option<Params>,
    /// The type it returns or has.
    pub result: Option<String>,
    /// Types it extends.
    pub supertypes: Vec<String>,
    /// Those of them whose members need not stand in it.
    pub given: Vec<String>,
    /// Its body, which its signature leaves out.
    pub body: Option<Node>,
}

/// The pass, with what it has found so far.
#[derive(Debug)]
pub struct Walk<'t, 's> {
    /// The tree.
    pub tape: &'t Tape<'s>,
    /// What was found.
    pub facts: Facts,
    /// Whether all of the file is there only under some condition.
    pub is_conditional: bool,
    /// Whether the file says what of it can be named from outside.
    pub is_module: bool,
    /// The names that it exports by a statement apart.
    pub exported: BTreeSet<&'s str>,
    mentions: Mentions<'s>,
    /// The members that were taken down as read, each with its value and where.
    seen_reads: HashSet<u64>,
    scopes: Vec<Scope>,
    /// The names at the top of the file, where a language may state one again.
    top_level: BTreeSet<String>,
    path: String,
    /// Nodes before this one are not visited.
    resume_at: u32,
}

impl<'t, 's> Walk<'t, 's> {
    /// Takes down everything that `tape` says.
    pub fn run(tape: &'t Tape<'s>, grammar: &dyn Grammar) -> Facts {
        let mut walk = Self {
            tape,
            facts: Facts::default(),
            is_conditional: false,
            is_module: false,
            exported: BTreeSet::new(),
            mentions: Mentions::default(),
            seen_reads: HashSet::new(),
            scopes: Vec::new(),
            top_level: BTreeSet::new(),
            path: String::new(),
            resume_at: 0,
        };
        let mut errors_until = 0;
        let mut idx = 0;
        while (idx as usize) < tape.len() {
            let node = Tape::at(idx);
            walk.close_before(idx);
            let is_new = errors_until <= idx && walk.facts.errors.len() < MAX_ERRORS;
            if tape.is_error(node) && is_new && !grammar.is_older(tape, node) {
                walk.facts.errors.push(tape.span(node));
                errors_until = tape.after(node);
            }
            idx = walk.step(node, grammar).max(idx + 1);
        }
        walk.finish()
    }

    /// Visits one node, and returns the position of the next.
    fn step(&mut self, node: Node, grammar: &dyn Grammar) -> u32 {
        match self.tape.role(node) {
            Role::Comment => return self.tape.after(node),
            Role::Name => self.mention(node),
            Role::Text => self.mentions.quoted(self.tape.text(node), || self.tape.line(node)),
            Role::Plain | Role::Adornment => {}
        }
        grammar.visit(self, node);
        std::mem::take(&mut self.resume_at)
    }

    fn finish(self) -> Facts {
        let mut facts = self.facts;
        self.mentions.put_into(&mut facts);
        facts
    }

    /// Counts a node's text as an identifier.
    pub fn mention(&mut self, node: Node) {
        let tape = self.tape;
        // The parser makes up empty names where one is missing.
        if !matches!(tape.text(node), "" | "_") {
            self.mentions.name(tape.text(node), is_behind(tape, node), || tape.line(node));
        }
    }

    /// Counts the words of a string that is read as code, such as a type that is named before it is there.
    pub fn mention_words(&mut self, node: Node) {
        let tape = self.tape;
        let line = tape.line(node);
        words(tape.text(node)).for_each(|word| self.mentions.name(word, false, || line));
    }

    /// Counts all identifiers below a node, for one that is skipped.
    pub fn mention_all(&mut self, node: Node) {
        let names = self.tape.subtree(node).filter(|inner| self.tape.role(*inner) == Role::Name);
        names.for_each(|inner| self.mention(inner));
    }

    /// Leaves out a node and all below it.
    pub fn skip(&mut self, node: Node) {
        self.resume_at = self.tape.after(node);
    }

    /// Opens a scope that holds for all of `node`.
    pub fn open(&mut self, node: Node, name: &str, kind: ScopeKind) {
        self.open_with(node, name, kind, Inside::default());
    }

    /// Opens a scope in which something particular holds.
    pub fn open_with(&mut self, node: Node, name: &str, kind: ScopeKind, mut inside: Inside) {
        let path_len = self.path.len();
        inside.is_conditional |= self.scopes.last().is_some_and(|scope| scope.inside.is_conditional);
        if !name.is_empty() && path_len < MAX_PATH {
            if 0 < path_len {
                self.path.push('.');
            }
            self.path.push_str(name);
        }
        let idx = self.scopes.len();
        let around = self.scopes.last();
        let around_open = around.and_then(|scope| scope.open_idx);
        let around_self = around.and_then(|scope| scope.self_idx);
        self.scopes.push(Scope {
            until: self.tape.after(node),
            path_len,
            path_end: self.path.len(),
            kind,
            span: self.tape.span(node),
            is_local: kind == ScopeKind::Closed || around.is_some_and(|scope| scope.is_local),
            open_idx: if kind == ScopeKind::Open { Some(idx) } else { around_open },
            self_idx: if inside.self_name.is_some() { Some(idx) } else { around_self },
            members: BTreeSet::new(),
            name: name.to_owned(),
            inside,
        });
    }

    fn close_before(&mut self, idx: u32) {
        while self.scopes.last().is_some_and(|scope| scope.until <= idx) {
            if let Some(scope) = self.scopes.pop() {
                self.path.truncate(scope.path_len);
            }
        }
    }

    /// Returns the innermost scope that is a type or a module.
    pub fn innermost_open(&self) -> Option<&Scope> {
        self.scopes.get(self.scopes.last()?.open_idx?)
    }

    /// Returns a name with all that it stands in.
    pub fn path_to(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    /// Returns whether the node at hand stands in no scope at all.
    pub fn is_at_top(&self) -> bool {
        self.scopes.is_empty()
    }

    /// Returns whether the innermost scope is a type or a module.
    pub fn is_in_type(&self) -> bool {
        self.scopes.last().is_some_and(|scope| scope.kind == ScopeKind::Open)
    }

    /// Returns the kind of the type whose body, not its methods', the node at hand stands in.
    pub fn enclosing_kind(&self) -> Option<DefKind> {
        self.scopes.last().and_then(|scope| scope.inside.kind)
    }

    /// Returns the name by which the code at hand calls the value its method is called on.
    pub fn self_name(&self) -> Option<&str> {
        let scope = self.scopes.get(self.scopes.last()?.self_idx?)?;
        scope.inside.self_name.as_deref()
    }

    /// Returns whether the node at hand stands in a function's body or in a type without a name.
    pub fn is_local(&self) -> bool {
        self.scopes.last().is_some_and(|scope| scope.is_local)
    }

    /// Returns where a name holds that is bound here: in the innermost scope, or in the whole file.
    pub fn scope_span(&self) -> Span {
        let whole = || self.tape.span(Tape::at(0));
        self.scopes.last().map_or_else(whole, |scope| scope.span)
    }

    /// Takes down a definition.
    pub fn define(&mut self, node: Node, name: Node, kind: DefKind, parts: Parts) {
        self.define_as(node, self.tape.text(name), self.tape.line(name), kind, parts);
    }

    /// Takes down a definition whose name is put together, or stands nowhere.
    pub fn define_as(&mut self, node: Node, name: &str, name_line: u32, kind: DefKind, parts: Parts) {
        let signature = self.signature_hash(node, parts.body);
        self.push_definition(node, name, name_line, kind, parts, signature);
    }

    /// Takes down one of several definitions that share a type stated once.
    pub fn define_typed(
        &mut self,
        node: Node,
        name: Node,
        kind: DefKind,
        parts: Parts,
        of_type: Option<Node>,
    ) {
        let mut signature = Digest::default();
        signature.hash(of_type.map_or(0, |of_type| self.tape.hash(of_type)));
        signature.hash(self.signature_hash(node, parts.body));
        let (text, line) = (self.tape.text(name), self.tape.line(name));
        self.push_definition(node, text, line, kind, parts, signature.finish());
    }

    /// Takes down a definition that stands in the value of a variable, such as a function without a name.
    pub fn define_value(&mut self, node: Node, value: Node, name: Node, kind: DefKind, parts: Parts) {
        let (text, line) = (self.tape.text(name), self.tape.line(name));
        let mut signature = Digest::default();
        signature.text(text);
        signature.hash(self.signature_hash(value, parts.body));
        self.push_definition(node, text, line, kind, parts, signature.finish());
    }

    fn push_definition(
        &mut self,
        node: Node,
        name: &str,
        name_line: u32,
        kind: DefKind,
        parts: Parts,
        signature_hash: u64,
    ) {
        if name.is_empty() {
            return;
        }
        let mut modifiers = parts.modifiers;
        modifiers.is_local |= self.is_local();
        modifiers.is_conditional |=
            self.is_conditional || self.scopes.last().is_some_and(|scope| scope.inside.is_conditional);
        self.facts.definitions.push(Definition {
            kind,
            name: name.to_owned(),
            container: self.path.clone(),
            of_trait: self.scopes.last().and_then(|scope| scope.inside.of_trait.clone()),
            modifiers,
            params: parts.params,
            result: parts.result,
            supertypes: parts.supertypes,
            given: parts.given,
            signature_hash,
            body_hash: parts.body.map_or(0, |body| self.tape.hash(body)),
            span: self.tape.span(node),
            name_line,
        });
    }

    /// Takes down a member that a method's code gives to its type by setting it, once for each name.
    pub fn define_set(&mut self, node: Node, name: Node, modifiers: Modifiers, type_name: Option<String>) {
        let text = self.tape.text(name);
        let Some(idx) = self.scopes.last().and_then(|scope| scope.open_idx) else { return };
        let Some(scope) = self.scopes.get_mut(idx) else { return };
        if !scope.members.insert(text.to_owned()) {
            return;
        }
        let (container, span) = (self.path.get(..scope.path_end).unwrap_or_default().to_owned(), scope.span);
        let (is_conditional, is_local) = (scope.inside.is_conditional, scope.is_local);
        self.declare_in(text, type_name.clone(), span);
        self.define(node, name, DefKind::Field, Parts { modifiers, result: type_name, ..Parts::default() });
        if let Some(made) = self.facts.definitions.last_mut() {
            made.container = container;
            made.of_trait = None;
            made.modifiers.is_local = is_local;
            made.modifiers.is_conditional = is_conditional;
        }
    }

    /// Notes that the innermost scope has a member of this name; returns whether that is news.
    pub fn is_first(&mut self, name: &str) -> bool {
        match self.scopes.last_mut() {
            Some(scope) => scope.members.insert(name.to_owned()),
            None => self.top_level.insert(name.to_owned()),
        }
    }

    /// Returns whether the top of the file was said to have a member of this name.
    pub fn is_known(&self, name: &str) -> bool {
        self.top_level.contains(name)
    }

    /// Returns the type that the innermost scope states for a name.
    pub fn declared_type(&self, name: &str) -> Option<String> {
        let scope = self.scope_span();
        let here =
            self.facts.declared.iter().rev().take_while(|declared| scope.start <= declared.scope.start);
        here.filter(|declared| declared.name == name).find_map(|declared| declared.type_name.clone())
    }

    /// Hashes what stands before the body, without adornments.
    fn signature_hash(&self, node: Node, body: Option<Node>) -> u64 {
        let tape = self.tape;
        let mut digest = Digest::default();
        let is_part = |part: &Node| !matches!(tape.role(*part), Role::Comment | Role::Adornment);
        for child in tape.children(node).filter(|child| Some(*child) != body && is_part(child)) {
            if tape.is_leaf(child) {
                digest.hash(tape.hash(child));
            }
            // Adornments stand beside the signature, or among its modifiers.
            tape.children(child).filter(is_part).for_each(|part| digest.hash(tape.hash(part)));
        }
        digest.finish()
    }

    /// Takes down an import: of a module, of a name of it, bound to a name of the file's own.
    pub fn import(&mut self, node: Node, module: &str, name: Option<&str>, bound: Option<&str>) {
        self.import_as(node, ImportKind::default(), module, name, bound);
    }

    /// Takes down an import of some kind.
    pub fn import_as(
        &mut self,
        node: Node,
        kind: ImportKind,
        module: &str,
        name: Option<&str>,
        bound: Option<&str>,
    ) {
        self.facts.imports.push(Import {
            module: module.to_owned(),
            name: name.map(str::to_owned),
            bound: bound.map(str::to_owned),
            is_reexport: kind.is_reexport,
            is_type_only: kind.is_type_only,
            span: self.tape.span(node),
        });
    }

    /// Takes down a name that is bound in the innermost scope.
    pub fn declare(&mut self, name: &str, type_name: Option<String>) {
        let scope = self.scope_span();
        self.declare_in(name, type_name, scope);
    }

    /// Takes down a name that is bound in `scope`.
    pub fn declare_in(&mut self, name: &str, type_name: Option<String>, scope: Span) {
        let is_nothing = name.is_empty() || name == "_";
        if !is_nothing {
            self.facts.declared.push(Declared { name: name.to_owned(), type_name, value: None, scope });
        }
    }

    /// Returns what a call is made on.
    pub fn receiver(&self, on: Node, style: Style) -> Receiver {
        value::receiver(self.tape.text(on), self.self_name(), style)
    }

    /// Takes down what the name just declared holds first, where it states no type.
    pub fn holds(&mut self, name: &str, value: Option<Node>, style: Style) {
        let shown = value.and_then(|value| self.shown(name, value, style));
        self.show(shown);
    }

    /// Takes down the same of one of several names that a call gives values to: the first of them.
    pub fn holds_first(&mut self, name: &str, value: Node, style: Style) {
        let shown = self.shown(name, value, style).filter(|shown| shown.ends_with("()"));
        self.show(shown.map(|shown| format!("{shown}?")));
    }

    fn shown(&self, name: &str, value: Node, style: Style) -> Option<String> {
        self.facts.declared.last().filter(|last| last.name == name && last.type_name.is_none())?;
        value::value(self.tape.text(value), self.self_name(), style)
    }

    fn show(&mut self, shown: Option<String>) {
        if let (Some(last), Some(shown)) = (self.facts.declared.last_mut(), shown) {
            last.value = Some(shown);
        }
    }

    /// Takes down an implementation without a name.
    pub fn anonymous(&mut self, node: Node, of: &str, members: Vec<String>) {
        if !of.is_empty() {
            self.facts.anonymous.push(Anonymous { of: of.to_owned(), members, span: self.tape.span(node) });
        }
    }

    /// Takes down a choice.
    pub fn choice(&mut self, node: Node, cases: Cases) {
        self.facts.choices.push(Choice {
            cases: cases.names,
            of: cases.of,
            has_default: cases.has_default,
            span: self.tape.span(node),
        });
    }

    /// Takes down something that is stated a second time.
    pub fn repeated(&mut self, node: Node, name: &str) {
        self.facts.repeated.push(Repeated { name: name.to_owned(), span: self.tape.span(node) });
    }
}

/// Returns whether a name stands behind another one; `::name` alone stands behind nothing.
fn is_behind(tape: &Tape<'_>, node: Node) -> bool {
    let Some(sign) = tape.previous(node) else { return false };
    matches!(tape.text(sign), "." | "::" | "?." | "->") && tape.previous(sign).is_some()
}

/// What is particular to an import.
#[derive(Debug, Clone, Copy, Default)]
pub struct ImportKind {
    /// It passes the name on.
    pub is_reexport: bool,
    /// It takes only a type.
    pub is_type_only: bool,
}

/// The cases of a choice, gathered one by one.
#[derive(Debug, Default)]
pub struct Cases {
    /// Their last names.
    pub names: Vec<String>,
    /// The type in front of the first that has one.
    pub of: Option<String>,
    /// Whether there is one for all others.
    pub has_default: bool,
}

impl Cases {
    /// Adds a case as it is written, `Color.Red` or `Red`.
    pub fn path(&mut self, path: &str) {
        match path.rsplit_once("::").or_else(|| path.rsplit_once('.')) {
            Some((of, name)) => {
                self.names.push(name.to_owned());
                self.of.get_or_insert_with(|| of.to_owned());
            }
            None => self.names.push(path.to_owned()),
        }
    }
}
