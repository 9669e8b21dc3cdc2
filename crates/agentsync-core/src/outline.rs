//! The symbols of one file, and what a region comes to among them.

mod changed;

pub use changed::changed;

use std::collections::BTreeSet;

use crate::board::Board;
use crate::facts::{DefKind, Definition, Facts};
use crate::id::AgentId;
use crate::region::{Anchor, Mode, Place, Region, SymbolPath};

/// How like a name must be to be offered for one that is not there, from 0 to 1.
const LIKE: f64 = 0.7;
/// How many names are offered.
const MAX_NEAREST: usize = 3;
/// How many symbols of one file are looked at.
const MAX_SYMBOLS: usize = 5_000;

/// One symbol of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Symbol {
    /// Its names, outermost first.
    pub path: SymbolPath,
    /// How many parameters it takes at least and at most, where it can be called.
    pub params: Option<(u16, Option<u16>)>,
    /// Its first and last line, from 1.
    pub lines: (u32, u32),
    /// A hash of its signature, in hex.
    pub signature: String,
    /// A hash of its body, in hex.
    pub body: Option<String>,
}

/// The symbols of a file in one version.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outline {
    /// The file's blob, as its id in hex.
    pub blob: String,
    /// Its symbols, in order.
    pub symbols: Vec<Symbol>,
}

/// What a region was found to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// It is there: the region in full, with its anchor.
    Here(Region),
    /// There is no such symbol; these have names like it.
    Missing(Vec<String>),
    /// Several symbols go by that name.
    Several(Vec<String>),
}

impl Outline {
    /// Returns the symbols that `facts` of the blob define and that can be named from outside.
    pub fn of(blob: String, facts: &Facts) -> Outline {
        // A constructor without a body is a line of its type, which is there already.
        let is_line = |def: &Definition| def.kind == DefKind::Constructor && def.body_hash == 0;
        let named = facts.definitions.iter().filter(|def| !def.modifiers.is_local && !is_line(def));
        Outline { blob, symbols: named.filter_map(symbol).take(MAX_SYMBOLS).collect() }
    }

    /// Looks a region up.
    pub fn find(&self, region: &Region) -> Found {
        match &region.place {
            Place::Symbol(wanted) => self.find_symbol(region, wanted),
            Place::Lines(from, to) => Found::Here(self.anchored(region, (*from, *to), None)),
        }
    }

    fn find_symbol(&self, region: &Region, wanted: &SymbolPath) -> Found {
        let fits = |symbol: &&Symbol| {
            symbol.path.names().ends_with(wanted.names()) && symbol.takes(wanted.overload())
        };
        let found: Vec<&Symbol> = self.symbols.iter().filter(fits).collect();
        let paths: BTreeSet<&[String]> = found.iter().map(|symbol| symbol.path.names()).collect();
        match (found.first(), paths.len()) {
            (None, _) if region.mode == Mode::Add => Found::Here(region.clone()),
            (None, _) => Found::Missing(self.nearest(wanted.name())),
            (Some(_), 2..) => Found::Several(paths.iter().map(|names| names.join(".")).collect()),
            (Some(first), _) => {
                let lines = found.iter().fold(first.lines, |(from, to), symbol| {
                    (from.min(symbol.lines.0), to.max(symbol.lines.1))
                });
                let place = Place::Symbol(first.path.clone().with_overload(wanted.overload()));
                let named = Region { place, ..region.clone() };
                Found::Here(self.anchored(&named, lines, (found.len() == 1).then_some(first)))
            }
        }
    }

    fn anchored(&self, region: &Region, lines: (u32, u32), symbol: Option<&Symbol>) -> Region {
        let symbols = match &region.place {
            Place::Symbol(path) => vec![path.clone()],
            Place::Lines(..) => self.symbols_at(lines),
        };
        let anchor = Anchor {
            blob: self.blob.clone(),
            lines,
            symbols,
            signature: symbol.map(|symbol| symbol.signature.clone()),
            body: symbol.and_then(|symbol| symbol.body.clone()),
        };
        Region { anchor: Some(anchor), ..region.clone() }
    }

    /// Returns the innermost symbols of a range of lines; none when a line belongs to no symbol.
    fn symbols_at(&self, (from, to): (u32, u32)) -> Vec<SymbolPath> {
        let mut found = BTreeSet::new();
        let last = self.symbols.iter().map(|symbol| symbol.lines.1).max().unwrap_or(0);
        if last < to {
            return Vec::new();
        }
        for line in from..=to {
            match self.innermost(line) {
                Some(innermost) => found.insert(innermost.path.clone()),
                None => return Vec::new(),
            };
        }
        found.into_iter().collect()
    }

    /// Returns the innermost symbol that a line belongs to.
    fn innermost(&self, line: u32) -> Option<&Symbol> {
        let around = self.symbols.iter().filter(|symbol| symbol.lines.0 <= line && line <= symbol.lines.1);
        around.min_by_key(|symbol| symbol.lines.1 - symbol.lines.0)
    }

    fn nearest(&self, name: &str) -> Vec<String> {
        let like = |symbol: &Symbol| strsim::jaro_winkler(symbol.path.name(), name);
        let mut near: Vec<(f64, String)> = self
            .symbols
            .iter()
            .map(|symbol| (like(symbol), symbol.path.to_string()))
            .filter(|(likeness, _)| *likeness >= LIKE)
            .collect();
        near.sort_by(|(one, left), (other, right)| other.total_cmp(one).then_with(|| left.cmp(right)));
        near.dedup_by(|(_, one), (_, other)| one == other);
        near.into_iter().take(MAX_NEAREST).map(|(_, path)| path).collect()
    }

    /// Returns which symbols of the file at `path` no peer of `me` holds; `None` when one holds all of it.
    ///
    /// A symbol that holds others is left out: its members are listed.
    pub fn free(&self, board: &Board, me: &AgentId, path: &str) -> Option<Vec<String>> {
        let active = board.peers_of(me).filter(|(_, entry)| entry.is_active());
        let mut held: Vec<&Region> = Vec::new();
        for (_, entry) in active {
            let claim = entry.as_claim()?;
            for spec in claim.touches.iter().filter(|spec| spec.covers(path)) {
                held.push(spec.region()?);
            }
        }
        let is_leaf = |symbol: &Symbol| {
            let begins = |other: &&Symbol| {
                other.path != symbol.path && other.path.names().starts_with(symbol.path.names())
            };
            !self.symbols.iter().any(|other| begins(&other))
        };
        let is_free = |symbol: &&Symbol| {
            let region = Region { place: Place::Symbol(symbol.path.clone()), mode: Mode::Edit, anchor: None };
            is_leaf(symbol) && !held.iter().any(|held| held.meets(&region))
        };
        Some(self.symbols.iter().filter(is_free).map(|symbol| symbol.path.to_string()).collect())
    }

    /// Returns the name that a symbol has here which was found in another version of the file under a name that is
    /// not here: that of the only symbol with the same body.
    pub fn renamed(&self, region: &Region) -> Option<&SymbolPath> {
        let anchor =
            region.anchor.as_ref().filter(|anchor| anchor.blob != self.blob && anchor.body.is_some())?;
        let Found::Missing(_) = self.find(region) else { return None };
        let mut alike = self.symbols.iter().filter(|symbol| symbol.body == anchor.body);
        let found = alike.next()?;
        alike.next().is_none().then_some(&found.path)
    }
}

impl Symbol {
    fn takes(&self, overload: Option<&str>) -> bool {
        let n_wanted = overload.and_then(|text| text.strip_prefix('/')).and_then(|n| n.parse::<u16>().ok());
        match (n_wanted, self.params) {
            (Some(n), Some((min, max))) => min <= n && max.is_none_or(|max| n <= max),
            _ => true,
        }
    }
}

fn symbol(def: &Definition) -> Option<Symbol> {
    Some(Symbol {
        path: symbol_path(def)?,
        params: def.params.as_ref().map(|params| (params.min, params.max)),
        lines: (def.span.line, def.span.end_line),
        signature: format!("{:016x}", def.signature_hash),
        body: (def.body_hash != 0).then(|| format!("{:016x}", def.body_hash)),
    })
}

/// Returns the names by which a definition is claimed.
pub(crate) fn symbol_path(def: &Definition) -> Option<SymbolPath> {
    // A key's name is a path of words that need not be names.
    match def.container.is_empty() || def.kind == DefKind::Key {
        true => SymbolPath::parse(&def.name),
        false => SymbolPath::parse(&format!("{}.{}", def.container, def.name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outline(blob: &str, symbols: &[(&str, (u32, u32), &str)]) -> Outline {
        let symbol = |(path, lines, body): &(&str, (u32, u32), &str)| Symbol {
            path: SymbolPath::parse(path).unwrap(),
            params: None,
            lines: *lines,
            signature: "s".to_owned(),
            body: Some((*body).to_owned()),
        };
        Outline { blob: blob.to_owned(), symbols: symbols.iter().map(symbol).collect() }
    }

    fn file() -> Outline {
        outline(
            "aa",
            &[
                ("login", (1, 4), "1"),
                ("Session", (6, 20), "2"),
                ("Session.renew", (7, 12), "3"),
                ("Session.drop", (14, 18), "4"),
                ("Guard", (22, 30), "5"),
                ("Guard.drop", (23, 25), "6"),
            ],
        )
    }

    fn region(text: &str) -> Region {
        Region::split(&format!("f{text}")).unwrap().1
    }

    #[track_caller]
    fn check_find(text: &str, want: &str) {
        let got = match file().find(&region(text)) {
            Found::Here(region) => {
                let lines = region.anchor.as_ref().map(|anchor| anchor.lines);
                format!("{region} {lines:?}")
            }
            Found::Missing(near) => format!("missing {near:?}"),
            Found::Several(paths) => format!("several {paths:?}"),
        };
        assert_eq!(got, want);
    }

    #[test]
    fn a_symbol_is_found_by_as_much_of_its_name_as_tells_it_apart() {
        check_find("#login", "#login Some((1, 4))");
        check_find("#renew", "#Session.renew Some((7, 12))");
        check_find("#Session", "#Session Some((6, 20))");
        check_find("#drop", r#"several ["Guard.drop", "Session.drop"]"#);
        check_find("#logn", r#"missing ["login"]"#);
        check_find("#logout:add", "#logout:add None");
    }

    #[test]
    fn lines_know_the_symbols_they_touch() {
        let symbols = |text: &str| match file().find(&region(text)) {
            Found::Here(region) => region.anchor.unwrap().symbols.iter().map(SymbolPath::to_string).collect(),
            Found::Missing(_) | Found::Several(_) => Vec::new(),
        };
        assert_eq!(symbols(":8-9"), ["Session.renew"]);
        assert_eq!(symbols(":8-15"), ["Session", "Session.drop", "Session.renew"]);
        assert!(symbols(":4-6").is_empty(), "a line between symbols belongs to none");
        assert!(symbols(":29-40").is_empty());
    }

    #[test]
    fn a_symbol_is_known_by_its_body_where_its_name_is_gone() {
        let renamed = |held: &str, later: &Outline| {
            let Found::Here(held) = file().find(&region(held)) else { panic!("{held} is there") };
            later.renamed(&held).map(SymbolPath::to_string)
        };
        let moved = outline("bb", &[("login", (9, 14), "1"), ("Session", (20, 30), "2")]);
        assert_eq!(renamed("#login", &moved), None, "its name is there");
        let later = outline("bb", &[("sign_in", (1, 4), "1"), ("Session", (20, 30), "9")]);
        assert_eq!(renamed("#login", &later).as_deref(), Some("sign_in"));
        assert_eq!(renamed("#Session.renew", &later), None, "nothing has its body");
        let twice = outline("bb", &[("one", (1, 4), "1"), ("two", (5, 9), "1")]);
        assert_eq!(renamed("#login", &twice), None, "it could be either");
        assert_eq!(renamed(":1-3", &later), None, "lines go by the symbols they were in");
    }
}
