//! A form as an automaton over folded characters.
//!
//! It reads paths with a `/` before every name, so that "no folder, one or many" is a plain loop.
//! That names are not empty is the product's business.

use super::symbol::{Set, Symbol};
use crate::spec::fold::fold_char;
use crate::spec::glob::{Form, Reach, Segment};
use crate::spec::pattern::{Class, Elem};

/// A state's number.
pub(super) type State = usize;

/// An automaton without empty steps; it starts in state 0.
#[derive(Debug, Default)]
pub(super) struct Automaton {
    /// The steps from each state.
    pub(super) steps: Vec<Vec<(Symbol, State)>>,
    /// Whether each state accepts.
    pub(super) accepts: Vec<bool>,
}

impl Automaton {
    /// Makes the automaton of a form that reaches as far as `reach` says.
    pub(super) fn of(form: &Form, reach: Reach) -> Automaton {
        Automaton::made(form, reach, Draft::default())
    }

    /// Makes one that reads less: every star reads something, which gives nicer witnesses.
    pub(super) fn pleasant(form: &Form, reach: Reach) -> Automaton {
        Automaton::made(form, reach, Draft { fills_stars: true, ..Draft::default() })
    }

    fn made(form: &Form, reach: Reach, mut draft: Draft) -> Automaton {
        let mut state = draft.state();
        for (n, segment) in form.segments.iter().enumerate() {
            let is_last = n + 1 == form.segments.len();
            state = match segment {
                Segment::AnyFolders => draft.folders(state, is_last),
                Segment::Name(elems) => {
                    let named = draft.char(state, '/');
                    elems.iter().fold(named, |state, elem| draft.elem(state, elem))
                }
            };
        }
        draft.accept(state);
        if reach != Reach::Exact {
            let below = draft.folders(state, false);
            draft.accept(below);
        }
        draft.finish()
    }
}

/// An automaton that may have empty steps still.
#[derive(Debug, Default)]
struct Draft {
    automaton: Automaton,
    empty: Vec<Vec<State>>,
    fills_stars: bool,
}

impl Draft {
    fn state(&mut self) -> State {
        self.automaton.steps.push(Vec::new());
        self.automaton.accepts.push(false);
        self.empty.push(Vec::new());
        self.empty.len() - 1
    }

    fn accept(&mut self, state: State) {
        if let Some(accepts) = self.automaton.accepts.get_mut(state) {
            *accepts = true;
        }
    }

    fn step(&mut self, from: State, symbol: Symbol, to: State) {
        if let Some(steps) = self.automaton.steps.get_mut(from) {
            steps.push((symbol, to));
        }
    }

    fn skip(&mut self, from: State, to: State) {
        if let Some(empty) = self.empty.get_mut(from) {
            empty.push(to);
        }
    }

    fn symbol(&mut self, from: State, symbol: Symbol) -> State {
        let to = self.state();
        self.step(from, symbol, to);
        to
    }

    /// Reads one character in any case.
    fn char(&mut self, from: State, c: char) -> State {
        let all = fold_char(c);
        let is_single = all.is_single();
        all.fold(from, |state, folded| {
            self.symbol(
                state,
                Symbol::Char { folded, shown: if is_single { c } else { folded }, is_part: !is_single },
            )
        })
    }

    /// Reads any number of `/name`; with `needs_one`, at least one.
    fn folders(&mut self, from: State, needs_one: bool) -> State {
        let before = self.state();
        self.skip(from, before);
        let slash = self.char(before, '/');
        let name = self.symbol(slash, Symbol::NotSlash);
        self.step(name, Symbol::NotSlash, name);
        self.skip(name, before);
        if needs_one { name } else { before }
    }

    fn elem(&mut self, from: State, elem: &Elem) -> State {
        match elem {
            Elem::Char(c) => self.char(from, *c),
            Elem::One => self.one(from, Symbol::NotSlash),
            Elem::OneOfAll => self.one(from, Symbol::Any),
            Elem::Star => self.repeat(from, Symbol::NotSlash),
            Elem::DeepStar => self.repeat(from, Symbol::Any),
            Elem::Class(class) => self.class(from, class),
        }
    }

    fn repeat(&mut self, from: State, symbol: Symbol) -> State {
        let state = match self.fills_stars {
            true => self.symbol(from, symbol.clone()),
            false => self.state(),
        };
        if !self.fills_stars {
            self.skip(from, state);
        }
        self.step(state, symbol, state);
        state
    }

    /// Reads one character, which may fold to several.
    fn one(&mut self, from: State, symbol: Symbol) -> State {
        let to = self.symbol(from, symbol);
        self.expansions(from, to);
        to
    }

    /// Reads the two or three characters that one character of the other side folds to.
    fn expansions(&mut self, from: State, to: State) {
        let first = self.symbol(from, Symbol::Part);
        self.step(first, Symbol::Part, to);
        let second = self.symbol(first, Symbol::Part);
        self.step(second, Symbol::Part, to);
    }

    fn class(&mut self, from: State, class: &Class) -> State {
        let to = self.symbol(from, Symbol::Set(Set::of(class)));
        if class.is_negated {
            self.expansions(from, to);
        } else {
            self.class_expansions(from, class, to);
        }
        // File names hold brackets too: `app/[id]/page.tsx`.
        let end = class.text.chars().fold(from, |state, c| self.char(state, c));
        self.skip(end, to);
        to
    }

    /// Reads what the characters of a class fold to, where that is several.
    fn class_expansions(&mut self, from: State, class: &Class, to: State) {
        for (start, end) in &class.ranges {
            let is_small = u32::from(*end).saturating_sub(u32::from(*start)) < 1024;
            for c in (*start..=*end).filter(|c| is_small && !c.is_ascii() && !fold_char(*c).is_single()) {
                let end = self.char(from, c);
                self.skip(end, to);
            }
        }
    }

    /// Takes the empty steps out: a state has the steps of all it reaches without reading.
    fn finish(self) -> Automaton {
        let Draft { automaton, empty, .. } = self;
        let mut done = Automaton::default();
        for state in 0..empty.len() {
            let mut reached = vec![state];
            let mut next = 0;
            while let Some(at) = reached.get(next).copied() {
                for to in empty.get(at).into_iter().flatten() {
                    if !reached.contains(to) {
                        reached.push(*to);
                    }
                }
                next += 1;
            }
            let steps = reached.iter().filter_map(|at| automaton.steps.get(*at)).flatten().cloned();
            done.steps.push(steps.collect());
            done.accepts.push(reached.iter().any(|at| automaton.accepts.get(*at) == Some(&true)));
        }
        done
    }
}
