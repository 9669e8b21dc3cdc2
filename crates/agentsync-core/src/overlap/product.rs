//! The intersection of two automata: a shortest path that both accept.

use std::collections::VecDeque;

use super::automaton::{Automaton, State};

/// How many pairs of states one question may look at, over all its forms.
pub(super) const BUDGET: usize = 2_000_000;

/// What came of an intersection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// No path belongs to both.
    Apart,
    /// This one does.
    Meet(String),
    /// The budget was spent first.
    Undecided,
}

/// Where both automata are, and whether the last character was a `/`: names are not empty.
#[derive(Debug, Clone, Copy)]
struct Place {
    one: State,
    other: State,
    after_slash: bool,
}

/// How a place was reached.
#[derive(Debug, Clone, Copy)]
enum Came {
    Never,
    Start,
    From { place: usize, shown: char },
}

/// Looks for a shortest path that both automata accept.
pub(super) fn intersect(one: &Automaton, other: &Automaton, budget: &mut usize) -> Verdict {
    let width = other.steps.len();
    let n_places = one.steps.len() * width * 2;
    let Some(left) = budget.checked_sub(n_places) else {
        return Verdict::Undecided;
    };
    *budget = left;
    let number = |place: Place| (place.one * width + place.other) * 2 + usize::from(place.after_slash);
    let mut came = vec![Came::Never; n_places];
    let mut open = VecDeque::new();
    let start = Place { one: 0, other: 0, after_slash: false };
    reach(&mut came, number(start), Came::Start);
    open.push_back(start);
    while let Some(place) = open.pop_front() {
        if is_end(one, other, place) {
            return Verdict::Meet(trace(&came, number(place)));
        }
        for (next, shown) in moves(one, other, place) {
            if reach(&mut came, number(next), Came::From { place: number(place), shown }) {
                open.push_back(next);
            }
        }
    }
    Verdict::Apart
}

fn is_end(one: &Automaton, other: &Automaton, place: Place) -> bool {
    let accepts = |automaton: &Automaton, state| automaton.accepts.get(state) == Some(&true);
    let has_read = place.one + place.other > 0;
    has_read && !place.after_slash && accepts(one, place.one) && accepts(other, place.other)
}

fn moves<'a>(
    one: &'a Automaton,
    other: &'a Automaton,
    place: Place,
) -> impl Iterator<Item = (Place, char)> + 'a {
    let of = |automaton: &'a Automaton, state| automaton.steps.get(state).into_iter().flatten();
    of(one, place.one).flat_map(move |(a, to)| {
        of(other, place.other).filter_map(move |(b, other_to)| {
            let (c, shown) = a.common(b)?;
            let is_slash = c == '/';
            let next = Place { one: *to, other: *other_to, after_slash: is_slash };
            (!(is_slash && place.after_slash)).then_some((next, shown))
        })
    })
}

/// Notes how a place was reached, the first time.
fn reach(came: &mut [Came], number: usize, how: Came) -> bool {
    match came.get_mut(number) {
        Some(place @ Came::Never) => {
            *place = how;
            true
        }
        Some(Came::Start | Came::From { .. }) | None => false,
    }
}

fn trace(came: &[Came], end: usize) -> String {
    let mut chars = Vec::new();
    let mut at = end;
    while let Some(Came::From { place, shown }) = came.get(at) {
        chars.push(*shown);
        at = *place;
    }
    let path: String = chars.into_iter().rev().collect();
    path.trim_start_matches('/').to_owned()
}
