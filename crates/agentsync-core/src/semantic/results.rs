//! Whether a value of one written type can never stand for another, as far as the JVM's languages say.

use super::names::last;
use super::resolve::{has_unknown, is_subtype, n_types};
use super::view::View;
use super::{Changed, Family, Version};
use crate::facts::Language;

/// Types of the platform that nothing extends.
const CLOSED: [&str; 24] = [
    "void",
    "int",
    "long",
    "short",
    "byte",
    "char",
    "boolean",
    "float",
    "double",
    "String",
    "Integer",
    "Long",
    "Short",
    "Byte",
    "Character",
    "Boolean",
    "Float",
    "Double",
    "Void",
    "Optional",
    "Unit",
    "Int",
    "Char",
    "UUID",
];
/// What those extend.
const ABOVE_CLOSED: [&str; 8] =
    ["Object", "Any", "Number", "Comparable", "CharSequence", "Serializable", "Constable", "ConstantDesc"];

/// Tells whether no value of the type `before` is one of the type `now`, where `file` states the first.
///
/// Written types are all that is known: where they leave a doubt, the answer is no.
pub fn surely_differ(view: &View<'_>, file: &Changed, before: &str, now: &str) -> bool {
    if [before, now].iter().any(|text| text.contains("[]") || text.contains("...") || has_variable(text)) {
        return false;
    }
    let (old, new) = (head(before), head(now));
    if old == new {
        // Java's type arguments must be the same, unless one is left open.
        let is_stated = before.contains('<') && now.contains('<');
        return file.language == Language::Java && is_stated && !now.contains('?') && before != now;
    }
    if is_closed(old) {
        return !ABOVE_CLOSED.contains(&new);
    }
    if is_closed(new) {
        return true;
    }
    let is_one_here = n_types(view, new, Family::Jvm) == 1;
    match n_types(view, old, Family::Jvm) {
        0 => is_one_here && is_of_platform(file, old),
        _ => is_one_here && !is_subtype(view, old, new, Family::Jvm) && !has_unknown(view, old, Family::Jvm),
    }
}

fn is_closed(name: &str) -> bool {
    CLOSED.contains(&name)
}

/// Returns a type's name, without its package, its arguments and a mark that it may be null.
fn head(text: &str) -> &str {
    let text = text.split('<').next().unwrap_or(text);
    last(text.trim_end_matches('?'))
}

/// Tells whether a word may be a type's variable, `T` or `K2`, which another file may name otherwise.
fn has_variable(text: &str) -> bool {
    let mut words = text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty());
    words.any(|word| word.len() <= 2 && word.starts_with(|c: char| c.is_ascii_uppercase()))
}

fn is_of_platform(file: &Changed, name: &str) -> bool {
    let Some(facts) = file.at(Version::Merged) else { return false };
    let import = facts.imports.iter().find(|import| import.bound.as_deref() == Some(name));
    import.is_some_and(|import| import.module.starts_with("java.") || import.module.starts_with("kotlin."))
}
