//! What one step of an automaton reads.

use crate::spec::fold::fold_char;
use crate::spec::pattern::Class;

/// A set of folded characters, with one of them to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Symbol {
    /// One character.
    Char {
        /// As it is compared.
        folded: char,
        /// As it is written, unless it folds to several.
        shown: char,
        /// Whether it is one of several that one character folds to.
        is_part: bool,
    },
    /// A character that is part of what one character of the other side folds to.
    Part,
    /// Any character but `/`.
    NotSlash,
    /// Any character.
    Any,
    /// A bracket expression.
    Set(Set),
}

/// A bracket expression over folded characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Set {
    is_negated: bool,
    crosses: bool,
    ranges: Vec<(char, char)>,
}

/// A range up to this many characters has the folded form of each added.
const MAX_FOLDED_RANGE: u32 = 1024;

impl Set {
    pub(super) fn of(class: &Class) -> Set {
        let mut ranges = class.ranges.clone();
        for (start, end) in &class.ranges {
            if u32::from(*end).saturating_sub(u32::from(*start)) < MAX_FOLDED_RANGE {
                let singles =
                    (*start..=*end).map(fold_char).filter(super::super::spec::fold::Folded::is_single);
                ranges.extend(singles.flatten().map(|c| (c, c)));
            }
        }
        ranges.sort_unstable();
        ranges.dedup();
        Set { is_negated: class.is_negated, crosses: class.crosses, ranges }
    }

    /// Tells whether the set holds a folded character, in any case.
    fn has(&self, c: char) -> bool {
        if c == '/' {
            return self.crosses && self.is_negated != self.names('/');
        }
        let is_named = self.names(c)
            || c.to_uppercase().any(|upper| self.names(upper))
            || c.to_lowercase().any(|lower| self.names(lower));
        is_named != self.is_negated
    }

    fn names(&self, c: char) -> bool {
        self.ranges.iter().any(|(start, end)| (*start..=*end).contains(&c))
    }

    /// Returns characters among which one is in the set and in any other such set, if there is one.
    fn edges(&self) -> impl Iterator<Item = char> + '_ {
        let beside = |c: char, by: i64| char::from_u32(u32::try_from(i64::from(u32::from(c)) + by).ok()?);
        let of_range = move |(start, end): &(char, char)| {
            [Some(*start), Some(*end), beside(*start, -1), beside(*end, 1)].into_iter().flatten()
        };
        self.ranges.iter().flat_map(of_range).flat_map(fold_char)
    }
}

/// A character that two symbols have in common: as it is compared, and as it is shown.
pub(super) type Common = (char, char);

/// Shown where any character will do.
const PLEASANT: &str = "abcdefghijklmnopqrstuvwxyz0123456789_-.";

impl Symbol {
    /// Tells whether it reads `c`, of which is known whether it is part of what one character folds to.
    fn has(&self, c: char, c_is_part: bool) -> bool {
        match self {
            Symbol::Char { folded, .. } => *folded == c,
            Symbol::NotSlash => c != '/',
            Symbol::Any => true,
            Symbol::Part => c_is_part,
            Symbol::Set(set) => set.has(c),
        }
    }

    /// Returns a character that both symbols read.
    pub(super) fn common(&self, other: &Symbol) -> Option<Common> {
        match (self, other) {
            (Symbol::Char { folded, shown, is_part }, other)
            | (other, Symbol::Char { folded, shown, is_part }) => {
                other.has(*folded, *is_part).then_some((*folded, *shown))
            }
            (Symbol::Any | Symbol::NotSlash, Symbol::Any | Symbol::NotSlash) => Some(('a', 'a')),
            (Symbol::Part, _) | (_, Symbol::Part) => None,
            (Symbol::Set(set), other) | (other, Symbol::Set(set)) => {
                let edges_of_other = match other {
                    Symbol::Set(other) => Some(other.edges()),
                    Symbol::Char { .. } | Symbol::Any | Symbol::NotSlash | Symbol::Part => None,
                };
                let all = PLEASANT.chars().chain(set.edges()).chain(edges_of_other.into_iter().flatten());
                all.into_iter().find(|c| *c != '/' && set.has(*c) && other.has(*c, false)).map(|c| (c, c))
            }
        }
    }
}
