//! A syntax tree laid out flat: every node once, parents before their children.
//!
//! One cursor writes it; afterwards nothing crosses into the parser's library any more, and nothing
//! recurses, however deep the source is nested.

use agentsync_core::facts::Span;
use tree_sitter::{Tree, TreeCursor};

use crate::digest::Digest;
use crate::lexicon::{Field, Kind, Lexicon, Role};

/// The length from which on a compact text is cut off.
const MAX_COMPACT: usize = 300;

/// A node of a tape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Node(u32);

#[derive(Debug, Clone, Copy, Default)]
struct Entry {
    start: u32,
    end: u32,
    /// The position after its last descendant.
    after: u32,
    parent: u32,
    kind: Kind,
    field: Field,
    role: Role,
    is_named: bool,
    is_error: bool,
}

/// A source file's nodes.
#[derive(Debug)]
pub struct Tape<'s> {
    source: &'s str,
    entries: Vec<Entry>,
    hashes: Vec<u64>,
    line_starts: Vec<u32>,
}

impl<'s> Tape<'s> {
    /// Lays out `tree`, which was parsed from `source`.
    pub fn new(source: &'s str, tree: &Tree, lexicon: &Lexicon) -> Self {
        let mut line_starts = vec![0];
        line_starts.extend(memchr::memchr_iter(b'\n', source.as_bytes()).map(|at| narrow(at + 1)));
        let mut tape =
            Self { source, entries: Vec::with_capacity(source.len() / 4), hashes: Vec::new(), line_starts };
        tape.lay_out(&mut tree.walk(), lexicon);
        tape.digest();
        tape
    }

    fn lay_out(&mut self, cursor: &mut TreeCursor<'_>, lexicon: &Lexicon) {
        let mut open: Vec<u32> = Vec::new();
        loop {
            let idx = narrow(self.entries.len());
            self.entries.push(entry(cursor, lexicon, open.last().copied().unwrap_or(0), idx));
            if cursor.goto_first_child() {
                open.push(idx);
                continue;
            }
            while !cursor.goto_next_sibling() {
                let Some(parent) = open.pop() else { return };
                cursor.goto_parent();
                let after = narrow(self.entries.len());
                if let Some(entry) = self.entries.get_mut(parent as usize) {
                    entry.after = after;
                }
            }
        }
    }

    /// Hashes every node from its tokens, comments and white space left out, last node first.
    fn digest(&mut self) {
        let mut hashes = vec![0; self.entries.len()];
        for idx in (0..narrow(self.entries.len())).rev() {
            let node = Node(idx);
            let hash = match self.role(node) {
                Role::Comment => 0,
                Role::Plain | Role::Name | Role::Text | Role::Adornment => self.digest_of(node, &hashes),
            };
            if let Some(place) = hashes.get_mut(idx as usize) {
                *place = hash;
            }
        }
        self.hashes = hashes;
    }

    fn digest_of(&self, node: Node, hashes: &[u64]) -> u64 {
        let mut digest = Digest::default();
        if self.is_leaf(node) {
            digest.text(self.text(node));
            return digest.finish();
        }
        let mut at = self.entry(node).start;
        for child in self.children(node) {
            let entry = self.entry(child);
            self.digest_gap(at, entry.start, &mut digest);
            at = entry.end;
            if entry.role != Role::Comment {
                digest.hash(hashes.get(child.0 as usize).copied().unwrap_or(0));
            }
        }
        self.digest_gap(at, self.entry(node).end, &mut digest);
        digest.finish()
    }

    /// Adds text that no token covers, such as the words between a string's escapes.
    fn digest_gap(&self, from: u32, to: u32, digest: &mut Digest) {
        let gap = self.source.get(from as usize..to as usize).unwrap_or_default().trim();
        if !gap.is_empty() {
            digest.text(gap);
        }
    }

    fn entry(&self, node: Node) -> Entry {
        self.entries.get(node.0 as usize).copied().unwrap_or_default()
    }

    /// Returns how many nodes there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Returns the node at a position.
    pub fn at(idx: u32) -> Node {
        Node(idx)
    }

    /// Returns the outermost node that covers just these bytes.
    pub fn find(&self, start: usize, end: usize, is_named: bool) -> Option<Node> {
        let (start, end) = (narrow(start), narrow(end));
        let first = self.entries.partition_point(|entry| entry.start < start);
        // Bounded, so that a very long chain of calls does not cost the square of its length.
        let here = self.entries.iter().enumerate().skip(first).take(1_000);
        let here = here.take_while(|(_, entry)| entry.start == start);
        let mut here = here.filter(|(_, entry)| entry.end == end && entry.is_named == is_named);
        here.next().map(|(idx, _)| Node(narrow(idx)))
    }

    /// Returns the position after a node's last descendant.
    pub fn after(&self, node: Node) -> u32 {
        self.entry(node).after
    }

    /// Returns a node's kind.
    pub fn kind(&self, node: Node) -> Kind {
        self.entry(node).kind
    }

    /// Returns how a node's text counts.
    pub fn role(&self, node: Node) -> Role {
        self.entry(node).role
    }

    /// Returns the part that a node plays in its parent.
    pub fn field(&self, node: Node) -> Field {
        self.entry(node).field
    }

    /// Returns whether the parser could not read this node, or made it up.
    pub fn is_error(&self, node: Node) -> bool {
        self.entry(node).is_error
    }

    /// Returns whether a node has no children.
    pub fn is_leaf(&self, node: Node) -> bool {
        self.entry(node).after <= node.0 + 1
    }

    /// Returns the node above.
    pub fn parent(&self, node: Node) -> Option<Node> {
        (node.0 > 0).then(|| Node(self.entry(node).parent))
    }

    /// Returns the node before this one below the same parent.
    pub fn previous(&self, node: Node) -> Option<Node> {
        let parent = self.parent(node)?;
        let mut before = Node(node.0.checked_sub(1)?);
        if before == parent {
            return None;
        }
        while let Some(above) = self.parent(before).filter(|above| *above != parent) {
            before = above;
        }
        Some(before)
    }

    /// Returns the kind of the node above.
    pub fn parent_kind(&self, node: Node) -> Kind {
        self.parent(node).map_or(0, |parent| self.kind(parent))
    }

    /// Returns a node's bytes as text.
    pub fn text(&self, node: Node) -> &'s str {
        let entry = self.entry(node);
        self.source.get(entry.start as usize..entry.end as usize).unwrap_or_default()
    }

    /// Returns the whole source.
    pub fn source(&self) -> &'s str {
        self.source
    }

    /// Returns the hash of a node's tokens.
    pub fn hash(&self, node: Node) -> u64 {
        self.hashes.get(node.0 as usize).copied().unwrap_or(0)
    }

    /// Returns where a node stands.
    pub fn span(&self, node: Node) -> Span {
        let entry = self.entry(node);
        // A node that ends with a line break ends on the line before.
        let last = entry.end.saturating_sub(1).max(entry.start);
        Span {
            line: self.line_at(entry.start),
            end_line: self.line_at(last),
            start: entry.start,
            end: entry.end,
        }
    }

    /// Returns the line a node begins on.
    pub fn line(&self, node: Node) -> u32 {
        self.line_at(self.entry(node).start)
    }

    fn line_at(&self, offset: u32) -> u32 {
        narrow(self.line_starts.partition_point(|start| *start <= offset))
    }

    /// Returns a node's children, comments among them.
    pub fn children(&self, node: Node) -> Children<'_, 's> {
        let entry = self.entry(node);
        Children { tape: self, next: node.0 + 1, end: entry.after }
    }

    /// Returns a node's named children.
    pub fn named(&self, node: Node) -> impl Iterator<Item = Node> {
        self.children(node)
            .filter(|child| self.entry(*child).is_named && self.entry(*child).role != Role::Comment)
    }

    /// Returns the first child that plays a part.
    pub fn child(&self, node: Node, field: Field) -> Option<Node> {
        self.children(node)
            .find(|child| self.entry(*child).field == field && self.role(*child) != Role::Comment)
    }

    /// Returns the first children that play two parts, if there are both.
    pub fn both(&self, node: Node, one: Field, other: Field) -> Option<(Node, Node)> {
        Some((self.child(node, one)?, self.child(node, other)?))
    }

    /// Returns all children that play a part, separators left out.
    pub fn each(&self, node: Node, field: Field) -> impl Iterator<Item = Node> {
        self.named(node).filter(move |child| self.field(*child) == field)
    }

    /// Returns the first child of one of some kinds.
    pub fn child_of(&self, node: Node, kinds: &[Kind]) -> Option<Node> {
        self.children(node).find(|child| kinds.contains(&self.kind(*child)))
    }

    /// Returns all children of one kind.
    pub fn each_of(&self, node: Node, kind: Kind) -> impl Iterator<Item = Node> {
        self.children(node).filter(move |child| self.kind(*child) == kind)
    }

    /// Returns whether a node has a child that is this very word or sign.
    pub fn has_token(&self, node: Node, token: &str) -> bool {
        self.children(node).any(|child| self.is_leaf(child) && self.text(child) == token)
    }

    /// Returns a node's descendants, itself first.
    pub fn subtree(&self, node: Node) -> impl Iterator<Item = Node> + use<> {
        (node.0..self.entry(node).after.max(node.0 + 1)).map(Node)
    }

    /// Returns a node's text without comments, and with white space only where two words meet.
    pub fn compact(&self, node: Node) -> String {
        let mut out = String::new();
        let mut skip_until = node;
        for at in self.subtree(node) {
            if at < skip_until {
                continue;
            }
            let is_whole = match self.role(at) {
                Role::Comment => {
                    skip_until = Node(self.after(at));
                    continue;
                }
                Role::Text => true,
                Role::Plain | Role::Name | Role::Adornment => self.is_leaf(at),
            };
            if is_whole {
                skip_until = Node(self.after(at));
                let text = self.text(at);
                let is_word = |c: char| c.is_alphanumeric() || c == '_';
                if out.ends_with(is_word) && text.starts_with(is_word) {
                    out.push(' ');
                }
                out.push_str(text);
                // Nobody reads a type that long; its hash tells it from others.
                if MAX_COMPACT < out.len() {
                    out.push('…');
                    break;
                }
            }
        }
        out
    }
}

/// A node's children, first to last.
#[derive(Debug, Clone)]
pub struct Children<'t, 's> {
    tape: &'t Tape<'s>,
    next: u32,
    end: u32,
}

impl Iterator for Children<'_, '_> {
    type Item = Node;

    fn next(&mut self) -> Option<Node> {
        if self.end <= self.next {
            return None;
        }
        let node = Node(self.next);
        self.next = self.tape.after(node).max(self.next + 1);
        Some(node)
    }
}

fn entry(cursor: &TreeCursor<'_>, lexicon: &Lexicon, parent: u32, idx: u32) -> Entry {
    let node = cursor.node();
    let (kind, role) = lexicon.kind(node.kind_id());
    Entry {
        start: narrow(node.start_byte()),
        end: narrow(node.end_byte()),
        after: idx + 1,
        parent,
        kind,
        field: cursor.field_id().map_or(Field::Other, |id| lexicon.field(id.get())),
        role,
        is_named: node.is_named(),
        is_error: node.is_error() || node.is_missing(),
    }
}

/// Returns an offset as it is kept; sources are far shorter than 4 GiB by their limit.
fn narrow(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}
