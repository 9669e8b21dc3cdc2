//! What a spec stands for: one or several forms, each a row of names and patterns.

use super::Dialect;
use super::canonical::{Lenient, is_git_folder, looks_like_file};
use super::fold::fold;
use super::pattern::{self, Elem};

/// The longest glob, in bytes.
const MAX_GLOB_BYTES: usize = 512;
/// The most wildcards of one glob.
const MAX_WILDCARDS: usize = 64;
/// The most specs that braces may stand for.
const MAX_ALTERNATIVES: usize = 1000;

/// How far a form reaches below the last of its names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// It is that path alone: a glob.
    Exact,
    /// That path, and all below it: the path or folder of that name.
    Below,
    /// Like `Below`, but the name looks like a file's: a pattern in which the path is not spelled out
    /// as a folder is not taken to look below it.
    File,
}

/// One segment of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Segment {
    /// `**`: no folder, one or many; at the end, one name at least.
    AnyFolders,
    /// One name, or in the predecessor's dialect a text that may run over several.
    Name(Vec<Elem>),
}

/// One of the things a spec stands for.
#[derive(Debug, Clone)]
pub(crate) struct Form {
    /// The segments from the root.
    pub(crate) segments: Vec<Segment>,
    /// How far it reaches below.
    pub(crate) reach: Reach,
    /// The folded names it begins with, up to the first pattern.
    pub(crate) head: Vec<String>,
    /// The folded text that every path of an exact form ends with.
    pub(crate) tail: String,
}

impl Form {
    pub(crate) fn new(segments: Vec<Segment>, reach: Reach) -> Form {
        let mut head = Vec::new();
        for segment in &segments {
            match fixed_name(segment) {
                Some(name) => head.push(name),
                None => break,
            }
        }
        let tail = match (segments.last(), reach) {
            (Some(Segment::Name(elems)), Reach::Exact | Reach::File) => fixed_end(elems),
            (Some(Segment::Name(_)), Reach::Below) | (Some(Segment::AnyFolders) | None, _) => String::new(),
        };
        Form { segments, reach, head, tail }
    }

    /// Tells whether the form spells every name out.
    pub(crate) fn is_fixed(&self) -> bool {
        self.head.len() == self.segments.len()
    }
}

fn fixed_name(segment: &Segment) -> Option<String> {
    match segment {
        Segment::AnyFolders => None,
        Segment::Name(elems) => {
            let is_fixed = elems.iter().all(|elem| matches!(elem, Elem::Char(_)));
            is_fixed.then(|| fixed_end(elems))
        }
    }
}

fn fixed_end(elems: &[Elem]) -> String {
    let fixed: Vec<char> = elems.iter().rev().map_while(Elem::as_char).collect();
    fold(&fixed.into_iter().rev().collect::<String>()).collect()
}

/// Tells whether a spec is a pattern.
pub(super) fn is_glob(text: &str, dialect: Dialect) -> bool {
    text.contains(['*', '?', '['])
        || (dialect == Dialect::Agentsync
            && pattern::alternatives(text, MAX_ALTERNATIVES).is_ok_and(|all| all.len() > 1))
}

/// Says what is wrong with a glob of our own.
pub(super) fn check(text: &str) -> Result<(), &'static str> {
    let alternatives = pattern::alternatives(text, MAX_ALTERNATIVES)?;
    let n_wildcards = text.matches(['*', '?', '[']).count();
    let is_glob = n_wildcards > 0 || alternatives.len() > 1;
    if is_glob && text.len() > MAX_GLOB_BYTES {
        return Err("is longer than the 512 bytes a glob may have");
    }
    if n_wildcards > MAX_WILDCARDS {
        return Err("has more than the 64 wildcards a glob may have");
    }
    for name in alternatives.iter().flat_map(|one| one.split('/')) {
        match name {
            ".." => return Err("has `..` in an alternative: say it without"),
            _ if is_git_folder(name) => return Err("leads into git's own folder"),
            _ => pattern::parse_strict(name)?,
        }
    }
    Ok(())
}

/// Returns what a spec of ours stands for.
pub(super) fn forms(spec: &Lenient) -> Vec<Form> {
    let text = spec.names.join("/");
    let Ok(alternatives) = pattern::alternatives(&text, MAX_ALTERNATIVES) else {
        // Nobody can say what it means, so it means everything.
        return vec![everything()];
    };
    let forms = alternatives.iter().flat_map(|one| forms_of_one(one, spec.is_folder));
    forms.flat_map(|form| afloat(&form, spec.is_adrift)).collect()
}

fn everything() -> Form {
    Form::new(Vec::new(), Reach::Below)
}

fn forms_of_one(text: &str, is_folder: bool) -> Vec<Form> {
    let names: Vec<&str> = text.split('/').filter(|name| !name.is_empty() && *name != ".").collect();
    let Some(last) = names.last() else {
        return vec![everything()];
    };
    let is_pattern = text.contains(['*', '?', '[']);
    if !is_pattern {
        return vec![literal(&names, is_folder)];
    }
    let mut segments: Vec<Segment> = names.iter().map(|name| segment(name)).collect();
    // A file name alone is meant wherever such a file lies; `**` is no file name.
    if names.len() == 1 && *last != "**" {
        segments.insert(0, Segment::AnyFolders);
    }
    let is_only_brackets = !text.contains(['*', '?']);
    if is_folder && *last != "**" {
        segments.push(Segment::AnyFolders);
    }
    let mut forms = vec![Form::new(segments, Reach::Exact)];
    if is_only_brackets {
        forms.push(literal(&names, is_folder));
    }
    forms
}

fn segment(name: &str) -> Segment {
    match name.chars().all(|c| c == '*') && name.len() > 1 {
        true => Segment::AnyFolders,
        false => Segment::Name(pattern::parse(name)),
    }
}

/// Returns the path or folder of exactly this name.
fn literal(names: &[&str], is_folder: bool) -> Form {
    let is_file = names.last().is_some_and(|last| looks_like_file(last)) && !is_folder;
    let segments = names.iter().map(|name| Segment::Name(name.chars().map(Elem::Char).collect()));
    Form::new(segments.collect(), if is_file { Reach::File } else { Reach::Below })
}

/// Returns a form and, when its beginning is not known, all that it could be.
fn afloat(form: &Form, is_adrift: bool) -> Vec<Form> {
    let n_starts = if is_adrift { form.segments.len().max(1) } else { 1 };
    let from = |start: usize| Form::new(form.segments.iter().skip(start).cloned().collect(), form.reach);
    (0..n_starts).map(from).collect()
}

/// Returns what a spec of the predecessor stands for: a pattern over the whole path, and always also
/// the path or folder of exactly that name.
pub(super) fn predecessor_forms(spec: &Lenient) -> Vec<Form> {
    if spec.names.is_empty() {
        return vec![everything()];
    }
    let names: Vec<&str> = spec.names.iter().map(String::as_str).collect();
    let text = names.join("/");
    let mut forms = vec![literal(&names, spec.is_folder)];
    if text.contains(['*', '?', '[']) {
        // A name before the first wildcard is a name; what follows may run over several.
        let n_fixed = names.iter().take_while(|name| !name.contains(['*', '?', '['])).count();
        let fixed =
            names.iter().take(n_fixed).map(|name| Segment::Name(name.chars().map(Elem::Char).collect()));
        let rest = names.iter().skip(n_fixed).copied().collect::<Vec<_>>().join("/");
        let running = Segment::Name(pattern::parse_running(&rest));
        forms.push(Form::new(fixed.chain([running]).collect(), Reach::Exact));
        if spec.is_folder {
            let below = Segment::Name(pattern::parse_running(&format!("{rest}/*")));
            let fixed =
                forms.last().map(|form| form.segments.iter().take(n_fixed).cloned().collect::<Vec<_>>());
            forms.push(Form::new(fixed.into_iter().flatten().chain([below]).collect(), Reach::Exact));
        }
    }
    forms.iter().flat_map(|form| afloat(form, spec.is_adrift)).collect()
}
