//! Whether two specs meet: whether some path could belong to both.
//!
//! Decided for every pair by intersecting the two languages, never by which files exist. What cannot
//! be decided within its budget is taken to meet.

mod automaton;
mod index;
mod product;
mod symbol;

pub use index::SpecIndex;

use std::cell::OnceCell;

use crate::spec::glob::{Form, Reach, Segment};
use crate::spec::pattern::Elem;
use automaton::Automaton;
use product::Verdict;

/// Why two specs are taken to meet.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Witness {
    /// This path belongs to both.
    Path(String),
    /// It could not be decided within the budget.
    Undecided,
}

impl Witness {
    /// Returns the path, if there is one to show.
    pub fn path(&self) -> Option<&str> {
        match self {
            Witness::Path(path) => Some(path),
            Witness::Undecided => None,
        }
    }
}

/// A form with its automata, made when they are first needed.
#[derive(Debug)]
pub(crate) struct Compiled {
    form: Form,
    /// Reads the form as it is.
    whole: OnceCell<Automaton>,
    /// Reads what looks like a file as that path alone.
    file: OnceCell<Automaton>,
}

impl Compiled {
    pub(crate) fn new(form: Form) -> Compiled {
        Compiled { form, whole: OnceCell::new(), file: OnceCell::new() }
    }

    fn reach_against(&self, other: &Form) -> Reach {
        match self.form.reach == Reach::File && !spells_out(other, &self.form) {
            true => Reach::Exact,
            false => self.form.reach,
        }
    }

    /// Returns the automaton to use against `other`.
    fn against(&self, other: &Form) -> &Automaton {
        let reach = self.reach_against(other);
        let kept = if reach == self.form.reach { &self.whole } else { &self.file };
        kept.get_or_init(|| Automaton::of(&self.form, reach))
    }
}

/// Tells whether `form` itself treats the path that `file` names as a folder.
fn spells_out(form: &Form, file: &Form) -> bool {
    form.head.len() >= file.head.len() && form.head.iter().zip(&file.head).all(|(one, other)| one == other)
}

/// Returns a path that belongs to one of the forms on either side.
pub(crate) fn meet(ours: &[Form], theirs: &[Form]) -> Option<Witness> {
    let compile = |forms: &[Form]| forms.iter().cloned().map(Compiled::new).collect::<Vec<_>>();
    meet_compiled(&compile(ours), &compile(theirs))
}

pub(crate) fn meet_compiled(ours: &[Compiled], theirs: &[Compiled]) -> Option<Witness> {
    let mut budget = product::BUDGET;
    let mut is_undecided = false;
    for one in ours {
        for other in theirs {
            match meet_forms(one, other, &mut budget) {
                Verdict::Apart => {}
                Verdict::Meet(path) => return Some(Witness::Path(path)),
                Verdict::Undecided => is_undecided = true,
            }
        }
    }
    is_undecided.then_some(Witness::Undecided)
}

fn meet_forms(one: &Compiled, other: &Compiled, budget: &mut usize) -> Verdict {
    let (a, b) = (&one.form, &other.form);
    if !could_meet(a, b) {
        return Verdict::Apart;
    }
    if a.is_fixed() && b.is_fixed() {
        let longer = if a.segments.len() < b.segments.len() { b } else { a };
        return Verdict::Meet(spelled(longer));
    }
    match product::intersect(one.against(b), other.against(a), budget) {
        Verdict::Meet(path) => Verdict::Meet(pleasant(one, other).unwrap_or(path)),
        verdict @ (Verdict::Apart | Verdict::Undecided) => verdict,
    }
}

/// Returns a witness in which every star stands for something, if there is one.
fn pleasant(one: &Compiled, other: &Compiled) -> Option<String> {
    let automaton =
        |this: &Compiled, other: &Form| Automaton::pleasant(&this.form, this.reach_against(other));
    let mut budget = product::BUDGET;
    match product::intersect(&automaton(one, &other.form), &automaton(other, &one.form), &mut budget) {
        Verdict::Meet(path) => Some(path),
        Verdict::Apart | Verdict::Undecided => None,
    }
}

/// Compares what both forms spell out: the names they begin with, and what they end with.
fn could_meet(a: &Form, b: &Form) -> bool {
    let same_head = a.head.iter().zip(&b.head).all(|(one, other)| one == other);
    let ends = a.tail.ends_with(&b.tail) || b.tail.ends_with(&a.tail);
    let has_folder = spells_out(a, b) || spells_out(b, a);
    same_head && (ends || has_folder)
}

/// Returns the path of a form that has no wildcard.
fn spelled(form: &Form) -> String {
    let name = |segment: &Segment| match segment {
        Segment::AnyFolders => String::new(),
        Segment::Name(elems) => elems.iter().filter_map(Elem::as_char).collect(),
    };
    let path = form.segments.iter().map(name).collect::<Vec<_>>().join("/");
    if path.is_empty() { ".".to_owned() } else { path }
}

/// Tells whether one of the forms covers a path.
pub(crate) fn covers(forms: &[Form], path: &str) -> bool {
    let names = path.split('/').filter(|name| !name.is_empty() && *name != ".");
    let segments = names.map(|name| Segment::Name(name.chars().map(Elem::Char).collect()));
    let exact = Automaton::of(&Form::new(segments.collect(), Reach::Exact), Reach::Exact);
    let mut budget = product::BUDGET;
    forms.iter().any(|form| {
        let automaton = Automaton::of(form, form.reach);
        product::intersect(&automaton, &exact, &mut budget) != Verdict::Apart
    })
}

/// Returns a path that belongs to one of the forms.
pub(crate) fn first_of(forms: &[Form]) -> Witness {
    let all = [Form::new(Vec::new(), Reach::Below)];
    match forms.iter().find(|form| form.is_fixed()) {
        Some(fixed) => Witness::Path(spelled(fixed)),
        None => meet(forms, &all).unwrap_or(Witness::Undecided),
    }
}
