//! How types are written, and what can be read off that without knowing them.

use super::Family;
use super::names::last;

/// Types that hold one value, which `?`, `await` or a method takes out.
const HOLDERS: [&str; 4] = ["Result", "Option", "Optional", "Promise"];
/// Tells whether types of that name hold one value.
pub fn is_holder(name: &str) -> bool {
    HOLDERS.contains(&name)
}

/// Returns what a type holds: the first of several results, or what is in a result, an option or a promise.
pub fn held_in(of: &str, family: Family) -> Option<String> {
    let of = of.trim();
    if let Some(several) = of.strip_prefix('(') {
        let first = first_of(several.strip_suffix(')')?)?;
        // Of results that have names, `(user *User, err error)`, the type stands behind it.
        return first.rsplit(' ').next().map(str::to_owned);
    }
    // Whoever waits for what is no promise has it already.
    let Some((name, rest)) = of.split_once('<') else {
        return (family == Family::Script).then(|| of.to_owned());
    };
    let inside = rest.strip_suffix('>').filter(|_| is_holder(last(name.trim())))?;
    first_of(inside).map(str::to_owned)
}

/// Returns the first of what commas part.
fn first_of(listed: &str) -> Option<&str> {
    let mut depth = 0_u32;
    let until = listed.find(|c| {
        depth = match c {
            '<' | '(' | '[' => depth + 1,
            '>' | ')' | ']' => depth.saturating_sub(1),
            _ => depth,
        };
        c == ',' && depth == 0
    });
    listed.get(..until.unwrap_or(listed.len())).map(str::trim)
}

/// Returns the name of a type without what only says how it is held: `Store` of `&'a mut Arc<Store>`; `None` for what
/// is no single named type.
pub fn plain_type(written: &str) -> Option<&str> {
    // That it may be missing says nothing of what it is.
    let is_some = |part: &&str| !matches!(*part, "null" | "undefined" | "None");
    let mut parts = written.split('|').map(str::trim).filter(is_some);
    let mut rest = parts.next().filter(|_| parts.next().is_none())?;
    rest = rest.strip_prefix("Optional[").and_then(|inside| inside.strip_suffix(']')).unwrap_or(rest);
    // A type that is named before it is there (Python).
    for quote in ['"', '\''] {
        rest = rest.strip_prefix(quote).and_then(|inside| inside.strip_suffix(quote)).unwrap_or(rest);
    }
    loop {
        rest = rest.trim_start_matches(['&', '*', ' ']);
        let word = rest.split([' ', '<']).next().unwrap_or_default();
        rest = match word {
            "mut" | "dyn" | "impl" | "const" => rest.get(word.len()..)?,
            _ if word.starts_with('\'') => rest.get(word.len()..)?,
            "Arc" | "Box" | "Rc" if rest.ends_with('>') => rest.get(word.len() + 1..rest.len() - 1)?,
            _ => break,
        };
    }
    let name = rest.split('<').next().unwrap_or(rest).trim_end_matches('?');
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | ':' | '.' | '$');
    (!name.is_empty() && name.chars().all(is_name)).then(|| last(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Language;

    #[test]
    fn what_is_held_is_taken_out() {
        for (written, family, want) in [
            ("Result<Vec<Store>, Box<dyn Error>>", Family::One(Language::Rust), Some("Vec<Store>")),
            ("io::Result<Store>", Family::One(Language::Rust), Some("Store")),
            ("Vec<Store>", Family::One(Language::Rust), None),
            ("(*Store, error)", Family::One(Language::Go), Some("*Store")),
            ("(store *Store, err error)", Family::One(Language::Go), Some("*Store")),
            ("Promise<Store>", Family::Script, Some("Store")),
            ("Store", Family::Script, Some("Store")),
            ("Store", Family::One(Language::Go), None),
        ] {
            assert_eq!(held_in(written, family).as_deref(), want, "{written}");
        }
    }

    #[test]
    fn a_type_is_known_however_it_is_held() {
        for (written, want) in [
            ("Store", Some("Store")),
            ("&'a mut Store<T>", Some("Store")),
            ("Arc<Box<dyn shop::Store>>", Some("Store")),
            ("*store.Store", Some("Store")),
            ("List<Store>", Some("List")),
            ("Store?", Some("Store")),
            ("[]Store", None),
            ("Store | null", Some("Store")),
            ("Store | Stamp", None),
            ("Optional[Store]", Some("Store")),
            ("\"Store\"", Some("Store")),
            ("(u8,Store)", None),
            ("", None),
        ] {
            assert_eq!(plain_type(written), want, "{written}");
        }
    }
}
