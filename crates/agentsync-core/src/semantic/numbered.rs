//! S13: both sides add the next migration: with one number, or behind one predecessor.

use std::collections::BTreeMap;

use super::names::folder;
use super::view::View;
use super::{Changed, Finding, Rule, Tier, Version};
use crate::facts::{Facts, Language};

/// Where migrations of Python say what comes before them, by container and name: Alembic, Django.
const PREDECESSORS: [(&str, &str); 2] = [("", "down_revision"), ("Migration", "dependencies")];

/// Finds migrations that both sides add and that claim one place. Heard in one direction only.
pub fn find(view: &View<'_>, found: &mut Vec<Finding>) {
    if view.a != Version::Left {
        return;
    }
    let on_b = numbered(view, view.b);
    for (key, path) in numbered(view, view.a) {
        if let (Some(one), Some(other)) = (path, on_b.get(&key).copied().flatten())
            && stem(one) != stem(other)
        {
            found.push(tell(view, &format!("the number {}", key.1), one, other));
        }
    }
    for one in added(view, view.a) {
        for other in added(view, view.b).filter(|other| folder(&other.path) == folder(&one.path)) {
            if follow_the_same(view, one, other) && !is_told(found, one, other) {
                found.push(tell(view, "the same predecessor", &one.path, &other.path));
            }
        }
    }
}

/// Returns what a side adds by folder and number; none where it gives one number twice itself, as some tools let it.
fn numbered<'a>(view: &View<'a>, side: Version) -> BTreeMap<(&'a str, &'a str), Option<&'a str>> {
    let mut all: BTreeMap<(&str, &str), Option<&str>> = BTreeMap::new();
    for one in view.delta.added.iter().filter(|one| one.side == side) {
        let path = one.path.as_str();
        let Some(number) = number(path).filter(|_| is_of_migrations(folder(path))) else { continue };
        let known = all.entry((folder(path), number)).or_insert(Some(path));
        if known.is_some_and(|known| stem(known) != stem(path)) {
            *known = None;
        }
    }
    all
}

/// Tells whether a folder is one of numbered changes of a database, by its name or the one above.
fn is_of_migrations(folder: &str) -> bool {
    let is_one = |part: &str| part.contains("migration") || matches!(part, "migrate" | "evolutions");
    folder.rsplit('/').take(2).any(is_one)
}

/// Returns a file's name without its endings: what `.up.sql` and `.down.sql` belong to.
fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.split('.').next().unwrap_or(name)
}

/// Returns the number a file's name begins with: `0005_x.py`, `12-x.up.sql`, `V1_2__x.sql`. A date in parts is none.
fn number(path: &str) -> Option<&str> {
    let name = path.rsplit('/').next().unwrap_or(path);
    if let Some((number, _)) = name.strip_prefix('V').and_then(|rest| rest.split_once("__")) {
        let is_number = number.starts_with(|c: char| c.is_ascii_digit());
        return Some(number).filter(|_| is_number);
    }
    let is_digit = |c: char| c.is_ascii_digit();
    let rest = name.trim_start_matches(is_digit);
    let digits = name.get(..name.len().checked_sub(rest.len())?)?;
    let after = rest.strip_prefix(['_', '-'])?;
    let is_date = digits.len() == 4 && after.get(..2).is_some_and(|month| month.chars().all(is_digit));
    Some(digits.trim_start_matches('0')).filter(|number| !number.is_empty() && !is_date)
}

fn added<'a>(view: &View<'a>, side: Version) -> impl Iterator<Item = &'a Changed> + use<'a> {
    let is_new = move |file: &&Changed| {
        file.language == Language::Python && file.base.is_none() && file.is_changed_on(side)
    };
    view.delta.files.iter().filter(is_new)
}

fn follow_the_same(view: &View<'_>, one: &Changed, other: &Changed) -> bool {
    let (Some(one), Some(other)) = (one.at(view.a), other.at(view.b)) else { return false };
    let said = |facts: &Facts, (container, name): (&str, &str)| {
        let mut all = facts.definitions.iter().filter(|one| one.container == container && one.name == name);
        all.next().map(|one| one.body_hash).filter(|hash| *hash != 0)
    };
    PREDECESSORS.iter().any(|of| said(one, *of).is_some_and(|hash| said(other, *of) == Some(hash)))
}

fn is_told(found: &[Finding], one: &Changed, other: &Changed) -> bool {
    found.iter().any(|told| {
        let paths = (told.left.path.as_str(), told.right.path.as_str());
        told.rule == Rule::S13 && paths == (one.path.as_str(), other.path.as_str())
    })
}

fn tell(view: &View<'_>, what: &str, one: &str, other: &str) -> Finding {
    let message =
        format!("both sides add a migration with {what} ({one} and {other}): put one behind the other.");
    view.finding(Rule::S13, Tier::Medium, stem(one), view.on_a(one, 1), view.on_b(other, 1), message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_told_by_how_the_name_begins() {
        for (path, want) in [
            ("shop/migrations/0005_a.py", Some("5")),
            ("db/migrate/20240101120000_add.rb", Some("20240101120000")),
            ("db/migrations/12-a.up.sql", Some("12")),
            ("db/migration/V1_2__a.sql", Some("1_2")),
            ("db/migration/View__a.sql", None),
            ("database/migrations/2024_01_02_000000_a.php", None),
            ("shop/migrations/__init__.py", None),
            ("shop/migrations/5.sql", None),
            ("shop/migrations/000_a.sql", None),
        ] {
            assert_eq!(number(path), want, "{path}");
        }
    }

    #[test]
    fn a_folder_of_migrations_is_told_by_its_name() {
        assert!(is_of_migrations("db/migrate") && is_of_migrations("app/migrations/postgres"));
        assert!(!is_of_migrations("docs/chapters") && !is_of_migrations("migrations/a/b"));
    }
}
