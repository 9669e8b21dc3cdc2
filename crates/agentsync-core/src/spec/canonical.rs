//! The one spelling of a path: relative to the root, `/` between names, NFC, nothing to resolve.

use unicode_normalization::{IsNormalized, UnicodeNormalization as _, is_nfc_quick};

use super::PathSpecError;
use super::fold::fold;
use crate::text::is_hidden;

/// Returns the canonical form of a spec, or why it is refused.
pub(super) fn parse(text: &str, roots: &[&str]) -> Result<String, PathSpecError> {
    if text.trim().is_empty() {
        return Err(PathSpecError::Empty);
    }
    if let Some(found) = text.chars().find(|c| is_hidden(*c)) {
        return Err(PathSpecError::Hidden { text: text.to_owned(), found });
    }
    let slashed = text.replace('\\', "/");
    let relative =
        strip_root(&slashed, roots).ok_or_else(|| PathSpecError::Leaves { text: text.to_owned() })?;
    let names = resolve(&relative).map_err(|fault| match fault {
        Fault::Leaves => PathSpecError::Leaves { text: text.to_owned() },
        Fault::Name(why) => PathSpecError::Name { text: text.to_owned(), why },
    })?;
    match names.first() {
        // Below the root it reads as a name here, and as another disk elsewhere.
        Some(first) if is_drive(first) => Err(PathSpecError::Leaves { text: text.to_owned() }),
        _ => Ok(join(&names, relative.ends_with('/'))),
    }
}

/// Tells whether a path begins with the letter of a drive, as in `C:x`.
fn is_drive(path: &str) -> bool {
    path.as_bytes().get(1) == Some(&b':') && path.starts_with(|c: char| c.is_ascii_alphabetic())
}

/// What is wrong with a path.
enum Fault {
    Leaves,
    Name(&'static str),
}

/// Makes an absolute path below a root relative; `None` for any other absolute path.
fn strip_root(path: &str, roots: &[&str]) -> Option<String> {
    if !path.starts_with('/') && !is_drive(path) {
        return Some(path.to_owned());
    }
    let below = |root: &&str| {
        let root = root.replace('\\', "/");
        let rest = path.strip_prefix(root.trim_end_matches('/'))?;
        (rest.is_empty() || rest.starts_with('/')).then(|| rest.trim_start_matches('/').to_owned())
    };
    let rest = roots.iter().find_map(below)?;
    Some(if rest.is_empty() { ".".to_owned() } else { rest })
}

/// Resolves `.`, `..` and empty names, and refuses names that git or a file system reads otherwise.
fn resolve(path: &str) -> Result<Vec<String>, Fault> {
    let mut names: Vec<String> = Vec::new();
    for name in path.split('/') {
        match name {
            "" | "." => {}
            ".." => {
                let parent = names.pop().ok_or(Fault::Leaves)?;
                if parent.contains(['*', '?', '[', '{', '}']) {
                    return Err(Fault::Name("has `..` after a pattern: say it without"));
                }
            }
            _ => names.push(checked(name).map_err(Fault::Name)?),
        }
    }
    Ok(names)
}

fn checked(name: &str) -> Result<String, &'static str> {
    let is_pattern = name.contains(['*', '?', '[', '{']);
    if !is_pattern && name.ends_with(['.', ' ']) {
        return Err("has a name that ends in a dot or a space: some file systems drop it");
    }
    if is_git_folder(name) {
        return Err("leads into git's own folder");
    }
    Ok(nfc(name))
}

/// Tells whether a file system may take a name for `.git`, in any of the ways that are known.
pub(super) fn is_git_folder(name: &str) -> bool {
    let folded: String = fold(name.trim_end_matches(['.', ' '])).filter(|c| !is_hidden(*c)).collect();
    folded == ".git" || folded == "git~1"
}

/// Joins names. Where a trailing slash says something, it is kept: after a name that looks like a file's.
fn join(names: &[String], is_folder: bool) -> String {
    let Some(last) = names.last() else {
        return ".".to_owned();
    };
    let joined = names.join("/");
    let is_pattern = last.contains(['*', '?', '[', '{']);
    match is_folder {
        true if last == "**" => joined,
        true if is_pattern => format!("{joined}/**"),
        true if looks_like_file(last) => format!("{joined}/"),
        true | false => joined,
    }
}

/// Tells whether a name has the look of a file's: something, a dot, a short word.
pub(super) fn looks_like_file(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(stem, ending)| {
        !stem.is_empty()
            && (1..=10).contains(&ending.len())
            && ending.chars().all(char::is_alphanumeric)
            && ending.contains(char::is_alphabetic)
    })
}

fn nfc(text: &str) -> String {
    match text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes {
        true => text.to_owned(),
        false => text.nfc().collect(),
    }
}

/// What a spec on the board names, as far as it can be told.
pub(super) struct Lenient {
    /// The names, from the root.
    pub(super) names: Vec<String>,
    /// Whether it ends in a slash.
    pub(super) is_folder: bool,
    /// Whether the root is not known: the path may begin at any of its names.
    pub(super) is_adrift: bool,
}

/// Reads a spec that somebody else wrote. An absolute path, or one that leaves the root, may mean a
/// path in the repository whose beginning is not known here.
pub(super) fn read(text: &str) -> Lenient {
    let slashed = text.replace('\\', "/");
    let mut lenient =
        Lenient { names: Vec::new(), is_folder: slashed.ends_with('/'), is_adrift: slashed.starts_with('/') };
    for name in slashed.split('/') {
        match name {
            "" | "." => {}
            ".." => {
                lenient.is_adrift |= lenient.names.pop().is_none();
            }
            _ => lenient.names.push(nfc(name)),
        }
    }
    lenient.is_adrift |= lenient.names.first().is_some_and(|name| name.len() == 2 && name.ends_with(':'));
    lenient
}
