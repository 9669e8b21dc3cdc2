//! The parts of a pattern: wildcards, bracket expressions, alternatives.

/// One part of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Elem {
    /// This character, in any case.
    Char(char),
    /// One character; not `/`.
    One,
    /// Any text without `/`.
    Star,
    /// One character, `/` included.
    OneOfAll,
    /// Any text, `/` included.
    DeepStar,
    /// A bracket expression.
    Class(Class),
}

impl Elem {
    /// Returns the character, of a part that is one.
    pub(crate) fn as_char(&self) -> Option<char> {
        match self {
            Elem::Char(c) => Some(*c),
            Elem::One | Elem::Star | Elem::OneOfAll | Elem::DeepStar | Elem::Class(_) => None,
        }
    }
}

/// A bracket expression: the characters it names, or all others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Class {
    /// Whether it stands for all others.
    pub(crate) is_negated: bool,
    /// Whether `/` can be one of them.
    pub(crate) crosses: bool,
    /// The ranges, both ends included.
    pub(crate) ranges: Vec<(char, char)>,
    /// The expression as it is written: file names hold brackets too.
    pub(crate) text: String,
}

/// Parses a name that somebody else may have written: a bracket that does not close means itself.
pub(crate) fn parse(name: &str) -> Vec<Elem> {
    parse_with(name, false)
}

/// Parses a text in which the wildcards run over `/`.
pub(crate) fn parse_running(text: &str) -> Vec<Elem> {
    parse_with(text, true)
}

/// Says what is wrong with a name of our own.
pub(crate) fn parse_strict(name: &str) -> Result<(), &'static str> {
    let chars: Vec<char> = name.chars().collect();
    let mut rest = chars.as_slice();
    while let Some((first, after)) = rest.split_first() {
        rest = match first {
            '[' => {
                let (_, after) = class(after, false)
                    .ok_or("has a bracket that is not closed; `[[]` is a bracket itself")?;
                after
            }
            _ => after,
        };
    }
    Ok(())
}

fn parse_with(text: &str, crosses: bool) -> Vec<Elem> {
    let chars: Vec<char> = text.chars().collect();
    let mut elems = Vec::new();
    let mut rest = chars.as_slice();
    while let Some((first, after)) = rest.split_first() {
        let (elem, after) = match (first, after) {
            ('?', _) if crosses => (Elem::OneOfAll, after),
            ('?', _) => (Elem::One, after),
            ('*', _) if crosses => (Elem::DeepStar, after),
            ('*', ['*', after @ ..]) => (Elem::DeepStar, after),
            ('*', _) => (Elem::Star, after),
            ('[', _) => match class(after, crosses) {
                Some((class, after)) => (Elem::Class(class), after),
                None => (Elem::Char('['), after),
            },
            (c, _) => (Elem::Char(*c), after),
        };
        // A star after a star adds nothing but work.
        let is_again = matches!(elem, Elem::Star | Elem::DeepStar) && elems.last() == Some(&elem);
        if !is_again {
            elems.push(elem);
        }
        rest = after;
    }
    elems
}

/// Parses what follows an opening bracket; `None` when it does not close within the name.
fn class(after: &[char], crosses: bool) -> Option<(Class, &[char])> {
    let (is_negated, body) = match after {
        ['!' | '^', body @ ..] => (true, body),
        body => (false, body),
    };
    // A closing bracket right at the start is one of the characters.
    let n_skipped = usize::from(body.first() == Some(&']'));
    let n_body = body.iter().skip(n_skipped).position(|c| *c == ']')? + n_skipped;
    let (inside, rest) = body.split_at_checked(n_body)?;
    let n_text = after.len() - rest.len();
    let text: String = std::iter::once('[').chain(after.iter().take(n_text).copied()).chain([']']).collect();
    let class = Class { is_negated, crosses, ranges: ranges(inside), text };
    Some((class, rest.get(1..)?))
}

fn ranges(inside: &[char]) -> Vec<(char, char)> {
    let mut ranges = Vec::new();
    let mut rest = inside;
    while let Some((first, after)) = rest.split_first() {
        rest = match after {
            ['-', last, after @ ..] => {
                ranges.push((*first, *last));
                after
            }
            after => {
                ranges.push((*first, *first));
                after
            }
        };
    }
    ranges
}

/// How deep braces may stand in braces.
const MAX_DEPTH: usize = 8;

/// Returns the texts that the braces of a text stand for. Braces without a comma mean themselves.
pub(crate) fn alternatives(text: &str, max: usize) -> Result<Vec<String>, &'static str> {
    if !text.contains('{') {
        return Ok(vec![text.to_owned()]);
    }
    let chars: Vec<char> = text.chars().collect();
    let all = expand(&chars, max, 0)?;
    Ok(all.into_iter().map(|one| one.into_iter().collect()).collect())
}

fn expand(chars: &[char], max: usize, depth: usize) -> Result<Vec<Vec<char>>, &'static str> {
    if depth > MAX_DEPTH {
        return Err("has braces in braces, deeper than 8");
    }
    let mut all: Vec<Vec<char>> = vec![Vec::new()];
    let mut rest = chars;
    while let Some((first, after)) = rest.split_first() {
        let (choices, after) = match first {
            '{' => {
                let (parts, after) = split_braces(after)?;
                (choices_of(&parts, max, depth)?, after)
            }
            '[' => {
                let n_taken = class(after, false).map_or(0, |(_, rest)| after.len() - rest.len());
                let (inside, after) = after.split_at_checked(n_taken).unwrap_or((&[], after));
                (vec![[&['['], inside].concat()], after)
            }
            c => (vec![vec![*c]], after),
        };
        if all.len() * choices.len() > max {
            return Err("stands for too many paths: at most 1,000");
        }
        match choices.as_slice() {
            [only] => all.iter_mut().for_each(|one| one.extend_from_slice(only)),
            several => {
                let with = |one: &Vec<char>| {
                    several.iter().map(|choice| [one.as_slice(), choice].concat()).collect::<Vec<_>>()
                };
                all = all.iter().flat_map(with).collect();
            }
        }
        rest = after;
    }
    Ok(all)
}

fn choices_of(parts: &[&[char]], max: usize, depth: usize) -> Result<Vec<Vec<char>>, &'static str> {
    let mut choices = Vec::new();
    for part in parts {
        choices.extend(expand(part, max, depth + 1)?);
        if choices.len() > max {
            return Err("stands for too many paths: at most 1,000");
        }
    }
    if parts.len() == 1 {
        // Braces without a comma mean themselves, whatever stands in them.
        choices = choices.into_iter().map(|one| [&['{'], one.as_slice(), &['}']].concat()).collect();
    }
    Ok(choices)
}

/// Splits what stands in braces at its commas; returns what follows the closing brace.
fn split_braces(after: &[char]) -> Result<(Vec<&[char]>, &[char]), &'static str> {
    let (mut depth, mut start, mut idx) = (0_usize, 0, 0);
    let mut parts = Vec::new();
    while let Some(c) = after.get(idx) {
        match c {
            '[' => {
                let rest = after.get(idx + 1..).unwrap_or_default();
                idx += class(rest, false).map_or(0, |(_, tail)| rest.len() - tail.len());
            }
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' if depth == 0 => {
                parts.push(after.get(start..idx).unwrap_or_default());
                start = idx + 1;
            }
            '}' => {
                parts.push(after.get(start..idx).unwrap_or_default());
                return Ok((parts, after.get(idx + 1..).unwrap_or_default()));
            }
            _ => {}
        }
        idx += 1;
    }
    Err("has a brace that is not closed")
}
