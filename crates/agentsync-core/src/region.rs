//! A part of one file: a symbol, or a range of lines.
//!
//! A spec narrowed to a region still names its whole file to programs that know no regions. Two
//! specs of one file meet unless both are narrowed and their regions are told apart here; what cannot
//! be told apart meets.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::text::is_hidden;

/// The most names from the outermost to the symbol.
const MAX_NAMES: usize = 16;

/// The longest symbol, in bytes.
const MAX_SYMBOL_BYTES: usize = 512;

/// A symbol by the names of what it stands in, outermost first, and its own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SymbolPath {
    names: Vec<String>,
    /// What tells it from others of its name: `/2` for two parameters, `(T,U)` for their types.
    overload: Option<String>,
}

impl SymbolPath {
    /// Parses `name`, `Outer.inner`, `Outer::inner`, `name/2` or `name(T,U)`; `None` for anything else.
    pub fn parse(text: &str) -> Option<SymbolPath> {
        let (path, overload) =
            split_overload(text).filter(|_| text.len() <= MAX_SYMBOL_BYTES && !text.contains(is_hidden))?;
        let names: Vec<String> = path.replace("::", ".").split('.').map(str::to_owned).collect();
        let is_fit = names.len() <= MAX_NAMES && names.iter().all(|name| is_name(name));
        is_fit.then_some(SymbolPath { names, overload })
    }

    /// Returns the symbol's own name.
    pub fn name(&self) -> &str {
        self.names.last().map_or("", String::as_str)
    }

    /// Returns the names from the outermost to its own.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Returns what tells it from others of its name.
    pub fn overload(&self) -> Option<&str> {
        self.overload.as_deref()
    }

    /// Returns the symbol with what tells it from others of its name.
    #[must_use]
    pub fn with_overload(self, overload: Option<&str>) -> SymbolPath {
        SymbolPath { overload: overload.map(str::to_owned), ..self }
    }

    /// Returns the symbol it stands in.
    pub fn container(&self) -> Option<SymbolPath> {
        let (_, outer) = self.names.split_last().filter(|(_, outer)| !outer.is_empty())?;
        Some(SymbolPath { names: outer.to_vec(), overload: None })
    }

    /// Tells whether the two could be one symbol, or one stands in the other.
    ///
    /// Names may leave out what a symbol stands in: `renew` could be `Session.renew`.
    pub fn meets(&self, other: &SymbolPath) -> bool {
        let (short, long) = if self.names.len() <= other.names.len() { (self, other) } else { (other, self) };
        if long.is_in(short) {
            return true;
        }
        long.names.ends_with(&short.names) && !self.is_other_overload(other)
    }

    /// Tells whether it stands in the other.
    pub fn is_in(&self, other: &SymbolPath) -> bool {
        self.names.starts_with(&other.names) && other.names.len() < self.names.len()
    }

    fn is_other_overload(&self, other: &SymbolPath) -> bool {
        match (&self.overload, &other.overload) {
            (Some(mine), Some(theirs)) => mine.starts_with('(') == theirs.starts_with('(') && mine != theirs,
            _ => false,
        }
    }
}

impl fmt::Display for SymbolPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.names.join("."), self.overload.as_deref().unwrap_or_default())
    }
}

/// Where in its file a region is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Place {
    /// A symbol, with all that stands in it.
    Symbol(SymbolPath),
    /// Lines, counted from 1, both inclusive.
    Lines(u32, u32),
}

/// What is meant to happen to a region.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub enum Mode {
    /// Its body changes.
    #[default]
    Edit,
    /// Its signature may change, or it may go or move: whoever uses it is concerned.
    Sign,
    /// It is new.
    Add,
}

impl Mode {
    /// Parses the word on the wire.
    pub fn parse(text: &str) -> Option<Mode> {
        match text {
            "edit" => Some(Mode::Edit),
            "sign" => Some(Mode::Sign),
            "add" => Some(Mode::Add),
            _ => None,
        }
    }

    /// Returns the word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Mode::Edit => "edit",
            Mode::Sign => "sign",
            Mode::Add => "add",
        }
    }
}

/// What a region was found to be, in the file as its holder had it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Anchor {
    /// The file's blob, as its id in hex.
    pub blob: String,
    /// The lines it covered there, counted from 1, both inclusive.
    pub lines: (u32, u32),
    /// The innermost symbols it touches, in full; empty when it touches what belongs to none.
    pub symbols: Vec<SymbolPath>,
    /// A hash of the symbol's signature, in hex; `None` for lines.
    pub signature: Option<String>,
    /// A hash of its body, in hex; `None` for lines and for what has none.
    pub body: Option<String>,
}

/// A part of one file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Region {
    /// Where.
    pub place: Place,
    /// What for.
    pub mode: Mode,
    /// What it was found to be; `None` when it was not found.
    pub anchor: Option<Anchor>,
}

impl Region {
    /// Splits a spec into its file and its region; `None` when it names no region.
    ///
    /// A file whose own name looks like that is written with a bracket: `notes[#]draft`.
    pub fn split(text: &str) -> Option<(&str, Region)> {
        let (rest, mode) = match text.rsplit_once(':').map(|(rest, word)| (rest, Mode::parse(word))) {
            Some((rest, Some(mode))) if rest.contains('#') => (rest, mode),
            _ => (text, Mode::Edit),
        };
        let (path, place) = if let Some((path, symbol)) = rest.rsplit_once('#') {
            (path, Place::Symbol(SymbolPath::parse(symbol)?))
        } else {
            let (path, lines) = rest.rsplit_once(':')?;
            (path, parse_lines(lines)?)
        };
        (!path.is_empty()).then_some((path, Region { place, mode, anchor: None }))
    }

    /// Tells whether the two regions of one file are not known to be apart.
    pub fn meets(&self, other: &Region) -> bool {
        match (&self.place, &other.place) {
            (Place::Symbol(mine), Place::Symbol(theirs)) => mine.meets(theirs),
            (Place::Lines(from, to), Place::Lines(first, last)) => {
                let is_same_file = self.blob().is_some() && self.blob() == other.blob();
                match is_same_file {
                    true => from <= last && first <= to,
                    false => self.symbols_meet(other),
                }
            }
            (Place::Symbol(_), Place::Lines(..)) | (Place::Lines(..), Place::Symbol(_)) => {
                self.symbols_meet(other)
            }
        }
    }

    /// Tells whether a change of a symbol, apart from what else stands in that, could be one of this region.
    pub fn holds(&self, symbol: &SymbolPath) -> bool {
        let (symbols, is_in) =
            (self.symbols(), |mine: &SymbolPath| mine.meets(symbol) && !mine.is_in(symbol));
        symbols.is_empty() || symbols.iter().any(is_in)
    }

    /// Tells whether it is not known which symbols it touches, or that it touches what belongs to none.
    pub fn is_vague(&self) -> bool {
        self.symbols().is_empty()
    }

    /// Tells whether the two say the same, however the file has changed meanwhile.
    pub fn is_same_place(&self, other: &Region) -> bool {
        self.place == other.place && self.mode == other.mode
    }

    fn blob(&self) -> Option<&str> {
        self.anchor.as_ref().map(|anchor| anchor.blob.as_str())
    }

    /// Returns the symbols it touches; empty when they are not known.
    fn symbols(&self) -> &[SymbolPath] {
        match (&self.place, &self.anchor) {
            (Place::Symbol(symbol), _) => std::slice::from_ref(symbol),
            (Place::Lines(..), Some(anchor)) => &anchor.symbols,
            (Place::Lines(..), None) => &[],
        }
    }

    fn symbols_meet(&self, other: &Region) -> bool {
        let (mine, theirs) = (self.symbols(), other.symbols());
        mine.is_empty()
            || theirs.is_empty()
            || mine.iter().any(|mine| theirs.iter().any(|theirs| mine.meets(theirs)))
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Place::Symbol(symbol) => write!(f, "#{symbol}")?,
            Place::Lines(from, to) => write!(f, ":{from}-{to}")?,
        }
        match self.mode {
            Mode::Edit => Ok(()),
            Mode::Sign | Mode::Add => write!(f, ":{}", self.mode.as_str()),
        }
    }
}

fn split_overload(text: &str) -> Option<(&str, Option<String>)> {
    if let Some((path, types)) = text.split_once('(') {
        let types = types.strip_suffix(')')?;
        let words: String = types.chars().filter(|c| !c.is_whitespace()).collect();
        let is_fit = !words.contains(['(', ')', '#']);
        return is_fit.then(|| (path, Some(format!("({words})"))));
    }
    match text.split_once('/') {
        Some((path, n)) if n.parse::<u8>().is_ok() => Some((path, Some(format!("/{n}")))),
        Some(_) => None,
        None => Some((text, None)),
    }
}

fn is_name(name: &str) -> bool {
    let mut chars = name.chars();
    let begins = chars.next().is_some_and(|c| c.is_alphabetic() || matches!(c, '_' | '$' | '~'));
    let core = name.strip_suffix(['?', '!']).unwrap_or(name);
    begins && core.chars().skip(1).all(|c| c.is_alphanumeric() || matches!(c, '_' | '$'))
}

fn parse_lines(text: &str) -> Option<Place> {
    let (from, to) = text.split_once('-').unwrap_or((text, text));
    let number = |text: &str| text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse::<u32>().ok())?;
    let (from, to) = (number(from)?, number(to)?);
    (1 <= from && from <= to).then_some(Place::Lines(from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_split(text: &str, want: Option<(&str, &str)>) {
        let got = Region::split(text).map(|(path, region)| (path.to_owned(), region.to_string()));
        assert_eq!(got, want.map(|(path, region)| (path.to_owned(), region.to_owned())), "{text}");
    }

    #[test]
    fn a_region_stands_behind_its_file() {
        check_split("src/auth.rs#login", Some(("src/auth.rs", "#login")));
        check_split("src/auth.rs#Session::renew", Some(("src/auth.rs", "#Session.renew")));
        check_split("A.java#Outer.inner/2", Some(("A.java", "#Outer.inner/2")));
        check_split("A.java#f(int, List<T>)", Some(("A.java", "#f(int,List<T>)")));
        check_split("src/auth.rs#login:sign", Some(("src/auth.rs", "#login:sign")));
        check_split("src/auth.rs#new_one:add", Some(("src/auth.rs", "#new_one:add")));
        check_split("src/auth.rs:10-40", Some(("src/auth.rs", ":10-40")));
        check_split("src/auth.rs:7", Some(("src/auth.rs", ":7-7")));
    }

    #[test]
    fn what_only_looks_like_a_region_is_a_path() {
        check_split("src/auth.rs", None);
        check_split("c#/main.cs", None);
        check_split("notes[#]draft", None);
        check_split("a:b", None);
        check_split("a.rs:0-3", None);
        check_split("a.rs:9-3", None);
        check_split("#login", None);
        check_split("a.rs#", None);
        check_split("a.rs#1st", None);
        check_split("a.rs#f(\u{1b}[2J)", None);
        check_split(&format!("a.rs#{}", "f".repeat(600)), None);
    }

    #[track_caller]
    fn check_meets(one: &str, other: &str, want: bool) {
        let region = |text: &str| Region::split(&format!("f{text}")).unwrap().1;
        let (one, other) = (region(one), region(other));
        assert_eq!(one.meets(&other), want, "{one} {other}");
        assert_eq!(other.meets(&one), want, "{other} {one}");
    }

    #[test]
    fn symbols_meet_when_one_could_be_or_hold_the_other() {
        check_meets("#login", "#login", true);
        check_meets("#login", "#logout", false);
        check_meets("#Session", "#Session.renew", true);
        check_meets("#Session.renew", "#Session.drop", false);
        check_meets("#renew", "#Session.renew", true);
        check_meets("#A.renew", "#B.renew", false);
        check_meets("#f/1", "#f/2", false);
        check_meets("#f/1", "#f", true);
        check_meets("#f(int)", "#f/1", true);
        check_meets("#login:sign", "#login:add", true);
        check_meets("#A.x:add", "#A.y:add", false);
    }

    #[test]
    fn lines_are_apart_only_in_the_same_version_of_the_file() {
        check_meets(":1-5", ":9-12", true);
        let anchored = |lines: (u32, u32), blob: &str, symbols: &[&str]| Region {
            place: Place::Lines(lines.0, lines.1),
            mode: Mode::Edit,
            anchor: Some(Anchor {
                blob: blob.to_owned(),
                lines,
                symbols: symbols.iter().filter_map(|text| SymbolPath::parse(text)).collect(),
                signature: None,
                body: None,
            }),
        };
        let one = anchored((1, 5), "aa", &["f"]);
        assert!(!one.meets(&anchored((6, 9), "aa", &["f"])), "the same version tells lines apart");
        assert!(one.meets(&anchored((5, 9), "aa", &["f"])));
        assert!(one.meets(&anchored((6, 9), "bb", &["f"])), "lines of another version may have moved");
        assert!(!one.meets(&anchored((6, 9), "bb", &["g"])));
        assert!(one.meets(&anchored((6, 9), "bb", &[])), "what belongs to no symbol is not known");
        let symbol = Region::split("f#g").unwrap().1;
        assert!(!one.meets(&symbol));
    }
}
