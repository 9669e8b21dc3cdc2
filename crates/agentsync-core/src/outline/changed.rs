//! Which symbols differ between two versions of a file.

use std::collections::{BTreeMap, BTreeSet};

use super::{Outline, Symbol};
use crate::region::SymbolPath;

/// Returns the innermost symbols by which two versions of a file differ, each with its text.
///
/// A symbol differs when its signature or body does, or when only one version has it; what it stands in then
/// counts as unchanged. Where only what hashes leave out differs, such as comments, it is the symbols around the lines
/// that differ. Empty when all that differs belongs to no symbol.
pub fn changed(before: (&Outline, &str), after: (&Outline, &str)) -> Vec<SymbolPath> {
    let mut found = differing(before.0, after.0);
    if found.is_empty()
        && let Some((old, new)) = lines(before.1, after.1)
    {
        found.extend(before.0.around(old));
        found.extend(after.0.around(new));
    }
    found.iter().filter(|path| !found.iter().any(|other| other.is_in(path))).cloned().collect()
}

/// Returns the symbols whose versions differ, with what they stand in.
fn differing(before: &Outline, after: &Outline) -> BTreeSet<SymbolPath> {
    let (old, new) = (versions(before), versions(after));
    let paths = old.keys().chain(new.keys());
    paths.filter(|path| old.get(*path) != new.get(*path)).map(|path| (*path).clone()).collect()
}

/// A signature and a body, as hashes.
type Version<'a> = (&'a str, Option<&'a str>);

/// Returns the versions of each symbol: overloads share a name.
fn versions(outline: &Outline) -> BTreeMap<&SymbolPath, BTreeSet<Version<'_>>> {
    let mut found: BTreeMap<&SymbolPath, BTreeSet<Version<'_>>> = BTreeMap::new();
    for Symbol { path, signature, body, .. } in &outline.symbols {
        found.entry(path).or_default().insert((signature, body.as_deref()));
    }
    found
}

/// Lines from the first to the last, counted from 1, both inclusive; none when the last is before the first.
type Lines = (u32, u32);

/// Returns the lines between what two texts begin and end with alike; `None` when the texts are the same.
fn lines(before: &str, after: &str) -> Option<(Lines, Lines)> {
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let n_shared = old.len().min(new.len());
    let head = old.iter().zip(&new).take_while(|(old, new)| old == new).count();
    let tail = old.iter().rev().zip(new.iter().rev()).take_while(|(old, new)| old == new).count();
    let tail = tail.min(n_shared - head);
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let range = |n_lines: usize| (number(head + 1), number(n_lines - tail));
    (old != new).then(|| (range(old.len()), range(new.len())))
}

impl Outline {
    /// Returns the innermost symbols around lines; a line that belongs to none has none.
    fn around(&self, (from, to): Lines) -> BTreeSet<SymbolPath> {
        (from..=to).filter_map(|line| self.innermost(line)).map(|symbol| symbol.path.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One symbol per line: `path first-last body`.
    fn outline(text: &str) -> Outline {
        let symbol = |line: &str| {
            let [path, from, to, body] = line.split(' ').collect::<Vec<_>>().try_into().unwrap();
            Symbol {
                path: SymbolPath::parse(path).unwrap(),
                params: None,
                lines: (from.parse().unwrap(), to.parse().unwrap()),
                signature: "s".to_owned(),
                body: Some(body.to_owned()),
            }
        };
        Outline { blob: String::new(), symbols: text.split(", ").map(symbol).collect() }
    }

    const FILE: &str = "login 2 3 a, Session 5 9 b, Session.renew 6 7 c, Session.drop 8 8 d";
    const TEXT: &str = "use x;\nlogin\n login\n\nSession\n renew\n  renew\n drop\n}\n";

    #[track_caller]
    fn check(after: &str, text: &str, want: &[&str]) {
        let found = changed((&outline(FILE), TEXT), (&outline(after), text));
        let found: Vec<String> = found.iter().map(SymbolPath::to_string).collect();
        assert_eq!(found, want, "{after}");
    }

    #[test]
    fn symbols_differ_by_their_hashes() {
        check(FILE, TEXT, &[]);
        check("login 2 3 x, Session 5 9 b, Session.renew 6 7 c, Session.drop 8 8 d", "", &["login"]);
        let renewed = "login 2 3 a, Session 5 9 x, Session.renew 6 7 x, Session.drop 8 8 d";
        check(renewed, "", &["Session.renew"]);
        check("login 2 3 a, Session 5 9 x, Session.renew 6 7 c, Session.drop 8 8 d", "", &["Session"]);
        check("login 2 3 a, Session 5 7 x, Session.renew 6 7 c", "", &["Session.drop"]);
        check(&format!("{FILE}, fresh 11 12 e"), "", &["fresh"]);
        let twice = "login 2 3 a, login 4 4 z, Session 5 9 b, Session.renew 6 7 c, Session.drop 8 8 d";
        check(twice, "", &["login"]);
    }

    #[test]
    fn comments_belong_to_the_symbol_around_them() {
        check(FILE, &TEXT.replace("  renew", "  renew // why"), &["Session.renew"]);
        check(FILE, &TEXT.replace("use x;", "use y;"), &[]);
        check(FILE, &TEXT.replace("}\n", "} // end\n"), &["Session"]);
        check(FILE, &format!("{TEXT}\nmore\n"), &[]);
        check(FILE, "", &["Session.drop", "Session.renew", "login"]);
    }
}
