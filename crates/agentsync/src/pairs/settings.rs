//! What a project says in its committed `.agentsync.toml` about findings it does not want to hear.

use agentsync_core::semantic::{Rule, Silence};
use toml_edit::{DocumentMut, Item, TableLike};

/// Reads the entries of `[[semantic.silence]]`; one that cannot be read silences nothing.
///
/// ```toml
/// [[semantic.silence]]
/// at = "src/api.rs#login"   # a path, a folder with `/**`, and a name; either may be left out
/// rules = ["S2"]            # left out: all rules
/// ```
pub fn silences(text: &str) -> Vec<Silence> {
    let Ok(document) = text.parse::<DocumentMut>() else { return Vec::new() };
    let entries = document.get("semantic").and_then(|item| item.get("silence"));
    match entries {
        Some(Item::ArrayOfTables(tables)) => tables.iter().filter_map(|table| silence(table)).collect(),
        Some(Item::Value(value)) => {
            let tables = value.as_array().into_iter().flat_map(toml_edit::Array::iter);
            tables.filter_map(|one| silence(one.as_inline_table()?)).collect()
        }
        _ => Vec::new(),
    }
}

fn silence(table: &dyn TableLike) -> Option<Silence> {
    let at = table.get("at")?.as_str()?;
    let (path, name) = at.split_once('#').map_or((at, None), |(path, name)| (path, Some(name.to_owned())));
    let rules = match table.get("rules") {
        None => Vec::new(),
        Some(rules) => {
            let named: Option<Vec<Rule>> =
                rules.as_array()?.iter().map(|rule| Rule::parse(rule.as_str()?)).collect();
            named?
        }
    };
    Some(Silence { path: Some(path.to_owned()).filter(|path| !path.is_empty()), name, rules })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_name_a_place_and_rules() {
        let text = "[[semantic.silence]]\nat = \"a.rs#f\"\nrules = [\"S2\"]\n[[semantic.silence]]\nat = \"gen/**\"\n";
        let want = [
            Silence { path: Some("a.rs".to_owned()), name: Some("f".to_owned()), rules: vec![Rule::S2] },
            Silence { path: Some("gen/**".to_owned()), name: None, rules: Vec::new() },
        ];
        assert_eq!(silences(text), want);
    }

    #[test]
    fn what_cannot_be_read_silences_nothing() {
        assert_eq!(silences("not = [toml"), []);
        assert_eq!(silences("[[semantic.silence]]\nat = \"a\"\nrules = [\"S99\"]\n"), []);
        assert_eq!(silences(""), []);
    }
}
